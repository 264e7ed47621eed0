/*
 * Watching what was written until it runs. One list of tasks serves all
 * services that are awaited; what it means is decided in plan/health.
 */
#include "engine/applier.h"

#include "base/clock.h"
#include "base/index.h"
#include "plan/placement.h"

#include <stdio.h>
#include <string.h>

/* With more services than this it is cheaper to list the tasks of all. */
#define MAX_FILTERED 100

/* What one look has seen. */
struct look {
	struct zpm_applier *applier;
	struct zpm_arena *arena;
	struct zpm_ptrs runs;    /* struct zpm_run, those that were awaiting when it began */
	struct zpm_index *tasks; /* service id -> struct zpm_ptrs of its tasks */
	size_t nodes;
	struct zpm_index *hosts; /* node id -> struct zpm_swarm_node as desired, of those that are hosts */
	int64_t now;
};

static bool is_service(const struct zpm_run *run)
{
	return zpm_change_object(run->step->change)->kind->id == ZPM_KIND_SERVICE;
}

/* A service that has no tasks and is to have none needs no watching. */
bool zpm_applier_awaits(const struct zpm_applier *applier, const struct zpm_run *run)
{
	const struct zpm_service *service;

	if (applier->options->no_wait || !is_service(run) || run->step->change->quarantine)
		return false;
	if (run->step->op == ZPM_OP_REMOVE || run->step->op == ZPM_OP_UPDATE)
		return true;
	service = run->want->spec;
	return service->replicas != 0 && !run->want->hold;
}

static struct zpm_ptrs *tasks_of(struct look *look, const char *service)
{
	struct zpm_ptrs *tasks = zpm_index_get(look->tasks, service);

	if (!tasks) {
		tasks = zpm_arena_alloc(look->arena, sizeof(*tasks));
		zpm_index_add(look->tasks, service, tasks);
	}
	return tasks;
}

static bool any_global(const struct look *look)
{
	for (size_t i = 0; i < look->runs.n; i++) {
		const struct zpm_object *want = ((struct zpm_run *)look->runs.v[i])->want;

		if (want && ((struct zpm_service *)want->spec)->replicas == ZPM_UNSET)
			return true;
	}
	return false;
}

/* The end of all tasks is awaited, also of those of earlier specs: of what is removed, and of what is held.
 */
static bool is_ending(const struct zpm_run *run)
{
	return run->step->op == ZPM_OP_REMOVE || (run->want && run->want->hold);
}

/* What becomes of each node: tasks that must leave it are as good as gone. */
static void index_hosts(struct look *look)
{
	const struct zpm_session *session = look->applier->session;

	look->hosts = zpm_index_new(look->arena);
	for (size_t i = 0; i < session->have->list.n; i++) {
		const struct zpm_object *have = session->have->list.v[i];
		const struct zpm_object *want = zpm_objects_find(session->desired, ZPM_KIND_NODE, have->name);

		if (have->kind->id == ZPM_KIND_NODE && want)
			zpm_index_add(look->hosts, have->live->id, want->spec);
	}
}

static bool must_leave(const struct look *look, const struct zpm_run *run, const struct zpm_task *task)
{
	const struct zpm_object *want = run->want;
	const struct zpm_swarm_node *node = task->node ? zpm_index_get(look->hosts, task->node) : NULL;

	return want && node && !zpm_placement_allows(want->spec, node);
}

/* Files tasks under their services; `endings` says which runs they are for. */
static void sort_tasks(struct look *look, const struct zpm_ptrs *tasks, bool endings)
{
	for (size_t i = 0; i < look->runs.n; i++) {
		const struct zpm_run *run = look->runs.v[i];

		if (is_ending(run) == endings)
			tasks_of(look, run->id);
	}
	for (size_t i = 0; i < tasks->n; i++) {
		struct zpm_task *task = tasks->v[i];

		if (zpm_index_get(look->tasks, task->service))
			zpm_ptrs_push(look->arena, tasks_of(look, task->service), task);
	}
}

/* What ends may be gone from the list of present specs, and must not be in its filter. */
static int look_at_ending(struct look *look, size_t endings, struct zpm_err *err)
{
	struct zpm_ptrs tasks = { 0 };

	if (!endings)
		return 0;
	if (zpm_tasks_observe_all(look->applier->session->world, look->arena, &tasks, err) < 0)
		return -1;
	sort_tasks(look, &tasks, true);
	return 0;
}

