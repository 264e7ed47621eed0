/* The way of a replica set to what is declared: each change there is, and each reason not to make it. */
#include "set_case.h"

#include <string.h>

#define THREE "a:1 10, b:1 5, c:1 1"

/* Compiles, carries out all steps on the simulated set, and says in words what they were. */
static const char *way(struct test *t, struct sim *sim, const char *declared, struct zpm_reconfigure **out)
{
	static const char *const ops[] = { "initiate", "config", "down", "committed", "primary", "members",
		"caught-up" };
	struct zpm_set_view view = sim_observe(sim);
	const char *text = "";

	*out = zpm_reconfigure_compile(given_set(t, declared, false), &view, t->arena);
	for (size_t i = 0; i < (*out)->steps.n; i++) {
		const struct zpm_reconfigure_step *step = (*out)->steps.v[i];

		text = zpm_arena_printf(t->arena, "%s%s%s", text, i ? " " : "", ops[step->op]);
		sim_step(sim, step);
	}
	return text;
}

/* "a:1 10, b:1 5": the set as it is by now. */
static const char *config(struct test *t, const struct sim *sim)
{
	const char *text = "";

	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];

		text = zpm_arena_printf(t->arena, "%s%s%s %g%s%s%s", text, i ? ", " : "", member->host,
			(double)member->priority / 1e9, member->votes ? "" : "/0",
			member->arbiter_only ? " arbiter" : "", member->hidden ? " hidden" : "");
	}
	return text;
}

static void assert_way(
	struct test *t, struct sim *sim, const char *declared, const char *ops, const char *result)
{
	struct zpm_reconfigure *found;

	assert_string_equal(way(t, sim, declared, &found), ops);
	assert_int_equal(found->troubles.n, 0);
	assert_int_equal(found->elections, sim->elections);
	assert_string_equal(config(t, sim), result);
}

/* The only trouble, and no step beside those named. */
static const struct zpm_reconfigure_trouble *trouble(struct test *t, struct sim *sim, const char *declared,
	const char *ops, enum zpm_reconfigure_reason reason)
{
	struct zpm_reconfigure *found;
	const struct zpm_reconfigure_trouble *only;

	assert_string_equal(way(t, sim, declared, &found), ops);
	assert_int_equal(found->troubles.n, 1);
	only = found->troubles.v[0];
	assert_int_equal(only->reason, reason);
	assert_true(!zpm_reconfigure_is_refusal(reason) || !found->steps.n);
	return only;
}

static void test_reconfigure__nothing_to_do_is_no_step(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "c:1 1, a:1 10, b:1 5", "", THREE);
}

static void test_reconfigure__a_new_set_begins_with_who_is_to_lead(void **state)
{
	struct sim sim = given_sim(*state, NULL);

	sim_view(&sim, "a:1"), sim_view(&sim, "b:1"), sim_view(&sim, "c:1");
	assert_way(*state, &sim, "a:1 1, b:1 10, c:1 5",
		"initiate primary config members committed config committed config committed config",
		"b:1 10, a:1 1, c:1 5");
	assert_string_equal(sim_primary(&sim), "b:1");
	assert_int_equal(sim.elections, 0);
}

static void test_reconfigure__of_swapped_roles_is_one_election(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "a:1 5, b:1 10, c:1 1", "config down", "a:1 5, b:1 10, c:1 1");
	assert_string_equal(sim_primary(&sim), "b:1");
	assert_int_equal(sim.elections, 1);
}

static void test_reconfigure__a_member_joins_without_a_vote_first(void **state)
{
	struct sim sim = given_sim(*state, "a:1 10, b:1 5");

	sim_view(&sim, "c:1");
	assert_way(*state, &sim, THREE, "config members committed config committed config", THREE);
}

static void test_reconfigure__a_member_loses_its_vote_before_it_goes(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "a:1 10, b:1 5", "config committed config", "a:1 10, b:1 5");
}

static void test_reconfigure__the_primary_hands_over_before_it_goes(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "b:1 5, c:1 1", "config down committed config committed config",
		"b:1 5, c:1 1");
	assert_int_equal(sim.elections, 1);
}

static void test_reconfigure__an_arbiter_takes_the_place_of_a_member_that_left(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "a:1 10, b:1 5, c:1 0 arbiter", "config committed config committed config",
		"a:1 10, b:1 5, c:1 0 arbiter");
}

static void test_reconfigure__a_member_is_hidden_in_one_step(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	assert_way(*state, &sim, "a:1 10, b:1 5, c:1 0 hidden", "config", "a:1 10, b:1 5, c:1 0 hidden");
}

static void test_reconfigure__a_renamed_member_keeps_its_id(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	sim_view(&sim, "d:1")->me = "c:1";
	sim_view(&sim, "d:1")->state = ZPM_MEMBER_SECONDARY;
	sim_view(&sim, "d:1")->set = "rs";
	assert_way(*state, &sim, "a:1 10, b:1 5, d:1 1", "config", "a:1 10, b:1 5, d:1 1");
	assert_int_equal(((struct zpm_set_member *)sim.config->members.v[2])->id, 2);
}

static void test_reconfigure__a_primary_is_renamed_while_another_leads(void **state)
{
	struct sim sim = given_sim(*state, THREE);

	sim_view(&sim, "d:1")->me = "a:1";
	sim_view(&sim, "d:1")->state = ZPM_MEMBER_SECONDARY;
	sim_view(&sim, "d:1")->set = "rs";
	assert_way(*state, &sim, "d:1 10, b:1 5, c:1 1", "down config down", "d:1 10, b:1 5, c:1 1");
	assert_string_equal(sim_primary(&sim), "d:1");
}

