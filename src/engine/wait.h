/* Waiting inside a step that takes more than one write. Internal to engine/. */
#ifndef ZPM_ENGINE_WAIT_H
#define ZPM_ENGINE_WAIT_H

#include "engine/applier.h"

/* For what takes as long as it takes: until the apply's own time-out. */
#define ZPM_WAIT_LONG INT64_MAX

struct zpm_wait {
	struct zpm_applier *applier;
	struct zpm_run *run;
	int64_t since; /* the last progress */
	bool given_up; /* nobody waits for anything: what is left is for the next apply */
};

void zpm_wait_begin(struct zpm_wait *wait, struct zpm_applier *applier, struct zpm_run *run);

/* Something has been achieved: patience begins anew. */
void zpm_wait_progress(struct zpm_wait *wait);

/* Tells what is being done. */
void zpm_wait_tell(const struct zpm_wait *wait, const char *what);

/*
 * Tells what is waited for, and waits a moment. Fails when there was no progress for as long
 * as `patience`, the apply's time is over, or the operator has interrupted: `why` is in the error then. An
 * apply that does not wait gives up, which is no failure.
 */
int zpm_wait_for(struct zpm_wait *wait, int64_t patience, const char *why, struct zpm_err *err);

#endif
