/*
 * The order of steps. "Before" means in every order that the graph allows: a
 * path leads from the one step to the other. Plans are written as two
 * manifests, the one that was applied and the one that is wanted.
 */
#include "support.h"

#include "plan/expand.h"
#include "plan/graph.h"

#include <string.h>

#define P(rest)                "{'apiVersion': 'zpm/v1', 'platform': 'p'" rest "}"
#define CORE(services)         P(", 'services': {'core': {" services "}}")
#define WITH(others, services) P(", " others ", 'services': {'core': {" services "}}")

static const char nothing[] = P("");

static const struct zpm_graph *graph(struct test *t, const char *observed, const char *manifest)
{
	return zpm_graph_new(given_plan(t, observed, manifest), t->arena);
}

/* NULL when the graph has no such step. */
static const struct zpm_step *find(const struct zpm_graph *g, enum zpm_op op, const char *label)
{
	for (size_t i = 0; i < g->steps.n; i++) {
		const struct zpm_step *step = g->steps.v[i];

		if (step->op == op && !strcmp(step->label, label))
			return step;
	}
	return NULL;
}

static const struct zpm_step *step_of(const struct zpm_graph *g, enum zpm_op op, const char *label)
{
	const struct zpm_step *step = find(g, op, label);

	if (!step)
		fail_msg("no step %d of %s", op, label);
	return step;
}

static void mark_reached(const struct zpm_step *from, bool *reached)
{
	for (size_t i = 0; i < from->next.n; i++) {
		const struct zpm_step *step = from->next.v[i];

		if (reached[step->index])
			continue;
		reached[step->index] = true;
		mark_reached(step, reached);
	}
}

/* Which steps come after this one, by their index. */
static bool *reached_from(struct test *t, const struct zpm_graph *g, const struct zpm_step *from)
{
	bool *reached = zpm_arena_alloc(t->arena, g->steps.n * sizeof(*reached));

	mark_reached(from, reached);
	return reached;
}

struct named {
	enum zpm_op op;
	const char *label;
};

static bool leads(struct test *t, const struct zpm_graph *g, struct named from, struct named to)
{
	return reached_from(t, g, step_of(g, from.op, from.label))[step_of(g, to.op, to.label)->index];
}

#define CREATE(label) ((struct named){ ZPM_OP_CREATE, label })
#define UPDATE(label) ((struct named){ ZPM_OP_UPDATE, label })
#define REMOVE(label) ((struct named){ ZPM_OP_REMOVE, label })
#define VERIFY(label) ((struct named){ ZPM_OP_VERIFY, label })

#define assert_before(g, a, b)      assert_true(leads(t, g, a, b) && !leads(t, g, b, a))
#define assert_independent(g, a, b) assert_true(!leads(t, g, a, b) && !leads(t, g, b, a))

/* Creates and updates. */

static void test_graph__service_comes_after_its_network_and_volume(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, nothing,
		WITH("'networks': {'net': {}}, 'volumes': {'data': {}}",
			"'web': {'image': 'w:1', 'networks': ['net'], 'volumes': ['data:/data']}"));

	assert_before(g, CREATE("network/net"), CREATE("service/web"));
	assert_before(g, CREATE("volume/data"), CREATE("service/web"));
	assert_independent(g, CREATE("network/net"), CREATE("volume/data"));
}

static void test_graph__service_comes_after_those_it_depends_on(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, nothing,
		CORE("'web': {'image': 'w:1', 'dependsOn': ['api']}, 'api': {'image': 'a:1', 'dependsOn': "
		     "['db']},"
		     " 'db': {'image': 'd:1'}, 'other': {'image': 'o:1'}"));

	assert_before(g, CREATE("service/db"), CREATE("service/api"));
	assert_before(g, CREATE("service/api"), CREATE("service/web"));
	assert_independent(g, CREATE("service/other"), CREATE("service/web"));
}