static void test_reconfigure__what_nobody_declared_is_kept(void **state)
{
	struct sim sim = given_sim(*state, "a:1 10, b:1 5, c:1 0/0 hidden delay=60 tag=far");

	assert_way(*state, &sim, "a:1 10, b:1 6, c:1 0", "config", "a:1 10, b:1 6, c:1 0/0 hidden");
	assert_string_equal(
		zpm_pairs_get(&((struct zpm_set_member *)sim.config->members.v[2])->tags, "site"), "far");
}

static void test_reconfigure__a_member_that_is_down_joins_later(void **state)
{
	struct sim sim = given_sim(*state, "a:1 10, b:1 5");
	const struct zpm_reconfigure_trouble *told;

	sim_view(&sim, "c:1")->state = ZPM_MEMBER_DOWN;
	told = trouble(*state, &sim, "a:1 10, b:1 7, c:1 1", "config", ZPM_LEAVE_DOWN);
	assert_string_equal(told->host, "c:1");
	assert_string_equal(config(*state, &sim), "a:1 10, b:1 7");
}

static void test_reconfigure__a_lost_majority_is_for_a_person(void **state)
{
	struct sim sim = given_sim(*state, THREE);
	const struct zpm_reconfigure_trouble *told;

	sim_view(&sim, "b:1")->state = sim_view(&sim, "c:1")->state = ZPM_MEMBER_DOWN;
	sim_view(&sim, "a:1")->state = ZPM_MEMBER_SECONDARY;
	told = trouble(*state, &sim, "a:1 10", "", ZPM_REFUSE_MAJORITY);
	assert_non_null(told->force);
	assert_has(told->force, "on a:1: ");
	assert_has(told->force, "force: true");
}

static void test_reconfigure__a_set_is_not_made_anew_beside_one_that_may_be_there(void **state)
{
	struct sim sim = given_sim(*state, NULL);

	sim_view(&sim, "a:1"), sim_view(&sim, "b:1");
	sim_view(&sim, "c:1")->state = ZPM_MEMBER_DOWN;
	assert_string_equal(trouble(*state, &sim, THREE, "", ZPM_REFUSE_INITIATE)->host, "c:1");
}

static void test_reconfigure__a_declared_set_may_be_wrong_in_itself(void **state)
{
	struct test *t = *state;
	const char *many = "a:1 1";
	struct sim sim = given_sim(t, "a:1 1");

	trouble(t, &sim, "a:1 0, b:1 0", "", ZPM_REFUSE_UNELECTABLE);
	trouble(t, &sim, "a:1 1, a:1 1", "", ZPM_REFUSE_DUPLICATE);
	trouble(t, &sim, "a:1 1, b:1 1 hidden", "", ZPM_REFUSE_MEMBER);
	trouble(t, &sim, "a:1 1, b:1 1, c:1 1, d:1 1, e:1 1, f:1 1, g:1 1, h:1 1", "", ZPM_REFUSE_VOTERS);
	for (int i = 1; i <= 50; i++)
		many = zpm_arena_printf(t->arena, "%s, m%d:1 0/0", many, i);
	trouble(t, &sim, many, "", ZPM_REFUSE_MEMBERS);
}

static void test_reconfigure__seven_voters_give_way_to_seven_others_one_by_one(void **state)
{
	struct sim sim = given_sim(*state, "a:1 9, b:1 1, c:1 1, d:1 1, e:1 1, f:1 1, g:1 1");
	struct zpm_reconfigure *found;

	for (const char *host = "hijklmn"; *host; host++)
		sim_view(&sim, zpm_arena_printf(sim.arena, "%c:1", *host));
	way(*state, &sim, "h:1 9, i:1 1, j:1 1, k:1 1, l:1 1, m:1 1, n:1 1", &found);
	assert_int_equal(found->troubles.n, 0);
	assert_string_equal(config(*state, &sim), "h:1 9, i:1 1, j:1 1, k:1 1, l:1 1, m:1 1, n:1 1");
	assert_int_equal(sim.elections, 1);
}

static void test_reconfigure__the_last_that_can_lead_stays(void **state)
{
	struct sim sim = given_sim(*state, "a:1 10, b:1 0, c:1 0");
	struct zpm_reconfigure *found;

	sim_view(&sim, "d:1")->state = ZPM_MEMBER_DOWN;
	way(*state, &sim, "b:1 0, c:1 0, d:1 1", &found);
	assert_true(found->troubles.n >= 1);
	assert_string_equal(sim_primary(&sim), "a:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reconfigure__nothing_to_do_is_no_step),
		TEST(test_reconfigure__a_new_set_begins_with_who_is_to_lead),
		TEST(test_reconfigure__of_swapped_roles_is_one_election),
		TEST(test_reconfigure__a_member_joins_without_a_vote_first),
		TEST(test_reconfigure__a_member_loses_its_vote_before_it_goes),
		TEST(test_reconfigure__the_primary_hands_over_before_it_goes),
		TEST(test_reconfigure__an_arbiter_takes_the_place_of_a_member_that_left),
		TEST(test_reconfigure__a_member_is_hidden_in_one_step),
		TEST(test_reconfigure__a_renamed_member_keeps_its_id),
		TEST(test_reconfigure__a_primary_is_renamed_while_another_leads),
		TEST(test_reconfigure__what_nobody_declared_is_kept),
		TEST(test_reconfigure__a_member_that_is_down_joins_later),
		TEST(test_reconfigure__a_lost_majority_is_for_a_person),
		TEST(test_reconfigure__a_set_is_not_made_anew_beside_one_that_may_be_there),
		TEST(test_reconfigure__a_declared_set_may_be_wrong_in_itself),
		TEST(test_reconfigure__seven_voters_give_way_to_seven_others_one_by_one),
		TEST(test_reconfigure__the_last_that_can_lead_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
