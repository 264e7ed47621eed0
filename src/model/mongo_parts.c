/* The field tables of how MongoDB is talked to, and of what hosts' roles mean to it. */
#include "model/mongo.h"
#include "model/rules.h"

#define AT(member) offsetof(struct zpm_mongo_auth, member)

static const struct zpm_field auth_fields[] = {
	{ .name = "keyFile",
		.type = ZPM_T_STRING,
		.at = AT(key_file),
		.rule = &zpm_rule_object_name,
		.help = "The secret that members and routers know each other by." },
	{ .name = "username",
		.type = ZPM_T_STRING,
		.at = AT(username),
		.rule = &zpm_rule_not_empty,
		.help = "Whom zpm logs in as." },
	{ .name = "passwordFile",
		.type = ZPM_T_STRING,
		.at = AT(password_file),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the password, beside the manifest." },
	{ .name = "passwordSecret",
		.type = ZPM_T_STRING,
		.at = AT(password_secret),
		.rule = &zpm_rule_object_name,
		.help = "The secret that is the password." },
	{ .name = "database",
		.type = ZPM_T_STRING,
		.at = AT(database),
		.value = "admin",
		.rule = &zpm_rule_not_empty,
		.help = "The database that knows the user." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_auth_shape = {
	.name = "mongoAuth",
	.help = "How members, routers and zpm prove who they are.",
	.size = sizeof(struct zpm_mongo_auth),
	.fields = auth_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_tls, member)

static const char *const tls_modes[] = { "allowTLS", "preferTLS", "requireTLS", NULL };
static const struct zpm_rule tls_mode_rule = {
	.expected = "allowTLS, preferTLS or requireTLS",
	.choices = tls_modes,
};

static const struct zpm_field tls_fields[] = {
	{ .name = "mode",
		.type = ZPM_T_STRING,
		.at = AT(mode),
		.value = "requireTLS",
		.rule = &tls_mode_rule,
		.help = "What managed members and routers ask of connections." },
	{ .name = "serverCertificate",
		.type = ZPM_T_STRING,
		.at = AT(server_certificate),
		.rule = &zpm_rule_object_name,
		.help = "The secret with their certificate and its private key, one behind the other." },
	{ .name = "serverCa",
		.type = ZPM_T_STRING,
		.at = AT(server_ca),
		.rule = &zpm_rule_object_name,
		.help = "The secret with the CA that they know each other's certificates by." },
	{ .name = "ca",
		.type = ZPM_T_STRING,
		.at = AT(ca),
		.rule = &zpm_rule_not_empty,
		.help = "The file with the CA that zpm knows them by; whom the system trusts when absent." },
	{ .name = "certificate",
		.type = ZPM_T_STRING,
		.at = AT(certificate),
		.rule = &zpm_rule_not_empty,
		.help = "The file with zpm's own certificate and its private key, for those who ask for "
			"one." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_tls_shape = {
	.name = "mongoTls",
	.help = "Certificates; zpm's own files are looked for beside the manifest.",
	.size = sizeof(struct zpm_mongo_tls),
	.fields = tls_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_timeouts, member)

static const struct zpm_field timeouts_fields[] = {
	{ .name = "connect",
		.type = ZPM_T_DURATION,
		.at = AT(connect),
		.value = "2s",
		.rule = &zpm_rule_positive,
		.help = "The most that a connection may take." },
	{ .name = "call",
		.type = ZPM_T_DURATION,
		.at = AT(call),
		.value = "10s",
		.rule = &zpm_rule_positive,
		.help = "The most that one command may take." },
	{ .name = "election",
		.type = ZPM_T_DURATION,
		.at = AT(election),
		.value = "30s",
		.rule = &zpm_rule_positive,
		.help = "The most that a set may be without a primary." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_timeouts_shape = {
	.name = "mongoTimeouts",
	.help = "How long zpm waits for members and routers.",
	.size = sizeof(struct zpm_mongo_timeouts),
	.fields = timeouts_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_priorities, member)

static const struct zpm_rule priority_rule = {
	.expected = "a priority from 0 to 1000",
	.min = 0,
	.max = INT64_C(1000000000000),
};

#define PRIORITY(member, text, worth, what)                                                                  \
	{                                                                                                    \
		.name = text, .type = ZPM_T_DECIMAL, .at = AT(member), .value = worth,                       \
		.rule = &priority_rule, .help = "Of members on " what "."                                    \
	}

static const struct zpm_field priorities_fields[] = {
	PRIORITY(active, "active", "10", "the active host"),
	PRIORITY(secondary_active, "secondary-active", "5", "the secondary-active host"),
	PRIORITY(passive, "passive", "1", "the passive host"),
	PRIORITY(others, "others", "1", "any other host"),
	{ 0 },
};

const struct zpm_shape zpm_mongo_priorities_shape = {
	.name = "mongoPriorities",
	.help = "The priority of members by the role of their host.",
	.size = sizeof(struct zpm_mongo_priorities),
	.fields = priorities_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_server_info, member)

static const struct zpm_field server_info_fields[] = {
	{ .name = "database",
		.type = ZPM_T_STRING,
		.at = AT(database),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_object_name,
		.help = "The database." },
	{ .name = "collection",
		.type = ZPM_T_STRING,
		.at = AT(collection),
		.value = "server_info",
		.rule = &zpm_rule_not_empty,
		.help = "The collection." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_server_info_shape = {
	.name = "mongoServerInfo",
	.help = "Where the hosts, their roles and states are written down.",
	.size = sizeof(struct zpm_mongo_server_info),
	.fields = server_info_fields,
};
