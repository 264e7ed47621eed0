/* zpm destroy: the plan that removes everything, a question, and its execution. */
#include "cli/cli.h"

enum zpm_exit zpm_cmd_destroy(const struct zpm_cli *cli)
{
	bool volumes = cli->switches & ZPM_SWITCH_VOLUMES;
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && zpm_session_plan_destroy(session, volumes, &err) < 0)
		code = zpm_cli_fail(&err);
	if (code == ZPM_EXIT_OK && session->plan->changes.n)
		code = zpm_cli_give_way(cli, session);
	if (code == ZPM_EXIT_OK)
		code = zpm_cli_execute(cli, session,
			volumes ? "Remove all of this, and the data in the volumes for good?"
				: "Remove all of this?");
	if (code == ZPM_EXIT_OK && zpm_session_forget(session, &err) < 0)
		code = zpm_cli_fail(&err);
	zpm_session_free(session);
	return code;
}
