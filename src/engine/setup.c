/*
 * Running the setup of a service: looked at in rounds, so that a container that
 * goes away is followed by the one that takes its place, and each command noted
 * in the container as soon as it has ended. One container after the other: what
 * commands do to things they share, a database say, they do not do at once.
 */
#include "engine/set.h"

#include "base/clock.h"
#include "driver/setup.h"
#include "driver/streams.h"
#include "engine/wait.h"
#include "model/service.h"
#include "model/value.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A command that keeps failing is given up after so many attempts in a row. */
#define MAX_ATTEMPTS  5
#define FIRST_PAUSE   ZPM_S
#define LONGEST_PAUSE (15 * ZPM_S)
/* An Engine that is at hand answers by then, and a list of tasks is up to date. */
#define PATIENCE_TO_SEE (10 * ZPM_S)
/* The service has converged before; this is for one that has lost a task since. */
#define PATIENCE_WITH_TASKS (60 * ZPM_S)

struct setting_up {
	struct zpm_wait wait;
	const struct zpm_world *world;
	const struct zpm_setup *setup;
	const char *hash;
	struct {
		struct zpm_arena *round, *all;
	} arena;
	const struct zpm_object *service; /* as observed */
	struct zpm_setup_view view;
	unsigned failures; /* in a row */
	bool done;
};

/* A command while it runs, and what is seen of it. */
struct program {
	struct zpm_applier *applier;
	struct zpm_buf output;
	int64_t deadline;
	atomic_int stop;
};

static int interrupts(const struct zpm_applier *applier)
{
	return applier->options->interrupts ? *applier->options->interrupts : 0;
}

/* Only the end is kept, however much it is. */
static bool take(void *ctx, bool is_err, const char *data, size_t len)
{
	struct program *program = ctx;
	struct zpm_buf *output = &program->output;

	(void)is_err;
	if (len > ZPM_SETUP_OUTPUT) {
		data += len - ZPM_SETUP_OUTPUT;
		len = ZPM_SETUP_OUTPUT;
	}
	if (output->len + len > (size_t)8 * ZPM_SETUP_OUTPUT) {
		memmove(output->data, output->data + output->len - ZPM_SETUP_OUTPUT, ZPM_SETUP_OUTPUT);
		output->len = ZPM_SETUP_OUTPUT;
	}
	zpm_buf_add(output, data, len);
	return true;
}

static void tick(void *ctx)
{
	struct program *program = ctx;

	if (zpm_clock_now() >= program->deadline || interrupts(program->applier) > 1)
		program->stop = 1;
}

static int execute(const struct setting_up *s, const struct zpm_setup_container *container,
	const struct zpm_setup_command *command, struct program *program, int *code, struct zpm_err *err)
{
	const struct zpm_exec exec = {
		.command = command->command,
		.user = command->user,
		.in = -1,
		.take = take,
		.tick = tick,
		.ctx = program,
		.stop = &program->stop,
	};

	program->deadline = zpm_clock_now() + command->timeout;
	if (program->deadline > program->applier->deadline)
		program->deadline = program->applier->deadline;
	return zpm_container_exec(s->world, container->id, container->node, &exec, code, err);
}

