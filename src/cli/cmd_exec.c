/* zpm exec: a program in a container, as if it ran here. */
#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/inside.h"

#include <stdio.h>
#include <unistd.h>

static bool print(void *ctx, bool is_err, const char *data, size_t len)
{
	FILE *file = is_err ? stderr : stdout;

	(void)ctx;
	fwrite(data, 1, len, file);
	return !fflush(file);
}

static bool resized(void *ctx, unsigned *rows, unsigned *columns)
{
	(void)ctx;
	return zpm_terminal_resized(rows, columns);
}

/* A terminal is only lent to who asks for it, or gets one of its own. */
static struct zpm_exec describe(const struct zpm_cli *cli)
{
	struct zpm_exec exec = { .in = -1, .take = print, .resized = resized };

	exec.tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (exec.tty || !isatty(STDIN_FILENO) || cli->switches & ZPM_SWITCH_INTERACTIVE)
		exec.in = STDIN_FILENO;
	for (size_t i = 1; i < cli->args.n; i++)
		zpm_strs_push(cli->arena, &exec.command, cli->args.v[i]);
	return exec;
}

enum zpm_exit zpm_cmd_exec(const struct zpm_cli *cli)
{
	struct zpm_exec exec = describe(cli);
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };
	int ended = 0, result;

	if (code == ZPM_EXIT_OK) {
		if (exec.tty)
			exec.stop = zpm_terminal_raw();
		result = zpm_session_exec(session, cli->args.v[0], cli->task, &exec, &ended, &err);
		zpm_terminal_restore();
		code = result < 0 ? zpm_cli_fail(&err) : (enum zpm_exit)ended;
	}
	zpm_session_free(session);
	return code;
}
