/* The poll loop. A connection is dead from the first failure on, and swept at the end of a round. */
#include "net.h"

#include "base/clock.h"
#include "session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS_MAX 1024
#define HOST_MAX  256

struct conn {
	uint64_t id;
	int fd;
	bool listening, dead, local;
	char host[HOST_MAX]; /* empty: they called us */
	struct zpm_buf in, out;
	struct session session;
};

struct call {
	struct call *next;
	uint64_t conn; /* 0: there never was one */
	int32_t id;
	int64_t deadline;
	net_done done;
	void *arg;
};

struct net {
	struct standin *standin;
	const struct key *key;
	struct conn *conns[CONNS_MAX];
	size_t n;
	struct call *calls;
	uint64_t last_conn;
	int32_t last_id;
};

struct net *net_new(struct standin *standin, const struct key *key)
{
	struct net *net = zpm_alloc(sizeof(*net));

	*net = (struct net){ .standin = standin, .key = key };
	return net;
}

static void free_conn(struct conn *conn)
{
	close(conn->fd);
	zpm_buf_dispose(&conn->in);
	zpm_buf_dispose(&conn->out);
	session_dispose(&conn->session);
	free(conn);
}

void net_free(struct net *net)
{
	while (net->calls) {
		struct call *call = net->calls;

		net->calls = call->next;
		call->done(net->standin, NULL, call->arg);
		free(call);
	}
	for (size_t i = 0; i < net->n; i++)
		free_conn(net->conns[i]);
	free(net);
}

static struct conn *add_conn(struct net *net, int fd)
{
	struct conn *conn;
	int on = 1;

	if (net->n == CONNS_MAX) {
		close(fd);
		return NULL;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	conn = zpm_alloc(sizeof(*conn));
	*conn = (struct conn){ .id = ++net->last_conn, .fd = fd, .in = { .cap = WIRE_MESSAGE_MAX + 1024 } };
	net->conns[net->n++] = conn;
	return conn;
}

static struct conn *find_conn(const struct net *net, uint64_t id)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->conns[i]->id == id && !net->conns[i]->dead)
			return net->conns[i];
	return NULL;
}

static int listen_at(struct net *net, const struct addrinfo *at)
{
	int on = 1, fd = socket(at->ai_family, SOCK_STREAM, 0);
	struct conn *conn;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, at->ai_addr, at->ai_addrlen) < 0 || listen(fd, 128) < 0) {
		close(fd);
		return -1;
	}
	conn = add_conn(net, fd);
	if (conn)
		conn->listening = true;
	return conn ? 0 : -1;
}

static int listen_on(struct net *net, const char *address, int port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *found = NULL;
	char text[16];
	int error, result = -1;

	snprintf(text, sizeof(text), "%d", port);
	error = getaddrinfo(address, text, &hints, &found);
	if (error) {
		fprintf(stderr, "cannot listen on %s: %s\n", address, gai_strerror(error));
		return -1;
	}
	for (const struct addrinfo *at = found; at; at = at->ai_next)
		if (listen_at(net, at) == 0)
			result = 0;
	if (result < 0)
		fprintf(stderr, "cannot listen on %s port %d: %s\n", address, port, strerror(errno));
	freeaddrinfo(found);
	return result;
}

int net_listen(struct net *net, const char *addresses, int port)
{
	ZPM_FREE char *copy = zpm_strdup(addresses);
	char *rest = copy, *one;

	while ((one = strsep(&rest, ",")))
		if (listen_on(net, one, port) < 0)
			return -1;
	return 0;
}

