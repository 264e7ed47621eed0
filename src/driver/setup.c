/*
 * Reading and writing marks. Only the Engine of its node knows a container; a
 * mark is one small file in its root folder.
 */
#include "driver/setup.h"

#include "base/clock.h"
#include "base/tar.h"
#include "docker/docker.h"
#include "driver/world.h"

#include <stdio.h>
#include <string.h>

/* Far more than a mark takes. */
#define MAX_ARCHIVE ((size_t)64 * 1024)

struct reading {
	const char *container;
	struct zpm_arena *arena;
	const struct zpm_setup_mark *mark;
};

/* A container without a mark, and one that is not here, are both 404. */
static int has_container(const struct zpm_world *at, const char *container, struct zpm_err *err)
{
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/containers/%s/json", container);
	return zpm_docker_get(at->docker, path.data, NULL, err);
}

static int read_mark(const struct zpm_world *at, void *ctx, struct zpm_err *err)
{
	struct reading *reading = ctx;
	ZPM_BUF answer = { .cap = MAX_ARCHIVE };
	ZPM_BUF path = { 0 };
	const char *data;
	size_t len;

	zpm_buf_printf(&path, "/containers/%s/archive?path=/" ZPM_SETUP_MARK_NAME, reading->container);
	if (zpm_docker_get(at->docker, path.data, &answer, err) < 0)
		return err->code == ZPM_ENOTFOUND ? has_container(at, reading->container, err) : -1;
	if (zpm_tar_read(answer.data, answer.len, &data, &len))
		reading->mark = zpm_setup_mark_parse(data, len, reading->arena);
	return 0;
}

struct writing {
	const char *container;
	struct zpm_buf archive;
};

static int write_mark(const struct zpm_world *at, void *ctx, struct zpm_err *err)
{
	const struct writing *writing = ctx;
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/containers/%s/archive?path=/&noOverwriteDirNonDir=true", writing->container);
	return zpm_docker_put_archive(at->docker, path.data, &writing->archive, err);
}

int zpm_setup_write_mark(const struct zpm_world *world, const struct zpm_setup_container *container,
	const struct zpm_setup_mark *mark, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const char *text = zpm_setup_mark_text(mark, arena);
	struct writing writing = { .container = container->id };
	int result;

	zpm_tar_write(&writing.archive, ZPM_SETUP_MARK_NAME, text, strlen(text), zpm_clock_wall() / ZPM_S);
	result = zpm_world_ask(world, container->node, write_mark, &writing, err);
	zpm_buf_dispose(&writing.archive);
	zpm_arena_free(arena);
	return result;
}

/* What looking at the containers of some services needs. */
struct looking {
	const struct zpm_world *world;
	struct zpm_arena *arena;
	struct zpm_pairs nodes; /* their names by id; asked for when one is needed */
	bool named;
};

static const char *node_name(struct looking *looking, const char *id)
{
	struct zpm_err err = { 0 };
	const char *name;

	if (!looking->named)
		zpm_nodes_names(looking->world, looking->arena, &looking->nodes, &err);
	looking->named = true;
	name = id ? zpm_pairs_get(&looking->nodes, id) : NULL;
	return name ? name : "of unknown name";
}

static const char *task_name(
	struct looking *looking, const struct zpm_object *service, const struct zpm_task *task)
{
	if (task->slot)
		return zpm_arena_printf(looking->arena, "%s.%lld", service->name, (long long)task->slot);
	return zpm_arena_printf(looking->arena, "%s on %s", service->name, node_name(looking, task->node));
}

static const char *explain(
	struct looking *looking, const struct zpm_setup_container *container, const struct zpm_err *err)
{
	if (err->code != ZPM_ENOTFOUND)
		return zpm_arena_strdup(looking->arena, err->msg);
	return zpm_arena_printf(looking->arena,
		"it runs on node %s, and no Engine at hand has its container: name that node's with "
		"hosts.*.engine",
		node_name(looking, container->node));
}

static void add_container(struct looking *looking, const struct zpm_object *service,
	const struct zpm_task *task, struct zpm_setup_view *view)
{
	struct zpm_setup_container *container = zpm_arena_alloc(looking->arena, sizeof(*container));
	struct reading reading = { .container = task->container, .arena = looking->arena };
	struct zpm_err err = { 0 };

	container->task = task_name(looking, service, task);
	container->id = task->container;
	container->node = task->node;
	if (zpm_world_ask(looking->world, task->node, read_mark, &reading, &err) < 0)
		container->trouble = explain(looking, container, &err);
	container->mark = reading.mark;
	zpm_ptrs_push(looking->arena, &view->containers, container);
}

