/* What the drivers share: names, labels, encoding and decoding of whole objects. */
#include "driver/world.h"

#include "base/text.h"
#include "docker/credentials.h"
#include "docker/docker.h"
#include "driver/mongo_side.h"
#include "model/network.h"
#include "model/platform.h"
#include "model/secret.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

#define BLANK " \t\r\n"

const struct zpm_driver *const zpm_drivers[ZPM_KIND_COUNT] = {
	[ZPM_KIND_NODE] = &zpm_node_driver,
	[ZPM_KIND_NETWORK] = &zpm_network_driver,
	[ZPM_KIND_VOLUME] = &zpm_volume_driver,
	[ZPM_KIND_SECRET] = &zpm_secret_driver,
	[ZPM_KIND_CONFIG] = &zpm_config_driver,
	[ZPM_KIND_SERVICE] = &zpm_service_driver,
	[ZPM_KIND_SETUP] = &zpm_setup_driver,
	[ZPM_KIND_REPLICA_SET] = &zpm_replica_set_driver,
	[ZPM_KIND_SHARD] = &zpm_shard_driver,
	[ZPM_KIND_SERVER_INFO] = &zpm_server_info_driver,
	[ZPM_KIND_PORT] = &zpm_port_driver,
};

/*
 * Members of a ServiceSpec that are neither declared nor drift: what the
 * Engine or `docker service` adds by itself. ForceUpdate counts restarts.
 */
static const char *const service_ignored[] = {
	"Name",
	"TaskTemplate.ForceUpdate",
	"TaskTemplate.Runtime",
	"TaskTemplate.ContainerSpec.Isolation",
	"TaskTemplate.Placement.Platforms",
	/* Ids go with the names, which are compared. */
	"TaskTemplate.ContainerSpec.Secrets.SecretID",
	"TaskTemplate.ContainerSpec.Configs.ConfigID",
	NULL,
};

int zpm_world_secure(struct zpm_docker *docker, const struct zpm_tls *tls, struct zpm_err *err)
{
	const struct zpm_docker_tls files = {
		.ca = tls ? tls->ca : NULL, .cert = tls ? tls->cert : NULL, .key = tls ? tls->key : NULL
	};

	return tls ? zpm_docker_secure(docker, &files, err) : 0;
}

int zpm_world_connect(const struct zpm_access *access, const struct zpm_objects *desired,
	struct zpm_arena *arena, struct zpm_world **out, struct zpm_err *err)
{
	struct zpm_docker *docker;
	struct zpm_world *world;

	if (zpm_docker_new(access->endpoint, access->timeout, &docker, err) < 0)
		return -1;
	if (zpm_world_secure(docker, access->tls, err) < 0 || zpm_docker_hello(docker, err) < 0) {
		zpm_docker_free(docker);
		return -1;
	}
	world = zpm_arena_alloc(arena, sizeof(*world));
	world->docker = docker;
	world->credentials = zpm_credentials_new();
	world->desired = desired;
	for (size_t i = 0; i < ZPM_KIND_COUNT; i++)
		if (zpm_kind_is_engines((enum zpm_kind_id)i))
			world->trees[i] = zpm_wire_compile(
				zpm_kinds[i].shape, i == ZPM_KIND_SERVICE ? service_ignored : NULL, arena);
	*out = world;
	return 0;
}

void zpm_world_desire(struct zpm_world *world, const struct zpm_objects *desired)
{
	world->desired = desired;
}

void zpm_world_free(struct zpm_world *world)
{
	if (!world)
		return;
	zpm_remotes_close(world);
	if (world->mongo)
		zpm_mongo_free(world->mongo->client);
	zpm_docker_free(world->docker);
	zpm_credentials_free(world->credentials);
}

void zpm_world_guard(struct zpm_world *world, const struct zpm_guard *guard)
{
	zpm_docker_guard(world->docker, guard);
	for (size_t i = 0; i < world->remotes.n; i++)
		zpm_docker_guard(((const struct zpm_remote *)world->remotes.v[i])->docker, guard);
	if (world->mongo)
		zpm_mongo_guard(world->mongo->client, guard);
}

