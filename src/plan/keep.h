/*
 * What an update leaves as it is on the Engine: what reconcile.ignoreDrift
 * names, and how nodes make a volume that zpm has not made. Rather than taken
 * out of a diff, it is put into what is wanted: the plan then says nothing of
 * it, and what is sent keeps it. Pure.
 */
#ifndef ZPM_PLAN_KEEP_H
#define ZPM_PLAN_KEEP_H

#include "model/object.h"
#include "model/platform.h"

/* What has to be known to tell. */
struct zpm_keep {
	const struct zpm_platform *platform;
	const struct zpm_objects *desired, *have;
};

/*
 * Prepares the two sides of an update: `*want` gets the live values that are
 * kept, `*have` loses the ignored ones of the live fields that no table knows.
 * Each becomes a copy in the arena, or stays what it was when nothing is kept.
 * Starts from what the manifest declares, so that it can be called again with
 * a newer `*have`.
 */
void zpm_keep_live(const struct zpm_keep *keep, const struct zpm_object **want,
	const struct zpm_object **have, struct zpm_arena *arena);

#endif