static int look_at_wanted(struct look *look, size_t wanted, struct zpm_err *err)
{
	const struct zpm_world *world = look->applier->session->world;
	struct zpm_strs ids = { 0 };
	struct zpm_ptrs tasks = { 0 };
	int result;

	if (!wanted)
		return 0;
	for (size_t i = 0; i < look->runs.n; i++) {
		const struct zpm_run *run = look->runs.v[i];

		if (!is_ending(run))
			zpm_strs_push(look->arena, &ids, run->id);
	}
	result = zpm_tasks_observe(world, ids.n > MAX_FILTERED ? NULL : &ids, look->arena, &tasks, err);
	/* One that somebody removed meanwhile must not hide the others. */
	if (result < 0 && err->code == ZPM_ENOTFOUND)
		result = zpm_tasks_observe(world, NULL, look->arena, &tasks, err);
	if (result < 0)
		return -1;
	sort_tasks(look, &tasks, false);
	return any_global(look) ? zpm_nodes_count(world, &look->nodes, err) : 0;
}

static int take_look(struct look *look, struct zpm_err *err)
{
	size_t endings = 0;

	for (size_t i = 0; i < look->runs.n; i++)
		endings += is_ending(look->runs.v[i]);
	if (look_at_ending(look, endings, err) < 0)
		return -1;
	return look_at_wanted(look, look->runs.n - endings, err);
}

/* When an update of a service is to be taken back, Swarm does so within its monitoring time, and a little. */
#define TAKE_BACK (30 * ZPM_S)

static bool may_be_taken_back(const struct look *look, struct zpm_run *run, const struct zpm_verdict *verdict)
{
	const struct zpm_service *service = run->want->spec;
	const struct zpm_update *update = service->update;

	if (run->step->op != ZPM_OP_UPDATE || verdict->health != ZPM_HEALTH_FAILED || verdict->homeless ||
		!update || strcmp(update->failure_action, "rollback") != 0)
		return false;
	if (!run->watch.failing_since)
		run->watch.failing_since = look->now;
	return look->now - run->watch.failing_since <
	       TAKE_BACK + (update->monitor > 0 ? update->monitor : 5 * ZPM_S);
}

static const char *reason_of(
	const struct look *look, const struct zpm_run *run, const struct zpm_object *have)
{
	const char *message = have->live->update_message ? have->live->update_message : "no reason given";

	return zpm_arena_printf(look->arena, "Swarm has %s the update: %s%s%s",
		!strcmp(have->live->update_state, "paused") ? "paused" : "rolled back", message,
		run->why[0] ? ": " : "", run->why);
}

/* Notes down what was taken back. False: somebody else was faster, look again. */
static bool quarantine(
	struct look *look, const struct zpm_run *run, const struct zpm_object *have, const char *reason)
{
	const char *hash = zpm_object_hash(run->want, look->arena);
	struct zpm_err err = { 0 };

	return !zpm_service_quarantine(
		       look->applier->session->world, have, hash, reason, look->arena, &err) ||
	       err.code != ZPM_ECONFLICT;
}

/* Swarm may have stopped or taken back the update; then the tasks that run are not of our spec. */
static enum zpm_health check_update(struct look *look, struct zpm_run *run, struct zpm_verdict *verdict)
{
	const struct zpm_object *want = run->want, *have;
	struct zpm_err err = { 0 };
	const char *state, *hash, *reason;

	if (zpm_service_observe(look->applier->session->world, run->id, look->arena, &have, &err) < 0) {
		snprintf(verdict->why, sizeof(verdict->why), "%.255s", err.msg);
		return err.code == ZPM_ENOTFOUND ? ZPM_HEALTH_FAILED : ZPM_HEALTH_CONVERGED;
	}
	state = have->live->update_state ? have->live->update_state : "";
	hash = have->live->spec_hash ? have->live->spec_hash : "";
	if (strcmp(state, "paused") != 0 && strncmp(state, "rollback", 8) != 0)
		return ZPM_HEALTH_CONVERGED;
	if (state[0] == 'r' && (want->restarts ? have->restarts >= want->restarts
					       : !strcmp(hash, zpm_object_hash(want, look->arena))))
		return ZPM_HEALTH_CONVERGED; /* of an earlier update */
	reason = reason_of(look, run, have);
	snprintf(verdict->why, sizeof(verdict->why), "%.255s", reason);
	if (!strcmp(state, "rollback_started"))
		return ZPM_HEALTH_PROGRESSING;
	/* A restart says nothing against the spec, which has run before. */
	if (state[0] == 'r' && !run->step->change->edit && !quarantine(look, run, have, reason))
		return ZPM_HEALTH_PROGRESSING;
	return ZPM_HEALTH_FAILED;
}

