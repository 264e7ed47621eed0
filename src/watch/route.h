/*
 * Which folders have to be watched, and for which names in them, to learn of every change to some paths: the
 * ones the files are in, and those of each folder and link on the way. Internal to watch/.
 */
#ifndef ZPM_WATCH_ROUTE_H
#define ZPM_WATCH_ROUTE_H

#include "base/index.h"
#include "base/list.h"

#include <stdbool.h>
#include <sys/types.h>

struct zpm_stage {
	const char *folder; /* without links in it */
	dev_t device;
	ino_t inode;
	struct zpm_strs names;   /* in the folder */
	struct zpm_index *index; /* of the names */
	bool whole;              /* every name counts */
	bool files;              /* some of the names are files, or may become ones */
};

struct zpm_route {
	struct zpm_arena *arena;
	struct zpm_ptrs stages; /* struct zpm_stage */
	struct zpm_index *by_folder;
};

/* As the file system is now. `paths` are absolute. Blocks on looking at files only. */
struct zpm_route *zpm_route_new(const struct zpm_strs *paths);
void zpm_route_free(struct zpm_route *route);

/* Would watching the one do for the other? */
bool zpm_route_equals(const struct zpm_route *a, const struct zpm_route *b);

/* Does something of that name in the folder matter? */
bool zpm_stage_has(const struct zpm_stage *stage, const char *name);

#endif
