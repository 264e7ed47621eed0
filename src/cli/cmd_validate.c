/* zpm validate: the manifest alone, without any Engine. */
#include "cli/cli.h"

#include <stdio.h>

static size_t count(const struct zpm_objects *objects, enum zpm_kind_id kind)
{
	size_t n = 0;

	for (size_t i = 0; i < objects->list.n; i++)
		n += ((struct zpm_object *)objects->list.v[i])->kind->id == kind;
	return n;
}

enum zpm_exit zpm_cmd_validate(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK)
		printf("%s: valid: %zu services, %zu volumes, %zu networks\n", session->desired->platform,
			count(session->desired, ZPM_KIND_SERVICE), count(session->desired, ZPM_KIND_VOLUME),
			count(session->desired, ZPM_KIND_NETWORK));
	zpm_session_free(session);
	return code;
}
