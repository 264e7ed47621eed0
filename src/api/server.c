/*
 * What libmicrohttpd calls for a request: once for its head, for each piece of its body, when it is whole,
 * again when it goes on after a pause, and when it is over.
 */
#include "api/parts.h"
#include "base/clock.h"
#include "base/mac.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A body that nobody wants is still taken up to here: else a client that is sending it may never see why. */
#define MAX_UNWANTED (1024UL * 1024)

static enum zpm_api_method method_of(const char *name)
{
	for (int method = ZPM_API_GET; method < ZPM_API_OTHER; method++)
		if (!strcmp(name, zpm_api_method_names[method]))
			return (enum zpm_api_method)method;
	return ZPM_API_OTHER;
}

static void note_client(struct zpm_api_request *request)
{
	const union MHD_ConnectionInfo *info = request->api->mhd->get_connection_info(
		request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;
	const void *bytes;

	if (!address || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return;
	bytes = address->sa_family == AF_INET
			? (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr
			: (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	inet_ntop(address->sa_family, bytes, request->address, sizeof(request->address));
	request->client = zpm_api_limiter_key(address);
}

static struct zpm_api_request *begin(
	struct zpm_api *api, struct MHD_Connection *connection, const char *method)
{
	struct zpm_api_request *request = zpm_alloc(sizeof(*request));

	request->api = api;
	request->connection = connection;
	request->began = zpm_clock_now();
	request->method = method_of(method);
	note_client(request);
	pthread_mutex_lock(&api->lock);
	request->keys = zpm_api_keys_hold(api->keys);
	api->open++;
	pthread_mutex_unlock(&api->lock);
	zpm_api_peer_allow(api, connection, api->limits.body);
	return request;
}

/* Is there no use in waiting for the body? */
static bool is_settled(const struct zpm_api_request *request)
{
	const char *length = zpm_api_header(request, "Content-Length");

	if (!request->refused)
		return false;
	return zpm_api_header(request, "Expect") || (length && strtoull(length, NULL, 10) > MAX_UNWANTED);
}

/* Told before it has been sent, to those who say how long it is. */
static void judge_length(struct zpm_api_request *request)
{
	const char *length = zpm_api_header(request, "Content-Length");
	size_t most = request->route ? request->route->max_body : 0;

	if (request->refused || !length || strtoull(length, NULL, 10) <= most)
		return;
	zpm_api_set_refused(request, MHD_HTTP_CONTENT_TOO_LARGE,
		"the body is too large: %zu KiB are taken at most", most / 1024);
	zpm_api_metrics_reject(request->api->metrics, ZPM_API_REJECTED_SIZE);
}

static void take_piece(struct zpm_api_request *request, const char *data, size_t len)
{
	request->received += len;
	if (request->refused)
		return;
	if (request->received > request->route->max_body) {
		zpm_api_set_refused(request, MHD_HTTP_CONTENT_TOO_LARGE,
			"the body is too large: %zu KiB are taken at most", request->route->max_body / 1024);
		zpm_api_metrics_reject(request->api->metrics, ZPM_API_REJECTED_SIZE);
	} else if (request->mac) {
		zpm_mac_add(request->mac, data, len);
	} else if (request->route->members) {
		zpm_buf_add(&request->body, data, len);
	}
}

static int finish(struct zpm_api_request *request)
{
	if (request->call)
		return zpm_api_call_finish(request);
	zpm_api_peer_allow(request->api, request->connection, INT64_MAX);
	if (request->refused)
		return zpm_api_refuse(request);
	return request->route->handle(request);
}

enum MHD_Result zpm_api_on_request(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *size, void **context)
{
	struct zpm_api_request *request = *context;

	(void)version;
	if (!request) {
		*context = request = begin(cls, connection, method);
		zpm_api_judge(request, url);
		judge_length(request);
		return is_settled(request) ? (enum MHD_Result)zpm_api_refuse(request) : MHD_YES;
	}
	if (!*size)
		return (enum MHD_Result)finish(request);
	take_piece(request, upload, *size);
	*size = 0;
	return request->refused && request->received > 2 * MAX_UNWANTED ? MHD_NO : MHD_YES;
}

void zpm_api_on_completed(
	void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode why)
{
	struct zpm_api_request *request = *context;
	struct zpm_api *api = cls;

	(void)why;
	if (!request)
		return;
	*context = NULL;
	if (request->call)
		zpm_api_call_leave(request);
	if (!request->status)
		zpm_api_audit(request);
	zpm_api_metrics_count(api->metrics, request);
	zpm_api_peer_allow(api, connection, api->limits.head);
	pthread_mutex_lock(&api->lock);
	api->open--;
	pthread_cond_broadcast(&api->moved);
	pthread_mutex_unlock(&api->lock);
	zpm_api_keys_drop(request->keys);
	zpm_mac_free(request->mac);
	json_object_put(request->said);
	zpm_buf_dispose(&request->body);
	free(request);
}
