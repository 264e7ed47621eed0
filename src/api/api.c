/* Starting, stopping, and what happens by the clock. */
#include "api/certificate.h"
#include "api/parts.h"
#include "base/clock.h"
#include "model/shape.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS         2U
#define CONNECTIONS     512U
#define PER_ADDRESS     128U
#define CONNECTION_SIZE (32UL * 1024)
#define TLS_RULES       "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

const struct zpm_api_limits zpm_api_default_limits = {
	.tick = ZPM_S,
	.call = 30 * ZPM_S,
	.silence = 15 * ZPM_S,
	.head = 60 * ZPM_S,
	.body = 30 * ZPM_S,
	.answer = 120 * ZPM_S,
	.parting = ZPM_S,
	.idle = 30,
};

/* What it complains of later is the doing of clients, and fills no log. */
static void ZPM_PRINTF(2, 0) on_complaint(void *cls, const char *fmt, va_list args)
{
	struct zpm_api *api = cls;

	if (atomic_exchange(&api->complained, true))
		return;
	vsnprintf(api->complaint, sizeof(api->complaint), fmt, args);
	api->complaint[strcspn(api->complaint, "\n")] = '\0';
}

static struct timespec time_in(int64_t time)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += time / ZPM_S;
	at.tv_nsec += time % ZPM_S;
	at.tv_sec += at.tv_nsec / ZPM_S;
	at.tv_nsec %= ZPM_S;
	return at;
}

static bool tick(struct zpm_api *api)
{
	const struct timespec next = time_in(api->limits.tick);
	bool goes_on;

	pthread_mutex_lock(&api->lock);
	while (!api->stopping && pthread_cond_timedwait(&api->moved, &api->lock, &next) != ETIMEDOUT)
		;
	goes_on = !api->stopping;
	pthread_mutex_unlock(&api->lock);
	return goes_on;
}

static void *run_ticker(void *cls)
{
	struct zpm_api *api = cls;

	while (tick(api)) {
		int64_t now = zpm_clock_now();

		zpm_api_calls_expire(api, now, false);
		zpm_api_peers_expire(api, now);
		zpm_api_events_tick(api, now);
	}
	return NULL;
}

static int start_daemon(
	struct zpm_api *api, int fd, const struct MHD_OptionItem *more, unsigned flags, struct zpm_err *err)
{
	flags |= MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	api->daemon = api->mhd->start_daemon(flags, 0, NULL, NULL, zpm_api_on_request, api,
		MHD_OPTION_EXTERNAL_LOGGER, on_complaint, api, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
		api->limits.idle, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_SIZE,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, zpm_api_on_completed, api,
		MHD_OPTION_NOTIFY_CONNECTION, zpm_api_on_connection, api, MHD_OPTION_ARRAY, more,
		MHD_OPTION_END);
	if (api->daemon) {
		atomic_store(&api->complained, true);
		return 0;
	}
	close(fd);
	return zpm_err_set(err, ZPM_EFAILED, "the API cannot be started: %s",
		*api->complaint ? api->complaint : "libmicrohttpd does not say why");
}

/* Puts what the files hold in force, if the section has TLS at all. */
static int use_certificate(const struct zpm_api *api, const struct zpm_api_files *files, struct zpm_err *err)
{
	struct zpm_api_certificate *certificate;

	if (!api->section->tls)
		return 0;
	if (!files->cert.data || !files->key.data)
		return zpm_err_set(err, ZPM_EINVALID, "api.tls: its files have not been read");
	if (zpm_api_certificate_new(&files->cert, &files->key, &certificate, err) < 0)
		return -1;
	zpm_api_certificate_use(certificate);
	return 0;
}

static int serve(struct zpm_api *api, const struct zpm_api_files *files, struct zpm_err *err)
{
	const struct MHD_OptionItem of_tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)zpm_api_on_handshake },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_RULES },
		{ .option = MHD_OPTION_END },
	};
	const struct MHD_OptionItem *of_plain = &of_tls[ZPM_COUNT(of_tls) - 1];
	bool v6 = api->section->listen[0] == '[', tls = api->section->tls;
	int fd;

	if (use_certificate(api, files, err) < 0)
		return -1;
	fd = zpm_api_listen(api->section, &api->port, err);
	if (fd < 0)
		return -1;
	return start_daemon(
		api, fd, tls ? of_tls : of_plain, (v6 ? MHD_USE_IPv6 : 0U) | (tls ? MHD_USE_TLS : 0U), err);
}

