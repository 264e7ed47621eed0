/* Patches, of `release.patch` and of files: what they name has to be there. */
#include "base/index.h"
#include "model/check_parts.h"

/* Only the database knows what the apps are called that it asks for. */
static bool is_service(const struct zpm_checker *c, const char *name)
{
	const struct zpm_apps *apps = c->platform->apps;

	return zpm_index_get(c->services.index, name) || (apps && apps->from_integrations);
}

/* A mistake in the list has left "" behind. */
static void check_patch(struct zpm_checker *c, const struct zpm_patch *patch, const char *path)
{
	struct zpm_index *seen = zpm_index_new(c->arena);

	for (size_t i = 0; i < patch->services.n; i++) {
		const char *name = patch->services.v[i];
		const char *at = zpm_arena_printf(c->arena, "%s[%zu]", path, i);

		if (!*name)
			continue;
		if (zpm_index_add(seen, name, c))
			zpm_find(c, at, "'%s' is in this list already", name);
		else if (!is_service(c, name))
			zpm_find_missing(c, at, "service", name, &c->services);
	}
}

void zpm_check_patches(struct zpm_checker *c)
{
	const struct zpm_platform *platform = c->platform;

	if (platform->release && platform->release->patch)
		check_patch(c, platform->release->patch, "release.patch.services");
	for (size_t i = 0; i < platform->patches.n; i++) {
		c->patch = platform->patches.v[i];
		check_patch(c, c->patch, "services");
	}
	c->patch = NULL;
}
