/* The field tables of setup, and what the mark in a container says of it. */
#include "model/setup.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/text.h"
#include "model/json.h"
#include "model/rules.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

/* Of a command that is named in a message. */
#define MOST_SHOWN 80

#define SECOND 1000000000LL
#define DAY    (24 * 60 * 60 * SECOND)

#define AT(member) offsetof(struct zpm_setup_command, member)

static const struct zpm_rule timeout_rule = {
	.expected = "a duration from 1s to 24h", .min = SECOND, .max = DAY
};

static const struct zpm_field command_fields[] = {
	{ .name = "command",
		.type = ZPM_T_LIST,
		.at = AT(command),
		.flags = ZPM_REQUIRED | ZPM_WORDS,
		.help = "The program and its arguments." },
	{ .name = "timeout",
		.type = ZPM_T_DURATION,
		.at = AT(timeout),
		.value = "5m",
		.rule = &timeout_rule,
		.help = "The most it may take; it has failed then, and may still run." },
	{ .name = "user",
		.type = ZPM_T_STRING,
		.at = AT(user),
		.rule = &zpm_rule_not_empty,
		.help = "The user, or user:group, that runs it; the container's when absent." },
	{ 0 },
};

const struct zpm_shape zpm_setup_command_shape = {
	.name = "setup",
	.help = "A command that is run once in each new container.",
	.size = sizeof(struct zpm_setup_command),
	.fields = command_fields,
	.lone = "command",
};

#undef AT
#define AT(member) offsetof(struct zpm_setup, member)

static const struct zpm_field fields[] = {
	{ .name = "service", .type = ZPM_T_STRING, .at = AT(service), .flags = ZPM_KEY | ZPM_HIDDEN },
	{ .name = "commands",
		.type = ZPM_T_OBJECTS,
		.at = AT(commands),
		.flags = ZPM_LISTED | ZPM_ORDERED,
		.shape = &zpm_setup_command_shape,
		.help = "What is run, in this order." },
	{ 0 },
};

const struct zpm_shape zpm_setup_shape = {
	.name = "setup of a service",
	.help = "Commands that are run once in each new container of a service.",
	.size = sizeof(struct zpm_setup),
	.fields = fields,
};

/* How long a command may take is no reason to run it again. */
const char *zpm_setup_hash(const struct zpm_setup *setup, struct zpm_arena *arena)
{
	struct zpm_setup *timeless = zpm_shape_copy(&zpm_setup_shape, setup, arena);
	char digest[ZPM_DIGEST_SIZE];
	json_object *json;
	const char *text;
	size_t len;

	timeless->service = NULL;
	for (size_t i = 0; i < timeless->commands.n; i++)
		((struct zpm_setup_command *)timeless->commands.v[i])->timeout = ZPM_UNSET;
	json = zpm_shape_to_json(&zpm_setup_shape, timeless, arena);
	text = json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN, &len);
	zpm_digest(text, len, digest);
	json_object_put(json);
	return zpm_arena_strdup(arena, digest);
}

/* Cut between two characters. */
static size_t cut(const char *text, size_t most)
{
	size_t len = strlen(text);

	if (len <= most)
		return len;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

const char *zpm_setup_command_text(const struct zpm_setup_command *command, struct zpm_arena *arena)
{
	ZPM_BUF line = { 0 };
	size_t len;

	for (size_t i = 0; i < command->command.n; i++)
		zpm_buf_printf(&line, "%s%s", i ? " " : "", command->command.v[i]);
	for (char *c = line.data; c && *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	if (!line.data)
		return "";
	len = cut(line.data, MOST_SHOWN);
	return zpm_arena_printf(arena, "%.*s%s", (int)len, line.data, line.data[len] ? "..." : "");
}

enum zpm_setup_state zpm_setup_state(
	const struct zpm_setup *setup, const struct zpm_setup_container *container, struct zpm_arena *arena)
{
	const struct zpm_setup_mark *mark = container->mark;

	if (container->trouble)
		return ZPM_SETUP_UNSEEN;
	if (!mark)
		return ZPM_SETUP_NEVER;
	if (strcmp(mark->hash, zpm_setup_hash(setup, arena)) != 0)
		return ZPM_SETUP_OTHER;
	if (mark->done >= (int64_t)setup->commands.n)
		return ZPM_SETUP_DONE;
	return mark->why ? ZPM_SETUP_FAILED : ZPM_SETUP_PART;
}

const char *zpm_setup_trouble(
	const struct zpm_setup *setup, const struct zpm_setup_container *container, struct zpm_arena *arena)
{
	const struct zpm_setup_mark *mark = container->mark;

	switch (zpm_setup_state(setup, container, arena)) {
	case ZPM_SETUP_DONE:
		return NULL;
	case ZPM_SETUP_NEVER:
		return "has not run";
	case ZPM_SETUP_OTHER:
		return "has run with other commands";
	case ZPM_SETUP_PART:
		return zpm_arena_printf(
			arena, "%lld of %zu commands have run", (long long)mark->done, setup->commands.n);
	case ZPM_SETUP_FAILED:
		return zpm_arena_printf(arena, "'%s' failed: %s",
			zpm_setup_command_text(setup->commands.v[mark->done], arena), mark->why);
	default:
		return container->trouble;
	}
}
