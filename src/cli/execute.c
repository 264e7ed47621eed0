/* From a plan to its outcome: show, refuse or ask, apply, report. */
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "engine/lease.h"
#include "engine/pause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_yes(const char *answer)
{
	return !strcmp(answer, "y\n") || !strcmp(answer, "yes\n");
}

/* Consent comes from --yes, a saved plan or a person at a terminal, never from silence. */
static enum zpm_exit ask(const struct zpm_cli *cli, const char *question)
{
	char answer[16] = "";

	if (!question || cli->switches & ZPM_SWITCH_YES)
		return ZPM_EXIT_OK;
	if (!isatty(STDIN_FILENO)) {
		fputs("zpm: nobody to ask, as standard input is no terminal: pass --yes\n", stderr);
		return ZPM_EXIT_USAGE;
	}
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) && is_yes(answer))
		return ZPM_EXIT_OK;
	fputs("zpm: not applied\n", stderr);
	return ZPM_EXIT_FAILED;
}

static enum zpm_exit report(
	const struct zpm_cli *cli, const struct zpm_session *session, const struct zpm_outcome *outcome)
{
	static const enum zpm_exit codes[ZPM_RESULT_COUNT] = {
		[ZPM_RESULT_CONVERGED] = ZPM_EXIT_OK,
		[ZPM_RESULT_APPLIED] = ZPM_EXIT_OK,
		[ZPM_RESULT_PARTIAL] = ZPM_EXIT_PARTIAL,
		[ZPM_RESULT_FAILED] = ZPM_EXIT_FAILED,
		[ZPM_RESULT_REFUSED] = ZPM_EXIT_REFUSED,
	};
	ZPM_BUF out = { 0 };

	if (cli->output == ZPM_OUTPUT_JSON) {
		zpm_print_json(zpm_render_outcome_json(outcome));
	} else {
		zpm_render_outcome(outcome, session->plan->platform, cli->colour, &out);
		fputs(out.data, stdout);
	}
	/* An interrupt leaves work behind, even when nothing had been written yet. */
	return outcome->interrupted && outcome->result != ZPM_RESULT_CONVERGED ? ZPM_EXIT_PARTIAL
									       : codes[outcome->result];
}

enum zpm_exit zpm_cli_refuse(const struct zpm_cli *cli, const struct zpm_strs *why)
{
	const struct zpm_outcome outcome = { .result = ZPM_RESULT_REFUSED };

	for (size_t i = 0; i < why->n; i++)
		fprintf(stderr, "zpm: refused: %s\n", why->v[i]);
	if (cli->output == ZPM_OUTPUT_JSON)
		zpm_print_json(zpm_render_outcome_json(&outcome));
	return ZPM_EXIT_REFUSED;
}

enum zpm_exit zpm_cli_give_way(const struct zpm_cli *cli, const struct zpm_session *session)
{
	const char *platform = session->desired->platform, *holder = NULL, *paused = NULL;
	struct zpm_records *records = zpm_records_of(session->world);
	struct zpm_strs why = { 0 };
	struct zpm_err err = { 0 };
	int result = zpm_lease_ask(records, platform, cli->arena, &holder, &err);

	if (!result && holder)
		result = zpm_pause_read(records, platform, cli->arena, &paused, &err);
	zpm_records_close(records);
	if (result < 0)
		return zpm_cli_fail(&err);
	if (!holder || paused)
		return ZPM_EXIT_OK;
	zpm_strs_push(cli->arena, &why,
		zpm_arena_printf(cli->arena,
			"'zpm run' has the lease of platform '%s' (%s): change its manifest, or tell it to "
			"wait "
			"with 'zpm pause'",
			platform, holder));
	return zpm_cli_refuse(cli, &why);
}

static void show_plan(const struct zpm_cli *cli, const struct zpm_session *session)
{
	ZPM_BUF out = { 0 };

	if (cli->output == ZPM_OUTPUT_JSON)
		return;
	zpm_render_plan(session->plan, cli->colour, &out);
	fprintf(stdout, "%s%s", out.data, session->plan->changes.n ? "\n" : "");
	fflush(stdout);
}

enum zpm_exit zpm_cli_execute(const struct zpm_cli *cli, struct zpm_session *session, const char *question)
{
	struct zpm_apply_options options = {
		.parallel = cli->parallel,
		.timeout = cli->timeout,
		.no_wait = cli->switches & ZPM_SWITCH_NO_WAIT,
	};
	struct zpm_progress *progress = NULL;
	struct zpm_outcome outcome = { 0 };
	enum zpm_exit code = ZPM_EXIT_OK;

	zpm_cli_tell_notes(session);
	show_plan(cli, session);
	if (session->plan->refusals.n)
		return zpm_cli_refuse(cli, &session->plan->refusals);
	if (session->plan->changes.n)
		code = ask(cli, question);
	if (code != ZPM_EXIT_OK)
		return code;
	options.interrupts = zpm_cli_catch_interrupts();
	if (!(cli->switches & ZPM_SWITCH_QUIET)) {
		progress = zpm_progress_new(cli->terminal, cli->terminal && cli->colour, options.interrupts);
		options.progress = zpm_progress_show;
		options.ctx = progress;
	}
	zpm_apply(session, &options, &outcome);
	zpm_progress_free(progress);
	zpm_cli_tell_notes(session);
	return report(cli, session, &outcome);
}

enum zpm_exit zpm_cli_operate(const struct zpm_cli *cli, enum zpm_edit_op op, const char *hold)
{
	const struct zpm_request request = { .op = op, .services = cli->args, .hold = hold };
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && zpm_session_plan_operate(session, &request, &err) < 0)
		code = zpm_cli_fail(&err);
	/* Whoever names the services means it. */
	if (code == ZPM_EXIT_OK)
		code = zpm_cli_execute(cli, session, NULL);
	zpm_session_free(session);
	return code;
}

static const char *result_name(const struct zpm_cli *cli, enum zpm_exit code)
{
	if (code != ZPM_EXIT_OK)
		return zpm_result_names[ZPM_RESULT_PARTIAL];
	return zpm_result_names[cli->switches & ZPM_SWITCH_NO_WAIT ? ZPM_RESULT_APPLIED
								   : ZPM_RESULT_CONVERGED];
}

void zpm_cli_note_revision(const struct zpm_cli *cli, const struct zpm_session *session, enum zpm_exit code,
	const struct zpm_revision *from)
{
	const struct zpm_manifest *manifest = session->manifest;
	const struct zpm_reconcile *rules = manifest->platform->reconcile;
	struct zpm_revision revision = {
		.hash = zpm_session_manifest_hash(session, cli->arena),
		.commit = from ? from->commit : NULL,
		.by = zpm_cli_user(cli->arena),
		.summary = session->plan ? zpm_history_summary(session->plan, cli->arena) : "",
		.outcome = result_name(cli, code),
	};
	struct zpm_records *records;
	struct zpm_err err;
	int64_t keep = rules && rules->history != ZPM_UNSET ? rules->history : ZPM_HISTORY_KEPT;

	if (from)
		revision.summary = zpm_arena_printf(
			cli->arena, "back to %" PRId64 ": %s", from->number, revision.summary);
	records = zpm_records_of(session->world);
	if (zpm_history_note(records, manifest, &revision, keep, &err) < 0)
		fprintf(stderr, "zpm: warning: cannot note the revision: %s\n", err.msg);
	zpm_records_close(records);
}
