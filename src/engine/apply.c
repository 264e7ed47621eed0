/*
 * The scheduler: which step may start, and what the end of one means for the
 * others. It runs in the caller's thread; workers only write.
 */
#include "engine/applier.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

const char *const zpm_result_names[ZPM_RESULT_COUNT] = {
	[ZPM_RESULT_CONVERGED] = "converged",
	[ZPM_RESULT_APPLIED] = "applied",
	[ZPM_RESULT_PARTIAL] = "partial",
	[ZPM_RESULT_FAILED] = "failed",
	[ZPM_RESULT_REFUSED] = "refused",
};

/* Between two looks at the tasks, and between two calls of progress. */
#define LOOK_EVERY (200 * ZPM_MS)
#define TICK       (100 * ZPM_MS)

#define MAX_WORKERS 64

static struct zpm_run *run_of(struct zpm_applier *applier, const struct zpm_step *step)
{
	return &applier->runs.v[step->index];
}

static bool is_over(const struct zpm_run *run)
{
	return run->state >= ZPM_STEP_DONE;
}

static void settle(struct zpm_applier *applier, struct zpm_run *run, enum zpm_step_state state);

static void skip(struct zpm_applier *applier, struct zpm_run *run, const char *because)
{
	if (is_over(run))
		return;
	snprintf(run->why, sizeof(run->why), "%s", because);
	settle(applier, run, ZPM_STEP_SKIPPED);
}

/* A gate is done the moment it is reached. */
static void make_ready(struct zpm_applier *applier, struct zpm_run *run)
{
	if (run->step->op == ZPM_OP_GATE) {
		settle(applier, run, ZPM_STEP_DONE);
		return;
	}
	run->state = ZPM_STEP_READY;
	applier->queue[applier->queued++] = run;
	pthread_cond_signal(&applier->work);
}

/* Why the steps behind this one are skipped: a gate passes on what closed it. */
static void because_of(const struct zpm_run *run, char *text, size_t size)
{
	if (run->state == ZPM_STEP_SKIPPED)
		snprintf(text, size, "%s", run->why);
	else
		snprintf(text, size, "%s failed", run->step->label);
}

/* The end of a run. Recursion is as deep as the graph is long only when steps are skipped or gates. */
static void settle(struct zpm_applier *applier, struct zpm_run *run, enum zpm_step_state state)
{
	run->state = state;
	run->ended = zpm_clock_now();
	for (size_t i = 0; i < run->step->next.n; i++) {
		struct zpm_run *next = run_of(applier, run->step->next.v[i]);
		char because[sizeof(run->why)];

		if (state == ZPM_STEP_DONE) {
			if (--next->waits == 0 && next->state == ZPM_STEP_WAITING)
				make_ready(applier, next);
		} else {
			because_of(run, because, sizeof(because));
			skip(applier, next, because);
		}
	}
}

static void finish_write(
	struct zpm_applier *applier, struct zpm_run *run, int result, const struct zpm_err *err)
{
	if (result < 0) {
		snprintf(run->why, sizeof(run->why), "%s", err->msg);
		settle(applier, run, ZPM_STEP_FAILED);
	} else if (zpm_applier_awaits(applier, run)) {
		run->state = ZPM_STEP_AWAITING;
	} else {
		settle(applier, run, ZPM_STEP_DONE);
	}
}

static void *worker(void *arg)
{
	struct zpm_applier *applier = arg;

	pthread_mutex_lock(&applier->lock);
	while (true) {
		struct zpm_err err = { 0 };
		struct zpm_run *run;
		int result;

		while (applier->taken == applier->queued && !applier->closed)
			pthread_cond_wait(&applier->work, &applier->lock);
		if (applier->taken == applier->queued)
			break;
		run = applier->queue[applier->taken++];
		if (run->state != ZPM_STEP_READY)
			continue; /* skipped meanwhile */
		run->state = ZPM_STEP_WRITING;
		run->started = zpm_clock_now();
		pthread_mutex_unlock(&applier->lock);
		result = zpm_applier_write(applier, run, &err);
		pthread_mutex_lock(&applier->lock);
		finish_write(applier, run, result, &err);
		pthread_cond_signal(&applier->changed);
	}
	pthread_mutex_unlock(&applier->lock);
	return NULL;
}

