/* zpm logs: what tasks write to standard output goes there, what they write to standard error likewise. */
#include "cli/cli.h"
#include "engine/inside.h"

#include <stdio.h>

static bool print_line(void *ctx, const struct zpm_log_line *line)
{
	FILE *file = line->is_err ? stderr : stdout;

	(void)ctx;
	if (!line->continues) {
		if (line->time)
			fprintf(file, "%s ", line->time);
		if (line->task)
			fprintf(file, "%s@%s | ", line->task, line->node ? line->node : "?");
	}
	fwrite(line->text, 1, line->len, file);
	/* Whoever follows wants to see it now. */
	return !fflush(file);
}

enum zpm_exit zpm_cmd_logs(const struct zpm_cli *cli)
{
	struct zpm_log_options options = {
		.follow = cli->switches & ZPM_SWITCH_FOLLOW,
		.timestamps = cli->switches & ZPM_SWITCH_TIMESTAMPS,
		.tail = cli->tail,
		.since = cli->since,
		.take = print_line,
	};
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	/* To follow ends with an interrupt, and that is no failure. */
	if (options.follow)
		options.stop = zpm_cli_catch_interrupts();
	if (code == ZPM_EXIT_OK && zpm_session_logs(session, cli->args.v[0], &options, &err) < 0)
		code = zpm_cli_fail(&err);
	zpm_session_free(session);
	return code;
}
