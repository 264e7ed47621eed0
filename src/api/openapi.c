/* The OpenAPI document (3.1), from the table of routes. */
#include "api/parts.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static json_object *text(const char *value)
{
	return json_object_new_string(value);
}

static void add(json_object *json, const char *name, json_object *value)
{
	json_object_object_add(json, name, value);
}

/* The schemas that do not follow from the rows. */
static const char schemas[] =
	"{\"Error\":{\"type\":\"object\",\"required\":[\"error\"],\"additionalProperties\":false,"
	"\"properties\":{\"error\":{\"type\":\"object\",\"required\":[\"code\",\"message\"],"
	"\"properties\":{\"code\":{\"type\":\"string\",\"description\":\"For programs.\"},"
	"\"message\":{\"type\":\"string\",\"description\":\"For people: what is wrong, and what to "
	"do.\"}}}}},"
	"\"Health\":{\"type\":\"object\",\"required\":[\"status\"],\"additionalProperties\":false,"
	"\"properties\":{\"status\":{\"type\":\"string\",\"enum\":[\"ok\",\"ready\"]}}},"
	"\"Identity\":{\"type\":\"object\",\"required\":[\"name\",\"role\"],\"additionalProperties\":false,"
	"\"properties\":{\"name\":{\"type\":\"string\"},"
	"\"role\":{\"type\":\"string\",\"enum\":[\"viewer\",\"operator\",\"admin\"]},"
	"\"expires\":{\"type\":\"string\",\"format\":\"date-time\"}}},"
	"\"Status\":{\"type\":\"object\",\"description\":\"As `zpm status --output json` prints it.\"},"
	"\"Plan\":{\"type\":\"object\",\"description\":\"As `zpm plan --output json` prints it.\"},"
	"\"History\":{\"type\":[\"array\",\"object\"],"
	"\"description\":\"As `zpm history --output json` prints it.\"},"
	"\"Integrations\":{\"type\":[\"array\",\"object\"],"
	"\"description\":\"As `zpm integrations --output json` prints it.\"},"
	"\"Tenants\":{\"type\":[\"array\",\"object\"],"
	"\"description\":\"As `zpm tenants --output json` prints it.\"},"
	"\"Answer\":{\"type\":\"object\",\"description\":\"What came of it.\"}}";

static const char security[] =
	"{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\","
	"\"description\":\"A token that `zpm token` has made, or a JSON Web Token.\"}}";

static json_object *ref(const char *schema)
{
	char path[80];
	json_object *json = json_object_new_object();

	snprintf(path, sizeof(path), "#/components/schemas/%s", schema);
	add(json, "$ref", text(path));
	return json;
}

/* {"content": {TYPE: {"schema": SCHEMA}}} */
static json_object *content(json_object *json, const char *type, json_object *schema)
{
	json_object *all = json_object_new_object(), *one = json_object_new_object();

	add(one, "schema", schema);
	json_object_object_add(all, type, one);
	add(json, "content", all);
	return json;
}

static json_object *member_schema(const struct zpm_api_member *member)
{
	json_object *json = json_object_new_object();

	add(json, "description", text(member->help));
	if (member->max) {
		add(json, "type", text("integer"));
		add(json, "minimum", json_object_new_int64(member->min));
		add(json, "maximum", json_object_new_int64(member->max));
		return json;
	}
	add(json, "type", text("string"));
	add(json, "minLength", json_object_new_int(1));
	add(json, "maxLength", json_object_new_int64((int64_t)member->max_len));
	add(json, "pattern", text("^[^\\u0000-\\u001f\\u007f]*$"));
	return json;
}

static json_object *body_schema(const struct zpm_api_member *members)
{
	json_object *json = json_object_new_object(), *properties = json_object_new_object();
	json_object *required = json_object_new_array();

	for (const struct zpm_api_member *member = members; member->name; member++) {
		json_object_object_add(properties, member->name, member_schema(member));
		if (member->required)
			json_object_array_add(required, text(member->name));
	}
	add(json, "type", text("object"));
	add(json, "properties", properties);
	if (json_object_array_length(required))
		add(json, "required", required);
	else
		json_object_put(required);
	add(json, "additionalProperties", json_object_new_boolean(false));
	return json;
}

static json_object *request_body(const struct zpm_api_route *route)
{
	json_object *json = json_object_new_object(), *any;

	add(json, "required", json_object_new_boolean(true));
	if (route->members)
		return content(json, "application/json", body_schema(route->members));
	any = json_object_new_object();
	add(any, "description", text("What the git server sends; it is not looked at."));
	return content(json, "*/*", any);
}

static json_object *header_schema(const char *help)
{
	json_object *json = json_object_new_object(), *schema = json_object_new_object();

	add(json, "description", text(help));
	add(schema, "type", text("string"));
	add(json, "schema", schema);
	return json;
}

static void add_parameter(json_object *parameters, const char *name, const char *help)
{
	json_object *json = header_schema(help);

	add(json, "name", text(name));
	add(json, "in", text("header"));
	json_object_array_add(parameters, json);
}

