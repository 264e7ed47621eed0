/* The commands: what each takes and prints. The help comes from the same rows. */
#include "cli/cli.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

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
	{ .name = "run",
		.help = "keep it so: reconcile on every change until stopped",
		.takes = "fsretp",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_run },
	{ .name = "pause",
		.help = "have every 'zpm run' of the platform change nothing until it is resumed",
		.takes = "fsrez",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_pause },
	{ .name = "resume",
		.help = "let 'zpm run' go on",
		.takes = "fsre",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_resume },
	{ .name = "history",
		.help = "list the revisions that were applied, or show the manifest of one",
		.takes = "fsreo",
		.args = "[REVISION]",
		.max_args = 1,
		.outputs = EITHER,
		.run = zpm_cmd_history },
	{ .name = "rollback",
		.help = "put an earlier revision in force until the manifest changes",
		.takes = "fsreoqtpn",
		.args = "REVISION",
		.min_args = 1,
		.max_args = 1,
		.outputs = EITHER,
		.run = zpm_cmd_rollback },
	{ .name = "hosts",
		.help = "list the hosts: their roles, what Swarm says of their nodes, and their members of "
			"sets",
		.takes = "fsreo",
		.outputs = EITHER,
		.run = zpm_cmd_hosts },
	{ .name = "integrations",
		.help = "list what the platform's database says of integrations, and their services",
		.takes = "fsreo",
		.outputs = EITHER,
		.run = zpm_cmd_integrations },
	{ .name = "tenants",
		.help = "list the tenants of the platform's database",
		.takes = "fsreo",
		.outputs = EITHER,
		.run = zpm_cmd_tenants },
	{ .name = "doctor",
		.help = "check Engine, Swarm, MongoDB, clocks and rights, and say what to mend",
		.takes = "fsreo",
		.outputs = EITHER,
		.run = zpm_cmd_doctor },
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
	{ .name = "failover",
		.help = "make another host active, when it can take over, until the manifest says the same",
		.takes = "fsreoqytpbd",
		.outputs = EITHER,
		.run = zpm_cmd_failover },
	{ .name = "failback",
		.help = "end a failover: roles as the manifest says",
		.takes = "fsreoqytpd",
		.outputs = EITHER,
		.run = zpm_cmd_failback },
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
	{ .name = "token",
		.help = "make a token for the API of 'zpm run', and print it with its line for the file of "
			"tokens",
		.takes = "AE",
		.args = "NAME",
		.min_args = 1,
		.max_args = 1,
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_token },
	{ .name = "schema",
		.help = "print the JSON Schema of the manifest",
		.takes = "",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_schema },
	{ .name = "completion",
		.help = "print what makes a shell complete zpm's commands: bash or zsh",
		.takes = "",
		.args = "SHELL",
		.min_args = 1,
		.max_args = 1,
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_completion },
	{ .name = "version",
		.help = "print the version",
		.takes = "",
		.outputs = ZPM_OUTPUT_TEXT,
		.run = zpm_cmd_version },
	{ 0 },
};

const struct zpm_command *zpm_command_by_name(const char *name)
{
	for (const struct zpm_command *command = zpm_commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

const struct zpm_command *zpm_find_command(const char *name)
{
	const struct zpm_command *found = zpm_command_by_name(name), *nearest = NULL;
	size_t least = 3;

	if (found)
		return found;
	for (const struct zpm_command *command = zpm_commands; command->name; command++) {
		size_t distance = zpm_edit_distance(command->name, name);

		if (distance < least) {
			least = distance;
			nearest = command;
		}
	}
	fprintf(stderr, "zpm: unknown command '%s'%s%s%s\n", name, nearest ? "; did you mean '" : "",
		nearest ? nearest->name : "", nearest ? "'?" : "; 'zpm --help' lists them");
	return NULL;
}
