/* Walks the field table of both sides, as the diff does, and carries live values over. */
#include "plan/keep.h"

#include "base/text.h"
#include "model/ignore.h"
#include "model/shape.h"

#include <string.h>

struct keeper {
	struct zpm_strs globs; /* paths that are ignored */
	struct zpm_arena *arena;
};

static void keep_shape(const struct keeper *k, const struct zpm_shape *shape, const char *prefix, bool all,
	void *want, const void *have);

static bool is_ignored(const struct keeper *k, const char *path)
{
	for (size_t i = 0; i < k->globs.n; i++)
		if (zpm_glob_matches(k->globs.v[i], path))
			return true;
	return false;
}

static const char *joined(const struct keeper *k, const char *prefix, const char *name)
{
	return zpm_arena_printf(k->arena, "%s%s%s", prefix, *prefix ? "." : "", name);
}

/* Labels of zpm's own say whose the object is: they are never somebody else's to set. */
static bool keeps_pair(const struct keeper *k, const char *path, bool all, const char *key)
{
	return !zpm_starts_with(key, ZPM_LABEL_PREFIX) && (all || is_ignored(k, joined(k, path, key)));
}

static void keep_pairs(const struct keeper *k, const char *path, bool all, struct zpm_pairs *want,
	const struct zpm_pairs *have)
{
	struct zpm_pairs kept = { 0 };

	for (size_t i = 0; i < want->n; i++)
		if (!keeps_pair(k, path, all, want->v[i].key))
			zpm_pairs_set(k->arena, &kept, want->v[i].key, want->v[i].value);
	for (size_t i = 0; i < have->n; i++)
		if (keeps_pair(k, path, all, have->v[i].key))
			zpm_pairs_set(k->arena, &kept, have->v[i].key, have->v[i].value);
	*want = kept;
}

static const void *with_key(
	const struct keeper *k, const struct zpm_shape *shape, const struct zpm_ptrs *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(zpm_shape_key(shape, list->v[i], k->arena), key))
			return list->v[i];
	return NULL;
}

static void keep_objects(const struct keeper *k, const struct zpm_shape *shape, const char *path, bool all,
	struct zpm_ptrs *want, const struct zpm_ptrs *have)
{
	struct zpm_ptrs kept = { 0 };

	for (size_t i = 0; i < want->n; i++) {
		const char *key = zpm_shape_key(shape, want->v[i], k->arena);
		const char *at = joined(k, path, key);
		const void *live = with_key(k, shape, have, key);
		bool whole = all || is_ignored(k, at);

		if (live)
			keep_shape(k, shape, at, whole, want->v[i], live);
		if (live || !whole)
			zpm_ptrs_push(k->arena, &kept, want->v[i]);
	}
	for (size_t i = 0; i < have->n; i++) {
		const char *key = zpm_shape_key(shape, have->v[i], k->arena);

		if (!with_key(k, shape, want, key) && (all || is_ignored(k, joined(k, path, key))))
			zpm_ptrs_push(k->arena, &kept, have->v[i]);
	}
	*want = kept;
}

static void keep_object(const struct keeper *k, const struct zpm_field *field, const char *path, bool all,
	void *want, const void *have)
{
	void **wanted = zpm_field_object(field, want);
	const void *live = *zpm_field_object(field, have);

	if (!*wanted && !live)
		return;
	if (!*wanted)
		*wanted = zpm_shape_new(field->shape, k->arena);
	keep_shape(
		k, field->shape, path, all, *wanted, live ? live : zpm_shape_unset(field->shape, k->arena));
}

static void keep_field(const struct keeper *k, const struct zpm_field *field, const char *path, bool all,
	void *want, const void *have)
{
	switch (field->type) {
	case ZPM_T_MAP:
		keep_pairs(k, path, all, zpm_field_pairs(field, want), zpm_field_pairs(field, have));
		break;
	case ZPM_T_OBJECT:
		keep_object(k, field, path, all, want, have);
		break;
	case ZPM_T_OBJECTS:
		keep_objects(k, field->shape, path, all, zpm_field_objects(field, want),
			zpm_field_objects(field, have));
		break;
	default:
		if (all)
			zpm_field_assign(field, want, have);
		break;
	}
}

static void keep_shape(const struct keeper *k, const struct zpm_shape *shape, const char *prefix, bool all,
	void *want, const void *have)
{
	ZPM_EACH_FIELD (field, shape) {
		const char *path = joined(k, prefix, field->name);

		if (field->wire)
			keep_field(k, field, path, all || is_ignored(k, path), want, have);
	}
}

