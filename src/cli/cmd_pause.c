/* zpm pause and zpm resume: a note in the Swarm that every zpm run of the platform heeds. */
#include "cli/cli.h"
#include "engine/pause.h"

#include <stdio.h>

static int note(const struct zpm_cli *cli, const struct zpm_session *session, bool pause, struct zpm_err *err)
{
	const char *platform = session->manifest->platform->platform;
	struct zpm_records *records;
	int result;

	if (zpm_records_open(&session->access, &records, err) < 0)
		return -1;
	if (pause)
		result = zpm_pause(records, platform, zpm_cli_user(cli->arena), cli->reason, err);
	else
		result = zpm_resume(records, platform, err);
	zpm_records_close(records);
	return result;
}

static enum zpm_exit run(const struct zpm_cli *cli, bool pause)
{
	struct zpm_session *session;
	struct zpm_err err = { 0 };
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK && note(cli, session, pause, &err) < 0)
		code = zpm_cli_fail(&err);
	if (code == ZPM_EXIT_OK)
		printf("%s: %s\n", session->manifest->platform->platform, pause ? "paused" : "resumed");
	zpm_session_free(session);
	return code;
}

enum zpm_exit zpm_cmd_pause(const struct zpm_cli *cli)
{
	return run(cli, true);
}

enum zpm_exit zpm_cmd_resume(const struct zpm_cli *cli)
{
	return run(cli, false);
}
