/* The inside of an apply, shared by its scheduler, its workers and its watcher. */
#ifndef ZPM_ENGINE_APPLIER_H
#define ZPM_ENGINE_APPLIER_H

#include "engine/apply.h"

#include <pthread.h>

struct zpm_applier {
	struct zpm_session *session;
	const struct zpm_apply_options *options;
	struct zpm_graph *graph;
	struct zpm_runs runs;
	int64_t deadline;

	/* Guards all below and every run's state. */
	pthread_mutex_t lock;
	pthread_cond_t work;    /* a run became ready, or there is no more */
	pthread_cond_t changed; /* a worker finished a run's write */
	struct zpm_run **queue; /* ready runs, first in first out; never longer than runs.n */
	size_t queued, taken;
	bool closed; /* workers go home */
};

/* Does a step's write, without the lock held. Sets run->id. */
int zpm_applier_write(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err);

/* Must the run be awaited once it is written? */
bool zpm_applier_awaits(const struct zpm_applier *applier, const struct zpm_run *run);

/*
 * Looks at all awaiting runs with one list call, the lock held on entry and
 * exit but not in between. Calls `settle` for each that is over.
 */
void zpm_applier_look(struct zpm_applier *applier,
	void (*settle)(struct zpm_applier *, struct zpm_run *, enum zpm_step_state));

#endif
