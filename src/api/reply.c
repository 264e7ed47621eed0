/* Answers, and what all of them have in common. */
#include "api/parts.h"
#include "base/text.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	unsigned status;
	const char *code;
} codes[] = {
	{ 400, "bad_request" },
	{ 401, "unauthorized" },
	{ 403, "forbidden" },
	{ 404, "not_found" },
	{ 405, "method_not_allowed" },
	{ 409, "conflict" },
	{ 411, "length_required" },
	{ 412, "plan_has_changed" },
	{ 413, "too_large" },
	{ 415, "not_json" },
	{ 429, "too_many_requests" },
	{ 500, "failed" },
	{ 503, "unavailable" },
	{ 504, "no_answer" },
};

const char *zpm_api_error_code(unsigned status)
{
	for (size_t i = 0; i < ZPM_COUNT(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "failed";
}

/* The page is what a browser may do anything with: by itself nothing, and only what is in this list. */
#define PAGE_MAY                                                                                             \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "       \
	"data:; "                                                                                            \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#define REST_MAY "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

void zpm_api_add_headers(const struct zpm_api *api, struct MHD_Response *response, const char *type)
{
	bool is_page = zpm_starts_with(type, "text/html");

	api->mhd->add_response_header(response, "Content-Type", type);
	api->mhd->add_response_header(response, "Content-Security-Policy", is_page ? PAGE_MAY : REST_MAY);
	api->mhd->add_response_header(response, "X-Content-Type-Options", "nosniff");
	api->mhd->add_response_header(response, "Referrer-Policy", "no-referrer");
}

int zpm_api_reply(struct zpm_api_request *request, unsigned status, struct MHD_Response *response)
{
	const struct zpm_api *api = request->api;
	enum MHD_Result result;

	request->status = status;
	result = api->mhd->queue_response(request->connection, status, response);
	api->mhd->destroy_response(response);
	zpm_api_peer_allow(request->api, request->connection, api->limits.answer);
	zpm_api_audit(request);
	return (int)result;
}

static struct MHD_Response *json_response(const struct zpm_api *api, const char *json)
{
	struct MHD_Response *response = api->mhd->create_response_from_buffer(
		strlen(json), (void *)(uintptr_t)json, MHD_RESPMEM_MUST_COPY);

	zpm_api_add_headers(api, response, "application/json");
	api->mhd->add_response_header(response, "Cache-Control", "no-store");
	return response;
}

int zpm_api_reply_json(struct zpm_api_request *request, unsigned status, const char *json)
{
	return zpm_api_reply(request, status, json_response(request->api, json));
}

/* What has to go with some of them. */
static void add_hints(const struct zpm_api_request *request, struct MHD_Response *response)
{
	const struct zpm_microhttpd *mhd = request->api->mhd;
	bool offered = zpm_api_header(request, "Authorization");
	char seconds[16];

	if (request->refused == MHD_HTTP_UNAUTHORIZED)
		mhd->add_response_header(response, "WWW-Authenticate",
			offered ? "Bearer realm=\"zpm\", error=\"invalid_token\"" : "Bearer realm=\"zpm\"");
	if (request->allow)
		mhd->add_response_header(response, "Allow", request->allow);
	snprintf(seconds, sizeof(seconds), "%u", request->retry_after);
	if (request->retry_after)
		mhd->add_response_header(response, "Retry-After", seconds);
}

int zpm_api_refuse(struct zpm_api_request *request)
{
	json_object *json = json_object_new_object(), *error = json_object_new_object();
	struct MHD_Response *response;

	json_object_object_add(error, "code", json_object_new_string(zpm_api_error_code(request->refused)));
	json_object_object_add(error, "message", json_object_new_string(request->why));
	json_object_object_add(json, "error", error);
	response =
		json_response(request->api, json_object_to_json_string_ext(json,
						    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	add_hints(request, response);
	return zpm_api_reply(request, request->refused, response);
}

static void ZPM_PRINTF(3, 0)
	set_refused(struct zpm_api_request *request, unsigned status, const char *fmt, va_list args)
{
	if (request->refused)
		return;
	request->refused = status;
	vsnprintf(request->why, sizeof(request->why), fmt, args);
}

void zpm_api_set_refused(struct zpm_api_request *request, unsigned status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_refused(request, status, fmt, args);
	va_end(args);
}

int zpm_api_reply_error(struct zpm_api_request *request, unsigned status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_refused(request, status, fmt, args);
	va_end(args);
	return zpm_api_refuse(request);
}
