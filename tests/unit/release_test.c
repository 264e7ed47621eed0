/* May a member be restarted now? */
#include "set_case.h"

#include "plan/release.h"

#include <string.h>

#define THREE "a:1 10, b:1 5, c:1 1"

static struct zpm_member_release judge(struct test *t, const struct sim *sim, const char *host)
{
	struct zpm_set_view *view = zpm_arena_alloc(t->arena, sizeof(*view));

	*view = sim_observe(sim);
	return zpm_release_judge(view, host, t->arena);
}

static void test_release__a_secondary_goes_at_once(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_int_equal(judge(*state, &sim, "b:1").op, ZPM_RELEASE_NOW);
	assert_int_equal(judge(*state, &sim, "nobody:1").op, ZPM_RELEASE_NOW);
}

static void test_release__the_primary_hands_over_to_the_next_in_rank(void **state)
{
	struct sim sim = given_sim(*state, THREE ", d:1 0 arbiter, e:1 0 hidden");
	struct zpm_member_release release = judge(*state, &sim, "a:1");

	assert_int_equal(release.op, ZPM_RELEASE_STEP_DOWN);
	assert_string_equal(release.successor, "b:1");
	assert_int_equal(release.others.n, 1);
	assert_string_equal(release.others.v[0], "c:1");
}

static void test_release__waits_for_a_successor_to_catch_up(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	sim_view(&sim, "b:1")->lag = 2 * ZPM_SUCCESSOR_LAG_MAX;
	assert_has(judge(*state, &sim, "a:1").why, "b:1 to catch up");
}

static void test_release__waits_for_the_one_before_to_come_back(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	sim_view(&sim, "c:1")->state = ZPM_MEMBER_RECOVERING;
	assert_has(judge(*state, &sim, "b:1").why, "c:1 to be a secondary");
	sim_view(&sim, "c:1")->state = ZPM_MEMBER_DOWN;
	assert_has(judge(*state, &sim, "b:1").why, "no majority");
	/* The one that is down is the one that a restart may help. */
	assert_int_equal(judge(*state, &sim, "c:1").op, ZPM_RELEASE_NOW);
}

static void test_release__waits_for_a_primary(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	sim_view(&sim, "a:1")->state = ZPM_MEMBER_SECONDARY;
	assert_has(judge(*state, &sim, "b:1").why, "a primary");
}

static void test_release__a_set_too_small_to_do_without_waits_for_nobody(void **state)
{
	struct sim one = given_sim(*state, "a:1 1"), two = given_sim(*state, "a:1 2, b:1 1"),
		   none = given_sim(*state, NULL);

	assert_int_equal(judge(*state, &one, "a:1").op, ZPM_RELEASE_NOW);
	assert_int_equal(judge(*state, &two, "b:1").op, ZPM_RELEASE_NOW);
	assert_int_equal(judge(*state, &none, "a:1").op, ZPM_RELEASE_NOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_release__a_secondary_goes_at_once),
		TEST(test_release__the_primary_hands_over_to_the_next_in_rank),
		TEST(test_release__waits_for_a_successor_to_catch_up),
		TEST(test_release__waits_for_the_one_before_to_come_back),
		TEST(test_release__waits_for_a_primary),
		TEST(test_release__a_set_too_small_to_do_without_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
