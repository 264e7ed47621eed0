/*
 * Scalars between text and number, and the rules they obey. Expected numbers
 * are worked out by hand from the units: 1k is 1024 bytes, 1s is 10^9 ns.
 */
#include "support.h"

#include "model/rules.h"
#include "model/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const enum zpm_type numbers[] = { ZPM_T_BOOL, ZPM_T_INT, ZPM_T_DECIMAL, ZPM_T_DURATION, ZPM_T_SIZE };

static void assert_parses(enum zpm_type type, const char *text, int64_t expected)
{
	int64_t value = -77;

	if (zpm_value_parse(type, text, &value) < 0)
		fail_msg("'%s' is refused", text);
	if (value != expected)
		fail_msg("'%s' is read as %" PRId64 ", not %" PRId64, text, value, expected);
}

static void assert_refused(enum zpm_type type, const char *text)
{
	int64_t value;

	if (zpm_value_parse(type, text, &value) == 0)
		fail_msg("'%s' is read as %" PRId64, text, value);
}

static void assert_format(const struct test *t, enum zpm_type type, int64_t value, const char *expected)
{
	assert_string_equal(zpm_value_format(type, value, t->arena), expected);
}

/* Reading. */

static void test_value_parse__duration_units(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DURATION, "1ns", 1);
	assert_parses(ZPM_T_DURATION, "1us", 1000);
	assert_parses(ZPM_T_DURATION, "1ms", 1000000);
	assert_parses(ZPM_T_DURATION, "1s", 1000000000);
	assert_parses(ZPM_T_DURATION, "1m", 60000000000);
	assert_parses(ZPM_T_DURATION, "1h", 3600000000000);
}

static void test_value_parse__duration_is_a_sum(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DURATION, "1m30s", 90000000000);
	assert_parses(ZPM_T_DURATION, "1h1m1s1ms1us1ns", 3661001001001);
}

static void test_value_parse__duration_takes_fractions(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DURATION, "1.5s", 1500000000);
	assert_parses(ZPM_T_DURATION, "0.25h", 900000000000);
	assert_parses(ZPM_T_DURATION, "0.5m0.5s", 30500000000);
}

static void test_value_parse__lone_zero_is_a_duration(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DURATION, "0", 0);
	assert_parses(ZPM_T_DURATION, "0s", 0);
}

static void test_value_parse__bad_durations(void **state)
{
	static const char *const bad[] = { "", "s", "5", "00", "1m30", "1x", "1 s", " 1s", "1s ", "-1s",
		"+1s", "1.s", ".5s", "1.5.5s", "1,5s", "1S", "1mm", "1d", "0x1s", "1e3s" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++)
		assert_refused(ZPM_T_DURATION, bad[i]);
}

static void test_value_parse__size_units(void **state)
{
	(void)state;
	assert_parses(ZPM_T_SIZE, "4096", 4096);
	assert_parses(ZPM_T_SIZE, "7b", 7);
	assert_parses(ZPM_T_SIZE, "1k", 1024);
	assert_parses(ZPM_T_SIZE, "1m", 1048576);
	assert_parses(ZPM_T_SIZE, "1g", 1073741824);
	assert_parses(ZPM_T_SIZE, "1t", 1099511627776);
}

static void test_value_parse__size_units_in_any_case_and_with_b(void **state)
{
	(void)state;
	assert_parses(ZPM_T_SIZE, "512M", 536870912);
	assert_parses(ZPM_T_SIZE, "512mb", 536870912);
	assert_parses(ZPM_T_SIZE, "512MB", 536870912);
	assert_parses(ZPM_T_SIZE, "9B", 9);
}

static void test_value_parse__size_takes_fractions(void **state)
{
	(void)state;
	assert_parses(ZPM_T_SIZE, "0.5k", 512);
	assert_parses(ZPM_T_SIZE, "0.25m", 262144);
	assert_parses(ZPM_T_SIZE, "1.5g", 1610612736);
	assert_parses(ZPM_T_SIZE, "0.125t", 137438953472);
}

