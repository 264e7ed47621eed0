/* The field tables of secrets, configs and the files that tasks see of them. */
#include "model/secret.h"

#include "model/rules.h"

#include <string.h>

#define AT(member) offsetof(struct zpm_secret, member)

/* The rows that both kinds have. Swarm can change the labels and nothing else. */
#define COMMON_ROWS                                                                                          \
	{ .name = "name",                                                                                    \
		.type = ZPM_T_STRING,                                                                        \
		.at = AT(real_name),                                                                         \
		.rule = &zpm_rule_object_name,                                                               \
		.help = "The Engine's name of an external one; the key by itself." },                        \
		{ .name = "key",                                                                             \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(name),                                                                      \
			.flags = ZPM_KEY | ZPM_HIDDEN,                                                       \
			.rule = &zpm_rule_object_name },                                                     \
		{ .name = "external",                                                                        \
			.type = ZPM_T_BOOL,                                                                  \
			.at = AT(external),                                                                  \
			.help = "Made by somebody else: used, never changed." },                             \
		{ .name = "file",                                                                            \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(file),                                                                      \
			.rule = &zpm_rule_not_empty,                                                         \
			.help = "The file with the content, beside the manifest; '-' for standard input." }, \
		{ .name = "environment",                                                                     \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(environment),                                                               \
			.rule = &zpm_rule_variable,                                                          \
			.help = "The variable of zpm's own environment that holds the content." },           \
		{ .name = "labels",                                                                          \
			.type = ZPM_T_MAP,                                                                   \
			.at = AT(labels),                                                                    \
			.cost = ZPM_COST_IN_PLACE,                                                           \
			.flags = ZPM_PAIR_LIST,                                                              \
			.wire = "Labels",                                                                    \
			.help = "Labels of it." },                                                           \
	{                                                                                                    \
		.name = "version", .type = ZPM_T_STRING, .at = AT(version), .flags = ZPM_HIDDEN              \
	}

static const struct zpm_field secret_fields[] = {
	COMMON_ROWS,
	{ 0 },
};

const struct zpm_shape zpm_secret_shape = {
	.name = "secret",
	.help = "A small file that is kept secret, from a file or a variable. Another content is another "
		"version.",
	.size = sizeof(struct zpm_secret),
	.fields = secret_fields,
};

static const struct zpm_field config_fields[] = {
	COMMON_ROWS,
	{ .name = "content", .type = ZPM_T_STRING, .at = AT(content), .help = "The content itself." },
	{ 0 },
};

const struct zpm_shape zpm_config_shape = {
	.name = "config",
	.help = "A small file of settings, from a file, a variable or the manifest. Another content is "
		"another "
		"version.",
	.size = sizeof(struct zpm_secret),
	.fields = config_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_file, member)

static const struct zpm_rule id_rule = { .expected = "a number in quotes, like '1000'",
	.pattern = "^[0-9]+$" };

static const struct zpm_rule mode_rule = {
	.expected = "a file mode like 0o400, at most 0o777",
	.min = 0,
	.max = 0777,
};

