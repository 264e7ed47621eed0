/*
 * The fields in which two objects differ, how plans call them, and what each
 * costs. The costs are Swarm's: it replaces tasks when the task or endpoint
 * spec differs, and leaves them alone for labels, replicas and update settings.
 */
#include "support.h"

#include "model/network.h"
#include "model/service.h"
#include "model/shape.h"
#include "model/volume.h"
#include "plan/diff.h"

#include <string.h>

struct outcome {
	enum zpm_cost cost;
	struct zpm_ptrs changes;
};

static struct outcome diff(struct test *t, const struct zpm_shape *shape, const char *have, const char *want)
{
	struct outcome outcome = { 0 };

	outcome.cost = zpm_diff(shape, given_canonical(t, shape, have), given_canonical(t, shape, want),
		t->arena, &outcome.changes);
	for (size_t i = 0; i < outcome.changes.n; i++) {
		const struct zpm_field_change *change = outcome.changes.v[i];

		keep_json(t, change->old);
		keep_json(t, change->now);
	}
	return outcome;
}

static struct outcome diff_service(struct test *t, const char *have, const char *want)
{
	return diff(t, &zpm_service_shape, have, want);
}

/* All changes as text: "path: old -> now", joined by "; ". */
static const char *text_of(struct test *t, const struct outcome *outcome)
{
	const char *text = "";

	for (size_t i = 0; i < outcome->changes.n; i++) {
		const struct zpm_field_change *change = outcome->changes.v[i];
		const char *old = json_object_to_json_string_ext(
			change->old, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
		const char *now = json_object_to_json_string_ext(
			change->now, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

		text = zpm_arena_printf(
			t->arena, "%s%s%s: %s -> %s", text, i ? "; " : "", change->path, old, now);
	}
	return text;
}

static void assert_diff(struct test *t, const char *have, const char *want, const char *expected)
{
	struct outcome outcome = diff_service(t, have, want);

	assert_string_equal(text_of(t, &outcome), expected);
}

static void assert_cost(struct test *t, const char *have, const char *want, enum zpm_cost expected)
{
	struct outcome outcome = diff_service(t, have, want);

	if (outcome.cost != expected)
		fail_msg("%s -> %s costs %d, not %d", have, want, outcome.cost, expected);
	assert_int_equal(outcome.changes.n != 0, expected != ZPM_COST_NONE);
}

/* What differs. */

static void test_diff__equal_objects_have_no_difference(void **state)
{
	struct test *t = *state;

	assert_diff(t, "{'image': 'a:1'}", "{'image': 'a:1'}", "");
	assert_cost(t, "{'environment': {'A': '1', 'B': '2'}}", "{'environment': {'B': '2', 'A': '1'}}",
		ZPM_COST_NONE);
}

static void test_diff__scalar(void **state)
{
	assert_diff(*state, "{'user': 'root'}", "{'user': 'app'}", "user: \"root\" -> \"app\"");
}

static void test_diff__number_as_the_manifest_writes_it(void **state)
{
	struct test *t = *state;

	assert_diff(t, "{'replicas': 1}", "{'replicas': 3}", "replicas: 1 -> 3");
	assert_diff(t, "{'stopGracePeriod': '10s'}", "{'stopGracePeriod': '1m30s'}",
		"stopGracePeriod: \"10s\" -> \"1m30s\"");
	assert_diff(t, "{'tty': false}", "{'tty': true}", "tty: false -> true");
}

static void test_diff__what_was_or_will_be_unset_is_null(void **state)
{
	struct test *t = *state;

	assert_diff(t, "{}", "{'user': 'app'}", "user: null -> \"app\"");
	assert_diff(t, "{'user': 'app'}", "{}", "user: \"app\" -> null");
}

static void test_diff__map_entry_by_entry(void **state)
{
	assert_diff(*state, "{'environment': {'SAME': '1', 'GONE': '2', 'OLD': '3'}}",
		"{'environment': {'SAME': '1', 'OLD': '4', 'NEW': ''}}",
		"environment.OLD: \"3\" -> \"4\"; environment.NEW: null -> \"\"; environment.GONE: \"2\" -> "
		"null");
}

static void test_diff__list_as_a_whole(void **state)
{
	assert_diff(*state, "{'command': ['a', 'b']}", "{'command': ['b', 'a']}",
		"command: [\"a\",\"b\"] -> [\"b\",\"a\"]");
}

static void test_diff__set_sorted(void **state)
{
	assert_diff(*state, "{'capAdd': ['SYS_TIME', 'CHOWN']}", "{'capAdd': ['SYS_TIME', 'KILL']}",
		"capAdd: [\"CHOWN\",\"SYS_TIME\"] -> [\"KILL\",\"SYS_TIME\"]");
}

static void test_diff__nested_field_by_field(void **state)
{
	assert_diff(*state, "{'resources': {'limits': {'memory': '64m', 'pids': 5}}}",
		"{'resources': {'limits': {'memory': '128m', 'pids': 5}, 'reservations': {'cpus': '0.5'}}}",
		"resources.limits.memory: \"64m\" -> \"128m\"; resources.reservations.cpus: null -> \"0.5\"");
}

static void test_diff__nested_removed_as_a_whole(void **state)
{
	assert_diff(*state, "{'healthcheck': {'test': ['NONE'], 'retries': 3}}", "{}",
		"healthcheck.test: [\"NONE\"] -> null; healthcheck.retries: 3 -> null");
}

static void test_diff__element_by_its_key(void **state)
{
	assert_diff(*state, "{'volumes': ['a:/data:ro', 'b:/same']}",
		"{'volumes': ['b:/same', 'c:/data:ro']}", "volumes./data.source: \"a\" -> \"c\"");
}

static void test_diff__element_new_or_gone(void **state)
{
	assert_diff(*state, "{'networks': ['a', 'b']}",
		"{'networks': ['a', {'name': 'c', 'aliases': ['x']}]}",
		"networks.c: null -> {\"name\":\"c\",\"aliases\":[\"x\"]}; networks.b: {\"name\":\"b\"} -> "
		"null");
}

static void test_diff__port_by_both_ends(void **state)
{
	assert_diff(*state, "{'ports': ['8081:8080']}",
		"{'ports': [{'published': 8081, 'target': 8080, 'mode': 'host'}]}",
		"ports.8081/8080/tcp.mode: \"ingress\" -> \"host\"");
}

static void test_diff__default_said_and_unsaid_is_the_same(void **state)
{
	assert_diff(*state, "{}",
		"{'restart': 'any', 'update': {'order': 'stop-first'}, 'replicas': 1, 'readOnly': false}",
		"");
}

static void test_diff__what_the_engine_is_not_told_is_no_difference(void **state)
{
	assert_diff(
		*state, "{'dependsOn': ['a'], 'tier': 'core'}", "{'dependsOn': ['b'], 'envFile': ['x']}", "");
}

/* The digest that the Engine pinned an image to is left aside; one that the manifest asks for is not. */

static void test_diff__digest_on_the_engine_only_is_no_difference(void **state)
{
	assert_diff(*state, "{'image': 'a:1@sha256:aa'}", "{'image': 'a:1'}", "");
}

static void test_diff__digest_in_the_manifest_only_is_a_difference(void **state)
{
	assert_diff(*state, "{'image': 'a:1'}", "{'image': 'a:1@sha256:aa'}",
		"image: \"a:1\" -> \"a:1@sha256:aa\"");
}

/* What the Engine chose is no difference; what the manifest declares and the Engine lacks is one. */

static void test_diff__undeclared_addresses_are_the_engines(void **state)
{
	struct outcome outcome = diff(*state, &zpm_network_shape,
		"{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.1'}]}", "{}");

	assert_int_equal(outcome.changes.n, 0);
}

static void test_diff__declared_addresses_that_are_not_there_are_a_difference(void **state)
{
	struct test *t = *state;
	struct outcome outcome = diff(t, &zpm_network_shape, "{}", "{'ipam': [{'subnet': '10.0.1.0/24'}]}");

	assert_string_equal(text_of(t, &outcome), "ipam.10.0.1.0/24: null -> {\"subnet\":\"10.0.1.0/24\"}");
	assert_int_equal(outcome.cost, ZPM_COST_REPLACE);
}

/* Costs. */

static void test_diff__cost_of_what_swarm_changes_in_place(void **state)
{
	struct test *t = *state;

	assert_cost(t, "{}", "{'replicas': 3}", ZPM_COST_IN_PLACE);
	assert_cost(t, "{}", "{'labels': {'a': '1'}}", ZPM_COST_IN_PLACE);
	assert_cost(t, "{}", "{'update': {'parallelism': 2}}", ZPM_COST_IN_PLACE);
	assert_cost(t, "{}", "{'update': {'maxFailureRatio': '0.5'}}", ZPM_COST_IN_PLACE);
	assert_cost(t, "{}", "{'rollback': {'order': 'start-first'}}", ZPM_COST_IN_PLACE);
}

static void test_diff__cost_of_what_is_in_the_containers(void **state)
{
	static const char *const restarting[] = { "{'image': 'b:1'}", "{'entrypoint': ['x']}",
		"{'command': ['x']}", "{'environment': {'A': '1'}}", "{'volumes': ['a:/a']}",
		"{'healthcheck': {'test': ['NONE']}}", "{'containerLabels': {'a': '1'}}",
		"{'stopGracePeriod': '5s'}", "{'stopSignal': 'SIGINT'}", "{'user': 'x'}",
		"{'workingDir': '/x'}", "{'hostname': 'x'}", "{'extraHosts': {'x': '10.0.0.1'}}",
		"{'dns': ['10.0.0.1']}", "{'dnsSearch': ['x']}", "{'dnsOptions': ['x']}",
		"{'capAdd': ['KILL']}", "{'capDrop': ['KILL']}", "{'init': true}", "{'readOnly': true}",
		"{'tty': true}", "{'sysctls': {'a': '1'}}",
		"{'ulimits': {'nofile': {'soft': 1, 'hard': 2}}}" };

	for (size_t i = 0; i < ZPM_COUNT(restarting); i++)
		assert_cost(*state, "{}", restarting[i], ZPM_COST_RESTART);
}

static void test_diff__cost_of_what_is_around_the_containers(void **state)
{
	static const char *const restarting[] = { "{'restart': 'none'}", "{'restart': {'delay': '1s'}}",
		"{'resources': {'limits': {'cpus': '1'}}}",
		"{'resources': {'reservations': {'memory': '8m'}}}",
		"{'placement': {'preferences': ['node.labels.a']}}",
		"{'placement': {'maxReplicasPerNode': 1}}", "{'networks': ['a']}",
		"{'logging': {'driver': 'local'}}", "{'logging': {'options': {'a': '1'}}}",
		"{'ports': ['80']}", "{'endpointMode': 'dnsrr'}" };

	for (size_t i = 0; i < ZPM_COUNT(restarting); i++)
		assert_cost(*state, "{}", restarting[i], ZPM_COST_RESTART);
}

static void test_diff__cost_of_another_mode_is_a_new_service(void **state)
{
	assert_cost(*state, "{}", "{'mode': 'global'}", ZPM_COST_REPLACE);
	assert_cost(*state, "{'mode': 'global'}", "{'replicas': 2}", ZPM_COST_REPLACE);
}

static void test_diff__cost_inside_an_element_or_object(void **state)
{
	struct test *t = *state;

	assert_cost(t, "{'volumes': ['a:/a']}", "{'volumes': ['a:/a:ro']}", ZPM_COST_RESTART);
	assert_cost(t, "{'healthcheck': {'test': ['NONE']}}",
		"{'healthcheck': {'test': ['NONE'], 'retries': 2}}", ZPM_COST_RESTART);
	assert_cost(t, "{'ports': ['80']}", "{}", ZPM_COST_RESTART);
}

static void test_diff__cost_is_that_of_the_dearest_change(void **state)
{
	assert_cost(*state, "{}", "{'labels': {'a': '1'}, 'user': 'x', 'replicas': 2}", ZPM_COST_RESTART);
	assert_cost(*state, "{}", "{'mode': 'global', 'user': 'x', 'labels': {'a': '1'}}", ZPM_COST_REPLACE);
}

/* Swarm has no update for networks, nor the Engine for volumes. */
static void test_diff__cost_of_networks_and_volumes_is_a_replacement(void **state)
{
	static const char *const networks[] = { "{'driver': 'macvlan'}", "{'attachable': true}",
		"{'internal': true}", "{'ipv6': true}", "{'options': {'encrypted': ''}}",
		"{'labels': {'a': '1'}}", "{'ipam': [{'subnet': '10.2.0.0/24'}]}" };
	static const char *const volumes[] = { "{'driver': 'x'}", "{'driverOptions': {'type': 'nfs'}}",
		"{'labels': {'a': '1'}}" };
	struct test *t = *state;

	for (size_t i = 0; i < ZPM_COUNT(networks); i++)
		assert_int_equal(
			diff(t, &zpm_network_shape, "{'ipam': [{'subnet': '10.1.0.0/24'}]}", networks[i])
				.cost,
			ZPM_COST_REPLACE);
	for (size_t i = 0; i < ZPM_COUNT(volumes); i++)
		assert_int_equal(diff(t, &zpm_volume_shape, "{}", volumes[i]).cost, ZPM_COST_REPLACE);
}

/* Random services. */

static void difference_is_no_equality(struct test *t, struct dice *dice)
{
	const struct zpm_shape *shape = &zpm_service_shape;
	const void *a = random_canonical(dice, shape, t->arena);
	const void *b = random_canonical(dice, shape, t->arena);
	struct zpm_ptrs changes = { 0 };

	assert_int_equal(zpm_diff(shape, a, a, t->arena, &changes), ZPM_COST_NONE);
	assert_int_equal(changes.n, 0);
	assert_int_not_equal(zpm_diff(shape, a, b, t->arena, &changes), ZPM_COST_NONE);
	assert_int_not_equal(changes.n, 0);
	for (size_t i = 0; i < changes.n; i++) {
		const struct zpm_field_change *change = changes.v[i];

		keep_json(t, change->old);
		keep_json(t, change->now);
		/* A change that shows the same on both sides helps nobody. */
		if (json_object_equal(change->old, change->now))
			fail_msg("%s changes from %s to the same", change->path,
				json_object_to_json_string(change->old));
	}
}

static void test_diff__shows_two_sides_that_differ(void **state)
{
	each_seed(*state, 500, difference_is_no_equality);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_diff__equal_objects_have_no_difference),
		TEST(test_diff__scalar),
		TEST(test_diff__number_as_the_manifest_writes_it),
		TEST(test_diff__what_was_or_will_be_unset_is_null),
		TEST(test_diff__map_entry_by_entry),
		TEST(test_diff__list_as_a_whole),
		TEST(test_diff__set_sorted),
		TEST(test_diff__nested_field_by_field),
		TEST(test_diff__nested_removed_as_a_whole),
		TEST(test_diff__element_by_its_key),
		TEST(test_diff__element_new_or_gone),
		TEST(test_diff__port_by_both_ends),
		TEST(test_diff__default_said_and_unsaid_is_the_same),
		TEST(test_diff__what_the_engine_is_not_told_is_no_difference),
		TEST(test_diff__digest_on_the_engine_only_is_no_difference),
		TEST(test_diff__digest_in_the_manifest_only_is_a_difference),
		TEST(test_diff__undeclared_addresses_are_the_engines),
		TEST(test_diff__declared_addresses_that_are_not_there_are_a_difference),
		TEST(test_diff__cost_of_what_swarm_changes_in_place),
		TEST(test_diff__cost_of_what_is_in_the_containers),
		TEST(test_diff__cost_of_what_is_around_the_containers),
		TEST(test_diff__cost_of_another_mode_is_a_new_service),
		TEST(test_diff__cost_inside_an_element_or_object),
		TEST(test_diff__cost_is_that_of_the_dearest_change),
		TEST(test_diff__cost_of_networks_and_volumes_is_a_replacement),
		TEST(test_diff__shows_two_sides_that_differ),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
