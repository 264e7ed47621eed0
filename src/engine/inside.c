/* Which of a service's containers an Engine at hand has. */
#include "engine/inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int zpm_session_logs(struct zpm_session *session, const char *service, const struct zpm_log_options *options,
	struct zpm_err *err)
{
	const struct zpm_object *found;

	if (zpm_session_find(session, service, &found, err) < 0)
		return -1;
	return zpm_service_logs(session->world, found, options, err);
}

/* The running tasks of a service, and where they are. */
struct candidates {
	struct zpm_session *session;
	const struct zpm_object *service;
	struct zpm_ptrs tasks; /* struct zpm_task, by slot */
	struct zpm_pairs nodes;
};

static int by_slot(const void *a, const void *b)
{
	const struct zpm_task *left = *(void *const *)a, *right = *(void *const *)b;

	return left->slot < right->slot ? -1 : left->slot > right->slot;
}

static const char *node_of(const struct candidates *c, const struct zpm_task *task)
{
	const char *name = task->node ? zpm_pairs_get(&c->nodes, task->node) : NULL;

	return name ? name : "of unknown name";
}

static bool is_meant(const struct candidates *c, const struct zpm_task *task, const char *wanted)
{
	char slot[32];

	if (!task->container || strcmp(task->state, "running") != 0 || strcmp(task->desired, "running") != 0)
		return false;
	if (!wanted)
		return true;
	snprintf(slot, sizeof(slot), "%" PRId64, task->slot);
	return !strcmp(wanted, task->slot ? slot : node_of(c, task));
}

static int find_candidates(struct candidates *c, const char *wanted, struct zpm_err *err)
{
	struct zpm_arena *arena = c->session->arena;
	struct zpm_ptrs all = { 0 };

	if (zpm_tasks_observe_service(c->session->world, c->service->live->id, arena, &all, err) < 0 ||
		zpm_nodes_names(c->session->world, arena, &c->nodes, err) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (is_meant(c, all.v[i], wanted))
			zpm_ptrs_push(arena, &c->tasks, all.v[i]);
	if (c->tasks.n) {
		qsort(c->tasks.v, c->tasks.n, sizeof(*c->tasks.v), by_slot);
		return 0;
	}
	if (wanted)
		return zpm_err_set(
			err, ZPM_EFAILED, "no task %s of service '%s' runs", wanted, c->service->name);
	return zpm_err_set(
		err, ZPM_EFAILED, "no task of service '%s' runs; 'zpm status' says why", c->service->name);
}

/* No Engine that answered has one; `silent` says of another why it did not. */
static int elsewhere(const struct candidates *c, const struct zpm_err *silent, struct zpm_err *err)
{
	struct zpm_arena *arena = c->session->arena;
	struct zpm_strs seen = { 0 };
	const char *names = "";

	for (size_t i = 0; i < c->tasks.n; i++) {
		const char *name = node_of(c, c->tasks.v[i]);

		if (zpm_strs_have(&seen, name))
			continue;
		names = zpm_arena_printf(arena, "%s%s%s", names, seen.n ? ", " : "", name);
		zpm_strs_push(arena, &seen, name);
	}
	if (silent->code)
		return zpm_err_set(err, silent->code, "service '%s' runs on node %s; %s", c->service->name,
			names, silent->msg);
	return zpm_err_set(err, ZPM_EFAILED,
		"service '%s' runs on node %s, and the Engine at %s has none of its containers: a program "
		"can only be run through the Engine of that node; name it with --engine or hosts.*.engine",
		c->service->name, names, c->session->access.endpoint);
}

int zpm_session_exec(struct zpm_session *session, const char *service, const char *task,
	const struct zpm_exec *exec, int *code, struct zpm_err *err)
{
	struct candidates c = { .session = session };
	struct zpm_err silent = { 0 };

	if (zpm_session_find(session, service, &c.service, err) < 0 || find_candidates(&c, task, err) < 0)
		return -1;
	/* An Engine knows only its own containers. Which one it is is asked for here, as GET /info may take
	 * seconds. */
	for (size_t i = 0; i < c.tasks.n; i++) {
		const struct zpm_task *candidate = c.tasks.v[i];

		if (!zpm_container_exec(session->world, candidate->container, NULL, exec, code, err))
			return 0;
		if (err->code == ZPM_EUNAVAIL)
			silent = *err;
		else if (err->code != ZPM_ENOTFOUND)
			return -1;
	}
	return elsewhere(&c, &silent, err);
}
