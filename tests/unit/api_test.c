/*
 * An API in this process: what a caller may do with it in which order, and what its parsers make of text. All
 * that is seen from outside is in tests/api.
 */
#include "api/parts.h"
#include "base/clock.h"
#include "base/mac.h"
#include "base/pem.h"

#include <arpa/inet.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define TOKEN                                                                                                \
	"zpm_"                                                                                               \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct fixture {
	pthread_mutex_t lock;
	struct zpm_arena *arena;
	struct zpm_api_section section;
	struct zpm_api_files files;
	struct zpm_api *api;
	struct zpm_api_call *call; /* that waits */
};

static void on_command(void *ctx, const struct zpm_api_command *command, struct zpm_api_call *call)
{
	struct fixture *f = ctx;

	(void)command;
	pthread_mutex_lock(&f->lock);
	f->call = call;
	pthread_mutex_unlock(&f->lock);
}

static struct zpm_api_call *await_call(struct fixture *f)
{
	struct zpm_api_call *call = NULL;

	while (!call) {
		pthread_mutex_lock(&f->lock);
		call = f->call;
		pthread_mutex_unlock(&f->lock);
		sched_yield();
	}
	return call;
}

static int setup(void **state)
{
	struct fixture *f = zpm_alloc(sizeof(*f));
	const struct zpm_api_backend backend = { .command = on_command, .ctx = f };
	struct zpm_api_token *token;
	char hash[ZPM_DIGEST_SIZE];
	struct zpm_err err;

	pthread_mutex_init(&f->lock, NULL);
	f->arena = zpm_arena_new();
	zpm_digest(TOKEN, strlen(TOKEN), hash);
	token = zpm_arena_alloc(f->arena, sizeof(*token));
	*token = (struct zpm_api_token){ .name = "a", .role = "admin" };
	token->hash = zpm_arena_strdup(f->arena, hash);
	zpm_ptrs_push(f->arena, &f->files.tokens.list, token);
	f->section = (struct zpm_api_section){
		.listen = "127.0.0.1:0", .insecure = ZPM_UNSET, .rate_limit = ZPM_UNSET
	};
	*state = f;
	return zpm_api_start(&f->section, &f->files, &backend, &f->api, &err);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	zpm_api_stop(f->api);
	zpm_arena_free(f->arena);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return 0;
}

static int ask(const struct fixture *f, const char *request)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)zpm_api_port(f->api)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

/* All until the end. */
static void read_answer(int fd, char *answer, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len + 1 < size && (got = read(fd, answer + len, size - len - 1)) > 0)
		len += (size_t)got;
	answer[len] = '\0';
	close(fd);
}

#define HEADERS(method, path)                                                                                \
	method " " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " TOKEN "\r\n"
#define RESUME HEADERS("POST", "/resume") "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

static void test_api__serves_what_it_is_shown(void **state)
{
	const struct fixture *f = *state;
	char answer[4096];

	zpm_api_show(f->api, ZPM_API_STATUS, "{\"a\":1}");
	read_answer(ask(f, HEADERS("GET", "/status") "\r\n"), answer, sizeof(answer));
	assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
	assert_string_equal(strstr(answer, "\r\n\r\n") + 4, "{\"a\":1}");
}

static void test_api__answers_what_is_answered_later(void **state)
{
	struct fixture *f = *state;
	int fd = ask(f, RESUME);
	char answer[4096];

	zpm_api_answer(await_call(f), 202, "{\"late\":true}");
	read_answer(fd, answer, sizeof(answer));
	assert_non_null(strstr(answer, "HTTP/1.1 202 Accepted\r\n"));
	assert_non_null(strstr(answer, "{\"late\":true}"));
}

static void test_api__may_be_answered_after_its_end(void **state)
{
	struct fixture *f = *state;
	int fd = ask(f, RESUME);
	struct zpm_api_call *call = await_call(f);
	char answer[4096];

	zpm_api_stop(f->api);
	f->api = NULL;
	zpm_api_answer(call, 200, "{}");
	read_answer(fd, answer, sizeof(answer));
	assert_non_null(strstr(answer, "HTTP/1.1 503 Service Unavailable\r\n"));
}

static void test_api__is_known_under_a_port_of_the_systems_choice(void **state)
{
	const struct fixture *f = *state;

	assert_in_range(zpm_api_port(f->api), 1, 65535);
}

static void test_api__takes_no_token_after_it_is_gone(void **state)
{
	struct fixture *f = *state;
	const struct zpm_api_files none = { 0 };
	struct zpm_err err;
	char answer[4096];

	assert_int_equal(zpm_api_reload(f->api, &none, &err), 0);
	read_answer(ask(f, HEADERS("GET", "/whoami") "\r\n"), answer, sizeof(answer));
	assert_non_null(strstr(answer, "HTTP/1.1 401 "));
}

