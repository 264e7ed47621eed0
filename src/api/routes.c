/* The table. */
#include "api/routes.h"

#include "api/parts.h"

#define KIB       1024UL
#define MAX_BODY  (64 * KIB)
#define MAX_HOOK  (25 * KIB * KIB) /* as much as GitHub sends at most */
#define MAX_NAME  200
#define MAX_WORDS 200

const char *const zpm_api_method_names[ZPM_API_METHOD_COUNT] = { "GET", "HEAD", "POST", "other" };

#define AT(member) offsetof(struct zpm_api_command, member)

#define SERVICE                                                                                              \
	{                                                                                                    \
		.name = "serviceName", .help = "The service, as the manifest calls it.", .required = true,   \
		.at = AT(service), .max_len = MAX_NAME                                                       \
	}
#define REASON                                                                                               \
	{                                                                                                    \
		.name = "reason", .help = "Why, for those who find it so.", .at = AT(reason),                \
		.max_len = MAX_WORDS                                                                         \
	}

static const struct zpm_api_member of_start[] = { SERVICE, { 0 } };
static const struct zpm_api_member of_stop[] = { SERVICE, REASON, { 0 } };
static const struct zpm_api_member of_pause[] = { REASON, { 0 } };
static const struct zpm_api_member of_nothing[] = { { 0 } };
static const struct zpm_api_member of_rollback[] = {
	{ .name = "revision",
		.help = "The number of the revision in the history.",
		.required = true,
		.at = AT(revision),
		.min = 1,
		.max = INT32_MAX },
	{ 0 },
};

#define JSON_TYPE   "application/json"
#define METRIC_TYPE "text/plain; version=0.0.4; charset=utf-8"

#define FILE_ROW(route, name, title, mime, file)                                                             \
	{                                                                                                    \
		.method = ZPM_API_GET, .path = (route), .id = (name), .summary = (title), .type = (mime),    \
		.flags = ZPM_API_HAS_ETAG, .handle = zpm_api_handle_file, .which = (file)                    \
	}
#define DOCUMENT_ROW(route, name, title, shape, document)                                                    \
	{                                                                                                    \
		.method = ZPM_API_GET, .path = (route), .id = (name), .summary = (title),                    \
		.role = ZPM_API_VIEWER, .flags = ZPM_API_HAS_ETAG | ZPM_API_MAY_WAIT, .type = JSON_TYPE,     \
		.schema = (shape), .handle = zpm_api_handle_document, .which = (document)                    \
	}
#define COMMAND_ROW(route, name, title, who, body, op, more)                                                 \
	{                                                                                                    \
		.method = ZPM_API_POST, .path = (route), .id = (name), .summary = (title), .role = (who),    \
		.flags = (more), .members = (body), .max_body = MAX_BODY, .type = JSON_TYPE,                 \
		.schema = "Answer", .handle = zpm_api_handle_command, .which = (op)                          \
	}

const struct zpm_api_route zpm_api_routes[] = {
	FILE_ROW("/", "page", "The page, for a person.", "text/html; charset=utf-8", ZPM_API_PAGE),
	FILE_ROW("/page.css", "pageStyle", "The page's style.", "text/css; charset=utf-8", ZPM_API_PAGE_CSS),
	FILE_ROW("/page.js", "pageScript", "The page's program.", "text/javascript; charset=utf-8",
		ZPM_API_PAGE_JS),
	FILE_ROW("/openapi.json", "openapi", "This document.", JSON_TYPE, ZPM_API_OPENAPI),
	{ .method = ZPM_API_GET,
		.path = "/healthz",
		.id = "health",
		.summary = "Does it live?",
		.type = JSON_TYPE,
		.schema = "Health",
		.handle = zpm_api_handle_health },
	{ .method = ZPM_API_GET,
		.path = "/readyz",
		.id = "ready",
		.summary = "Does it know the platform, and keep it?",
		.flags = ZPM_API_MAY_WAIT,
		.type = JSON_TYPE,
		.schema = "Health",
		.handle = zpm_api_handle_ready },
	{ .method = ZPM_API_GET,
		.path = "/whoami",
		.id = "whoami",
		.summary = "Whose the token is, and what it may do.",
		.role = ZPM_API_VIEWER,
		.type = JSON_TYPE,
		.schema = "Identity",
		.handle = zpm_api_handle_whoami },
	DOCUMENT_ROW(
		"/status", "status", "Each object, and why it is not converged.", "Status", ZPM_API_STATUS),
	DOCUMENT_ROW("/plan", "plan", "What would change, and what it costs.", "Plan", ZPM_API_PLAN),
	DOCUMENT_ROW(
		"/history", "history", "The revisions that were put in force.", "History", ZPM_API_HISTORY),
	DOCUMENT_ROW("/integration/list", "integrations",
		"What the platform's database says of integrations.", "Integrations", ZPM_API_INTEGRATIONS),
	DOCUMENT_ROW("/tenant/list", "tenants", "The tenants of the platform's database.", "Tenants",
		ZPM_API_TENANTS),
	{ .method = ZPM_API_GET,
		.path = "/events",
		.id = "events",
		.summary = "What happens, as it happens: server-sent events.",
		.role = ZPM_API_VIEWER,
		.flags = ZPM_API_IS_STREAM | ZPM_API_MAY_WAIT,
		.type = "text/event-stream",
		.handle = zpm_api_handle_events },
	{ .method = ZPM_API_GET,
		.path = "/metrics",
		.id = "metrics",
		.summary = "Numbers for Prometheus.",
		.role = ZPM_API_VIEWER,
		.type = METRIC_TYPE,
		.handle = zpm_api_handle_metrics },
	COMMAND_ROW("/service/start", "startService", "Let a service run that was stopped.", ZPM_API_OPERATOR,
		of_start, ZPM_API_START, 0),
	COMMAND_ROW("/service/stop", "stopService", "Hold a service at no tasks until it is started.",
		ZPM_API_OPERATOR, of_stop, ZPM_API_STOP, 0),
	COMMAND_ROW("/apply", "apply", "Do now what the plan shows, also outside of windows.",
		ZPM_API_OPERATOR, of_nothing, ZPM_API_APPLY, ZPM_API_IF_PLAN),
	COMMAND_ROW("/pause", "pause", "Change nothing until it is resumed.", ZPM_API_ADMIN, of_pause,
		ZPM_API_PAUSE, 0),
	COMMAND_ROW("/resume", "resume", "Go on.", ZPM_API_ADMIN, of_nothing, ZPM_API_RESUME, 0),
	COMMAND_ROW("/rollback", "rollback",
		"Put a revision of the history in force until the manifest changes.", ZPM_API_ADMIN,
		of_rollback, ZPM_API_ROLLBACK, 0),
	{ .method = ZPM_API_POST,
		.path = "/webhook",
		.id = "webhook",
		.summary = "Look at the git repository now, which has something new.",
		.flags = ZPM_API_IS_HOOK,
		.max_body = MAX_HOOK,
		.type = JSON_TYPE,
		.schema = "Answer",
		.handle = zpm_api_handle_webhook,
		.which = ZPM_API_WEBHOOK },
	{ 0 },
};

const size_t zpm_api_route_count = ZPM_COUNT(zpm_api_routes) - 1;