unsigned zpm_world_writes(const struct zpm_world *world)
{
	return zpm_docker_writes(world->docker) + zpm_remotes_writes(world);
}

int zpm_world_observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	/* In the order of the kinds: services are decoded with the networks' ids at hand,
	 * and documents are read from the primary of a set. */
	for (size_t i = 0; i < ZPM_KIND_COUNT; i++)
		if (zpm_drivers[i]->observe(world, have, err) < 0)
			return -1;
	return zpm_uses_observe(world, have, err);
}

int zpm_world_find(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const struct zpm_object **have, struct zpm_err *err)
{
	struct zpm_objects *objects = zpm_objects_new(world->desired->platform, arena);
	enum zpm_kind_id kind = want->kind->id;

	/* A service names its networks by id. */
	if (kind == ZPM_KIND_SERVICE && zpm_network_driver.observe(world, objects, err) < 0)
		return -1;
	if (zpm_drivers[kind]->observe(world, objects, err) < 0)
		return -1;
	*have = zpm_objects_find_real(objects, kind, want->real);
	/* Not seen is not there, nor is it missing. */
	if (*have && !zpm_kind_is_engines(kind) && (*have)->live->trouble)
		return zpm_err_set(err, ZPM_EUNAVAIL, "%s", (*have)->live->trouble);
	return *have ? 0
		     : zpm_err_set(err, ZPM_ENOTFOUND, "there is no %s '%s'", want->kind->name, want->real);
}

static enum zpm_kind_id kind_of(enum zpm_codec codec)
{
	switch (codec) {
	case ZPM_AS_NETWORK:
		return ZPM_KIND_NETWORK;
	case ZPM_AS_SECRET:
		return ZPM_KIND_SECRET;
	case ZPM_AS_CONFIG:
		return ZPM_KIND_CONFIG;
	default:
		return ZPM_KIND_VOLUME;
	}
}

/* A version that is no longer desired is still called by its own ref: "keyfile@1f2e3d4c5b6a". */
static const char *versioned_name(
	const struct zpm_world *world, enum zpm_kind_id kind, const char *real, struct zpm_arena *arena)
{
	const struct zpm_object *object = zpm_objects_find_real(world->desired, kind, real);
	const char *ref = object ? NULL : zpm_version_parse(world->desired->platform, real, arena);

	if (object && !object->external)
		return zpm_version_ref(
			object->name, ((const struct zpm_secret *)object->spec)->version, arena);
	return ref ? ref : zpm_manifest_name(world->desired, kind, real, arena);
}

/* A mount's source may be a folder of the host, which is nobody's name. */
static const char *name_to_manifest(
	const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena)
{
	const struct zpm_world *world = ctx;

	if (value[0] == '/' || (codec == ZPM_AS_NETWORK && zpm_network_is_predefined(value)))
		return value;
	if (codec == ZPM_AS_SECRET || codec == ZPM_AS_CONFIG)
		return versioned_name(world, kind_of(codec), value, arena);
	return zpm_manifest_name(world->desired, kind_of(codec), value, arena);
}

static const char *name_to_engine(
	const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena)
{
	const struct zpm_world *world = ctx;
	bool versioned = codec == ZPM_AS_SECRET || codec == ZPM_AS_CONFIG;
	const char *name = versioned ? zpm_version_name(value, arena) : value;
	const struct zpm_object *object = zpm_objects_find(world->desired, kind_of(codec), name);

	return object ? object->real : value;
}

struct zpm_wire_names zpm_world_names(const struct zpm_world *world)
{
	return (struct zpm_wire_names){ name_to_manifest, name_to_engine, world };
}

json_object *zpm_json_at(json_object *json, const char *path)
{
	while (json && *path) {
		size_t len = strcspn(path, ".");
		char key[64] = "";
		json_object *next = NULL;

		memcpy(key, path, len < sizeof(key) ? len : sizeof(key) - 1);
		if (json_object_is_type(json, json_type_object))
			json_object_object_get_ex(json, key, &next);
		json = next;
		path += len + (path[len] == '.');
	}
	return json;
}

