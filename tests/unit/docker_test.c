/*
 * The Engine client, call by call, against a scripted server. What needs a
 * whole Engine behind the socket is tested in tests/wire/ and tests/live/.
 */
#include "scripted_server.h"

#include "base/text.h"

static int get(struct fixture *f)
{
	return zpm_docker_get(f->docker, "/services", &f->answer, &f->err);
}

/* Making one request. */

static void test_docker_get__success_returns_the_body(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[1,2]"));
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "[1,2]");
	assert_true(zpm_starts_with(heard(f), "GET /services HTTP/1.1\r\n"));
}

static void test_docker_get__chunked_body_is_put_together(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		      "3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n",
			  KEEP));
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "[1,2]");
}

static void test_docker_get__empty_body_is_empty_text(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, ""));
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "");
}

static void test_docker_get__second_answer_replaces_the_first(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[1,2,3]"), ANSWER(200, "[]"));
	assert_int_equal(get(f), 0);
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "[]");
}

static void test_docker_get__calls_share_a_connection(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[]"), ANSWER(404, "{\"message\":\"none\"}"), ANSWER(200, "[]"));
	assert_int_equal(get(f), 0);
	assert_int_equal(get(f), -1);
	assert_int_equal(get(f), 0);
	assert_int_equal(connections(f), 1);
}

static void test_docker_get__connection_closed_between_calls_is_opened_again(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER_AND_CLOSE(200, "[1]"), ANSWER(200, "[2]"));
	assert_int_equal(get(f), 0);
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "[2]");
	assert_int_equal(connections(f), 2);
}

static void test_docker_get__tcp_endpoint_is_reached(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[]"));
	assert_int_equal(get(f), 0);
	assert_string_equal(f->answer.data, "[]");
}

static void test_docker_get__proxy_of_the_environment_is_not_used(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[]"));
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(get(f), 0);
	unsetenv("http_proxy");
}

static void test_docker_post__body_is_sent_as_json(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(201, "{\"ID\":\"x\"}"));
	assert_int_equal(
		zpm_docker_post(f->docker, "/services/create", "{\"Name\":\"a\"}", &f->answer, &f->err), 0);
	assert_string_equal(f->answer.data, "{\"ID\":\"x\"}");
	assert_true(zpm_starts_with(heard(f), "POST /services/create HTTP/1.1\r\n"));
	assert_contains(heard(f), "\r\nContent-Type: application/json\r\n");
	assert_contains(heard(f), "\r\n\r\n{\"Name\":\"a\"}");
}

static void test_docker_post__no_body_is_an_empty_one(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, ""));
	assert_int_equal(zpm_docker_post(f->docker, "/swarm/leave", NULL, NULL, &f->err), 0);
	assert_contains(heard(f), "\r\nContent-Length: 0\r\n");
}

static void test_docker_post__large_body_is_sent_at_once(void **state)
{
	struct fixture *f = *state;
	ZPM_BUF body = { 0 };

	while (body.len < 2 * 1024 * 1024)
		zpm_buf_puts(&body, "0123456789abcdef");
	SCRIPT(f, ANSWER(201, "{}"));
	assert_int_equal(zpm_docker_post(f->docker, "/configs/create", body.data, NULL, &f->err), 0);
	assert_null(strcasestr(heard(f), "Expect:"));
	assert_contains(heard(f), body.data);
}

static void test_docker_delete__sends_delete(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(204, ""));
	assert_int_equal(zpm_docker_delete(f->docker, "/networks/n", &f->err), 0);
	assert_true(zpm_starts_with(heard(f), "DELETE /networks/n HTTP/1.1\r\n"));
}

static void test_docker_writes__only_accepted_writes_count(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "[]"), ANSWER(201, "{}"), ANSWER(409, "{}"), ANSWER(204, ""),
		ANSWER(500, "{}"));
	zpm_docker_get(f->docker, "/volumes", NULL, &f->err);
	assert_int_equal(zpm_docker_writes(f->docker), 0);
	zpm_docker_post(f->docker, "/volumes/create", "{}", NULL, &f->err);
	zpm_docker_post(f->docker, "/volumes/create", "{}", NULL, &f->err);
	assert_int_equal(zpm_docker_writes(f->docker), 1);
	zpm_docker_delete(f->docker, "/volumes/v", &f->err);
	zpm_docker_delete(f->docker, "/volumes/v", &f->err);
	assert_int_equal(zpm_docker_writes(f->docker), 2);
}

