/* Walks a field table and writes what is set. */
#include "model/json.h"

#include "model/shape.h"
#include "model/value.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_object *strs_to_json(const struct zpm_strs *strs, bool sorted, struct zpm_arena *arena)
{
	json_object *list = json_object_new_array_ext((int)strs->n);
	const char **order = strs->v;

	if (sorted) {
		order = zpm_arena_alloc(arena, strs->n * sizeof(*order));
		memcpy(order, strs->v, strs->n * sizeof(*order));
		qsort(order, strs->n, sizeof(*order), compare_text);
	}
	for (size_t i = 0; i < strs->n; i++)
		json_object_array_add(list, json_object_new_string(order[i]));
	return list;
}

static int compare_pair(const void *a, const void *b)
{
	return strcmp(((const struct zpm_pair *)a)->key, ((const struct zpm_pair *)b)->key);
}

static json_object *pairs_to_json(const struct zpm_pairs *pairs, struct zpm_arena *arena)
{
	json_object *map = json_object_new_object();
	struct zpm_pair *order = zpm_arena_alloc(arena, pairs->n * sizeof(*order));

	if (pairs->n)
		memcpy(order, pairs->v, pairs->n * sizeof(*order));
	qsort(order, pairs->n, sizeof(*order), compare_pair);
	for (size_t i = 0; i < pairs->n; i++)
		json_object_object_add(map, order[i].key, json_object_new_string(order[i].value));
	return map;
}

struct keyed {
	const char *key;
	const void *object;
};

static int compare_keyed(const void *a, const void *b)
{
	return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

static json_object *objects_to_json(
	const struct zpm_field *field, const struct zpm_ptrs *objects, struct zpm_arena *arena)
{
	json_object *list = json_object_new_array_ext((int)objects->n);
	struct keyed *order = zpm_arena_alloc(arena, objects->n * sizeof(*order));

	for (size_t i = 0; i < objects->n; i++)
		order[i] = (struct keyed){ zpm_shape_key(field->shape, objects->v[i], arena), objects->v[i] };
	if (!(field->flags & ZPM_ORDERED))
		qsort(order, objects->n, sizeof(*order), compare_keyed);
	for (size_t i = 0; i < objects->n; i++)
		json_object_array_add(list, zpm_shape_to_json(field->shape, order[i].object, arena));
	return list;
}

static json_object *value_to_json(const struct zpm_field *field, const void *object, struct zpm_arena *arena)
{
	int64_t number;

	switch (field->type) {
	case ZPM_T_STRING:
		return json_object_new_string(*zpm_field_str(field, object));
	case ZPM_T_BOOL:
		return json_object_new_boolean(*zpm_field_int(field, object) != 0);
	case ZPM_T_INT:
		return json_object_new_int64(*zpm_field_int(field, object));
	case ZPM_T_DECIMAL:
	case ZPM_T_DURATION:
	case ZPM_T_SIZE:
		number = *zpm_field_int(field, object);
		return json_object_new_string(zpm_value_format(field->type, number, arena));
	case ZPM_T_LIST:
	case ZPM_T_SET:
		return strs_to_json(zpm_field_strs(field, object), field->type == ZPM_T_SET, arena);
	case ZPM_T_MAP:
		return pairs_to_json(zpm_field_pairs(field, object), arena);
	case ZPM_T_OBJECT:
		return zpm_shape_to_json(field->shape, *zpm_field_object(field, object), arena);
	case ZPM_T_OBJECTS:
		return objects_to_json(field, zpm_field_objects(field, object), arena);
	}
	return NULL;
}

json_object *zpm_field_to_json(const struct zpm_field *field, const void *object, struct zpm_arena *arena)
{
	if (zpm_field_is_unset(field, object))
		return NULL;
	if (field->flags & ZPM_SECRET)
		return json_object_new_string("(secret)");
	return value_to_json(field, object, arena);
}

json_object *zpm_shape_to_json(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	json_object *json = json_object_new_object();

	ZPM_EACH_FIELD (field, shape) {
		json_object *value = zpm_field_to_json(field, object, arena);

		if (value)
			json_object_object_add(json, field->name, value);
	}
	return json;
}
