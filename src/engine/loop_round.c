/* One look at the world, and what is done about it. See loop.h. */
#include "engine/loop_parts.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "engine/pause.h"
#include "engine/status.h"
#include "model/replica_set.h"
#include "model/window.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A session keeps what each of its rounds has left behind; a new one begins after so many. */
#define ROUNDS_OF_A_SESSION 200
#define FIRST_PAUSE         ZPM_S
#define LONGEST_PAUSE       (60 * ZPM_S)
/* What has just been changed is looked at again so soon. */
#define AFTER_CHANGES (500 * ZPM_MS)
/* Somebody's change is not left waiting for longer by what an apply still waits for. */
#define PATIENCE_WITH_NEWS (3 * ZPM_S)
#define SHOW_EVERY         (1 * ZPM_S)
/* What the Engine tells so soon after a write is about that. */
#define ECHO (1 * ZPM_S)

/* What a round knows. */
struct round {
	struct zpm_loop *loop;
	struct zpm_arena *arena;
	struct zpm_ptrs statuses;
	const char *paused;
	struct zpm_lease_view lease;
};

static void set_due(struct zpm_loop *loop, int64_t wait)
{
	int64_t due = zpm_clock_now() + wait;

	if (due < loop->due)
		loop->due = due;
}

/* The lease may have changed hands since the last round. */
static void take_lease(struct round *round)
{
	struct zpm_loop *loop = round->loop;
	bool leads = zpm_lease_holds(loop->lease);

	round->lease = zpm_lease_view(loop->lease);
	if (leads == loop->leads)
		return;
	loop->leads = leads;
	if (leads)
		zpm_loop_tell(
			loop, ZPM_LOOP_LEADS, "holds the lease, term %lld", (long long)round->lease.term);
	else
		zpm_loop_tell(loop, ZPM_LOOP_FOLLOWS, "looks on; the lease is held by %s",
			*round->lease.holder ? round->lease.holder : "nobody");
}

static int take_pause(struct round *round, struct zpm_err *err)
{
	struct zpm_loop *loop = round->loop;

	if (zpm_pause_read(loop->records, loop->platform, round->arena, &round->paused, err) < 0)
		return -1;
	if (loop->paused == !!round->paused)
		return 0;
	loop->paused = round->paused;
	if (round->paused)
		zpm_loop_tell(loop, ZPM_LOOP_PAUSED, "%s", round->paused);
	else
		zpm_loop_tell(loop, ZPM_LOOP_RESUMED, "goes on");
	return 0;
}

static bool is_open(const struct zpm_loop *loop)
{
	time_t now = (time_t)(zpm_clock_wall() / ZPM_S);
	struct tm local;

	localtime_r(&now, &local);
	return zpm_windows_open(&loop->rules.windows, &local);
}

static void tell_of(const struct zpm_loop *loop, const char *ref, bool there)
{
	zpm_metric_add(ZPM_METRIC_DRIFT, 1);
	zpm_loop_tell(
		loop, ZPM_LOOP_DRIFT, "%s: %s", ref, there ? "changed by somebody" : "removed by somebody");
}

/* Once for each, as long as it lasts. */
static void tell_drift(struct zpm_loop *loop)
{
	const struct zpm_ptrs *changes = &loop->session->plan->changes;
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_strs drifted = { 0 };

	for (size_t i = 0; loop->settled && i < changes->n; i++) {
		const struct zpm_change *change = changes->v[i];
		const char *ref = zpm_object_ref(zpm_change_object(change), arena);

		if (!zpm_change_is_drift(change))
			continue;
		if (!zpm_strs_have(&loop->drifted, ref))
			tell_of(loop, ref, change->have);
		zpm_strs_push(arena, &drifted, ref);
	}
	zpm_arena_free(loop->told);
	loop->told = arena;
	loop->drifted = drifted;
}

static const char *primary_of(const struct zpm_set_view *view)
{
	for (size_t i = 0; view && i < view->members.n; i++) {
		const struct zpm_member_view *member = view->members.v[i];

		if (member->state == ZPM_MEMBER_PRIMARY)
			return member->host;
	}
	return NULL;
}

/* While a set elects, the one before is remembered. */
static void tell_failover(const struct round *round)
{
	struct zpm_loop *loop = round->loop;

	for (size_t i = 0; i < round->statuses.n; i++) {
		const struct zpm_status *status = round->statuses.v[i];
		const char *name = status->object->name, *now = primary_of(status->set);
		const char *before = zpm_pairs_get(&loop->primaries, name);

		if (!now || (before && !strcmp(now, before)))
			continue;
		if (before)
			zpm_loop_tell(loop, ZPM_LOOP_FAILOVER, "replica-set/%s: primary %s -> %s", name,
				before, now);
		zpm_pairs_set(loop->arena, &loop->primaries, zpm_arena_strdup(loop->arena, name),
			zpm_arena_strdup(loop->arena, now));
	}
}

