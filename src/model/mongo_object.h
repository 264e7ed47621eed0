/*
 * What MongoDB itself is to have: beside the replica sets (replica_set.h)
 * shards, and documents that say what a host is for. The field tables in
 * mongo_object.c say what each member means.
 */
#ifndef ZPM_MODEL_MONGO_OBJECT_H
#define ZPM_MODEL_MONGO_OBJECT_H

#include "model/mongo_process.h"
#include "model/replica_set.h"

/* What a declared replica set is made of, beside its configuration. */
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

/* The process of a member; NULL: there is none of that address. */
const struct zpm_mongo_process *zpm_desired_member(const struct zpm_desired_set *set, const char *address);

/* A shard of the cluster, as its routers know it. */
struct zpm_shard {
	const char *name;
	const char *replica_set;
};

/* A document of mongo.serverInfo: what a host is for, and whether it is up. */
struct zpm_server_info {
	const char *host;  /* as members on it are called, without a port */
	const char *type;  /* its role: active, passive, secondary-active, or else service or db */
	const char *state; /* "up", "down" */
};

extern const struct zpm_shape zpm_shard_shape, zpm_server_info_shape;

#endif
