/* Parsing the command line by one table of options: help, checks and parsing come from the same rows. */
#include "cli/options.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/api.h"
#include "model/value.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PARALLEL 8
#define MAX_PARALLEL     64
#define DEFAULT_TIMEOUT  (30 * 60 * ZPM_S)

/* In the order of enum zpm_output. */
static const char *const formats[] = { "text", "yaml", "json", "markdown", "svg", "dot" };

static bool take_text(struct zpm_cli *cli, void *slot, const char *value)
{
	(void)cli;
	*(const char **)slot = value;
	return true;
}

/* A file to write; '-' would mix it with what is printed. */
static bool take_path(struct zpm_cli *cli, void *slot, const char *value)
{
	return *value && strcmp(value, "-") != 0 && take_text(cli, slot, value);
}

static bool take_list(struct zpm_cli *cli, void *slot, const char *value)
{
	zpm_strs_push(cli->arena, slot, value);
	return true;
}

static bool take_count(struct zpm_cli *cli, void *slot, const char *value)
{
	int64_t *number = slot;

	(void)cli;
	return !zpm_value_parse(ZPM_T_INT, value, number) && *number >= 0;
}

static bool take_duration(struct zpm_cli *cli, void *slot, const char *value)
{
	int64_t *duration = slot;

	(void)cli;
	return !zpm_value_parse(ZPM_T_DURATION, value, duration) && *duration > 0;
}

static bool take_parallel(struct zpm_cli *cli, void *slot, const char *value)
{
	int64_t number;

	(void)cli;
	if (zpm_value_parse(ZPM_T_INT, value, &number) < 0 || number < 1 || number > MAX_PARALLEL)
		return false;
	*(unsigned *)slot = (unsigned)number;
	return true;
}

static bool take_output(struct zpm_cli *cli, void *slot, const char *value)
{
	(void)cli;
	for (size_t i = 0; i < ZPM_COUNT(formats); i++)
		if (!strcmp(value, formats[i])) {
			*(enum zpm_output *)slot = (enum zpm_output)(1U << i);
			return true;
		}
	return false;
}

/* It becomes a label that others print. */
static bool take_reason(struct zpm_cli *cli, void *slot, const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return false;
	return len > 0 && len <= 200 && zpm_utf8_valid_len(value, len) == len && take_text(cli, slot, value);
}

static bool take_role(struct zpm_cli *cli, void *slot, const char *value)
{
	return zpm_api_role_parse(value) != ZPM_API_NOBODY && take_text(cli, slot, value);
}

static bool take_date(struct zpm_cli *cli, void *slot, const char *value)
{
	int64_t wall;

	return zpm_time_parse(value, &wall) && take_text(cli, slot, value);
}

#define INTO(taker, member) .take = (taker), .slot = offsetof(struct zpm_cli, member)

