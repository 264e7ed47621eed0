/*
 * Generic work on objects by their field tables: make, merge, bring to the
 * canonical form, compare.
 */
#include "model/shape.h"

#include "base/text.h"
#include "model/value.h"

#include <stdlib.h>
#include <string.h>

void *zpm_shape_new(const struct zpm_shape *shape, struct zpm_arena *arena)
{
	void *object = zpm_arena_alloc(arena, shape->size);

	ZPM_EACH_FIELD (field, shape)
		if (zpm_type_is_number(field->type))
			*zpm_field_int(field, object) = ZPM_UNSET;
	return object;
}

const void *zpm_shape_unset(const struct zpm_shape *shape, struct zpm_arena *arena)
{
	return zpm_shape_new(shape, arena);
}

const struct zpm_field *zpm_shape_field(const struct zpm_shape *shape, const char *name)
{
	ZPM_EACH_FIELD (field, shape)
		if (!strcmp(field->name, name))
			return field;
	return NULL;
}

const struct zpm_field *zpm_shape_lone(const struct zpm_shape *shape)
{
	return shape->lone ? zpm_shape_field(shape, shape->lone) : NULL;
}

const struct zpm_field *zpm_shape_nearest(const struct zpm_shape *shape, const char *name)
{
	const struct zpm_field *nearest = NULL;
	size_t least = 1 + strlen(name) / 3;

	ZPM_EACH_FIELD (field, shape) {
		size_t distance = zpm_edit_distance(field->name, name);

		if (!(field->flags & ZPM_HIDDEN) && distance <= least) {
			nearest = field;
			least = distance - !!distance;
		}
	}
	return nearest;
}

static bool has_defaults(const struct zpm_shape *shape)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->value)
			return true;
	return false;
}

/* An explicit nothing means the same as unset, where unset means nothing else. */
static void drop_nothing(const struct zpm_field *field, void *object)
{
	if (field->type == ZPM_T_STRING) {
		const char **text = zpm_field_str(field, object);

		if (*text && !**text)
			*text = NULL;
	} else if (field->type != ZPM_T_BOOL && zpm_type_is_number(field->type)) {
		int64_t *number = zpm_field_int(field, object);

		if (*number == 0 && !(field->flags & ZPM_REQUIRED))
			*number = ZPM_UNSET;
	}
}

static void fill_default(const struct zpm_field *field, void *object)
{
	if (field->type == ZPM_T_STRING)
		*zpm_field_str(field, object) = field->value;
	else
		(void)zpm_value_parse(field->type, field->value, zpm_field_int(field, object));
}

static void canonicalise_nested(const struct zpm_field *field, void *object, struct zpm_arena *arena)
{
	if (field->type == ZPM_T_OBJECT) {
		void **nested = zpm_field_object(field, object);

		if (!*nested && has_defaults(field->shape))
			*nested = zpm_shape_new(field->shape, arena);
		if (*nested)
			zpm_shape_canonicalise(field->shape, *nested, arena);
	} else if (field->type == ZPM_T_OBJECTS) {
		struct zpm_ptrs *list = zpm_field_objects(field, object);

		for (size_t i = 0; i < list->n; i++)
			zpm_shape_canonicalise(field->shape, list->v[i], arena);
	}
}

void zpm_shape_canonicalise(const struct zpm_shape *shape, void *object, struct zpm_arena *arena)
{
	ZPM_EACH_FIELD (field, shape) {
		canonicalise_nested(field, object, arena);
		if (!field->value)
			drop_nothing(field, object);
		else if (zpm_field_is_unset(field, object))
			fill_default(field, object);
	}
	if (shape->canonicalise)
		shape->canonicalise(object, arena);
}

static bool is_default(const struct zpm_field *field, const void *object)
{
	int64_t number;

	if (!field->value || field->flags & ZPM_REQUIRED || zpm_field_is_unset(field, object))
		return false;
	if (field->type == ZPM_T_STRING)
		return !strcmp(*zpm_field_str(field, object), field->value);
	return !zpm_value_parse(field->type, field->value, &number) &&
	       number == *zpm_field_int(field, object);
}

static void minimise_nested(const struct zpm_field *field, void *object)
{
	if (field->type == ZPM_T_OBJECT) {
		void **nested = zpm_field_object(field, object);

		if (*nested)
			zpm_shape_minimise(field->shape, *nested);
		if (zpm_field_is_unset(field, object))
			*nested = NULL;
	} else if (field->type == ZPM_T_OBJECTS) {
		struct zpm_ptrs *list = zpm_field_objects(field, object);

		for (size_t i = 0; i < list->n; i++)
			zpm_shape_minimise(field->shape, list->v[i]);
	}
}

void zpm_shape_minimise(const struct zpm_shape *shape, void *object)
{
	ZPM_EACH_FIELD (field, shape) {
		minimise_nested(field, object);
		if (!is_default(field, object))
			continue;
		if (field->type == ZPM_T_STRING)
			*zpm_field_str(field, object) = NULL;
		else
			*zpm_field_int(field, object) = ZPM_UNSET;
	}
}

static void merge_pairs(struct zpm_pairs *pairs, const struct zpm_pairs *base, struct zpm_arena *arena)
{
	struct zpm_pairs merged = { 0 };

	for (size_t i = 0; i < base->n; i++)
		zpm_pairs_set(arena, &merged, base->v[i].key, base->v[i].value);
	for (size_t i = 0; i < pairs->n; i++)
		zpm_pairs_set(arena, &merged, pairs->v[i].key, pairs->v[i].value);
	*pairs = merged;
}

