/*
 * A connection taken over: curl connects, and leaves the bytes to us. The
 * Engine answers the request with "101 UPGRADED", and what follows is what
 * the container writes; what we write the container reads.
 */
#include "docker/client.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_MS  250
#define MAX_HEAD ((size_t)16 * 1024)
#define MAX_BODY ((size_t)64 * 1024)
#define PIECE    32768
/* So much is read before it is the other direction's turn. */
#define MAX_PIECES 16

struct line {
	struct zpm_docker *docker;
	CURL *curl;
	curl_socket_t socket;
	struct zpm_docker_frames frames;
	struct zpm_buf out; /* on its way to the Engine */
	size_t sent;        /* so much of it */
	int in;             /* -1: at its end */
	bool finish;        /* `in` is at its end, and the Engine has to know */
	bool ended;         /* by the Engine */
	char detail[CURL_ERROR_SIZE];
};

static int broken(const struct line *line, CURLcode code, struct zpm_err *err)
{
	return zpm_docker_explain(line->docker, line->curl, line->detail, code, err);
}

/* As much as goes without waiting. */
static int send_some(struct line *line, struct zpm_err *err)
{
	while (line->sent < line->out.len) {
		size_t n = 0;
		CURLcode code = curl_easy_send(
			line->curl, line->out.data + line->sent, line->out.len - line->sent, &n);

		if (code == CURLE_AGAIN)
			return 0;
		if (code != CURLE_OK)
			return broken(line, code, err);
		line->sent += n;
	}
	zpm_buf_clear(&line->out);
	line->sent = 0;
	if (line->finish)
		shutdown(line->socket, SHUT_WR);
	line->finish = false;
	return 0;
}

/* One piece without waiting; none is no error. An end that comes as an error is an end. */
static int receive_some(struct line *line, char *piece, size_t *n, struct zpm_err *err)
{
	CURLcode code = curl_easy_recv(line->curl, piece, PIECE, n);

	if (code == CURLE_AGAIN) {
		*n = 0;
		return 0;
	}
	if (code != CURLE_OK && code != CURLE_GOT_NOTHING)
		return broken(line, code, err);
	line->ended = *n == 0;
	return 0;
}

static void wait_for(const struct line *line, bool input, int timeout_ms)
{
	bool sending = line->sent < line->out.len;
	struct pollfd fds[] = {
		{ .fd = line->socket, .events = (short)(POLLIN | (sending ? POLLOUT : 0)) },
		{ .fd = input && !sending ? line->in : -1, .events = POLLIN },
	};

	poll(fds, ZPM_COUNT(fds), timeout_ms);
}

static bool has_input(const struct line *line)
{
	struct pollfd fd = { .fd = line->in, .events = POLLIN };

	return line->in >= 0 && line->out.len == 0 && poll(&fd, 1, 0) == 1;
}

static void read_input(struct line *line)
{
	char piece[PIECE];
	ssize_t n;

	if (!has_input(line))
		return;
	n = read(line->in, piece, sizeof(piece));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		zpm_buf_add(&line->out, piece, (size_t)n);
	} else {
		line->in = -1;
		line->finish = true;
	}
}

static int read_output(struct line *line, struct zpm_err *err)
{
	char piece[PIECE];
	size_t n = 1;

	for (int i = 0; i < MAX_PIECES && n && !line->ended && !line->frames.enough; i++)
		if (receive_some(line, piece, &n, err) < 0 ||
			zpm_docker_frames_feed(&line->frames, piece, n, err) < 0)
			return -1;
	return 0;
}

static int exchange(struct line *line, struct zpm_err *err)
{
	const struct zpm_docker_stream *stream = line->frames.stream;

	while (!line->ended && !line->frames.enough && !(stream->stop && *stream->stop)) {
		read_input(line);
		if (send_some(line, err) < 0 || read_output(line, err) < 0)
			return -1;
		if (stream->tick)
			stream->tick(stream->ctx);
		if (!line->ended)
			wait_for(line, true, POLL_MS);
	}
	return 0;
}

static void compose(struct line *line, const char *prefix, const char *path, const char *body)
{
	const char *host = strstr(line->docker->at.base, "://");

	zpm_buf_printf(&line->out,
		"POST %s%s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
		"Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: %zu\r\n\r\n%s",
		prefix, path, host ? host + 3 : "docker", strlen(body), body);
}