static void test_value_parse__bad_sizes(void **state)
{
	static const char *const bad[] = { "", "m", "1x", "1 m", "-1m", "+1m", "1.m", ".5m", "bb", "1bb",
		"1bk", "1mib", "1.2.3m", "1e3", " 1m", "1m ", "0x10" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++)
		assert_refused(ZPM_T_SIZE, bad[i]);
}

static void test_value_parse__decimals(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DECIMAL, "0", 0);
	assert_parses(ZPM_T_DECIMAL, "2", 2000000000);
	assert_parses(ZPM_T_DECIMAL, "0.5", 500000000);
	assert_parses(ZPM_T_DECIMAL, "1.000000001", 1000000001);
}

static void test_value_parse__bad_decimals(void **state)
{
	static const char *const bad[] = { "", ".", ".5", "5.", "-0.5", "+1", "1e3", "0.5.5", "1,5", "0x1",
		" 1", "1 ", "50%", "nan" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++)
		assert_refused(ZPM_T_DECIMAL, bad[i]);
}

static void test_value_parse__integers(void **state)
{
	(void)state;
	assert_parses(ZPM_T_INT, "0", 0);
	assert_parses(ZPM_T_INT, "-1", -1);
	assert_parses(ZPM_T_INT, "65535", 65535);
	assert_parses(ZPM_T_INT, "9223372036854775807", INT64_MAX);
	assert_parses(ZPM_T_INT, "-9223372036854775807", -INT64_MAX);
}

static void test_value_parse__bad_integers(void **state)
{
	static const char *const bad[] = { "", "-", "--1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1_000",
		"one" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++)
		assert_refused(ZPM_T_INT, bad[i]);
}

static void test_value_parse__booleans(void **state)
{
	(void)state;
	assert_parses(ZPM_T_BOOL, "true", 1);
	assert_parses(ZPM_T_BOOL, "false", 0);
	assert_refused(ZPM_T_BOOL, "");
	assert_refused(ZPM_T_BOOL, "1");
	assert_refused(ZPM_T_BOOL, "truest");
}

static void test_value_parse__what_does_not_fit_is_refused(void **state)
{
	(void)state;
	assert_refused(ZPM_T_INT, "9223372036854775808");
	assert_refused(ZPM_T_INT, "-9223372036854775809");
	assert_refused(ZPM_T_INT, "99999999999999999999999999");
	assert_refused(ZPM_T_DECIMAL, "9223372037");
	assert_refused(ZPM_T_DECIMAL, "9223372036.854775808");
	assert_refused(ZPM_T_DURATION, "2562048h");
	assert_refused(ZPM_T_DURATION, "2562047h60m");
	assert_refused(ZPM_T_SIZE, "8388608t");
	assert_refused(ZPM_T_SIZE, "9223372036854775808");
}

/* The number that stands for "nobody set it" cannot be set. */
static void test_value_parse__unset_is_no_integer(void **state)
{
	(void)state;
	assert_refused(ZPM_T_INT, "-9223372036854775808");
}

static void test_value_parse__largest_numbers_fit(void **state)
{
	(void)state;
	assert_parses(ZPM_T_DECIMAL, "9223372036.854775807", INT64_MAX);
	assert_parses(ZPM_T_DURATION, "9223372036854775807ns", INT64_MAX);
	assert_parses(ZPM_T_SIZE, "9223372036854775807", INT64_MAX);
}

static void test_value_parse__text_is_no_number(void **state)
{
	(void)state;
	assert_refused(ZPM_T_STRING, "1");
	assert_refused(ZPM_T_LIST, "1");
	assert_refused(ZPM_T_OBJECT, "1");
}

/* The schema and the parser agree: a pattern matches just what is read. */

static const char *random_scalar(struct dice *dice, struct zpm_arena *arena)
{
	static const char *const parts[] = { "0", "1", "25", "007", ".", "-", " ", "h", "m", "s", "ms", "us",
		"ns", "k", "K", "M", "g", "T", "b", "B" };
	const char *text = "";

	for (uint64_t n = 1 + roll(dice, 5); n; n--)
		text = zpm_arena_printf(arena, "%s%s", text, parts[roll(dice, ZPM_COUNT(parts))]);
	return text;
}

