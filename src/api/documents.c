/*
 * Documents are whole answers, made when they change: a request for one copies nothing. libmicrohttpd counts
 * who still sends an answer that has been replaced.
 */
#include "api/parts.h"
#include "base/text.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ETAG_DIGITS 32

/* As DOCUMENT_ROW has them, for events. */
static const char *const names[ZPM_API_DOCUMENT_COUNT] = { "status", "plan", "history", "integrations",
	"tenants" };

static struct MHD_Response *make_answer(const struct zpm_api *api, const char *data, size_t len,
	const char *etag, const struct zpm_api_route *route)
{
	struct MHD_Response *response =
		api->mhd->create_response_from_buffer(len, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);

	zpm_api_add_headers(api, response, route->type);
	api->mhd->add_response_header(response, "ETag", etag);
	/* To be asked about each time, and kept by nobody on the way. */
	api->mhd->add_response_header(response, "Cache-Control", "private, no-cache");
	return response;
}

static void make_etag(const char *data, size_t len, char etag[40])
{
	char digest[ZPM_DIGEST_SIZE];

	zpm_digest(data, len, digest);
	snprintf(etag, 40, "\"%.*s\"", ETAG_DIGITS, digest + strlen("sha256:"));
}

void zpm_api_served_make(const struct zpm_api *api, struct zpm_api_served *served, const char *data,
	size_t len, const struct zpm_api_route *route)
{
	make_etag(data, len, served->etag);
	served->whole = make_answer(api, data, len, served->etag, route);
	served->unchanged = make_answer(api, "", 0, served->etag, route);
}

void zpm_api_served_drop(const struct zpm_api *api, struct zpm_api_served *served)
{
	if (!served->whole)
		return;
	api->mhd->destroy_response(served->whole);
	api->mhd->destroy_response(served->unchanged);
	*served = (struct zpm_api_served){ 0 };
}

void zpm_api_make_files(struct zpm_api *api)
{
	json_object *openapi = zpm_api_openapi();
	const char *text = json_object_to_json_string_ext(
		openapi, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	for (const struct zpm_api_route *route = zpm_api_routes; route->path; route++) {
		if (route->handle != zpm_api_handle_file)
			continue;
		if (route->which == ZPM_API_OPENAPI)
			zpm_api_served_make(api, &api->files[route->which], text, strlen(text), route);
		else
			zpm_api_served_make(api, &api->files[route->which], zpm_api_pages[route->which].data,
				zpm_api_pages[route->which].len, route);
	}
	json_object_put(openapi);
}

bool zpm_api_etag_is_in(const char *header, const char *etag, bool strong)
{
	size_t len = strlen(etag);

	if (!strcmp(header, "*"))
		return true;
	while (*header) {
		bool weak = zpm_starts_with(header, "W/");

		header += weak ? strlen("W/") : 0;
		if (!strncmp(header, etag, len) && (!header[len] || strchr(", \t", header[len])) &&
			!(weak && strong))
			return true;
		header += strcspn(header, ",");
		header += strspn(header, ", \t");
	}
	return false;
}

/* The caller has what it takes that nobody drops it meanwhile. */
static int send_served(struct zpm_api_request *request, const struct zpm_api_served *served)
{
	const char *known = zpm_api_header(request, "If-None-Match");
	bool unchanged = known && zpm_api_etag_is_in(known, served->etag, false);

	request->status = unchanged ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
	return (int)request->api->mhd->queue_response(
		request->connection, request->status, unchanged ? served->unchanged : served->whole);
}

int zpm_api_handle_file(struct zpm_api_request *request)
{
	zpm_api_peer_allow(request->api, request->connection, request->api->limits.answer);
	return send_served(request, &request->api->files[request->route->which]);
}

int zpm_api_handle_document(struct zpm_api_request *request)
{
	struct zpm_api *api = request->api;
	const struct zpm_api_served *served = &api->documents[request->route->which];
	int result = MHD_NO;
	bool there;

	zpm_api_peer_allow(api, request->connection, api->limits.answer);
	pthread_mutex_lock(&api->lock);
	there = served->whole;
	if (there)
		result = send_served(request, served);
	pthread_mutex_unlock(&api->lock);
	if (there)
		return result;
	request->retry_after = 1;
	return zpm_api_reply_error(request, MHD_HTTP_SERVICE_UNAVAILABLE,
		"zpm has not looked at the platform yet; ask again soon");
}

static const struct zpm_api_route *route_of(enum zpm_api_document document)
{
	const struct zpm_api_route *route = zpm_api_routes;

	while (route->handle != zpm_api_handle_document || route->which != (int)document)
		route++;
	return route;
}

void zpm_api_show(struct zpm_api *api, enum zpm_api_document document, const char *json)
{
	struct zpm_api_served made = { 0 }, old;
	char data[128];
	bool same;

	zpm_api_served_make(api, &made, json, strlen(json), route_of(document));
	pthread_mutex_lock(&api->lock);
	old = api->documents[document];
	same = old.whole && !strcmp(old.etag, made.etag);
	if (!same)
		api->documents[document] = made;
	pthread_mutex_unlock(&api->lock);
	if (same) {
		zpm_api_served_drop(api, &made);
		return;
	}
	zpm_api_served_drop(api, &old);
	/* The tag's own quotes would have to be escaped. */
	snprintf(data, sizeof(data), "{\"document\":\"%s\",\"etag\":\"\\\"%.*s\\\"\"}", names[document],
		ETAG_DIGITS, made.etag + 1);
	zpm_api_publish(api, "document", data);
}
