/*
 * Files are included depth first, in the order they are named. Each counts as
 * often as it is included, towards the limits too: that keeps a few files that
 * include each other over and over from becoming a manifest without end.
 */
#include "manifest/include.h"

#include "base/buf.h"
#include "manifest/compose.h"
#include "manifest/compose_map.h"
#include "manifest/folder.h"
#include "manifest/manifest.h"
#include "model/rules.h"
#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

/* One of the files that are being read, each of which includes the next. */
struct stop {
	const char *name; /* in the manifest's folder */
	const char *real; /* where links lead */
};

struct includer {
	struct zpm_parts *parts;
	struct zpm_ptrs trail; /* struct stop */
};

static struct zpm_node *with_includes(struct includer *in, struct zpm_node *root, const char *const *without);

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void push_stop(struct includer *in, const char *name)
{
	struct zpm_arena *arena = in->parts->decoder.arena;
	struct stop *stop = zpm_arena_alloc(arena, sizeof(*stop));
	const char *path = zpm_folder_path(in->parts->folder, name, arena);
	ZPM_FREE char *real = realpath(path, NULL);

	*stop = (struct stop){ name, real ? zpm_arena_strdup(arena, real) : path };
	zpm_ptrs_push(arena, &in->trail, stop);
}

/* "a.yaml → b.yaml → a.yaml" when the last stop has been one before; NULL when it has not. */
static const char *find_cycle(const struct includer *in)
{
	const struct stop *last = in->trail.v[in->trail.n - 1];
	ZPM_BUF names = { 0 };

	for (size_t i = 0; i + 1 < in->trail.n; i++) {
		const struct stop *stop = in->trail.v[i];

		if (names.len || !strcmp(stop->real, last->real))
			zpm_buf_printf(&names, "%s → ", stop->name);
	}
	return names.len ? zpm_arena_printf(in->parts->decoder.arena, "%s%s", names.data, last->name) : NULL;
}

/* What only the manifest itself says is checked, so that a file may say it for an editor's sake. */
static struct zpm_node *checked(struct includer *in, struct zpm_node *root)
{
	static const char *const without[] = { "include", "apiVersion", "platform", NULL };
	const struct zpm_entry *version = zpm_node_entry(root, "apiVersion");
	struct zpm_place top = { .node = root };

	if (version) {
		struct zpm_place place = zpm_place_of_entry(&top, version);

		(void)zpm_decode_ruled(&in->parts->decoder, &place,
			zpm_shape_field(&zpm_platform_shape, "apiVersion")->rule, ZPM_STRICT);
	}
	if (root->kind == ZPM_NODE_MAP)
		return with_includes(in, root, without);
	if (!zpm_node_is_null(root))
		zpm_complain_got(&in->parts->decoder, &top, "a mapping, as in a manifest");
	return NULL;
}

static struct zpm_node *read_file(struct includer *in, const struct zpm_place *place, const char *name)
{
	struct zpm_node *root = zpm_parts_read(in->parts, place, name);

	return root ? checked(in, root) : NULL;
}

/* The root of the file named at the place; NULL when there is none, or it says nothing. */
static struct zpm_node *include_file(struct includer *in, const struct zpm_place *place)
{
	const struct stop *from = in->trail.v[in->trail.n - 1];
	struct zpm_decoder *d = &in->parts->decoder;
	const char *name = zpm_decode_ruled(d, place, &zpm_rule_not_empty, ZPM_STRICT), *target, *cycle;
	struct zpm_node *root = NULL;

	if (!name || zpm_parts_full(in->parts))
		return NULL;
	if (strstr(name, "${")) {
		zpm_complain(d, place, "files are included before variables are known; write the name out");
		return NULL;
	}
	target = zpm_folder_resolve(from->name, name, d->arena);
	if (!zpm_parts_hold(in->parts, place, target, name))
		return NULL;
	if (++in->parts->files > ZPM_MANIFEST_MAX_FILES) {
		zpm_complain(d, place, "more than %d files are included, each counted as often as it is",
			ZPM_MANIFEST_MAX_FILES);
		return NULL;
	}
	push_stop(in, target);
	cycle = find_cycle(in);
	if (cycle)
		zpm_complain(d, place, "files include each other in a circle: %s", cycle);
	else
		root = read_file(in, place, target);
	in->trail.n--;
	return root;
}

static struct zpm_node *overlaid(struct zpm_node *base, struct zpm_node *over, struct zpm_arena *arena)
{
	return base && over ? zpm_node_overlay(base, over, arena) : base ? base : over;
}

/* All that a document includes, merged; NULL when it includes nothing. */
static struct zpm_node *included(struct includer *in, const struct zpm_node *root)
{
	const struct zpm_entry *entry = zpm_node_entry(root, "include");
	struct zpm_arena *arena = in->parts->decoder.arena;
	struct zpm_place top = { .node = root }, list;
	struct zpm_node *base = NULL;

	if (!entry || zpm_node_is_null(entry->value))
		return NULL;
	list = zpm_place_of_entry(&top, entry);
	if (entry->value->kind == ZPM_NODE_SCALAR)
		return include_file(in, &list);
	if (entry->value->kind != ZPM_NODE_LIST)
		zpm_complain_got(&in->parts->decoder, &list, "a list or text");
	for (size_t i = 0; entry->value->kind == ZPM_NODE_LIST && i < entry->value->items.n; i++) {
		struct zpm_place item = zpm_place_of_item(&list, i);

		base = overlaid(base, include_file(in, &item), arena);
	}
	return base;
}

static struct zpm_node *with_includes(struct includer *in, struct zpm_node *root, const char *const *without)
{
	struct zpm_node *base = included(in, root);

	return overlaid(
		base, zpm_node_without(root, without, in->parts->decoder.arena), in->parts->decoder.arena);
}

struct zpm_node *zpm_include(const struct zpm_source *source, struct zpm_parts *parts)
{
	static const char *const without[] = { "include", NULL };
	struct includer in = { .parts = parts };
	struct zpm_node *root =
		zpm_compose(source, &parts->weight, parts->decoder.arena, parts->decoder.diags);

	parts->bytes += source->len;
	if (!root || !zpm_node_entry(root, "include"))
		return root;
	push_stop(&in, base_name(source->name));
	return with_includes(&in, root, without);
}
