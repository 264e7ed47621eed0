/*
 * Which files of the folder are patches is told by their names alone, so that
 * what an editor or a copy leaves behind is none. What has such a name and
 * cannot be read is a mistake: a patch must not be left out unnoticed.
 */
#include "manifest/patches.h"

#include "base/buf.h"
#include "manifest/folder.h"
#include "manifest/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static bool is_patch_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return *name != '.' && dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Without a folder there are no files, which is no mistake: the last patch may have taken it along. */
static void list_files(
	struct zpm_parts *parts, const struct zpm_place *place, const char *folder, struct zpm_strs *names)
{
	struct zpm_arena *arena = parts->decoder.arena;
	const char *path = zpm_folder_path(parts->folder, folder, arena);
	__attribute__((cleanup(close_dir))) DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir && errno == ENOENT)
		return;
	errno = dir ? 0 : errno;
	while (dir && (entry = readdir(dir)))
		if (is_patch_name(entry->d_name))
			zpm_strs_push(arena, names, zpm_arena_strdup(arena, entry->d_name));
	if (errno)
		zpm_complain(&parts->decoder, place, "cannot read the folder '%s' of patches: %s", path,
			strerror(errno));
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_bytes);
}

/* A complaint about a file as a whole has no line in it. */
static struct zpm_node *new_stand_in(const struct zpm_parts *parts, const char *name)
{
	struct zpm_arena *arena = parts->decoder.arena;
	struct zpm_node *node = zpm_arena_alloc(arena, sizeof(*node));

	node->pos.file = zpm_folder_path(parts->folder, name, arena);
	return node;
}

static void read_patch(struct zpm_parts *parts, const char *name, struct zpm_ptrs *patches)
{
	const struct zpm_place place = { .node = new_stand_in(parts, name) };
	struct zpm_decoder *d = &parts->decoder;
	size_t before = d->diags->list.n;
	struct zpm_node *root;

	if (++parts->files > ZPM_MANIFEST_MAX_FILES) {
		zpm_complain(d, &place, "more than %d files, patches and those that are included together",
			ZPM_MANIFEST_MAX_FILES);
		return;
	}
	if (!zpm_parts_hold(parts, &place, name, name))
		return;
	root = zpm_parts_read(parts, &place, name);
	if (root && !zpm_node_is_null(root))
		zpm_ptrs_push(d->arena, patches, root);
	else if (d->diags->list.n == before)
		zpm_complain(d, &place,
			"the file is empty; a patch has 'services', and 'tag' or 'environment' for them");
}

static void read_folder(
	struct zpm_parts *parts, const struct zpm_place *place, const char *folder, struct zpm_ptrs *patches)
{
	struct zpm_strs names = { 0 };

	if (!zpm_parts_hold(parts, place, folder, folder))
		return;
	list_files(parts, place, folder, &names);
	for (size_t i = 0; i < names.n && !zpm_parts_full(parts); i++)
		read_patch(
			parts, zpm_arena_printf(parts->decoder.arena, "%s/%s", folder, names.v[i]), patches);
}

/* NULL: there is none, or a mistake, which is told of here where decoding the field cannot tell. */
static const char *named_folder(struct zpm_parts *parts, const struct zpm_place *place)
{
	struct zpm_decoder *d = &parts->decoder;
	const char *text = place->node->text, *folder;

	if (place->node->kind != ZPM_NODE_SCALAR || zpm_node_is_null(place->node) || !*text)
		return NULL;
	if (strstr(text, "${")) {
		zpm_complain(d, place, "patches are read before variables are known; write the folder out");
		return NULL;
	}
	folder = zpm_folder_resolve("", text, d->arena);
	if (!folder)
		zpm_complain(d, place, "expected a folder inside of the manifest's, got %s",
			zpm_node_quote(text, d->arena));
	return folder;
}

void zpm_patches_read(struct zpm_parts *parts, const struct zpm_node *root, struct zpm_ptrs *patches)
{
	const struct zpm_entry *release = zpm_node_entry(root, "release");
	const struct zpm_entry *entry = release ? zpm_node_entry(release->value, "patches") : NULL;
	const struct zpm_place top = { .node = root };
	struct zpm_place section, place = { .node = NULL };
	const char *folder = ZPM_PATCHES_FOLDER;

	if (entry) {
		section = zpm_place_of_entry(&top, release);
		place = zpm_place_of_entry(&section, entry);
		folder = named_folder(parts, &place);
	} else {
		place.node = new_stand_in(parts, folder);
	}
	if (folder)
		read_folder(parts, &place, folder, patches);
}
