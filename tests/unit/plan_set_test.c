/* Replica sets among the services: what a plan says of them, and where they have their place in its graph. */
#include "set_case.h"

#include "plan/graph.h"

#include <stdlib.h>
#include <string.h>

#define M(image, a, b, c)                                                                                    \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {'a': {'roles': ['" a "}, 'b': {'roles': ['" b   \
	"}, 'c': {'roles': ['" c "}}, 'services': {'core': {'app': {'image': 'x:1', 'dependsOn': "           \
	"['mongo']}}}, 'mongo': {'image': '" image                                                           \
	"', 'serverInfo': {'database': 'd', 'collection': 'c'}, 'metaDB': {'replicaSet': 'rs', 'port': 1, "  \
	"'members': ['a', 'b', 'c']}}}"
#define UP(role)   role "']"
#define DOWN(role) role "'], 'state': 'down'"
#define NOW        M("m:1", UP("active"), UP("passive"), UP("service"))

#define A "service/mongo-rs-a-1"
#define B "service/mongo-rs-b-1"
#define C "service/mongo-rs-c-1"

/* The set is as `members` say; NULL: nobody answers yet. */
static struct zpm_plan *planned(
	struct test *t, const char *observed, const char *members, const char *manifest)
{
	const struct zpm_plan_options options = { 0 };
	struct zpm_objects *have = observed ? given_observed(t, observed) : zpm_objects_new("p", t->arena);
	struct sim *sim = zpm_arena_alloc(t->arena, sizeof(*sim));
	struct zpm_set_view *view = zpm_arena_alloc(t->arena, sizeof(*view));

	*sim = given_sim(t, members);
	for (const char *host = "abc"; !members && *host; host++)
		sim_view(sim, zpm_arena_printf(t->arena, "%c:1", *host))->state = ZPM_MEMBER_DOWN;
	*view = sim_observe(sim);
	if (!observed)
		have = given_observed(t,
			"{'apiVersion': 'zpm/v1', 'platform': 'p', 'hosts': {'a': {}, 'b': {}, 'c': {}},"
			" 'mongo': {'metaDB': {'replicaSet': 'rs', 'port': 1, 'managed': false, "
			"'members': ['a', 'b', 'c']}}}");
	live_of(have, ZPM_KIND_REPLICA_SET, "rs")->set = view;
	return keep_plan(
		t, zpm_plan_new(given_platform(t, manifest), given_desired(t, manifest), have, &options));
}

static const struct zpm_change *change_of(const struct zpm_plan *plan, const char *ref, struct test *t)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			if (!strcmp(zpm_object_ref(zpm_change_object(lists[i]->v[j]), t->arena), ref))
				return lists[i]->v[j];
	fail_msg("no change of %s", ref);
	abort();
}

static const struct zpm_step *step_of(const struct zpm_graph *g, const char *ref, const char *member)
{
	for (size_t i = 0; i < g->steps.n; i++) {
		const struct zpm_step *step = g->steps.v[i];

		if (!strcmp(step->label, ref) && !member == !step->member &&
			(!member || !strcmp(member, step->member)))
			return step;
	}
	fail_msg("no step of %s", ref);
	abort();
}

static bool leads(const struct zpm_step *from, const struct zpm_step *to)
{
	bool found = from == to;

	for (size_t i = 0; i < from->next.n && !found; i++)
		found = leads(from->next.v[i], to);
	return found;
}

#define assert_before(from, to) assert_true(leads(from, to) && !leads(to, from))

static void test_plan_set__is_made_when_its_members_run_and_before_who_needs_it(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = planned(t, NULL, NULL, NOW);
	const struct zpm_change *change = change_of(plan, "replica-set/rs", t);
	const struct zpm_graph *g = zpm_graph_new(plan, t->arena);
	const struct zpm_step *set = step_of(g, "replica-set/rs", NULL);

	assert_int_equal(change->action, ZPM_ACTION_CREATE);
	assert_null(change->elections);
	assert_string_equal(change->steps.v[0], "initiate the set on a:1");
	assert_before(step_of(g, A, NULL), set);
	assert_before(step_of(g, C, NULL), set);
	assert_before(set, step_of(g, "server-info/a", NULL));
	assert_before(set, step_of(g, "service/app", NULL));
}

static void test_plan_set__of_swapped_roles_is_an_election(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan =
		planned(t, NOW, "a:1 10, b:1 1, c:1 1", M("m:1", UP("passive"), UP("active"), UP("service")));
	const struct zpm_change *change = change_of(plan, "replica-set/rs", t);

	assert_int_equal(change->impact, ZPM_IMPACT_ELECTION);
	assert_int_equal(change->reason, ZPM_REASON_ROLE);
	assert_string_equal(change->elections, "a:1 → b:1");
	assert_int_equal(change->fields.n, 2);
}

static void test_plan_set__restarts_its_members_one_by_one_the_primary_last(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan =
		planned(t, NOW, "a:1 10, b:1 1, c:1 1", M("m:2", UP("active"), UP("passive"), UP("service")));
	const struct zpm_graph *g = zpm_graph_new(plan, t->arena);

	assert_int_equal(change_of(plan, "replica-set/rs", t)->action, ZPM_ACTION_KEEP);
	assert_before(step_of(g, "replica-set/rs", "b:1"), step_of(g, B, NULL));
	assert_before(step_of(g, B, NULL), step_of(g, "replica-set/rs", "c:1"));
	assert_before(step_of(g, C, NULL), step_of(g, "replica-set/rs", "a:1"));
	assert_before(step_of(g, "replica-set/rs", "a:1"), step_of(g, A, NULL));
	assert_before(step_of(g, A, NULL), step_of(g, "replica-set/rs", NULL));
}

static void test_plan_set__lets_a_host_go_before_its_member_stops(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = planned(
		t, NOW, "a:1 10, b:1 1, c:1 1", M("m:1", DOWN("active"), UP("passive"), UP("service")));
	const struct zpm_graph *g = zpm_graph_new(plan, t->arena);

	assert_string_equal(change_of(plan, "replica-set/rs", t)->elections, "a:1 → b:1");
	assert_before(step_of(g, "replica-set/rs", NULL), step_of(g, A, NULL));
}

static void test_plan_set__that_nobody_sees_is_left_and_told_of(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = planned(t, NOW, NULL, NOW);
	const struct zpm_change *change = change_of(plan, "replica-set/rs", t);

	assert_int_equal(change->action, ZPM_ACTION_KEEP);
	assert_has(change->trouble, "a:1: it does not answer");
	assert_int_equal(plan->changes.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plan_set__is_made_when_its_members_run_and_before_who_needs_it),
		TEST(test_plan_set__of_swapped_roles_is_an_election),
		TEST(test_plan_set__restarts_its_members_one_by_one_the_primary_last),
		TEST(test_plan_set__lets_a_host_go_before_its_member_stops),
		TEST(test_plan_set__that_nobody_sees_is_left_and_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
