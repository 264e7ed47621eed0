/*
 * From `mongo` and the roles and states of hosts to the replica sets, shards,
 * routers and server-info documents that there should be. Pure.
 */
#ifndef ZPM_PLAN_DESIRED_SETS_H
#define ZPM_PLAN_DESIRED_SETS_H

#include "model/mongo_process.h"
#include "model/replica_set.h"

struct zpm_desired_set {
	enum zpm_mongo_role role;
	const char *shard; /* the name of the shard it is; NULL: none */
	/*
	 * Its configuration. Priority, votes and arbiterOnly of a member are always said; what else
	 * the manifest leaves out is unset, and stays as it is.
	 */
	struct zpm_replica_set *config;
	struct zpm_ptrs members; /* struct zpm_mongo_process, in the order of the configuration's members */
	struct zpm_strs notes;   /* why it is not quite what the roles and states ask for; one line each */
};

/* A document of mongo.serverInfo: what a host is for, and whether it is up. */
struct zpm_server_info {
	const char *host;  /* as members on it are called, without a port */
	const char *type;  /* its role: active, passive, secondary-active, or else service or db */
	const char *state; /* "up", "down" */
};

struct zpm_desired_sets {
	struct zpm_ptrs
		sets; /* struct zpm_desired_set: metaDB, config servers, shards by the manifest's order */
	struct zpm_strs routers; /* "host:port", those of hosts that are down last */
	struct zpm_ptrs servers; /* struct zpm_server_info; none without mongo.serverInfo */
};

/*
 * The platform has passed zpm_platform_check(), and outlives the result, which
 * is in the arena. Everything is empty without a section `mongo`.
 *
 * Members of a host that is declared down get priority 0, unless nobody could
 * be primary then; and lose their votes where those that are up are most of the
 * voters, so that what is left has a majority.
 */
struct zpm_desired_sets *zpm_desired_sets(const struct zpm_platform *platform, struct zpm_arena *arena);

#endif
