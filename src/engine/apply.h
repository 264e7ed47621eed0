/*
 * Executing a plan: its graph's steps in parallel, each write by a worker,
 * and one look at all awaited services at a time. Blocks until every step is
 * done, has failed or was skipped.
 */
#ifndef ZPM_ENGINE_APPLY_H
#define ZPM_ENGINE_APPLY_H

#include "engine/session.h"
#include "plan/graph.h"
#include "plan/health.h"

#include <stdatomic.h>

enum zpm_step_state {
	ZPM_STEP_WAITING,  /* for other steps */
	ZPM_STEP_READY,    /* for a worker */
	ZPM_STEP_WRITING,  /* the Engine is being told */
	ZPM_STEP_AWAITING, /* told; its tasks are on their way */
	ZPM_STEP_DONE,
	ZPM_STEP_FAILED,
	ZPM_STEP_SKIPPED,
};

/* A step and how far it has come. */
struct zpm_run {
	const struct zpm_step *step;
	const struct zpm_object *want; /* what is awaited; NULL for gates and removals */
	enum zpm_step_state state;
	size_t waits;
	int64_t started, ended; /* monotonic nanoseconds; 0: not yet */
	const char *id;         /* the Engine's id of the service */
	struct zpm_watch watch;
	struct zpm_verdict verdict; /* of the last look at its tasks */
	const char *output;         /* what a failed setup command wrote last; NULL: nothing */
	char why[512];              /* why it failed, or because of what it was skipped */
};

struct zpm_runs {
	struct zpm_run *v; /* in the order of the graph's steps */
	size_t n;
};

struct zpm_apply_options {
	unsigned parallel; /* requests in flight */
	int64_t timeout;   /* nanoseconds until what is awaited counts as failed */
	bool no_wait;      /* done when the Engine has accepted it */
	/* How often the operator interrupted: from 1 no step starts, from 2 nothing is awaited. */
	const atomic_int *interrupts;
	/* Called by the thread that applies, about ten times a second and at the end. May be NULL. */
	void (*progress)(void *ctx, const struct zpm_runs *runs);
	void *ctx;
};

enum zpm_result {
	ZPM_RESULT_CONVERGED,
	ZPM_RESULT_APPLIED, /* accepted, and not waited for */
	ZPM_RESULT_PARTIAL, /* something failed, was skipped, or has not converged */
	ZPM_RESULT_FAILED,  /* and nothing was changed */
	ZPM_RESULT_REFUSED,
	ZPM_RESULT_COUNT,
};

extern const char *const zpm_result_names[ZPM_RESULT_COUNT];

struct zpm_outcome {
	enum zpm_result result;
	struct zpm_graph *graph;
	struct zpm_runs runs; /* in the session's arena */
	unsigned writes, mongo_writes;
	double seconds;
	bool interrupted;
};

/* Applies the session's plan. Never fails as a whole: what went wrong is in the runs. */
void zpm_apply(
	struct zpm_session *session, const struct zpm_apply_options *options, struct zpm_outcome *outcome);

#endif
