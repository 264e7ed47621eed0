/*
 * Tasks. Which of them belong to the present spec only the undocumented
 * filter `_up-to-date` tells (moby, daemon/cluster/filters.go); `docker
 * service` itself relies on it for its progress bars.
 */
#include "driver/world.h"

#include "docker/docker.h"

#include <json-c/json.h>
#include <string.h>

struct collector {
	struct zpm_arena *arena;
	struct zpm_ptrs *tasks;
};

static const char *kept(const struct collector *collector, json_object *json, const char *path)
{
	const char *text = zpm_json_text(json, path);

	return text && *text ? zpm_arena_strdup(collector->arena, text) : NULL;
}

static int collect(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct collector *collector = ctx;
	struct zpm_task *task = zpm_arena_alloc(collector->arena, sizeof(*task));

	(void)raw, (void)len, (void)err;
	task->id = kept(collector, json, "ID");
	task->service = kept(collector, json, "ServiceID");
	task->node = kept(collector, json, "NodeID");
	task->container = kept(collector, json, "Status.ContainerStatus.ContainerID");
	task->slot = zpm_json_int(json, "Slot");
	task->state = kept(collector, json, "Status.State");
	task->desired = kept(collector, json, "DesiredState");
	task->err = kept(collector, json, "Status.Err");
	if (task->service && task->state && task->desired)
		zpm_ptrs_push(collector->arena, collector->tasks, task);
	return 0;
}

static char *task_filter(const struct zpm_strs *ids)
{
	json_object *filters = json_object_new_object(), *list = json_object_new_array();
	char *escaped;

	json_object_array_add(list, json_object_new_string("true"));
	json_object_object_add(filters, "_up-to-date", list);
	if (ids) {
		list = json_object_new_array();
		for (size_t i = 0; i < ids->n; i++)
			json_object_array_add(list, json_object_new_string(ids->v[i]));
		json_object_object_add(filters, "service", list);
	}
	escaped = zpm_docker_escape(json_object_to_json_string_ext(filters, JSON_C_TO_STRING_PLAIN));
	json_object_put(filters);
	return escaped;
}

static int list_tasks(const struct zpm_world *world, const char *path, struct zpm_arena *arena,
	struct zpm_ptrs *tasks, struct zpm_err *err)
{
	struct collector collector = { arena, tasks };
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(world->docker, path, &answer, err) < 0 ||
		zpm_answer_each(&answer, collect, &collector, err) < 0)
		return zpm_err_wrap(err, "list tasks");
	return 0;
}

int zpm_tasks_observe(const struct zpm_world *world, const struct zpm_strs *ids, struct zpm_arena *arena,
	struct zpm_ptrs *tasks, struct zpm_err *err)
{
	ZPM_FREE char *filter = task_filter(ids);
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/tasks?filters=%s", filter);
	return list_tasks(world, path.data, arena, tasks, err);
}

int zpm_tasks_observe_all(
	const struct zpm_world *world, struct zpm_arena *arena, struct zpm_ptrs *tasks, struct zpm_err *err)
{
	return list_tasks(world, "/tasks", arena, tasks, err);
}

int zpm_tasks_observe_service(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
	struct zpm_ptrs *tasks, struct zpm_err *err)
{
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/tasks?filters=%%7B%%22service%%22:%%5B%%22%s%%22%%5D%%7D", id);
	return list_tasks(world, path.data, arena, tasks, err);
}

struct names {
	struct zpm_arena *arena;
	struct zpm_pairs *pairs;
};

static int name_node(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct names *names = ctx;
	const char *id = zpm_json_text(json, "ID"), *name = zpm_json_text(json, "Description.Hostname");

	(void)raw, (void)len, (void)err;
	if (id && name)
		zpm_pairs_set(names->arena, names->pairs, zpm_arena_strdup(names->arena, id),
			zpm_arena_strdup(names->arena, name));
	return 0;
}

int zpm_nodes_names(
	const struct zpm_world *world, struct zpm_arena *arena, struct zpm_pairs *names, struct zpm_err *err)
{
	struct names context = { arena, names };
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(world->docker, "/nodes", &answer, err) < 0 ||
		zpm_answer_each(&answer, name_node, &context, err) < 0)
		return zpm_err_wrap(err, "list nodes");
	return 0;
}

/* Swarm gives a global service a task on each node that takes some and is not known to be down. */
static int count_node(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const char *availability = zpm_json_text(json, "Spec.Availability");
	const char *state = zpm_json_text(json, "Status.State");

	(void)raw, (void)len, (void)err;
	if (availability && !strcmp(availability, "active") && state && strcmp(state, "down") != 0)
		++*(size_t *)ctx;
	return 0;
}

int zpm_nodes_count(const struct zpm_world *world, size_t *count, struct zpm_err *err)
{
	ZPM_BUF answer = { 0 };

	*count = 0;
	if (zpm_docker_get(world->docker, "/nodes", &answer, err) < 0 ||
		zpm_answer_each(&answer, count_node, count, err) < 0)
		return zpm_err_wrap(err, "list nodes");
	return 0;
}
