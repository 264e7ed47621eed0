/*
 * What is known of a request before its body: who asks, for what, and whether they may. In this order, so
 * that who is nobody learns as little as can be.
 */
#include "api/parts.h"
#include "base/clock.h"
#include "base/mac.h"

#include <string.h>
#include <strings.h>

#define BEARER    "Bearer "
#define SIGNATURE "X-Hub-Signature-256"
#define HOOK      "X-Gitlab-Token"

const char *zpm_api_header(const struct zpm_api_request *request, const char *name)
{
	return request->api->mhd->lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static void reject(struct zpm_api_request *request, enum zpm_api_rejection why)
{
	zpm_api_metrics_reject(request->api->metrics, why);
}

static void judge_rate(struct zpm_api_request *request)
{
	request->retry_after = zpm_api_limiter_ask(request->api->limiter, request->client, zpm_clock_now());
	if (!request->retry_after)
		return;
	zpm_api_set_refused(request, MHD_HTTP_TOO_MANY_REQUESTS,
		"more requests from this address than api.rateLimit allows; ask again in %u s",
		request->retry_after);
	reject(request, ZPM_API_REJECTED_RATE);
}

static bool fits(enum zpm_api_method offered, enum zpm_api_method asked)
{
	return offered == asked || (offered == ZPM_API_GET && asked == ZPM_API_HEAD);
}

/* Also of a request that is refused: what it was for is counted. */
static void find_path(struct zpm_api_request *request, const char *path)
{
	while (zpm_api_routes[request->path_index].path &&
		strcmp(zpm_api_routes[request->path_index].path, path) != 0)
		request->path_index++;
}

/* A path has one method, and HEAD with GET. */
static void judge_route(struct zpm_api_request *request)
{
	const struct zpm_api_route *route = &zpm_api_routes[request->path_index];

	if (!route->path) {
		zpm_api_set_refused(request, MHD_HTTP_NOT_FOUND,
			"there is nothing at this path; /openapi.json lists what there is");
	} else if (!fits(route->method, request->method)) {
		request->allow = route->method == ZPM_API_GET ? "GET, HEAD" : "POST";
		zpm_api_set_refused(request, MHD_HTTP_METHOD_NOT_ALLOWED, "%s takes %s only", route->path,
			request->allow);
	} else {
		request->route = route;
	}
}

static void judge_query(struct zpm_api_request *request)
{
	if (request->api->mhd->get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, NULL, NULL) >
		0)
		zpm_api_set_refused(request, MHD_HTTP_BAD_REQUEST, "takes nothing behind a '?'");
}

/* After some failures nobody at this address is listened to for a while, not even with the right token. */
static bool is_locked(struct zpm_api_request *request)
{
	request->retry_after =
		zpm_api_limiter_locked(request->api->limiter, request->client, zpm_clock_now());
	if (!request->retry_after)
		return false;
	zpm_api_set_refused(request, MHD_HTTP_TOO_MANY_REQUESTS,
		"too many failed logins from this address; try again in %u s", request->retry_after);
	reject(request, ZPM_API_REJECTED_LOCKED);
	return true;
}

static void fail_login(struct zpm_api_request *request, const char *why)
{
	zpm_api_limiter_fail(request->api->limiter, request->client, zpm_clock_now());
	zpm_api_set_refused(request, MHD_HTTP_UNAUTHORIZED, "%s", why);
	reject(request, ZPM_API_REJECTED_CREDENTIALS);
}

static void judge_token(struct zpm_api_request *request)
{
	const char *given = zpm_api_header(request, "Authorization");

	if (!given) {
		zpm_api_set_refused(request, MHD_HTTP_UNAUTHORIZED,
			"who asks? send a token, as 'Authorization: Bearer TOKEN'");
		reject(request, ZPM_API_REJECTED_CREDENTIALS);
	} else if (is_locked(request)) {
		return;
	} else if (strncasecmp(given, BEARER, strlen(BEARER)) != 0 ||
		   !zpm_api_keys_prove(
			   request->keys, given + strlen(BEARER), zpm_clock_wall(), &request->who)) {
		fail_login(request, "the token is none that is taken, or its time is over");
	}
}

static void judge_role(struct zpm_api_request *request)
{
	enum zpm_api_role needed = request->route->role;

	if (request->refused || request->who.role >= needed)
		return;
	zpm_api_set_refused(request, MHD_HTTP_FORBIDDEN, "this takes the role '%s', and the token has '%s'",
		zpm_api_role_names[needed], zpm_api_role_names[request->who.role]);
	reject(request, ZPM_API_REJECTED_ROLE);
}

/* GitLab sends the secret itself. The others sign the body, which is yet to come. */
static void judge_hook(struct zpm_api_request *request)
{
	const struct zpm_api_content *secret = zpm_api_keys_webhook(request->keys);
	const char *token = zpm_api_header(request, HOOK);

	if (!secret->data) {
		zpm_api_set_refused(
			request, MHD_HTTP_NOT_FOUND, "there is no webhook: the manifest has no api.webhook");
	} else if (is_locked(request)) {
		return;
	} else if (zpm_api_header(request, SIGNATURE)) {
		request->mac = zpm_mac_new(secret->data, secret->len);
	} else if (!token) {
		zpm_api_set_refused(request, MHD_HTTP_UNAUTHORIZED,
			"the request is not signed: give the git server the secret of api.webhook");
		reject(request, ZPM_API_REJECTED_CREDENTIALS);
	} else if (!zpm_mac_same(token, strlen(token), secret->data, secret->len)) {
		fail_login(request, "the secret is not that of api.webhook");
	}
}

bool zpm_api_signature_is_right(struct zpm_api_request *request)
{
	const char *given = zpm_api_header(request, SIGNATURE), prefix[] = "sha256=";
	char digits[ZPM_MAC_SIZE];

	if (!request->mac)
		return true;
	zpm_mac_end(request->mac, digits);
	if (!strncmp(given, prefix, strlen(prefix)) &&
		zpm_mac_same(given + strlen(prefix), strlen(given) - strlen(prefix), digits, strlen(digits)))
		return true;
	fail_login(request, "the signature is not right: is the git server's secret that of api.webhook?");
	return false;
}

static bool is_json(const char *type)
{
	const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	return type && !strncasecmp(type, json, len) && (!type[len] || strchr("; \t", type[len]));
}

static void judge_body(struct zpm_api_request *request)
{
	const char *length = zpm_api_header(request, "Content-Length");
	bool chunked = zpm_api_header(request, "Transfer-Encoding");

	if (request->method != ZPM_API_POST || request->refused)
		return;
	if (length && chunked)
		zpm_api_set_refused(request, MHD_HTTP_BAD_REQUEST,
			"has a Content-Length and a Transfer-Encoding: send one of them");
	else if (!length && !chunked)
		zpm_api_set_refused(
			request, MHD_HTTP_LENGTH_REQUIRED, "has no body: send a JSON object, like {}");
	else if (request->route->members && !is_json(zpm_api_header(request, "Content-Type")))
		zpm_api_set_refused(request, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
			"the body has to be JSON: send 'Content-Type: application/json'");
}

void zpm_api_judge(struct zpm_api_request *request, const char *path)
{
	find_path(request, path);
	judge_rate(request);
	if (request->refused)
		return;
	judge_route(request);
	if (!request->route)
		return;
	judge_query(request);
	if (request->route->flags & ZPM_API_IS_HOOK)
		judge_hook(request);
	else if (request->route->role != ZPM_API_NOBODY)
		judge_token(request);
	judge_role(request);
	judge_body(request);
}
