/*
 * A server for tests of the Engine client: inside the test program, on a unix
 * socket or on 127.0.0.1, answering each request with the next step of a
 * script. A fixture has one server, one client that points to it, and what a
 * call returns.
 */
#ifndef ZPM_TESTS_SCRIPTED_SERVER_H
#define ZPM_TESTS_SCRIPTED_SERVER_H

#include "base/clock.h"
#include "docker/docker.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_CONNECTIONS 64
#define PATIENCE        (20 * ZPM_S)

enum then { KEEP, CLOSE, HANG };

/* One answer: a status and a body, or, when `raw` is set, these very bytes. */
struct step {
	int status;
	const char *body, *raw;
	enum then then;
};

struct fixture {
	char dir[32], endpoint[64];
	int listener;
	pthread_t acceptor;
	pthread_t threads[MAX_CONNECTIONS];

	pthread_mutex_t lock; /* guards all below */
	const struct step *script;
	size_t connections;
	struct zpm_buf heard; /* all requests, as they came */

	/* the test's own */
	struct zpm_docker *docker;
	struct zpm_buf answer;
	struct zpm_err err;
};

struct connection {
	struct fixture *f;
	int fd;
};

#define ANSWER(status, body)                                                                                 \
	{                                                                                                    \
		status, body, NULL, KEEP                                                                     \
	}
#define ANSWER_AND_CLOSE(status, body)                                                                       \
	{                                                                                                    \
		status, body, NULL, CLOSE                                                                    \
	}
#define RAW(bytes, then)                                                                                     \
	{                                                                                                    \
		0, NULL, bytes, then                                                                         \
	}

/* A new script, and no error yet. Its last step is repeated for as long as there are requests. */
#define SCRIPT(f, ...) set_script(f, (const struct step[]){ __VA_ARGS__, RAW(NULL, KEEP) })

static inline void set_script(struct fixture *f, const struct step *script)
{
	pthread_mutex_lock(&f->lock);
	f->script = script;
	f->err = (struct zpm_err){ 0 };
	pthread_mutex_unlock(&f->lock);
}

static inline struct step next_step(struct fixture *f, const struct zpm_buf *request)
{
	struct step step;

	pthread_mutex_lock(&f->lock);
	zpm_buf_add(&f->heard, request->data, request->len);
	step = f->script[0];
	if (f->script[1].status || f->script[1].raw)
		f->script++;
	pthread_mutex_unlock(&f->lock);
	return step;
}

static inline size_t body_len(const char *head)
{
	const char *header = strcasestr(head, "\r\nContent-Length:");

	return header ? strtoul(strchr(header, ':') + 1, NULL, 10) : 0;
}

static inline bool read_request(int fd, struct zpm_buf *request)
{
	char piece[4096];

	zpm_buf_clear(request);
	for (;;) {
		ssize_t len = recv(fd, piece, sizeof(piece), 0);
		const char *end;

		if (len <= 0)
			return false;
		zpm_buf_add(request, piece, (size_t)len);
		end = strstr(request->data, "\r\n\r\n");
		if (end && strlen(end + 4) >= body_len(request->data))
			return true;
	}
}

static inline void send_step(int fd, const struct step *step)
{
	ZPM_BUF text = { 0 };

	if (step->raw)
		zpm_buf_puts(&text, step->raw);
	else
		zpm_buf_printf(&text, "HTTP/1.1 %d Status\r\nContent-Length: %zu\r\n\r\n%s", step->status,
			strlen(step->body), step->body);
	send(fd, text.data, text.len, MSG_NOSIGNAL);
}

static inline void *serve(void *arg)
{
	struct connection *connection = arg;
	ZPM_BUF request = { 0 };

	while (read_request(connection->fd, &request)) {
		struct step step = next_step(connection->f, &request);

		if (step.then == HANG)
			continue; /* until the client gives up and closes */
		send_step(connection->fd, &step);
		if (step.then == CLOSE)
			break;
	}
	close(connection->fd);
	free(connection);
	return NULL;
}

static inline void *accept_all(void *arg)
{
	struct fixture *f = arg;
	int fd;

	while ((fd = accept(f->listener, NULL, NULL)) >= 0) {
		struct connection *connection = zpm_alloc(sizeof(*connection));

		*connection = (struct connection){ f, fd };
		pthread_mutex_lock(&f->lock);
		if (f->connections == MAX_CONNECTIONS)
			abort();
		pthread_create(&f->threads[f->connections++], NULL, serve, connection);
		pthread_mutex_unlock(&f->lock);
	}
	return NULL;
}

static inline void start(struct fixture *f)
{
	assert_return_code(listen(f->listener, MAX_CONNECTIONS), 0);
	pthread_mutex_init(&f->lock, NULL);
	assert_return_code(pthread_create(&f->acceptor, NULL, accept_all, f), 0);
	assert_return_code(zpm_docker_new(f->endpoint, PATIENCE, &f->docker, &f->err), 0);
}

static inline int setup_unix(void **state)
{
	struct fixture *f = zpm_alloc(sizeof(*f));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*state = f;
	snprintf(f->dir, sizeof(f->dir), "/tmp/zpm-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock", f->dir);
	snprintf(f->endpoint, sizeof(f->endpoint), "unix://%s/sock", f->dir);
	f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_return_code(bind(f->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	start(f);
	return 0;
}

static inline int setup_tcp(void **state)
{
	struct fixture *f = zpm_alloc(sizeof(*f));
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	*state = f;
	f->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_return_code(bind(f->listener, (struct sockaddr *)&address, size), 0);
	assert_return_code(getsockname(f->listener, (struct sockaddr *)&address, &size), 0);
	snprintf(f->endpoint, sizeof(f->endpoint), "tcp://127.0.0.1:%d", ntohs(address.sin_port));
	start(f);
	return 0;
}

static inline void stop_listening(struct fixture *f)
{
	if (f->listener < 0)
		return;
	shutdown(f->listener, SHUT_RDWR);
	pthread_join(f->acceptor, NULL);
	close(f->listener);
	f->listener = -1;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;
	char path[64];

	zpm_docker_free(f->docker);
	stop_listening(f);
	for (size_t i = 0; i < f->connections; i++)
		pthread_join(f->threads[i], NULL);
	if (f->dir[0]) {
		snprintf(path, sizeof(path), "%s/sock", f->dir);
		unlink(path);
		rmdir(f->dir);
	}
	zpm_buf_dispose(&f->heard);
	zpm_buf_dispose(&f->answer);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return 0;
}

/* Everything the server heard so far. It hears before it answers, so this is never early. */
static inline const char *heard(struct fixture *f)
{
	const char *text;

	pthread_mutex_lock(&f->lock);
	text = f->heard.data ? f->heard.data : "";
	pthread_mutex_unlock(&f->lock);
	return text;
}

static inline size_t connections(struct fixture *f)
{
	size_t count;

	pthread_mutex_lock(&f->lock);
	count = f->connections;
	pthread_mutex_unlock(&f->lock);
	return count;
}

static inline void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
}

static inline void assert_error(struct fixture *f, int result, enum zpm_code code, const char *part)
{
	if (result != -1 || f->err.code != code)
		fail_msg("expected -1 with code %d, got %d with code %d: %s", code, result, f->err.code,
			f->err.msg);
	assert_contains(f->err.msg, part);
}

#define ON_UNIX(test) cmocka_unit_test_setup_teardown(test, setup_unix, teardown)
#define ON_TCP(test)  cmocka_unit_test_setup_teardown(test, setup_tcp, teardown)

#endif
