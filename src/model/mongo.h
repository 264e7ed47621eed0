/*
 * The manifest's section `mongo`: which members the replica sets of a
 * platform have, on which hosts, and the routers in front of its shards. The
 * field tables in mongo.c and mongo_parts.c say what each member means;
 * mongo_process.h makes single programs of it.
 */
#ifndef ZPM_MODEL_MONGO_H
#define ZPM_MODEL_MONGO_H

#include "model/field.h"

struct zpm_service;
struct zpm_set_settings;

/* A member of a replica set. */
struct zpm_mongo_member {
	const char *host; /* one of `hosts`; of a member that zpm does not run: any name or address */
	int64_t port;     /* the set's by itself */
	int64_t managed;  /* 0: somebody else runs it */
	int64_t arbiter, hidden, votes;
	int64_t priority; /* billionths; the host's role decides by itself */
	int64_t delay;    /* nanoseconds */
	struct zpm_pairs tags;
};

struct zpm_mongo_set {
	const char *name; /* of a shard; else NULL */
	const char *replica_set;
	int64_t port, managed;   /* of members that do not say otherwise */
	struct zpm_ptrs members; /* struct zpm_mongo_member */
	struct zpm_strs args;
	struct zpm_set_settings *settings; /* NULL: none of them is said */
};

struct zpm_mongo_router {
	const char *host;
	int64_t port, managed;
};

struct zpm_mongo_routers {
	int64_t port, managed;
	struct zpm_ptrs hosts; /* struct zpm_mongo_router */
	struct zpm_strs args;
};

/* What a host's role is worth: billionths. */
struct zpm_mongo_priorities {
	int64_t active, secondary_active, passive, others;
};

struct zpm_mongo_auth {
	const char *key_file; /* a secret */
	const char *username, *database;
	const char *password_file;   /* a path */
	const char *password_secret; /* a secret */
	/*
	 * The contents of the password's file or secret and of the key file, each with a NUL behind it;
	 * NULL: not known. In no table, so that nothing can show them; whoever read them owns and wipes
	 * them.
	 */
	const char *password, *key;
};

struct zpm_mongo_tls {
	const char *mode;
	const char *server_certificate, *server_ca; /* secrets */
	const char *ca, *certificate;               /* paths of PEM files: zpm's own */
};

/* All in nanoseconds. */
struct zpm_mongo_timeouts {
	int64_t connect, call, election;
};

struct zpm_mongo_server_info {
	const char *database, *collection;
};

struct zpm_mongo {
	const char *image;
	int64_t uid;
	struct zpm_mongo_auth *auth;
	struct zpm_mongo_tls *tls;
	struct zpm_mongo_timeouts *timeouts;
	struct zpm_mongo_priorities *priorities;
	struct zpm_mongo_set *meta_db, *config_servers;
	struct zpm_ptrs shards; /* struct zpm_mongo_set */
	struct zpm_mongo_routers *routers;
	struct zpm_mongo_server_info *server_info;
	struct zpm_service *service; /* a fragment that is merged into all services of the section */
};

extern const struct zpm_shape zpm_mongo_shape;
extern const struct zpm_shape zpm_mongo_set_shape, zpm_mongo_shard_shape;
extern const struct zpm_shape zpm_mongo_routers_shape;
extern const struct zpm_shape zpm_mongo_auth_shape, zpm_mongo_tls_shape, zpm_mongo_timeouts_shape;
extern const struct zpm_shape zpm_mongo_priorities_shape;
extern const struct zpm_shape zpm_mongo_server_info_shape;

/* What all of the section together is called in `dependsOn` and `release.patch`. */
#define ZPM_MONGO_ALL "mongo"

#endif
