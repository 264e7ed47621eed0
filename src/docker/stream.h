/*
 * Streams of the Engine: an answer that is read as it comes, and a connection
 * that is taken over, as exec does. Facts: "Stream format" and "Hijacking" in
 * Docker's API description v1.41.
 *
 * Both block until the stream ends, the sink has enough or `stop` is set; how
 * long that takes is up to the container. Connecting, and an Engine that owes
 * an answer, have the client's time-out.
 */
#ifndef ZPM_DOCKER_STREAM_H
#define ZPM_DOCKER_STREAM_H

#include "docker/docker.h"

#include <stdatomic.h>

enum zpm_channel {
	ZPM_CHANNEL_IN,
	ZPM_CHANNEL_OUT,
	ZPM_CHANNEL_ERR,
	ZPM_CHANNEL_SYSTEM, /* the Engine's own words: it could not go on */
};

/* A frame longer than this is refused with ZPM_EFAILED: the Engine's own are of some 16 KiB. */
#define ZPM_DOCKER_MAX_FRAME ((size_t)4 * 1024 * 1024)

struct zpm_docker_stream {
	bool raw; /* of a terminal: no frames, all of it is ZPM_CHANNEL_OUT */
	/* Takes a whole frame, or what came when raw. False: enough. The text is the stream's. */
	bool (*take)(void *ctx, enum zpm_channel channel, const char *data, size_t len);
	/* Called when the stream is there, and about four times a second or after a signal. May be NULL. */
	void (*tick)(void *ctx);
	void *ctx;
	const atomic_int *stop; /* not 0: end it, which is no error. May be NULL */
};

/* A GET. What the Engine says on ZPM_CHANNEL_SYSTEM is the error. `endless`: silence is no reason to give up.
 */
int zpm_docker_get_stream(struct zpm_docker *docker, const char *path, bool endless,
	const struct zpm_docker_stream *stream, struct zpm_err *err);

/*
 * A POST whose connection is taken over. What can be read from `in` (-1:
 * nothing) is sent, and then its end; `in` is the caller's and stays open.
 */
int zpm_docker_hijack(struct zpm_docker *docker, const char *path, const char *body, int in,
	const struct zpm_docker_stream *stream, struct zpm_err *err);

#endif
