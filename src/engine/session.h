/*
 * One look at the world: the manifest loaded, its objects expanded, the
 * Engine's objects observed, the plan made. A session is read-only; applying
 * its plan is apply.h's.
 */
#ifndef ZPM_ENGINE_SESSION_H
#define ZPM_ENGINE_SESSION_H

#include "driver/driver.h"
#include "manifest/manifest.h"
#include "manifest/notify_files.h"
#include "plan/operate.h"

struct zpm_session_options {
	const char *manifest; /* a path, or "-" */
	struct zpm_manifest_vars vars;
	struct zpm_strs targets; /* plan only for these, "kind/name"; none: for all */
	struct zpm_plan_options plan;
	const char *endpoint; /* overrides DOCKER_HOST, which overrides the manifest; NULL: does not */
};

struct zpm_session {
	struct zpm_arena *arena;
	struct zpm_strs targets;
	struct zpm_plan_options options;
	struct zpm_manifest *manifest;
	struct zpm_objects *declared;        /* as the manifest alone has them */
	const struct zpm_platform *settled;  /* the manifest's with what the database says */
	const struct zpm_platform *platform; /* the same with the roles that a failover has moved */
	struct zpm_apps_plan
		*apps; /* what the database says; NULL: nothing is left to it, or not asked yet */
	struct zpm_access access;
	struct zpm_strs warnings; /* what a person should know before anything is done */
	struct zpm_world *world;
	struct zpm_objects *desired, *have; /* desired with `apps`, it is in the arena of `have` */
	struct zpm_plan *plan;              /* NULL until one is made */
	struct zpm_session
		*replaced;    /* the manifest's, where this is an earlier revision in its place; owned */
	struct zpm_ptrs pins; /* struct zpm_pin, looked up with the first plan */
	bool pinned;
	struct zpm_strs notes; /* what the operator should know, and how many have been told */
	size_t told;
};

/*
 * Loads and expands; talks to nobody. The session is there even on failure,
 * for its diagnostics: with ZPM_EINVALID and `manifest->diags` not empty the
 * manifest is wrong. The caller frees it.
 */
int zpm_session_load(
	const struct zpm_session_options *options, struct zpm_session **out, struct zpm_err *err);

/* The same from what zpm_manifest_store() has made, with files looked for in `folder`. */
int zpm_session_restore(const struct zpm_session_options *options, const char *text, const char *folder,
	struct zpm_session **out, struct zpm_err *err);

/*
 * Has a restored session take the place of another one, which it owns from then on: how zpm itself goes about
 * (reconcile, api, notify) stays as that has it, as otherwise a way back could lock out who went it.
 */
void zpm_session_replace(struct zpm_session *session, struct zpm_session *replaced);

/* Connects to the Engine, unless it is already: `world` is there then. Observing does it too. */
int zpm_session_connect(struct zpm_session *session, struct zpm_err *err);

/* Observes, and asks the database what it adds: `have`, `apps` and `desired` are there then. */
int zpm_session_observe(struct zpm_session *session, struct zpm_err *err);

/* Observes and plans, anew each time. Blocks on the Engine. */
int zpm_session_plan(struct zpm_session *session, struct zpm_err *err);

/* Observes and plans the removal of all the platform owns. */
int zpm_session_plan_destroy(struct zpm_session *session, bool volumes, struct zpm_err *err);

/* Observes and plans what an operator asks for, and nothing else. ZPM_EINVALID: there is no such service. */
int zpm_session_plan_operate(
	struct zpm_session *session, const struct zpm_request *request, struct zpm_err *err);

/*
 * Observes and plans to make a host active, or with NULL to have the manifest's roles again. `why` gets the
 * reasons not to do so now; the plan is there then too. ZPM_EINVALID: the host cannot be active at all, or
 * there is nothing to call back.
 */
int zpm_session_plan_failover(
	struct zpm_session *session, const char *to, struct zpm_strs *why, struct zpm_err *err);

/* Observes, and finds one of the platform's services. ZPM_EREFUSED: it is somebody else's. */
int zpm_session_find(struct zpm_session *session, const char *name, const struct zpm_object **service,
	struct zpm_err *err);

/*
 * What the operator should know and no plan says, as why an image could not be
 * pinned: each note once, then NULL. The session's.
 */
const char *zpm_session_note(struct zpm_session *session);

/* "sha256:..." of what the manifest means, not of how it is spelled. */
const char *zpm_session_manifest_hash(const struct zpm_session *session, struct zpm_arena *arena);

/* What the files of the section `api` hold, as zpm_manifest_api_files() has it. */
int zpm_session_api_files(const struct zpm_session *session, const struct zpm_api_section *section,
	struct zpm_vault *vault, struct zpm_arena *arena, struct zpm_api_files *out, struct zpm_err *err);

/* Adds a struct zpm_notify_target for each webhook of the manifest, as zpm_manifest_notify_files() has it. */
int zpm_session_notify_files(const struct zpm_session *session, struct zpm_vault *vault,
	struct zpm_arena *arena, struct zpm_ptrs *targets, struct zpm_err *err);

/* Removes what `zpm run` keeps of the platform in the Swarm (driver/record.h). The session is connected. */
int zpm_session_forget(const struct zpm_session *session, struct zpm_err *err);

void zpm_session_free(struct zpm_session *session);

#endif