static void pattern_is_what_is_read(struct test *t, struct dice *dice)
{
	const char *text = random_scalar(dice, t->arena);

	for (size_t i = 0; i < ZPM_COUNT(numbers); i++) {
		const char *pattern = zpm_value_pattern(numbers[i]);
		int64_t value;

		if (!pattern)
			continue;
		if (zpm_pattern_matches(pattern, text) != !zpm_value_parse(numbers[i], text, &value))
			fail_msg("'%s' and %s: the pattern says otherwise than the parser", text,
				zpm_value_expected(numbers[i]));
		text = random_match(dice, pattern, t->arena);
		if (zpm_value_parse(numbers[i], text, &value) < 0)
			fail_msg("'%s' matches the pattern of %s and is refused", text,
				zpm_value_expected(numbers[i]));
	}
}

static void test_value_pattern__matches_what_is_read(void **state)
{
	each_seed(*state, 4000, pattern_is_what_is_read);
}

/* Writing. */

static void test_value_format__durations(void **state)
{
	const struct test *t = *state;

	assert_format(t, ZPM_T_DURATION, 0, "0s");
	assert_format(t, ZPM_T_DURATION, 90000000000, "1m30s");
	assert_format(t, ZPM_T_DURATION, 1500000000, "1s500ms");
	assert_format(t, ZPM_T_DURATION, 86400000000000, "24h");
	assert_format(t, ZPM_T_DURATION, 1, "1ns");
}

static void test_value_format__sizes(void **state)
{
	const struct test *t = *state;

	assert_format(t, ZPM_T_SIZE, 0, "0b");
	assert_format(t, ZPM_T_SIZE, 1000, "1000b");
	assert_format(t, ZPM_T_SIZE, 536870912, "512m");
	assert_format(t, ZPM_T_SIZE, 1610612736, "1536m");
	assert_format(t, ZPM_T_SIZE, 2199023255552, "2t");
}

static void test_value_format__decimals(void **state)
{
	const struct test *t = *state;

	assert_format(t, ZPM_T_DECIMAL, 0, "0");
	assert_format(t, ZPM_T_DECIMAL, 500000000, "0.5");
	assert_format(t, ZPM_T_DECIMAL, 10000000000, "10");
	assert_format(t, ZPM_T_DECIMAL, 1, "0.000000001");
}

static void test_value_format__booleans_and_integers(void **state)
{
	const struct test *t = *state;

	assert_format(t, ZPM_T_BOOL, 0, "false");
	assert_format(t, ZPM_T_BOOL, 1, "true");
	assert_format(t, ZPM_T_INT, -1, "-1");
	assert_format(t, ZPM_T_INT, INT64_MAX, "9223372036854775807");
}

static void test_value_format__unset_is_empty(void **state)
{
	for (size_t i = 0; i < ZPM_COUNT(numbers); i++)
		assert_format(*state, numbers[i], ZPM_UNSET, "");
}

static void written_is_read_back(struct test *t, struct dice *dice)
{
	for (size_t i = 0; i < ZPM_COUNT(numbers); i++) {
		uint64_t bits = roll(dice, UINT64_MAX) >> roll(dice, 64);
		int64_t value = (int64_t)(bits & INT64_MAX);

		if (numbers[i] == ZPM_T_BOOL)
			value &= 1;
		if (numbers[i] == ZPM_T_INT && one_in(dice, 2))
			value = -value;
		assert_parses(numbers[i], zpm_value_format(numbers[i], value, t->arena), value);
	}
}

static void test_value_format__is_read_back(void **state)
{
	each_seed(*state, 4000, written_is_read_back);
}

/* Rules. */

struct sample {
	const struct zpm_rule *rule;
	const char *text;
};

static void assert_rule(const struct sample *samples, size_t n, bool allowed)
{
	for (size_t i = 0; i < n; i++)
		if (zpm_rule_allows_text(samples[i].rule, samples[i].text) != allowed)
			fail_msg("'%s' as %s is %s", samples[i].text, samples[i].rule->expected,
				allowed ? "refused" : "allowed");
}