/* Reads until `enough` says so, the Engine ends it or the time is over. */
static int read_answer(struct line *line, struct zpm_buf *answer, bool (*enough)(const struct zpm_buf *),
	struct zpm_err *err)
{
	int64_t deadline = zpm_clock_now() + line->docker->timeout_ms * ZPM_MS;

	while (!enough(answer) && !line->ended) {
		char piece[PIECE];
		size_t n = 0;

		if (zpm_clock_now() >= deadline)
			return broken(line, CURLE_OPERATION_TIMEDOUT, err);
		if (send_some(line, err) < 0 || receive_some(line, piece, &n, err) < 0)
			return -1;
		if (!zpm_buf_add(answer, piece, n))
			return broken(line, CURLE_WEIRD_SERVER_REPLY, err);
		if (!n && !line->ended)
			wait_for(line, false, POLL_MS);
	}
	return 0;
}

static const char *end_of_head(const struct zpm_buf *answer)
{
	const char *end = memmem(answer->data, answer->len, "\r\n\r\n", 4);

	return end ? end + 4 : NULL;
}

static bool has_head(const struct zpm_buf *answer)
{
	return end_of_head(answer) != NULL;
}

static bool has_body(const struct zpm_buf *answer)
{
	const char *body = end_of_head(answer), *length = strcasestr(answer->data, "\r\nContent-Length:");

	if (!body)
		return false;
	return length && length < body &&
	       answer->len - (size_t)(body - answer->data) >= strtoul(length + 17, NULL, 10);
}

static int refused(struct line *line, long status, struct zpm_buf *answer, struct zpm_err *err)
{
	struct zpm_buf body;
	const char *start;

	answer->cap = MAX_HEAD + MAX_BODY;
	if (read_answer(line, answer, has_body, err) < 0)
		return -1;
	start = end_of_head(answer);
	body = (struct zpm_buf){
		.data = (char *)(uintptr_t)start,
		.len = answer->len - (size_t)(start - answer->data),
	};
	return zpm_docker_refusal(status, &body, err);
}

/* What stands behind the head is the first of the stream. */
static int upgrade(struct line *line, struct zpm_err *err)
{
	ZPM_BUF answer = { .cap = MAX_HEAD + PIECE };
	const char *rest;
	long status = 0;

	zpm_buf_puts(&answer, "");
	if (read_answer(line, &answer, has_head, err) < 0)
		return -1;
	rest = end_of_head(&answer);
	if (!rest)
		return broken(line, answer.len ? CURLE_WEIRD_SERVER_REPLY : CURLE_GOT_NOTHING, err);
	if (sscanf(answer.data, "HTTP/1.%*1[01] %3ld", &status) != 1)
		return broken(line, CURLE_WEIRD_SERVER_REPLY, err);
	if (status != 101 && status != 200)
		return refused(line, status, &answer, err);
	return zpm_docker_frames_feed(&line->frames, rest, answer.len - (size_t)(rest - answer.data), err);
}

static int connect_line(struct line *line, struct zpm_err *err)
{
	CURLcode code;

	zpm_docker_set_connection(line->curl, line->docker);
	curl_easy_setopt(line->curl, CURLOPT_URL, line->docker->at.base);
	curl_easy_setopt(line->curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(line->curl, CURLOPT_ERRORBUFFER, line->detail);
	code = curl_easy_perform(line->curl);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(line->curl, CURLINFO_ACTIVESOCKET, &line->socket);
	return code == CURLE_OK ? 0 : broken(line, code, err);
}

int zpm_docker_hijack(struct zpm_docker *docker, const char *path, const char *body, int in,
	const struct zpm_docker_stream *stream, struct zpm_err *err)
{
	struct line line = { .docker = docker, .in = in };
	char prefix[ZPM_DOCKER_PREFIX_SIZE];
	int result;

	/* The pool only says which version is spoken: this connection serves nobody else. */
	zpm_docker_give(docker, zpm_docker_take(docker, prefix));
	line.curl = curl_easy_init();
	if (!line.curl)
		return zpm_err_set(err, ZPM_EFAILED, "libcurl does not start");
	line.frames.stream = stream;
	compose(&line, prefix, path, body);
	result = connect_line(&line, err);
	if (result == 0)
		result = upgrade(&line, err);
	if (result == 0)
		result = exchange(&line, err);
	curl_easy_cleanup(line.curl);
	zpm_buf_dispose(&line.frames.frame);
	zpm_buf_dispose(&line.out);
	return result;
}
