/*
 * The output of a service. The Engine puts before each line which task wrote
 * it ("details"), as ids; here they become the names people use. New tasks
 * appear while a stream is followed, so names are looked up when first seen.
 */
#include "driver/streams.h"

#include "base/clock.h"
#include "base/index.h"
#include "docker/stream.h"
#include "driver/world.h"
#include "model/service.h"

#include <inttypes.h>
#include <string.h>

#define TASK_KEY "com.docker.swarm.task.id="
/* What is not ended by a newline is handed on in pieces of this size. */
#define MAX_LINE ((size_t)1024 * 1024)

/* Whose line is not at its end yet, on one of the two outputs. */
struct output {
	bool open;
	char task[64];
};

struct logs {
	const struct zpm_world *world;
	const struct zpm_object *service;
	const struct zpm_log_options *options;
	struct zpm_arena *arena;
	struct zpm_index
		*tasks;         /* id -> struct zpm_task; of those looked for in vain one without a service */
	struct zpm_pairs nodes; /* id -> host name */
	struct zpm_buf line;    /* of a terminal's stream, up to its newline */
	struct output outputs[2];
	bool any; /* there was something to show */
};

static void look_again(struct logs *logs)
{
	struct zpm_ptrs tasks = { 0 };
	struct zpm_err err;

	/* Without names the lines are still worth showing. */
	if (zpm_tasks_observe_service(logs->world, logs->service->live->id, logs->arena, &tasks, &err) < 0)
		return;
	for (size_t i = 0; i < tasks.n; i++)
		zpm_index_add(logs->tasks, ((struct zpm_task *)tasks.v[i])->id, tasks.v[i]);
	zpm_nodes_names(logs->world, logs->arena, &logs->nodes, &err);
}

static const struct zpm_task *task_of(struct logs *logs, const char *id)
{
	static struct zpm_task unknown;
	struct zpm_task *task = *id ? zpm_index_get(logs->tasks, id) : &unknown;

	if (!task) {
		look_again(logs);
		task = zpm_index_get(logs->tasks, id);
	}
	if (!task) {
		zpm_index_add(logs->tasks, zpm_arena_strdup(logs->arena, id), &unknown);
		task = &unknown;
	}
	return task;
}

/* The first word of the text, moved behind it; "" when there is no blank. */
static size_t word(const char **text, size_t *len)
{
	const char *blank = memchr(*text, ' ', *len);
	size_t n = blank ? (size_t)(blank - *text) : 0;

	if (blank) {
		*text += n + 1;
		*len -= n + 1;
	}
	return n;
}

/* "com.docker.swarm.node.id=...,com.docker.swarm.task.id=...": the id out of the details. */
static void read_task_id(const char *details, size_t len, char *id, size_t size)
{
	const char *at = memmem(details, len, TASK_KEY, strlen(TASK_KEY));
	size_t n = 0;

	if (at) {
		at += strlen(TASK_KEY);
		while (at + n < details + len && at[n] != ',' && n < size - 1)
			n++;
		memcpy(id, at, n);
	}
	id[n] = '\0';
}

static const char *task_name(struct logs *logs, const struct zpm_task *task)
{
	if (!task->service)
		return NULL;
	return task->slot ? zpm_arena_printf(logs->arena, "%s.%" PRId64, logs->service->name, task->slot)
			  : logs->service->name;
}

/* Another task writes while a line is open: that line ends here. */
static bool end_line(const struct logs *logs, struct output *output, bool is_err)
{
	const struct zpm_log_line newline = { .is_err = is_err, .continues = true, .text = "\n", .len = 1 };

	output->open = false;
	return logs->options->take(logs->options->ctx, &newline);
}

