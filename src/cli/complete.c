/*
 * What may come next on a command line, by the tables of commands and options: a row
 * there is completed without a line here. What the value of an option or argument is like follows from
 * what it is called in the help.
 */
#include "cli/completion.h"

#include "base/text.h"
#include "cli/options.h"
#include "model/api.h"

#include <stdio.h>
#include <string.h>

/* A command line up to the cursor. */
struct line {
	struct zpm_cli cli;
	const struct zpm_command *command; /* NULL: not typed yet */
	const struct zpm_option *open;     /* whose value is the next word; NULL: none is */
	bool ended;                        /* no option comes any more, after "--" */
	bool lost;                         /* with a word that nobody knows */
};

static void offer(const char *word, const char *meaning)
{
	printf("%s\t%s\n", word, meaning);
}

static void offer_files(struct line *line, const char *word)
{
	(void)line, (void)word;
	puts(":files");
}

static void offer_formats(struct line *line, const char *word)
{
	unsigned outputs = line->command ? line->command->outputs : 0;

	(void)word;
	for (size_t i = 0; zpm_output_name(i); i++)
		if (outputs >> i & 1)
			offer(zpm_output_name(i), "");
}

static void offer_roles(struct line *line, const char *word)
{
	(void)line, (void)word;
	for (int role = ZPM_API_VIEWER; zpm_api_role_names[role]; role++)
		offer(zpm_api_role_names[role], "");
}

static void offer_shells(struct line *line, const char *word)
{
	(void)line, (void)word;
	for (const char *const *shell = zpm_shells; *shell; shell++)
		offer(*shell, "");
}

/* The manifest's; NULL when that cannot be read, or would be from the terminal. The caller frees it. */
static struct zpm_session *open_manifest(const struct line *line)
{
	struct zpm_session *session;
	struct zpm_err err = { 0 };

	/* A secret of the manifest may be read from there too. */
	if ((line->cli.file && !strcmp(line->cli.file, "-")) || !freopen("/dev/null", "r", stdin))
		return NULL;
	if (!zpm_cli_open(&line->cli, &session, &err))
		return session;
	zpm_session_free(session);
	return NULL;
}

static void offer_services(struct line *line, const char *word)
{
	struct zpm_session *session = open_manifest(line);

	(void)word;
	for (size_t i = 0; session && i < session->desired->list.n; i++) {
		const struct zpm_object *object = session->desired->list.v[i];

		if (object->kind->id == ZPM_KIND_SERVICE && !zpm_strs_have(&line->cli.args, object->name))
			offer(object->name,
				object->tier < ZPM_TIER_COUNT ? zpm_tier_names[object->tier] : "");
	}
	zpm_session_free(session);
}

/* First the kind, then the objects of all. */
static void offer_targets(struct line *line, const char *word)
{
	struct zpm_session *session = strchr(word, '/') ? open_manifest(line) : NULL;

	for (size_t i = 0; !strchr(word, '/') && i < ZPM_KIND_COUNT; i++)
		offer(zpm_arena_printf(line->cli.arena, "%s/", zpm_kinds[i].name), "");
	for (size_t i = 0; session && i < session->desired->list.n; i++)
		offer(zpm_object_ref(session->desired->list.v[i], line->cli.arena), "");
	zpm_session_free(session);
}

static void offer_hosts(struct line *line, const char *word)
{
	struct zpm_session *session = open_manifest(line);

	(void)word;
	for (size_t i = 0; session && i < session->platform->hosts.n; i++) {
		const struct zpm_host *host = session->platform->hosts.v[i];

		offer(host->name, host->roles.n ? host->roles.v[0] : "");
	}
	zpm_session_free(session);
}

/* By what an argument is called in the help. Any other is for a person to think of. */
static const struct {
	const char *name;
	void (*offer)(struct line *line, const char *word);
} sorts[] = {
	{ "FILE", offer_files },
	{ "PLANFILE", offer_files },
	{ "FORMAT", offer_formats },
	{ "SHELL", offer_shells },
	{ "ROLE", offer_roles },
	{ "SERVICE", offer_services },
	{ "KIND/NAME", offer_targets },
	{ "HOST", offer_hosts },
};

/* `name` is as the help has it: "[PLANFILE]", "SERVICE..." */
static void offer_values(struct line *line, const char *name, size_t len, const char *word)
{
	for (size_t i = 0; i < ZPM_COUNT(sorts); i++)
		if (strlen(sorts[i].name) == len && !strncmp(sorts[i].name, name, len))
			sorts[i].offer(line, word);
}

