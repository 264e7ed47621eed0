/*
 * From the manifest to desired objects: what a `when` leaves out left out,
 * defaults merged, images completed, names made the Engine's, labels added,
 * everything canonical. Pure.
 */
#ifndef ZPM_PLAN_EXPAND_H
#define ZPM_PLAN_EXPAND_H

#include "model/object.h"
#include "model/platform.h"

/* The platform has passed zpm_platform_check(). Shares memory with it: both arenas have to last. */
struct zpm_objects *zpm_expand(const struct zpm_platform *platform, struct zpm_arena *arena);

/*
 * The image as the Engine is told it: an image that names no registry gets the
 * release's, one without tag or digest the release's tag (else "latest").
 */
const char *zpm_expand_image(const char *image, const struct zpm_release *release, struct zpm_arena *arena);

#endif
