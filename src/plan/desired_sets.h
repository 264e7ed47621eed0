/*
 * From `mongo` and the roles and states of hosts to the replica sets, shards,
 * routers and server-info documents that there should be. Pure.
 */
#ifndef ZPM_PLAN_DESIRED_SETS_H
#define ZPM_PLAN_DESIRED_SETS_H

#include "model/mongo_object.h"

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