const char *zpm_json_text(json_object *json, const char *path)
{
	json_object *value = zpm_json_at(json, path);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

int64_t zpm_json_int(json_object *json, const char *path)
{
	return json_object_get_int64(zpm_json_at(json, path));
}

/* An answer that cannot be trusted must not look like an Engine with nothing on it. */
static int wrong_shape(struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EUNAVAIL, "the Engine's answer is not the JSON list it should be");
}

struct walk {
	json_tokener *tokener;
	const char *end;
	zpm_answer_fn each;
	void *ctx;
};

/* Parses one element of a list and hands it on. Returns what follows it, or NULL. */
static const char *walk_element(const struct walk *walk, const char *raw, struct zpm_err *err)
{
	json_object *element;
	const char *behind;
	int result;

	json_tokener_reset(walk->tokener);
	element = json_tokener_parse_ex(walk->tokener, raw, (int)(walk->end - raw));
	behind = raw + json_tokener_get_parse_end(walk->tokener);
	if (json_object_is_type(element, json_type_object))
		result = walk->each(walk->ctx, element, raw, (size_t)(behind - raw), err);
	else
		result = wrong_shape(err);
	json_object_put(element);
	return result < 0 ? NULL : behind + strspn(behind, BLANK);
}

/* Returns what follows the list, or NULL when it is none or one of its elements failed. */
static const char *walk_list(const struct walk *walk, const char *at, struct zpm_err *err)
{
	if (*at != '[') {
		wrong_shape(err);
		return NULL;
	}
	at += 1 + strspn(at + 1, BLANK);
	if (*at == ']')
		return at + 1;
	while ((at = walk_element(walk, at, err)) && *at == ',')
		at += 1 + strspn(at + 1, BLANK);
	if (at && *at != ']') {
		wrong_shape(err);
		return NULL;
	}
	return at ? at + 1 : NULL;
}

int zpm_answer_each(const struct zpm_buf *answer, zpm_answer_fn each, void *ctx, struct zpm_err *err)
{
	static const char volumes[] = "{\"Volumes\":";
	const char *text = answer->data + strspn(answer->data, BLANK);
	bool wrapped = zpm_starts_with(text, volumes);
	struct walk walk = { .end = answer->data + answer->len, .each = each, .ctx = ctx };

	if (wrapped)
		text += sizeof(volumes) - 1;
	if (wrapped && zpm_starts_with(text, "null"))
		return 0;
	walk.tokener = json_tokener_new_ex(64);
	text = walk_list(&walk, text, err);
	json_tokener_free(walk.tokener);
	if (!text)
		return -1;
	text += strspn(text, BLANK);
	return *text && !(wrapped && (*text == ',' || *text == '}')) ? wrong_shape(err) : 0;
}

int zpm_answer_lacks(const char *what, struct zpm_err *err)
{
	return zpm_err_set(err, ZPM_EUNAVAIL, "the Engine's answer lists something without %s", what);
}

