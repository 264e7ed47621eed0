/* The field tables of the catalog. Names are those of the documents, which programs know already. */
#include "model/catalog.h"

#include "model/service_parts.h"

#include <strings.h>

#define TEXT(at_, name_, help_)                                                                              \
	{                                                                                                    \
		.name = (name_), .type = ZPM_T_STRING, .at = AT(at_), .help = (help_)                        \
	}
#define NUMBER(at_, name_, help_)                                                                            \
	{                                                                                                    \
		.name = (name_), .type = ZPM_T_INT, .at = AT(at_), .help = (help_)                           \
	}

#define AT(member) offsetof(struct zpm_tenant, member)

static const struct zpm_field tenant_fields[] = {
	NUMBER(id, "id", "Its number."),
	TEXT(name, "name", "What it is called."),
	TEXT(code, "tenantcode", "What integrations refer to it by."),
	TEXT(status, "status", "Whether it is active."),
	TEXT(host, "db_host", "The server of its own database; none: the platform's."),
	TEXT(database, "db_name", "Its own database."),
	TEXT(connection_status, "connection_status", "What the platform last found of that."),
	{ 0 },
};

const struct zpm_shape zpm_tenant_shape = {
	.name = "tenant",
	.help = "A customer of the platform.",
	.size = sizeof(struct zpm_tenant),
	.fields = tenant_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_tenant_database, member)

static const struct zpm_field database_fields[] = {
	NUMBER(id, "id", "Its number."),
	TEXT(name, "name", "What it is called."),
	TEXT(code, "tenantcode", "Whose it is."),
	TEXT(status, "status", "Whether it is active."),
	TEXT(host, "db_host", "Its server."),
	TEXT(database, "db_name", "The database there."),
	TEXT(connection_status, "connection_status", "What the platform last found of it."),
	TEXT(uuid, "uuid", "Its identity over all platforms."),
	{ 0 },
};

const struct zpm_shape zpm_tenant_database_shape = {
	.name = "tenant-database",
	.help = "A further database of a tenant.",
	.size = sizeof(struct zpm_tenant_database),
	.fields = database_fields,
};

const struct zpm_shape zpm_tenant_backup_shape = {
	.name = "tenant-backup",
	.help = "A backup of a tenant.",
	.size = sizeof(struct zpm_tenant_database),
	.fields = database_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_integration, member)

static const struct zpm_field integration_fields[] = {
	NUMBER(id, "integration_id", "Its number."),
	TEXT(title, "title", "What it is called."),
	TEXT(action, "action", "What it is for."),
	TEXT(service_name, "serviceName", "What its service is to be called."),
	TEXT(execution_dir, "executionDir", "Where its program is."),
	TEXT(status, "status", "Whether it is active."),
	TEXT(executable, "executable", "Its program, and so its image."),
	TEXT(code, "tenantcode", "Whose it is."),
	{ 0 },
};

const struct zpm_shape zpm_integration_shape = {
	.name = "integration",
	.help = "An integration of a tenant.",
	.size = sizeof(struct zpm_integration),
	.fields = integration_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_port_record, member)

static const struct zpm_field port_fields[] = {
	{ .name = "name", .type = ZPM_T_STRING, .at = AT(name), .flags = ZPM_HIDDEN },
	NUMBER(port, "port", "The port."),
	NUMBER(integration, "integration_id", "Of which integration; none: of all with the executable."),
	TEXT(executable, "executable", "The program that listens on it."),
	TEXT(code, "tenantcode", "Whose the integration is; none: of a shared service."),
	{ 0 },
};

const struct zpm_shape zpm_port_record_shape = {
	.name = "port",
	.help = "The port of an integration's service.",
	.size = sizeof(struct zpm_port_record),
	.fields = port_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_app_params, member)

static const struct zpm_field params_fields[] = {
	TEXT(type, "param_type", "The executable that they are for; '*': each."),
	TEXT(build, "build_name", "The kind of build that they are for; none: each."),
	{ .name = "environment", .type = ZPM_T_MAP, .at = AT(environment), .help = "Environment variables." },
	{ .name = "command",
		.type = ZPM_T_LIST,
		.at = AT(command),
		.help = "In the place of the template's command." },
	{ .name = "args",
		.type = ZPM_T_LIST,
		.at = AT(args),
		.help = "In the place of the template's arguments." },
	{ .name = "resources",
		.type = ZPM_T_OBJECT,
		.at = AT(resources),
		.shape = &zpm_resources_shape,
		.help = "Limits and reservations." },
	{ 0 },
};

const struct zpm_shape zpm_app_params_shape = {
	.name = "parameters",
	.help = "Parameters of an executable in one kind of build.",
	.size = sizeof(struct zpm_app_params),
	.fields = params_fields,
};

bool zpm_status_is_active(const char *status)
{
	return status && !strcasecmp(status, "active");
}
