/*
 * One request on the wire, and what curl says when it does not get through,
 * in words that name the Engine and what to do. What the Engine itself
 * answers is judged in answer.c.
 */
#include "docker/client.h"

#include "base/clock.h"
#include "base/metrics.h"
#include "base/text.h"
#include "base/vault.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 5000L
#define READ_SIZE          (128L * 1024)

/* A transfer in flight: what the write callback and the error texts need. */
struct transfer {
	struct zpm_docker *docker;
	CURL *curl;
	struct zpm_buf *answer;
	struct curl_slist *headers; /* of its own; NULL: the client's */
	long timeout_ms;
	bool too_long;
	char detail[CURL_ERROR_SIZE];
};

static size_t receive(char *data, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct zpm_buf *answer = transfer->answer;
	size_t len = size * count;

	if (answer->len + len > ZPM_DOCKER_MAX_ANSWER || !zpm_buf_add(answer, data, len)) {
		transfer->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	return len;
}

void zpm_docker_set_connection(CURL *curl, struct zpm_docker *docker)
{
	long connect_ms = docker->timeout_ms < CONNECT_TIMEOUT_MS ? docker->timeout_ms : CONNECT_TIMEOUT_MS;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, docker->tls ? "https" : "http");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, docker->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, READ_SIZE);
	if (docker->at.socket)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, docker->at.socket);
	else if (docker->at.ssh.host)
		zpm_docker_ssh_set(curl, docker);
	else if (docker->tls)
		zpm_docker_tls_set(curl, docker);
}

static void set_request(
	const struct transfer *transfer, const struct zpm_docker_request *request, const char *url)
{
	CURL *curl = transfer->curl;
	struct curl_slist *headers = transfer->headers;
	const char *body = request->body ? request->body : "";

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, transfer->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers ? headers : transfer->docker->headers);
	if (!strcmp(request->method, "POST")) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		return;
	}
	if (request->archive) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->archive->len);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->archive->data);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_answer(struct transfer *transfer)
{
	curl_easy_setopt(transfer->curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(transfer->curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(transfer->curl, CURLOPT_ERRORBUFFER, transfer->detail);
	/* Where the length is announced, not a byte of it is read. */
	curl_easy_setopt(transfer->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ZPM_DOCKER_MAX_ANSWER);
}

static int no_connection(const struct transfer *transfer, struct zpm_err *err)
{
	const struct zpm_docker_endpoint *at = &transfer->docker->at;
	char text[128], why[CURL_ERROR_SIZE];
	const char *hint;
	long number = 0;

	curl_easy_getinfo(transfer->curl, CURLINFO_OS_ERRNO, &number);
	snprintf(why, sizeof(why), "%s",
		number ? strerror_r((int)number, text, sizeof(text)) : transfer->detail);
	why[0] = (char)tolower((unsigned char)why[0]);
	if (number == EACCES)
		hint = "run zpm as root, or as a user of the socket's group (usually 'docker')";
	else if (number == ENOENT)
		hint = "is dockerd running? If its socket is elsewhere, say so with --engine";
	else if (at->socket)
		hint = "is dockerd running, and may this user open the socket?";
	else
		hint = "is dockerd running, and does it listen there?";
	return zpm_err_set(
		err, ZPM_EUNAVAIL, "cannot reach the Docker Engine at %s: %s; %s", at->name, why, hint);
}

/* Its own words are about the reason; curl's only say that the connection is gone. */
static int ssh_failed(const struct transfer *transfer, const char *detail, struct zpm_err *err)
{
	char said[ZPM_DOCKER_QUOTE_SIZE];

	zpm_docker_ssh_said(transfer->docker, said);
	return zpm_err_set(err, ZPM_EUNAVAIL,
		"cannot reach the Docker Engine at %s: %s; does 'ssh HOST docker version' work there without "
		"a question asked?",
		transfer->docker->at.name, said[0] ? said : detail);
}

static int timed_out(const struct transfer *transfer, struct zpm_err *err)
{
	long ms = transfer->timeout_ms;
	double started = 0;
	char limit[32];

	curl_easy_getinfo(transfer->curl, CURLINFO_PRETRANSFER_TIME, &started);
	if (started <= 0 && ms > CONNECT_TIMEOUT_MS)
		ms = CONNECT_TIMEOUT_MS;
	if (ms % 1000)
		snprintf(limit, sizeof(limit), "%ldms", ms);
	else
		snprintf(limit, sizeof(limit), "%lds", ms / 1000);
	if (transfer->timeout_ms < transfer->docker->timeout_ms)
		return zpm_err_set(err, ZPM_EUNAVAIL, "the Docker Engine at %s did not answer within %s",
			transfer->docker->at.name, limit);
	return zpm_err_set(err, ZPM_EUNAVAIL,
		"the Docker Engine at %s did not answer within %s; if it is only slow, raise engine.timeout, "
		"otherwise look at dockerd's log",
		transfer->docker->at.name, limit);
}

static int answer_too_long(const struct transfer *transfer, struct zpm_err *err)
{
	size_t cap = transfer->answer->cap;

	if (!cap || cap > ZPM_DOCKER_MAX_ANSWER)
		cap = ZPM_DOCKER_MAX_ANSWER;
	return zpm_err_set(err, ZPM_EFAILED,
		"the Docker Engine at %s sent an answer of more than %zu bytes; refused",
		transfer->docker->at.name, cap);
}

static int explain(const struct transfer *transfer, CURLcode code, struct zpm_err *err)
{
	const char *name = transfer->docker->at.name;
	const char *detail = transfer->detail[0] ? transfer->detail : curl_easy_strerror(code);

	if (transfer->docker->tls && zpm_docker_tls_explain(transfer->docker, code, detail, err))
		return -1;
	switch (code) {
	case CURLE_COULDNT_CONNECT:
		if (transfer->docker->at.ssh.host)
			return ssh_failed(transfer, detail, err);
		return no_connection(transfer, err);
	case CURLE_COULDNT_RESOLVE_HOST:
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"cannot reach the Docker Engine at %s: its host name is not known here; check "
			"--engine and the name service",
			name);
	case CURLE_OPERATION_TIMEDOUT:
		return timed_out(transfer, err);
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		if (transfer->docker->at.ssh.host)
			return ssh_failed(transfer, detail, err);
		return zpm_err_set(err, ZPM_EUNAVAIL,
			"the Docker Engine at %s broke off its answer (%s); is dockerd being restarted? "
			"Try again",
			name, detail);
	case CURLE_UNSUPPORTED_PROTOCOL: /* how curl names a first line that is not HTTP/1 */
	case CURLE_WEIRD_SERVER_REPLY:
		return zpm_err_set(err, ZPM_EFAILED,
			"what answers at %s does not speak HTTP, so it is no Docker Engine; check --engine",
			name);
	default:
		return zpm_err_set(
			err, ZPM_EFAILED, "the call to the Docker Engine at %s failed: %s", name, detail);
	}
}

int zpm_docker_explain(
	struct zpm_docker *docker, CURL *curl, const char *detail, CURLcode code, struct zpm_err *err)
{
	struct zpm_buf none = { 0 };
	struct transfer transfer = { .docker = docker, .curl = curl, .answer = &none };

	snprintf(transfer.detail, sizeof(transfer.detail), "%s", detail);
	return explain(&transfer, code, err);
}

static int finish(struct zpm_docker_request *request, struct transfer *transfer, struct zpm_docker *docker,
	struct zpm_err *err)
{
	int64_t began = zpm_clock_now();
	CURLcode code = curl_easy_perform(transfer->curl);
	bool accepted;

	zpm_timing_add(ZPM_TIMING_ENGINE_CALL, zpm_clock_now() - began);
	zpm_metric_add(ZPM_METRIC_ENGINE_CALLS, 1);
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &request->status);
	accepted = request->status >= 200 && request->status < 300;
	/* Accepted is accepted, even if the rest of the answer got lost. */
	if (accepted && strcmp(request->method, "GET"))
		atomic_fetch_add(&docker->writes, 1);
	if (!accepted || code != CURLE_OK)
		zpm_metric_add(ZPM_METRIC_ENGINE_FAILURES, 1);
	if (transfer->too_long || code == CURLE_FILESIZE_EXCEEDED)
		return answer_too_long(transfer, err);
	if (code != CURLE_OK)
		return explain(transfer, code, err);
	return accepted ? 0 : zpm_docker_refusal(request->status, transfer->answer, err);
}

