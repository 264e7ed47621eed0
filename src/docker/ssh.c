/*
 * Connections through the system's ssh: a process for each, with a socket for
 * its input and output that curl connects to. (Not one end of a pair: until
 * version 8 curl connects also what is connected already, and fails.) What it
 * says on standard error goes to a file in memory, which never makes it wait,
 * and is read when the connection did not work out.
 */
#include "docker/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "ssh"
/* How long an ssh whose other side is gone may take to end by itself, having said why. */
#define LAST_WORDS_MS 1000
/* For curl, which wants a path before it asks for a socket. The socket's address takes its place. */
#define NO_PATH "ssh"

#define MAX_ARGS 16

#define NO_PROCESS "no process or socket can be had for '" PROGRAM "'"
/* How long the child waits for curl, which connects at once or, when zpm is killed, never. */
#define CONNECT_MS 10000
#define FOLDER     "/tmp/zpm-ssh-XXXXXX"

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* To a file in memory, which takes all of it. */
static void write_all(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(EXIT_FAILURE);
}

static void remember(struct zpm_docker *docker, const char *text, size_t len)
{
	pthread_mutex_lock(&docker->lock);
	zpm_docker_quote(text, len, docker->ssh_said);
	pthread_mutex_unlock(&docker->lock);
}

void zpm_docker_ssh_said(struct zpm_docker *docker, char out[ZPM_DOCKER_QUOTE_SIZE])
{
	pthread_mutex_lock(&docker->lock);
	memcpy(out, docker->ssh_said, ZPM_DOCKER_QUOTE_SIZE);
	pthread_mutex_unlock(&docker->lock);
}

/* What docker runs for such an endpoint, plus that nobody is asked: several connections would ask at once. */
static void make_args(const struct zpm_docker_endpoint *at, const char *args[MAX_ARGS])
{
	static const char *const before[] = { PROGRAM, "-T", "-o", "BatchMode=yes", "-o",
		"ConnectTimeout=10" };
	size_t n = 0;

	for (size_t i = 0; i < ZPM_COUNT(before); i++)
		args[n++] = before[i];
	if (at->ssh.user) {
		args[n++] = "-l";
		args[n++] = at->ssh.user;
	}
	if (at->ssh.port) {
		args[n++] = "-p";
		args[n++] = at->ssh.port;
	}
	args[n++] = "--";
	args[n++] = at->ssh.host;
	args[n++] = "docker system dial-stdio";
	args[n] = NULL;
}

/* Where curl connects to: a socket in a folder that nobody else may enter. */
static void remove_socket(const char *path)
{
	char folder[ZPM_DOCKER_SSH_PATH_SIZE];

	memcpy(folder, path, sizeof(folder));
	folder[sizeof(FOLDER) - 1] = '\0';
	unlink(path);
	rmdir(folder);
}

static int listen_at(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !bind(fd, (const struct sockaddr *)name, sizeof(*name)) && !listen(fd, 1))
		return fd;
	close_if_open(fd);
	return -1;
}

/* Fills in `path`. -1: nothing of it is there. */
static int make_socket(struct curl_sockaddr *address, char path[ZPM_DOCKER_SSH_PATH_SIZE])
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char folder[] = FOLDER;
	int fd;

	if (!mkdtemp(folder))
		return -1;
	snprintf(path, ZPM_DOCKER_SSH_PATH_SIZE, "%s/s", folder);
	memcpy(name.sun_path, path, ZPM_DOCKER_SSH_PATH_SIZE);
	fd = listen_at(&name);
	if (fd < 0)
		rmdir(folder);
	/* `addr` only begins the room that curl has for addresses of all kinds. */
	memcpy((char *)address + offsetof(struct curl_sockaddr, addr), &name, sizeof(name));
	address->addrlen = sizeof(name);
	return fd;
}

/*
 * In the child, with calls that are safe after a fork among threads. A session of its own keeps an interrupt
 * at the terminal from ssh: what is in flight is to end in order.
 */
static _Noreturn void become_ssh(int listener, const char *path, int log, const char *const args[MAX_ARGS])
{
	static const int signals[] = { SIGINT, SIGTERM, SIGPIPE };
	struct pollfd coming = { .fd = listener, .events = POLLIN };
	int fd = -1;

	for (size_t i = 0; i < ZPM_COUNT(signals); i++)
		signal(signals[i], SIG_DFL);
	setsid();
	if (poll(&coming, 1, CONNECT_MS) == 1)
		fd = accept(listener, NULL, NULL);
	remove_socket(path);
	if (fd < 0)
		_exit(EXIT_FAILURE);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close(fd);
	execvp(PROGRAM, (char *const *)args);
	write_all(STDERR_FILENO, errno == ENOENT ? "there is no program '" PROGRAM "' here"
						 : "the program '" PROGRAM "' cannot be run");
	_exit(EXIT_FAILURE);
}