static int connect_to(const char *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	char name[HOST_MAX];
	char *colon;
	int fd = -1;

	snprintf(name, sizeof(name), "%s", host);
	colon = strrchr(name, ':');
	if (colon)
		*colon = '\0';
	if (getaddrinfo(name, colon ? colon + 1 : "27017", &hints, &found))
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0 && errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static struct conn *conn_to(struct net *net, const char *host)
{
	struct conn *conn = NULL;
	int fd;

	if (!host[0])
		return NULL;
	for (size_t i = 0; i < net->n; i++)
		if (!net->conns[i]->dead && !strcmp(net->conns[i]->host, host))
			return net->conns[i];
	fd = connect_to(host);
	if (fd >= 0)
		conn = add_conn(net, fd);
	if (conn)
		snprintf(conn->host, sizeof(conn->host), "%s", host);
	return conn;
}

void net_call(
	struct net *net, const char *host, const bson_t *command, int timeout_ms, net_done done, void *arg)
{
	struct conn *conn = conn_to(net, host);
	struct call *call = zpm_alloc(sizeof(*call));
	bson_t *signed_by_us = conn ? key_sign(net->key, command) : NULL;

	*call = (struct call){ .next = net->calls,
		.conn = conn ? conn->id : 0,
		.id = ++net->last_id,
		.deadline = zpm_clock_now() + timeout_ms * ZPM_MS,
		.done = done,
		.arg = arg };
	net->calls = call;
	if (!conn)
		return;
	wire_put(&conn->out, call->id, 0, signed_by_us);
	bson_destroy(signed_by_us);
}

static void finish_call(struct net *net, struct call **at, const bson_t *reply)
{
	struct call *call = *at;

	*at = call->next;
	call->done(net->standin, reply, call->arg);
	free(call);
}

static void take_reply(struct net *net, const struct conn *conn, struct message *message)
{
	for (struct call **at = &net->calls; *at; at = &(*at)->next)
		if ((*at)->conn == conn->id && (*at)->id == message->answers) {
			finish_call(net, at, message->body);
			break;
		}
	bson_destroy(message->body);
}

/* A callback may make new calls, which go to the front of the list: so it is gone through anew. */
static void fail_calls(struct net *net)
{
	int64_t now = zpm_clock_now();
	struct call **at = &net->calls;

	while (*at)
		if ((*at)->deadline <= now || !find_conn(net, (*at)->conn)) {
			finish_call(net, at, NULL);
			at = &net->calls;
		} else {
			at = &(*at)->next;
		}
}

bool net_answer(struct net *net, uint64_t id, const struct message *to, const bson_t *body)
{
	struct conn *conn = find_conn(net, id);

	if (!conn || to->silent)
		return conn;
	if (to->legacy)
		wire_put_legacy(&conn->out, ++net->last_id, to->id, body);
	else
		wire_put(&conn->out, ++net->last_id, to->id, body);
	return true;
}

bool net_alive(const struct net *net, uint64_t id)
{
	return find_conn(net, id);
}

void net_close(struct net *net, uint64_t id)
{
	struct conn *conn = find_conn(net, id);

	if (conn)
		conn->dead = true;
}

struct session *net_session(struct net *net, uint64_t id)
{
	struct conn *conn = find_conn(net, id);

	return conn ? &conn->session : NULL;
}

bool net_local(const struct net *net, uint64_t id)
{
	const struct conn *conn = find_conn(net, id);

	return conn && conn->local;
}

static void take_messages(struct net *net, struct conn *conn)
{
	struct message message;
	int got = 0;

	while (!conn->dead && (got = wire_take(&conn->in, &message)) > 0)
		if (conn->host[0])
			take_reply(net, conn, &message);
		else
			standin_take(net->standin, conn->id, &message);
	if (got < 0)
		conn->dead = true;
}

static void read_conn(struct net *net, struct conn *conn)
{
	static char room[1 << 16];
	ssize_t len = recv(conn->fd, room, sizeof(room), 0);

	if (len > 0 && zpm_buf_add(&conn->in, room, (size_t)len))
		take_messages(net, conn);
	else if (len >= 0 || (errno != EAGAIN && errno != EINTR))
		conn->dead = true;
}

static void write_conn(struct conn *conn)
{
	ssize_t len = send(conn->fd, conn->out.data, conn->out.len, MSG_NOSIGNAL);

	if (len < 0) {
		conn->dead |= errno != EAGAIN && errno != EINTR;
		return;
	}
	memmove(conn->out.data, conn->out.data + len, conn->out.len - (size_t)len);
	conn->out.len -= (size_t)len;
}

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static bool is_loopback(const union address *from)
{
	return from->any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&from->six.sin6_addr)
					       : ntohl(from->four.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static void accept_conn(struct net *net, const struct conn *listener)
{
	union address from = { .six = { 0 } };
	socklen_t len = sizeof(from);
	int fd = accept(listener->fd, &from.any, &len);
	struct conn *conn = fd >= 0 ? add_conn(net, fd) : NULL;

	if (conn)
		conn->local = is_loopback(&from);
}

static void serve_conn(struct net *net, struct conn *conn, short happened)
{
	if (conn->listening)
		accept_conn(net, conn);
	else if (happened & (POLLIN | POLLHUP | POLLERR))
		read_conn(net, conn);
	if (!conn->dead && happened & POLLOUT && conn->out.len)
		write_conn(conn);
}

static void sweep(struct net *net)
{
	size_t kept = 0;

	for (size_t i = 0; i < net->n; i++)
		if (net->conns[i]->dead)
			free_conn(net->conns[i]);
		else
			net->conns[kept++] = net->conns[i];
	net->n = kept;
}

void net_turn(struct net *net, int wait_ms)
{
	static struct pollfd fds[CONNS_MAX];
	size_t n = net->n;

	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = net->conns[i]->fd,
			.events = (short)(POLLIN | (net->conns[i]->out.len ? POLLOUT : 0)) };
	if (poll(fds, n, wait_ms) > 0)
		for (size_t i = 0; i < n; i++)
			if (fds[i].revents && !net->conns[i]->dead)
				serve_conn(net, net->conns[i], fds[i].revents);
	fail_calls(net);
	sweep(net);
}
