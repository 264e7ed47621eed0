/*
 * The folder a manifest is in: the files it names are looked for there, and
 * never outside of it. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_FOLDER_H
#define ZPM_MANIFEST_FOLDER_H

#include "base/arena.h"

#include <stdbool.h>

/* The folder of the file of a path, "." when the path names none. */
const char *zpm_folder_of(const char *path, struct zpm_arena *arena);

/* Where a file of the folder is, seen from here. */
const char *zpm_folder_path(const char *folder, const char *name, struct zpm_arena *arena);

/*
 * False for a name that leads out of the folder, by its spelling or through a
 * link. A name that leads nowhere is taken: opening it tells what is wrong.
 */
bool zpm_folder_holds(const char *folder, const char *name, struct zpm_arena *arena);

/*
 * What a name means in the file `from` of the folder: relative to that file,
 * and without "." and "..". NULL when it leads out of the folder by its spelling.
 */
const char *zpm_folder_resolve(const char *from, const char *name, struct zpm_arena *arena);

#endif
