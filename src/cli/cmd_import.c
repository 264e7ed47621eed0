/* zpm import: a manifest made from what runs. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/access.h"
#include "engine/import.h"

#include <json-c/json.h>
#include <stdio.h>

/* The platform and the Engine of a manifest, when one was named: none is looked for. */
static enum zpm_exit choose(
	const struct zpm_cli *cli, struct zpm_session **session, struct zpm_import_options *options)
{
	struct zpm_strs warnings = { 0 };
	enum zpm_exit code;

	if (!cli->file) {
		zpm_access_choose(cli->endpoint, NULL, ".", cli->arena, &options->access, &warnings);
		zpm_cli_print_warnings(&warnings);
		return ZPM_EXIT_OK;
	}
	code = zpm_cli_load(cli, session);
	if (code != ZPM_EXIT_OK)
		return code;
	options->access = (*session)->access;
	if (!options->platform)
		options->platform = (*session)->manifest->platform->platform;
	return code;
}

/* What Docker takes and zpm does not is for a person to sort out. */
static enum zpm_exit check(const struct zpm_buf *text)
{
	struct zpm_manifest *manifest = zpm_manifest_parse("<import>", text->data, text->len);
	enum zpm_exit code = manifest->diags.list.n ? ZPM_EXIT_FAILED : ZPM_EXIT_OK;

	zpm_cli_print_diagnostics(&manifest->diags, "");
	zpm_manifest_free(manifest);
	if (code != ZPM_EXIT_OK)
		fputs("zpm: the manifest needs to be mended by hand before it can be used\n", stderr);
	return code;
}

static enum zpm_exit print(const struct zpm_cli *cli, const struct zpm_import *import)
{
	json_object *json = zpm_manifest_to_json(import->platform, import->arena);
	enum zpm_exit code = ZPM_EXIT_OK;
	struct zpm_err err = { 0 };
	ZPM_BUF out = { 0 };

	if (zpm_manifest_emit(json, &import->notes, &out, &err) < 0) {
		code = zpm_cli_fail(&err);
	} else if (cli->output == ZPM_OUTPUT_JSON) {
		for (size_t i = 0; i < import->notes.n; i++)
			fprintf(stderr, "zpm: %s\n", import->notes.v[i]);
		zpm_print_json(json_object_get(json));
	} else {
		fputs(out.data, stdout);
	}
	json_object_put(json);
	return code == ZPM_EXIT_OK ? check(&out) : code;
}

enum zpm_exit zpm_cmd_import(const struct zpm_cli *cli)
{
	struct zpm_import_options options = { .platform = cli->platform,
		.all = cli->switches & ZPM_SWITCH_ALL };
	struct zpm_session *session = NULL;
	enum zpm_exit code = choose(cli, &session, &options);
	struct zpm_import *import = NULL;
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK)
		code = zpm_import(&options, &import, &err) < 0 ? zpm_cli_fail(&err) : print(cli, import);
	zpm_import_free(import);
	zpm_session_free(session);
	return code;
}
