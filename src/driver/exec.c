/* A program in a container: made, started on a connection of its own, and asked for its end. */
#include "driver/streams.h"

#include "docker/stream.h"
#include "driver/world.h"

#include <json-c/json.h>
#include <stdio.h>

struct running {
	const struct zpm_world *world;
	const struct zpm_exec *exec;
	const char *id;
};

static json_object *describe(const struct zpm_exec *exec)
{
	json_object *json = json_object_new_object(), *command = json_object_new_array();

	for (size_t i = 0; i < exec->command.n; i++)
		json_object_array_add(command, json_object_new_string(exec->command.v[i]));
	json_object_object_add(json, "AttachStdin", json_object_new_boolean(exec->in >= 0));
	json_object_object_add(json, "AttachStdout", json_object_new_boolean(true));
	json_object_object_add(json, "AttachStderr", json_object_new_boolean(true));
	json_object_object_add(json, "Tty", json_object_new_boolean(exec->tty));
	json_object_object_add(json, "Cmd", command);
	if (exec->user)
		json_object_object_add(json, "User", json_object_new_string(exec->user));
	return json;
}

static bool take(void *ctx, enum zpm_channel channel, const char *data, size_t len)
{
	const struct running *running = ctx;

	return running->exec->take(running->exec->ctx, channel == ZPM_CHANNEL_ERR, data, len);
}

/* A terminal of a wrong size is no reason to end the program. */
static void resize(void *ctx)
{
	const struct running *running = ctx;
	unsigned rows, columns;
	struct zpm_err err;
	ZPM_BUF path = { 0 };

	if (!running->exec->tty || !running->exec->resized(running->exec->ctx, &rows, &columns))
		return;
	zpm_buf_printf(&path, "/exec/%s/resize?h=%u&w=%u", running->id, rows, columns);
	zpm_docker_post(running->world->docker, path.data, NULL, NULL, &err);
}

static void tick(void *ctx)
{
	const struct running *running = ctx;

	resize(ctx);
	if (running->exec->tick)
		running->exec->tick(running->exec->ctx);
}

static int start(struct running *running, struct zpm_err *err)
{
	const struct zpm_exec *exec = running->exec;
	const struct zpm_docker_stream stream = {
		.raw = exec->tty, .take = take, .tick = tick, .ctx = running, .stop = exec->stop
	};
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/exec/%s/start", running->id);
	return zpm_docker_hijack(running->world->docker, path.data,
		exec->tty ? "{\"Detach\":false,\"Tty\":true}" : "{\"Detach\":false,\"Tty\":false}", exec->in,
		&stream, err);
}

static int read_code(const struct running *running, int *code, struct zpm_err *err)
{
	json_object *json, *value;
	ZPM_BUF answer = { 0 };
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/exec/%s/json", running->id);
	if (zpm_docker_get(running->world->docker, path.data, &answer, err) < 0)
		return -1;
	json = json_tokener_parse(answer.data);
	value = zpm_json_at(json, "ExitCode");
	/* null while it runs: its output has ended, or nobody wants it any more. */
	*code = json_object_is_type(value, json_type_int) ? json_object_get_int(value) : -1;
	json_object_put(json);
	if (*code >= 0)
		return 0;
	return zpm_err_set(err, ZPM_EFAILED, "the program still runs, and its output has ended");
}

struct asked {
	const char *container;
	const struct zpm_exec *exec;
	int code; /* filled in */
};

static int exec_at(const struct zpm_world *world, void *ctx, struct zpm_err *err)
{
	struct asked *asked = ctx;
	struct zpm_arena *arena = zpm_arena_new();
	struct running running = { .world = world, .exec = asked->exec };
	int result;
	ZPM_BUF path = { 0 };

	zpm_buf_printf(&path, "/containers/%s/exec", asked->container);
	result = zpm_world_post(world, path.data, describe(asked->exec), "Id", arena, &running.id, err);
	if (result == 0) {
		result = start(&running, err);
		if (result == 0)
			result = read_code(&running, &asked->code, err);
		/* It may have run: nobody must take it for a container of another Engine. */
		if (result < 0)
			err->code = ZPM_EFAILED;
	}
	zpm_arena_free(arena);
	return result;
}

int zpm_container_exec(const struct zpm_world *world, const char *container, const char *node,
	const struct zpm_exec *exec, int *code, struct zpm_err *err)
{
	struct asked asked = { .container = container, .exec = exec };

	if (zpm_world_ask(world, node, exec_at, &asked, err) < 0)
		return -1;
	*code = asked.code;
	return 0;
}
