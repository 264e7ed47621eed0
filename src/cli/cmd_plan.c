/* zpm plan: what apply would do, shown and saved. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/plan_file.h"

#include <json-c/json.h>
#include <stdio.h>

static void print_plan(const struct zpm_cli *cli, const struct zpm_session *session)
{
	const struct zpm_plan *plan = session->plan;
	ZPM_BUF out = { 0 };

	if (cli->output == ZPM_OUTPUT_JSON) {
		zpm_print_json(zpm_render_plan_json(plan, zpm_session_manifest_hash(session, plan->arena)));
		return;
	}
	if (cli->output == ZPM_OUTPUT_MARKDOWN)
		zpm_render_plan_markdown(plan, &out);
	else
		zpm_render_plan(plan, cli->colour, &out);
	fputs(out.data, stdout);
}

static int save_plan(const struct zpm_cli *cli, const struct zpm_session *session, struct zpm_err *err)
{
	const struct zpm_plan *plan = session->plan;
	json_object *json;
	int result;

	if (!cli->out)
		return 0;
	json = zpm_render_plan_json(plan, zpm_session_manifest_hash(session, plan->arena));
	result = zpm_plan_file_write(cli->out, session, json, err);
	json_object_put(json);
	return result;
}

enum zpm_exit zpm_cmd_plan(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && (zpm_session_plan(session, &err) < 0 || save_plan(cli, session, &err) < 0))
		code = zpm_cli_fail(&err);
	if (code == ZPM_EXIT_OK) {
		zpm_cli_tell_notes(session);
		print_plan(cli, session);
		if (cli->switches & ZPM_SWITCH_EXIT_CODE && session->plan->changes.n)
			code = ZPM_EXIT_CHANGES;
	}
	zpm_session_free(session);
	return code;
}
