/* What of the loop's words is news to a person who is elsewhere. */
#include "engine/news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOTHING ZPM_NOTICE_COUNT

static enum zpm_notice taken(struct zpm_news *news, enum zpm_loop_event event)
{
	enum zpm_notice notice;

	return zpm_news_take(news, event, &notice) ? notice : NOTHING;
}

static void test_news__failure_is_told_once_while_it_lasts(void **state)
{
	struct zpm_news news = { 0 };

	(void)state;
	assert_int_equal(taken(&news, ZPM_LOOP_PARTIAL), ZPM_NOTICE_FAILURE);
	assert_int_equal(taken(&news, ZPM_LOOP_APPLIES), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_PARTIAL), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), ZPM_NOTICE_RECOVERED);
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_PARTIAL), ZPM_NOTICE_FAILURE);
}

static void test_news__each_kind_of_failure_is_told(void **state)
{
	static const enum zpm_loop_event failures[] = { ZPM_LOOP_PARTIAL, ZPM_LOOP_REFUSED, ZPM_LOOP_TROUBLE,
		ZPM_LOOP_MISTAKES };
	struct zpm_news news = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		assert_int_equal(taken(&news, failures[i]), ZPM_NOTICE_FAILURE);
	/* All of them have to be over: the manifest is still broken. */
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_MANIFEST), ZPM_NOTICE_RECOVERED);
}

static void test_news__manifest_does_not_end_what_another_one_could_not_achieve(void **state)
{
	struct zpm_news news = { 0 };

	(void)state;
	taken(&news, ZPM_LOOP_PARTIAL);
	assert_int_equal(taken(&news, ZPM_LOOP_MANIFEST), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), ZPM_NOTICE_RECOVERED);
}

static void test_news__look_ends_trouble_alone(void **state)
{
	struct zpm_news news = { 0 };

	(void)state;
	assert_false(zpm_news_look(&news));
	taken(&news, ZPM_LOOP_TROUBLE);
	assert_true(zpm_news_look(&news));
	assert_false(zpm_news_look(&news));
	taken(&news, ZPM_LOOP_TROUBLE);
	taken(&news, ZPM_LOOP_PARTIAL);
	assert_false(zpm_news_look(&news));
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), ZPM_NOTICE_RECOVERED);
}

static void test_news__drift_and_failover_are_told_each_time(void **state)
{
	struct zpm_news news = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(taken(&news, ZPM_LOOP_DRIFT), ZPM_NOTICE_DRIFT);
		assert_int_equal(taken(&news, ZPM_LOOP_FAILOVER), ZPM_NOTICE_FAILOVER);
	}
	assert_int_equal(taken(&news, ZPM_LOOP_CONVERGED), NOTHING);
	assert_int_equal(taken(&news, ZPM_LOOP_INTERRUPTED), NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_news__failure_is_told_once_while_it_lasts),
		cmocka_unit_test(test_news__each_kind_of_failure_is_told),
		cmocka_unit_test(test_news__manifest_does_not_end_what_another_one_could_not_achieve),
		cmocka_unit_test(test_news__look_ends_trouble_alone),
		cmocka_unit_test(test_news__drift_and_failover_are_told_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
