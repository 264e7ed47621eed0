/* GET /metrics: what the caller says, and numbers of the API itself, in which nothing comes from a client. */
#include "api/parts.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static const unsigned codes[] = { 0, 200, 202, 304, 400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 429,
	500, 503, 504 };

/* Seconds, as text and in nanoseconds. */
static const struct {
	const char *text;
	int64_t most;
} steps[] = {
	{ "0.001", ZPM_MS },
	{ "0.005", 5 * ZPM_MS },
	{ "0.01", 10 * ZPM_MS },
	{ "0.025", 25 * ZPM_MS },
	{ "0.05", 50 * ZPM_MS },
	{ "0.1", 100 * ZPM_MS },
	{ "0.25", 250 * ZPM_MS },
	{ "0.5", 500 * ZPM_MS },
	{ "1", ZPM_S },
	{ "2.5", 2500 * ZPM_MS },
	{ "5", 5 * ZPM_S },
	{ "10", 10 * ZPM_S },
	{ "30", 30 * ZPM_S },
	{ "+Inf", INT64_MAX },
};

static const char *const reasons[ZPM_API_REJECTION_COUNT] = { "rate", "locked", "credentials", "role", "size",
	"listeners", "slow" };

struct zpm_api_metrics {
	atomic_ullong *requests; /* of each route, and one more; by method, by code */
	atomic_ullong steps[ZPM_COUNT(steps)];
	atomic_llong total; /* in nanoseconds */
	atomic_ullong rejected[ZPM_API_REJECTION_COUNT];
};

static atomic_ullong *cell(struct zpm_api_metrics *metrics, size_t path, size_t method, size_t code)
{
	return &metrics->requests[(path * ZPM_API_METHOD_COUNT + method) * ZPM_COUNT(codes) + code];
}

struct zpm_api_metrics *zpm_api_metrics_new(void)
{
	struct zpm_api_metrics *metrics = zpm_alloc(sizeof(*metrics));

	metrics->requests = zpm_alloc((zpm_api_route_count + 1) * ZPM_API_METHOD_COUNT * ZPM_COUNT(codes) *
				      sizeof(*metrics->requests));
	return metrics;
}

void zpm_api_metrics_free(struct zpm_api_metrics *metrics)
{
	if (!metrics)
		return;
	free(metrics->requests);
	free(metrics);
}

void zpm_api_metrics_count(struct zpm_api_metrics *metrics, const struct zpm_api_request *request)
{
	int64_t took = zpm_clock_now() - request->began;
	bool endless = request->route && request->route->flags & ZPM_API_IS_STREAM && request->status == 200;
	size_t code = ZPM_COUNT(codes) - 1, step = 0;

	while (code && codes[code] != request->status)
		code--;
	atomic_fetch_add(cell(metrics, request->path_index, request->method, code), 1);
	if (endless)
		return;
	while (took > steps[step].most)
		step++;
	atomic_fetch_add(&metrics->steps[step], 1);
	atomic_fetch_add(&metrics->total, took);
}

void zpm_api_metrics_reject(struct zpm_api_metrics *metrics, enum zpm_api_rejection why)
{
	atomic_fetch_add(&metrics->rejected[why], 1);
}

static void head(struct zpm_buf *out, const char *name, const char *type, const char *help)
{
	zpm_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_path(struct zpm_api_metrics *metrics, size_t path, struct zpm_buf *out)
{
	const char *name = path < zpm_api_route_count ? zpm_api_routes[path].path : "other";

	for (size_t method = 0; method < ZPM_API_METHOD_COUNT; method++)
		for (size_t code = 0; code < ZPM_COUNT(codes); code++) {
			unsigned long long n = atomic_load(cell(metrics, path, method, code));

			if (n)
				zpm_buf_printf(out,
					"zpm_api_requests_total{path=\"%s\",method=\"%s\",code=\"%u\"} "
					"%llu\n",
					name, zpm_api_method_names[method], codes[code], n);
		}
}

static void add_times(struct zpm_api_metrics *metrics, struct zpm_buf *out)
{
	unsigned long long n = 0;

	for (size_t i = 0; i < ZPM_COUNT(steps); i++) {
		n += atomic_load(&metrics->steps[i]);
		zpm_buf_printf(out, "zpm_api_request_seconds_bucket{le=\"%s\"} %llu\n", steps[i].text, n);
	}
	zpm_buf_printf(out, "zpm_api_request_seconds_sum %.6f\nzpm_api_request_seconds_count %llu\n",
		(double)atomic_load(&metrics->total) / (double)ZPM_S, n);
}

static void add_own(struct zpm_api *api, struct zpm_buf *out)
{
	struct zpm_api_metrics *metrics = api->metrics;
	size_t listeners;

	pthread_mutex_lock(&api->events.lock);
	listeners = api->events.n;
	pthread_mutex_unlock(&api->events.lock);
	head(out, "zpm_api_requests_total", "counter",
		"Requests, by path, method and status (0: the client left).");
	for (size_t path = 0; path <= zpm_api_route_count; path++)
		add_path(metrics, path, out);
	head(out, "zpm_api_request_seconds", "histogram",
		"How long requests took, but for streams of events.");
	add_times(metrics, out);
	head(out, "zpm_api_event_listeners", "gauge", "How many listen at /events.");
	zpm_buf_printf(out, "zpm_api_event_listeners %zu\n", listeners);
	head(out, "zpm_api_rejected_total", "counter",
		"Requests and connections that were turned away, by reason.");
	for (size_t i = 0; i < ZPM_API_REJECTION_COUNT; i++)
		zpm_buf_printf(out, "zpm_api_rejected_total{reason=\"%s\"} %llu\n", reasons[i],
			(unsigned long long)atomic_load(&metrics->rejected[i]));
}

int zpm_api_handle_metrics(struct zpm_api_request *request)
{
	struct zpm_api *api = request->api;
	struct MHD_Response *response;
	ZPM_BUF text = { 0 };

	if (api->backend.metrics)
		api->backend.metrics(api->backend.ctx, &text);
	add_own(api, &text);
	response = api->mhd->create_response_from_buffer(text.len, text.data, MHD_RESPMEM_MUST_COPY);
	zpm_api_add_headers(api, response, request->route->type);
	api->mhd->add_response_header(response, "Cache-Control", "no-store");
	return zpm_api_reply(request, MHD_HTTP_OK, response);
}
