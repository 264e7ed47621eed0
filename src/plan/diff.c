/* Walks the field table of two objects side by side. */
#include "plan/diff.h"

#include "model/json.h"
#include "model/shape.h"
#include "plan/plan.h"

#include <json-c/json.h>
#include <string.h>

struct differ {
	struct zpm_arena *arena;
	struct zpm_ptrs *changes;
	enum zpm_cost cost;
};

static void diff_shape(struct differ *d, const struct zpm_shape *shape, const char *prefix, const void *have,
	const void *want);

static const char *joined(const struct differ *d, const char *prefix, const char *name)
{
	return *prefix ? zpm_arena_printf(d->arena, "%s.%s", prefix, name) : name;
}

static void emit(
	struct differ *d, const struct zpm_field *field, const char *path, json_object *old, json_object *now)
{
	struct zpm_field_change *change = zpm_arena_alloc(d->arena, sizeof(*change));

	*change = (struct zpm_field_change){ path, old, now };
	zpm_ptrs_push(d->arena, d->changes, change);
	if (field->cost > d->cost)
		d->cost = field->cost;
}

static json_object *text_or_null(const struct zpm_field *field, const char *text)
{
	if (!text)
		return NULL;
	return json_object_new_string(field->flags & ZPM_SECRET ? "(secret)" : text);
}

static void diff_pairs(struct differ *d, const struct zpm_field *field, const char *path,
	const struct zpm_pairs *have, const struct zpm_pairs *want)
{
	for (size_t i = 0; i < want->n; i++) {
		const char *now = want->v[i].value, *old = zpm_pairs_get(have, want->v[i].key);

		if (!old || strcmp(old, now) != 0)
			emit(d, field, joined(d, path, want->v[i].key), text_or_null(field, old),
				text_or_null(field, now));
	}
	for (size_t i = 0; i < have->n; i++)
		if (!zpm_pairs_get(want, have->v[i].key))
			emit(d, field, joined(d, path, have->v[i].key), text_or_null(field, have->v[i].value),
				NULL);
}

static const void *with_key(
	const struct differ *d, const struct zpm_shape *shape, const struct zpm_ptrs *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(zpm_shape_key(shape, list->v[i], d->arena), key))
			return list->v[i];
	return NULL;
}

static void diff_objects(struct differ *d, const struct zpm_field *field, const char *path,
	const struct zpm_ptrs *have, const struct zpm_ptrs *want)
{
	const struct zpm_shape *shape = field->shape;

	for (size_t i = 0; i < want->n; i++) {
		const char *key = zpm_shape_key(shape, want->v[i], d->arena);
		const void *old = with_key(d, shape, have, key);

		if (old)
			diff_shape(d, shape, joined(d, path, key), old, want->v[i]);
		else
			emit(d, field, joined(d, path, key), NULL,
				zpm_shape_to_json(shape, want->v[i], d->arena));
	}
	for (size_t i = 0; i < have->n; i++) {
		const char *key = zpm_shape_key(shape, have->v[i], d->arena);

		if (!with_key(d, shape, want, key))
			emit(d, field, joined(d, path, key), zpm_shape_to_json(shape, have->v[i], d->arena),
				NULL);
	}
}

static void diff_field(
	struct differ *d, const struct zpm_field *field, const char *path, const void *have, const void *want)
{
	const void *unset;

	switch (field->type) {
	case ZPM_T_MAP:
		diff_pairs(d, field, path, zpm_field_pairs(field, have), zpm_field_pairs(field, want));
		break;
	case ZPM_T_OBJECTS:
		diff_objects(d, field, path, zpm_field_objects(field, have), zpm_field_objects(field, want));
		break;
	case ZPM_T_OBJECT:
		unset = zpm_shape_unset(field->shape, d->arena);
		have = *zpm_field_object(field, have);
		want = *zpm_field_object(field, want);
		diff_shape(d, field->shape, path, have ? have : unset, want ? want : unset);
		break;
	default:
		emit(d, field, path, zpm_field_to_json(field, have, d->arena),
			zpm_field_to_json(field, want, d->arena));
		break;
	}
}

static void diff_shape(struct differ *d, const struct zpm_shape *shape, const char *prefix, const void *have,
	const void *want)
{
	ZPM_EACH_FIELD (field, shape)
		if (field->wire && !zpm_field_equal(field, have, want, d->arena))
			diff_field(d, field, joined(d, prefix, field->name), have, want);
}

enum zpm_cost zpm_diff(const struct zpm_shape *shape, const void *have, const void *want,
	struct zpm_arena *arena, struct zpm_ptrs *changes)
{
	struct differ d = { .arena = arena, .changes = changes };

	diff_shape(&d, shape, "", have, want);
	return d.cost;
}
