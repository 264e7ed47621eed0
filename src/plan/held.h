/*
 * Operators' holds in a plan: what is held stays at zero tasks, all else of it
 * is reconciled; and nothing is started that depends on it. Pure.
 */
#ifndef ZPM_PLAN_HELD_H
#define ZPM_PLAN_HELD_H

#include "plan/plan.h"

/* The desired object as it has to be as long as the observed one is held; itself when that is not. */
const struct zpm_object *zpm_held_want(
	const struct zpm_object *want, const struct zpm_object *have, struct zpm_arena *arena);

/*
 * Blocks each change that would start tasks of a service while one it depends
 * on is held or blocked itself. What runs is left running, and changes that
 * start nothing are made.
 */
void zpm_held_block(const struct zpm_plan *plan);

#endif
