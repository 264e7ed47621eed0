/* The field tables of how to reach an Engine. */
#include "model/engine.h"

#include "model/rules.h"

#define AT(member) offsetof(struct zpm_tls, member)

static const struct zpm_field tls_fields[] = {
	{ .name = "ca",
		.type = ZPM_T_STRING,
		.at = AT(ca),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the CA that the Engine's certificate is from; whom the system trusts "
			"when "
			"absent." },
	{ .name = "cert",
		.type = ZPM_T_STRING,
		.at = AT(cert),
		.rule = &zpm_rule_not_empty,
		.help = "The file with zpm's own certificate, for Engines that ask for one." },
	{ .name = "key",
		.type = ZPM_T_STRING,
		.at = AT(key),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the private key of `cert`." },
	{ 0 },
};

static const struct zpm_shape tls_shape = {
	.name = "tls",
	.help = "Certificates for an Engine at tcp://; files are looked for beside the manifest.",
	.size = sizeof(struct zpm_tls),
	.fields = tls_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_engine_config, member)

#define ENDPOINT_PATTERN "^(unix:///|tcp://[^/:]|ssh://[^/:-])"

static const struct zpm_rule endpoint_rule = {
	.expected = "an endpoint like 'unix:///var/run/docker.sock', 'tcp://127.0.0.1:2375' or "
		    "'ssh://user@host'",
	.pattern = ENDPOINT_PATTERN,
};

static const struct zpm_field engine_fields[] = {
	{ .name = "endpoint",
		.type = ZPM_T_STRING,
		.at = AT(endpoint),
		.rule = &endpoint_rule,
		.help = "Where the Docker Engine listens." },
	{ .name = "tls",
		.type = ZPM_T_OBJECT,
		.at = AT(tls),
		.shape = &tls_shape,
		.help = "Talk TLS to an Engine at tcp://." },
	{ .name = "timeout",
		.type = ZPM_T_DURATION,
		.at = AT(timeout),
		.rule = &zpm_rule_positive,
		.help = "The most one call to the Engine may take; 60s by itself." },
	{ 0 },
};

static int parse_endpoint(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_engine_config *engine = object;

	(void)err;
	engine->endpoint = zpm_arena_strdup(arena, text);
	return 0;
}

static const struct zpm_short engine_brief = {
	.expected = "an endpoint",
	.pattern = ENDPOINT_PATTERN,
	.parse = parse_endpoint,
};

const struct zpm_shape zpm_engine_shape = {
	.name = "engine",
	.help = "How to reach the Docker Engine.",
	.size = sizeof(struct zpm_engine_config),
	.fields = engine_fields,
	.brief = &engine_brief,
};