struct tally {
	size_t open, in_flight, awaiting;
};

static struct tally count_runs(const struct zpm_applier *applier)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < applier->runs.n; i++) {
		enum zpm_step_state state = applier->runs.v[i].state;

		tally.open += state < ZPM_STEP_DONE;
		tally.in_flight += state == ZPM_STEP_WRITING || state == ZPM_STEP_AWAITING;
		tally.awaiting += state == ZPM_STEP_AWAITING;
	}
	return tally;
}

static void stop_starting(struct zpm_applier *applier)
{
	for (size_t i = 0; i < applier->runs.n; i++)
		if (applier->runs.v[i].state <= ZPM_STEP_READY)
			skip(applier, &applier->runs.v[i], "interrupted");
}

static void stop_awaiting(struct zpm_applier *applier, const char *format)
{
	for (size_t i = 0; i < applier->runs.n; i++) {
		struct zpm_run *run = &applier->runs.v[i];

		if (run->state != ZPM_STEP_AWAITING)
			continue;
		snprintf(run->why, sizeof(run->why), "%s%s%s", format, run->verdict.why[0] ? ": " : "",
			run->verdict.why);
		settle(applier, run, ZPM_STEP_FAILED);
	}
}

static void heed_operator(struct zpm_applier *applier)
{
	int interrupts = applier->options->interrupts ? *applier->options->interrupts : 0;

	if (interrupts >= 1)
		stop_starting(applier);
	if (interrupts >= 2)
		stop_awaiting(applier, "interrupted before it converged");
	if (zpm_clock_now() >= applier->deadline)
		stop_awaiting(applier, "not converged in time");
}

static void wait_for_change(struct zpm_applier *applier)
{
	struct timespec until;
	int64_t at;

	clock_gettime(CLOCK_MONOTONIC, &until);
	at = until.tv_sec * ZPM_S + until.tv_nsec + TICK;
	until = (struct timespec){ .tv_sec = at / ZPM_S, .tv_nsec = at % ZPM_S };
	pthread_cond_timedwait(&applier->changed, &applier->lock, &until);
}

static void tell_progress(struct zpm_applier *applier)
{
	if (applier->options->progress)
		applier->options->progress(applier->options->ctx, &applier->runs);
}

static void schedule(struct zpm_applier *applier)
{
	int64_t looked = 0, told = 0;

	for (size_t i = 0; i < applier->runs.n; i++)
		if (applier->runs.v[i].step->blocked)
			skip(applier, &applier->runs.v[i], applier->runs.v[i].step->blocked);
	for (size_t i = 0; i < applier->runs.n; i++)
		if (!applier->runs.v[i].waits && applier->runs.v[i].state == ZPM_STEP_WAITING)
			make_ready(applier, &applier->runs.v[i]);
	while (true) {
		struct tally tally;
		int64_t now;

		heed_operator(applier);
		tally = count_runs(applier);
		if (!tally.open)
			break;
		now = zpm_clock_now();
		if (now - told >= TICK) {
			tell_progress(applier);
			told = now;
		}
		if (tally.awaiting && now - looked >= LOOK_EVERY) {
			zpm_applier_look(applier, settle);
			looked = zpm_clock_now();
		} else {
			wait_for_change(applier);
		}
	}
	tell_progress(applier);
}