/* The paths that are ignored of one object. */
static struct zpm_strs globs_of(
	const struct zpm_platform *platform, const struct zpm_object *object, struct zpm_arena *arena)
{
	struct zpm_strs globs = { 0 };

	for (size_t i = 0; platform->reconcile && i < platform->reconcile->ignore_drift.n; i++) {
		const struct zpm_ignore ignore =
			zpm_ignore_parse(platform->reconcile->ignore_drift.v[i], arena);

		if (!strcmp(ignore.kind, object->kind->name) && zpm_glob_matches(ignore.name, object->name))
			zpm_strs_push(arena, &globs, ignore.path);
	}
	return globs;
}

/* Live fields that no table knows are called engine.PATH; a path covers all below it. */
static bool extra_is_ignored(const struct keeper *k, const char *extra)
{
	const char *path = zpm_arena_printf(k->arena, "engine.%s", extra);

	for (size_t len = strlen(path); len; len--)
		if ((!path[len] || path[len] == '.') && is_ignored(k, zpm_arena_strndup(k->arena, path, len)))
			return true;
	return false;
}

static const struct zpm_object *without_ignored_extra(const struct keeper *k, const struct zpm_object *have)
{
	struct zpm_object *object;
	struct zpm_live *live;

	if (!have->live->extra.n)
		return have;
	live = zpm_arena_alloc(k->arena, sizeof(*live));
	*live = *have->live;
	live->extra = (struct zpm_pairs){ 0 };
	for (size_t i = 0; i < have->live->extra.n; i++) {
		const struct zpm_pair *extra = &have->live->extra.v[i];

		if (!extra_is_ignored(k, extra->key))
			zpm_pairs_set(k->arena, &live->extra, extra->key, extra->value);
	}
	object = zpm_arena_alloc(k->arena, sizeof(*object));
	*object = *have;
	object->live = live;
	return object;
}

/* Is the volume there, or not there yet, without being the platform's? */
static bool is_adopted(const struct zpm_keep *keep, const char *name)
{
	const struct zpm_object *volume =
		name ? zpm_objects_find(keep->desired, ZPM_KIND_VOLUME, name) : NULL;
	const struct zpm_object *live;

	if (!volume || !volume->adopt)
		return false;
	live = zpm_objects_find_real(keep->have, ZPM_KIND_VOLUME, volume->real);
	return !live || !live->live->owner;
}

static struct zpm_mount *same_mount(const struct zpm_service *service, const struct zpm_mount *mount)
{
	for (size_t i = 0; i < service->volumes.n; i++) {
		struct zpm_mount *other = service->volumes.v[i];

		if (other->target && mount->target && !strcmp(other->target, mount->target))
			return other->source && !strcmp(other->source, mount->source) ? other : NULL;
	}
	return NULL;
}

/* Labels that the volume cannot get would only restart the tasks that use it. Without `want`: are there any?
 */
static bool keep_mounts(const struct zpm_keep *keep, struct zpm_service *want,
	const struct zpm_service *declared, const struct zpm_service *have)
{
	bool any = false;

	for (size_t i = 0; i < declared->volumes.n; i++) {
		const struct zpm_mount *mount = declared->volumes.v[i];
		const struct zpm_mount *live =
			is_adopted(keep, mount->source) ? same_mount(have, mount) : NULL;
		struct zpm_mount *wanted = want && live ? same_mount(want, mount) : NULL;

		any = any || live;
		if (!wanted)
			continue;
		wanted->driver = live->driver;
		wanted->driver_options = live->driver_options;
		wanted->volume_labels = live->volume_labels;
	}
	return any;
}

void zpm_keep_live(const struct zpm_keep *keep, const struct zpm_object **want,
	const struct zpm_object **have, struct zpm_arena *arena)
{
	struct keeper k = { globs_of(keep->platform, *want, arena), arena };
	const void *declared = (*want)->declared ? (*want)->declared : (*want)->spec;
	bool mounts =
		(*want)->kind->id == ZPM_KIND_SERVICE && keep_mounts(keep, NULL, declared, (*have)->spec);
	struct zpm_object *object;

	if (!k.globs.n && !mounts)
		return;
	object = zpm_arena_alloc(arena, sizeof(*object));
	*object = **want;
	/* A hold is of the moment, as live values are. */
	object->hold = NULL;
	object->hash = zpm_object_hash(*want, arena);
	object->declared = declared;
	object->spec = zpm_shape_copy(object->kind->shape, declared, arena);
	if (mounts)
		keep_mounts(keep, object->spec, declared, (*have)->spec);
	keep_shape(&k, object->kind->shape, "", false, object->spec, (*have)->spec);
	*want = object;
	*have = without_ignored_extra(&k, *have);
}
