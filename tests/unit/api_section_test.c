/* The section `api`: where to listen, who could ask, and which times and names there are. */
#include "base/clock.h"
#include "manifest_case.h"
#include "model/api.h"

#define API HEAD "api:\n"

static void assert_accepted(const char *text)
{
	zpm_manifest_free(accept_text(text));
}

static void test_api__listens_to_this_machine_by_itself(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(API "  tokens: t\n");
	union zpm_api_address address;

	(void)state;
	assert_null(manifest->platform->api->listen);
	assert_true(zpm_api_listen_parse("127.0.0.1:8443", &address));
	assert_true(zpm_api_address_is_loopback(&address));
	assert_int_equal(ntohs(address.v4.sin_port), 8443);
}

static void test_api__knows_what_others_can_reach(void **state)
{
	static const char *const here[] = { "localhost:0", "127.1.2.3:1", "[::1]:65535",
		"[::ffff:127.0.0.1]:1" };
	static const char *const there[] = { "0.0.0.0:1", "[::]:1", "10.0.0.1:80", "[::ffff:10.0.0.1]:1",
		"[2001:db8::1]:1" };
	union zpm_api_address address;

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(here); i++) {
		assert_true(zpm_api_listen_parse(here[i], &address));
		assert_true(zpm_api_address_is_loopback(&address));
	}
	for (size_t i = 0; i < ZPM_COUNT(there); i++) {
		assert_true(zpm_api_listen_parse(there[i], &address));
		assert_false(zpm_api_address_is_loopback(&address));
	}
}

static void test_api__refuses_what_is_no_address(void **state)
{
	static const char *const none[] = { "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
		"127.0.0.1:-1", "127.0.0.1:x", "::1:80", "[::1]", "[::1]80", "[127.0.0.1]:80",
		"example.net:80", "127.0.0.1:080000", "256.0.0.1:1", "[]:1", "[:1", "]:1", "1:1" };
	union zpm_api_address address;

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(none); i++)
		assert_false(zpm_api_listen_parse(none[i], &address));
}

static void test_api__without_anybody_who_could_ask_is_refused(void **state)
{
	(void)state;
	assert_rejected(API "  listen: 127.0.0.1:1\n",
		"3:1: api: nobody could ask: it needs a file of 'tokens', or 'jwt'");
	assert_accepted(API "  jwt: { secret: s }\n");
}

static void test_api__that_others_can_reach_needs_tls(void **state)
{
	(void)state;
	assert_rejected(API "  listen: 0.0.0.0:1\n  tokens: t\n",
		"4:11: api.listen: '0.0.0.0:1' can be reached from other machines, and without TLS everybody "
		"on the way can read the tokens; add 'tls', listen at 127.0.0.1, or say 'insecure: true'");
	assert_accepted(API "  listen: 0.0.0.0:1\n  tokens: t\n  insecure: true\n");
	assert_accepted(API "  listen: 0.0.0.0:1\n  tokens: t\n  tls: { cert: c, key: k }\n");
}

static void test_api__takes_one_key_of_jwts(void **state)
{
	(void)state;
	assert_rejected(API "  jwt: { publicKey: p, secret: s }\n",
		"4:32: api.jwt.secret: publicKey and secret exclude each other");
	assert_rejected(API "  jwt: { issuer: i }\n", "4:3: api.jwt: 'publicKey' or 'secret' is missing");
}

static void test_api__port_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_rejected(API "  listen: 127.0.0.1:70000\n  tokens: t\n",
		"4:11: api.listen: expected an address and a port, like '127.0.0.1:8443' or '[::1]:8443', "
		"got "
		"'127.0.0.1:70000'");
}

static void test_api_role__has_a_name(void **state)
{
	(void)state;
	assert_int_equal(zpm_api_role_parse("viewer"), ZPM_API_VIEWER);
	assert_int_equal(zpm_api_role_parse("admin"), ZPM_API_ADMIN);
	assert_int_equal(zpm_api_role_parse("nobody"), ZPM_API_NOBODY);
	assert_int_equal(zpm_api_role_parse("Admin"), ZPM_API_NOBODY);
	assert_int_equal(zpm_api_role_parse(""), ZPM_API_NOBODY);
}

static void test_time_parse__reads_what_time_text_writes(void **state)
{
	char text[ZPM_TIME_SIZE];
	int64_t wall;

	(void)state;
	assert_true(zpm_time_parse("2026-03-01T12:34:56Z", &wall));
	zpm_time_text(wall, text);
	assert_string_equal(text, "2026-03-01T12:34:56Z");
	assert_true(zpm_time_parse("2028-02-29", &wall));
	zpm_time_text(wall, text);
	assert_string_equal(text, "2028-02-29T00:00:00Z");
}

static void test_time_parse__refuses_what_no_calendar_has(void **state)
{
	static const char *const none[] = { "", "tomorrow", "2026-02-29", "2026-13-01", "2026-1-1",
		"2026-01-01x", "2026-01-01T", "2026-01-01T24:00:01Z", "2026-01-01T12:00:00",
		"2026-01-01 12:00:00Z", " 2026-01-01", "2026-01-01T12:00:00Z " };
	int64_t wall;

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(none); i++)
		assert_false(zpm_time_parse(none[i], &wall));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_api__listens_to_this_machine_by_itself),
		cmocka_unit_test(test_api__knows_what_others_can_reach),
		cmocka_unit_test(test_api__refuses_what_is_no_address),
		cmocka_unit_test(test_api__without_anybody_who_could_ask_is_refused),
		cmocka_unit_test(test_api__that_others_can_reach_needs_tls),
		cmocka_unit_test(test_api__takes_one_key_of_jwts),
		cmocka_unit_test(test_api__port_that_is_none_is_refused),
		cmocka_unit_test(test_api_role__has_a_name),
		cmocka_unit_test(test_time_parse__reads_what_time_text_writes),
		cmocka_unit_test(test_time_parse__refuses_what_no_calendar_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
