/*
 * The one program in every demo image: stands in for a real service so that
 * examples and tests need no registry. Answers HTTP on $PORT with its name and
 * version, ends at once when told to stop, and misbehaves when DEMO_FAIL asks for it.
 *
 *   /demo            serve; other arguments are accepted and ignored
 *   /demo --check    for healthchecks: 0 when the server of this container answers
 *   /demo --note FILE TEXT      adds a line to a file of this container
 *   /demo --fail STATUS TEXT    writes to standard error and ends with that status
 *   /demo --hang                does not end by itself
 *
 * DEMO_FAIL=exit       end at once with status 1
 * DEMO_FAIL=unhealthy  serve, but let --check fail
 * DEMO_DELAY=SECONDS   wait that long before serving
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define DEFAULT_PORT    8080
#define CLIENT_SECONDS  5
#define MAX_DELAY       3600
#define MAX_PORT        65535
#define PENDING_CLIENTS 64

/* What a manifest may name as its stopSignal. */
static const int ending_signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 };

static const char *env_or(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	return value && *value ? value : fallback;
}

/* -1 when the variable holds anything but a number from 0 to `max`. */
static long env_number(const char *name, long fallback, long max)
{
	const char *text = getenv(name);
	char *end;
	long value;

	if (!text || !*text)
		return fallback;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || value < 0 || value > max) {
		fprintf(stderr, "demo: %s is '%s'; expected a number from 0 to %ld\n", name, text, max);
		return -1;
	}
	return value;
}

static bool fail_is(const char *mode)
{
	return strcmp(env_or("DEMO_FAIL", ""), mode) == 0;
}

/* A process with id 1 gets only the signals it has a handler for. */
static void end(int signal)
{
	(void)signal;
	_exit(0);
}

static void limit_waiting(int fd)
{
	const struct timeval limit = { .tv_sec = CLIENT_SECONDS };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* The request is read but not looked at: every path has the same answer. */
static void answer(int client)
{
	char request[4096], body[512], reply[1024], host[256] = "";
	int body_len, reply_len;

	limit_waiting(client);
	if (read(client, request, sizeof(request)) <= 0)
		return;
	gethostname(host, sizeof(host) - 1);
	body_len = snprintf(body, sizeof(body), "%.100s %.100s on %s\n", env_or("DEMO_NAME", "demo"),
		env_or("DEMO_VERSION", "unversioned"), host);
	reply_len = snprintf(reply, sizeof(reply),
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: "
		"close\r\n\r\n%s",
		body_len, body);
	if (write(client, reply, (size_t)reply_len) < 0)
		perror("demo: answer");
}

static int serve(uint16_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int yes = 1;

	if (listener >= 0)
		setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(listener, PENDING_CLIENTS) < 0) {
		fprintf(stderr, "demo: listen on port %u: %s\n", port, strerror(errno));
		return 1;
	}
	printf("demo: %s %s listens on port %u\n", env_or("DEMO_NAME", "demo"),
		env_or("DEMO_VERSION", "unversioned"), port);
	fflush(stdout);
	for (;;) {
		int client = accept(listener, NULL, NULL);

		/* A client that went away again is no reason to end. */
		if (client < 0 && (errno == ECONNABORTED || errno == EINTR))
			continue;
		if (client < 0) {
			perror("demo: accept");
			return 1;
		}
		answer(client);
		close(client);
	}
}

static int check(uint16_t port)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
	};
	char reply[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fail_is("unhealthy")) {
		printf("unhealthy, because DEMO_FAIL says so\n");
		return 1;
	}
	limit_waiting(fd);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		write(fd, request, sizeof(request) - 1) < 0 || read(fd, reply, sizeof(reply)) <= 0) {
		printf("port %u does not answer: %s\n", port, strerror(errno));
		return 1;
	}
	printf("port %u answers\n", port);
	return 0;
}

static int note(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");
	bool good = file && fprintf(file, "%s\n", text) >= 0;

	if (!file || fclose(file) || !good) {
		fprintf(stderr, "demo: cannot write %s: %s\n", path, strerror(errno));
		return 1;
	}
	return 0;
}

static int fail(const char *status, const char *text)
{
	fprintf(stderr, "%s\n", text);
	return (int)strtol(status, NULL, 10) & 0xff;
}

int main(int argc, char **argv)
{
	const struct sigaction ending = { .sa_handler = end };
	long port = env_number("PORT", DEFAULT_PORT, MAX_PORT);
	long delay = env_number("DEMO_DELAY", 0, MAX_DELAY);

	if (port < 0 || delay < 0)
		return 1;
	if (argc > 1 && strcmp(argv[1], "--check") == 0)
		return check((uint16_t)port);
	if (argc == 4 && strcmp(argv[1], "--note") == 0)
		return note(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "--fail") == 0)
		return fail(argv[2], argv[3]);
	if (argc == 2 && strcmp(argv[1], "--hang") == 0)
		pause();
	for (size_t i = 0; i < sizeof(ending_signals) / sizeof(*ending_signals); i++)
		sigaction(ending_signals[i], &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (fail_is("exit")) {
		fprintf(stderr, "demo: ends with status 1, because DEMO_FAIL says so\n");
		return 1;
	}
	for (unsigned left = (unsigned)delay; left;)
		left = sleep(left);
	return serve((uint16_t)port);
}