static const struct zpm_option choices[] = {
	{ .letter = 'f',
		.name = "file",
		.argument = "FILE",
		.help = "the manifest, '-' for standard input; securaa.yaml here or above by itself",
		.is_short = true,
		INTO(take_text, file) },
	{ .letter = 's',
		.name = "set",
		.argument = "NAME=VALUE",
		.help = "a variable of the manifest; may be given again, and wins over files",
		INTO(take_list, vars.sets) },
	{ .letter = 'r',
		.name = "var-file",
		.argument = "FILE",
		.help = "variables, as a YAML map; may be given again, later ones win",
		INTO(take_list, vars.files) },
	{ .letter = 'e',
		.name = "engine",
		.argument = "URL",
		.help = "the Docker Engine; overrides DOCKER_HOST and the manifest",
		INTO(take_text, endpoint) },
	{ .letter = 'o',
		.name = "output",
		.argument = "FORMAT",
		.help = "the format of what is printed",
		.is_short = true,
		INTO(take_output, output) },
	{ .letter = 'q', .name = "quiet", .help = "no progress", .sets = ZPM_SWITCH_QUIET },
	{ .letter = 'g',
		.name = "target",
		.argument = "KIND/NAME",
		.help = "only this object and what it waits for; may be given again",
		INTO(take_list, targets) },
	{ .letter = 'O',
		.name = "out",
		.argument = "FILE",
		.help = "save the plan: 'zpm apply FILE' applies it if nothing has moved",
		INTO(take_path, out) },
	{ .letter = 'y', .name = "yes", .help = "do not ask", .sets = ZPM_SWITCH_YES },
	{ .letter = 'x',
		.name = "exit-code",
		.help = "exit with 2 when there are changes",
		.sets = ZPM_SWITCH_EXIT_CODE },
	{ .letter = 't',
		.name = "timeout",
		.argument = "DURATION",
		.help = "the most to wait for convergence; 30m by itself",
		INTO(take_duration, timeout) },
	{ .letter = 'p',
		.name = "parallel",
		.argument = "N",
		.help = "requests in flight; 8 by itself",
		INTO(take_parallel, parallel) },
	{ .letter = 'n',
		.name = "no-wait",
		.help = "done when the Engine has accepted it",
		.sets = ZPM_SWITCH_NO_WAIT },
	{ .letter = 'R',
		.name = "retry",
		.help = "send again what Swarm has rolled back or paused",
		.sets = ZPM_SWITCH_RETRY },
	{ .letter = 'D',
		.name = "allow-data-risk",
		.help = "replace volumes, and lose what is in them",
		.sets = ZPM_SWITCH_DATA_RISK },
	{ .letter = 'v',
		.name = "volumes",
		.help = "volumes too, and all that is in them",
		.sets = ZPM_SWITCH_VOLUMES },
	{ .letter = 'b',
		.name = "to",
		.argument = "HOST",
		.help = "the host that is to be active",
		INTO(take_text, to) },
	{ .letter = 'd',
		.name = "dry-run",
		.help = "check and show it, and change nothing",
		.sets = ZPM_SWITCH_DRY_RUN },
	{ .letter = 'w', .name = "watch", .help = "again and again", .sets = ZPM_SWITCH_WATCH },
	{ .letter = 'z',
		.name = "reason",
		.argument = "TEXT",
		.help = "why, for those who find it so",
		INTO(take_reason, reason) },
	{ .letter = 'F',
		.name = "follow",
		.help = "go on with what is written from now on, until interrupted",
		.is_short = true,
		.sets = ZPM_SWITCH_FOLLOW },
	{ .letter = 'T',
		.name = "tail",
		.argument = "N",
		.help = "only the last N lines of each task",
		INTO(take_count, tail) },
	{ .letter = 'S',
		.name = "since",
		.argument = "DURATION",
		.help = "nothing older than this, as in 10m",
		INTO(take_duration, since) },
	{ .letter = 'm',
		.name = "timestamps",
		.help = "when each line was written",
		.sets = ZPM_SWITCH_TIMESTAMPS },
	{ .letter = 'k',
		.name = "task",
		.argument = "N",
		.help = "the task of this slot; of a global service, of the node of this name",
		INTO(take_text, task) },
	{ .letter = 'i',
		.name = "interactive",
		.help = "let it read the terminal, even where it is given none of its own",
		.is_short = true,
		.sets = ZPM_SWITCH_INTERACTIVE },
	{ .letter = 'l',
		.name = "platform",
		.argument = "NAME",
		.help = "the platform; by itself the manifest's of -f, or the only one there is",
		INTO(take_text, platform) },
	{ .letter = 'a',
		.name = "all",
		.help = "what nobody owns too, to be adopted",
		.sets = ZPM_SWITCH_ALL },
	{ .letter = 'A',
		.name = "role",
		.argument = "ROLE",
		.help = "what it may do: viewer, operator or admin",
		INTO(take_role, role) },
	{ .letter = 'E',
		.name = "expires",
		.argument = "DATE",
		.help = "from when on it is taken no more, as in 2027-01-01",
		INTO(take_date, expires) },
	{ .letter = 'h', .name = "help", .help = "this text", .is_short = true },
};

/* "text, json or markdown" */
static void print_formats(unsigned outputs)
{
	const char *separator = "";

	for (size_t i = 0; i < ZPM_COUNT(formats); i++) {
		unsigned rest = outputs >> i;

		if (!(rest & 1))
			continue;
		printf("%s%s", *separator && rest == 1 ? " or " : separator, formats[i]);
		separator = ", ";
	}
}

static void print_choice(const struct zpm_option *choice, unsigned outputs)
{
	char brief[4] = "  ", left[64];

	if (choice->is_short)
		snprintf(brief, sizeof(brief), "-%c", choice->letter);
	snprintf(left, sizeof(left), "%s --%s %s", brief, choice->name,
		choice->argument ? choice->argument : "");
	printf("  %-26s %s", left, choice->help);
	if (choice->letter == 'o') {
		fputs(": ", stdout);
		print_formats(outputs);
	}
	puts("");
}

static void print_help(const struct zpm_command *command)
{
	if (command) {
		printf("usage: zpm %s [options]%s%s\n\n%s\n\noptions:\n", command->name,
			command->args ? " " : "", command->args ? command->args : "", command->help);
		for (size_t i = 0; i < ZPM_COUNT(choices); i++)
			if (strchr(command->takes, choices[i].letter))
				print_choice(&choices[i], command->outputs);
		return;
	}
	printf("zpm makes a Docker Swarm what a manifest says it should be.\n\n"
	       "usage: zpm [-f securaa.yaml] COMMAND [options]\n\ncommands:\n");
	for (command = zpm_commands; command->name; command++)
		printf("  %-10s %s\n", command->name, command->help);
	printf("\n'zpm COMMAND --help' says what a command takes.\n"
	       "exit codes: 0 fine, 1 failed and nothing changed, 2 changes pending, 3 manifest or usage "
	       "wrong,\n"
	       "            4 partly applied or not converged, 5 refused\n");
}

