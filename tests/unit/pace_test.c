/* How often an object may be changed, and which changes have to wait. */
#include "support.h"

#include "base/clock.h"
#include "plan/pace.h"

#include <string.h>

#define EMPTY "{'apiVersion': 'zpm/v1', 'platform': 'p'}"
#define TWO                                                                                                  \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {'core': {'a': {'image': 'x:1'}, 'b': "       \
	"{'image': 'x:1'}}}}"

static int start_pace(void **state)
{
	struct test *t;

	setup_test(state);
	t = *state;
	t->own = zpm_pace_new();
	return 0;
}

static int end_pace(void **state)
{
	zpm_pace_free(((struct test *)*state)->own);
	return teardown_test(state);
}

/* Is the change of a service held back at that time? */
static bool waits(struct test *t, const char *name, int64_t now)
{
	struct zpm_plan *plan = given_plan(t, EMPTY, TWO);

	zpm_pace_hold(t->own, plan, now);
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct zpm_change *change = plan->changes.v[i];

		if (!strcmp(change->want->name, name))
			return change->blocked;
	}
	fail_msg("there is no change of %s", name);
	return false;
}

static void test_pace__what_was_never_tried_does_not_wait(void **state)
{
	struct test *t = *state;

	assert_false(waits(t, "a", 0));
	assert_int_equal(zpm_pace_hold(t->own, given_plan(t, EMPTY, TWO), 0), INT64_MAX);
}

static void test_pace__what_failed_waits_ever_longer_and_others_do_not(void **state)
{
	struct test *t = *state;
	int64_t now = ZPM_S, last = 0;

	for (int i = 0; i < 12; i++) {
		int64_t next;

		zpm_pace_note(t->own, "service/a", true, now);
		next = zpm_pace_hold(t->own, given_plan(t, EMPTY, TWO), now);
		assert_true(waits(t, "a", now) && waits(t, "a", next - 1));
		assert_false(waits(t, "a", next) || waits(t, "b", now));
		assert_true(next - now >= last / 2 && next - now <= 5 * 60 * ZPM_S);
		last = next - now;
		now = next;
	}
	assert_true(last > 200 * ZPM_S);
}

static void test_pace__what_goes_well_is_forgiven(void **state)
{
	struct test *t = *state;

	for (int i = 0; i < 8; i++)
		zpm_pace_note(t->own, "service/a", true, 0);
	zpm_pace_note(t->own, "service/a", false, ZPM_S);
	assert_false(waits(t, "a", ZPM_S));
}

static void test_pace__another_manifest_begins_anew(void **state)
{
	struct test *t = *state;

	zpm_pace_note(t->own, "service/a", true, 0);
	assert_true(waits(t, "a", 0));
	zpm_pace_forget(t->own);
	assert_false(waits(t, "a", 0));
}

/* Whatever somebody does to a service for an hour, zpm does not do much more than this. */
static void test_pace__what_is_changed_all_the_time_is_repaired_so_often(void **state)
{
	struct test *t = *state;
	int repairs = 0;

	for (int64_t now = 0; now < 3600 * ZPM_S; now += ZPM_S) {
		if (waits(t, "a", now))
			continue;
		zpm_pace_note(t->own, "service/a", false, now);
		repairs++;
	}
	assert_in_range(repairs, ZPM_PACE_BURST, ZPM_PACE_BURST + 3600 * ZPM_S / ZPM_PACE_REFILL);
}

static void test_pace__after_a_quiet_time_it_is_repaired_at_once_again(void **state)
{
	struct test *t = *state;

	for (int i = 0; i < ZPM_PACE_BURST; i++)
		zpm_pace_note(t->own, "service/a", false, 0);
	assert_true(waits(t, "a", 0));
	for (int i = 0; i < ZPM_PACE_BURST; i++) {
		assert_false(waits(t, "a", 3600 * ZPM_S));
		zpm_pace_note(t->own, "service/a", false, 3600 * ZPM_S);
	}
	assert_true(waits(t, "a", 3600 * ZPM_S));
}

static void test_pace__drift_that_is_left_is_no_work(void **state)
{
	struct test *t = *state;
	struct zpm_plan *plan = given_plan(t, EMPTY, TWO);

	assert_true(zpm_plan_has_work(plan));
	assert_int_equal(zpm_pace_leave_drift(plan), 2);
	assert_false(zpm_plan_has_work(plan));
}

#define PACE(function) cmocka_unit_test_setup_teardown(function, start_pace, end_pace)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACE(test_pace__what_was_never_tried_does_not_wait),
		PACE(test_pace__what_failed_waits_ever_longer_and_others_do_not),
		PACE(test_pace__what_goes_well_is_forgiven),
		PACE(test_pace__another_manifest_begins_anew),
		PACE(test_pace__what_is_changed_all_the_time_is_repaired_so_often),
		PACE(test_pace__after_a_quiet_time_it_is_repaired_at_once_again),
		PACE(test_pace__drift_that_is_left_is_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
