/* A network that services attach to. The field table in network.c says what each member means. */
#ifndef ZPM_MODEL_NETWORK_H
#define ZPM_MODEL_NETWORK_H

#include "model/field.h"

struct zpm_subnet {
	const char *subnet, *gateway, *ip_range;
};

struct zpm_network {
	const char *name;
	const char *real_name; /* the Engine's, when the manifest chose it */
	const char *when;      /* NULL once expanded */
	int64_t external;      /* made by somebody else: used, never changed */
	int64_t adopt;         /* used where it is nobody's */
	const char *driver;
	int64_t attachable, internal, ipv6;
	struct zpm_ptrs ipam; /* struct zpm_subnet */
	struct zpm_pairs options, labels;
};

extern const struct zpm_shape zpm_network_shape;

/* Networks every Engine has, which nobody declares: host, bridge, none, ingress. */
bool zpm_network_is_predefined(const char *name);

#endif
