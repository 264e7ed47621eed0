/*
 * Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html. Who listens is a
 * connection that is set aside whenever there is nothing to send to it, so that it costs no thread.
 */
#include "api/parts.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK 4096
/* Also how soon a browser comes back, in milliseconds. */
#define HELLO "retry: 2000\n: zpm\n\n"
#define ALIVE ": alive\n\n"

struct zpm_api_listener {
	struct zpm_api_listener *next, **link;
	struct zpm_api *api;
	struct MHD_Connection *connection;
	int fd;
	struct zpm_api_identity who;
	uint64_t next_id;
	struct zpm_buf pending; /* what is being sent */
	size_t sent;            /* of that */
	int64_t spoken;         /* when something was last sent */
	bool aside, ended;
};

void zpm_api_events_init(struct zpm_api_events *events)
{
	pthread_mutex_init(&events->lock, NULL);
}

void zpm_api_events_dispose(struct zpm_api_events *events)
{
	for (size_t i = 0; i < ZPM_API_KEPT_EVENTS; i++)
		free(events->kept[i].text);
	pthread_mutex_destroy(&events->lock);
}

/* Under the lock, like all that takes a listener. */
static void wake(struct zpm_api_listener *listener)
{
	if (!listener->aside)
		return;
	listener->aside = false;
	listener->api->mhd->resume_connection(listener->connection);
}

/* It may be in the middle of sending, to somebody who does not take it. */
static void end(struct zpm_api_listener *listener, bool at_once)
{
	listener->ended = true;
	if (!listener->aside && at_once && listener->fd >= 0)
		shutdown(listener->fd, SHUT_RDWR);
	wake(listener);
}

static bool is_behind(const struct zpm_api_events *events, uint64_t next_id)
{
	return next_id + ZPM_API_KEPT_EVENTS <= events->last;
}

static void fill(struct zpm_api_events *events, struct zpm_api_listener *listener)
{
	const struct zpm_api_event *event = &events->kept[listener->next_id % ZPM_API_KEPT_EVENTS];

	if (listener->sent < listener->pending.len || listener->next_id > events->last)
		return;
	zpm_buf_clear(&listener->pending);
	listener->sent = 0;
	zpm_buf_add(&listener->pending, event->text, event->len);
	listener->next_id++;
}

static ssize_t send_some(struct zpm_api_listener *listener, char *out, size_t room)
{
	size_t left = listener->pending.len - listener->sent, len = left < room ? left : room;

	memcpy(out, listener->pending.data + listener->sent, len);
	listener->sent += len;
	listener->spoken = zpm_clock_now();
	return (ssize_t)len;
}

static ssize_t on_read(void *cls, uint64_t at, char *out, size_t room)
{
	struct zpm_api_listener *listener = cls;
	struct zpm_api_events *events = &listener->api->events;
	ssize_t len = 0;

	(void)at;
	pthread_mutex_lock(&events->lock);
	fill(events, listener);
	if (listener->ended || is_behind(events, listener->next_id))
		len = MHD_CONTENT_READER_END_OF_STREAM;
	else if (listener->sent < listener->pending.len)
		len = send_some(listener, out, room);
	else {
		listener->aside = true;
		listener->api->mhd->suspend_connection(listener->connection);
	}
	pthread_mutex_unlock(&events->lock);
	return len;
}

static void on_gone(void *cls)
{
	struct zpm_api_listener *listener = cls;
	struct zpm_api_events *events = &listener->api->events;

	pthread_mutex_lock(&events->lock);
	*listener->link = listener->next;
	if (listener->next)
		listener->next->link = listener->link;
	events->n--;
	pthread_mutex_unlock(&events->lock);
	zpm_buf_dispose(&listener->pending);
	free(listener);
}

/* Where to go on: behind what was seen last, as far as that is known here. False when it is no number. */
static bool begin_at(const struct zpm_api_events *events, const char *seen, uint64_t *next_id)
{
	uint64_t first = events->last > ZPM_API_KEPT_EVENTS ? events->last - ZPM_API_KEPT_EVENTS + 1 : 1;
	char *rest;

	*next_id = events->last + 1;
	if (!seen || !*seen)
		return true;
	errno = 0;
	*next_id = strtoull(seen, &rest, 10) + 1;
	if (errno || *rest || seen[strspn(seen, "0123456789")])
		return false;
	/* Of another process, or too long ago: all that there is. */
	if (*next_id < first || *next_id > events->last + 1)
		*next_id = first;
	return true;
}

static struct zpm_api_listener *new_listener(struct zpm_api_request *request, uint64_t next_id)
{
	struct zpm_api *api = request->api;
	const union MHD_ConnectionInfo *info =
		api->mhd->get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct zpm_api_listener *listener = zpm_alloc(sizeof(*listener));

