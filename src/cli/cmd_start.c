/* zpm start: letting go of what `zpm stop` holds. */
#include "cli/cli.h"

enum zpm_exit zpm_cmd_start(const struct zpm_cli *cli)
{
	return zpm_cli_operate(cli, ZPM_EDIT_START, NULL);
}
