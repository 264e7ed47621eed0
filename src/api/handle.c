/* The answers that are neither documents nor streams. */
#include "api/parts.h"
#include "base/clock.h"
#include "base/text.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

int zpm_api_handle_health(struct zpm_api_request *request)
{
	return zpm_api_reply_json(request, MHD_HTTP_OK, "{\"status\":\"ok\"}");
}

int zpm_api_handle_ready(struct zpm_api_request *request)
{
	struct zpm_api *api = request->api;
	char why[sizeof(request->why)];
	bool ready;

	pthread_mutex_lock(&api->lock);
	ready = !api->unready;
	if (!ready) {
		strncpy(why, api->unready, sizeof(why) - 1);
		why[sizeof(why) - 1] = '\0';
	}
	pthread_mutex_unlock(&api->lock);
	if (ready)
		return zpm_api_reply_json(request, MHD_HTTP_OK, "{\"status\":\"ready\"}");
	why[zpm_utf8_valid_len(why, strlen(why))] = '\0';
	return zpm_api_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "%s", why);
}

void zpm_api_set_unready(struct zpm_api *api, const char *why)
{
	char *text = why ? zpm_strdup(why) : NULL, *old;

	pthread_mutex_lock(&api->lock);
	old = api->unready;
	api->unready = text;
	pthread_mutex_unlock(&api->lock);
	free(old);
}

int zpm_api_handle_whoami(struct zpm_api_request *request)
{
	json_object *json = json_object_new_object();
	char expires[ZPM_TIME_SIZE];
	int result;

	json_object_object_add(json, "name", json_object_new_string(request->who.name));
	json_object_object_add(json, "role", json_object_new_string(zpm_api_role_names[request->who.role]));
	if (request->who.expires != INT64_MAX) {
		zpm_time_text(request->who.expires, expires);
		json_object_object_add(json, "expires", json_object_new_string(expires));
	}
	result = zpm_api_reply_json(request, MHD_HTTP_OK,
		json_object_to_json_string_ext(
			json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return result;
}

/* Is the plan still the one that whoever asks has seen? */
static bool plan_is_the_same(struct zpm_api_request *request)
{
	struct zpm_api *api = request->api;
	const char *wanted = zpm_api_header(request, "If-Match");
	const struct zpm_api_served *plan = &api->documents[ZPM_API_PLAN];
	bool same;

	if (!(request->route->flags & ZPM_API_IF_PLAN) || !wanted)
		return true;
	pthread_mutex_lock(&api->lock);
	same = plan->whole && zpm_api_etag_is_in(wanted, plan->etag, true);
	pthread_mutex_unlock(&api->lock);
	return same;
}

int zpm_api_handle_command(struct zpm_api_request *request)
{
	struct zpm_api_command command = { .op = (enum zpm_api_op)request->route->which,
		.by = request->who.name };
	const char *wrong;
	char why[256];

	wrong = zpm_api_body_parse(request->route->members, request->body.data ? request->body.data : "",
		request->body.len, &command, &request->said, why);
	if (wrong)
		return zpm_api_reply_error(request, MHD_HTTP_BAD_REQUEST, "the body: %s", wrong);
	if (!plan_is_the_same(request))
		return zpm_api_reply_error(request, MHD_HTTP_PRECONDITION_FAILED,
			"the plan is another one by now; look at it again");
	return zpm_api_call_make(request, &command);
}

int zpm_api_handle_webhook(struct zpm_api_request *request)
{
	const struct zpm_api_command command = { .op = ZPM_API_WEBHOOK, .by = "webhook" };

	if (!zpm_api_signature_is_right(request))
		return zpm_api_refuse(request);
	return zpm_api_call_make(request, &command);
}