static void test_stop__of_nothing_is_fine(void **state)
{
	(void)state;
	zpm_api_stop(NULL);
}

static void test_etag__is_found_in_a_list(void **state)
{
	(void)state;
	assert_true(zpm_api_etag_is_in("\"a\"", "\"a\"", true));
	assert_true(zpm_api_etag_is_in("\"b\", \"a\"", "\"a\"", true));
	assert_true(zpm_api_etag_is_in("\"b\",,W/\"a\" ", "\"a\"", false));
	assert_true(zpm_api_etag_is_in("*", "\"a\"", true));
	assert_false(zpm_api_etag_is_in("W/\"a\"", "\"a\"", true));
	assert_false(zpm_api_etag_is_in("\"a", "\"a\"", false));
	assert_false(zpm_api_etag_is_in("\"a\"x", "\"a\"", false));
	assert_false(zpm_api_etag_is_in("W/", "\"a\"", false));
	assert_false(zpm_api_etag_is_in("", "\"a\"", false));
}

static const struct zpm_api_route *route_of(const char *path)
{
	const struct zpm_api_route *route = zpm_api_routes;

	while (strcmp(route->path, path) != 0)
		route++;
	return route;
}

static void test_body__goes_into_the_command(void **state)
{
	const char *text = "{\"serviceName\":\"w\\u00e4b\",\"reason\":\"a b\"}";
	struct zpm_api_command command = { 0 };
	json_object *said;
	char why[256];

	(void)state;
	assert_null(zpm_api_body_parse(
		route_of("/service/stop")->members, text, strlen(text), &command, &said, why));
	assert_string_equal(command.service, "w\xc3\xa4"
					     "b");
	assert_string_equal(command.reason, "a b");
	json_object_put(said);
}

static void assert_wrong(const char *path, const char *text, const char *expected)
{
	struct zpm_api_command command = { 0 };
	json_object *said;
	char why[256];

	assert_string_equal(
		zpm_api_body_parse(route_of(path)->members, text, strlen(text), &command, &said, why),
		expected);
	assert_null(said);
}

static void test_body__that_is_wrong_is_explained(void **state)
{
	(void)state;
	assert_wrong("/resume", "[]", "has to be a JSON object, like {}");
	assert_wrong("/resume", "{\"a\":1}", "takes no member 'a'");
	assert_wrong("/resume", "{\"a\\nb\":1}", "holds a member that it does not take");
	assert_wrong("/service/start", "{}", "'serviceName' is missing");
	assert_wrong("/service/start", "{\"serviceName\":7}", "'serviceName' has to be text");
	assert_wrong("/pause", "{\"reason\":\"\"}", "'reason' has to have 1 to 200 characters");
	assert_wrong("/pause", "{\"reason\":\"\\u0007\"}", "'reason' must not hold control characters");
	assert_wrong(
		"/rollback", "{\"revision\":0}", "'revision' has to be a whole number from 1 to 2147483647");
}

/* RFC 4231, 4.3 */
static void test_mac__is_that_of_the_standard(void **state)
{
	struct zpm_mac *mac = zpm_mac_new("Jefe", 4);
	char digits[ZPM_MAC_SIZE];

	(void)state;
	zpm_mac_add(mac, "what do ya want ", 16);
	zpm_mac_add(mac, "for nothing?", 12);
	zpm_mac_end(mac, digits);
	zpm_mac_free(mac);
	assert_string_equal(digits, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_mac_same__compares_all(void **state)
{
	(void)state;
	assert_true(zpm_mac_same("abc", 3, "abc", 3));
	assert_true(zpm_mac_same("", 0, "", 0));
	assert_false(zpm_mac_same("abc", 3, "abd", 3));
	assert_false(zpm_mac_same("abc", 3, "ab", 2));
}

static void test_pem__without_a_key_has_no_bits(void **state)
{
	const char *none = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";

	(void)state;
	assert_int_equal(zpm_pem_rsa_bits("", 0), 0);
	assert_int_equal(zpm_pem_rsa_bits(none, strlen(none)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_api__serves_what_it_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_api__answers_what_is_answered_later, setup, teardown),
		cmocka_unit_test_setup_teardown(test_api__may_be_answered_after_its_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_api__is_known_under_a_port_of_the_systems_choice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_api__takes_no_token_after_it_is_gone, setup, teardown),
		cmocka_unit_test(test_stop__of_nothing_is_fine),
		cmocka_unit_test(test_etag__is_found_in_a_list),
		cmocka_unit_test(test_body__goes_into_the_command),
		cmocka_unit_test(test_body__that_is_wrong_is_explained),
		cmocka_unit_test(test_mac__is_that_of_the_standard),
		cmocka_unit_test(test_mac_same__compares_all),
		cmocka_unit_test(test_pem__without_a_key_has_no_bits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