const struct zpm_option *zpm_option_at(size_t i)
{
	return i < ZPM_COUNT(choices) ? &choices[i] : NULL;
}

const char *zpm_output_name(size_t i)
{
	return i < ZPM_COUNT(formats) ? formats[i] : NULL;
}

static const struct zpm_option *find_choice(int letter)
{
	for (size_t i = 0; i < ZPM_COUNT(choices); i++)
		if (choices[i].letter == letter)
			return &choices[i];
	return NULL;
}

static void build_options(struct option *longs, char *shorts)
{
	for (size_t i = 0; i < ZPM_COUNT(choices); i++) {
		longs[i] = (struct option){ .name = choices[i].name, .val = choices[i].letter };
		longs[i].has_arg = choices[i].argument ? required_argument : no_argument;
		if (choices[i].is_short) {
			*shorts++ = (char)choices[i].letter;
			if (choices[i].argument)
				*shorts++ = ':';
		}
	}
}

/* Reads all options; `given` collects their letters. False: something was wrong and said. */
static bool read_options(int argc, char **argv, struct zpm_cli *cli, char *given)
{
	struct option longs[ZPM_COUNT(choices) + 1] = { 0 };
	char shorts[2 * ZPM_COUNT(choices) + 1] = { 0 };
	int letter;

	build_options(longs, shorts);
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct zpm_option *choice = find_choice(letter);

		if (!choice)
			return false; /* getopt has said what is wrong */
		if (choice->take && !choice->take(cli, (char *)cli + choice->slot, optarg)) {
			fprintf(stderr, "zpm: --%s: '%s' is not what it takes (%s)\n", choice->name, optarg,
				choice->help);
			return false;
		}
		cli->switches |= choice->sets;
		if (!strchr(given, letter))
			given[strlen(given)] = (char)letter;
	}
	return true;
}

/* What stands behind the command. False: too little or too much, and said. */
static bool take_args(const struct zpm_command *command, int n, char **args, struct zpm_cli *cli)
{
	if ((size_t)n < command->min_args) {
		fprintf(stderr, "zpm: usage: zpm %s [options] %s\n", command->name, command->args);
		return false;
	}
	if ((size_t)n > command->max_args) {
		fprintf(stderr, "zpm: '%s' takes no argument '%s'\n", command->name, args[command->max_args]);
		return false;
	}
	for (int i = 0; i < n; i++)
		zpm_strs_push(cli->arena, &cli->args, args[i]);
	return true;
}

static bool fits(const struct zpm_command *command, struct zpm_cli *cli, const char *given)
{
	if (!strchr(given, 'o'))
		cli->output = (enum zpm_output)(command->outputs & -command->outputs);
	for (; *given; given++) {
		if (strchr(command->takes, *given))
			continue;
		fprintf(stderr, "zpm: '%s' takes no --%s\n", command->name, find_choice(*given)->name);
		return false;
	}
	if (!(command->outputs & cli->output)) {
		fprintf(stderr, "zpm: '%s' has no such output format\n", command->name);
		return false;
	}
	return true;
}

const struct zpm_command *zpm_cli_parse(int argc, char **argv, struct zpm_cli *cli, enum zpm_exit *code)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	bool dumb = term && !strcmp(term, "dumb");
	const struct zpm_command *command = NULL;
	char given[ZPM_COUNT(choices) + 1] = { 0 };

	*cli = (struct zpm_cli){ .parallel = DEFAULT_PARALLEL,
		.timeout = DEFAULT_TIMEOUT,
		.tail = ZPM_UNSET,
		.since = ZPM_UNSET };
	cli->arena = zpm_arena_new();
	cli->terminal = isatty(STDERR_FILENO) && !dumb;
	cli->colour = isatty(STDOUT_FILENO) && !dumb && !(no_colour && *no_colour);
	*code = ZPM_EXIT_USAGE;
	if (!read_options(argc, argv, cli, given))
		return NULL;
	if (optind < argc && !(command = zpm_find_command(argv[optind])))
		return NULL;
	if (strchr(given, 'h') || !command) {
		*code = strchr(given, 'h') ? ZPM_EXIT_OK : ZPM_EXIT_USAGE;
		print_help(command);
		return NULL;
	}
	return take_args(command, argc - optind - 1, argv + optind + 1, cli) && fits(command, cli, given)
		       ? command
		       : NULL;
}