static void test_graph__tier_waits_for_the_one_before(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, P(", 'services': {'core': {'b': {'image': 'x:1'}}}"),
		P(", 'services': {'system': {'a': {'image': 'x:1'}, 'a2': {'image': 'x:1'}},"
		  " 'core': {'b': {'image': 'x:2'}}, 'ui': {'c': {'image': 'x:1'}}}"));

	assert_before(g, CREATE("service/a"), UPDATE("service/b"));
	assert_before(g, CREATE("service/a2"), UPDATE("service/b"));
	assert_before(g, UPDATE("service/b"), CREATE("service/c"));
	assert_independent(g, CREATE("service/a"), CREATE("service/a2"));
}

/* With nothing between them, too. */
static void test_graph__tiers_in_between_may_be_empty(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, nothing,
		P(", 'services': {'system': {'a': {'image': 'x:1'}}, 'ui': {'c': {'image': 'x:1'}}}"));

	assert_before(g, CREATE("service/a"), CREATE("service/c"));
}

/* What does not change. */

static void test_graph__unchanged_service_is_waited_for_by_those_that_depend_on_it(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, CORE("'db': {'image': 'd:1'}"),
		CORE("'db': {'image': 'd:1'}, 'web': {'image': 'w:1', 'dependsOn': ['db']}"));

	assert_before(g, VERIFY("service/db"), CREATE("service/web"));
	assert_true(step_of(g, ZPM_OP_VERIFY, "service/db")->optional);
	assert_false(step_of(g, ZPM_OP_CREATE, "service/web")->optional);
}

static void test_graph__unchanged_service_holds_up_nobody_else(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		P(", 'services': {'system': {'a': {'image': 'x:1'}}, 'core': {'gone': {'image': 'x:1'}}}"),
		P(", 'services': {'system': {'a': {'image': 'x:1'}}, 'core': {'b': {'image': 'x:1'}}}"));

	assert_int_equal(step_of(g, ZPM_OP_VERIFY, "service/a")->next.n, 0);
	assert_independent(g, VERIFY("service/a"), CREATE("service/b"));
	assert_independent(g, VERIFY("service/a"), REMOVE("service/gone"));
}

static void test_graph__unchanged_service_is_looked_at_after_what_it_depends_on(void **state)
{
	struct test *t = *state;
	static const char web[] = "'web': {'image': 'w:1', 'dependsOn': ['db']}";
	const struct zpm_graph *g =
		graph(t, zpm_arena_printf(t->arena, CORE("%s, 'db': {'image': 'd:1'}"), web),
			zpm_arena_printf(t->arena, CORE("%s, 'db': {'image': 'd:2'}"), web));

	assert_before(g, UPDATE("service/db"), VERIFY("service/web"));
}

static void test_graph__unchanged_network_and_volume_need_no_step(void **state)
{
	static const char manifest[] = P(", 'networks': {'net': {}}, 'volumes': {'data': {}}");
	const struct zpm_graph *g = graph(*state, manifest, manifest);

	for (size_t i = 0; i < g->steps.n; i++)
		assert_int_equal(((struct zpm_step *)g->steps.v[i])->op, ZPM_OP_GATE);
}

/* Replacements. */

static void test_graph__replacement_removes_and_creates(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g =
		graph(t, CORE("'web': {'image': 'w:1'}"), CORE("'web': {'image': 'w:1', 'mode': 'global'}"));

	assert_before(g, REMOVE("service/web"), CREATE("service/web"));
	assert_ptr_equal(step_of(g, ZPM_OP_REMOVE, "service/web")->change,
		step_of(g, ZPM_OP_CREATE, "service/web")->change);
}

static void test_graph__those_behind_a_replacement_wait_for_its_second_half(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, CORE("'db': {'image': 'd:1'}"),
		CORE("'db': {'image': 'd:1', 'mode': 'global'}, 'web': {'image': 'w:1', 'dependsOn': "
		     "['db']}"));

	assert_before(g, CREATE("service/db"), CREATE("service/web"));
}

#define OPEN   "'networks': {'net': {'attachable': true}}"
#define CLOSED "'networks': {'net': {}}"
#define ON_NET "'image': 'x:1', 'networks': ['net']"

