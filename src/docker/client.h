/*
 * What the files of this module share. Nothing outside src/docker/ includes it.
 *
 * A client is constant after zpm_docker_new() but for what `lock` guards and
 * the atomic counter, so requests need no lock while they are on the wire.
 */
#ifndef ZPM_DOCKER_CLIENT_H
#define ZPM_DOCKER_CLIENT_H

#include "docker/docker.h"
#include "docker/stream.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

/* "/v1.41": what a negotiated API version puts in front of every path. */
#define ZPM_DOCKER_PREFIX_SIZE 16

struct zpm_docker_endpoint {
	char *name;   /* as the user wrote it, for messages */
	char *socket; /* path of the unix socket; NULL: TCP or ssh */
	char *base;   /* "http://host:port", without a slash at its end */
	struct {
		char *host; /* NULL: not by ssh */
		char *user, *port;
	} ssh; /* NULL where the endpoint does not say */
};

/* A running ssh and its log are found by the socket that curl has of it. */
#define ZPM_DOCKER_SSH_PATH_SIZE 24
struct zpm_docker_tunnel {
	int fd, log;
	pid_t pid;
	char path[ZPM_DOCKER_SSH_PATH_SIZE]; /* of the socket, while curl has not connected to it */
};

/* The longest piece of the Engine's own words that goes into a message, with its NUL. */
#define ZPM_DOCKER_QUOTE_SIZE 320

struct zpm_docker {
	struct zpm_docker_endpoint at;
	bool tls;
	char *ca, *cert, *key; /* of TLS; may be NULL */
	long timeout_ms;
	struct curl_slist *headers;
	struct zpm_guard guard; /* without a function: nobody is asked */
	atomic_uint writes;

	pthread_mutex_t lock; /* guards all below */
	char prefix[ZPM_DOCKER_PREFIX_SIZE];
	CURL **idle; /* handles not in flight, each with its connection */
	size_t idle_count, idle_size;
	struct zpm_docker_tunnel *tunnels;
	size_t tunnel_count, tunnel_size;
	char ssh_said[ZPM_DOCKER_QUOTE_SIZE]; /* the last words of an ssh that ended by itself */
};

struct zpm_docker_request {
	const char *method; /* GET, POST, PUT or DELETE */
	const char *prefix; /* NULL: the negotiated one */
	const char *path;
	const char *body;              /* of a POST; NULL: empty */
	const struct zpm_buf *archive; /* of a PUT: a tar */
	const char *auth;              /* X-Registry-Auth; NULL: none */
	long timeout_ms;               /* 0: the client's */
	struct zpm_buf *answer;        /* may be NULL */
	long status;                   /* filled in; 0 when there was no answer */
};

/* Splits the three kinds of endpoint. Fails with ZPM_EINVALID, leaving nothing to free. */
int zpm_docker_endpoint_parse(const char *text, struct zpm_docker_endpoint *out, struct zpm_err *err);
void zpm_docker_endpoint_dispose(struct zpm_docker_endpoint *at);

/* A handle of the caller's own until it is given back. Never NULL. */
CURL *zpm_docker_take(struct zpm_docker *docker, char prefix[ZPM_DOCKER_PREFIX_SIZE]);
void zpm_docker_give(struct zpm_docker *docker, CURL *handle);

/* tls.c: what curl has to know of certificates, and what it says of them. */
void zpm_docker_tls_set(CURL *curl, const struct zpm_docker *docker);
/* True, with the error set, when `code` and `detail` of a failed call are about TLS. */
bool zpm_docker_tls_explain(
	const struct zpm_docker *docker, CURLcode code, const char *detail, struct zpm_err *err);

/* ssh.c: connections of this handle go through ssh. */
void zpm_docker_ssh_set(CURL *curl, struct zpm_docker *docker);
/* What the last ssh that failed had to say; "" when none did. */
void zpm_docker_ssh_said(struct zpm_docker *docker, char out[ZPM_DOCKER_QUOTE_SIZE]);
/* Once no handle is left that could use them. */
void zpm_docker_ssh_dispose(struct zpm_docker *docker);

int zpm_docker_request(struct zpm_docker *docker, struct zpm_docker_request *request, struct zpm_err *err);

/* What every connection has: protocol, socket and time-outs. */
void zpm_docker_set_connection(CURL *curl, struct zpm_docker *docker);

/* What went wrong on the wire, in words. `detail` is curl's error buffer. Returns -1. */
int zpm_docker_explain(
	struct zpm_docker *docker, CURL *curl, const char *detail, CURLcode code, struct zpm_err *err);

/* Takes a stream's frames apart. Zeroed but for `stream` before the first; the caller disposes of `frame`. */
struct zpm_docker_frames {
	const struct zpm_docker_stream *stream;
	struct zpm_buf frame; /* what has come of the present one */
	bool enough;          /* the stream's taker has said so */
};

int zpm_docker_frames_feed(
	struct zpm_docker_frames *frames, const char *data, size_t len, struct zpm_err *err);

/* Turns an answer other than 2xx into an error. */
int zpm_docker_refusal(long status, const struct zpm_buf *body, struct zpm_err *err);

/* The caller's, to json_object_put(); NULL unless the text is a JSON object. */
struct json_object *zpm_docker_parse_object(const struct zpm_buf *text);

/* "rpc error: code = InvalidArgument desc = port ..." is Swarm talking to itself: only the end is news. */
const char *zpm_docker_skip_rpc(const char *message);

/*
 * Copies text from outside so that it is safe to show: one line of valid
 * UTF-8 without control characters, cut off with "..." where it is too long.
 */
void zpm_docker_quote(const char *text, size_t len, char out[ZPM_DOCKER_QUOTE_SIZE]);

#endif
