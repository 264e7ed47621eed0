/* zpm integrations and zpm tenants: what the platform's database says. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/apps.h"

#include <json-c/json.h>
#include <stdio.h>

/* How one of the lists is shown. */
struct listing {
	void (*text)(const struct zpm_apps_plan *plan, struct zpm_buf *out);
	struct json_object *(*json)(const struct zpm_apps_plan *plan);
};

static int show(const struct zpm_cli *cli, struct zpm_session *session, const struct listing *listing,
	struct zpm_err *err)
{
	const struct zpm_apps *apps = session->platform->apps;
	ZPM_BUF out = { 0 };

	if (!apps || !apps->from_integrations)
		return zpm_err_set(err, ZPM_EINVALID,
			"the manifest has no apps.fromIntegrations, which says where they are");
	if (zpm_session_observe(session, err) < 0)
		return -1;
	zpm_cli_tell_notes(session);
	if (cli->output == ZPM_OUTPUT_JSON) {
		zpm_print_json(listing->json(session->apps));
		return 0;
	}
	listing->text(session->apps, &out);
	fputs(out.data, stdout);
	return 0;
}

/* A list with a gap in it is not all there is. */
static enum zpm_exit list(const struct zpm_cli *cli, const struct listing *listing)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	struct zpm_err err = { 0 };

	if (code == ZPM_EXIT_OK && show(cli, session, listing, &err) < 0)
		code = zpm_cli_fail(&err);
	else if (code == ZPM_EXIT_OK && session->apps->catalog->gaps.n)
		code = ZPM_EXIT_PARTIAL;
	zpm_session_free(session);
	return code;
}

enum zpm_exit zpm_cmd_integrations(const struct zpm_cli *cli)
{
	return list(cli, &(struct listing){ zpm_render_integrations, zpm_render_integrations_json });
}

enum zpm_exit zpm_cmd_tenants(const struct zpm_cli *cli)
{
	return list(cli, &(struct listing){ zpm_render_tenants, zpm_render_tenants_json });
}
