/*
 * The section `mongo` as single programs: each mongod and mongos with what its
 * set, its host and the platform say of it put together. Pure.
 */
#ifndef ZPM_MODEL_MONGO_PROCESS_H
#define ZPM_MODEL_MONGO_PROCESS_H

#include "model/host.h"
#include "model/platform.h"

enum zpm_mongo_role {
	ZPM_MONGO_META,
	ZPM_MONGO_CONFIG,
	ZPM_MONGO_SHARD,
	ZPM_MONGO_ROUTER,
};

struct zpm_mongo_process {
	enum zpm_mongo_role role;
	const struct zpm_mongo_set *set;       /* NULL: a router */
	const struct zpm_mongo_member *member; /* NULL: a router */
	const char *host_name;                 /* as the manifest says it */
	const struct zpm_host *host;           /* NULL: the platform has no host of that name */
	int64_t port;                          /* unset: nobody says one */
	bool own_port;                         /* it is said of this one, and not of its set */
	const char *address;                   /* "host:port", for clients and for each other */
	bool managed;                          /* zpm runs it */
	const char *service;                   /* the name of what runs it */
	const char *path;                      /* where the manifest says it */
};

/* Adds a struct zpm_mongo_process for each member and router, set by set; nothing without a section. */
void zpm_mongo_processes(
	const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_ptrs *processes);

/* Is its host declared down? One that is no host of the platform is not. */
bool zpm_mongo_process_is_down(const struct zpm_mongo_process *process);

/* What `mongo.priorities` says of a host's role, in billionths; `host` may be NULL: any other. */
int64_t zpm_mongo_role_priority(const struct zpm_mongo *mongo, const struct zpm_host *host);

/* Nothing about it forbids a priority: it votes, bears all data without delay, and clients see it. */
bool zpm_mongo_member_may_lead(const struct zpm_mongo_member *member);

#endif
