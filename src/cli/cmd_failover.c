/* zpm failover and failback: who is active changes, guarded, and recorded in Swarm. */
#include "cli/cli.h"
#include "cli/render.h"

#include <stdio.h>

/* Shows what would be done, and what speaks against it. */
static enum zpm_exit rehearse(
	const struct zpm_cli *cli, const struct zpm_session *session, const struct zpm_strs *why)
{
	const struct zpm_plan *plan = session->plan;
	ZPM_BUF out = { 0 };

	if (cli->output == ZPM_OUTPUT_JSON) {
		zpm_print_json(zpm_render_plan_json(plan, zpm_session_manifest_hash(session, plan->arena)));
	} else {
		zpm_render_plan(plan, cli->colour, &out);
		fputs(out.data, stdout);
	}
	for (size_t i = 0; i < why->n; i++)
		fprintf(stderr, "zpm: would be refused: %s\n", why->v[i]);
	return why->n || plan->refusals.n ? ZPM_EXIT_REFUSED : ZPM_EXIT_OK;
}

static enum zpm_exit change_roles(const struct zpm_cli *cli, const char *to, const char *question)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_strs why = { 0 };
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && zpm_session_plan_failover(session, to, &why, &err) < 0)
		code = zpm_cli_fail(&err);
	else if (code == ZPM_EXIT_OK && cli->switches & ZPM_SWITCH_DRY_RUN)
		code = rehearse(cli, session, &why);
	else if (code == ZPM_EXIT_OK && why.n)
		code = zpm_cli_refuse(cli, &why);
	else if (code == ZPM_EXIT_OK)
		code = zpm_cli_execute(cli, session, question);
	zpm_session_free(session);
	return code;
}

enum zpm_exit zpm_cmd_failover(const struct zpm_cli *cli)
{
	if (!cli->to) {
		fputs("zpm: failover to which host? --to HOST\n", stderr);
		return ZPM_EXIT_USAGE;
	}
	return change_roles(cli, cli->to, "Change roles like this?");
}

enum zpm_exit zpm_cmd_failback(const struct zpm_cli *cli)
{
	return change_roles(cli, NULL, "Go back to the manifest's roles like this?");
}