static void add_header(struct curl_slist **headers, const char *text)
{
	struct curl_slist *longer = curl_slist_append(*headers, text);

	if (!longer) {
		fputs("zpm: out of memory\n", stderr);
		abort();
	}
	*headers = longer;
}

static void add_secret_header(struct curl_slist **headers, const char *auth)
{
	static const char name[] = "X-Registry-Auth: ";
	struct zpm_vault *vault = zpm_vault_new();
	size_t size = sizeof(name) + strlen(auth);
	char *header = zpm_vault_alloc(vault, size);

	snprintf(header, size, "%s%s", name, auth);
	add_header(headers, header);
	zpm_vault_free(vault);
}

/* The client's headers, and what only this request has. NULL when that is nothing. */
static struct curl_slist *make_headers(
	const struct zpm_docker *docker, const struct zpm_docker_request *request)
{
	struct curl_slist *headers = NULL;

	if (!request->auth && !request->archive)
		return NULL;
	for (const struct curl_slist *item = docker->headers; item; item = item->next)
		if (!request->archive || !zpm_starts_with(item->data, "Content-Type:"))
			add_header(&headers, item->data);
	if (request->archive)
		add_header(&headers, "Content-Type: application/x-tar");
	if (request->auth)
		add_secret_header(&headers, request->auth);
	return headers;
}

static void free_headers(struct curl_slist *headers)
{
	for (struct curl_slist *item = headers; item; item = item->next)
		explicit_bzero(item->data, strlen(item->data));
	curl_slist_free_all(headers);
}

static int perform(struct zpm_docker *docker, struct zpm_docker_request *request, struct zpm_err *err)
{
	ZPM_BUF unwanted = { 0 };
	ZPM_BUF url = { 0 };
	char prefix[ZPM_DOCKER_PREFIX_SIZE];
	struct transfer transfer = {
		.docker = docker,
		.curl = zpm_docker_take(docker, prefix),
		.answer = request->answer ? request->answer : &unwanted,
		.headers = make_headers(docker, request),
		.timeout_ms = request->timeout_ms ? request->timeout_ms : docker->timeout_ms,
	};
	int result;

	zpm_buf_printf(
		&url, "%s%s%s", docker->at.base, request->prefix ? request->prefix : prefix, request->path);
	zpm_buf_clear(transfer.answer);
	zpm_buf_puts(transfer.answer, ""); /* an empty answer is "", not NULL */
	zpm_docker_set_connection(transfer.curl, docker);
	set_request(&transfer, request, url.data);
	set_answer(&transfer);
	result = finish(request, &transfer, docker, err);
	zpm_docker_give(docker, transfer.curl);
	free_headers(transfer.headers);
	return result;
}

int zpm_docker_request(struct zpm_docker *docker, struct zpm_docker_request *request, struct zpm_err *err)
{
	const struct zpm_guard *guard = &docker->guard;

	if (guard->may_write && strcmp(request->method, "GET") != 0 && guard->may_write(guard->ctx, err) < 0)
		return -1;
	return perform(docker, request, err);
}
