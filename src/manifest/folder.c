/* Paths by their spelling, and by where links lead. */
#include "manifest/folder.h"

#include "base/buf.h"
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

const char *zpm_folder_of(const char *path, struct zpm_arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : zpm_arena_strndup(arena, path, (size_t)(slash - path));
}

const char *zpm_folder_path(const char *folder, const char *name, struct zpm_arena *arena)
{
	return strcmp(folder, ".") ? zpm_arena_printf(arena, "%s/%s", folder, name) : name;
}

/* Splits a path at its slashes; false when ".." leads further up than it began. */
static bool walk(const char *path, struct zpm_strs *steps, struct zpm_arena *arena)
{
	while (*path) {
		size_t len = strcspn(path, "/");
		bool up = len == 2 && !strncmp(path, "..", 2);

		if (up && !steps->n)
			return false;
		if (up)
			steps->n--;
		else if (len && !(len == 1 && *path == '.'))
			zpm_strs_push(arena, steps, zpm_arena_strndup(arena, path, len));
		path += len + (path[len] == '/');
	}
	return true;
}

const char *zpm_folder_resolve(const char *from, const char *name, struct zpm_arena *arena)
{
	struct zpm_strs steps = { 0 };
	ZPM_BUF path = { 0 };

	if (*name == '/' || !walk(zpm_folder_of(from, arena), &steps, arena) || !walk(name, &steps, arena))
		return NULL;
	for (size_t i = 0; i < steps.n; i++)
		zpm_buf_printf(&path, "%s%s", i ? "/" : "", steps.v[i]);
	return path.len ? zpm_arena_strdup(arena, path.data) : NULL;
}

bool zpm_folder_holds(const char *folder, const char *name, struct zpm_arena *arena)
{
	ZPM_FREE char *real_folder = realpath(folder, NULL);
	ZPM_FREE char *real = realpath(zpm_folder_path(folder, name, arena), NULL);
	size_t len;

	/* By its spelling first, so that the answer does not depend on which files there are. */
	if (!zpm_folder_resolve("", name, arena))
		return false;
	if (!real_folder || !real)
		return true;
	len = strlen(real_folder);
	return !strncmp(real_folder, real, len) && (len == 1 || real[len] == '/');
}