static int start_threads(struct zpm_api *api, const struct zpm_api_files *files, struct zpm_err *err)
{
	sigset_t all, before;
	int result;

	/* Signals are for the caller's threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = serve(api, files, err);
	if (!result)
		api->ticks = !pthread_create(&api->ticker, NULL, run_ticker, api);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!result && !api->ticks)
		result = zpm_err_set(err, ZPM_EFAILED, "the API cannot start a thread");
	return result;
}

static struct zpm_api *new_api(const struct zpm_api_section *section, const struct zpm_api_backend *backend,
	const struct zpm_api_limits *limits, const struct zpm_microhttpd *mhd)
{
	struct zpm_api *api = zpm_alloc(sizeof(*api));
	struct zpm_api_section *own;
	pthread_condattr_t attributes;

	api->mhd = mhd;
	api->arena = zpm_arena_new();
	own = zpm_shape_copy(&zpm_api_shape, section, api->arena);
	zpm_shape_canonicalise(&zpm_api_shape, own, api->arena);
	api->section = own;
	api->backend = *backend;
	api->limits = *limits;
	api->limiter = zpm_api_limiter_new(own->rate_limit);
	api->metrics = zpm_api_metrics_new();
	api->unready = zpm_strdup("zpm has not looked at the platform yet");
	zpm_api_events_init(&api->events);
	pthread_mutex_init(&api->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&api->moved, &attributes);
	pthread_condattr_destroy(&attributes);
	zpm_api_make_files(api);
	return api;
}

int zpm_api_start_with(const struct zpm_api_section *section, const struct zpm_api_files *files,
	const struct zpm_api_backend *backend, const struct zpm_api_limits *limits, struct zpm_api **out,
	struct zpm_err *err)
{
	const struct zpm_microhttpd *mhd = zpm_microhttpd_load(err);
	struct zpm_api *api;

	if (!mhd)
		return -1;
	api = new_api(section, backend, limits, mhd);
	if (zpm_api_keys_new(api->section, files, &api->keys, err) < 0 ||
		start_threads(api, files, err) < 0) {
		zpm_api_stop(api);
		return -1;
	}
	*out = api;
	return 0;
}

int zpm_api_start(const struct zpm_api_section *section, const struct zpm_api_files *files,
	const struct zpm_api_backend *backend, struct zpm_api **out, struct zpm_err *err)
{
	return zpm_api_start_with(section, files, backend, &zpm_api_default_limits, out, err);
}

int zpm_api_reload(struct zpm_api *api, const struct zpm_api_files *files, struct zpm_err *err)
{
	struct zpm_api_keys *keys, *old;

	if (zpm_api_keys_new(api->section, files, &keys, err) < 0)
		return -1;
	if (use_certificate(api, files, err) < 0) {
		zpm_api_keys_drop(keys);
		return -1;
	}
	pthread_mutex_lock(&api->lock);
	old = api->keys;
	api->keys = keys;
	pthread_mutex_unlock(&api->lock);
	zpm_api_keys_drop(old);
	zpm_api_events_tick(api, zpm_clock_now());
	return 0;
}

unsigned zpm_api_port(const struct zpm_api *api)
{
	return api->port;
}

/* Those who wait for an answer get one, as long as they take it soon. */
static void part(struct zpm_api *api)
{
	const struct timespec end = time_in(api->limits.parting);

	pthread_mutex_lock(&api->lock);
	api->stopping = true;
	pthread_cond_broadcast(&api->moved);
	pthread_mutex_unlock(&api->lock);
	zpm_api_calls_expire(api, 0, true);
	zpm_api_events_end(api);
	pthread_mutex_lock(&api->lock);
	while (api->open && pthread_cond_timedwait(&api->moved, &api->lock, &end) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&api->lock);
}

void zpm_api_stop(struct zpm_api *api)
{
	if (!api)
		return;
	if (api->daemon) {
		part(api);
		if (api->ticks)
			pthread_join(api->ticker, NULL);
		/* A command may have come between; a connection must not be set aside now. */
		zpm_api_calls_expire(api, 0, true);
		api->mhd->stop_daemon(api->daemon);
	}
	for (size_t i = 0; i < ZPM_API_FILE_COUNT; i++)
		zpm_api_served_drop(api, &api->files[i]);
	for (size_t i = 0; i < ZPM_API_DOCUMENT_COUNT; i++)
		zpm_api_served_drop(api, &api->documents[i]);
	zpm_api_events_dispose(&api->events);
	zpm_api_limiter_free(api->limiter);
	zpm_api_metrics_free(api->metrics);
	zpm_api_keys_drop(api->keys);
	if (api->section->tls)
		zpm_api_certificates_forget();
	pthread_cond_destroy(&api->moved);
	pthread_mutex_destroy(&api->lock);
	free(api->unready);
	zpm_arena_free(api->arena);
	free(api);
}
