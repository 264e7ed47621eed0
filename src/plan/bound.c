/* Comparing what a plan relied on with what is there now. */
#include "plan/bound.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static bool same_content(const struct zpm_bound *then, const struct zpm_bound *now)
{
	if (!then->content || !now->content)
		return then->version == now->version;
	return !strcmp(then->content, now->content);
}

const char *zpm_bound_moved(
	const struct zpm_bound *then, const struct zpm_bound *now, struct zpm_arena *arena)
{
	if (!then->id && !now->id)
		return NULL;
	if (!then->id)
		return zpm_arena_printf(arena, "%s: not there then, there now", then->ref);
	if (!now->id)
		return zpm_arena_printf(arena, "%s: there then, gone now", then->ref);
	if (strcmp(then->id, now->id) != 0)
		return zpm_arena_printf(arena,
			"%s: another one now, removed and made again (id %s then, %s now)", then->ref,
			then->id, now->id);
	if ((then->version && then->version == now->version) || same_content(then, now))
		return NULL;
	if (then->version != now->version)
		return zpm_arena_printf(arena, "%s: version %" PRIu64 " then, %" PRIu64 " now", then->ref,
			then->version, now->version);
	return zpm_arena_printf(arena, "%s: other settings now than then", then->ref);
}
