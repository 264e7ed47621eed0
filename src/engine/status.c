/* The plan and the tasks, seen from each object. */
#include "engine/status.h"

#include "base/clock.h"
#include "base/index.h"
#include "model/hold.h"
#include "model/setup.h"
#include "plan/release.h"

#include <string.h>

const char *const zpm_state_names[ZPM_STATE_COUNT] = {
	[ZPM_STATE_CONVERGED] = "converged",
	[ZPM_STATE_PROGRESSING] = "progressing",
	[ZPM_STATE_FAILED] = "failed",
	[ZPM_STATE_QUARANTINED] = "quarantined",
	[ZPM_STATE_DIFFERS] = "differs",
	[ZPM_STATE_MISSING] = "missing",
	[ZPM_STATE_HELD] = "held",
	[ZPM_STATE_ORPHAN] = "orphan",
};

struct observer {
	struct zpm_arena *arena;
	struct zpm_index *tasks;  /* service id -> struct zpm_ptrs */
	struct zpm_index *setups; /* service -> struct zpm_change of its setup */
	size_t nodes;
};

static void judge_tasks(const struct observer *observer, const struct zpm_object *want,
	const struct zpm_object *have, struct zpm_status *status)
{
	static const struct zpm_ptrs none;
	const struct zpm_ptrs *tasks = have ? zpm_index_get(observer->tasks, have->live->id) : NULL;
	struct zpm_watch watch = { .unchanged = true };
	struct zpm_verdict verdict;

	zpm_health_judge(
		want->spec, tasks ? tasks : &none, observer->nodes, zpm_clock_now(), &watch, &verdict);
	status->running = verdict.running;
	status->wanted = verdict.wanted;
	if (status->state != ZPM_STATE_CONVERGED)
		return;
	if (verdict.health == ZPM_HEALTH_FAILED)
		status->state = ZPM_STATE_FAILED;
	else if (verdict.health == ZPM_HEALTH_PROGRESSING)
		status->state = ZPM_STATE_PROGRESSING;
	if (verdict.why[0])
		status->why = zpm_arena_strdup(observer->arena, verdict.why);
}

/* A node that is to be down may be so in every sense. */
static void judge_node(const struct zpm_change *change, struct zpm_status *status)
{
	const struct zpm_swarm_node *want = change->want ? change->want->spec : NULL;

	if (!want || !change->have->live->trouble || (want->availability && want->availability[0] == 'd'))
		return;
	status->state = ZPM_STATE_FAILED;
	status->why = change->have->live->trouble;
}

/* A set may be as declared, and a member of it down all the same. */
static void judge_set(
	const struct observer *observer, const struct zpm_change *change, struct zpm_status *status)
{
	const struct zpm_set_view *view = change->seen ? change->seen->live->set : NULL;

	status->set = view;
	for (size_t i = 0; view && i < view->members.n && status->state == ZPM_STATE_CONVERGED; i++) {
		const struct zpm_member_view *member = view->members.v[i];

		status->why = zpm_member_trouble(change->want->set, view, member, observer->arena);
		if (status->why)
			status->state =
				member->state == ZPM_MEMBER_DOWN ? ZPM_STATE_FAILED : ZPM_STATE_PROGRESSING;
	}
}

static const char *on_one_line(const char *text, struct zpm_arena *arena)
{
	char *line = zpm_arena_strdup(arena, text);

	for (size_t len = strlen(line); len && line[len - 1] == '\n'; len--)
		line[len - 1] = '\0';
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return line;
}

/* "in utils.1: 'pip check' failed: exit code 1", with what it wrote last; NULL: there is nothing due. */
static const char *setup_trouble(
	const struct observer *observer, const struct zpm_change *change, bool *failed)
{
	const struct zpm_setup_view *view = change->seen ? change->seen->live->setup : NULL;
	struct zpm_arena *arena = observer->arena;

	for (size_t i = 0; view && i < view->containers.n; i++) {
		const struct zpm_setup_container *container = view->containers.v[i];
		const char *trouble = zpm_setup_trouble(change->want->spec, container, arena);
		enum zpm_setup_state state;
		const char *output;

		if (!trouble)
			continue;
		state = zpm_setup_state(change->want->spec, container, arena);
		*failed = state == ZPM_SETUP_FAILED || state == ZPM_SETUP_UNSEEN;
		output = state == ZPM_SETUP_FAILED ? container->mark->output : NULL;
		return zpm_arena_printf(arena, "in %s: %s%s%s", container->task, trouble,
			output && *output ? ": " : "", output ? on_one_line(output, arena) : "");
	}
	return change->action == ZPM_ACTION_KEEP ? NULL : "has not run in all containers";
}

/* A service that is not set up is not ready, though its tasks run. */
static void judge_service_setup(const struct observer *observer, struct zpm_status *status)
{
	const struct zpm_change *change = zpm_index_get(observer->setups, status->object->name);
	bool failed = false;
	const char *why;

	if (!change || status->state > ZPM_STATE_PROGRESSING || status->running < status->wanted)
		return;
	why = setup_trouble(observer, change, &failed);
	if (!why)
		return;
	status->state = failed ? ZPM_STATE_FAILED : ZPM_STATE_DIFFERS;
	status->why = zpm_arena_printf(observer->arena, "setup %s", why);
}