const char *zpm_json_label(json_object *labels, const char *key)
{
	json_object *value = NULL;

	json_object_object_get_ex(labels, key, &value);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* What zpm notes down says nothing of what is meant: it is no part of the diff. */
static const char *take_label(json_object *labels, const char *key, struct zpm_arena *arena)
{
	const char *text = zpm_json_label(labels, key);

	if (!text)
		return NULL;
	text = zpm_arena_strdup(arena, text);
	json_object_object_del(labels, key);
	return text;
}

void zpm_world_read_labels(json_object *labels, struct zpm_live *live, struct zpm_arena *arena)
{
	const char *owner = zpm_json_label(labels, ZPM_LABEL_PLATFORM);

	live->owner = owner ? zpm_arena_strdup(arena, owner) : NULL;
	live->spec_hash = take_label(labels, ZPM_LABEL_SPEC, arena);
	live->quarantine = take_label(labels, ZPM_LABEL_QUARANTINE, arena);
	live->quarantine_reason = take_label(labels, ZPM_LABEL_QUARANTINE_REASON, arena);
}

struct zpm_object *zpm_world_decode(const struct zpm_world *world, enum zpm_kind_id kind, json_object *spec,
	const char *real, const struct zpm_wire_names *names, struct zpm_arena *arena,
	struct zpm_pairs *extra)
{
	struct zpm_object *object = zpm_arena_alloc(arena, sizeof(*object));

	object->kind = &zpm_kinds[kind];
	object->real = zpm_arena_strdup(arena, real);
	object->name = zpm_manifest_name(world->desired, kind, object->real, arena);
	object->tier = ZPM_TIER_NONE;
	object->spec = zpm_shape_new(object->kind->shape, arena);
	zpm_wire_decode(world->trees[kind], spec, names, arena, object->spec, extra);
	zpm_shape_canonicalise(object->kind->shape, object->spec, arena);
	return object;
}

void zpm_world_write_labels(json_object *spec, const struct zpm_object *want, struct zpm_arena *arena)
{
	json_object *labels = zpm_json_at(spec, "Labels");

	json_object_object_add(labels, ZPM_LABEL_SPEC, json_object_new_string(zpm_object_hash(want, arena)));
	if (want->hold)
		json_object_object_add(labels, ZPM_LABEL_HOLD, json_object_new_string(want->hold));
	else
		json_object_object_del(labels, ZPM_LABEL_HOLD);
}

json_object *zpm_world_encode(
	const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena)
{
	const struct zpm_wire_names names = zpm_world_names(world);
	void *nothing = zpm_shape_new(want->kind->shape, arena);
	json_object *json = json_object_new_object();

	zpm_shape_canonicalise(want->kind->shape, nothing, arena);
	zpm_wire_patch(world->trees[want->kind->id], json, &names, arena, nothing, want->spec, NULL);
	json_object_object_add(json, "Name", json_object_new_string(want->real));
	zpm_world_write_labels(json, want, arena);
	return json;
}

int zpm_world_post(const struct zpm_world *world, const char *path, json_object *body, const char *id_key,
	struct zpm_arena *arena, const char **id, struct zpm_err *err)
{
	int result = zpm_world_post_text(world, path,
		json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN), id_key, arena, id, err);

	json_object_put(body);
	return result;
}

int zpm_world_post_text(const struct zpm_world *world, const char *path, const char *body, const char *id_key,
	struct zpm_arena *arena, const char **id, struct zpm_err *err)
{
	return zpm_world_post_for_registry(world, path, body, NULL, id_key, arena, id, err);
}

int zpm_world_post_for_registry(const struct zpm_world *world, const char *path, const char *body,
	const char *auth, const char *id_key, struct zpm_arena *arena, const char **id, struct zpm_err *err)
{
	ZPM_BUF answer = { 0 };
	json_object *json;
	const char *text;
	int result = zpm_docker_post_for_registry(world->docker, path, body, auth, &answer, err);

	if (result < 0 || !id_key)
		return result;
	json = json_tokener_parse(answer.data ? answer.data : "");
	text = zpm_json_text(json, id_key);
	if (text)
		*id = zpm_arena_strdup(arena, text);
	else
		result = zpm_err_set(
			err, ZPM_EUNAVAIL, "the Engine accepted it without saying its %s", id_key);
	json_object_put(json);
	return result;
}

int zpm_world_delete(const struct zpm_world *world, const char *what, const char *id, struct zpm_err *err)
{
	struct zpm_buf path = { 0 };
	ZPM_FREE char *escaped = zpm_docker_escape(id);
	int result;

	zpm_buf_printf(&path, "%s%s", what, escaped);
	result = zpm_docker_delete(world->docker, path.data, err);
	zpm_buf_dispose(&path);
	return result < 0 && err->code == ZPM_ENOTFOUND ? 0 : result;
}
