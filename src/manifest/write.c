/*
 * From a platform to the JSON that a manifest would hold: decode.c backwards,
 * by the same field tables.
 */
#include "manifest/manifest.h"

#include "base/buf.h"
#include "model/json.h"
#include "model/shape.h"
#include "model/value.h"

#include <json-c/json.h>
#include <string.h>

static json_object *write_shape(
	const struct zpm_shape *shape, const void *object, bool keyed, struct zpm_arena *arena);

/* A dollar is what it is only when it is doubled. */
static json_object *escaped_text(const char *text)
{
	ZPM_BUF buf = { 0 };

	for (; *text; text++) {
		zpm_buf_add(&buf, text, 1);
		if (*text == '$')
			zpm_buf_add(&buf, text, 1);
	}
	return json_object_new_string(buf.data ? buf.data : "");
}

/* The same JSON with all texts escaped. Takes over what it is given. */
static json_object *escaped(json_object *json)
{
	json_object *result = json;

	if (json_object_is_type(json, json_type_string)) {
		result = escaped_text(json_object_get_string(json));
	} else if (json_object_is_type(json, json_type_array)) {
		result = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(json); i++)
			json_object_array_add(
				result, escaped(json_object_get(json_object_array_get_idx(json, i))));
	} else if (json_object_is_type(json, json_type_object)) {
		result = json_object_new_object();
		json_object_object_foreach (json, key, value)
			json_object_object_add(result, key, escaped(json_object_get(value)));
	}
	if (result != json)
		json_object_put(json);
	return result;
}

/* In all fields, also those that no Engine knows. */
static bool says_the_same(
	const struct zpm_shape *shape, const void *a, const void *b, struct zpm_arena *arena)
{
	json_object *left = zpm_shape_to_json(shape, a, arena), *right = zpm_shape_to_json(shape, b, arena);
	bool same = json_object_equal(left, right);

	json_object_put(left);
	json_object_put(right);
	return same;
}

/* The short form, when reading it gives the very object; else NULL. */
static const char *brief_of(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	const struct zpm_short *brief = shape->brief;
	const char *text = brief && brief->format ? brief->format(object, arena) : NULL;
	void *read, *meant;
	struct zpm_err err;

	if (!text || !zpm_pattern_matches(brief->pattern, text))
		return NULL;
	read = zpm_shape_new(shape, arena);
	if (brief->parse(text, read, arena, &err) < 0)
		return NULL;
	meant = zpm_shape_copy(shape, object, arena);
	zpm_shape_canonicalise(shape, read, arena);
	zpm_shape_canonicalise(shape, meant, arena);
	return says_the_same(shape, read, meant, arena) ? text : NULL;
}

static json_object *write_field(const struct zpm_field *field, const void *object, struct zpm_arena *arena);

/* The one field that stands for the object, when no other says anything; else NULL. */
static const struct zpm_field *lone_of(
	const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	const struct zpm_field *lone = zpm_shape_lone(shape);
	void *rest = zpm_shape_copy(shape, object, arena);

	if (!lone || zpm_field_is_unset(lone, object))
		return NULL;
	zpm_shape_minimise(shape, rest);
	ZPM_EACH_FIELD (field, shape)
		if (field != lone && !zpm_field_is_unset(field, rest))
			return NULL;
	return lone;
}

/* As short as it can be said. */
static json_object *write_object(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	const struct zpm_field *lone = lone_of(shape, object, arena);
	const char *text = brief_of(shape, object, arena);

	if (text)
		return escaped_text(text);
	return lone ? write_field(lone, object, arena) : write_shape(shape, object, false, arena);
}

static const struct zpm_field *key_of(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->flags & ZPM_KEY)
			return field;
	return NULL;
}

/* What stands under a key of its own says nothing of the key. */
static json_object *write_keyed(
	const struct zpm_shape *shape, const void *object, bool brief, struct zpm_arena *arena)
{
	const struct zpm_field *key = key_of(shape);
	void *rest = zpm_shape_copy(shape, object, arena);
	const char *text;

	*zpm_field_str(key, rest) = NULL;
	text = brief ? brief_of(shape, rest, arena) : NULL;
	return text ? escaped_text(text) : write_shape(shape, rest, true, arena);
}

static json_object *write_map(
	const struct zpm_field *field, const struct zpm_ptrs *objects, struct zpm_arena *arena)
{
	json_object *map = json_object_new_object();

	for (size_t i = 0; i < objects->n; i++)
		json_object_object_add(map, *zpm_field_str(key_of(field->shape), objects->v[i]),
			write_keyed(field->shape, objects->v[i], !(field->flags & ZPM_LISTED), arena));
	return map;
}

/* NULL when the list may be a map and one of its elements has no short form: the map reads better then. */
static json_object *write_list(
	const struct zpm_field *field, const struct zpm_ptrs *objects, struct zpm_arena *arena)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < objects->n; i++) {
		const char *text = brief_of(field->shape, objects->v[i], arena);

		if (!text && field->flags & ZPM_NAMED) {
			json_object_put(list);
			return NULL;
		}
		json_object_array_add(list, write_object(field->shape, objects->v[i], arena));
	}
	return list;
}

static json_object *write_objects(
	const struct zpm_field *field, const struct zpm_ptrs *objects, struct zpm_arena *arena)
{
	json_object *list = field->flags & ZPM_LISTED ? write_list(field, objects, arena) : NULL;

	return list ? list : write_map(field, objects, arena);
}

static json_object *write_strs(const struct zpm_field *field, const void *object, struct zpm_arena *arena)
{
	const struct zpm_strs *strs = zpm_field_strs(field, object);

	if (field->flags & ZPM_SHELL && strs->n == 2 && !strcmp(strs->v[0], "CMD-SHELL"))
		return escaped_text(strs->v[1]);
	return escaped(zpm_field_to_json(field, object, arena));
}

static json_object *write_nested(const struct zpm_field *field, const void *object, struct zpm_arena *arena)
{
	return write_object(field->shape, *zpm_field_object(field, object), arena);
}

static json_object *write_field(const struct zpm_field *field, const void *object, struct zpm_arena *arena)
{
	switch (field->type) {
	case ZPM_T_OBJECT:
		return write_nested(field, object, arena);
	case ZPM_T_OBJECTS:
		return write_objects(field, zpm_field_objects(field, object), arena);
	case ZPM_T_LIST:
	case ZPM_T_SET:
		return write_strs(field, object, arena);
	default:
		return escaped(zpm_field_to_json(field, object, arena));
	}
}

/* `keyed`: the key field is written elsewhere. */
static json_object *write_shape(
	const struct zpm_shape *shape, const void *object, bool keyed, struct zpm_arena *arena)
{
	json_object *json = json_object_new_object();

	ZPM_EACH_FIELD (field, shape) {
		if (field->flags & ZPM_HIDDEN || zpm_field_is_unset(field, object) ||
			(keyed && field->flags & ZPM_KEY))
			continue;
		json_object_object_add(json, field->name, write_field(field, object, arena));
	}
	return json;
}

json_object *zpm_manifest_to_json(const struct zpm_platform *platform, struct zpm_arena *arena)
{
	return write_shape(&zpm_platform_shape, platform, false, arena);
}

json_object *zpm_manifest_patch_to_json(const struct zpm_patch *patch, struct zpm_arena *arena)
{
	return write_shape(&zpm_patch_shape, patch, false, arena);
}