static void judge_setup(
	const struct observer *observer, const struct zpm_change *change, struct zpm_status *status)
{
	bool failed = false;
	const char *why = setup_trouble(observer, change, &failed);

	if (!why)
		return;
	status->why = why;
	if (failed)
		status->state = ZPM_STATE_FAILED;
}

/* Held is fine, and is told whatever else there is to tell. */
static void add_hold(const struct observer *observer, const char *hold, struct zpm_status *status)
{
	const char *text = zpm_hold_text(hold, observer->arena);

	if (status->state == ZPM_STATE_CONVERGED)
		status->state = ZPM_STATE_HELD;
	status->why = status->why ? zpm_arena_printf(observer->arena, "%s (%s)", status->why, text) : text;
}

static const char *differing_fields(const struct zpm_change *change, struct zpm_arena *arena)
{
	const char *text = NULL;

	for (size_t i = 0; i < change->fields.n && i < 3; i++) {
		const struct zpm_field_change *field = change->fields.v[i];

		text = text ? zpm_arena_printf(arena, "%s, %s", text, field->path) : field->path;
	}
	if (change->fields.n > 3)
		text = zpm_arena_printf(arena, "%s and %zu more", text, change->fields.n - 3);
	return text ? zpm_arena_strdup(arena, text) : NULL;
}

static void add_status(
	const struct observer *observer, const struct zpm_change *change, struct zpm_ptrs *statuses)
{
	struct zpm_status *status = zpm_arena_alloc(observer->arena, sizeof(*status));

	status->object = zpm_change_object(change);
	if (change->quarantine)
		status->state = ZPM_STATE_QUARANTINED;
	else if (change->action == ZPM_ACTION_CREATE)
		status->state = ZPM_STATE_MISSING;
	else if (change->action == ZPM_ACTION_DELETE)
		status->state = ZPM_STATE_ORPHAN;
	else if (change->action != ZPM_ACTION_KEEP)
		status->state = ZPM_STATE_DIFFERS;
	status->why = change->quarantine;
	if (status->state == ZPM_STATE_DIFFERS)
		status->why = differing_fields(change, observer->arena);
	if (status->object->kind->id == ZPM_KIND_NODE)
		judge_node(change, status);
	if (status->object->kind->id == ZPM_KIND_REPLICA_SET)
		judge_set(observer, change, status);
	if (status->object->kind->id == ZPM_KIND_SETUP)
		judge_setup(observer, change, status);
	if (change->trouble) {
		status->state = ZPM_STATE_FAILED;
		status->why = change->trouble;
	}
	if (status->object->kind->id == ZPM_KIND_SERVICE)
		judge_tasks(observer, status->object, change->have, status);
	if (status->object->kind->id == ZPM_KIND_SERVICE && !status->object->hold)
		judge_service_setup(observer, status);
	if (status->object->hold)
		add_hold(observer, status->object->hold, status);
	zpm_ptrs_push(observer->arena, statuses, status);
}

static int observe_tasks(struct observer *observer, const struct zpm_session *session, struct zpm_err *err)
{
	struct zpm_ptrs tasks = { 0 };

	observer->tasks = zpm_index_new(observer->arena);
	if (zpm_tasks_observe(session->world, NULL, observer->arena, &tasks, err) < 0 ||
		zpm_nodes_count(session->world, &observer->nodes, err) < 0)
		return -1;
	for (size_t i = 0; i < tasks.n; i++) {
		struct zpm_task *task = tasks.v[i];
		struct zpm_ptrs *list = zpm_index_get(observer->tasks, task->service);

		if (!list) {
			list = zpm_arena_alloc(observer->arena, sizeof(*list));
			zpm_index_add(observer->tasks, task->service, list);
		}
		zpm_ptrs_push(observer->arena, list, task);
	}
	return 0;
}

static void index_setups(struct observer *observer, const struct zpm_ptrs *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		struct zpm_change *change = changes->v[i];

		if (change->want && change->want->kind->id == ZPM_KIND_SETUP)
			zpm_index_add(observer->setups, change->want->name, change);
	}
}

int zpm_status_observe(
	struct zpm_session *session, struct zpm_arena *arena, struct zpm_ptrs *statuses, struct zpm_err *err)
{
	const struct zpm_plan *plan = session->plan;
	struct observer observer = { .arena = arena };

	if (observe_tasks(&observer, session, err) < 0)
		return -1;
	observer.setups = zpm_index_new(arena);
	index_setups(&observer, &plan->kept);
	index_setups(&observer, &plan->changes);
	for (size_t i = 0; i < plan->kept.n; i++)
		add_status(&observer, plan->kept.v[i], statuses);
	for (size_t i = 0; i < plan->changes.n; i++)
		add_status(&observer, plan->changes.v[i], statuses);
	return 0;
}
