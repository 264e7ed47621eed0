/* The inside of a world. For the drivers only. */
#ifndef ZPM_DRIVER_WORLD_H
#define ZPM_DRIVER_WORLD_H

#include "base/buf.h"
#include "driver/driver.h"
#include "driver/wire.h"

struct json_object;
struct zpm_mongo_side;

#define ZPM_NODE_ID_SIZE 64

/* The Engine of one host. */
struct zpm_remote {
	const char *host;
	struct zpm_docker *docker;
	bool open;                   /* it has answered */
	char node[ZPM_NODE_ID_SIZE]; /* which one of the Swarm it is, once open */
	bool same;                   /* it is the world's own Engine */
};

struct zpm_world {
	struct zpm_docker *docker;
	struct zpm_ptrs remotes; /* struct zpm_remote */
	struct zpm_credentials *credentials;
	const struct zpm_objects *desired;
	const struct zpm_wire_tree *trees[ZPM_KIND_COUNT];
	struct zpm_mongo_side *mongo; /* NULL: the platform has none */
	bool contents, everything;    /* see zpm_world_survey() */
};

extern const struct zpm_driver zpm_node_driver, zpm_network_driver, zpm_volume_driver, zpm_secret_driver,
	zpm_config_driver, zpm_service_driver, zpm_setup_driver, zpm_replica_set_driver, zpm_shard_driver,
	zpm_server_info_driver, zpm_port_driver;

struct zpm_tls;

/* Makes a client talk TLS when there is anything to talk it with; NULL: there is not. */
int zpm_world_secure(struct zpm_docker *docker, const struct zpm_tls *tls, struct zpm_err *err);

/*
 * Calls `each` for every host's Engine that answers and is not the world's own.
 * What keeps one from answering becomes the trouble of the host's node in `have`.
 */
void zpm_remotes_each(const struct zpm_world *world, struct zpm_objects *have,
	int (*each)(void *ctx, const struct zpm_remote *remote, struct zpm_err *err), void *ctx);

/*
 * Calls `ask` with the world as seen through the one Engine that has something: where it fails with
 * ZPM_ENOTFOUND the next one is asked. The host's that is known to be the node `node` (may be NULL)
 * comes first, then the world's own, then the hosts'. ZPM_ENOTFOUND: none has it; ZPM_EUNAVAIL: none of
 * those that answer.
 */
int zpm_world_ask(const struct zpm_world *world, const char *node,
	int (*ask)(const struct zpm_world *at, void *ctx, struct zpm_err *err), void *ctx,
	struct zpm_err *err);

/* The world as seen through a host's Engine; NULL: as it is. Shares all with it, and is not freed. */
struct zpm_world zpm_world_at(const struct zpm_world *world, const char *host);

unsigned zpm_remotes_writes(const struct zpm_world *world);
void zpm_remotes_close(const struct zpm_world *world);

/* Calls `each` for every element of the array in an answer.
 * Elements are parsed and freed one by one, so a long list takes little memory. */
typedef int (*zpm_answer_fn)(
	void *ctx, struct json_object *element, const char *raw, size_t len, struct zpm_err *err);
int zpm_answer_each(const struct zpm_buf *answer, zpm_answer_fn each, void *ctx, struct zpm_err *err);

/* The error for an element that lacks what every one has. Returns -1. */
int zpm_answer_lacks(const char *what, struct zpm_err *err);

/* Text, number or object at a path of keys "A.B"; NULL or 0 when there is none. */
const char *zpm_json_text(struct json_object *json, const char *path);
int64_t zpm_json_int(struct json_object *json, const char *path);
struct json_object *zpm_json_at(struct json_object *json, const char *path);

/* A label's value: its name may hold dots. NULL when there is none. */
const char *zpm_json_label(struct json_object *labels, const char *key);

/* An observed object of a kind: named, owned and decoded from `spec`. */
struct zpm_object *zpm_world_decode(const struct zpm_world *world, enum zpm_kind_id kind,
	struct json_object *spec, const char *real, const struct zpm_wire_names *names,
	struct zpm_arena *arena, struct zpm_pairs *extra);

/* The owner label and the spec hash out of JSON labels. */
void zpm_world_read_labels(struct json_object *labels, struct zpm_live *live, struct zpm_arena *arena);

/* The labels that no field table knows: the spec hash, and an operator's hold. */
void zpm_world_write_labels(struct json_object *spec, const struct zpm_object *want, struct zpm_arena *arena);

/* The JSON to create `want` with, its spec hash among the labels. json_object_put() it. */
struct json_object *zpm_world_encode(
	const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena);

/* Names as the desired objects tie them, and nothing more. */
struct zpm_wire_names zpm_world_names(const struct zpm_world *world);

/* Posts JSON and hands back the id in the answer's member (may be NULL: none wanted). */
int zpm_world_post(const struct zpm_world *world, const char *path, struct json_object *body,
	const char *id_key, struct zpm_arena *arena, const char **id, struct zpm_err *err);

/* The same for JSON that is text already. */
int zpm_world_post_text(const struct zpm_world *world, const char *path, const char *body, const char *id_key,
	struct zpm_arena *arena, const char **id, struct zpm_err *err);

/* The same, with what X-Registry-Auth is to say; NULL: nothing. */
int zpm_world_post_for_registry(const struct zpm_world *world, const char *path, const char *body,
	const char *auth, const char *id_key, struct zpm_arena *arena, const char **id, struct zpm_err *err);

/* What X-Registry-Auth is to say for an image; NULL when there are no credentials for its registry. */
const char *zpm_world_auth(const struct zpm_world *world, const char *image, struct zpm_arena *arena);

/*
 * Writes the ids that belong to the names of secrets and configs into a
 * service's spec, asking the Engine for them.
 */
int zpm_secrets_fill_ids(const struct zpm_world *world, struct json_object *spec, struct zpm_arena *arena,
	struct zpm_err *err);

/*
 * Who still uses the platform's secrets and configs that are no longer
 * desired. Asks for nothing when there are none.
 */
int zpm_uses_observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err);

/* DELETE of what may be gone already. `what` is its path up to the id, as in "/services/". */
int zpm_world_delete(const struct zpm_world *world, const char *what, const char *id, struct zpm_err *err);

#endif
