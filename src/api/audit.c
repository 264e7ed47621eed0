/*
 * One line of JSON for each request that may change something. Of a body it has what was understood of it:
 * what was not could be anything, also a token in the wrong place. So could a path that is none.
 */
#include "api/parts.h"
#include "base/clock.h"

#include <json-c/json.h>
#include <string.h>

static void add(json_object *line, const char *name, const char *text)
{
	json_object_object_add(line, name, text && *text ? json_object_new_string(text) : NULL);
}

static const char *who(const struct zpm_api_request *request)
{
	bool hook = request->route && request->route->flags & ZPM_API_IS_HOOK;

	return hook && !request->refused ? "webhook" : request->who.name;
}

void zpm_api_audit(const struct zpm_api_request *request)
{
	const struct zpm_api_backend *backend = &request->api->backend;
	const char *path = zpm_api_routes[request->path_index].path;
	bool known = request->who.role != ZPM_API_NOBODY;
	char time[ZPM_TIME_SIZE];
	json_object *line;

	if (request->method != ZPM_API_POST || !backend->audit)
		return;
	line = json_object_new_object();
	zpm_time_text(zpm_clock_wall(), time);
	add(line, "time", time);
	add(line, "who", who(request));
	add(line, "role", known ? zpm_api_role_names[request->who.role] : NULL);
	add(line, "address", request->address);
	add(line, "method", "POST");
	add(line, "path", path ? path : "other");
	json_object_object_add(line, "body", json_object_get(request->said));
	/* null: whoever asked has gone before there was an answer. */
	json_object_object_add(
		line, "status", request->status ? json_object_new_int((int)request->status) : NULL);
	backend->audit(backend->ctx, json_object_to_json_string_ext(
					     line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(line);
}
