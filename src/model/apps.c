/* The field tables of `apps`, and the variables that its template may use. */
#include "model/apps.h"

#include "model/catalog.h"
#include "model/rules.h"
#include "model/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct zpm_catalog_names, member)

#define COLLECTION(at_, name_, value_, help_)                                                                \
	{                                                                                                    \
		.name = (name_), .type = ZPM_T_STRING, .at = AT(at_), .value = (value_),                     \
		.rule = &zpm_rule_not_empty, .help = (help_)                                                 \
	}

static const struct zpm_field names_fields[] = {
	COLLECTION(tenants, "tenants", "tenants", "Tenants."),
	COLLECTION(databases, "tenantDatabases", "tenant_databases", "Further databases of tenants."),
	COLLECTION(backups, "tenantBackups", "tenant_backups", "Backups of tenants."),
	COLLECTION(
		integrations, "integrations", "integrations", "Integrations; in tenants' own databases too."),
	COLLECTION(ports, "ports", "integration_ports",
		"The ports that services were given; in tenants' own databases too."),
	{ 0 },
};

static const struct zpm_shape names_shape = {
	.name = "collections",
	.help = "What the collections are called.",
	.size = sizeof(struct zpm_catalog_names),
	.fields = names_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_params_source, member)

static const struct zpm_field params_fields[] = {
	{ .name = "collection",
		.type = ZPM_T_STRING,
		.at = AT(collection),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The collection of parameters." },
	{ .name = "buildType",
		.type = ZPM_T_STRING,
		.at = AT(build_type),
		.rule = &zpm_rule_not_empty,
		.help = "Only those of this kind of build, and of all." },
	{ 0 },
};

static const struct zpm_shape params_shape = {
	.name = "params",
	.help = "Parameters by executable and kind of build, which win over the template.",
	.size = sizeof(struct zpm_params_source),
	.fields = params_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_port_range, member)

static const struct zpm_field range_fields[] = {
	{ .name = "first",
		.type = ZPM_T_INT,
		.at = AT(first),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_port,
		.help = "The first of them." },
	{ .name = "last",
		.type = ZPM_T_INT,
		.at = AT(last),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_port,
		.help = "The last of them." },
	{ 0 },
};

static int parse_range(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	char *rest;
	const struct zpm_port_range range = { strtoll(text, &rest, 10), strtoll(rest + 1, NULL, 10) };

	(void)arena;
	if (range.first > range.last || !zpm_rule_allows_number(&zpm_rule_port, range.first) ||
		!zpm_rule_allows_number(&zpm_rule_port, range.last))
		return zpm_err_set(err, ZPM_EINVALID, "'%s' is no range of ports from 1 to 65535", text);
	*(struct zpm_port_range *)object = range;
	return 0;
}

static const char *format_range(const void *object, struct zpm_arena *arena)
{
	const struct zpm_port_range *range = object;

	return zpm_arena_printf(arena, "%" PRId64 "-%" PRId64, range->first, range->last);
}

static const struct zpm_short range_brief = {
	.expected = "a range of ports like '20000-20999'",
	.pattern = "^[0-9]{1,5}-[0-9]{1,5}$",
	.parse = parse_range,
	.format = format_range,
};

static const struct zpm_shape range_shape = {
	.name = "ports",
	.help = "Ports that services may be given.",
	.size = sizeof(struct zpm_port_range),
	.fields = range_fields,
	.brief = &range_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_from_integrations, member)

static const struct zpm_field from_fields[] = {
	{ .name = "database",
		.type = ZPM_T_STRING,
		.at = AT(database),
		.flags = ZPM_REQUIRED,
		.rule = &zpm_rule_not_empty,
		.help = "The platform's database on the metaDB." },
	{ .name = "collections",
		.type = ZPM_T_OBJECT,
		.at = AT(collections),
		.shape = &names_shape,
		.help = "What the collections are called." },
	{ .name = "ports",
		.type = ZPM_T_OBJECT,
		.at = AT(ports),
		.shape = &range_shape,
		.help = "Which ports services are given that have none in the database: '20000-20999'." },
	{ .name = "params",
		.type = ZPM_T_OBJECT,
		.at = AT(params),
		.shape = &params_shape,
		.help = "Parameters by executable and kind of build, which win over the template." },
	{ .name = "perTenant",
		.type = ZPM_T_BOOL,
		.at = AT(per_tenant),
		.value = "true",
		.help = "A service for each integration; else tenants share one for each executable." },
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_TEMPLATE,
		.rule = &zpm_rule_not_empty,
		.help = "What a service is called; SERVICENAME-TENANTCODE by itself, and the executable "
			"where tenants share it." },
	{ .name = "template",
		.type = ZPM_T_OBJECT,
		.at = AT(service),
		.flags = ZPM_REQUIRED | ZPM_TEMPLATE,
		.shape = &zpm_template_shape,
		.help = "The service, with ${integration.NAME} for what differs." },
	{ 0 },
};

static const struct zpm_shape from_shape = {
	.name = "fromIntegrations",
	.help = "A service for each integration that is switched on in the platform's database.",
	.size = sizeof(struct zpm_from_integrations),
	.fields = from_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_apps, member)

static const struct zpm_field fields[] = {
	{ .name = "fromIntegrations",
		.type = ZPM_T_OBJECT,
		.at = AT(from_integrations),
		.shape = &from_shape,
		.help = "A service for each integration that is switched on in the platform's database." },
	{ 0 },
};

const struct zpm_shape zpm_apps_shape = {
	.name = "apps",
	.help = "Services of the tier apps that are made from what a database says.",
	.size = sizeof(struct zpm_apps),
	.fields = fields,
};

const struct zpm_template_variable zpm_template_variables[] = {
	{ "integration.id", "integration_id", "1", false },
	{ "integration.title", "title", "App", false },
	{ "integration.action", "action", "app", false },
	{ "integration.tenantcode", "tenantcode", "tenant", false },
	{ "integration.serviceName", "serviceName", "app", false },
	{ "integration.executable", "executable", "app", true },
	{ "integration.executionDir", "executionDir", "/app", true },
	{ ZPM_TEMPLATE_PORT, NULL, "20000", true },
	{ 0 },
};
