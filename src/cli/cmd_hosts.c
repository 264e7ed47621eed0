/* zpm hosts: the machines of the platform, as they are declared and as they are. */
#include "cli/cli.h"
#include "cli/render.h"
#include "engine/hosts.h"

#include <stdio.h>

static void print(const struct zpm_cli *cli, const struct zpm_session *session, const struct zpm_ptrs *views)
{
	ZPM_BUF out = { 0 };

	if (cli->output == ZPM_OUTPUT_JSON) {
		zpm_print_json(zpm_render_hosts_json(views));
		return;
	}
	zpm_render_hosts(views, session->desired->platform, cli->arena, &out);
	fputs(out.data, stdout);
}

/* A list with a gap in it is not all there is. */
static enum zpm_exit show(const struct zpm_cli *cli, struct zpm_session *session)
{
	bool any = session->manifest->platform->hosts.n;
	enum zpm_exit code = ZPM_EXIT_OK;
	struct zpm_ptrs views = { 0 };
	struct zpm_err err = { 0 };

	if (!any)
		zpm_err_set(&err, ZPM_EINVALID, "the manifest declares no hosts");
	if (!any || zpm_session_observe(session, &err) < 0)
		return zpm_cli_fail(&err);
	zpm_cli_tell_notes(session);
	zpm_hosts_view(session, cli->arena, &views);
	print(cli, session, &views);
	for (size_t i = 0; i < views.n; i++)
		if (!zpm_host_is_seen(views.v[i]))
			code = ZPM_EXIT_PARTIAL;
	return code;
}

enum zpm_exit zpm_cmd_hosts(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK)
		code = show(cli, session);
	zpm_session_free(session);
	return code;
}
