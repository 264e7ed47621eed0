/* A plan in the making. Internal to plan/. */
#ifndef ZPM_PLAN_PLANNER_H
#define ZPM_PLAN_PLANNER_H

#include "plan/plan.h"

struct zpm_planner {
	struct zpm_plan *plan;
	const struct zpm_objects *desired, *have;
	struct zpm_index *changed; /* "kind/name" -> struct zpm_change */
};

struct zpm_plan *zpm_planner_plan(const struct zpm_platform *platform);

struct zpm_change *zpm_planner_add(const struct zpm_planner *planner, enum zpm_action action,
	const struct zpm_object *want, const struct zpm_object *have);

void zpm_planner_refuse(struct zpm_plan *plan, const char *text);

/* Adds the deletions: what is ours and no longer declared or needed. Comes last. */
void zpm_planner_prune(const struct zpm_planner *planner);

#endif
