/*
 * What all patches of a platform together make of each service. Pure.
 */
#ifndef ZPM_PLAN_PATCH_H
#define ZPM_PLAN_PATCH_H

#include "base/index.h"
#include "model/platform.h"

/*
 * From the name of a service to its struct zpm_patch: that of the release, then
 * those of files, later ones winning. `mongo` holds the names of the services
 * that the section of this name makes.
 */
struct zpm_index *zpm_patches_merge(
	const struct zpm_platform *platform, const struct zpm_strs *mongo, struct zpm_arena *arena);

/*
 * Puts the environment of its patches over that of a service, whose image is as
 * it was declared. Returns its patch, without a tag when the image has one of
 * its own; NULL when there is nothing in it.
 */
const struct zpm_patch *zpm_patches_apply(
	const struct zpm_index *patches, struct zpm_service *service, struct zpm_arena *arena);

#endif
