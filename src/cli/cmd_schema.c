/* zpm schema: the JSON Schema of the manifest. */
#include "cli/cli.h"
#include "cli/render.h"
#include "model/schema.h"

enum zpm_exit zpm_cmd_schema(const struct zpm_cli *cli)
{
	(void)cli;
	zpm_print_json(zpm_schema_new());
	return ZPM_EXIT_OK;
}
