/*
 * Parsing the command line by one table of options and one of commands: help,
 * checks and parsing come from the same rows.
 */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/value.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PARALLEL 8
#define DEFAULT_TIMEOUT  (30 * 60 * ZPM_S)

#define EITHER (ZPM_OUTPUT_TEXT | ZPM_OUTPUT_JSON)

const struct zpm_command zpm_commands[] = {
	{ .name = "validate",
		.help = "read the manifest and say all that is wrong with it",
		.takes = "fsr",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_validate },
	{ .name = "plan",
		.help = "show what would change and what it costs",
		.takes = "fsreoqxgRDO",
		.outputs = EITHER | ZPM_OUTPUT_MARKDOWN,
		.run = zpm_cmd_plan },
	{ .name = "apply",
		.help = "make it so, and wait until all runs",
		.takes = "fsreoqytpngRD",
		.args = "[PLANFILE]",
		.max_args = 1,
		.outputs = EITHER,
		.run = zpm_cmd_apply },
	{ .name = "status",
		.help = "show each object, and why it is not converged",
		.takes = "fsreow",
		.outputs = EITHER,
		.run = zpm_cmd_status },
	{ .name = "destroy",
		.help = "remove all that carries the platform's label",
		.takes = "fsreoqytpv",
		.outputs = EITHER,
		.run = zpm_cmd_destroy },
	{ .name = "restart",
		.help = "replace the tasks of services by new ones of the same spec",
		.takes = "fsreoqtpn",
		.args = "SERVICE...",
		.min_args = 1,
		.max_args = SIZE_MAX,
		.outputs = EITHER,
		.run = zpm_cmd_restart },
	{ .name = "stop",
		.help = "hold services at no tasks until they are started again",
		.takes = "fsreoqtpnz",
		.args = "SERVICE...",
		.min_args = 1,
		.max_args = SIZE_MAX,
		.outputs = EITHER,
		.run = zpm_cmd_stop },
	{ .name = "start",
		.help = "let go of services that are held, and wait until they run",
		.takes = "fsreoqtpn",
		.args = "SERVICE...",
		.min_args = 1,
		.max_args = SIZE_MAX,
		.outputs = EITHER,
		.run = zpm_cmd_start },
	{ .name = "logs",
		.help = "show what the tasks of a service write",
		.takes = "fsreFTSm",
		.args = "SERVICE",
		.min_args = 1,
		.max_args = 1,
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_logs },
	{ .name = "exec",
		.help = "run a program in a container of a service, and end with its exit code",
		.takes = "fsreki",
		.args = "SERVICE -- COMMAND...",
		.min_args = 2,
		.max_args = SIZE_MAX,
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_exec },
	{ .name = "graph",
		.help = "draw what depends on what, tier by tier",
		.takes = "fsro",
		.outputs = ZPM_OUTPUT_SVG | ZPM_OUTPUT_DOT,
		.run = zpm_cmd_graph },
	{ .name = "import",
		.help = "print a manifest made from what runs",
		.takes = "fsreoal",
		.outputs = ZPM_OUTPUT_YAML | ZPM_OUTPUT_JSON,
		.run = zpm_cmd_import },
	{ .name = "schema",
		.help = "print the JSON Schema of the manifest",
		.takes = "",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_schema },
	{ .name = "version",
		.help = "print the version",
		.takes = "",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_version },
	{ 0 },
};

struct choice {
	int letter; /* what commands list in `takes`; also the short option where one is printed */
	const char *name, *argument, *help;
	unsigned sets; /* of enum zpm_switch, for options without argument */
	bool is_short;
};

