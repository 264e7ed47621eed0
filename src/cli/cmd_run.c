/* zpm run: the loop, what it says on standard error and to systemd, and the signals that steer it. */
#include "cli/cli.h"
#include "cli/notify.h"
#include "cli/run_api.h"
#include "cli/run_notify.h"

#include "base/clock.h"
#include "engine/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the pipe that signals go through: see zpm_loop_options. */
static int signal_pipe = -1;

static void on_signal(int number)
{
	int saved = errno;

	(void)!write(signal_pipe, number == SIGHUP ? "h" : "e", 1);
	errno = saved;
}

/* The end to read from; -1 with the reason told. */
static int catch_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		fprintf(stderr, "zpm: cannot make a pipe: %s\n", strerror(errno));
		return -1;
	}
	signal_pipe = fds[1];
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return fds[0];
}

struct reporter {
	const struct zpm_cli *cli;
	struct zpm_run_api *api;
	struct zpm_run_notify *notify;
	bool ready;
	int64_t told; /* when systemd last heard that it lives */
};

/* Whoever collects a service's output notes the time by itself; a person at a terminal wants it here. */
static void say(const char *event, const char *line)
{
	char time[ZPM_TIME_SIZE] = "";

	if (isatty(STDERR_FILENO))
		zpm_time_text(zpm_clock_wall(), time);
	fprintf(stderr, "%s%s%-9s  %s\n", time, *time ? " " : "", event, line);
}

static void tell(void *ctx, enum zpm_loop_event event, const char *text)
{
	const struct reporter *reporter = ctx;

	say(zpm_loop_event_names[event], text);
	zpm_run_api_tell(reporter->api, event, text);
	zpm_run_notify_tell(reporter->notify, event, text);
}

static void look(void *ctx, const struct zpm_loop_look *look)
{
	struct reporter *reporter = ctx;

	zpm_run_api_look(reporter->api, look);
	zpm_run_notify_look(reporter->notify, look);
	if (!reporter->ready)
		zpm_notify("READY=1");
	reporter->ready = true;
}

static void show_runs(void *ctx, const struct zpm_runs *runs)
{
	const struct reporter *reporter = ctx;

	zpm_run_api_runs(reporter->api, runs);
}

static void asked(void *ctx, struct zpm_loop *loop)
{
	const struct reporter *reporter = ctx;

	zpm_run_api_asked(reporter->api, loop);
}

static void alive(void *ctx)
{
	struct reporter *reporter = ctx;
	int64_t now = zpm_clock_now();

	if (now - reporter->told < ZPM_S)
		return;
	reporter->told = now;
	zpm_notify("WATCHDOG=1");
}

/* Others see it as who holds the lease: where it runs, and which one there. */
static const char *holder_name(struct zpm_arena *arena)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return zpm_arena_printf(
		arena, "%s/%ld/%08lx", host, (long)getpid(), (unsigned long)zpm_clock_wall() & 0xffffffff);
}

/* systemd names one; a person has one at home. NULL: neither. */
static const char *state_folder(struct zpm_arena *arena)
{
	const char *given = getenv("STATE_DIRECTORY"), *home = getenv("HOME");

	if (given && *given)
		return zpm_arena_printf(arena, "%.*s/git", (int)strcspn(given, ":"), given);
	if (!home || *home != '/')
		return NULL;
	return zpm_arena_printf(arena, "%s/.zpm", home);
}

enum zpm_exit zpm_cmd_run(const struct zpm_cli *cli)
{
	struct reporter reporter = { .cli = cli };
	struct zpm_loop_options options = {
		.session = zpm_cli_session_options(cli),
		.observer = { tell, look, show_runs, asked, alive, &reporter },
		.holder = holder_name(cli->arena),
		.state = state_folder(cli->arena),
		.parallel = cli->parallel,
		.timeout = cli->timeout,
		.signals = catch_signals(),
	};
	struct zpm_diags mistakes = { 0 };
	struct zpm_err err = { 0 };
	int result;

	if (options.signals < 0)
		return ZPM_EXIT_FAILED;
	if (!strcmp(options.session.manifest, "-")) {
		zpm_err_set(&err, ZPM_EINVALID, "standard input cannot be watched: name a file with -f");
		return zpm_cli_fail(&err);
	}
	reporter.api = zpm_run_api_new(signal_pipe, say);
	reporter.notify = zpm_run_notify_new(options.holder, say);
	result = zpm_loop_run(&options, cli->arena, &mistakes, &err);
	zpm_notify("STOPPING=1");
	zpm_run_notify_free(reporter.notify);
	zpm_run_api_free(reporter.api);
	zpm_cli_print_diagnostics(&mistakes, "");
	if (result < 0 && mistakes.list.n)
		return ZPM_EXIT_USAGE;
	return result < 0 ? zpm_cli_fail(&err) : ZPM_EXIT_OK;
}