static json_object *parameters_of(const struct zpm_api_route *route)
{
	json_object *json = json_object_new_array();

	if (route->flags & ZPM_API_HAS_ETAG)
		add_parameter(json, "If-None-Match", "The ETag of what is known already.");
	if (route->flags & ZPM_API_IF_PLAN)
		add_parameter(json, "If-Match", "The ETag of the plan that is meant.");
	if (route->flags & ZPM_API_IS_STREAM)
		add_parameter(json, "Last-Event-ID", "The last event that was seen.");
	if (route->flags & ZPM_API_IS_HOOK) {
		add_parameter(json, "X-Hub-Signature-256",
			"sha256= and the body's HMAC, as GitHub and Gitea send it.");
		add_parameter(json, "X-Gitlab-Token", "The secret itself, as GitLab sends it.");
	}
	return json;
}

/* An answer of its own for each status that there can be. */
static void add_answer(json_object *answers, unsigned status, const char *why, json_object *answer)
{
	char code[8];

	snprintf(code, sizeof(code), "%u", status);
	add(answer, "description", text(why));
	json_object_object_add(answers, code, answer);
}

static void add_error(json_object *answers, unsigned status, const char *why)
{
	json_object *answer = content(json_object_new_object(), "application/json", ref("Error")), *headers;
	const char *hint = status == 401 ? "WWW-Authenticate" : (status == 429 ? "Retry-After" : NULL);

	if (hint) {
		headers = json_object_new_object();
		json_object_object_add(headers, hint, header_schema(why));
		add(answer, "headers", headers);
	}
	add_answer(answers, status, why, answer);
}

static json_object *good_answer(const struct zpm_api_route *route)
{
	json_object *json = json_object_new_object(), *schema, *headers;
	char type[80];

	if (route->schema) {
		schema = ref(route->schema);
	} else {
		schema = json_object_new_object();
		if (strncmp(route->type, "application/json", 16) != 0)
			add(schema, "type", text("string"));
	}
	if (route->flags & ZPM_API_HAS_ETAG) {
		headers = json_object_new_object();
		add(headers, "ETag", header_schema("Changes with the answer."));
		add(json, "headers", headers);
	}
	snprintf(type, sizeof(type), "%.*s", (int)strcspn(route->type, ";"), route->type);
	return content(json, type, schema);
}

static void add_post_answers(json_object *answers, const struct zpm_api_route *route)
{
	add_answer(answers, 202, "It has begun.", good_answer(route));
	add_error(answers, 404, "There is nothing of this name here.");
	add_error(answers, 409, "It cannot be done as things are.");
	add_error(answers, 411, "There is no body.");
	add_error(answers, 413, "The body is too large.");
	if (route->members)
		add_error(answers, 415, "The body is not said to be JSON.");
	if (route->flags & ZPM_API_IF_PLAN)
		add_error(answers, 412, "The plan is another one by now.");
	add_error(answers, 500, "It was tried, and failed.");
	add_error(answers, 503, "It cannot be done now; it may be later.");
	add_error(answers, 504, "There was no answer in time; it may still be done.");
}

static json_object *answers_of(const struct zpm_api_route *route)
{
	bool proved = route->role != ZPM_API_NOBODY || route->flags & ZPM_API_IS_HOOK;
	json_object *json = json_object_new_object();

	add_answer(json, 200, "Fine.", good_answer(route));
	if (route->flags & ZPM_API_HAS_ETAG)
		add_answer(json, 304, "It is what is known already.", json_object_new_object());
	add_error(json, 400, "The request is not as described here.");
	if (proved)
		add_error(json, 401, "Nobody has this token, or this signature.");
	if (route->role != ZPM_API_NOBODY)
		add_error(json, 403, "The token's role is too small.");
	add_error(json, 429, "Too many requests, or too many failed logins, from this address.");
	if (route->method == ZPM_API_POST)
		add_post_answers(json, route);
	else if (route->flags & ZPM_API_MAY_WAIT)
		add_error(json, 503, "There is nothing to answer with yet.");
	return json;
}

static json_object *security_of(const struct zpm_api_route *route)
{
	json_object *json = json_object_new_array(), *one;

	if (route->role == ZPM_API_NOBODY)
		return json;
	one = json_object_new_object();
	add(one, "token", json_object_new_array());
	json_object_array_add(json, one);
	return json;
}

static json_object *operation(const struct zpm_api_route *route)
{
	json_object *json = json_object_new_object();

	add(json, "operationId", text(route->id));
	add(json, "summary", text(route->summary));
	if (route->role != ZPM_API_NOBODY)
		add(json, "x-role", text(zpm_api_role_names[route->role]));
	add(json, "security", security_of(route));
	add(json, "parameters", parameters_of(route));
	if (route->method == ZPM_API_POST)
		add(json, "requestBody", request_body(route));
	add(json, "responses", answers_of(route));
	return json;
}

static json_object *info(void)
{
	json_object *json = json_object_new_object();

	add(json, "title", text("zpm"));
	add(json, "version", text(ZPM_VERSION));
	add(json, "summary", text("What `zpm run` knows of a platform, and what it can be told to do."));
	return json;
}

json_object *zpm_api_openapi(void)
{
	json_object *json = json_object_new_object(), *paths = json_object_new_object();
	json_object *components = json_object_new_object();

	for (const struct zpm_api_route *route = zpm_api_routes; route->path; route++) {
		json_object *path = json_object_new_object();

		add(path, route->method == ZPM_API_GET ? "get" : "post", operation(route));
		json_object_object_add(paths, route->path, path);
	}
	add(components, "schemas", json_tokener_parse(schemas));
	add(components, "securitySchemes", json_tokener_parse(security));
	add(json, "openapi", text("3.1.0"));
	add(json, "info", info());
	add(json, "paths", paths);
	add(json, "components", components);
	return json;
}
