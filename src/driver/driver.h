/*
 * Drivers: per kind, how the world is read and changed. They decide nothing;
 * what is to be done comes from plan/, and who does it when from engine/.
 *
 * A world may be used by several threads at once after zpm_world_connect(). All
 * calls block on the Engine, at most for the client's time-out.
 */
#ifndef ZPM_DRIVER_DRIVER_H
#define ZPM_DRIVER_DRIVER_H

#include "base/digest.h"
#include "base/guard.h"
#include "model/facts.h"
#include "model/object.h"
#include "model/task.h"

struct zpm_platform;
struct zpm_world;
struct zpm_tls;

/* How to reach the Engine. */
struct zpm_access {
	const char *endpoint;
	const struct zpm_tls *tls; /* for tcp:// only; NULL: plain */
	int64_t timeout;           /* of one call, in nanoseconds; 0: the usual */
};

/*
 * Connects to the Engine and sees that it is a Swarm manager. `desired` ties
 * names together and is borrowed, as is the arena, for the world's whole life.
 * The caller frees the world.
 */
int zpm_world_connect(const struct zpm_access *access, const struct zpm_objects *desired,
	struct zpm_arena *arena, struct zpm_world **out, struct zpm_err *err);

/*
 * A host's own Engine, through which its volumes are seen and changed. Talks to
 * nobody yet. Fails with ZPM_EINVALID or ZPM_EFAILED on what cannot be an Engine.
 */
int zpm_world_add_host(struct zpm_world *world, const char *host, const struct zpm_access *access,
	struct zpm_arena *arena, struct zpm_err *err);

/*
 * The MongoDB servers of a platform that has some: `routers` are its routers' addresses. Talks to nobody
 * yet. Relative paths in the manifest are of `folder`.
 */
void zpm_world_add_mongo(struct zpm_world *world, const struct zpm_platform *platform,
	const struct zpm_strs *routers, const char *folder, struct zpm_arena *arena);

struct zpm_catalog;
struct zpm_from_integrations;

/*
 * Reads what the platform's database says of tenants, integrations and features; `have` has been
 * observed, and says who has the database. `from`, which is canonical, may be NULL: only features are
 * asked for. Never fails: what does not answer is a gap in the catalog. Blocks as long as it takes.
 */
void zpm_world_read_catalog(const struct zpm_world *world, const struct zpm_objects *have,
	const struct zpm_from_integrations *from, const struct zpm_ptrs *features, struct zpm_arena *arena,
	struct zpm_catalog *catalog);

/* Ties names by other desired objects from now on, of the same platform. Nobody else may use the world
 * meanwhile. */
void zpm_world_desire(struct zpm_world *world, const struct zpm_objects *desired);

void zpm_world_free(struct zpm_world *world);

/* Asked before each write, to an Engine or a MongoDB server, from now on. Nobody else may use the world
 * meanwhile. */
void zpm_world_guard(struct zpm_world *world, const struct zpm_guard *guard);

/*
 * From now on observes also the contents of the platform's configs, and with
 * `everything` all services, whoever owns them.
 */
void zpm_world_survey(struct zpm_world *world, bool everything);

/* Adds the platforms that own anything here, each once. */
int zpm_world_platforms(const struct zpm_world *world, struct zpm_strs *platforms, struct zpm_arena *arena,
	struct zpm_err *err);

/* How many changes the Engine has accepted through this world. */
unsigned zpm_world_writes(const struct zpm_world *world);

/* The same of MongoDB's servers. */
unsigned zpm_world_mongo_writes(const struct zpm_world *world);

/*
 * Asks Engines, nodes and MongoDB servers what they are and what time it is. What one does not
 * tell is missing among its facts, with the reason. Blocks for one time-out of each Engine that
 * does not answer, and one in all of the servers.
 */
void zpm_world_ask_facts(const struct zpm_world *world, struct zpm_arena *arena, struct zpm_facts *facts);

