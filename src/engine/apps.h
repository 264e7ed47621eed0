/* What the platform's database adds to the manifest: apps, and the state of features. */
#ifndef ZPM_ENGINE_APPS_H
#define ZPM_ENGINE_APPS_H

#include "engine/session.h"
#include "plan/apps.h"

/* Does the manifest leave anything to the database? */
bool zpm_apps_are_declared(const struct zpm_platform *platform);

/*
 * Reads the catalog, and adds what it says. All of it is in the arena of what the session has observed.
 * Blocks on MongoDB; never fails: see zpm_objects' troubles. The returned plan goes on with
 * zpm_apps_leave() when `platform` is expanded.
 */
struct zpm_apps_plan *zpm_session_apps(
	const struct zpm_session *session, const struct zpm_platform **platform);

#endif
