/*
 * Client of the Docker Engine API (1.41 and up). The only user of libcurl.
 *
 * Thread-safe: any number of threads may call at once; each call in flight
 * has a connection of its own, kept alive for the next. Calls block, at most
 * for the time-out. Facts about the protocol: Docker's API description v1.41,
 * https://docs.docker.com/engine/api/v1.41/
 */
#ifndef ZPM_DOCKER_DOCKER_H
#define ZPM_DOCKER_DOCKER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/guard.h"

#include <stdint.h>

struct zpm_docker;

/*
 * `endpoint`: "unix:///path", "tcp://host:port" or "ssh://[user@]host[:port]".
 * `timeout` in nanoseconds is the most one call may take; 0 means
 * ZPM_DOCKER_TIMEOUT. Connects lazily. Fails with ZPM_EINVALID on an endpoint
 * it does not understand.
 *
 * ssh:// runs the system's ssh, and `docker system dial-stdio` on the host, a
 * process for each connection. It asks nobody anything: keys and known hosts
 * have to be in place.
 */
#define ZPM_DOCKER_TIMEOUT (60LL * 1000 * 1000 * 1000)

/* An answer longer than this is refused with ZPM_EFAILED. So is one longer than `answer->cap`. */
#define ZPM_DOCKER_MAX_ANSWER ((size_t)256 * 1024 * 1024)

int zpm_docker_new(const char *endpoint, int64_t timeout, struct zpm_docker **out, struct zpm_err *err);

/* Files in PEM. */
struct zpm_docker_tls {
	const char *ca;         /* NULL: whom the system trusts */
	const char *cert, *key; /* both or neither */
};

/*
 * From now on tcp:// means TLS, the Engine's certificate and host name always
 * verified; nothing happens to other endpoints. To be called before the first
 * request. The paths are copied. Fails with ZPM_EFAILED when a file cannot be read.
 */
int zpm_docker_secure(struct zpm_docker *docker, const struct zpm_docker_tls *tls, struct zpm_err *err);

/* Asked before each POST, PUT and DELETE from now on; it fails with the guard's error. To be called while no
 * request is in flight. */
void zpm_docker_guard(struct zpm_docker *docker, const struct zpm_guard *guard);

/* No call may be in flight. Ends the processes behind ssh:// connections. */
void zpm_docker_free(struct zpm_docker *docker);

/*
 * The first call to make: agrees on an API version, which all later calls
 * name, and asks for the state of the Swarm, in two requests (three to find
 * out why Swarm refuses). Fails, saying what to do about it: with ZPM_EUNAVAIL when the Engine does not
 * answer, is still joining its Swarm or has no leader; with ZPM_EFAILED when it is not in Swarm mode, is
 * locked, is no manager, is too old or too new, or is no Docker Engine at all.
 */
int zpm_docker_hello(struct zpm_docker *docker, struct zpm_err *err);

/* Agrees on an API version and asks for nothing else: for Engines that need not be managers. */
int zpm_docker_agree(struct zpm_docker *docker, struct zpm_err *err);

/*
 * One request. `path` starts with '/' and carries no version. `body` is JSON;
 * NULL sends an empty one. `answer` may be NULL; it is cleared first, and
 * after success `answer->data` is never NULL. A status of 400 and above is an
 * error with the Engine's own message, made safe to show:
 *   404 -> ZPM_ENOTFOUND; 409, "out of sequence" (whatever its status) -> ZPM_ECONFLICT;
 *   400, a port that another service publishes -> ZPM_EBUSY;
 *   501 (such a change is not supported), other 4xx -> ZPM_EFAILED; other 5xx -> ZPM_EUNAVAIL.
 * No connection, a time-out and an answer that breaks off are ZPM_EUNAVAIL;
 * what is not HTTP is ZPM_EFAILED. After an error, `answer` holds nothing to rely on.
 *
 * The Engine may have carried out a POST or DELETE that ends in ZPM_EUNAVAIL,
 * and may see it twice when it closes a kept connection just then: observe
 * before trying again.
 */
int zpm_docker_get(struct zpm_docker *docker, const char *path, struct zpm_buf *answer, struct zpm_err *err);
int zpm_docker_post(struct zpm_docker *docker, const char *path, const char *body, struct zpm_buf *answer,
	struct zpm_err *err);
int zpm_docker_delete(struct zpm_docker *docker, const char *path, struct zpm_err *err);

/* The same as a PUT of a tar archive. Counts as a write. */
int zpm_docker_put_archive(
	struct zpm_docker *docker, const char *path, const struct zpm_buf *archive, struct zpm_err *err);

/*
 * The same where the Engine has to do with a registry. `auth` is what the header
 * X-Registry-Auth says (see credentials.h); NULL sends none. `timeout` in
 * nanoseconds is at most the client's.
 */
int zpm_docker_get_for_registry(struct zpm_docker *docker, const char *path, const char *auth,
	int64_t timeout, struct zpm_buf *answer, struct zpm_err *err);
int zpm_docker_post_for_registry(struct zpm_docker *docker, const char *path, const char *body,
	const char *auth, struct zpm_buf *answer, struct zpm_err *err);

/* How many POST, PUT and DELETE requests the Engine has accepted (answered 2xx) from this client. */
unsigned zpm_docker_writes(const struct zpm_docker *docker);

/* `text` as part of a URL's path or query. The caller's, to free(). */
char *zpm_docker_escape(const char *text);

#endif
