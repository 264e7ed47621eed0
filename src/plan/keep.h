/*
 * What an update leaves as it is on the Engine. Rather than taken out of a
 * diff, it is put into what is wanted: the plan then says nothing of it, and
 * what is sent keeps it. Pure.
 */
#ifndef ZPM_PLAN_KEEP_H
#define ZPM_PLAN_KEEP_H

#include "model/object.h"
#include "model/platform.h"

/*
 * Prepares the two sides of an update by reconcile.ignoreDrift: `*want` gets
 * the live values at ignored paths, `*have` loses the ignored ones of the
 * live fields that no table knows. Each becomes a copy in the arena, or stays
 * what it was when nothing is ignored. Starts from what the manifest declares,
 * so that it can be called again with a newer `*have`.
 */
void zpm_keep_ignored(const struct zpm_platform *platform, const struct zpm_object **want,
	const struct zpm_object **have, struct zpm_arena *arena);

#endif
