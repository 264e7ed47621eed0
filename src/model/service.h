/*
 * A Swarm service as the manifest declares it and as the Engine reports it.
 * Plain data: the field table in service.c says what each member means.
 */
#ifndef ZPM_MODEL_SERVICE_H
#define ZPM_MODEL_SERVICE_H

#include "model/field.h"
#include "model/secret.h"

struct zpm_port {
	int64_t target, published;
	const char *protocol, *mode;
};

/* A volume, a folder of the host, or memory, mounted into the containers. */
struct zpm_mount {
	const char *type, *source, *target;
	int64_t read_only;
	const char *propagation; /* bind */
	int64_t no_copy;         /* volume */
	/* volume: what a node that has no such volume yet makes it with */
	const char *driver;
	struct zpm_pairs driver_options;
	struct zpm_pairs volume_labels;
	int64_t size, file_mode; /* tmpfs */
};

struct zpm_attachment {
	const char *name;
	struct zpm_strs aliases;
};

struct zpm_healthcheck {
	struct zpm_strs test;
	int64_t interval, timeout, start_period, retries;
};

struct zpm_restart {
	const char *condition;
	int64_t delay, max_attempts, window;
};

/* Settings of a rolling update, or of a rollback. */
struct zpm_update {
	int64_t parallelism, delay, monitor, max_failure_ratio;
	const char *failure_action, *order;
};

struct zpm_limits {
	int64_t cpus, memory, pids;
};

struct zpm_reservations {
	int64_t cpus, memory;
};

struct zpm_resources {
	struct zpm_limits *limits;
	struct zpm_reservations *reservations;
};

struct zpm_placement {
	struct zpm_strs constraints, preferences;
	int64_t max_replicas_per_node;
};

struct zpm_logging {
	const char *driver;
	struct zpm_pairs options;
};

struct zpm_ulimit {
	const char *name;
	int64_t soft, hard;
};

struct zpm_service {
	const char *name;
	const char *real_name; /* the Engine's, when the manifest chose it */
	int64_t adopt;         /* taken over where it is nobody's */
	const char *tier;
	const char *integration; /* which one it is made from, as in ZPM_LABEL_INTEGRATION; else NULL */
	const char *image;
	int64_t pin;
	struct zpm_strs entrypoint, command, args;
	struct zpm_pairs environment;
	struct zpm_strs env_file;
	struct zpm_ptrs ports;    /* struct zpm_port */
	struct zpm_ptrs volumes;  /* struct zpm_mount */
	struct zpm_ptrs secrets;  /* struct zpm_file */
	struct zpm_ptrs configs;  /* struct zpm_file */
	struct zpm_ptrs networks; /* struct zpm_attachment */
	const char *endpoint_mode;
	const char *mode;
	int64_t replicas;
	struct zpm_strs depends_on;
	const char *when; /* NULL once expanded */
	struct zpm_healthcheck *healthcheck;
	struct zpm_ptrs setup; /* struct zpm_setup_command; empty once expanded */
	struct zpm_pairs labels, container_labels;
	struct zpm_restart *restart;
	struct zpm_update *update, *rollback;
	struct zpm_resources *resources;
	struct zpm_placement *placement;
	struct zpm_strs runs_on; /* roles */
	int64_t stop_grace_period;
	const char *stop_signal;
	const char *user, *working_dir, *hostname;
	struct zpm_pairs extra_hosts;
	struct zpm_strs dns, dns_search, dns_options;
	struct zpm_strs cap_add, cap_drop;
	int64_t init, read_only, tty;
	struct zpm_logging *logging;
	struct zpm_pairs sysctls;
	struct zpm_ptrs ulimits; /* struct zpm_ulimit */
};

extern const struct zpm_shape zpm_service_shape;
/* The same fields as a fragment that is merged into services. */
extern const struct zpm_shape zpm_defaults_shape;
/* And as what services are made from that no section names. */
extern const struct zpm_shape zpm_template_shape;
extern const struct zpm_shape zpm_mount_shape;
extern const struct zpm_shape zpm_port_shape;
extern const struct zpm_shape zpm_attachment_shape;
extern const struct zpm_shape zpm_placement_shape;

/* Is it attached to the network, by the name that the manifest gives it? */
bool zpm_service_is_in(const struct zpm_service *service, const char *network);

#endif