struct zpm_driver {
	const struct zpm_kind *kind;
	/* Adds what the platform owns, and whatever else stands in the place of a desired object. */
	int (*observe)(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err);
	/* One object again, by the Engine's id; ZPM_ENOTFOUND when it is gone. NULL: not this kind. */
	int (*read)(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
		const struct zpm_object **have, struct zpm_err *err);
	/* On success `*id` (in the arena) is the Engine's id of it. */
	/* NULL, as update and remove, where it takes more than a write: see replica_set.h and setup.h. */
	int (*create)(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
		const char **id, struct zpm_err *err);
	/*
	 * NULL when the Engine cannot change this kind. ZPM_ECONFLICT: changed
	 * since observed. A `want` that was made from a live object (it has
	 * `live`) leaves what no table knows as it is; any other removes it.
	 */
	int (*update)(const struct zpm_world *world, const struct zpm_object *want,
		const struct zpm_object *have, struct zpm_arena *arena, struct zpm_err *err);
	/* What is gone already counts as removed. ZPM_ECONFLICT: still in use. */
	int (*remove)(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err);
};

/*
 * Writes the digest of what an image's tag stands for in its registry, which
 * the Engine is made to ask. Blocks for 15 seconds at most, and as long again
 * on a helper for credentials. Fails, saying why, when no registry answers, or
 * has no such image.
 */
int zpm_image_resolve(
	const struct zpm_world *world, const char *image, char digest[ZPM_DIGEST_SIZE], struct zpm_err *err);

/* Why credentials for registries could not be had: each reason once, then NULL. The world's. */
const char *zpm_world_trouble(const struct zpm_world *world);

/* By kind id. */
extern const struct zpm_driver *const zpm_drivers[ZPM_KIND_COUNT];

/*
 * The object that stands in the place of a desired one now, whoever made it,
 * as `*have`. ZPM_ENOTFOUND when nothing does.
 */
int zpm_world_find(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const struct zpm_object **have, struct zpm_err *err);

/* Observes every kind, one list call each. */
int zpm_world_observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err);

/*
 * A hash, "sha256:...", of what somebody decided about an observed object, and not of what the
 * Engine made of it; in the arena. NULL for a kind whose version index changes with nothing else.
 */
const char *zpm_live_content(const struct zpm_object *have, struct zpm_arena *arena);

/* Observes one service again, as `*have`. ZPM_ENOTFOUND when it is gone. */
int zpm_service_observe(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
	const struct zpm_object **have, struct zpm_err *err);

/*
 * Notes on the service as it is that a desired spec of that hash was taken
 * back, and why. Changes labels only: no task moves.
 */
int zpm_service_quarantine(const struct zpm_world *world, const struct zpm_object *have, const char *hash,
	const char *reason, struct zpm_arena *arena, struct zpm_err *err);

/*
 * The tasks of services' present specs, one list call. With `ids` NULL: of
 * all services. ZPM_ENOTFOUND when one of the services is gone.
 */
int zpm_tasks_observe(const struct zpm_world *world, const struct zpm_strs *ids, struct zpm_arena *arena,
	struct zpm_ptrs *tasks, struct zpm_err *err);

/* Every task there is, also of earlier specs and of services that are gone. */
int zpm_tasks_observe_all(
	const struct zpm_world *world, struct zpm_arena *arena, struct zpm_ptrs *tasks, struct zpm_err *err);

/* Every task of one service, also of its earlier specs. */
int zpm_tasks_observe_service(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
	struct zpm_ptrs *tasks, struct zpm_err *err);

/* The nodes' host names by id. */
int zpm_nodes_names(
	const struct zpm_world *world, struct zpm_arena *arena, struct zpm_pairs *names, struct zpm_err *err);

/* How many nodes get tasks, now or once they answer again: what a global service is measured by. */
int zpm_nodes_count(const struct zpm_world *world, size_t *count, struct zpm_err *err);

#endif
