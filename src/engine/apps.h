/* What the platform's database adds to the manifest: apps, and the state of features. */
#ifndef ZPM_ENGINE_APPS_H
#define ZPM_ENGINE_APPS_H

#include "engine/session.h"
#include "plan/apps.h"

/* Does the manifest leave anything to the database? */
bool zpm_apps_are_declared(const struct zpm_platform *platform);

/*
 * What a catalog adds to the platform, beside what is there. All of it is in the arena of `have`; it shares
 * memory with the others, which have to last. Never fails: see the plan's troubles. The plan goes on with
 * zpm_apps_leave() when `platform` is expanded.
 */
struct zpm_apps_plan *zpm_apps_decide(const struct zpm_manifest *manifest, const struct zpm_catalog *catalog,
	const struct zpm_objects *have, const struct zpm_platform **platform);

/* Reads the catalog of the session's platform, and decides. Blocks on MongoDB. */
struct zpm_apps_plan *zpm_session_apps(
	const struct zpm_session *session, const struct zpm_platform **platform);

#endif