static void test_docker_writes__accepted_write_with_a_lost_answer_counts(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{", CLOSE));
	assert_int_equal(zpm_docker_post(f->docker, "/volumes/create", "{}", NULL, &f->err), -1);
	assert_int_equal(zpm_docker_writes(f->docker), 1);
}

/* What the Engine refuses. */

static void test_docker_get__status_and_message_decide_the_code(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum zpm_code code;
		const char *msg;
	} cases[] = {
		{ 400, "{\"message\":\"bad filter\"}", ZPM_EFAILED, "the Engine answered 400: bad filter" },
		{ 403, "{\"message\":\"no\"}", ZPM_EFAILED, "the Engine answered 403: no" },
		{ 404, "{\"message\":\"service a not found\"}", ZPM_ENOTFOUND,
			"the Engine answered 404: service a not found" },
		{ 409, "{\"message\":\"exists\"}", ZPM_ECONFLICT, "the Engine answered 409: exists" },
		{ 500, "{\"message\":\"rpc error: code = Unknown desc = update out of sequence\"}",
			ZPM_ECONFLICT, "the Engine answered 500: update out of sequence" },
		{ 500, "{\"message\":\"disk full\"}", ZPM_EUNAVAIL, "the Engine answered 500: disk full" },
		{ 501, "{\"message\":\"renaming services is not supported\"}", ZPM_EFAILED,
			"the Engine answered 501: renaming services is not supported" },
		{ 503, "{\"message\":\"not a manager\"}", ZPM_EUNAVAIL,
			"the Engine answered 503: not a manager" },
		{ 400, "client version 1.9 is too old\n", ZPM_EFAILED,
			"the Engine answered 400: client version 1.9 is too old" },
		{ 500, "", ZPM_EUNAVAIL, "the Engine answered 500 without saying why" },
		{ 500, "{\"message\":7}", ZPM_EUNAVAIL, "the Engine answered 500: {\"message\":7}" },
		{ 302, "", ZPM_EFAILED, "the Engine answered 302" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(cases); i++) {
		SCRIPT(f, ANSWER(cases[i].status, cases[i].body));
		assert_error(f, get(f), cases[i].code, cases[i].msg);
	}
}

static void test_docker_get__redirect_is_not_followed(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", KEEP),
		ANSWER(200, "[]"));
	assert_error(f, get(f), ZPM_EFAILED, "the Engine answered 301");
	assert_null(strstr(heard(f), "elsewhere"));
}

static void test_docker_get__control_characters_of_a_message_are_replaced(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(500, "{\"message\":\"a\\u001b[2Jb\\nc\\u009bd \xc3\xa9\xff\"}"));
	assert_error(f, get(f), ZPM_EUNAVAIL, "the Engine answered 500: a?[2Jb c??d \xc3\xa9");
	assert_int_equal(zpm_utf8_valid_len(f->err.msg, strlen(f->err.msg)), strlen(f->err.msg));
}

static void test_docker_get__long_message_is_cut_off_between_characters(void **state)
{
	struct fixture *f = *state;
	ZPM_BUF body = { 0 };

	zpm_buf_puts(&body, "{\"message\":\"");
	for (int i = 0; i < 100000; i++)
		zpm_buf_puts(&body, "\xe2\x82\xac");
	zpm_buf_puts(&body, "\"}");
	SCRIPT(f, ANSWER(500, body.data));
	assert_error(f, get(f), ZPM_EUNAVAIL, "\xe2\x82\xac...");
	assert_true(strlen(f->err.msg) < 400);
	assert_int_equal(zpm_utf8_valid_len(f->err.msg, strlen(f->err.msg)), strlen(f->err.msg));
}

/* What goes wrong before there is an answer, or in the middle of it. */

static void test_docker_get__garbage_is_failed(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("SSH-2.0-OpenSSH_9.2p1\r\n", CLOSE));
	assert_error(f, get(f), ZPM_EFAILED, "does not speak HTTP");
	assert_contains(f->err.msg, f->endpoint);
}

static void test_docker_get__server_closes_early_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1,", CLOSE));
	assert_error(f, get(f), ZPM_EUNAVAIL, "broke off its answer");
	assert_contains(f->err.msg, f->endpoint);
}

static void test_docker_get__server_closes_inside_a_chunk_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n[1,", CLOSE));
	assert_error(f, get(f), ZPM_EUNAVAIL, "broke off its answer");
}

static void test_docker_get__malformed_chunk_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", KEEP));
	assert_error(f, get(f), ZPM_EUNAVAIL, "broke off its answer");
}

static void test_docker_get__server_closes_without_an_answer_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("", CLOSE));
	assert_error(f, get(f), ZPM_EUNAVAIL, "broke off its answer");
}