static void test_graph__network_is_replaced_while_its_services_are_away(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g =
		graph(t, WITH(CLOSED, "'web': {" ON_NET "}"), WITH(OPEN, "'web': {" ON_NET "}"));

	assert_before(g, REMOVE("service/web"), REMOVE("network/net"));
	assert_before(g, REMOVE("network/net"), CREATE("network/net"));
	assert_before(g, CREATE("network/net"), CREATE("service/web"));
}

static void test_graph__network_shared_by_tiers_is_replaced_once_all_are_away(void **state)
{
	struct test *t = *state;
	static const char services[] = "'services': {'system': {'a': {" ON_NET "}}, 'core': {'b': {" ON_NET
				       ", 'dependsOn': ['a']}}}";
	const struct zpm_graph *g = graph(t, zpm_arena_printf(t->arena, P(", " CLOSED ", %s"), services),
		zpm_arena_printf(t->arena, P(", " OPEN ", %s"), services));

	assert_before(g, REMOVE("service/a"), REMOVE("network/net"));
	assert_before(g, REMOVE("service/b"), REMOVE("network/net"));
	assert_before(g, CREATE("service/a"), CREATE("service/b"));
}

/* Swarm refuses to remove a network that a service still uses. */

static bool taken_off_before(
	struct test *t, const struct zpm_graph *g, const char *service, const char *network)
{
	enum zpm_op op = find(g, ZPM_OP_REMOVE, service) ? ZPM_OP_REMOVE : ZPM_OP_UPDATE;

	return leads(t, g, (struct named){ op, service }, REMOVE(network));
}

static void test_graph__service_leaves_its_network_before_that_is_replaced(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g =
		graph(t, WITH(CLOSED, "'web': {" ON_NET "}"), WITH(OPEN, "'web': {'image': 'x:1'}"));

	assert_true(taken_off_before(t, g, "service/web", "network/net"));
}

/* Although its tier comes after the one that waits for the network. */
static void test_graph__service_of_a_later_tier_leaves_its_network_first(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		P(", " CLOSED ", 'services': {'system': {'a': {" ON_NET "}}, 'ui': {'b': {" ON_NET "}}}"),
		P(", " OPEN ", 'services': {'system': {'a': {" ON_NET "}}, 'ui': {'b': {'image': 'x:1'}}}"));

	assert_true(taken_off_before(t, g, "service/b", "network/net"));
	assert_before(g, CREATE("network/net"), CREATE("service/a"));
}

static void test_graph__orphan_is_removed_before_its_network_is_replaced(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, WITH(CLOSED, "'web': {" ON_NET "}, 'gone': {" ON_NET "}"),
		WITH(OPEN, "'web': {" ON_NET "}"));

	assert_before(g, REMOVE("service/gone"), REMOVE("network/net"));
}

/* Deletes. */

static void test_graph__deletes_come_last(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, CORE("'gone': {'image': 'x:1'}, 'old': {'image': 'x:1'}"),
		P(", 'networks': {'net': {}}, 'services': {'core': {'old': {'image': 'x:2'}},"
		  " 'ui': {'new': {'image': 'x:1'}}}"));

	assert_before(g, UPDATE("service/old"), REMOVE("service/gone"));
	assert_before(g, CREATE("service/new"), REMOVE("service/gone"));
	assert_before(g, CREATE("network/net"), REMOVE("service/gone"));
}

static void test_graph__orphaned_services_go_before_their_networks(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t, WITH(CLOSED, "'a': {" ON_NET "}, 'b': {" ON_NET "}"), nothing);

	assert_before(g, REMOVE("service/a"), REMOVE("network/net"));
	assert_before(g, REMOVE("service/b"), REMOVE("network/net"));
	assert_independent(g, REMOVE("service/a"), REMOVE("service/b"));
}

