/*
 * The client and its pool of curl handles. A handle serves one call at a time
 * and keeps its connection between calls; the pool grows to as many as were
 * ever in flight together. What happens on the wire is request.c.
 */
#include "docker/client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1000000

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void *checked(void *ptr)
{
	if (!ptr) {
		fputs("zpm: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

/* Not undone at the end: another thread may still be inside curl then. */
static void init_curl(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fputs("zpm: libcurl does not start\n", stderr);
		abort();
	}
}

/* "Expect:" without a value keeps curl from waiting for "100 Continue" before a large body. */
static struct curl_slist *make_headers(void)
{
	struct curl_slist *headers = checked(curl_slist_append(NULL, "Content-Type: application/json"));

	return checked(curl_slist_append(headers, "Expect:"));
}

static long milliseconds(int64_t timeout)
{
	if (timeout <= 0)
		timeout = ZPM_DOCKER_TIMEOUT;
	if (timeout < NS_PER_MS)
		return 1; /* 0 would mean no time-out at all */
	return (long)(timeout / NS_PER_MS);
}

int zpm_docker_new(const char *endpoint, int64_t timeout, struct zpm_docker **out, struct zpm_err *err)
{
	struct zpm_docker_endpoint at;
	struct zpm_docker *docker;

	if (zpm_docker_endpoint_parse(endpoint, &at, err) < 0)
		return -1;
	pthread_once(&curl_once, init_curl);
	docker = zpm_alloc(sizeof(*docker));
	docker->at = at;
	docker->timeout_ms = milliseconds(timeout);
	docker->headers = make_headers();
	atomic_init(&docker->writes, 0);
	pthread_mutex_init(&docker->lock, NULL);
	*out = docker;
	return 0;
}

void zpm_docker_free(struct zpm_docker *docker)
{
	if (!docker)
		return;
	for (size_t i = 0; i < docker->idle_count; i++)
		curl_easy_cleanup(docker->idle[i]);
	free(docker->idle);
	zpm_docker_ssh_dispose(docker);
	free(docker->ca);
	free(docker->cert);
	free(docker->key);
	curl_slist_free_all(docker->headers);
	pthread_mutex_destroy(&docker->lock);
	zpm_docker_endpoint_dispose(&docker->at);
	free(docker);
}

/* The last one given back is the first one taken: its connection is the freshest. */
CURL *zpm_docker_take(struct zpm_docker *docker, char prefix[ZPM_DOCKER_PREFIX_SIZE])
{
	CURL *handle = NULL;

	pthread_mutex_lock(&docker->lock);
	memcpy(prefix, docker->prefix, ZPM_DOCKER_PREFIX_SIZE);
	if (docker->idle_count)
		handle = docker->idle[--docker->idle_count];
	pthread_mutex_unlock(&docker->lock);
	return handle ? handle : checked(curl_easy_init());
}

void zpm_docker_give(struct zpm_docker *docker, CURL *handle)
{
	/* Forgets buffers that live on the caller's stack, and keeps the connection. */
	curl_easy_reset(handle);
	pthread_mutex_lock(&docker->lock);
	if (docker->idle_count == docker->idle_size) {
		docker->idle_size = docker->idle_size ? docker->idle_size * 2 : 8;
		docker->idle = zpm_realloc(docker->idle, docker->idle_size * sizeof(*docker->idle));
	}
	docker->idle[docker->idle_count++] = handle;
	pthread_mutex_unlock(&docker->lock);
}

int zpm_docker_get(struct zpm_docker *docker, const char *path, struct zpm_buf *answer, struct zpm_err *err)
{
	struct zpm_docker_request request = { .method = "GET", .path = path, .answer = answer };

	return zpm_docker_request(docker, &request, err);
}

int zpm_docker_post(struct zpm_docker *docker, const char *path, const char *body, struct zpm_buf *answer,
	struct zpm_err *err)
{
	struct zpm_docker_request request = {
		.method = "POST", .path = path, .body = body, .answer = answer
	};

	return zpm_docker_request(docker, &request, err);
}

int zpm_docker_put_archive(
	struct zpm_docker *docker, const char *path, const struct zpm_buf *archive, struct zpm_err *err)
{
	struct zpm_docker_request request = { .method = "PUT", .path = path, .archive = archive };

	return zpm_docker_request(docker, &request, err);
}

int zpm_docker_get_for_registry(struct zpm_docker *docker, const char *path, const char *auth,
	int64_t timeout, struct zpm_buf *answer, struct zpm_err *err)
{
	struct zpm_docker_request request = { .method = "GET", .path = path, .auth = auth, .answer = answer };

	request.timeout_ms = milliseconds(timeout);
	if (request.timeout_ms > docker->timeout_ms)
		request.timeout_ms = docker->timeout_ms;
	return zpm_docker_request(docker, &request, err);
}

int zpm_docker_post_for_registry(struct zpm_docker *docker, const char *path, const char *body,
	const char *auth, struct zpm_buf *answer, struct zpm_err *err)
{
	struct zpm_docker_request request = {
		.method = "POST", .path = path, .body = body, .auth = auth, .answer = answer
	};

	return zpm_docker_request(docker, &request, err);
}

int zpm_docker_delete(struct zpm_docker *docker, const char *path, struct zpm_err *err)
{
	struct zpm_docker_request request = { .method = "DELETE", .path = path };

	return zpm_docker_request(docker, &request, err);
}

void zpm_docker_guard(struct zpm_docker *docker, const struct zpm_guard *guard)
{
	docker->guard = *guard;
}

unsigned zpm_docker_writes(const struct zpm_docker *docker)
{
	return atomic_load(&docker->writes);
}

char *zpm_docker_escape(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	char *escaped = zpm_alloc(strlen(text) * 3 + 1);
	char *end = escaped;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c))) {
			*end++ = (char)c;
		} else {
			*end++ = '%';
			*end++ = hex[c >> 4];
			*end++ = hex[c & 0xf];
		}
	}
	return escaped;
}