static void test_docker_get__hanging_server_is_unavailable_after_the_timeout(void **state)
{
	struct fixture *f = *state;
	int64_t start = zpm_clock_now();

	zpm_docker_free(f->docker);
	assert_int_equal(zpm_docker_new(f->endpoint, 200 * ZPM_MS, &f->docker, &f->err), 0);
	SCRIPT(f, RAW("", HANG));
	assert_error(f, get(f), ZPM_EUNAVAIL, "did not answer within 200ms");
	assert_contains(f->err.msg, f->endpoint);
	assert_true(zpm_clock_now() - start >= 200 * ZPM_MS);
	assert_true(zpm_clock_now() - start < PATIENCE / 2);
}

static void test_docker_get__answer_announced_as_too_long_is_refused(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, RAW("HTTP/1.1 200 OK\r\nContent-Length: 268435457\r\n\r\n[", KEEP));
	assert_error(f, get(f), ZPM_EFAILED, "more than 268435456 bytes");
}

static void test_docker_get__answer_beyond_the_callers_cap_is_refused(void **state)
{
	struct fixture *f = *state;

	f->answer.cap = 4;
	SCRIPT(f, ANSWER(200, "[]"), ANSWER(200, "[1,2]"));
	assert_int_equal(get(f), 0);
	assert_error(f, get(f), ZPM_EFAILED, "more than 4 bytes");
}

static void test_docker_get__missing_socket_is_unavailable(void **state)
{
	struct fixture *f = *state;
	struct zpm_docker *docker;

	assert_int_equal(zpm_docker_new("unix:///nowhere/docker.sock", 0, &docker, &f->err), 0);
	assert_error(f, zpm_docker_get(docker, "/info", NULL, &f->err), ZPM_EUNAVAIL,
		"cannot reach the Docker Engine at unix:///nowhere/docker.sock: no such file or directory; "
		"is dockerd running?");
	zpm_docker_free(docker);
}

static void test_docker_get__nobody_listening_is_unavailable(void **state)
{
	struct fixture *f = *state;

	stop_listening(f);
	assert_error(f, get(f), ZPM_EUNAVAIL, "connection refused; is dockerd running");
	assert_contains(f->err.msg, f->endpoint);
}

/* Without a server. */

static void test_docker_new__bad_endpoint_is_invalid(void **state)
{
	static const char *const endpoints[] = { "", "docker.sock", "/var/run/docker.sock", "unix://",
		"unix:///", "unix://docker.sock", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0",
		"tcp://host:65536", "tcp://host:99999999999999999999", "tcp://host:2375/x", "tcp://:2375",
		"tcp://a b:1", "tcp://user@host:1", "tcp://[::1:1", "tcp://[]:1", "https://host:1",
		"http://host", "ssh://", "ssh://-oProxyCommand=x", "ssh://-x@host", "ssh://a@-x", "ssh://a@",
		"ssh://@host", "ssh://a:b@host", "ssh://host:0", "ssh://host/x", "ssh://a b", "ssh://a@b@c" };
	struct zpm_docker *docker = NULL;
	struct zpm_err err;

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(endpoints); i++) {
		err = (struct zpm_err){ 0 };
		if (zpm_docker_new(endpoints[i], 0, &docker, &err) != -1 || err.code != ZPM_EINVALID)
			fail_msg("'%s' was accepted", endpoints[i]);
		assert_contains(err.msg, "://"); /* what it should look like */
		assert_contains(err.msg, endpoints[i]);
	}
	assert_null(docker);
}

static void test_docker_new__socket_path_too_long_for_the_system_is_invalid(void **state)
{
	char endpoint[256] = "unix:///";
	struct zpm_docker *docker = NULL;
	struct zpm_err err = { 0 };

	(void)state;
	memset(endpoint + strlen(endpoint), 'x', 107);
	assert_int_equal(zpm_docker_new(endpoint, 0, &docker, &err), -1);
	assert_int_equal(err.code, ZPM_EINVALID);
	assert_contains(err.msg, "longer than 107 characters");
}

static void test_docker_new__good_endpoint_is_taken_without_connecting(void **state)
{
	static const char *const endpoints[] = { "unix:///var/run/docker.sock", "tcp://127.0.0.1:2375",
		"tcp://manager-1.example.net:1", "tcp://[::1]:65535", "ssh://manager-1",
		"ssh://me@manager-1:22", "ssh://[::1]:22" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(endpoints); i++) {
		struct zpm_docker *docker = NULL;
		struct zpm_err err = { 0 };

		assert_int_equal(zpm_docker_new(endpoints[i], 0, &docker, &err), 0);
		zpm_docker_free(docker);
	}
}

