/* Sets of objects and the names that tie the manifest to the Engine. */
#include "model/object.h"

#include "base/digest.h"
#include "base/index.h"
#include "model/apps.h"
#include "model/json.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

struct zpm_objects *zpm_objects_new(const char *platform, struct zpm_arena *arena)
{
	struct zpm_objects *objects = zpm_arena_alloc(arena, sizeof(*objects));

	objects->arena = arena;
	objects->platform = platform;
	objects->by_name = zpm_index_new(arena);
	objects->by_real = zpm_index_new(arena);
	return objects;
}

/* Looked up far more often than added: the key is composed on the stack. */
static const char *key_of(char *buffer, size_t size, enum zpm_kind_id kind, const char *name)
{
	snprintf(buffer, size, "%s/%s", zpm_kinds[kind].name, name);
	return buffer;
}

void zpm_objects_add(struct zpm_objects *objects, struct zpm_object *object)
{
	const char *kind = object->kind->name;

	zpm_ptrs_push(objects->arena, &objects->list, object);
	zpm_index_add(
		objects->by_name, zpm_arena_printf(objects->arena, "%s/%s", kind, object->name), object);
	zpm_index_add(
		objects->by_real, zpm_arena_printf(objects->arena, "%s/%s", kind, object->real), object);
}

void zpm_objects_add_hosted(struct zpm_objects *objects, struct zpm_object *object)
{
	zpm_ptrs_push(objects->arena, &objects->list, object);
}

struct zpm_object *zpm_objects_find(
	const struct zpm_objects *objects, enum zpm_kind_id kind, const char *name)
{
	char key[256];

	return zpm_index_get(objects->by_name, key_of(key, sizeof(key), kind, name));
}

struct zpm_object *zpm_objects_find_real(
	const struct zpm_objects *objects, enum zpm_kind_id kind, const char *real)
{
	char key[256];

	return zpm_index_get(objects->by_real, key_of(key, sizeof(key), kind, real));
}

const char *zpm_object_ref(const struct zpm_object *object, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s/%s", object->kind->name, object->name);
}

const char *zpm_object_integration(const struct zpm_object *object)
{
	const struct zpm_service *service = object->kind->id == ZPM_KIND_SERVICE ? object->spec : NULL;

	return service ? zpm_pairs_get(&service->labels, ZPM_LABEL_INTEGRATION) : NULL;
}

const char *zpm_real_name(const char *platform, const char *name, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s_%s", platform, name);
}

const char *zpm_manifest_name(
	const struct zpm_objects *desired, enum zpm_kind_id kind, const char *real, struct zpm_arena *arena)
{
	const struct zpm_object *object = zpm_objects_find_real(desired, kind, real);
	size_t len = strlen(desired->platform);

	if (object)
		return object->name;
	if (!strncmp(real, desired->platform, len) && real[len] == '_' && real[len + 1])
		return zpm_arena_strdup(arena, real + len + 1);
	return zpm_arena_printf(arena, "docker:%s", real);
}

const char *zpm_object_hash(const struct zpm_object *object, struct zpm_arena *arena)
{
	char digest[ZPM_DIGEST_SIZE];
	json_object *json;
	const char *text;
	size_t len;

	if (object->hash)
		return object->hash;
	json = zpm_shape_to_json(object->kind->shape, object->spec, arena);
	text = json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN, &len);
	zpm_digest(text, len, digest);
	json_object_put(json);
	return zpm_arena_strdup(arena, digest);
}
