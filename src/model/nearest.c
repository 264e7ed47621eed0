/* The nearest name by edit distance: of four letters two may be wrong. */
#include "model/nearest.h"

#include "base/text.h"

#include <string.h>

const char *zpm_nearest_hint(const char *name, const struct zpm_strs *names, struct zpm_arena *arena)
{
	size_t len = strlen(name), least = len < 4 ? len / 2 : 1 + len / 3;
	const char *nearest = NULL;

	for (size_t i = 0; i < names->n; i++) {
		size_t other = strlen(names->v[i]), distance;

		/* No edit distance is less than the difference of the lengths. */
		if (other > len + least || len > other + least)
			continue;
		distance = zpm_edit_distance(names->v[i], name);
		if (distance > least)
			continue;
		nearest = names->v[i];
		if (!distance)
			break;
		least = distance - 1;
	}
	return nearest ? zpm_arena_printf(arena, "; did you mean '%s'?", nearest) : "";
}