static void test_docker_free__null_is_legal(void **state)
{
	(void)state;
	zpm_docker_free(NULL);
}

static void test_docker_escape__keeps_only_what_a_url_takes_anywhere(void **state)
{
	ZPM_FREE char *escaped = zpm_docker_escape("aZ0-._~ /?&=%+\"{\xc3\xa9");
	ZPM_FREE char *empty = zpm_docker_escape("");

	(void)state;
	assert_string_equal(escaped, "aZ0-._~%20%2F%3F%26%3D%25%2B%22%7B%C3%A9");
	assert_string_equal(empty, "");
}

/* Many threads. */

enum { THREADS = 8, CALLS = 50 };

static void *call_often(void *arg)
{
	struct fixture *f = arg;
	ZPM_BUF answer = { 0 };
	intptr_t good = 0;

	for (int i = 0; i < CALLS; i++) {
		struct zpm_err err = { 0 };

		good += zpm_docker_get(f->docker, "/services", &answer, &err) == 0 &&
			!strcmp(answer.data, "[1]");
		good += zpm_docker_post(f->docker, "/services/create", "{}", &answer, &err) == 0;
	}
	return (void *)good;
}

static void test_docker__threads_call_at_once_on_at_most_one_connection_each(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];
	intptr_t good = 0;

	SCRIPT(f, ANSWER(200, "[1]"));
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_often, f), 0);
	for (int i = 0; i < THREADS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		good += (intptr_t)result;
	}
	assert_int_equal(good, 2 * THREADS * CALLS);
	assert_int_equal(zpm_docker_writes(f->docker), THREADS * CALLS);
	assert_in_range(connections(f), 1, THREADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_UNIX(test_docker_get__success_returns_the_body),
		ON_UNIX(test_docker_get__chunked_body_is_put_together),
		ON_UNIX(test_docker_get__empty_body_is_empty_text),
		ON_UNIX(test_docker_get__second_answer_replaces_the_first),
		ON_UNIX(test_docker_get__calls_share_a_connection),
		ON_UNIX(test_docker_get__connection_closed_between_calls_is_opened_again),
		ON_TCP(test_docker_get__tcp_endpoint_is_reached),
		ON_TCP(test_docker_get__proxy_of_the_environment_is_not_used),
		ON_UNIX(test_docker_post__body_is_sent_as_json),
		ON_UNIX(test_docker_post__no_body_is_an_empty_one),
		ON_UNIX(test_docker_post__large_body_is_sent_at_once),
		ON_UNIX(test_docker_delete__sends_delete),
		ON_UNIX(test_docker_writes__only_accepted_writes_count),
		ON_UNIX(test_docker_writes__accepted_write_with_a_lost_answer_counts),
		ON_UNIX(test_docker_get__status_and_message_decide_the_code),
		ON_UNIX(test_docker_get__redirect_is_not_followed),
		ON_UNIX(test_docker_get__control_characters_of_a_message_are_replaced),
		ON_UNIX(test_docker_get__long_message_is_cut_off_between_characters),
		ON_UNIX(test_docker_get__garbage_is_failed),
		ON_UNIX(test_docker_get__server_closes_early_is_unavailable),
		ON_UNIX(test_docker_get__server_closes_inside_a_chunk_is_unavailable),
		ON_UNIX(test_docker_get__malformed_chunk_is_unavailable),
		ON_UNIX(test_docker_get__server_closes_without_an_answer_is_unavailable),
		ON_UNIX(test_docker_get__hanging_server_is_unavailable_after_the_timeout),
		ON_UNIX(test_docker_get__answer_announced_as_too_long_is_refused),
		ON_UNIX(test_docker_get__answer_beyond_the_callers_cap_is_refused),
		ON_UNIX(test_docker_get__missing_socket_is_unavailable),
		ON_UNIX(test_docker_get__nobody_listening_is_unavailable),
		ON_TCP(test_docker_get__nobody_listening_is_unavailable),
		cmocka_unit_test(test_docker_new__bad_endpoint_is_invalid),
		cmocka_unit_test(test_docker_new__socket_path_too_long_for_the_system_is_invalid),
		cmocka_unit_test(test_docker_new__good_endpoint_is_taken_without_connecting),
		cmocka_unit_test(test_docker_free__null_is_legal),
		cmocka_unit_test(test_docker_escape__keeps_only_what_a_url_takes_anywhere),
		ON_UNIX(test_docker__threads_call_at_once_on_at_most_one_connection_each),
	};

	return cmocka_run_group_tests_name("docker", tests, NULL, NULL);
}
