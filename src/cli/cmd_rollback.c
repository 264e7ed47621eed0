/*
 * zpm rollback: an earlier revision in force until the manifest changes. Where a `zpm run` acts, it is told
 * to, and waited for; else it is done here.
 */
#include "cli/cli.h"
#include "cli/render.h"

#include "base/clock.h"
#include "engine/lease.h"
#include "engine/pause.h"
#include "engine/rollback.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_EVERY (500 * ZPM_MS)

struct rollback {
	const struct zpm_cli *cli;
	struct zpm_session *session; /* of the manifest */
	const char *platform;
	struct zpm_records *records;
	struct zpm_ptrs revisions;
	const struct zpm_revision *to;
	const char *runner; /* who acts; NULL: nobody does */
};

/* Which revision is meant, and is there somebody who acts? */
static int prepare(struct rollback *r, struct zpm_err *err)
{
	const char *text = r->cli->args.v[0], *paused = NULL;
	struct zpm_arena *arena = r->cli->arena;
	char *end;
	int64_t number = strtoll(text, &end, 10);

	if (*end || end == text)
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is no number of a revision", text);
	if (zpm_history_list(r->records, r->platform, arena, &r->revisions, err) < 0)
		return -1;
	r->to = zpm_history_find(&r->revisions, number);
	if (!r->to)
		return zpm_err_set(err, ZPM_EINVALID,
			"there is no revision %" PRId64 "; 'zpm history' lists those there are", number);
	if (!r->to->manifest)
		return zpm_err_set(err, ZPM_EREFUSED,
			"the manifest of revision %" PRId64 " was too large to be kept", number);
	if (zpm_lease_ask(r->records, r->platform, arena, &r->runner, err) < 0 ||
		(r->runner && zpm_pause_read(r->records, r->platform, arena, &paused, err) < 0))
		return -1;
	if (paused)
		r->runner = NULL;
	return 0;
}

static enum zpm_exit fail(const struct zpm_cli *cli, const struct zpm_err *err)
{
	struct zpm_strs why = { 0 };

	if (err->code != ZPM_EREFUSED)
		return zpm_cli_fail(err);
	zpm_strs_push(cli->arena, &why, err->msg);
	return zpm_cli_refuse(cli, &why);
}

static enum zpm_exit do_it_here(const struct rollback *r)
{
	const struct zpm_cli *cli = r->cli;
	struct zpm_session_options options = zpm_cli_session_options(cli);
	struct zpm_session *earlier;
	struct zpm_err err = { 0 };
	enum zpm_exit code = ZPM_EXIT_OK;

	options.manifest = zpm_arena_printf(cli->arena, "revision %" PRId64, r->to->number);
	if (zpm_session_restore(&options, r->to->manifest, r->session->manifest->folder, &earlier, &err) <
		0) {
		zpm_cli_print_diagnostics(&earlier->manifest->diags, "");
		code = ZPM_EXIT_USAGE;
	} else if (zpm_session_plan(earlier, &err) < 0) {
		code = zpm_cli_fail(&err);
	} else {
		code = zpm_cli_execute(cli, earlier, NULL);
	}
	if (code == ZPM_EXIT_OK || code == ZPM_EXIT_PARTIAL) {
		/* Before the note, which makes it the latest. One that is in force stays so. */
		if (zpm_rollback_to(r->records, r->platform, r->to->number, zpm_cli_user(cli->arena), &err) <
				0 &&
			err.code != ZPM_EREFUSED)
			code = zpm_cli_fail(&err);
		zpm_cli_note_revision(cli, earlier, code, r->to);
	}
	zpm_session_free(earlier);
	return code;
}

/* What the one who acts has made of it. */
static int look(const struct rollback *r, bool *there, bool *converged, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_ptrs revisions = { 0 };
	const struct zpm_revision *latest, *before = r->revisions.v[0];
	int result = zpm_history_list(r->records, r->platform, arena, &revisions, err);

	latest = !result && revisions.n ? revisions.v[0] : NULL;
	*there = latest && latest->number > before->number && !strcmp(latest->hash, r->to->hash);
	*converged =
		*there && latest->outcome && !strcmp(latest->outcome, zpm_result_names[ZPM_RESULT_CONVERGED]);
	zpm_arena_free(arena);
	return result;
}

static enum zpm_exit report(const struct rollback *r, bool there, bool converged)
{
	const struct zpm_outcome outcome = { .result =
						     converged ? ZPM_RESULT_CONVERGED : ZPM_RESULT_PARTIAL };

	if (r->cli->output == ZPM_OUTPUT_JSON)
		zpm_print_json(zpm_render_outcome_json(&outcome));
	else if (converged)
		printf("%s: back to revision %" PRId64 ", converged\n", r->platform, r->to->number);
	if (!converged)
		fprintf(stderr, "zpm: %s (%s); 'zpm status' shows why\n",
			there ? "the revision is in force, and not all of it runs yet"
			      : "'zpm run' has been told, and has not applied it yet",
			r->runner);
	return converged ? ZPM_EXIT_OK : ZPM_EXIT_PARTIAL;
}

static enum zpm_exit await(const struct rollback *r)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY };
	const atomic_int *interrupts = zpm_cli_catch_interrupts();
	int64_t until = zpm_clock_now() + r->cli->timeout;
	bool there = false, converged = false;
	struct zpm_err err = { 0 };

	while (!converged && !*interrupts && zpm_clock_now() < until) {
		nanosleep(&pause, NULL);
		if (look(r, &there, &converged, &err) < 0)
			return zpm_cli_fail(&err);
	}
	return report(r, there, converged);
}

static enum zpm_exit have_it_done(const struct rollback *r)
{
	const struct zpm_cli *cli = r->cli;
	struct zpm_err err = { 0 };

	if (zpm_rollback_to(r->records, r->platform, r->to->number, zpm_cli_user(cli->arena), &err) < 0)
		return fail(cli, &err);
	if (!(cli->switches & ZPM_SWITCH_NO_WAIT))
		return await(r);
	if (cli->output == ZPM_OUTPUT_JSON)
		return report(r, false, false);
	printf("%s: '%s' has been told to go back to revision %" PRId64 "\n", r->platform, r->runner,
		r->to->number);
	return ZPM_EXIT_OK;
}

static enum zpm_exit run(const struct zpm_cli *cli, struct zpm_session *session)
{
	struct rollback r = {
		.cli = cli, .session = session, .platform = session->manifest->platform->platform
	};
	struct zpm_err err = { 0 };
	enum zpm_exit code;

	if (zpm_records_open(&session->access, &r.records, &err) < 0)
		return zpm_cli_fail(&err);
	if (prepare(&r, &err) < 0)
		code = fail(cli, &err);
	else
		code = r.runner ? have_it_done(&r) : do_it_here(&r);
	zpm_records_close(r.records);
	return code;
}

enum zpm_exit zpm_cmd_rollback(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK)
		code = run(cli, session);
	zpm_session_free(session);
	return code;
}
