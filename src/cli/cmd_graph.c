/* zpm graph: what depends on what, as a picture. Asks no Engine. */
#include "cli/cli.h"
#include "cli/render.h"

#include <stdio.h>

enum zpm_exit zpm_cmd_graph(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);
	ZPM_BUF out = { 0 };

	if (code == ZPM_EXIT_OK) {
		if (cli->output == ZPM_OUTPUT_DOT)
			zpm_render_dot(session->desired, &out);
		else
			zpm_render_svg(session->desired, session->arena, &out);
		fputs(out.data, stdout);
	}
	zpm_session_free(session);
	return code;
}
