/* One walk over the field tables in each direction. */
#include "driver/set_wire.h"

#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

#define DELAY     "secondaryDelaySecs"
#define OLD_DELAY "slaveDelay"

static void decode(const struct zpm_shape *shape, json_object *json, void *object, struct zpm_arena *arena);

static int64_t number_of(const struct zpm_field *field, json_object *json)
{
	if (json_object_is_type(json, json_type_boolean))
		return json_object_get_boolean(json);
	if (!json_object_is_type(json, json_type_int) && !json_object_is_type(json, json_type_double))
		return ZPM_UNSET;
	if (field->type == ZPM_T_DECIMAL)
		return (int64_t)(json_object_get_double(json) * (double)ZPM_PRIORITY_ONE + 0.5);
	return json_object_get_int64(json);
}

static void decode_map(json_object *json, struct zpm_pairs *pairs, struct zpm_arena *arena)
{
	if (!json_object_is_type(json, json_type_object))
		return;
	json_object_object_foreach (json, key, value) {
		const char *text = json_object_get_string(value);

		zpm_pairs_set(arena, pairs, zpm_arena_strdup(arena, key),
			zpm_arena_strdup(arena, text ? text : ""));
	}
}

static void decode_list(
	const struct zpm_field *field, json_object *json, struct zpm_ptrs *list, struct zpm_arena *arena)
{
	if (!json_object_is_type(json, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(json); i++) {
		void *item = zpm_shape_new(field->shape, arena);

		decode(field->shape, json_object_array_get_idx(json, i), item, arena);
		zpm_ptrs_push(arena, list, item);
	}
}

static void decode_field(
	const struct zpm_field *field, json_object *json, void *object, struct zpm_arena *arena)
{
	switch (field->type) {
	case ZPM_T_STRING:
		*zpm_field_str(field, object) = zpm_arena_strdup(arena, json_object_get_string(json));
		break;
	case ZPM_T_MAP:
		decode_map(json, zpm_field_pairs(field, object), arena);
		break;
	case ZPM_T_OBJECT:
		*zpm_field_object(field, object) = zpm_shape_new(field->shape, arena);
		decode(field->shape, json, *zpm_field_object(field, object), arena);
		break;
	case ZPM_T_OBJECTS:
		decode_list(field, json, zpm_field_objects(field, object), arena);
		break;
	default:
		*zpm_field_int(field, object) = number_of(field, json);
		break;
	}
}

static const struct zpm_field *field_of(const struct zpm_shape *shape, const char *key)
{
	if (!strcmp(key, OLD_DELAY))
		key = DELAY;
	ZPM_EACH_FIELD (field, shape)
		if (field->wire && !strcmp(field->wire, key))
			return field;
	return NULL;
}

/* The row that has what the others do not know. */
static const char **extra_of(const struct zpm_shape *shape, void *object)
{
	return zpm_field_str(zpm_shape_field(shape, "extra"), object);
}

static void decode(const struct zpm_shape *shape, json_object *json, void *object, struct zpm_arena *arena)
{
	json_object *rest = json_object_new_object();

	if (json_object_is_type(json, json_type_object)) {
		json_object_object_foreach (json, key, value) {
			const struct zpm_field *field = field_of(shape, key);

			if (field && value)
				decode_field(field, value, object, arena);
			else if (strcmp(key, "version") != 0 && strcmp(key, "term") != 0)
				json_object_object_add(rest, key, json_object_get(value));
		}
	}
	if (json_object_object_length(rest))
		*extra_of(shape, object) =
			zpm_arena_strdup(arena, json_object_to_json_string_ext(rest, JSON_C_TO_STRING_PLAIN));
	json_object_put(rest);
}

struct zpm_replica_set *zpm_set_decode(json_object *config, struct zpm_arena *arena)
{
	struct zpm_replica_set *set = zpm_shape_new(&zpm_replica_set_shape, arena);
	json_object *term = NULL;

	decode(&zpm_replica_set_shape, config, set, arena);
	set->version = json_object_get_int64(json_object_object_get(config, "version"));
	/* Servers before 4.4 have none. */
	set->term = json_object_object_get_ex(config, "term", &term) ? json_object_get_int64(term) : -1;
	if (set->configsvr == ZPM_UNSET)
		set->configsvr = 0;
	for (size_t i = 0; i < set->members.n; i++)
		zpm_set_member_fill(set->members.v[i]);
	return set;
}

static json_object *encode(
	const struct zpm_shape *shape, const void *object, bool old, struct zpm_arena *arena);

static json_object *encode_map(const struct zpm_pairs *pairs)
{
	json_object *json = json_object_new_object();

	for (size_t i = 0; i < pairs->n; i++)
		json_object_object_add(json, pairs->v[i].key, json_object_new_string(pairs->v[i].value));
	return json;
}

static json_object *encode_list(
	const struct zpm_field *field, const struct zpm_ptrs *list, bool old, struct zpm_arena *arena)
{
	json_object *json = json_object_new_array();

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(json, encode(field->shape, list->v[i], old, arena));
	return json;
}

/* A whole number has no point: the server tells integers from fractions. */
static json_object *encode_decimal(int64_t billionths)
{
	if (billionths % ZPM_PRIORITY_ONE == 0)
		return json_object_new_int64(billionths / ZPM_PRIORITY_ONE);
	return json_object_new_double((double)billionths / (double)ZPM_PRIORITY_ONE);
}

static json_object *encode_field(
	const struct zpm_field *field, const void *object, bool old, struct zpm_arena *arena)
{
	switch (field->type) {
	case ZPM_T_STRING:
		return json_object_new_string(*zpm_field_str(field, object));
	case ZPM_T_BOOL:
		return json_object_new_boolean(*zpm_field_int(field, object) != 0);
	case ZPM_T_DECIMAL:
		return encode_decimal(*zpm_field_int(field, object));
	case ZPM_T_MAP:
		return encode_map(zpm_field_pairs(field, object));
	case ZPM_T_OBJECT:
		return encode(field->shape, *zpm_field_object(field, object), old, arena);
	case ZPM_T_OBJECTS:
		return encode_list(field, zpm_field_objects(field, object), old, arena);
	default:
		return json_object_new_int64(*zpm_field_int(field, object));
	}
}

static void add_extra(json_object *json, const char *text)
{
	json_object *extra = text ? json_tokener_parse(text) : NULL;

	if (!extra)
		return;
	json_object_object_foreach (extra, key, value)
		json_object_object_add(json, key, json_object_get(value));
	json_object_put(extra);
}

static json_object *encode(
	const struct zpm_shape *shape, const void *object, bool old, struct zpm_arena *arena)
{
	json_object *json = json_object_new_object();

	ZPM_EACH_FIELD (field, shape) {
		const char *key = field->wire;

		if (!key || zpm_field_is_unset(field, object))
			continue;
		if (old && !strcmp(key, DELAY))
			key = OLD_DELAY;
		json_object_object_add(json, key, encode_field(field, object, old, arena));
	}
	add_extra(json, *zpm_field_str(zpm_shape_field(shape, "extra"), object));
	return json;
}

json_object *zpm_set_encode(const struct zpm_replica_set *config, bool old, struct zpm_arena *arena)
{
	json_object *json = encode(&zpm_replica_set_shape, config, old, arena);

	json_object_object_add(json, "version", json_object_new_int64(config->version));
	/* Only config servers say it at all. */
	if (config->configsvr <= 0)
		json_object_object_del(json, "configsvr");
	return json;
}
