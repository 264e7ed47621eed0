/* zpm apply: the plan, a question, and its execution. */
#include "cli/cli.h"

enum zpm_exit zpm_cmd_apply(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && zpm_session_plan(session, &err) < 0)
		code = zpm_cli_fail(&err);
	if (code == ZPM_EXIT_OK)
		code = zpm_cli_execute(cli, session, "Apply this plan?");
	zpm_session_free(session);
	return code;
}
