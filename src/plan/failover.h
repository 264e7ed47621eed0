/*
 * Roles that an operator has moved, which the manifest does not know of: a label on the node of each
 * host concerned is the record, and holds until the manifest says the same, or somebody calls it back. Pure.
 */
#ifndef ZPM_PLAN_FAILOVER_H
#define ZPM_PLAN_FAILOVER_H

#include "model/object.h"
#include "model/platform.h"

/*
 * The platform with the roles that the record on the observed nodes says; the declared one where there is
 * no record, or where it does not fit any more, which `note` (may be set to NULL) tells. In the arena.
 */
const struct zpm_platform *zpm_failover_recorded(const struct zpm_platform *declared,
	const struct zpm_objects *have, struct zpm_arena *arena, const char **note);

/*
 * The platform with the role `active` on another host, whose role the one that is active gets.
 * NULL, and `err` set: there is no such host, it has no role to give, or is active already.
 */
const struct zpm_platform *zpm_failover_to(
	const struct zpm_platform *platform, const char *name, struct zpm_arena *arena, struct zpm_err *err);

/* The name of the host that is active; NULL: none is. */
const char *zpm_failover_active(const struct zpm_platform *platform);

/* Is any role other than the manifest says? */
bool zpm_failover_is_on(const struct zpm_platform *platform);

/* Adds why the host must not become active now: a line for each set whose member there could not lead. */
void zpm_failover_check(const struct zpm_objects *desired, const struct zpm_objects *have, const char *host,
	struct zpm_arena *arena, struct zpm_strs *why);

#endif
