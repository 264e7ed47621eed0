/* How much one address may ask, by a clock of the test's own. */
#include "api/limit.h"
#include "base/base.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define RATE 10

static int setup(void **state)
{
	*state = zpm_api_limiter_new(RATE);
	return 0;
}

static int teardown(void **state)
{
	zpm_api_limiter_free(*state);
	return 0;
}

static unsigned ask(struct zpm_api_limiter *limiter, uint64_t key, unsigned times, int64_t now)
{
	unsigned granted = 0;

	for (unsigned i = 0; i < times; i++)
		granted += zpm_api_limiter_ask(limiter, key, now) == 0;
	return granted;
}

static void test_limiter__takes_twice_the_rate_at_once(void **state)
{
	assert_int_equal(ask(*state, 1, 100, ZPM_S), 2 * RATE);
	assert_int_equal(zpm_api_limiter_ask(*state, 1, ZPM_S), 1);
}

static void test_limiter__takes_the_rate_for_ever(void **state)
{
	unsigned granted = ask(*state, 1, 100, ZPM_S);

	for (int64_t second = 2; second < 60; second++)
		granted += ask(*state, 1, 100, second * ZPM_S);
	assert_int_equal(granted, 2 * RATE + 58 * RATE);
}

static void test_limiter__is_as_full_after_an_hour_as_after_two_seconds(void **state)
{
	ask(*state, 1, 100, ZPM_S);
	assert_int_equal(ask(*state, 1, 100, 3600 * ZPM_S), 2 * RATE);
}

static void test_limiter__tells_addresses_apart(void **state)
{
	ask(*state, 1, 100, ZPM_S);
	assert_int_equal(ask(*state, 2, 100, ZPM_S), 2 * RATE);
}

static void test_limiter__outlives_very_many_addresses(void **state)
{
	for (uint64_t key = 1; key < 200000; key++)
		assert_int_equal(zpm_api_limiter_ask(*state, key, (int64_t)key), 0);
}

static void test_limiter__survives_a_clock_that_stands_still(void **state)
{
	assert_int_equal(ask(*state, 1, 100, 0), 2 * RATE);
	assert_int_equal(ask(*state, 1, 100, 0), 0);
}

static void test_failures__lock_after_ten(void **state)
{
	for (int i = 0; i < 10; i++) {
		assert_int_equal(zpm_api_limiter_locked(*state, 1, ZPM_S), 0);
		zpm_api_limiter_fail(*state, 1, ZPM_S);
	}
	assert_int_equal(zpm_api_limiter_locked(*state, 1, ZPM_S), 6);
	assert_int_equal(zpm_api_limiter_locked(*state, 1, 4 * ZPM_S), 3);
	assert_int_equal(zpm_api_limiter_locked(*state, 1, 7 * ZPM_S), 0);
	zpm_api_limiter_fail(*state, 1, 7 * ZPM_S);
	assert_int_equal(zpm_api_limiter_locked(*state, 1, 7 * ZPM_S), 6);
	assert_int_equal(zpm_api_limiter_locked(*state, 2, 7 * ZPM_S), 0);
}

static uint64_t key_of(const char *text)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return zpm_api_limiter_key((const struct sockaddr *)(const void *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return zpm_api_limiter_key((const struct sockaddr *)(const void *)&v6);
}

static void test_key__is_that_of_a_client(void **state)
{
	(void)state;
	assert_true(key_of("10.0.0.1") != key_of("10.0.0.2"));
	assert_true(key_of("10.0.0.1") == key_of("::ffff:10.0.0.1"));
	/* All addresses of a network of IPv6 are as easily had as one. */
	assert_true(key_of("2001:db8::1") == key_of("2001:db8::ffff:2"));
	assert_true(key_of("2001:db8::1") != key_of("2001:db8:0:1::1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limiter__takes_twice_the_rate_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limiter__takes_the_rate_for_ever, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_limiter__is_as_full_after_an_hour_as_after_two_seconds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limiter__tells_addresses_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limiter__outlives_very_many_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_limiter__survives_a_clock_that_stands_still, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures__lock_after_ten, setup, teardown),
		cmocka_unit_test(test_key__is_that_of_a_client),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