static void copy_nested(const struct zpm_field *field, void *object, struct zpm_arena *arena)
{
	if (field->type == ZPM_T_OBJECT) {
		void **nested = zpm_field_object(field, object);

		if (*nested)
			*nested = zpm_shape_copy(field->shape, *nested, arena);
	} else if (field->type == ZPM_T_OBJECTS) {
		struct zpm_ptrs *list = zpm_field_objects(field, object), copies = { 0 };

		for (size_t i = 0; i < list->n; i++)
			zpm_ptrs_push(arena, &copies, zpm_shape_copy(field->shape, list->v[i], arena));
		*list = copies;
	}
}

void *zpm_shape_copy(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	void *copy = zpm_arena_alloc(arena, shape->size);

	memcpy(copy, object, shape->size);
	ZPM_EACH_FIELD (field, shape)
		copy_nested(field, copy, arena);
	return copy;
}

void zpm_shape_merge(const struct zpm_shape *shape, void *object, const void *base, struct zpm_arena *arena)
{
	ZPM_EACH_FIELD (field, shape) {
		if (zpm_field_is_unset(field, base))
			continue;
		if (field->type == ZPM_T_MAP) {
			merge_pairs(zpm_field_pairs(field, object), zpm_field_pairs(field, base), arena);
		} else if (zpm_field_is_unset(field, object)) {
			zpm_field_assign(field, object, base);
			copy_nested(field, object, arena);
		} else if (field->type == ZPM_T_OBJECT) {
			zpm_shape_merge(field->shape, *zpm_field_object(field, object),
				*zpm_field_object(field, base), arena);
		}
	}
}

const char *zpm_shape_key(const struct zpm_shape *shape, const void *object, struct zpm_arena *arena)
{
	const char *key = NULL;

	ZPM_EACH_FIELD (field, shape) {
		const char *part;

		if (!(field->flags & ZPM_KEY))
			continue;
		if (field->type == ZPM_T_STRING)
			part = *zpm_field_str(field, object);
		else
			part = zpm_value_format(field->type, *zpm_field_int(field, object), arena);
		if (!part)
			part = "";
		key = key ? zpm_arena_printf(arena, "%s/%s", key, part) : part;
	}
	return key ? key : "";
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_list(const struct zpm_strs *a, const struct zpm_strs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* Sets are small: a handful of constraints, capabilities or aliases. */
static bool same_set(const struct zpm_strs *a, const struct zpm_strs *b)
{
	if (same_list(a, b))
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (!zpm_strs_have(b, a->v[i]))
			return false;
	for (size_t i = 0; i < b->n; i++)
		if (!zpm_strs_have(a, b->v[i]))
			return false;
	return true;
}

static bool same_pairs(const struct zpm_pairs *a, const struct zpm_pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		/* Mostly both sides are in one order. */
		const char *other =
			!strcmp(a->v[i].key, b->v[i].key) ? b->v[i].value : zpm_pairs_get(b, a->v[i].key);

		if (!other || strcmp(other, a->v[i].value) != 0)
			return false;
	}
	return true;
}

static const void *find_same(const struct zpm_shape *shape, const struct zpm_ptrs *list, const void *object,
	struct zpm_arena *arena)
{
	for (size_t i = 0; i < list->n; i++)
		if (zpm_shape_equal(shape, object, list->v[i], arena))
			return list->v[i];
	return NULL;
}

static bool same_objects(const struct zpm_field *field, const struct zpm_ptrs *a, const struct zpm_ptrs *b,
	struct zpm_arena *arena)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (zpm_shape_equal(field->shape, a->v[i], b->v[i], arena))
			continue;
		if (field->flags & ZPM_ORDERED || !find_same(field->shape, b, a->v[i], arena))
			return false;
	}
	return true;
}

/* A digest that only the Engine's side has is what it pinned the tag to. */
static bool same_image(const char *have, const char *want)
{
	size_t len = strcspn(want, "@");

	if (want[len])
		return !strcmp(have, want);
	return !strncmp(have, want, len) && (!have[len] || have[len] == '@');
}

bool zpm_field_equal(
	const struct zpm_field *field, const void *have, const void *want, struct zpm_arena *arena)
{
	if (field->flags & ZPM_AUTO && zpm_field_is_unset(field, want))
		return true;
	switch (field->type) {
	case ZPM_T_STRING: {
		const char *left = *zpm_field_str(field, have), *right = *zpm_field_str(field, want);

		if (field->codec == ZPM_AS_IMAGE && left && right)
			return same_image(left, right);
		return same_text(left, right);
	}
	case ZPM_T_LIST:
		return same_list(zpm_field_strs(field, have), zpm_field_strs(field, want));
	case ZPM_T_SET:
		return same_set(zpm_field_strs(field, have), zpm_field_strs(field, want));
	case ZPM_T_MAP:
		return same_pairs(zpm_field_pairs(field, have), zpm_field_pairs(field, want));
	case ZPM_T_OBJECT:
		return zpm_shape_equal(
			field->shape, *zpm_field_object(field, have), *zpm_field_object(field, want), arena);
	case ZPM_T_OBJECTS:
		return same_objects(
			field, zpm_field_objects(field, have), zpm_field_objects(field, want), arena);
	default:
		return *zpm_field_int(field, have) == *zpm_field_int(field, want);
	}
}

bool zpm_shape_equal(
	const struct zpm_shape *shape, const void *have, const void *want, struct zpm_arena *arena)
{
	if (!have && !want)
		return true;
	if (!have)
		have = zpm_shape_unset(shape, arena);
	if (!want)
		want = zpm_shape_unset(shape, arena);
	ZPM_EACH_FIELD (field, shape)
		if (field->wire && !zpm_field_equal(field, have, want, arena))
			return false;
	return true;
}
