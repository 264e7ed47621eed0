/* zpm apply: the plan, a question, and its execution; or a saved plan, if it still holds. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/plan_file.h"
#include "engine/rollback.h"

#include <json-c/json.h>
#include <stdio.h>

/* Whoever applies the manifest has it in force again. */
static void end_rollback(const struct zpm_session *session)
{
	struct zpm_records *records = zpm_records_of(session->world);
	struct zpm_err err;

	if (zpm_rollback_end(records, session->desired->platform, &err) < 0)
		fprintf(stderr, "zpm: warning: cannot end the rollback: %s\n", err.msg);
	zpm_records_close(records);
}

static enum zpm_exit execute(const struct zpm_cli *cli, struct zpm_session *session, const char *question)
{
	bool any = session->plan && session->plan->changes.n;
	enum zpm_exit code = any ? zpm_cli_give_way(cli, session) : ZPM_EXIT_OK;

	if (code != ZPM_EXIT_OK)
		return code;
	code = zpm_cli_execute(cli, session, question);
	if (any && !session->targets.n && (code == ZPM_EXIT_OK || code == ZPM_EXIT_PARTIAL)) {
		end_rollback(session);
		zpm_cli_note_revision(cli, session, code, NULL);
	}
	return code;
}

static enum zpm_exit plan_and_execute(
	const struct zpm_cli *cli, struct zpm_session *session, const char *question)
{
	struct zpm_err err = { 0 };

	if (zpm_session_plan(session, &err) < 0)
		return zpm_cli_fail(&err);
	return execute(cli, session, question);
}

static enum zpm_exit refuse_changed(const struct zpm_cli *cli, const struct zpm_err *err)
{
	struct zpm_strs why = { 0 };

	if (err->code != ZPM_EREFUSED)
		return zpm_cli_fail(err);
	zpm_strs_push(cli->arena, &why, err->msg);
	return zpm_cli_refuse(cli, &why);
}

static enum zpm_exit refuse_stale(
	const struct zpm_cli *cli, const struct zpm_plan_file *file, const struct zpm_strs *moved)
{
	struct zpm_strs why = { 0 };

	zpm_strs_push(cli->arena, &why,
		zpm_arena_printf(cli->arena, "'%s' is stale: make the plan again", file->path));
	for (size_t i = 0; i < moved->n; i++)
		zpm_strs_push(cli->arena, &why, moved->v[i]);
	return zpm_cli_refuse(cli, &why);
}

/* What else could be different: an orphan that has appeared, a version that nobody needs any more. */
static void find_differences(
	const struct zpm_plan_file *file, const struct zpm_session *session, struct zpm_strs *moved)
{
	json_object *now = zpm_render_plan_json(session->plan, file->manifest_hash);

	zpm_plan_file_differs(file, now, session->arena, moved);
	json_object_put(now);
}

static enum zpm_exit apply_file(
	const struct zpm_cli *cli, const struct zpm_plan_file *file, struct zpm_session *session)
{
	struct zpm_strs moved = { 0 };
	struct zpm_err err = { 0 };
	int result = zpm_plan_file_check(file, session, &err);

	if (result < 0)
		return refuse_changed(cli, &err);
	result = zpm_session_plan(session, &err);
	/* A target that has gone fails the planning, and is something that moved. */
	if (session->plan)
		zpm_plan_file_moved(file, session, &moved);
	if (!result && !moved.n)
		find_differences(file, session, &moved);
	if (moved.n)
		return refuse_stale(cli, file, &moved);
	return result < 0 ? zpm_cli_fail(&err) : execute(cli, session, NULL);
}

static enum zpm_exit run(const struct zpm_cli *cli, const struct zpm_plan_file *file)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK)
		code = file ? apply_file(cli, file, session)
			    : plan_and_execute(cli, session, "Apply this plan?");
	zpm_session_free(session);
	return code;
}

/* The command line that the plan was made with, as far as it made a difference. */
static struct zpm_cli as_saved(const struct zpm_cli *cli, const struct zpm_plan_file *file)
{
	struct zpm_cli saved = *cli;

	saved.targets = file->targets;
	saved.switches |= file->options.retry ? ZPM_SWITCH_RETRY : 0U;
	saved.switches |= file->options.allow_data_risk ? ZPM_SWITCH_DATA_RISK : 0U;
	return saved;
}

enum zpm_exit zpm_cmd_apply(const struct zpm_cli *cli)
{
	struct zpm_plan_file file = { 0 };
	struct zpm_err err = { 0 };
	struct zpm_cli saved;
	enum zpm_exit code;

	if (!cli->args.n)
		return run(cli, NULL);
	if (cli->targets.n || cli->switches & (ZPM_SWITCH_RETRY | ZPM_SWITCH_DATA_RISK)) {
		zpm_err_set(&err, ZPM_EINVALID,
			"--target, --retry and --allow-data-risk are part of a saved plan: give them to 'zpm "
			"plan'");
		return zpm_cli_fail(&err);
	}
	if (zpm_plan_file_read(cli->args.v[0], cli->arena, &file, &err) < 0) {
		code = zpm_cli_fail(&err);
	} else {
		saved = as_saved(cli, &file);
		code = run(&saved, &file);
	}
	zpm_plan_file_dispose(&file);
	return code;
}
