/*
 * The fields in which two canonical objects of a shape differ. Sets and maps
 * are compared without regard to order. Pure.
 */
#ifndef ZPM_PLAN_DIFF_H
#define ZPM_PLAN_DIFF_H

#include "model/field.h"

/*
 * Adds a struct zpm_field_change for each difference and returns the highest
 * cost of any; ZPM_COST_NONE when there is no difference. The JSON values are
 * the caller's.
 */
enum zpm_cost zpm_diff(const struct zpm_shape *shape, const void *have, const void *want,
	struct zpm_arena *arena, struct zpm_ptrs *changes);

#endif
