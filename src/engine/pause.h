/* Whether somebody has told `zpm run` to leave a platform alone: a record in the Swarm, so that all heed it.
 */
#ifndef ZPM_ENGINE_PAUSE_H
#define ZPM_ENGINE_PAUSE_H

#include "driver/record.h"

/* `*paused`, in the arena: "paused by alice since 2026-03-01T12:00:00Z: reason", or NULL. */
int zpm_pause_read(struct zpm_records *records, const char *platform, struct zpm_arena *arena,
	const char **paused, struct zpm_err *err);

/* `reason` may be NULL. Who is paused already stays so, for the reason given then. */
int zpm_pause(struct zpm_records *records, const char *platform, const char *by, const char *reason,
	struct zpm_err *err);

int zpm_resume(struct zpm_records *records, const char *platform, struct zpm_err *err);

#endif
