/*
 * Where the services of a platform go in a picture of what depends on what:
 * tiers as lanes from left to right, and each service right of all it waits
 * for, so that every line runs to the right. Pure.
 *
 * Lengths are in pixels, from the top left corner of the lanes.
 */
#ifndef ZPM_CLI_LAYOUT_H
#define ZPM_CLI_LAYOUT_H

#include "model/object.h"
#include "model/service.h"

struct zpm_box {
	const struct zpm_object *service;
	int x, y, width, height;
};

/* A column that a line passes between two boxes, level at `y`. */
struct zpm_pass {
	int left, right, y;
};

struct zpm_line {
	const struct zpm_box *from, *to; /* `to` waits for `from` */
	struct zpm_pass *passes;         /* from left to right */
	size_t n;
};

struct zpm_lane {
	enum zpm_tier tier;
	size_t services;
	int x, width;
};

struct zpm_layout {
	struct zpm_lane lanes[ZPM_TIER_COUNT]; /* those with services, in the order they start */
	size_t n_lanes;
	struct zpm_ptrs boxes; /* struct zpm_box, in the order of the manifest */
	struct zpm_ptrs lines; /* struct zpm_line */
	int width, height;     /* of all lanes */
};

/* `desired` has passed the checks: no circles, and nobody waits for a later tier. */
struct zpm_layout *zpm_layout_new(const struct zpm_objects *desired, int box_width,
	int (*box_height)(const struct zpm_service *service), struct zpm_arena *arena);

#endif