#define DIGEST "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define X16    "xxxxxxxxxxxxxxxx"
#define X63    X16 X16 X16 "xxxxxxxxxxxxxxx"

static void test_rule__good_images(void **state)
{
	const struct zpm_rule *image = &zpm_rule_image;
	const struct sample good[] = { { image, "kafka" }, { image, "kafka:3.7" },
		{ image, "team/kafka:3.7" }, { image, "registry.example.net/team/kafka:3.7" },
		{ image, "localhost:5000/kafka" }, { image, "Registry.example.net:443/a/b/c" },
		{ image, "a.b_c__d--e/f" }, { image, "kafka" DIGEST }, { image, "kafka:3.7" DIGEST },
		{ image, "kafka:V_1.2-rc" }, { image, "kafka:" X63 X63 "xx" } };

	(void)state;
	assert_rule(good, ZPM_COUNT(good), true);
}

static void test_rule__bad_images(void **state)
{
	const struct zpm_rule *image = &zpm_rule_image;
	const struct sample bad[] = { { image, "" }, { image, "Kafka" }, { image, "kafka:" },
		{ image, ":3.7" }, { image, "kafka:3 7" }, { image, "kafka:.7" }, { image, "-kafka" },
		{ image, "kafka-" }, { image, "ka..fka" }, { image, "ka___fka" }, { image, "team//kafka" },
		{ image, "/kafka" }, { image, "kafka/" }, { image, "http://kafka" },
		{ image, "kafka@sha256:xyz" }, { image, "kafka@" }, { image, "kafka:3.7:3.8" },
		{ image, "käfka" } };

	(void)state;
	assert_rule(bad, ZPM_COUNT(bad), false);
}

