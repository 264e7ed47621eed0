/* zpm history: the revisions that `zpm run` has applied, or the manifest of one of them. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/history.h"

#include <stdio.h>
#include <stdlib.h>

static void print_list(const struct zpm_ptrs *revisions)
{
	ZPM_BUF out = { 0 };

	zpm_render_history(revisions, &out);
	fputs(out.data, stdout);
}

static int print_manifest(const struct zpm_ptrs *revisions, const char *number, struct zpm_err *err)
{
	char *end;
	int64_t wanted = strtoll(number, &end, 10);
	const struct zpm_revision *revision;

	if (*end || end == number)
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is no number of a revision", number);
	revision = zpm_history_find(revisions, wanted);
	if (!revision)
		return zpm_err_set(err, ZPM_EINVALID, "there is no revision %s", number);
	if (!revision->manifest)
		return zpm_err_set(
			err, ZPM_EFAILED, "the manifest of revision %s was too large to be kept", number);
	fputs(revision->manifest, stdout);
	return 0;
}

static int show(const struct zpm_cli *cli, const struct zpm_session *session, struct zpm_err *err)
{
	struct zpm_ptrs revisions = { 0 };
	struct zpm_records *records;
	int result;

	if (zpm_records_open(&session->access, &records, err) < 0)
		return -1;
	result =
		zpm_history_list(records, session->manifest->platform->platform, cli->arena, &revisions, err);
	zpm_records_close(records);
	if (result < 0)
		return -1;
	if (cli->args.n)
		return print_manifest(&revisions, cli->args.v[0], err);
	if (cli->output == ZPM_OUTPUT_JSON)
		zpm_print_json(zpm_render_history_json(&revisions));
	else
		print_list(&revisions);
	return 0;
}

enum zpm_exit zpm_cmd_history(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	struct zpm_err err = { 0 };
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK && show(cli, session, &err) < 0)
		code = zpm_cli_fail(&err);
	zpm_session_free(session);
	return code;
}
