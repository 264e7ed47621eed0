/* An answer read as it comes, without waiting for its end. */
#include "docker/client.h"

#include <string.h>

#define POLL_MS 250
/* The most of a refusal that is read. */
#define MAX_REFUSAL ((size_t)64 * 1024)

struct reader {
	CURL *curl;
	struct zpm_docker_frames frames;
	struct zpm_buf refusal;
	struct zpm_err *err;
	bool failed;
	char detail[CURL_ERROR_SIZE];
};

static long status_of(const struct reader *reader)
{
	long status = 0;

	curl_easy_getinfo(reader->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static size_t receive(char *data, size_t size, size_t count, void *arg)
{
	struct reader *reader = arg;
	size_t len = size * count;

	if (status_of(reader) != 200)
		return zpm_buf_add(&reader->refusal, data, len) ? len : CURL_WRITEFUNC_ERROR;
	reader->failed = zpm_docker_frames_feed(&reader->frames, data, len, reader->err) < 0;
	return reader->failed || reader->frames.enough ? CURL_WRITEFUNC_ERROR : len;
}

/* A signal ends the poll early, so that `stop` is seen at once. */
static CURLcode perform(CURLM *multi, const struct zpm_docker_stream *stream)
{
	int running = 1, left;
	CURLMsg *message;

	while (running && !(stream->stop && *stream->stop)) {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			return CURLE_RECV_ERROR;
		if (stream->tick)
			stream->tick(stream->ctx);
		if (running && curl_multi_poll(multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
			return CURLE_RECV_ERROR;
	}
	message = curl_multi_info_read(multi, &left);
	return message ? message->data.result : CURLE_OK;
}

static void set_options(struct reader *reader, struct zpm_docker *docker, const char *url, bool endless)
{
	zpm_docker_set_connection(reader->curl, docker);
	curl_easy_setopt(reader->curl, CURLOPT_URL, url);
	curl_easy_setopt(reader->curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(reader->curl, CURLOPT_HTTPHEADER, docker->headers);
	curl_easy_setopt(reader->curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(reader->curl, CURLOPT_WRITEDATA, reader);
	curl_easy_setopt(reader->curl, CURLOPT_ERRORBUFFER, reader->detail);
	/* A long stream is fine, a silent one only when it has no end. */
	curl_easy_setopt(reader->curl, CURLOPT_TIMEOUT_MS, 0L);
	if (!endless) {
		curl_easy_setopt(reader->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(reader->curl, CURLOPT_LOW_SPEED_TIME, (docker->timeout_ms + 999) / 1000);
	}
}

static int run(struct reader *reader, struct zpm_docker *docker, const struct zpm_docker_stream *stream)
{
	CURLM *multi = curl_multi_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (multi && curl_multi_add_handle(multi, reader->curl) == CURLM_OK) {
		code = perform(multi, stream);
		curl_multi_remove_handle(multi, reader->curl);
	}
	curl_multi_cleanup(multi);
	if (reader->failed)
		return -1;
	if (reader->frames.enough || (stream->stop && *stream->stop))
		return 0;
	if (status_of(reader) >= 300)
		return zpm_docker_refusal(status_of(reader), &reader->refusal, reader->err);
	return code == CURLE_OK ? 0
				: zpm_docker_explain(docker, reader->curl, reader->detail, code, reader->err);
}

int zpm_docker_get_stream(struct zpm_docker *docker, const char *path, bool endless,
	const struct zpm_docker_stream *stream, struct zpm_err *err)
{
	char prefix[ZPM_DOCKER_PREFIX_SIZE];
	struct reader reader = { .curl = zpm_docker_take(docker, prefix), .err = err };
	ZPM_BUF url = { 0 };
	int result;

	reader.frames.stream = stream;
	reader.refusal.cap = MAX_REFUSAL;
	zpm_buf_puts(&reader.refusal, "");
	zpm_buf_printf(&url, "%s%s%s", docker->at.base, prefix, path);
	set_options(&reader, docker, url.data, endless);
	result = run(&reader, docker, stream);
	zpm_docker_give(docker, reader.curl);
	zpm_buf_dispose(&reader.frames.frame);
	zpm_buf_dispose(&reader.refusal);
	return result;
}