static const char *now_text(struct zpm_arena *arena)
{
	time_t now = (time_t)(zpm_clock_wall() / ZPM_S);
	char text[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return zpm_arena_strdup(arena, text);
}

/* A mark that is lost has the command run again. One whose container is lost is missed by nobody. */
static int leave_mark(struct setting_up *s, const struct zpm_setup_container *container,
	struct zpm_setup_mark *mark, struct zpm_err *err)
{
	struct zpm_err why = { 0 };

	mark->at = now_text(s->arena.round);
	while (zpm_setup_write_mark(s->world, container, mark, &why) < 0) {
		if (why.code == ZPM_ENOTFOUND)
			return 0;
		if (why.code != ZPM_EUNAVAIL || s->wait.given_up)
			return zpm_err_set(
				err, why.code, "leave a mark in %s: %.400s", container->task, why.msg);
		if (zpm_wait_for(&s->wait, PATIENCE_TO_SEE, why.msg, err) < 0)
			return -1;
	}
	return 0;
}

/* The last of it on one line, for where there is no room for more. */
static const char *last_words(const char *output, struct zpm_arena *arena)
{
	const size_t most = 200;
	size_t len = strlen(output);
	char *line;

	while (len && output[len - 1] == '\n')
		len--;
	if (!len)
		return "";
	line = zpm_arena_strndup(arena, output, len);
	if (len > most) {
		line += len - most;
		while (((unsigned char)*line & 0xc0) == 0x80)
			line++;
	}
	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return zpm_arena_printf(arena, ": %s", line);
}

static void keep_output(const struct setting_up *s, const char *output)
{
	struct zpm_applier *applier = s->wait.applier;

	if (!*output)
		return;
	/* The session's arena is shared by the workers. */
	pthread_mutex_lock(&applier->lock);
	s->wait.run->output = zpm_arena_strdup(applier->session->arena, output);
	pthread_mutex_unlock(&applier->lock);
}

/* Waits before the next attempt. */
static int pause_after(struct setting_up *s, const char *why, struct zpm_err *err)
{
	int64_t until = zpm_clock_now() + zpm_backoff(s->failures - 1, FIRST_PAUSE, LONGEST_PAUSE);

	while (zpm_clock_now() < until)
		if (zpm_wait_for(&s->wait, ZPM_WAIT_LONG, why, err) < 0)
			return -1;
	return 0;
}

static const char *times_text(unsigned times, struct zpm_arena *arena)
{
	return times > 1 ? zpm_arena_printf(arena, " %u times", times) : "";
}

/* `final`: trying again would be worse than giving up. */
static int note_failure(struct setting_up *s, const struct zpm_setup_container *container,
	struct zpm_setup_mark *mark, const char *why, bool final, struct zpm_err *err)
{
	const struct zpm_setup_command *command = s->setup->commands.v[mark->done];
	const char *text;

	s->failures++;
	mark->attempts++;
	mark->why = why;
	if (leave_mark(s, container, mark, err) < 0)
		return -1;
	text = zpm_arena_printf(s->arena.round, "'%s' failed in %s%s: %s%s",
		zpm_setup_command_text(command, s->arena.round), container->task,
		times_text(s->failures, s->arena.round), why, last_words(mark->output, s->arena.round));
	if (!final && s->failures < MAX_ATTEMPTS)
		return pause_after(s, text, err);
	keep_output(s, mark->output);
	return zpm_err_set(err, ZPM_EFAILED, "%s", text);
}

static const char *why_stopped(const struct setting_up *s, const struct zpm_setup_command *command)
{
	if (zpm_clock_now() >= s->wait.applier->deadline)
		return "it has not ended in the time that the apply has, and may still run";
	return zpm_arena_printf(s->arena.round, "it has not ended after %s, and may still run",
		zpm_value_format(ZPM_T_DURATION, command->timeout, s->arena.round));
}

static int note_success(struct setting_up *s, const struct zpm_setup_container *container,
	struct zpm_setup_mark *mark, struct zpm_err *err)
{
	mark->done++;
	mark->attempts = 0;
	mark->why = mark->output = NULL;
	s->failures = 0;
	zpm_wait_progress(&s->wait);
	return leave_mark(s, container, mark, err);
}

/* One attempt at the next command. The round is over when that has failed. */
static int run_next(struct setting_up *s, const struct zpm_setup_container *container,
	struct zpm_setup_mark *mark, struct program *program, struct zpm_err *err)
{
	const struct zpm_setup_command *command = s->setup->commands.v[mark->done];
	struct zpm_err lost = { 0 };
	int code = 0, result;

	zpm_wait_tell(&s->wait, zpm_arena_printf(s->arena.round, "'%s' runs in %s",
					zpm_setup_command_text(command, s->arena.round), container->task));
	result = execute(s, container, command, program, &code, &lost);
	if (result < 0 && (lost.code == ZPM_ENOTFOUND || lost.code == ZPM_EUNAVAIL))
		return zpm_wait_for(&s->wait, PATIENCE_TO_SEE, lost.msg, err);
	if (!result && !code)
		return note_success(s, container, mark, err);
	if (program->stop && interrupts(program->applier) > 1)
		return zpm_err_set(err, ZPM_ECANCELED,
			"interrupted while '%s' runs in %s; the next apply runs it again",
			zpm_setup_command_text(command, s->arena.round), container->task);
	mark->output = zpm_setup_output(
		program->output.data ? program->output.data : "", program->output.len, s->arena.round);
	if (program->stop)
		return note_failure(s, container, mark, why_stopped(s, command), true, err);
	return note_failure(s, container, mark,
		result < 0 ? zpm_arena_strdup(s->arena.round, lost.msg)
			   : zpm_arena_printf(s->arena.round, "exit code %d", code),
		s->wait.applier->options->no_wait, err);
}

/* From where the mark says on. What stops in between is for the next round. */
static int set_up(
	struct setting_up *s, const struct zpm_setup_container *container, bool *over, struct zpm_err *err)
{
	struct zpm_setup_mark mark = { 0 };

	if (container->mark && !strcmp(container->mark->hash, s->hash))
		mark = *container->mark;
	mark.hash = s->hash;
	while (mark.done < (int64_t)s->setup->commands.n) {
		struct program program = { .applier = s->wait.applier };
		int64_t before = mark.done;
		int result;

		if (interrupts(s->wait.applier))
			return zpm_err_set(err, ZPM_ECANCELED,
				"interrupted before all of it had run in %s; the next apply goes on",
				container->task);
		result = run_next(s, container, &mark, &program, err);
		zpm_buf_dispose(&program.output);
		if (result < 0)
			return -1;
		*over = mark.done == before;
		if (*over)
			return 0;
	}
	return 0;
}

/* Waits for what is not there yet. */
static int await_rest(struct setting_up *s, const char *trouble, struct zpm_err *err)
{
	int64_t replicas = ((const struct zpm_service *)s->service->spec)->replicas;
	int64_t running = (int64_t)s->view.containers.n, coming = (int64_t)s->view.coming;
	int64_t wanted = replicas == ZPM_UNSET ? running + coming : replicas;

	if (trouble)
		return zpm_wait_for(&s->wait, PATIENCE_TO_SEE, trouble, err);
	s->done = running >= wanted;
	if (s->done)
		return 0;
	return zpm_wait_for(&s->wait, PATIENCE_WITH_TASKS,
		zpm_arena_printf(
			s->arena.round, "%lld of %lld tasks run", (long long)running, (long long)wanted),
		err);
}

static int look(struct setting_up *s, struct zpm_err *err)
{
	zpm_arena_free(s->arena.round);
	s->arena.round = zpm_arena_new();
	return zpm_setup_look(s->world, s->service, s->arena.round, &s->view, err);
}

/* One round: whatever runs and is not set up; then, what does not run yet. */
static int go_on(struct setting_up *s, struct zpm_err *err)
{
	const char *trouble = NULL;
	struct zpm_err lost = { 0 };
	bool over = false;

	if (look(s, &lost) < 0) {
		if (lost.code == ZPM_EUNAVAIL)
			return zpm_wait_for(&s->wait, PATIENCE_TO_SEE, lost.msg, err);
		*err = lost;
		return -1;
	}
	for (size_t i = 0; i < s->view.containers.n && !over; i++) {
		const struct zpm_setup_container *container = s->view.containers.v[i];

		if (container->trouble)
			trouble = zpm_arena_printf(
				s->arena.round, "%s: %s", container->task, container->trouble);
		else if (set_up(s, container, &over, err) < 0)
			return -1;
	}
	return over ? 0 : await_rest(s, trouble, err);
}

/* The service may have been made by this very apply. */
static int find_service(struct setting_up *s, const struct zpm_session *session, struct zpm_err *err)
{
	const struct zpm_object *want =
		zpm_objects_find(session->desired, ZPM_KIND_SERVICE, s->setup->service);

	return zpm_world_find(s->world, want, s->arena.all, &s->service, err);
}

int zpm_applier_setup(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	const struct zpm_object *want = run->step->change->want;
	struct setting_up s = {
		.world = applier->session->world,
		.setup = want->spec,
		.hash = want->hash,
		.arena.all = zpm_arena_new(),
	};
	int result;

	zpm_wait_begin(&s.wait, applier, run);
	result = find_service(&s, applier->session, err);
	while (!result && !s.done && !s.wait.given_up)
		result = go_on(&s, err);
	zpm_arena_free(s.arena.round);
	zpm_arena_free(s.arena.all);
	return result;
}