static void add_tunnel(struct zpm_docker *docker, struct zpm_docker_tunnel tunnel)
{
	pthread_mutex_lock(&docker->lock);
	if (docker->tunnel_count == docker->tunnel_size) {
		docker->tunnel_size = docker->tunnel_size ? docker->tunnel_size * 2 : 8;
		docker->tunnels =
			zpm_realloc(docker->tunnels, docker->tunnel_size * sizeof(*docker->tunnels));
	}
	docker->tunnels[docker->tunnel_count++] = tunnel;
	pthread_mutex_unlock(&docker->lock);
}

static bool take_tunnel(struct zpm_docker *docker, int fd, struct zpm_docker_tunnel *out)
{
	bool found = false;

	pthread_mutex_lock(&docker->lock);
	for (size_t i = 0; i < docker->tunnel_count && !found; i++) {
		if (docker->tunnels[i].fd != fd)
			continue;
		*out = docker->tunnels[i];
		docker->tunnels[i] = docker->tunnels[--docker->tunnel_count];
		found = true;
	}
	pthread_mutex_unlock(&docker->lock);
	return found;
}

/* curl asks for a socket and connects it to the address, which is changed into that of a new ssh. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct zpm_docker *docker = arg;
	struct zpm_docker_tunnel tunnel = { .fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
		.log = memfd_create("zpm-ssh", MFD_CLOEXEC),
		.pid = -1 };
	int listener = make_socket(address, tunnel.path);
	const char *args[MAX_ARGS];

	(void)purpose;
	make_args(&docker->at, args);
	if (tunnel.fd >= 0 && tunnel.log >= 0 && listener >= 0)
		tunnel.pid = fork();
	if (tunnel.pid == 0)
		become_ssh(listener, tunnel.path, tunnel.log, args);
	close_if_open(listener);
	if (tunnel.pid > 0) {
		add_tunnel(docker, tunnel);
		return tunnel.fd;
	}
	if (listener >= 0)
		remove_socket(tunnel.path);
	close_if_open(tunnel.fd);
	close_if_open(tunnel.log);
	remember(docker, NO_PROCESS, strlen(NO_PROCESS));
	return CURL_SOCKET_BAD;
}

/* Waits for its end, which is hastened unless it is coming already. */
static void reap(const struct zpm_docker_tunnel *tunnel, bool is_ending)
{
	struct pollfd end = { .fd = pidfd_open(tunnel->pid, 0), .events = POLLIN };

	if (!is_ending || end.fd < 0 || poll(&end, 1, LAST_WORDS_MS) != 1)
		kill(tunnel->pid, SIGTERM);
	if (end.fd >= 0 && poll(&end, 1, LAST_WORDS_MS) != 1)
		kill(tunnel->pid, SIGKILL);
	while (waitpid(tunnel->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close_if_open(end.fd);
}

/* The last line is the one that matters: banners and warnings come before. */
static void keep_last_line(struct zpm_docker *docker, int log)
{
	char text[4096];
	off_t size = lseek(log, 0, SEEK_END);
	off_t from = size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
	ssize_t len = pread(log, text, sizeof(text), from);
	const char *line;

	while (len > 0 && strchr("\r\n", text[len - 1]))
		len--;
	if (len <= 0)
		return;
	line = memrchr(text, '\n', (size_t)len);
	line = line ? line + 1 : text;
	remember(docker, line, (size_t)(text + len - line));
}

static int close_socket(void *arg, curl_socket_t fd)
{
	struct zpm_docker *docker = arg;
	struct zpm_docker_tunnel tunnel;
	char byte;
	bool is_ending = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	bool found = take_tunnel(docker, fd, &tunnel);
	int result = close(fd);

	if (!found)
		return result;
	reap(&tunnel, is_ending);
	remove_socket(tunnel.path); /* unless ssh has done so: it came too late to be needed */
	if (is_ending)
		keep_last_line(docker, tunnel.log);
	close(tunnel.log);
	return result;
}

void zpm_docker_ssh_set(CURL *curl, struct zpm_docker *docker)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, NO_PATH);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, docker);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, docker);
}

void zpm_docker_ssh_dispose(struct zpm_docker *docker)
{
	free(docker->tunnels);
	docker->tunnels = NULL;
	docker->tunnel_count = docker->tunnel_size = 0;
}
