/* A stream of JSON objects, a line each, of which only the names are looked at. */
#include "driver/events.h"

#include "base/clock.h"
#include "base/text.h"
#include "docker/stream.h"
#include "driver/record.h"
#include "driver/world.h"

#include <errno.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define PATH                                                                                                 \
	"/events?filters=%7B%22type%22%3A%5B%22service%22%2C%22node%22%2C%22network%22%2C%22volume%22%2C%"   \
	"22secret%22%2C%22config%22%5D%7D"
/* A longer line is no event of interest. */
#define MAX_LINE ((size_t)64 * 1024)
#define LOOK     (250 * ZPM_MS)

struct zpm_events {
	struct zpm_docker *docker;
	pthread_t listener;
	int fd;
	atomic_int stop;
	bool heard; /* something since the last connect */
	struct zpm_buf line;
};

static void tell(const struct zpm_events *events)
{
	(void)!write(events->fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static bool concerns(const char *line)
{
	json_object *json = json_tokener_parse(line);
	const char *name = zpm_json_text(json, "Actor.Attributes.name");
	bool own = name && zpm_starts_with(name, ZPM_RECORD_PREFIX ZPM_RECORD_LEASE "-");

	json_object_put(json);
	return json && !own;
}

static bool take(void *ctx, enum zpm_channel channel, const char *data, size_t len)
{
	struct zpm_events *events = ctx;
	bool news = false;

	(void)channel;
	events->heard = true;
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t part = end ? (size_t)(end - data) + 1 : len;

		if (!zpm_buf_add(&events->line, data, part))
			news = true;
		if (end && events->line.data)
			news |= concerns(events->line.data);
		if (end)
			zpm_buf_clear(&events->line);
		data += part;
		len -= part;
	}
	if (news)
		tell(events);
	return true;
}

static void pause_for(const struct zpm_events *events, int64_t duration)
{
	const struct timespec look = { .tv_nsec = LOOK };

	for (int64_t end = zpm_clock_now() + duration; !events->stop && zpm_clock_now() < end;)
		nanosleep(&look, NULL);
}

static void *listen_on(void *ctx)
{
	struct zpm_events *events = ctx;
	const struct zpm_docker_stream stream = {
		.raw = true, .take = take, .ctx = events, .stop = &events->stop
	};
	unsigned failures = 0;

	while (!events->stop) {
		struct zpm_err err = { 0 };

		zpm_buf_clear(&events->line);
		events->heard = false;
		if (!zpm_docker_agree(events->docker, &err))
			zpm_docker_get_stream(events->docker, PATH, true, &stream, &err);
		failures = events->heard ? 0 : failures + 1;
		/* Nobody knows what has happened meanwhile. */
		tell(events);
		pause_for(events, zpm_backoff(failures, 500 * ZPM_MS, 30 * ZPM_S));
	}
	return NULL;
}

static void free_parts(struct zpm_events *events)
{
	zpm_docker_free(events->docker);
	zpm_buf_dispose(&events->line);
	if (events->fd >= 0)
		close(events->fd);
	free(events);
}

int zpm_events_new(const struct zpm_access *access, struct zpm_events **out, struct zpm_err *err)
{
	struct zpm_events *events = zpm_alloc(sizeof(*events));

	atomic_init(&events->stop, 0);
	events->line.cap = MAX_LINE;
	events->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (events->fd < 0)
		zpm_err_set(err, ZPM_EFAILED, "cannot make an eventfd: %s", strerror(errno));
	else if (!zpm_docker_new(access->endpoint, access->timeout, &events->docker, err) &&
		 !zpm_world_secure(events->docker, access->tls, err)) {
		if (!pthread_create(&events->listener, NULL, listen_on, events)) {
			*out = events;
			return 0;
		}
		zpm_err_set(err, ZPM_EFAILED, "cannot start a thread");
	}
	free_parts(events);
	return -1;
}

void zpm_events_free(struct zpm_events *events)
{
	if (!events)
		return;
	events->stop = 1;
	pthread_join(events->listener, NULL);
	free_parts(events);
}

int zpm_events_fd(const struct zpm_events *events)
{
	return events->fd;
}
