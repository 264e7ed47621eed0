/* zpm stop: services held at no tasks, and a note of since when, by whom and why. */
#include "cli/cli.h"

#include "base/clock.h"
#include "model/hold.h"

static const char *now(struct zpm_arena *arena)
{
	char text[ZPM_TIME_SIZE];

	zpm_time_text(zpm_clock_wall(), text);
	return zpm_arena_strdup(arena, text);
}

enum zpm_exit zpm_cmd_stop(const struct zpm_cli *cli)
{
	const struct zpm_hold hold = {
		.since = now(cli->arena), .by = zpm_cli_user(cli->arena), .reason = cli->reason
	};

	return zpm_cli_operate(cli, ZPM_EDIT_STOP, zpm_hold_write(&hold, cli->arena));
}
