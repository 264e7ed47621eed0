/*
 * Hosts: the machines of a platform with their roles, and the Swarm nodes
 * that they are. The field tables in host.c say what each member means.
 */
#ifndef ZPM_MODEL_HOST_H
#define ZPM_MODEL_HOST_H

#include "model/engine.h"
#include "model/field.h"

/* As the manifest declares it. */
struct zpm_host {
	const char *name;
	const char *address;
	struct zpm_strs roles;
	const char *node;  /* what Swarm calls it: host name, id or ZPM_NODE_SELF */
	const char *state; /* "up", "down"; NULL: not zpm's to say */
	struct zpm_pairs labels;
	/* In no table: the role that a failover has given it instead of its own; NULL: none has. */
	const char *failover;
	struct zpm_engine_config *engine; /* its own; NULL: reached through Swarm alone */
};

/* What zpm keeps of a Swarm node: the labels that are its own, and whether tasks may run there. */
struct zpm_swarm_node {
	const char *name; /* the host's */
	const char *availability;
	struct zpm_pairs labels;
};

/* What Swarm says of a node by itself. A member that nobody told is NULL. */
struct zpm_node_view {
	const char *hostname;
	const char *state;  /* "ready", "down" */
	const char *engine; /* the version of its Engine */
	bool manager;
};

extern const struct zpm_shape zpm_host_shape;
extern const struct zpm_shape zpm_node_shape;

/* The roles there are, NULL-terminated, and those of them that one host at most can have. */
extern const char *const zpm_roles[];
bool zpm_role_is_single(const char *role);

/* The node of a Swarm that has no other, as `docker node inspect` takes it. */
#define ZPM_NODE_SELF "self"

/* Labels of nodes: the host's name, its roles for people, and one for each role. */
#define ZPM_LABEL_HOST  "zpm.host"
#define ZPM_LABEL_ROLE  "zpm.role"
#define ZPM_LABEL_ROLES "zpm.roles"
/* The role that an operator has given the host instead of the manifest's; see plan/failover.h. */
#define ZPM_LABEL_FAILOVER "zpm.failover"
/* The names of the labels that the manifest gave the host, so that they can be taken back. */
#define ZPM_LABEL_OWN "zpm.labels"

/* Each once and by name, since their order says nothing; the list is in the arena. */
struct zpm_strs zpm_roles_sorted(const struct zpm_strs *roles, struct zpm_arena *arena);

/*
 * The label of the nodes that a service with these `runsOn` roles may run on:
 * Swarm's constraints know no "or", so each set of several roles gets a label.
 */
const char *zpm_roles_label(const struct zpm_strs *roles, struct zpm_arena *arena);

/* What a host is called in the network: its address, else its node; localhost where that has no name. */
const char *zpm_host_address(const struct zpm_host *host);

/* Does an address, with or without a port, mean to everybody the machine they are on? */
bool zpm_address_is_local(const char *address);

/* Is it declared to be down? */
bool zpm_host_is_down(const struct zpm_host *host);

/* Does a host have one of the roles? */
bool zpm_host_has_role(const struct zpm_host *host, const struct zpm_strs *roles);

#endif
