/* zpm history: the revisions that `zpm run` has applied, or the manifest of one of them. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/history.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMIT_SHOWN 12

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void print_list(const struct zpm_ptrs *revisions)
{
	printf("%-4s %-21s %-10s %-*s %-24s %s\n", "rev", "since", "outcome", COMMIT_SHOWN, "commit",
		"changes", "by");
	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *r = revisions->v[i];

		printf("%-4" PRId64 " %-21s %-10s %-*.*s %-24s %s\n", r->number, or_dash(r->when),
			or_dash(r->outcome), COMMIT_SHOWN, COMMIT_SHOWN, or_dash(r->commit),
			or_dash(r->summary), or_dash(r->by));
	}
}

static void add_text(json_object *json, const char *key, const char *text)
{
	if (text)
		json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *list_json(const struct zpm_ptrs *revisions)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *r = revisions->v[i];
		json_object *json = json_object_new_object();

		json_object_object_add(json, "revision", json_object_new_int64(r->number));
		add_text(json, "manifestHash", r->hash);
		add_text(json, "commit", r->commit);
		add_text(json, "since", r->when);
		add_text(json, "by", r->by);
		add_text(json, "changes", r->summary);
		add_text(json, "outcome", r->outcome);
		json_object_array_add(list, json);
	}
	return list;
}

static int print_manifest(const struct zpm_ptrs *revisions, const char *number, struct zpm_err *err)
{
	char *end;
	int64_t wanted = strtoll(number, &end, 10);

	if (*end || end == number)
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is no number of a revision", number);
	for (size_t i = 0; i < revisions->n; i++) {
		const struct zpm_revision *r = revisions->v[i];

		if (r->number != wanted)
			continue;
		if (!r->manifest)
			return zpm_err_set(err, ZPM_EFAILED,
				"the manifest of revision %s was too large to be kept", number);
		fputs(r->manifest, stdout);
		return 0;
	}
	return zpm_err_set(err, ZPM_EINVALID, "there is no revision %s", number);
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
		zpm_print_json(list_json(&revisions));
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