static bool take_message(struct logs *logs, bool is_err, const char *text, size_t len)
{
	struct output *output = &logs->outputs[is_err];
	struct zpm_log_line line = { .is_err = is_err };
	const struct zpm_task *task;
	const char *start = text;
	char id[sizeof(output->task)], time[64] = "";
	size_t n;

	if (logs->options->timestamps) {
		n = word(&text, &len);
		memcpy(time, start, n < sizeof(time) ? n : 0);
		line.time = time;
	}
	start = text;
	n = word(&text, &len);
	read_task_id(start, n, id, sizeof(id));
	logs->any = true;
	line.continues = output->open && !strcmp(id, output->task);
	if (output->open && !line.continues && !end_line(logs, output, is_err))
		return false;
	task = task_of(logs, id);
	line.task = task_name(logs, task);
	line.node = task->node ? zpm_pairs_get(&logs->nodes, task->node) : NULL;
	line.text = text;
	line.len = len;
	output->open = !len || text[len - 1] != '\n';
	memcpy(output->task, id, sizeof(id));
	return logs->options->take(logs->options->ctx, &line);
}

/* A terminal's stream has no frames: each line is a message. */
static bool take_raw(struct logs *logs, const char *data, size_t len)
{
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t n = newline ? (size_t)(newline - data) + 1 : len;
		bool more = true;

		zpm_buf_add(&logs->line, data, n);
		if (newline || logs->line.len >= MAX_LINE) {
			more = take_message(logs, false, logs->line.data, logs->line.len);
			zpm_buf_clear(&logs->line);
		}
		if (!more)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

static bool take(void *ctx, enum zpm_channel channel, const char *data, size_t len)
{
	struct logs *logs = ctx;

	if (((const struct zpm_service *)logs->service->spec)->tty == 1)
		return take_raw(logs, data, len);
	return take_message(logs, channel == ZPM_CHANNEL_ERR, data, len);
}

/* The Engine wants a moment of the world's clock. */
static void add_since(int64_t ago, struct zpm_buf *path)
{
	int64_t at = zpm_clock_wall() - ago;

	if (at > 0)
		zpm_buf_printf(path, "&since=%lld.%09lld", at / ZPM_S, at % ZPM_S);
}

/* Engine 20.10 answers with nothing, and does not say why. */
static int check_driver(const struct logs *logs, struct zpm_err *err)
{
	const struct zpm_logging *logging = ((const struct zpm_service *)logs->service->spec)->logging;

	if (logs->any || !logging || !logging->driver || strcmp(logging->driver, "none") != 0)
		return 0;
	return zpm_err_set(err, ZPM_EFAILED,
		"nothing that service '%s' writes is kept: its logging driver is 'none'",
		logs->service->name);
}

int zpm_service_logs(const struct zpm_world *world, const struct zpm_object *service,
	const struct zpm_log_options *options, struct zpm_err *err)
{
	struct logs logs = { world, service, options, zpm_arena_new(), NULL, { 0 }, { 0 }, { { 0 } }, false };
	const struct zpm_docker_stream stream = {
		.raw = ((const struct zpm_service *)service->spec)->tty == 1,
		.take = take,
		.ctx = &logs,
		.stop = options->stop,
	};
	int result;
	ZPM_BUF path = { 0 };

	logs.tasks = zpm_index_new(logs.arena);
	zpm_buf_printf(&path, "/services/%s/logs?stdout=1&stderr=1&details=1", service->live->id);
	if (options->follow)
		zpm_buf_puts(&path, "&follow=1");
	if (options->timestamps)
		zpm_buf_puts(&path, "&timestamps=1");
	if (options->tail != ZPM_UNSET)
		zpm_buf_printf(&path, "&tail=%" PRId64, options->tail);
	if (options->since != ZPM_UNSET)
		add_since(options->since, &path);
	result = zpm_docker_get_stream(world->docker, path.data, options->follow, &stream, err);
	if (logs.line.len)
		take_message(&logs, false, logs.line.data, logs.line.len);
	if (result == 0)
		result = check_driver(&logs, err);
	zpm_buf_dispose(&logs.line);
	zpm_arena_free(logs.arena);
	return result;
}