	listener->api = api;
	listener->connection = request->connection;
	listener->fd = info ? info->connect_fd : -1;
	listener->who = request->who;
	listener->next_id = next_id;
	zpm_buf_puts(&listener->pending, HELLO);
	listener->next = api->events.listeners;
	listener->link = &api->events.listeners;
	if (listener->next)
		listener->next->link = &listener->next;
	api->events.listeners = listener;
	api->events.n++;
	return listener;
}

/* NULL after a refusal. */
static struct zpm_api_listener *admit(struct zpm_api_request *request)
{
	struct zpm_api_events *events = &request->api->events;
	const char *seen = zpm_api_header(request, "Last-Event-ID");
	struct zpm_api_listener *listener = NULL;
	uint64_t next_id;

	pthread_mutex_lock(&events->lock);
	if (!begin_at(events, seen, &next_id)) {
		zpm_api_set_refused(request, MHD_HTTP_BAD_REQUEST, "Last-Event-ID has to be a number");
	} else if (events->ended) {
		zpm_api_set_refused(request, MHD_HTTP_SERVICE_UNAVAILABLE, "zpm is ending");
	} else if (events->n >= ZPM_API_MAX_LISTENERS) {
		request->retry_after = 5;
		zpm_api_set_refused(request, MHD_HTTP_SERVICE_UNAVAILABLE,
			"%d listen already, as many as may; try again later", ZPM_API_MAX_LISTENERS);
		zpm_api_metrics_reject(request->api->metrics, ZPM_API_REJECTED_LISTENERS);
	} else if (request->method != ZPM_API_HEAD) {
		listener = new_listener(request, next_id);
	}
	pthread_mutex_unlock(&events->lock);
	return listener;
}

int zpm_api_handle_events(struct zpm_api_request *request)
{
	const struct zpm_microhttpd *mhd = request->api->mhd;
	struct zpm_api_listener *listener = admit(request);
	struct MHD_Response *response;
	int result;

	if (request->refused)
		return zpm_api_refuse(request);
	response = listener ? mhd->create_response_from_callback(
				      MHD_SIZE_UNKNOWN, BLOCK, on_read, listener, on_gone)
			    : mhd->create_response_from_buffer(
				      0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	zpm_api_add_headers(request->api, response, request->route->type);
	mhd->add_response_header(response, "Cache-Control", "no-store");
	/* A proxy that gathers what it passes on would keep events back. */
	mhd->add_response_header(response, "X-Accel-Buffering", "no");
	result = zpm_api_reply(request, MHD_HTTP_OK, response);
	zpm_api_peer_allow(request->api, request->connection, INT64_MAX);
	return result;
}

void zpm_api_publish(struct zpm_api *api, const char *event, const char *json)
{
	struct zpm_api_events *events = &api->events;
	struct zpm_api_event *kept;
	struct zpm_buf text = { 0 };

	pthread_mutex_lock(&events->lock);
	events->last++;
	zpm_buf_printf(
		&text, "id: %llu\nevent: %s\ndata: %s\n\n", (unsigned long long)events->last, event, json);
	kept = &events->kept[events->last % ZPM_API_KEPT_EVENTS];
	free(kept->text);
	*kept = (struct zpm_api_event){ .id = events->last, .text = text.data, .len = text.len };
	for (struct zpm_api_listener *listener = events->listeners; listener; listener = listener->next) {
		if (is_behind(events, listener->next_id))
			end(listener, true);
		wake(listener);
	}
	pthread_mutex_unlock(&events->lock);
}

/* libmicrohttpd does not look at a connection that is set aside. */
static bool has_left(const struct zpm_api_listener *listener)
{
	struct pollfd poll_of = { .fd = listener->fd, .events = POLLRDHUP };

	return listener->aside && poll(&poll_of, 1, 0) > 0 &&
	       poll_of.revents & (POLLRDHUP | POLLHUP | POLLERR);
}

void zpm_api_events_tick(struct zpm_api *api, int64_t now)
{
	struct zpm_api_events *events = &api->events;
	int64_t wall = zpm_clock_wall();
	struct zpm_api_keys *keys;

	pthread_mutex_lock(&api->lock);
	keys = zpm_api_keys_hold(api->keys);
	pthread_mutex_unlock(&api->lock);
	pthread_mutex_lock(&events->lock);
	for (struct zpm_api_listener *listener = events->listeners; listener; listener = listener->next) {
		if (!zpm_api_keys_still(keys, &listener->who, wall) || has_left(listener)) {
			end(listener, false);
		} else if (listener->aside && now - listener->spoken >= api->limits.silence) {
			zpm_buf_clear(&listener->pending);
			listener->sent = 0;
			zpm_buf_puts(&listener->pending, ALIVE);
			wake(listener);
		}
	}
	pthread_mutex_unlock(&events->lock);
	zpm_api_keys_drop(keys);
}

void zpm_api_events_end(struct zpm_api *api)
{
	pthread_mutex_lock(&api->events.lock);
	api->events.ended = true;
	for (struct zpm_api_listener *listener = api->events.listeners; listener; listener = listener->next)
		end(listener, false);
	pthread_mutex_unlock(&api->events.lock);
}