#define FILE_ROWS(source_wire, source_codec, source_help, target_help)                                       \
	{ .name = "source",                                                                                  \
		.type = ZPM_T_STRING,                                                                        \
		.at = AT(source),                                                                            \
		.cost = ZPM_COST_RESTART,                                                                    \
		.flags = ZPM_REQUIRED,                                                                       \
		.rule = &zpm_rule_object_name,                                                               \
		.wire = (source_wire),                                                                       \
		.codec = (source_codec),                                                                     \
		.help = (source_help) },                                                                     \
		{ .name = "target",                                                                          \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(target),                                                                    \
			.cost = ZPM_COST_RESTART,                                                            \
			.flags = ZPM_KEY,                                                                    \
			.rule = &zpm_rule_not_empty,                                                         \
			.wire = "File.Name",                                                                 \
			.help = (target_help) },                                                             \
		{ .name = "uid",                                                                             \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(uid),                                                                       \
			.cost = ZPM_COST_RESTART,                                                            \
			.value = "0",                                                                        \
			.rule = &id_rule,                                                                    \
			.wire = "File.UID",                                                                  \
			.help = "The number of the user it belongs to." },                                   \
		{ .name = "gid",                                                                             \
			.type = ZPM_T_STRING,                                                                \
			.at = AT(gid),                                                                       \
			.cost = ZPM_COST_RESTART,                                                            \
			.value = "0",                                                                        \
			.rule = &id_rule,                                                                    \
			.wire = "File.GID",                                                                  \
			.help = "The number of the group it belongs to." },                                  \
	{                                                                                                    \
		.name = "mode", .type = ZPM_T_INT, .at = AT(mode), .cost = ZPM_COST_RESTART, .value = "292", \
		.rule = &mode_rule, .wire = "File.Mode", .help = "Its file mode; 0o444 is 292."              \
	}

static const struct zpm_field secret_file_fields[] = {
	FILE_ROWS("SecretName", ZPM_AS_SECRET, "The secret.",
		"The file's name in /run/secrets, or its path; the secret's name by itself."),
	{ 0 },
};

static const struct zpm_field config_file_fields[] = {
	FILE_ROWS("ConfigName", ZPM_AS_CONFIG, "The config.",
		"The file's path; the config's name, in the root folder, by itself."),
	{ 0 },
};

static int parse_file(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_file *file = object;

	(void)err;
	file->source = zpm_arena_strdup(arena, text);
	return 0;
}

static const char *format_file(const void *object, struct zpm_arena *arena)
{
	(void)arena;
	return ((const struct zpm_file *)object)->source;
}

#define NAME_PATTERN "^[A-Za-z0-9][A-Za-z0-9_.-]*$"

static const struct zpm_short secret_brief = { "the name of a secret", NAME_PATTERN, parse_file,
	format_file };
static const struct zpm_short config_brief = { "the name of a config", NAME_PATTERN, parse_file,
	format_file };

const struct zpm_shape zpm_secret_file_shape = {
	.name = "secretFile",
	.help = "A secret as a file in the containers.",
	.size = sizeof(struct zpm_file),
	.fields = secret_file_fields,
	.brief = &secret_brief,
};

const struct zpm_shape zpm_config_file_shape = {
	.name = "configFile",
	.help = "A config as a file in the containers.",
	.size = sizeof(struct zpm_file),
	.fields = config_file_fields,
	.brief = &config_brief,
};

size_t zpm_secret_sources(const struct zpm_secret *secret)
{
	return (size_t)(secret->file != NULL) + (secret->environment != NULL) + (secret->content != NULL);
}

const char *zpm_version_ref(const char *name, const char *version, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s@%s", name, version);
}

const char *zpm_version_name(const char *ref, struct zpm_arena *arena)
{
	return zpm_arena_strndup(arena, ref, strcspn(ref, "@"));
}

const char *zpm_version_real(
	const char *platform, const char *name, const char *version, struct zpm_arena *arena)
{
	return zpm_arena_printf(arena, "%s_%s-%s", platform, name, version);
}

const char *zpm_version_parse(const char *platform, const char *real, struct zpm_arena *arena)
{
	size_t prefix = strlen(platform), len = strlen(real);
	const char *version = real + len - ZPM_VERSION_LEN;
	const char *name = real + prefix + 1;

	if (len < prefix + ZPM_VERSION_LEN + strlen("_n-") || strncmp(real, platform, prefix) != 0 ||
		real[prefix] != '_')
		return NULL;
	if (version[-1] != '-' || strspn(version, "0123456789abcdef") != ZPM_VERSION_LEN)
		return NULL;
	return zpm_arena_printf(arena, "%.*s@%s", (int)(version - 1 - name), name, version);
}