/* The argument at this place: of "SERVICE -- COMMAND..." the second is COMMAND, and all behind. */
static void offer_argument(struct line *line, const char *word)
{
	const char *name = line->command->args;
	size_t len = 0;

	for (size_t i = 0; name && *name; i++) {
		name += strspn(name, "[- ");
		len = strcspn(name, ".] ");
		if (i == line->cli.args.n || zpm_starts_with(name + len, "...")) {
			offer_values(line, name, len, word);
			return;
		}
		name += strcspn(name, " ");
	}
}

/* Does every command that is about a manifest take this one? Then it may as well stand before the command. */
static bool is_common(const struct zpm_option *option)
{
	for (const struct zpm_command *command = zpm_commands; command->name; command++)
		if (strchr(command->takes, 'f') && !strchr(command->takes, option->letter))
			return false;
	return true;
}

static void offer_options(const struct line *line)
{
	const struct zpm_option *option;

	for (size_t i = 0; (option = zpm_option_at(i)); i++)
		if (option->letter == 'h' ||
			(line->command ? strchr(line->command->takes, option->letter) != NULL
				       : is_common(option)))
			offer(zpm_arena_printf(line->cli.arena, "--%s", option->name), option->help);
}

static const struct zpm_option *option_by_name(const char *name, size_t len)
{
	const struct zpm_option *option;

	for (size_t i = 0; (option = zpm_option_at(i)); i++)
		if (strlen(option->name) == len && !strncmp(option->name, name, len))
			return option;
	return NULL;
}

static const struct zpm_option *option_by_letter(int letter)
{
	const struct zpm_option *option;

	for (size_t i = 0; (option = zpm_option_at(i)); i++)
		if (option->is_short && option->letter == letter)
			return option;
	return NULL;
}

/* What is wrong with a value is for the command to say. */
static void take(struct line *line, const struct zpm_option *option, const char *value)
{
	if (option->take)
		option->take(&line->cli, (char *)&line->cli + option->slot, value);
}

static void read_long(struct line *line, const char *name)
{
	size_t len = strcspn(name, "=");
	const struct zpm_option *option = option_by_name(name, len);

	if (option && option->argument && !name[len])
		line->open = option;
	else if (option && name[len])
		take(line, option, name + len + 1);
}

/* "-iF", "-fFILE" */
static void read_short(struct line *line, const char *letters)
{
	for (; *letters; letters++) {
		const struct zpm_option *option = option_by_letter(*letters);

		if (!option || !option->argument)
			continue;
		if (letters[1])
			take(line, option, letters + 1);
		else
			line->open = option;
		return;
	}
}

static void read_word(struct line *line, const char *word)
{
	const struct zpm_option *open = line->open;

	line->open = NULL;
	if (open) {
		take(line, open, word);
	} else if (!line->ended && !strcmp(word, "--")) {
		line->ended = true;
	} else if (!line->ended && zpm_starts_with(word, "--")) {
		read_long(line, word + 2);
	} else if (!line->ended && word[0] == '-' && word[1]) {
		read_short(line, word + 1);
	} else if (line->command) {
		zpm_strs_push(line->cli.arena, &line->cli.args, word);
	} else {
		line->command = zpm_command_by_name(word);
		line->lost = line->lost || !line->command;
	}
}

static void offer_next(struct line *line, const char *word)
{
	const struct zpm_option *open = line->open;
	const char *value = strchr(word, '=');

	if (!open && !line->ended && value && zpm_starts_with(word, "--")) {
		open = option_by_name(word + 2, (size_t)(value - word) - 2);
		if (open && open->argument)
			offer_values(line, open->argument, strlen(open->argument), value + 1);
	} else if (open) {
		offer_values(line, open->argument, strlen(open->argument), word);
	} else if (!line->ended && word[0] == '-') {
		offer_options(line);
	} else if (line->command) {
		offer_argument(line, word);
	} else {
		for (const struct zpm_command *command = zpm_commands; command->name; command++)
			offer(command->name, command->help);
	}
}

enum zpm_exit zpm_complete(int n, char **words)
{
	struct line line = { .cli = { .arena = zpm_arena_new() } };

	for (int i = 0; i + 1 < n; i++)
		read_word(&line, words[i]);
	if (n && !line.lost)
		offer_next(&line, words[n - 1]);
	zpm_arena_free(line.cli.arena);
	return ZPM_EXIT_OK;
}
