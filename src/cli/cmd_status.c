/* zpm status: each object as it is, once or again and again. */
#include "cli/cli.h"
#include "cli/render.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define WATCH_SECONDS 2

static int show(const struct zpm_cli *cli, struct zpm_session *session, bool *converged, struct zpm_err *err)
{
	struct zpm_arena *arena;
	struct zpm_ptrs statuses = { 0 };
	ZPM_BUF out = { 0 };
	int result;

	if (zpm_session_plan(session, err) < 0)
		return -1;
	zpm_cli_tell_notes(session);
	arena = zpm_arena_new();
	result = zpm_status_observe(session, arena, &statuses, err);
	if (!result) {
		*converged = zpm_statuses_converged(&statuses) && !session->plan->troubles.n;
		if (cli->switches & ZPM_SWITCH_WATCH && isatty(STDOUT_FILENO))
			fputs("\033[H\033[J", stdout);
		if (cli->output == ZPM_OUTPUT_JSON) {
			zpm_print_json(zpm_render_status_json(&statuses, session));
		} else {
			zpm_render_status(&statuses, session, cli->colour, &out);
			fputs(out.data, stdout);
		}
		fflush(stdout);
	}
	zpm_arena_free(arena);
	return result;
}

enum zpm_exit zpm_cmd_status(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	const atomic_int *interrupted;
	struct zpm_err err = { 0 };
	bool converged = false;

	if (code == ZPM_EXIT_OK) {
		interrupted = cli->switches & ZPM_SWITCH_WATCH ? zpm_cli_catch_interrupts() : NULL;
		do {
			if (show(cli, session, &converged, &err) < 0)
				code = zpm_cli_fail(&err);
			if (interrupted && code == ZPM_EXIT_OK)
				nanosleep(&(struct timespec){ .tv_sec = WATCH_SECONDS }, NULL);
		} while (interrupted && !*interrupted && code == ZPM_EXIT_OK);
		if (code == ZPM_EXIT_OK && !converged)
			code = ZPM_EXIT_PARTIAL;
	}
	zpm_session_free(session);
	return code;
}
