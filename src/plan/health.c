/*
 * Judging tasks. Swarm's agent reports a task as running only once its
 * healthcheck has passed, so "running" is enough. But a task that exits right
 * after its start is running for an instant, and so is one whose program ends
 * with 0 before the healthcheck has passed (the agent takes the end of the
 * container for the end of its start): running has to last.
 */
#include "plan/health.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

/* How long all tasks have to stay up: briefly, or longer when one has failed before. */
#define SETTLE        (500 * ZPM_MS)
#define SETTLE_FAILED (5 * ZPM_S)

/* A task without a node may only wait for a port or a slot that an old task still holds. */
#define STUCK (8 * ZPM_S)

/* This many ended tasks in one slot, and none running there, is failing again and again. */
#define ENOUGH_FAILURES 2

static bool is(const char *state, const char *name)
{
	return !strcmp(state, name);
}

/* A task that ended by itself when it should run: "complete" is no success for a service. */
static bool has_ended(const struct zpm_task *task)
{
	return is(task->state, "failed") || is(task->state, "rejected") || is(task->state, "complete") ||
	       is(task->state, "orphaned");
}

static bool same_slot(const struct zpm_task *a, const struct zpm_task *b)
{
	if (a->slot || b->slot)
		return a->slot == b->slot;
	return a->node && b->node && is(a->node, b->node);
}

static bool is_running(const struct zpm_task *task)
{
	return is(task->state, "running") && is(task->desired, "running");
}

static size_t ended_in_slot(const struct zpm_ptrs *tasks, const struct zpm_task *of)
{
	size_t ended = 0;

	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (!same_slot(task, of))
			continue;
		if (is_running(task))
			return 0;
		ended += has_ended(task);
	}
	return ended;
}

/* The restart policy may say that one end is the end. */
static size_t failures_allowed(const struct zpm_service *service, const struct zpm_task *task)
{
	const char *condition = service->restart ? service->restart->condition : "any";

	if (is(condition, "none") || (is(condition, "on-failure") && is(task->state, "complete")))
		return 1;
	return ENOUGH_FAILURES;
}

static const struct zpm_task *find_failing(const struct zpm_service *service, const struct zpm_ptrs *tasks)
{
	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (has_ended(task) && ended_in_slot(tasks, task) >= failures_allowed(service, task))
			return task;
	}
	return NULL;
}

static const struct zpm_task *find_homeless(const struct zpm_ptrs *tasks)
{
	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (is(task->state, "pending") && task->err && is(task->desired, "running"))
			return task;
	}
	return NULL;
}

static bool has_healthcheck(const struct zpm_service *service)
{
	const struct zpm_healthcheck *healthcheck = service->healthcheck;

	return healthcheck && !(healthcheck->test.n && is(healthcheck->test.v[0], "NONE"));
}

/* A program that ends well says nothing, also when it was stopped for failing its healthcheck. */
static const char *reason_of(const struct zpm_service *service, const struct zpm_task *task)
{
	if (task->err)
		return task->err;
	if (!is(task->state, "complete"))
		return task->state;
	return has_healthcheck(service) ? "the program ended with exit code 0: by itself, or stopped for "
					  "failing its healthcheck"
					: "the program ended by itself, with exit code 0";
}

struct count {
	size_t running, failed;
	size_t hash; /* tells one set of running tasks from another, in any order */
};

static size_t hash_of(const char *text)
{
	size_t hash = 5381;

	for (; *text; text++)
		hash = hash * 33 + (unsigned char)*text;
	return hash;
}

static struct count count_tasks(const struct zpm_ptrs *tasks)
{
	struct count count = { 0 };

	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (is_running(task)) {
			count.running++;
			count.hash += hash_of(task->id);
		}
		count.failed += has_ended(task);
	}
	return count;
}

static size_t wanted_tasks(const struct zpm_service *service, size_t nodes, const struct zpm_ptrs *tasks)
{
	bool constrained = service->placement && service->placement->constraints.n;
	size_t wanted = 0;

	if (service->replicas != ZPM_UNSET)
		return (size_t)service->replicas;
	for (size_t i = 0; i < tasks->n; i++)
		wanted += is(((const struct zpm_task *)tasks->v[i])->desired, "running");
	/*
	 * Swarm makes a global service's tasks only for nodes that meet its
	 * constraints; those on a node that was paused later stay.
	 */
	return constrained || wanted > nodes ? wanted : nodes;
}

static bool has_settled(const struct count *count, int64_t now, struct zpm_watch *watch)
{
	if (!count->failed && watch->unchanged)
		return true;
	if (!watch->all_running_since || watch->running_hash != count->hash)
		watch->all_running_since = now;
	watch->running_hash = count->hash;
	return now - watch->all_running_since >= (count->failed ? SETTLE_FAILED : SETTLE);
}

/* What the service is waiting for, for the person who waits too. */
static void explain_progress(
	const struct zpm_service *service, const struct zpm_ptrs *tasks, struct zpm_verdict *verdict)
{
	const struct zpm_task *last = NULL;

	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		bool on_its_way = is(task->desired, "running") && !is(task->state, "running");

		if (on_its_way || (!last && has_ended(task)))
			last = task;
	}
	snprintf(verdict->why, sizeof(verdict->why), "%zu of %zu tasks run%s%s", verdict->running,
		verdict->wanted, last ? ": " : "", last ? reason_of(service, last) : "");
}

void zpm_health_judge(const struct zpm_service *service, const struct zpm_ptrs *tasks, size_t nodes,
	int64_t now, struct zpm_watch *watch, struct zpm_verdict *verdict)
{
	const struct zpm_task *failing = find_failing(service, tasks);
	const struct zpm_task *homeless = find_homeless(tasks);
	struct count count = count_tasks(tasks);

	*verdict = (struct zpm_verdict){ .health = ZPM_HEALTH_PROGRESSING, .running = count.running };
	verdict->wanted = wanted_tasks(service, nodes, tasks);
	if (!homeless)
		watch->stuck_since = 0;
	else if (!watch->stuck_since)
		watch->stuck_since = now;
	if (failing || (homeless && now - watch->stuck_since >= STUCK)) {
		verdict->health = ZPM_HEALTH_FAILED;
		verdict->homeless = !failing;
		snprintf(verdict->why, sizeof(verdict->why), "%s",
			reason_of(service, failing ? failing : homeless));
		return;
	}
	if (count.running != verdict->wanted)
		watch->all_running_since = 0;
	else if (!service->replicas || has_settled(&count, now, watch))
		verdict->health = ZPM_HEALTH_CONVERGED;
	if (verdict->health == ZPM_HEALTH_PROGRESSING)
		explain_progress(service, tasks, verdict);
}

size_t zpm_tasks_alive(const struct zpm_ptrs *tasks)
{
	size_t alive = 0;

	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		alive += !has_ended(task) && !is(task->state, "shutdown") && !is(task->state, "remove");
	}
	return alive;
}
