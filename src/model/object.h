/*
 * Objects: one network, volume or service, desired or observed, and sets of
 * them. Both sides of a diff are sets of the same type, in the manifest's
 * vocabulary. All memory is the set's arena.
 */
#ifndef ZPM_MODEL_OBJECT_H
#define ZPM_MODEL_OBJECT_H

#include "model/kind.h"

struct zpm_desired_set;
struct zpm_index;
struct zpm_node_view;
struct zpm_set_view;
struct zpm_setup_view;

/* Who still needs a version of a secret or config. */
enum zpm_use_by {
	ZPM_USE_SPEC,     /* the service as it is */
	ZPM_USE_PREVIOUS, /* the service as a rollback would make it */
	ZPM_USE_TASK,     /* a task that has not ended, of whatever spec */
};

struct zpm_use {
	enum zpm_use_by by;
	const char *service; /* the Engine's id */
};

/* What only an observed object has. */
struct zpm_live {
	const char *id;
	uint64_t version;      /* the Engine's version index, for update */
	const char *owner;     /* its platform label; NULL: nobody's */
	const char *spec_hash; /* of the desired spec it was last given; NULL: unknown */
	/* The hash of a desired spec that was taken back, and why; NULL: none was. */
	const char *quarantine, *quarantine_reason;
	const char *trouble; /* why a node cannot be used, or what is in MongoDB or in a container not seen */
	struct zpm_pairs extra; /* live fields that no table knows: JSON path and JSON text */
	const char *raw;        /* the Engine's JSON of it, `raw_len` bytes; NULL for secrets and configs */
	size_t raw_len;
	const char *update_state, *update_message; /* of its last rolling update; may be NULL */
	const struct zpm_node_view *node;          /* of a node */
	const struct zpm_set_view *set;     /* of a replica set; its spec is NULL while it is not initiated */
	const struct zpm_setup_view *setup; /* of a setup; its spec is NULL */
	struct zpm_ptrs uses; /* struct zpm_use, of a secret or config that is no longer desired */
};

struct zpm_object {
	const struct zpm_kind *kind;
	const char *name;     /* the manifest's */
	const char *real;     /* the Engine's */
	const char *host;     /* the host whose Engine it is on; NULL: the platform's */
	enum zpm_tier tier;   /* ZPM_TIER_NONE unless a service */
	void *spec;           /* of kind->shape, canonical */
	const void *declared; /* what the manifest says, where spec differs from that; else NULL */
	bool topology;        /* of the section `mongo`; no section names it */
	bool left;            /* as it is, as nobody knows what it should be */
	bool external;        /* has to be there, made by somebody else */
	bool adopt;           /* may be there, and nobody's */
	const char *hold;     /* the label of an operator's hold on a service; NULL: none */
	int64_t restarts;     /* services: restarts asked for, as the Engine counts; 0 desired: as they are */
	const char *hash;     /* desired: what zpm_object_hash() says; NULL: it is computed */
	const struct zpm_desired_set *set; /* of a desired replica set; else NULL */
	const struct zpm_patch *patch;     /* of a desired service: what patches make of it; else NULL */
	const struct zpm_live *live;       /* NULL: a desired object */
};

/* Why something is not desired as the database would have it, or nobody knows what that is. */
struct zpm_trouble {
	const char *kind, *name; /* "tenant", "acme" */
	const char *why;
};

struct zpm_objects {
	struct zpm_arena *arena;
	const char *platform;
	struct zpm_ptrs list;     /* struct zpm_object */
	struct zpm_ptrs troubles; /* struct zpm_trouble: what is desired as far as anybody knows */
	struct zpm_index *by_name, *by_real;
};

struct zpm_objects *zpm_objects_new(const char *platform, struct zpm_arena *arena);

/* Later objects of a name already there are kept in the list but not found by name. */
void zpm_objects_add(struct zpm_objects *objects, struct zpm_object *object);

/* One on a host's own Engine: in the list, and found by no name. */
void zpm_objects_add_hosted(struct zpm_objects *objects, struct zpm_object *object);

/* NULL when there is none. */
struct zpm_object *zpm_objects_find(
	const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name);
struct zpm_object *zpm_objects_find_real(
	const struct zpm_objects *objects, enum zpm_kind_id kind, const char *real);

/* "service/kafka": how an object is called in plans and on the command line. */
const char *zpm_object_ref(const struct zpm_object *object, struct zpm_arena *arena);

/* Which integration a service is made from, as its label says; NULL: none. */
const char *zpm_object_integration(const struct zpm_object *object);

/* The Engine's name of what the platform owns: "<platform>_<name>". */
const char *zpm_real_name(const char *platform, const char *name, struct zpm_arena *arena);

/*
 * The manifest's name of what the Engine calls `real`: that of the desired
 * object, else what is left without the platform's prefix, else "docker:REAL",
 * which no manifest can say.
 */
const char *zpm_manifest_name(
	const struct zpm_objects *desired, enum zpm_kind_id kind, const char *real, struct zpm_arena *arena);

/*
 * A hash of the desired spec, "sha256:...", to tell a changed manifest from
 * drift. An operator's hold or restart is neither, and leaves it as it was.
 */
const char *zpm_object_hash(const struct zpm_object *object, struct zpm_arena *arena);

#endif