static bool is(const char *state, const char *name)
{
	return !strcmp(state, name);
}

static bool is_coming(const struct zpm_task *task)
{
	return (is(task->desired, "running") || is(task->desired, "ready")) && !is(task->state, "failed") &&
	       !is(task->state, "rejected") && !is(task->state, "complete") && !is(task->state, "orphaned");
}

static void look_at(struct looking *looking, const struct zpm_object *service, const struct zpm_ptrs *tasks,
	struct zpm_setup_view *view)
{
	for (size_t i = 0; i < tasks->n; i++) {
		const struct zpm_task *task = tasks->v[i];

		if (!is(task->service, service->live->id))
			continue;
		if (is(task->state, "running") && is(task->desired, "running") && task->container)
			add_container(looking, service, task, view);
		else if (is_coming(task))
			view->coming++;
	}
}

int zpm_setup_look(const struct zpm_world *world, const struct zpm_object *service, struct zpm_arena *arena,
	struct zpm_setup_view *view, struct zpm_err *err)
{
	struct looking looking = { .world = world, .arena = arena };
	struct zpm_strs ids = { 0 };
	struct zpm_ptrs tasks = { 0 };

	zpm_strs_push(arena, &ids, service->live->id);
	if (zpm_tasks_observe(world, &ids, arena, &tasks, err) < 0)
		return -1;
	*view = (struct zpm_setup_view){ 0 };
	look_at(&looking, service, &tasks, view);
	return 0;
}

/* All the troubles there are, as one text; NULL: none. */
static const char *troubles(const struct zpm_setup_view *view, struct zpm_arena *arena)
{
	const char *text = NULL;

	for (size_t i = 0; i < view->containers.n; i++) {
		const struct zpm_setup_container *container = view->containers.v[i];

		if (container->trouble)
			text = zpm_arena_printf(arena, "%s%s%s: %s", text ? text : "", text ? "; " : "",
				container->task, container->trouble);
	}
	return text;
}

static void add_setup(struct looking *looking, struct zpm_objects *have, const struct zpm_object *service,
	const struct zpm_ptrs *tasks)
{
	struct zpm_object *object = zpm_arena_alloc(have->arena, sizeof(*object));
	struct zpm_live *live = zpm_arena_alloc(have->arena, sizeof(*live));
	struct zpm_setup_view *view = zpm_arena_alloc(have->arena, sizeof(*view));

	look_at(looking, service, tasks, view);
	live->id = service->live->id;
	live->setup = view;
	live->trouble = troubles(view, have->arena);
	object->kind = &zpm_kinds[ZPM_KIND_SETUP];
	object->name = service->name;
	object->real = service->real;
	object->tier = ZPM_TIER_NONE;
	object->live = live;
	zpm_objects_add(have, object);
}

/* The observed services that are to be set up. */
static void find_services(
	const struct zpm_world *world, const struct zpm_objects *have, struct zpm_ptrs *services)
{
	for (size_t i = 0; i < world->desired->list.n; i++) {
		const struct zpm_object *want = world->desired->list.v[i];
		struct zpm_object *service;

		if (want->kind->id != ZPM_KIND_SETUP)
			continue;
		service = zpm_objects_find_real(have, ZPM_KIND_SERVICE, want->real);
		if (service)
			zpm_ptrs_push(have->arena, services, service);
	}
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct looking looking = { .world = world, .arena = have->arena };
	struct zpm_ptrs services = { 0 }, tasks = { 0 };
	struct zpm_strs ids = { 0 };
	int result;

	find_services(world, have, &services);
	if (!services.n)
		return 0;
	for (size_t i = 0; i < services.n; i++)
		zpm_strs_push(have->arena, &ids, ((const struct zpm_object *)services.v[i])->live->id);
	result = zpm_tasks_observe(world, &ids, have->arena, &tasks, err);
	/* One that somebody removed meanwhile must not hide the others. */
	if (result < 0 && err->code == ZPM_ENOTFOUND)
		result = zpm_tasks_observe(world, NULL, have->arena, &tasks, err);
	if (result < 0)
		return -1;
	for (size_t i = 0; i < services.n; i++)
		add_setup(&looking, have, services.v[i], &tasks);
	return 0;
}

const struct zpm_driver zpm_setup_driver = {
	.kind = &zpm_kinds[ZPM_KIND_SETUP],
	.observe = observe,
};