/* Somebody may have taken its label off. */
static void test_graph__orphan_of_no_tier_goes_before_its_network_too(void **state)
{
	struct test *t = *state;
	const struct zpm_platform *platform = given_platform(t, nothing);
	struct zpm_objects *have = given_observed(t, WITH(CLOSED, "'a': {" ON_NET "}"));
	const struct zpm_plan *plan;
	const struct zpm_graph *g;

	object_of(have, ZPM_KIND_SERVICE, "a")->tier = ZPM_TIER_NONE;
	plan = keep_plan(t, zpm_plan_new(platform, zpm_expand(platform, t->arena), have,
				    &(struct zpm_plan_options){ 0 }));
	g = zpm_graph_new(plan, t->arena);
	assert_before(g, REMOVE("service/a"), REMOVE("network/net"));
}

static void test_graph__orphans_go_tier_by_tier_from_the_last(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		P(", 'services': {'system': {'a': {'image': 'x:1'}}, 'core': {'b': {'image': 'x:1'}},"
		  " 'ui': {'c': {'image': 'x:1'}}}"),
		nothing);

	assert_before(g, REMOVE("service/c"), REMOVE("service/b"));
	assert_before(g, REMOVE("service/b"), REMOVE("service/a"));
}

static void test_graph__orphan_that_holds_a_wanted_port_goes_first(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		CORE("'gone': {'image': 'x:1', 'ports': ['80:8080', '81:81']}, 'gone2': {'image': 'x:1'},"
		     " 'old': {'image': 'x:1'}"),
		CORE("'new': {'image': 'x:1', 'ports': ['80:80']}, 'old': {'image': 'x:1', 'ports': "
		     "['81:81']}"));

	assert_before(g, REMOVE("service/gone"), CREATE("service/new"));
	assert_before(g, REMOVE("service/gone"), UPDATE("service/old"));
	assert_before(g, CREATE("service/new"), REMOVE("service/gone2"));
}

static void test_graph__orphan_with_another_port_or_protocol_goes_last(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		CORE("'a': {'image': 'x:1', 'ports': ['82:80']}, 'b': {'image': 'x:1', 'ports': "
		     "['80:80/udp']},"
		     " 'c': {'image': 'x:1', 'ports': ['80']}"),
		CORE("'new': {'image': 'x:1', 'ports': ['80:80', '8080']}"));

	assert_before(g, CREATE("service/new"), REMOVE("service/a"));
	assert_before(g, CREATE("service/new"), REMOVE("service/b"));
	assert_before(g, CREATE("service/new"), REMOVE("service/c"));
}

static void test_graph__port_given_up_by_one_service_is_free_for_another(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		CORE("'b': {'image': 'x:1'}, 'giver': {'image': 'x:1', 'ports': ['80:80', '81:81']}"),
		CORE("'a': {'image': 'x:1', 'ports': ['80:80']}, 'b': {'image': 'x:1', 'ports': ['81:81']},"
		     " 'giver': {'image': 'x:1'}"));

	assert_before(g, UPDATE("service/giver"), CREATE("service/a"));
	assert_before(g, UPDATE("service/giver"), UPDATE("service/b"));
}

static void test_graph__port_of_a_replaced_service_is_free_once_it_is_removed(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		CORE("'a': {'image': 'x:1', 'ports': ['80:80']}, 'b': {'image': 'x:1'}"),
		CORE("'a': {'image': 'x:1', 'mode': 'global'}, 'b': {'image': 'x:1', 'ports': ['80:80']}"));

	assert_before(g, REMOVE("service/a"), UPDATE("service/b"));
}

/* One of them cannot succeed, but that is no reason to wait for ever. */
static void test_graph__services_that_swap_ports_do_not_wait_for_each_other(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = graph(t,
		CORE("'a': {'image': 'x:1', 'ports': ['80:80']}, 'b': {'image': 'x:1', 'ports': ['81:80']}"),
		CORE("'a': {'image': 'x:1', 'ports': ['81:80']}, 'b': {'image': 'x:1', 'ports': ['80:80']}"));

	assert_false(leads(t, g, UPDATE("service/a"), UPDATE("service/a")));
	assert_false(leads(t, g, UPDATE("service/b"), UPDATE("service/b")));
}

static const struct zpm_graph *destruction(struct test *t, const char *observed, const char *manifest)
{
	const struct zpm_platform *platform = given_platform(t, manifest);
	struct zpm_plan *plan =
		zpm_plan_destroy(platform, zpm_expand(platform, t->arena), given_observed(t, observed), true);

	return zpm_graph_new(keep_plan(t, plan), t->arena);
}

