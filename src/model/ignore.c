/* Taking apart what reconcile.ignoreDrift holds. */
#include "model/ignore.h"

#include <string.h>

struct zpm_ignore zpm_ignore_parse(const char *entry, struct zpm_arena *arena)
{
	size_t kind = strcspn(entry, "/");
	const char *name = entry + kind + 1;
	size_t len = strcspn(name, ":");

	return (struct zpm_ignore){
		.kind = zpm_arena_strndup(arena, entry, kind),
		.name = zpm_arena_strndup(arena, name, len),
		.path = name + len + 1,
	};
}
