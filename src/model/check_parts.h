/* What the checks share. For check*.c. */
#ifndef ZPM_MODEL_CHECK_PARTS_H
#define ZPM_MODEL_CHECK_PARTS_H

#include "model/check.h"
#include "model/mongo_process.h"

/* What can be referred to: found by name, and listed for suggestions. */
struct zpm_names {
	struct zpm_index *index;
	struct zpm_strs list;
};

struct zpm_checker {
	const struct zpm_platform *platform;
	struct zpm_arena *arena;
	struct zpm_ptrs *findings;
	struct zpm_names features, networks, volumes, secrets, configs;
	struct zpm_names services;     /* struct zpm_subject */
	struct zpm_ptrs subjects;      /* struct zpm_subject: the services, in the order of tiers */
	struct zpm_ptrs processes;     /* struct zpm_mongo_process */
	const struct zpm_patch *patch; /* of the file that is looked at; NULL: the manifest */
};

/*
 * A service, or the defaults. A mistake is looked for in what a service means
 * together with the defaults, and reported only where its own part in it is:
 * what is wrong in the defaults alone is reported there, once.
 */
struct zpm_subject {
	const struct zpm_service *own, *full;
	const char *path;
	bool off;           /* left out by its `when` */
	enum zpm_tier tier; /* ZPM_TIER_NONE: the defaults */
	enum { ZPM_UNSEEN, ZPM_ON_TRAIL, ZPM_SEEN } seen;
	size_t next; /* while on the trail: the dependency to follow next */
};

void zpm_find(struct zpm_checker *c, const char *path, const char *fmt, ...) ZPM_PRINTF(3, 4);

/* The same of what is allowed, and still unwise. */
void zpm_find_unwise(struct zpm_checker *c, const char *path, const char *fmt, ...) ZPM_PRINTF(3, 4);

/* Reports a name that leads nowhere, with the nearest one that does not. */
void zpm_find_missing(struct zpm_checker *c, const char *path, const char *kind, const char *name,
	const struct zpm_names *names);

void zpm_names_init(struct zpm_names *names, struct zpm_arena *arena);
/* Returns what has the name already, or NULL when it was added. */
void *zpm_names_add(struct zpm_names *names, const char *name, const void *value, struct zpm_arena *arena);

/* Labels that zpm keeps for itself. `path` is that of the labels. */
void zpm_check_labels(struct zpm_checker *c, const char *path, const struct zpm_pairs *labels);

/* check_patch.c: once all services are known. */
void zpm_check_patches(struct zpm_checker *c);

/* check_ignore.c */
void zpm_check_ignored(struct zpm_checker *c);

/* check_secret.c: all secrets and configs, and the files one service sees of them. */
void zpm_check_secrets(struct zpm_checker *c);
void zpm_check_files(struct zpm_checker *c, const struct zpm_subject *subject);

/* What is true of all that is made under a name of its own in the Engine. */
struct zpm_declared {
	const char *kind, *name, *real_name, *path, *when;
	bool external;
	const char *extra; /* a field that an external object cannot have, if it has one */
};
void zpm_check_declared(struct zpm_checker *c, const struct zpm_declared *d, struct zpm_index *real_names);

/* The first field that is set and would say how to make it. */
const char *zpm_extra_field(const struct zpm_shape *shape, const void *object);

/* check_host.c: all hosts, and the roles one service names. */
void zpm_check_hosts(struct zpm_checker *c);
void zpm_check_runs_on(struct zpm_checker *c, const struct zpm_subject *subject);

/*
 * Reports, to a subject that is there, that what it refers to is not: its
 * `when` does not hold. That may be NULL.
 */
void zpm_check_is_on(struct zpm_checker *c, const struct zpm_subject *subject, const char *path,
	const char *kind, const char *name, const char *when);

/*
 * check_mongo.c: the section, once secrets are known; and before that what it
 * adds to the services, as far as their names and ports go.
 */
void zpm_collect_mongo(struct zpm_checker *c);
void zpm_check_mongo(struct zpm_checker *c);
/* check_mongo_set.c: one replica set. */
void zpm_check_mongo_set(
	struct zpm_checker *c, enum zpm_mongo_role role, const struct zpm_mongo_set *set, const char *path);

/* check_apps.c: the section, and features that a database decides on. */
void zpm_check_apps(struct zpm_checker *c);

/* check_api.c */
void zpm_check_api(struct zpm_checker *c);
void zpm_check_notify(struct zpm_checker *c);

/* check_service.c: one service for itself. */
void zpm_check_service(struct zpm_checker *c, const struct zpm_subject *subject);
/* check_mount.c */
void zpm_check_mounts(struct zpm_checker *c, const struct zpm_subject *subject);
/* check_order.c: dependsOn, of one service and of all. */
void zpm_check_dependencies(struct zpm_checker *c, const struct zpm_subject *subject);
void zpm_check_cycles(struct zpm_checker *c);

#endif