static bool only_waits(const struct zpm_runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		if (runs->v[i].state == ZPM_STEP_WRITING || runs->v[i].state == ZPM_STEP_READY)
			return false;
	return true;
}

/* In the middle of an apply, now and then. */
struct applying {
	struct zpm_loop *loop;
	int64_t written; /* when something was last being written */
	int64_t shown;   /* when somebody was last told how far it has come */
	int64_t news;    /* since when something has happened that asks for a round; 0: nothing has */
};

static void watch_apply(void *ctx, const struct zpm_runs *runs)
{
	struct applying *applying = ctx;
	struct zpm_loop *loop = applying->loop;
	const struct zpm_loop_observer *observer = &loop->options->observer;
	bool news = zpm_loop_poll(loop, 0);
	int64_t now = zpm_clock_now();

	if (observer->alive)
		observer->alive(observer->ctx);
	if (observer->runs && now - applying->shown >= SHOW_EVERY) {
		applying->shown = now;
		observer->runs(observer->ctx, runs);
	}
	if (!only_waits(runs)) {
		applying->written = now;
		applying->news = 0;
	} else if (news && !applying->news && now - applying->written > ECHO) {
		applying->news = now;
	}
	if (loop->ending || loop->reread || loop->asked || !zpm_lease_holds(loop->lease) ||
		(applying->news && now - applying->news > PATIENCE_WITH_NEWS))
		loop->interrupts = 2;
}

/* What was interrupted has neither failed nor gone well. */
static void note_runs(struct zpm_loop *loop, const struct zpm_outcome *outcome)
{
	struct zpm_arena *arena = zpm_arena_new();
	int64_t now = zpm_clock_now();

	for (size_t i = 0; i < outcome->runs.n; i++) {
		const struct zpm_run *run = &outcome->runs.v[i];
		bool failed = run->state == ZPM_STEP_FAILED;
		bool written = run->step->change && run->step->change->action != ZPM_ACTION_KEEP;

		if (!written || !(failed || run->state == ZPM_STEP_DONE) || (failed && outcome->interrupted))
			continue;
		zpm_pace_note(
			loop->pace, zpm_object_ref(zpm_change_object(run->step->change), arena), failed, now);
	}
	zpm_arena_free(arena);
}

static const char *first_failure(const struct zpm_outcome *outcome)
{
	for (size_t i = 0; i < outcome->runs.n; i++)
		if (outcome->runs.v[i].state == ZPM_STEP_FAILED)
			return outcome->runs.v[i].why;
	return "not all that depends on one another runs yet";
}

static void tell_outcome(struct zpm_loop *loop, const struct zpm_outcome *outcome)
{
	unsigned writes = outcome->writes + outcome->mongo_writes;

	if (outcome->result == ZPM_RESULT_CONVERGED)
		zpm_loop_tell(loop, ZPM_LOOP_CONVERGED, "converged with %u writes in %.1f s", writes,
			outcome->seconds);
	else if (outcome->interrupted)
		zpm_loop_tell(loop, ZPM_LOOP_INTERRUPTED, "something has changed meanwhile, after %u writes",
			writes);
	else
		zpm_loop_tell(loop, ZPM_LOOP_PARTIAL, "%u writes in %.1f s: %s", writes, outcome->seconds,
			first_failure(outcome));
}

static void count(const struct zpm_outcome *outcome)
{
	zpm_metric_add(ZPM_METRIC_APPLIES, 1);
	zpm_timing_add(ZPM_TIMING_APPLY, (int64_t)(outcome->seconds * ZPM_S));
	for (size_t i = 0; i < outcome->runs.n; i++) {
		const struct zpm_run *run = &outcome->runs.v[i];
		bool failed = run->state == ZPM_STEP_FAILED;

		if (!failed && run->state != ZPM_STEP_DONE)
			continue;
		zpm_metric_add(ZPM_METRIC_STEPS, 1);
		zpm_metric_add(ZPM_METRIC_STEP_FAILURES, failed);
		zpm_timing_add(ZPM_TIMING_STEP, run->ended - run->started);
	}
}

static void apply(struct zpm_loop *loop, struct zpm_outcome *outcome)
{
	struct applying applying = { .loop = loop };
	const struct zpm_apply_options options = {
		.parallel = loop->options->parallel,
		.timeout = loop->options->timeout,
		.interrupts = &loop->interrupts,
		.progress = watch_apply,
		.ctx = &applying,
	};
	const struct zpm_guard guard = { zpm_lease_guard, loop->lease };

	loop->interrupts = 0;
	zpm_world_guard(loop->session->world, &guard);
	zpm_loop_tell(loop, ZPM_LOOP_APPLIES, "%zu changes", loop->session->plan->changes.n);
	zpm_apply(loop->session, &options, outcome);
	count(outcome);
	note_runs(loop, outcome);
	tell_outcome(loop, outcome);
	/* What was interrupted is begun anew, and noted then. */
	if (!outcome->interrupted) {
		loop->settled = true;
		zpm_loop_record(loop, outcome);
	}
	loop->behind = outcome->result != ZPM_RESULT_CONVERGED;
	loop->looks = 0;
	set_due(loop, AFTER_CHANGES);
}

