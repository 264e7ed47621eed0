/* The waiting: what can wake the loop, and when it looks without being woken. See loop.h. */
#include "engine/loop_parts.h"

#include "base/clock.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rounds that events ask for are so far apart, so that a storm of them costs little. */
#define CALM (200 * ZPM_MS)

const char *const zpm_loop_event_names[ZPM_LOOP_EVENT_COUNT] = {
	[ZPM_LOOP_LEADS] = "leads",
	[ZPM_LOOP_FOLLOWS] = "follows",
	[ZPM_LOOP_MANIFEST] = "manifest",
	[ZPM_LOOP_MISTAKES] = "mistakes",
	[ZPM_LOOP_DRIFT] = "drift",
	[ZPM_LOOP_APPLIES] = "applies",
	[ZPM_LOOP_CONVERGED] = "converged",
	[ZPM_LOOP_PARTIAL] = "partial",
	[ZPM_LOOP_INTERRUPTED] = "replans",
	[ZPM_LOOP_FAILOVER] = "failover",
	[ZPM_LOOP_REFUSED] = "refused",
	[ZPM_LOOP_TROUBLE] = "trouble",
	[ZPM_LOOP_PAUSED] = "paused",
	[ZPM_LOOP_RESUMED] = "resumed",
};

void zpm_loop_tell(const struct zpm_loop *loop, enum zpm_loop_event event, const char *fmt, ...)
{
	const struct zpm_loop_observer *observer = &loop->options->observer;
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	observer->tell(observer->ctx, event, line);
}

static void empty(int fd)
{
	uint64_t count;

	(void)!read(fd, &count, sizeof(count));
}

static bool take_signals(struct zpm_loop *loop)
{
	char signals[16];
	ssize_t n = read(loop->options->signals, signals, sizeof(signals));

	for (ssize_t i = 0; i < n; i++) {
		if (signals[i] == 'c')
			loop->asked = true;
		else if (signals[i] != 'h')
			loop->ending = true;
		else if (loop->git)
			zpm_git_watch_poke(loop->git);
		else
			loop->reread = true;
	}
	return n > 0;
}

static bool take_files(struct zpm_loop *loop)
{
	struct zpm_err err = { 0 };
	bool changed = false;

	if (zpm_watcher_read(loop->watcher, zpm_clock_now(), &changed, &err) < 0)
		zpm_loop_tell(loop, ZPM_LOOP_TROUBLE, "cannot watch the manifest: %s", err.msg);
	loop->reread |= changed;
	return changed;
}

/* Until the first of: `wait`, what the watcher waits for. In milliseconds, rounded up. */
static int poll_time(const struct zpm_loop *loop, int64_t wait)
{
	int64_t due = zpm_watcher_due(loop->watcher), until = due ? due - zpm_clock_now() : INT64_MAX;

	if (wait < until)
		until = wait;
	if (until <= 0)
		return 0;
	return (int)((until + ZPM_MS - 1) / ZPM_MS);
}

bool zpm_loop_poll(struct zpm_loop *loop, int64_t wait)
{
	struct pollfd fds[] = {
		{ .fd = loop->options->signals, .events = POLLIN },
		{ .fd = zpm_watcher_fd(loop->watcher), .events = POLLIN },
		{ .fd = zpm_events_fd(loop->events), .events = POLLIN },
		{ .fd = zpm_lease_fd(loop->lease), .events = POLLIN },
		{ .fd = loop->git ? zpm_git_watch_fd(loop->git) : -1, .events = POLLIN },
	};
	bool news = false;

	poll(fds, ZPM_COUNT(fds), poll_time(loop, wait));
	if (fds[0].revents)
		news |= take_signals(loop);
	news |= take_files(loop);
	for (size_t i = 2; i < ZPM_COUNT(fds); i++) {
		if (!fds[i].revents)
			continue;
		empty(fds[i].fd);
		news = true;
	}
	if (fds[4].revents)
		loop->reread |= zpm_loop_has_commit(loop);
	return news;
}

static void wait_for_reason(struct zpm_loop *loop)
{
	const struct zpm_loop_observer *observer = &loop->options->observer;
	int64_t calm = zpm_clock_now() + CALM;
	bool news = false;

	while (!loop->ending && !loop->reread && !loop->asked) {
		int64_t now = zpm_clock_now(), until = news ? calm : loop->due;

		if (observer->alive)
			observer->alive(observer->ctx);
		if (now >= until)
			return;
		/* Somebody may watch whether we are alive. */
		until = until - now < ZPM_S ? until - now : ZPM_S;
		news |= zpm_loop_poll(loop, until);
	}
}

/* What the loop listens to; the manifest has been read. */
static int open_parts(struct zpm_loop *loop, struct zpm_err *err)
{
	const struct zpm_lease_options lease = {
		.access = &loop->access,
		.platform = loop->platform,
		.holder = loop->options->holder,
		.duration = loop->rules.lease,
	};

	if (zpm_events_new(&loop->access, &loop->events, err) < 0 ||
		zpm_records_open(&loop->access, &loop->records, err) < 0)
		return -1;
	return zpm_lease_new(&lease, &loop->lease, err);
}

static void close_parts(struct zpm_loop *loop)
{
	zpm_lease_free(loop->lease);
	zpm_events_free(loop->events);
	zpm_records_close(loop->records);
	zpm_git_watch_free(loop->git);
	zpm_watcher_free(loop->watcher);
	zpm_session_free(loop->session);
	zpm_session_free(loop->broken);
	zpm_pace_free(loop->pace);
	zpm_arena_free(loop->told);
	zpm_arena_free(loop->arena);
}

static void copy_mistakes(const struct zpm_loop *loop, struct zpm_arena *arena, struct zpm_diags *mistakes)
{
	const struct zpm_manifest *manifest = loop->broken ? loop->broken->manifest : NULL;
	const struct zpm_diags *from = manifest ? &manifest->diags : NULL;

	mistakes->arena = arena;
	for (size_t i = 0; from && i < from->list.n; i++) {
		const struct zpm_diag *diag = from->list.v[i];
		struct zpm_pos pos = diag->pos;

		pos.file = pos.file ? zpm_arena_strdup(arena, pos.file) : NULL;
		zpm_diag_add(mistakes, pos, "%s", diag->msg);
	}
}

static void answer(struct zpm_loop *loop)
{
	const struct zpm_loop_observer *observer = &loop->options->observer;

	loop->asked = false;
	if (observer->asked)
		observer->asked(observer->ctx, loop);
}

int zpm_loop_run(const struct zpm_loop_options *options, struct zpm_arena *arena, struct zpm_diags *mistakes,
	struct zpm_err *err)
{
	struct zpm_loop loop = {
		.options = options, .arena = zpm_arena_new(), .pace = zpm_pace_new(), .told = zpm_arena_new()
	};
	int result = zpm_watcher_new(0, &loop.watcher, err);

	atomic_init(&loop.interrupts, 0);
	if (!result)
		result = zpm_loop_load(&loop, err);
	if (result < 0 && err->code == ZPM_EINVALID)
		copy_mistakes(&loop, arena, mistakes);
	if (!result)
		result = open_parts(&loop, err);
	while (!result && !loop.ending) {
		if (loop.asked)
			answer(&loop);
		if (loop.reread)
			zpm_loop_reload(&loop);
		zpm_loop_round(&loop);
		wait_for_reason(&loop);
	}
	close_parts(&loop);
	return result;
}