static const struct choice choices[] = {
	{ 'f', "file", "FILE", "the manifest, '-' for standard input; securaa.yaml here or above by itself",
		0, true },
	{ 's', "set", "NAME=VALUE", "a variable of the manifest; may be given again, and wins over files", 0,
		false },
	{ 'r', "var-file", "FILE", "variables, as a YAML map; may be given again, later ones win", 0, false },
	{ 'e', "engine", "URL", "the Docker Engine; overrides DOCKER_HOST and the manifest", 0, false },
	{ 'o', "output", "FORMAT", "the format of what is printed", 0, true },
	{ 'q', "quiet", NULL, "no progress", ZPM_SWITCH_QUIET, false },
	{ 'g', "target", "KIND/NAME", "only this object and what it waits for; may be given again", 0,
		false },
	{ 'O', "out", "FILE", "save the plan: 'zpm apply FILE' applies it if nothing has moved", 0, false },
	{ 'y', "yes", NULL, "do not ask", ZPM_SWITCH_YES, false },
	{ 'x', "exit-code", NULL, "exit with 2 when there are changes", ZPM_SWITCH_EXIT_CODE, false },
	{ 't', "timeout", "DURATION", "the most to wait for convergence; 30m by itself", 0, false },
	{ 'p', "parallel", "N", "requests in flight; 8 by itself", 0, false },
	{ 'n', "no-wait", NULL, "done when the Engine has accepted it", ZPM_SWITCH_NO_WAIT, false },
	{ 'R', "retry", NULL, "send again what Swarm has rolled back or paused", ZPM_SWITCH_RETRY, false },
	{ 'D', "allow-data-risk", NULL, "replace volumes, and lose what is in them", ZPM_SWITCH_DATA_RISK,
		false },
	{ 'v', "volumes", NULL, "volumes too, and all that is in them", ZPM_SWITCH_VOLUMES, false },
	{ 'w', "watch", NULL, "again and again", ZPM_SWITCH_WATCH, false },
	{ 'z', "reason", "TEXT", "why, for those who find the service held", 0, false },
	{ 'F', "follow", NULL, "go on with what is written from now on, until interrupted", ZPM_SWITCH_FOLLOW,
		true },
	{ 'T', "tail", "N", "only the last N lines of each task", 0, false },
	{ 'S', "since", "DURATION", "nothing older than this, as in 10m", 0, false },
	{ 'm', "timestamps", NULL, "when each line was written", ZPM_SWITCH_TIMESTAMPS, false },
	{ 'k', "task", "N", "the task of this slot; of a global service, of the node of this name", 0,
		false },
	{ 'i', "interactive", NULL, "let it read the terminal, even where it is given none of its own",
		ZPM_SWITCH_INTERACTIVE, true },
	{ 'l', "platform", "NAME", "the platform; by itself the manifest's of -f, or the only one there is",
		0, false },
	{ 'a', "all", NULL, "what nobody owns too, to be adopted", ZPM_SWITCH_ALL, false },
	{ 'h', "help", NULL, "this text", 0, true },
};

/* In the order of enum zpm_output. */
static const char *const formats[] = { "text", "yaml", "json", "markdown", "svg", "dot" };

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

static void print_choice(const struct choice *choice, unsigned outputs)
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

static const struct zpm_command *find_command(const char *name)
{
	const struct zpm_command *nearest = NULL;
	size_t least = 3;

	for (const struct zpm_command *command = zpm_commands; command->name; command++) {
		size_t distance = zpm_edit_distance(command->name, name);

		if (!distance)
			return command;
		if (distance < least) {
			least = distance;
			nearest = command;
		}
	}
	fprintf(stderr, "zpm: unknown command '%s'%s%s%s\n", name, nearest ? "; did you mean '" : "",
		nearest ? nearest->name : "", nearest ? "'?" : "; 'zpm --help' lists them");
	return NULL;
}

static const struct choice *find_choice(int letter)
{
	for (size_t i = 0; i < ZPM_COUNT(choices); i++)
		if (choices[i].letter == letter)
			return &choices[i];
	return NULL;
}

static bool take_output(struct zpm_cli *cli, const char *value)
{
	for (size_t i = 0; i < ZPM_COUNT(formats); i++)
		if (!strcmp(value, formats[i])) {
			cli->output = (enum zpm_output)(1U << i);
			return true;
		}
	return false;
}

/* It becomes a label that others print. */
static bool is_reason(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len > 0 && len <= 200 && zpm_utf8_valid_len(text, len) == len;
}

static bool take_value(struct zpm_cli *cli, int letter, const char *value)
{
	int64_t number;

	switch (letter) {
	case 'f':
		cli->file = value;
		return true;
	case 'e':
		cli->endpoint = value;
		return true;
	case 'o':
		return take_output(cli, value);
	case 'O':
		cli->out = value;
		return *value && strcmp(value, "-") != 0;
	case 'l':
		cli->platform = value;
		return true;
	case 'g':
		zpm_strs_push(cli->arena, &cli->targets, value);
		return true;
	case 'T':
		return !zpm_value_parse(ZPM_T_INT, value, &cli->tail) && cli->tail >= 0;
	case 'S':
		return !zpm_value_parse(ZPM_T_DURATION, value, &cli->since) && cli->since > 0;
	case 'k':
		cli->task = value;
		return true;
	case 'z':
		return is_reason(value) && (cli->reason = value);
	case 's':
		zpm_strs_push(cli->arena, &cli->vars.sets, value);
		return true;
	case 'r':
		zpm_strs_push(cli->arena, &cli->vars.files, value);
		return true;
	case 't':
		return !zpm_value_parse(ZPM_T_DURATION, value, &cli->timeout) && cli->timeout > 0;
	case 'p':
		if (zpm_value_parse(ZPM_T_INT, value, &number) < 0 || number < 1 || number > 64)
			return false;
		cli->parallel = (unsigned)number;
		return true;
	default:
		return true;
	}
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
		const struct choice *choice = find_choice(letter);

		if (!choice)
			return false; /* getopt has said what is wrong */
		if (choice->argument && !take_value(cli, letter, optarg)) {
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
	if (optind < argc && !(command = find_command(argv[optind])))
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