/* The Engine tells of no task that comes up. */
static void look_again(struct zpm_loop *loop)
{
	if (loop->behind)
		set_due(loop, zpm_backoff(loop->looks++, FIRST_PAUSE, LONGEST_PAUSE));
}

/* There is nothing to change. What was not waited for to the end may run by now. */
static void settle(const struct round *round)
{
	struct zpm_loop *loop = round->loop;

	loop->settled = true;
	for (size_t i = 0; i < round->statuses.n; i++) {
		const struct zpm_status *status = round->statuses.v[i];

		if (status->state != ZPM_STATE_CONVERGED && status->state != ZPM_STATE_HELD) {
			look_again(loop);
			return;
		}
	}
	if (loop->behind)
		zpm_loop_tell(loop, ZPM_LOOP_CONVERGED, "all runs");
	loop->behind = false;
	if (loop->leads)
		zpm_loop_record(loop, NULL);
}

/* A person has to decide; told of once. */
static bool is_refused(struct zpm_loop *loop)
{
	const struct zpm_strs *refusals = &loop->session->plan->refusals;
	const char *text = refusals->n ? refusals->v[0] : "";
	size_t most = sizeof(loop->refusal) - 1;

	if (*text && strncmp(loop->refusal, text, most) != 0)
		zpm_loop_tell(loop, ZPM_LOOP_REFUSED, "%s", text);
	snprintf(loop->refusal, sizeof(loop->refusal), "%s", text);
	return refusals->n;
}

/* May anything of the plan be done now? Blocks what may not. */
static bool may_apply(const struct round *round)
{
	struct zpm_loop *loop = round->loop;
	struct zpm_plan *plan = loop->session->plan;
	bool forced = loop->forced;
	int64_t next;

	loop->forced = false;
	if (!plan->changes.n) {
		settle(round);
		return false;
	}
	if (!loop->leads || round->paused || !(forced || is_open(loop)))
		return false;
	if (is_refused(loop))
		return false;
	if (loop->settled && !loop->rules.self_heal && !forced)
		zpm_pace_leave_drift(plan);
	next = zpm_pace_hold(loop->pace, plan, zpm_clock_now());
	if (next != INT64_MAX)
		set_due(loop, next - zpm_clock_now());
	return zpm_plan_has_work(plan);
}

static void show(const struct round *round, const struct zpm_outcome *outcome)
{
	struct zpm_loop *loop = round->loop;
	const struct zpm_loop_observer *observer = &loop->options->observer;
	const char *commit = loop->back.revision ? loop->back.commit : loop->commit;
	const struct zpm_loop_look look = {
		.loop = loop,
		.session = loop->session,
		.statuses = &round->statuses,
		.mistakes = loop->broken && loop->broken->manifest ? &loop->broken->manifest->diags : NULL,
		.outcome = outcome,
		.lease = round->lease,
		.paused = round->paused,
		.manifest = loop->manifest,
		.commit = *commit ? commit : NULL,
		.rolled_back = loop->back.revision,
		.generation = loop->generation,
	};

	observer->look(observer->ctx, &look);
}

static int look(struct round *round, struct zpm_err *err)
{
	if (take_pause(round, err) < 0 || zpm_loop_heed_rollback(round->loop, err) < 0 ||
		zpm_session_plan(round->loop->session, err) < 0)
		return -1;
	return zpm_status_observe(round->loop->session, round->arena, &round->statuses, err);
}

static void fail(struct zpm_loop *loop, const struct zpm_err *err)
{
	if (!loop->failures)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "%s", err->msg);
	set_due(loop, zpm_backoff(loop->failures++, FIRST_PAUSE, LONGEST_PAUSE));
}

void zpm_loop_round(struct zpm_loop *loop)
{
	struct round round = { .loop = loop, .arena = zpm_arena_new() };
	struct zpm_outcome outcome = { 0 };
	struct zpm_err err = { 0 };
	int64_t began = zpm_clock_now();

	loop->due = began + loop->rules.interval;
	if (++loop->rounds > ROUNDS_OF_A_SESSION) {
		loop->rounds = 0;
		zpm_loop_reload(loop);
	}
	take_lease(&round);
	if (look(&round, &err) < 0) {
		fail(loop, &err);
	} else {
		zpm_timing_add(ZPM_TIMING_LOOK, zpm_clock_now() - began);
		loop->failures = 0;
		tell_drift(loop);
		tell_failover(&round);
		show(&round, NULL);
		if (may_apply(&round)) {
			apply(loop, &outcome);
			show(&round, &outcome);
		}
	}
	zpm_arena_free(round.arena);
}
