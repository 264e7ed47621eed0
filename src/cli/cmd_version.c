/* zpm version. */
#include "cli/cli.h"

#include <stdio.h>

enum zpm_exit zpm_cmd_version(const struct zpm_cli *cli)
{
	(void)cli;
	puts("zpm " ZPM_VERSION);
	return ZPM_EXIT_OK;
}