/* The Engine refuses any other length with "invalid reference format". */
static void test_rule__digest_has_64_digits(void **state)
{
	const struct sample bad[] = { { &zpm_rule_image, "kafka@sha256:abc" },
		{ &zpm_rule_image, "kafka" DIGEST "0" } };

	(void)state;
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__tag_has_128_characters_at_most(void **state)
{
	const struct sample bad[] = { { &zpm_rule_image, "kafka:" X63 X63 "xxx" } };

	(void)state;
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__good_names(void **state)
{
	const struct sample good[] = { { &zpm_rule_service_name, "a" },
		{ &zpm_rule_service_name, "Kafka-2_b" }, { &zpm_rule_service_name, X63 },
		{ &zpm_rule_object_name, "a.b-c_d" }, { &zpm_rule_object_name, "0-" },
		{ &zpm_rule_object_name, X63 } };

	(void)state;
	assert_rule(good, ZPM_COUNT(good), true);
}

static void test_rule__bad_names(void **state)
{
	const struct sample bad[] = { { &zpm_rule_service_name, "" }, { &zpm_rule_service_name, "-a" },
		{ &zpm_rule_service_name, "a-" }, { &zpm_rule_service_name, "a.b" },
		{ &zpm_rule_service_name, "a b" }, { &zpm_rule_service_name, X63 "x" },
		{ &zpm_rule_object_name, "" }, { &zpm_rule_object_name, ".a" },
		{ &zpm_rule_object_name, "a/b" }, { &zpm_rule_object_name, X63 "x" } };

	(void)state;
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__addresses(void **state)
{
	const struct sample good[] = { { &zpm_rule_address, "10.0.0.1" }, { &zpm_rule_address, "::1" },
		{ &zpm_rule_address, "fe80::aB:1" }, { &zpm_rule_address, "::ffff:10.0.0.1" } };
	const struct sample bad[] = { { &zpm_rule_address, "" }, { &zpm_rule_address, "kafka" },
		{ &zpm_rule_address, "10.0.0" }, { &zpm_rule_address, "10.0.0.1.2" },
		{ &zpm_rule_address, "10.0.0.1000" }, { &zpm_rule_address, "10.0.0.1:80 " } };

	(void)state;
	assert_rule(good, ZPM_COUNT(good), true);
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__paths_and_blank_text(void **state)
{
	const struct sample good[] = { { &zpm_rule_path, "/" }, { &zpm_rule_path, "/a b" },
		{ &zpm_rule_not_empty, " a " } };
	const struct sample bad[] = { { &zpm_rule_path, "" }, { &zpm_rule_path, "a/b" },
		{ &zpm_rule_path, "./a" }, { &zpm_rule_not_empty, "" }, { &zpm_rule_not_empty, "  " } };

	(void)state;
	assert_rule(good, ZPM_COUNT(good), true);
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__choices_are_exact(void **state)
{
	static const char *const choices[] = { "tcp", "udp", NULL };
	const struct zpm_rule rule = { .expected = "tcp or udp", .choices = choices };
	const struct sample good[] = { { &rule, "tcp" }, { &rule, "udp" } };
	const struct sample bad[] = { { &rule, "TCP" }, { &rule, "tc" }, { &rule, "tcpx" }, { &rule, "" } };

	(void)state;
	assert_rule(good, ZPM_COUNT(good), true);
	assert_rule(bad, ZPM_COUNT(bad), false);
}

static void test_rule__number_within_bounds(void **state)
{
	(void)state;
	assert_true(zpm_rule_allows_number(&zpm_rule_port, 1));
	assert_true(zpm_rule_allows_number(&zpm_rule_port, 65535));
	assert_false(zpm_rule_allows_number(&zpm_rule_port, 0));
	assert_false(zpm_rule_allows_number(&zpm_rule_port, 65536));
	assert_true(zpm_rule_allows_number(&zpm_rule_count, 0));
	assert_false(zpm_rule_allows_number(&zpm_rule_count, -1));
	assert_true(zpm_rule_allows_number(&zpm_rule_ratio, 1000000000));
	assert_false(zpm_rule_allows_number(&zpm_rule_ratio, 1000000001));
	assert_false(zpm_rule_allows_number(&zpm_rule_positive, 0));
	assert_true(zpm_rule_allows_number(&zpm_rule_positive, INT64_MAX));
}

static void test_rule__without_bounds_any_number(void **state)
{
	(void)state;
	assert_true(zpm_rule_allows_number(&zpm_rule_not_empty, -5));
	assert_true(zpm_rule_allows_number(&zpm_rule_not_empty, INT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_value_parse__duration_units),
		TEST(test_value_parse__duration_is_a_sum),
		TEST(test_value_parse__duration_takes_fractions),
		TEST(test_value_parse__lone_zero_is_a_duration),
		TEST(test_value_parse__bad_durations),
		TEST(test_value_parse__size_units),
		TEST(test_value_parse__size_units_in_any_case_and_with_b),
		TEST(test_value_parse__size_takes_fractions),
		TEST(test_value_parse__bad_sizes),
		TEST(test_value_parse__decimals),
		TEST(test_value_parse__bad_decimals),
		TEST(test_value_parse__integers),
		TEST(test_value_parse__bad_integers),
		TEST(test_value_parse__booleans),
		TEST(test_value_parse__what_does_not_fit_is_refused),
		TEST(test_value_parse__unset_is_no_integer),
		TEST(test_value_parse__largest_numbers_fit),
		TEST(test_value_parse__text_is_no_number),
		TEST(test_value_pattern__matches_what_is_read),
		TEST(test_value_format__durations),
		TEST(test_value_format__sizes),
		TEST(test_value_format__decimals),
		TEST(test_value_format__booleans_and_integers),
		TEST(test_value_format__unset_is_empty),
		TEST(test_value_format__is_read_back),
		TEST(test_rule__good_images),
		TEST(test_rule__bad_images),
		TEST(test_rule__digest_has_64_digits),
		TEST(test_rule__tag_has_128_characters_at_most),
		TEST(test_rule__good_names),
		TEST(test_rule__bad_names),
		TEST(test_rule__addresses),
		TEST(test_rule__paths_and_blank_text),
		TEST(test_rule__choices_are_exact),
		TEST(test_rule__number_within_bounds),
		TEST(test_rule__without_bounds_any_number),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
