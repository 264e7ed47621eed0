/*
 * How fast a continuous reconciler goes on with each object: what fails is tried again ever more
 * seldom, and what somebody keeps changing back is repaired only so often. Pure.
 */
#ifndef ZPM_PLAN_PACE_H
#define ZPM_PLAN_PACE_H

#include "plan/plan.h"

struct zpm_pace;

struct zpm_pace *zpm_pace_new(void);
void zpm_pace_free(struct zpm_pace *pace);

/* So many changes of one object in a row are made at once, and then one in each ZPM_PACE_REFILL. */
#define ZPM_PACE_BURST  20
#define ZPM_PACE_REFILL (15 * 1000000000LL)

/* Blocks the changes whose time has not come. Returns when that of the first one comes, on the clock of
 * `now`; INT64_MAX: none has to wait. */
int64_t zpm_pace_hold(struct zpm_pace *pace, struct zpm_plan *plan, int64_t now);

/* A change of the object, "kind/name", was tried. */
void zpm_pace_note(struct zpm_pace *pace, const char *ref, bool failed, int64_t now);

/* The manifest is another one: whatever failed may go well now. */
void zpm_pace_forget(struct zpm_pace *pace);

/* Did somebody change it, or remove it, who is not the manifest? Not told apart from what is declared for
 * the first time: only for plans of a manifest that has been applied. */
bool zpm_change_is_drift(const struct zpm_change *change);

/* Blocks the drift of a plan, where it is only to be reported. Returns how much there is. */
size_t zpm_pace_leave_drift(struct zpm_plan *plan);

/* Are there changes that are not blocked? */
bool zpm_plan_has_work(const struct zpm_plan *plan);

#endif
