/* When maintenance windows are open. */
#include "support.h"

#include "model/window.h"

/* 2026-03-01 was a Sunday. */
static bool is_open(struct test *t, const char *window, int day, int hour, int minute)
{
	const struct tm local = { .tm_wday = day, .tm_hour = hour, .tm_min = minute };
	struct zpm_strs windows = { 0 };

	zpm_strs_push(t->arena, &windows, window);
	return zpm_windows_open(&windows, &local);
}

enum { SUN, MON, TUE, WED, THU, FRI, SAT };

static void test_windows__none_are_always_open(void **state)
{
	const struct tm local = { .tm_wday = MON };

	(void)state;
	assert_true(zpm_windows_open(&(struct zpm_strs){ 0 }, &local));
}

static void test_window__without_days_is_of_every_day(void **state)
{
	struct test *t = *state;

	for (int day = SUN; day <= SAT; day++) {
		assert_false(is_open(t, "02:00-05:00", day, 1, 59));
		assert_true(is_open(t, "02:00-05:00", day, 2, 0));
		assert_true(is_open(t, "02:00-05:00", day, 4, 59));
		assert_false(is_open(t, "02:00-05:00", day, 5, 0));
	}
}

static void test_window__over_midnight_belongs_to_the_day_it_begins_on(void **state)
{
	struct test *t = *state;

	assert_true(is_open(t, "fri 22:00-04:00", FRI, 23, 0));
	assert_true(is_open(t, "fri 22:00-04:00", SAT, 3, 59));
	assert_false(is_open(t, "fri 22:00-04:00", SAT, 4, 0));
	assert_false(is_open(t, "fri 22:00-04:00", FRI, 3, 0));
}

static void test_window__days_may_go_over_the_end_of_the_week(void **state)
{
	struct test *t = *state;

	assert_true(is_open(t, "sat-mon 10:00-11:00", SAT, 10, 30));
	assert_true(is_open(t, "sat-mon 10:00-11:00", SUN, 10, 30));
	assert_true(is_open(t, "sat-mon 10:00-11:00", MON, 10, 30));
	assert_false(is_open(t, "sat-mon 10:00-11:00", TUE, 10, 30));
	assert_false(is_open(t, "sat-mon 10:00-11:00", FRI, 10, 30));
}

static void test_window__of_equal_times_is_a_whole_day(void **state)
{
	struct test *t = *state;

	assert_true(is_open(t, "sun 00:00-00:00", SUN, 23, 59));
	assert_false(is_open(t, "sun 00:00-00:00", MON, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_windows__none_are_always_open),
		TEST(test_window__without_days_is_of_every_day),
		TEST(test_window__over_midnight_belongs_to_the_day_it_begins_on),
		TEST(test_window__days_may_go_over_the_end_of_the_week),
		TEST(test_window__of_equal_times_is_a_whole_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
