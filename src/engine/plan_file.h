/*
 * A plan in a file, to be applied later or not at all: as it was shown, and
 * bound to the manifest and to every object it relied on.
 *
 * What is executed is always a plan made anew. The file only says what that
 * has to be, so nothing that is written into one can do harm.
 */
#ifndef ZPM_ENGINE_PLAN_FILE_H
#define ZPM_ENGINE_PLAN_FILE_H

#include "engine/session.h"
#include "plan/bound.h"

struct json_object;

struct zpm_plan_file {
	const char *path;
	const char *platform, *manifest_hash;
	struct zpm_plan_options options; /* that it was made with */
	struct zpm_strs targets;         /* that the plan was narrowed to */
	struct zpm_ptrs bounds;          /* struct zpm_bound */
	struct json_object *plan;        /* as it was shown as JSON */
};

/* Saves the session's plan, which is `plan` as JSON. Replaces a file of that name. */
int zpm_plan_file_write(
	const char *path, const struct zpm_session *session, struct json_object *plan, struct zpm_err *err);

/*
 * ZPM_EINVALID when it is no plan file of this format. The text is the arena's, `file->plan` the
 * caller's until zpm_plan_file_dispose(), which may be called after a failure too.
 */
int zpm_plan_file_read(
	const char *path, struct zpm_arena *arena, struct zpm_plan_file *file, struct zpm_err *err);
void zpm_plan_file_dispose(struct zpm_plan_file *file);

/* Is it of this manifest? ZPM_EINVALID: of another platform. ZPM_EREFUSED: the manifest has changed. */
int zpm_plan_file_check(
	const struct zpm_plan_file *file, const struct zpm_session *session, struct zpm_err *err);

/* Adds a line for each object that has moved since; the session has observed. */
void zpm_plan_file_moved(
	const struct zpm_plan_file *file, const struct zpm_session *session, struct zpm_strs *moved);

/* Adds a line for each change that is not the same in the plan of now. */
void zpm_plan_file_differs(const struct zpm_plan_file *file, struct json_object *now, struct zpm_arena *arena,
	struct zpm_strs *differs);

#endif