static void judge_wanted(struct look *look, struct zpm_run *run, struct zpm_verdict *verdict)
{
	const struct zpm_service *service = run->want->spec;
	const struct zpm_ptrs all = *tasks_of(look, run->id);
	struct zpm_ptrs staying = { 0 };
	const struct zpm_ptrs *tasks = &staying;

	for (size_t i = 0; i < all.n; i++)
		if (!must_leave(look, run, all.v[i]))
			zpm_ptrs_push(look->arena, &staying, all.v[i]);
	zpm_health_judge(service, tasks, look->nodes, look->now, &run->watch, verdict);
	/* After a rollback the tasks of the broken spec are gone from the list: keep what one said. */
	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (task->err && verdict->health != ZPM_HEALTH_CONVERGED)
			snprintf(run->why, sizeof(run->why), "%s", task->err);
	}
	if (may_be_taken_back(look, run, verdict))
		verdict->health = ZPM_HEALTH_PROGRESSING;
	if (run->step->op == ZPM_OP_UPDATE && verdict->health == ZPM_HEALTH_CONVERGED)
		verdict->health = check_update(look, run, verdict);
}

static void judge(struct look *look, struct zpm_run *run, struct zpm_verdict *verdict)
{
	size_t left;

	if (!is_ending(run)) {
		run->watch.unchanged = run->step->op == ZPM_OP_VERIFY && !look->applier->graph->moves;
		judge_wanted(look, run, verdict);
		return;
	}
	left = zpm_tasks_alive(tasks_of(look, run->id));
	*verdict = (struct zpm_verdict){ .health = left ? ZPM_HEALTH_PROGRESSING : ZPM_HEALTH_CONVERGED };
	snprintf(verdict->why, sizeof(verdict->why), "%zu tasks still stop", left);
}

static void settle_judged(struct look *look, struct zpm_run *run, const struct zpm_verdict *verdict,
	void (*settle)(struct zpm_applier *, struct zpm_run *, enum zpm_step_state))
{
	if (run->state != ZPM_STEP_AWAITING)
		return;
	run->verdict = *verdict;
	if (verdict->health == ZPM_HEALTH_FAILED) {
		snprintf(run->why, sizeof(run->why), "%s", verdict->why);
		settle(look->applier, run, ZPM_STEP_FAILED);
	} else if (verdict->health == ZPM_HEALTH_CONVERGED) {
		run->why[0] = '\0';
		settle(look->applier, run, ZPM_STEP_DONE);
	}
}

/* An Engine that does not answer for a while is no failure of the service. */
static void note_trouble(struct look *look, const struct zpm_err *err)
{
	for (size_t i = 0; i < look->runs.n; i++) {
		struct zpm_run *run = look->runs.v[i];

		snprintf(run->verdict.why, sizeof(run->verdict.why), "%.255s", err->msg);
	}
}

void zpm_applier_look(struct zpm_applier *applier,
	void (*settle)(struct zpm_applier *, struct zpm_run *, enum zpm_step_state))
{
	struct look look = { .applier = applier, .arena = zpm_arena_new() };
	struct zpm_verdict *verdicts;
	struct zpm_err err = { 0 };
	int result;

	look.tasks = zpm_index_new(look.arena);
	index_hosts(&look);
	for (size_t i = 0; i < applier->runs.n; i++)
		if (applier->runs.v[i].state == ZPM_STEP_AWAITING)
			zpm_ptrs_push(look.arena, &look.runs, &applier->runs.v[i]);
	verdicts = zpm_arena_alloc(look.arena, look.runs.n * sizeof(*verdicts));
	/* Only this thread moves a run out of AWAITING, so its watch is this thread's too. */
	pthread_mutex_unlock(&applier->lock);
	result = take_look(&look, &err);
	look.now = zpm_clock_now();
	for (size_t i = 0; !result && i < look.runs.n; i++)
		judge(&look, look.runs.v[i], &verdicts[i]);
	pthread_mutex_lock(&applier->lock);
	for (size_t i = 0; !result && i < look.runs.n; i++)
		settle_judged(&look, look.runs.v[i], &verdicts[i], settle);
	if (result < 0)
		note_trouble(&look, &err);
	zpm_arena_free(look.arena);
}