static void prepare(struct zpm_applier *applier)
{
	struct zpm_arena *arena = applier->session->arena;
	pthread_condattr_t monotonic;

	applier->graph = zpm_graph_new(applier->session->plan, arena);
	applier->runs.n = applier->graph->steps.n;
	applier->runs.v = zpm_arena_alloc(arena, applier->runs.n * sizeof(*applier->runs.v));
	applier->queue = zpm_arena_alloc(arena, applier->runs.n * sizeof(struct zpm_run *));
	for (size_t i = 0; i < applier->runs.n; i++) {
		const struct zpm_step *step = applier->graph->steps.v[i];

		applier->runs.v[i].step = step;
		applier->runs.v[i].want = step->change ? step->change->want : NULL;
		applier->runs.v[i].waits = step->waits;
	}
	applier->deadline = zpm_clock_now() + applier->options->timeout;
	pthread_mutex_init(&applier->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&applier->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_cond_init(&applier->work, NULL);
}

/* A set or setup keeps a worker busy until it has converged, and all of them do so at once. */
static unsigned count_busy(const struct zpm_applier *applier)
{
	unsigned n = 0;

	for (size_t i = 0; i < applier->runs.n; i++) {
		const struct zpm_change *change = applier->runs.v[i].step->change;
		enum zpm_kind_id kind = change ? zpm_change_object(change)->kind->id : ZPM_KIND_COUNT;

		n += kind == ZPM_KIND_REPLICA_SET || kind == ZPM_KIND_SETUP;
	}
	return n;
}

static void run_workers(struct zpm_applier *applier)
{
	unsigned n = applier->options->parallel + count_busy(applier), started = 0;
	pthread_t workers[MAX_WORKERS];

	if (n < 1 || n > MAX_WORKERS)
		n = n ? MAX_WORKERS : 1;
	if (n > applier->runs.n)
		n = (unsigned)applier->runs.n;
	while (started < n && !pthread_create(&workers[started], NULL, worker, applier))
		started++;
	if (!started && n) {
		fputs("zpm: cannot start a thread\n", stderr);
		abort();
	}
	pthread_mutex_lock(&applier->lock);
	schedule(applier);
	applier->closed = true;
	pthread_cond_broadcast(&applier->work);
	pthread_mutex_unlock(&applier->lock);
	while (started)
		pthread_join(workers[--started], NULL);
}

/* What waits for an operator to end a hold has not failed. */
static bool holds_back(const struct zpm_applier *applier)
{
	bool held = false;

	for (size_t i = 0; i < applier->runs.n; i++)
		held |= applier->runs.v[i].step->blocked != NULL;
	return held;
}

static enum zpm_result judge(const struct zpm_applier *applier, unsigned writes)
{
	bool failed = false, unconverged = applier->session->plan->troubles.n, held = holds_back(applier);

	for (size_t i = 0; i < applier->runs.n; i++) {
		const struct zpm_run *run = &applier->runs.v[i];

		if (run->step->change && run->step->change->quarantine)
			unconverged = true;
		if (run->step->op == ZPM_OP_GATE || run->state == ZPM_STEP_DONE)
			continue;
		if (run->step->op == ZPM_OP_VERIFY || (held && run->state == ZPM_STEP_SKIPPED))
			unconverged = true;
		else
			failed = true;
	}
	if (failed && !writes)
		return ZPM_RESULT_FAILED;
	if (failed || unconverged)
		return ZPM_RESULT_PARTIAL;
	return applier->options->no_wait ? ZPM_RESULT_APPLIED : ZPM_RESULT_CONVERGED;
}

void zpm_apply(
	struct zpm_session *session, const struct zpm_apply_options *options, struct zpm_outcome *outcome)
{
	struct zpm_applier applier = { .session = session, .options = options };
	unsigned before = zpm_world_writes(session->world);
	unsigned mongo_before = zpm_world_mongo_writes(session->world);
	int64_t start = zpm_clock_now();

	prepare(&applier);
	run_workers(&applier);
	pthread_cond_destroy(&applier.work);
	pthread_cond_destroy(&applier.changed);
	pthread_mutex_destroy(&applier.lock);
	outcome->graph = applier.graph;
	outcome->runs = applier.runs;
	outcome->writes = zpm_world_writes(session->world) - before;
	outcome->mongo_writes = zpm_world_mongo_writes(session->world) - mongo_before;
	outcome->seconds = zpm_clock_seconds_since(start);
	outcome->interrupted = options->interrupts && *options->interrupts;
	outcome->result = judge(&applier, outcome->writes + outcome->mongo_writes);
}
