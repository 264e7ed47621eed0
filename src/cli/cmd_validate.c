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

static void print_count(const struct zpm_objects *objects, int kind)
{
	size_t n = count(objects, (enum zpm_kind_id)kind);

	if (n && kind != ZPM_KIND_SERVICE)
		printf(", %zu %s%s", n, zpm_kinds[kind].name, n == 1 ? "" : "s");
}

/* "securaa: valid: 12 services, 1 volume": services always, other kinds where there are any. */
static void print_counts(const struct zpm_objects *objects)
{
	size_t services = count(objects, ZPM_KIND_SERVICE);

	printf("%s: valid: %zu service%s", objects->platform, services, services == 1 ? "" : "s");
	for (int kind = ZPM_KIND_SERVICE; kind >= 0; kind--)
		print_count(objects, kind);
	for (int kind = ZPM_KIND_SERVICE + 1; kind < ZPM_KIND_COUNT; kind++)
		print_count(objects, kind);
	puts("");
}

enum zpm_exit zpm_cmd_validate(const struct zpm_cli *cli)
{
	struct zpm_session *session;
	enum zpm_exit code = zpm_cli_load(cli, &session);

	if (code == ZPM_EXIT_OK)
		print_counts(session->desired);
	zpm_session_free(session);
	return code;
}
