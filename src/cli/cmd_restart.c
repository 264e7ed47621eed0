/* zpm restart: the services as they are, with new tasks. */
#include "cli/cli.h"

enum zpm_exit zpm_cmd_restart(const struct zpm_cli *cli)
{
	return zpm_cli_operate(cli, ZPM_EDIT_RESTART, NULL);
}
