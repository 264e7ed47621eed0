/* zpm stop: services held at no tasks, and a note of since when, by whom and why. */
#include "cli/cli.h"
#include "model/hold.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Whom to ask about it: under sudo, the person and not root. A name with blanks would not be read back. */
static const char *user_name(struct zpm_arena *arena)
{
	const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user = getpwuid(geteuid());
	const char *name = sudo && *sudo ? sudo : user ? user->pw_name : NULL;

	if (!name || !*name || strpbrk(name, " \t\r\n"))
		return zpm_arena_printf(arena, "uid-%u", (unsigned)geteuid());
	return zpm_arena_strdup(arena, name);
}

static const char *now(struct zpm_arena *arena)
{
	time_t seconds = time(NULL);
	struct tm utc;
	char text[32];

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return zpm_arena_strdup(arena, text);
}

enum zpm_exit zpm_cmd_stop(const struct zpm_cli *cli)
{
	const struct zpm_hold hold = {
		.since = now(cli->arena), .by = user_name(cli->arena), .reason = cli->reason
	};

	return zpm_cli_operate(cli, ZPM_EDIT_STOP, zpm_hold_write(&hold, cli->arena));
}
