/* reconcile.ignoreDrift: an entry that can match nothing is a mistake. */
#include "model/check_parts.h"
#include "model/ignore.h"
#include "model/nearest.h"
#include "model/shape.h"

#include <string.h>

/* Paths of live fields that no table knows begin so. */
#define UNKNOWN_FIELDS "engine"

static const char *kind_hint(struct zpm_checker *c, const char *kind)
{
	struct zpm_strs names = { 0 };

	for (size_t i = 0; i < ZPM_KIND_COUNT; i++)
		if (zpm_kind_is_engines((enum zpm_kind_id)i))
			zpm_strs_push(c->arena, &names, zpm_kinds[i].name);
	return zpm_nearest_hint(kind, &names, c->arena);
}

static void check_field(
	struct zpm_checker *c, const char *path, const struct zpm_shape *shape, const char *name)
{
	const struct zpm_field *field = zpm_shape_field(shape, name);
	const struct zpm_field *nearest = field ? NULL : zpm_shape_nearest(shape, name);

	if (!field || field->flags & ZPM_HIDDEN)
		zpm_find(c, path, "a %s has no field '%s'%s%s%s", shape->name, name,
			nearest ? "; did you mean '" : "", nearest ? nearest->name : "", nearest ? "'?" : "");
	else if (!field->wire)
		zpm_find(c, path, "the Engine knows nothing of a %s's %s, so it cannot drift", shape->name,
			name);
}

static void check_entry(struct zpm_checker *c, size_t i, const char *entry)
{
	const char *path = zpm_arena_printf(c->arena, "reconcile.ignoreDrift[%zu]", i);
	const struct zpm_ignore ignore = zpm_ignore_parse(entry, c->arena);
	const struct zpm_kind *kind = zpm_kind_by_name(ignore.kind);
	const char *field = zpm_arena_strndup(c->arena, ignore.path, strcspn(ignore.path, "."));

	if (!kind || !zpm_kind_is_engines(kind->id))
		zpm_find(c, path, "there is no kind '%s'%s", ignore.kind, kind_hint(c, ignore.kind));
	else if (!strchr(field, '*') && strcmp(field, UNKNOWN_FIELDS) != 0)
		check_field(c, path, kind->shape, field);
}

void zpm_check_ignored(struct zpm_checker *c)
{
	const struct zpm_reconcile *reconcile = c->platform->reconcile;

	if (!reconcile)
		return;
	for (size_t i = 0; i < reconcile->ignore_drift.n; i++)
		/* What does not obey the rule left nothing behind when it was reported. */
		if (reconcile->ignore_drift.v[i][0])
			check_entry(c, i, reconcile->ignore_drift.v[i]);
}
