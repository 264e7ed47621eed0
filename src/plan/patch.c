/* Patches, later over earlier ones, and then over the services they name. */
#include "plan/patch.h"

#include "model/image.h"
#include "model/shape.h"

#include <string.h>

/* What a later patch does not say, an earlier one does. */
static void add(
	struct zpm_index *patches, const char *name, const struct zpm_patch *patch, struct zpm_arena *arena)
{
	struct zpm_patch *all = zpm_index_get(patches, name), merged = *patch;

	if (!all) {
		all = zpm_shape_new(&zpm_patch_shape, arena);
		zpm_index_add(patches, name, all);
	}
	zpm_shape_merge(&zpm_patch_shape, &merged, all, arena);
	*all = merged;
}

static void add_all(struct zpm_index *patches, const struct zpm_patch *patch, const struct zpm_strs *mongo,
	struct zpm_arena *arena)
{
	for (size_t i = 0; i < patch->services.n; i++) {
		const char *name = patch->services.v[i];
		bool all = !strcmp(name, ZPM_MONGO_ALL);

		add(patches, name, patch, arena);
		for (size_t j = 0; all && j < mongo->n; j++)
			add(patches, mongo->v[j], patch, arena);
	}
}

struct zpm_index *zpm_patches_merge(
	const struct zpm_platform *platform, const struct zpm_strs *mongo, struct zpm_arena *arena)
{
	struct zpm_index *patches = zpm_index_new(arena);

	if (platform->release && platform->release->patch)
		add_all(patches, platform->release->patch, mongo, arena);
	for (size_t i = 0; i < platform->patches.n; i++)
		add_all(patches, platform->patches.v[i], mongo, arena);
	return patches;
}

const struct zpm_patch *zpm_patches_apply(
	const struct zpm_index *patches, struct zpm_service *service, struct zpm_arena *arena)
{
	const struct zpm_patch *named = zpm_index_get(patches, service->name);
	struct zpm_patch own = { .environment = service->environment }, over, *patch;

	if (!named)
		return NULL;
	over = *named;
	zpm_shape_merge(&zpm_patch_shape, &over, &own, arena);
	service->environment = over.environment;
	patch = zpm_shape_copy(&zpm_patch_shape, named, arena);
	if (zpm_image_has_tag(service->image))
		patch->tag = NULL;
	return patch->tag || patch->environment.n ? patch : NULL;
}