static void test_graph__destroy_removes_those_that_depend_on_a_service_before_it(void **state)
{
	struct test *t = *state;
	static const char manifest[] =
		CORE("'web': {'image': 'x:1', 'dependsOn': ['db']}, 'db': {'image': 'x:1'}");
	const struct zpm_graph *g = destruction(t, manifest, manifest);

	assert_before(g, REMOVE("service/web"), REMOVE("service/db"));
}

/* The tier on the Engine is an older one than that of the manifest. */
static void test_graph__destroy_ends_when_a_service_has_moved_to_another_tier(void **state)
{
	struct test *t = *state;
	const struct zpm_graph *g = destruction(t,
		P(", 'services': {'core': {'web': {'image': 'x:1'}}, 'ui': {'db': {'image': 'x:1'}}}"),
		CORE("'web': {'image': 'x:1', 'dependsOn': ['db']}, 'db': {'image': 'x:1'}"));

	assert_false(leads(t, g, REMOVE("service/db"), REMOVE("service/db")));
	assert_false(leads(t, g, REMOVE("service/web"), REMOVE("service/web")));
}

static void test_graph__destroy_goes_against_the_tiers_and_networks_last(void **state)
{
	struct test *t = *state;
	static const char manifest[] = P(", 'networks': {'net': {}}, 'volumes': {'data': {}}, 'services': {"
					 "'system': {'a': {'image': 'x:1'}}, 'ui': {'b': {'image': 'x:1'}}}");
	const struct zpm_graph *g = destruction(t, manifest, manifest);

	assert_before(g, REMOVE("service/b"), REMOVE("service/a"));
	assert_before(g, REMOVE("service/a"), REMOVE("volume/data"));
	assert_before(g, REMOVE("service/a"), REMOVE("network/net"));
	assert_null(find(g, ZPM_OP_VERIFY, "service/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_graph__service_comes_after_its_network_and_volume),
		TEST(test_graph__service_comes_after_those_it_depends_on),
		TEST(test_graph__tier_waits_for_the_one_before),
		TEST(test_graph__tiers_in_between_may_be_empty),
		TEST(test_graph__unchanged_service_is_waited_for_by_those_that_depend_on_it),
		TEST(test_graph__unchanged_service_holds_up_nobody_else),
		TEST(test_graph__unchanged_service_is_looked_at_after_what_it_depends_on),
		TEST(test_graph__unchanged_network_and_volume_need_no_step),
		TEST(test_graph__replacement_removes_and_creates),
		TEST(test_graph__those_behind_a_replacement_wait_for_its_second_half),
		TEST(test_graph__network_is_replaced_while_its_services_are_away),
		TEST(test_graph__network_shared_by_tiers_is_replaced_once_all_are_away),
		TEST(test_graph__service_leaves_its_network_before_that_is_replaced),
		TEST(test_graph__service_of_a_later_tier_leaves_its_network_first),
		TEST(test_graph__orphan_is_removed_before_its_network_is_replaced),
		TEST(test_graph__deletes_come_last),
		TEST(test_graph__orphaned_services_go_before_their_networks),
		TEST(test_graph__orphan_of_no_tier_goes_before_its_network_too),
		TEST(test_graph__orphans_go_tier_by_tier_from_the_last),
		TEST(test_graph__orphan_that_holds_a_wanted_port_goes_first),
		TEST(test_graph__orphan_with_another_port_or_protocol_goes_last),
		TEST(test_graph__port_given_up_by_one_service_is_free_for_another),
		TEST(test_graph__port_of_a_replaced_service_is_free_once_it_is_removed),
		TEST(test_graph__services_that_swap_ports_do_not_wait_for_each_other),
		TEST(test_graph__destroy_goes_against_the_tiers_and_networks_last),
		TEST(test_graph__destroy_removes_those_that_depend_on_a_service_before_it),
		TEST(test_graph__destroy_ends_when_a_service_has_moved_to_another_tier),
	};

	return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
