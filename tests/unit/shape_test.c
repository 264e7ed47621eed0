/*
 * Generic work on objects: the canonical form, merging, keys and equality.
 * Mostly shown on the service, whose table has every type.
 */
#include "support.h"

#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

static struct zpm_service *service(struct test *t, const char *text)
{
	return given_object(t, &zpm_service_shape, text);
}

static struct zpm_service *canonical(struct test *t, const char *text)
{
	return given_canonical(t, &zpm_service_shape, text);
}

static bool equal(struct test *t, const char *a, const char *b)
{
	return zpm_shape_equal(&zpm_service_shape, canonical(t, a), canonical(t, b), t->arena);
}

/* The canonical form. */

static void test_shape_new__has_nothing_set(void **state)
{
	struct test *t = *state;

	for (size_t kind = 0; kind < ZPM_KIND_COUNT; kind++) {
		const struct zpm_shape *shape = zpm_kinds[kind].shape;
		const void *object = zpm_shape_new(shape, t->arena);

		ZPM_EACH_FIELD (field, shape)
			assert_true(zpm_field_is_unset(field, object));
	}
}

static void test_shape_canonicalise__fills_defaults(void **state)
{
	const struct zpm_service *s = canonical(*state, "{}");

	assert_string_equal(s->mode, "replicated");
	assert_string_equal(s->endpoint_mode, "vip");
	assert_int_equal(s->replicas, 1);
	assert_int_equal(s->stop_grace_period, 10000000000);
	assert_int_equal(s->read_only, 0);
}

/* As GET /services/{id}?insertDefaults=true shows them. */
static void test_shape_canonicalise__makes_nested_objects_that_have_defaults(void **state)
{
	const struct zpm_service *s = canonical(*state, "{}");

	assert_string_equal(s->restart->condition, "any");
	assert_int_equal(s->restart->delay, 5000000000);
	assert_int_equal(s->restart->max_attempts, 0);
	assert_string_equal(s->update->failure_action, "pause");
	assert_string_equal(s->update->order, "stop-first");
	assert_int_equal(s->update->monitor, 5000000000);
	assert_int_equal(s->update->parallelism, 1);
	assert_string_equal(s->rollback->failure_action, "pause");
	assert_int_equal(s->rollback->parallelism, 1);
}

static void test_shape_canonicalise__makes_no_other_nested_objects(void **state)
{
	const struct zpm_service *s = canonical(*state, "{}");

	assert_null(s->healthcheck);
	assert_null(s->resources);
	assert_null(s->placement);
	assert_null(s->logging);
}

static void test_shape_canonicalise__completes_a_nested_object(void **state)
{
	const struct zpm_service *s = canonical(*state, "{'update': {'parallelism': 3}}");

	assert_int_equal(s->update->parallelism, 3);
	assert_string_equal(s->update->order, "stop-first");
}

static void test_shape_canonicalise__completes_list_elements(void **state)
{
	const struct zpm_service *s = canonical(*state, "{'ports': ['80'], 'volumes': ['data:/data']}");
	const struct zpm_port *port = s->ports.v[0];
	const struct zpm_mount *mount = s->volumes.v[0];

	assert_string_equal(port->protocol, "tcp");
	assert_string_equal(port->mode, "ingress");
	assert_int_equal(mount->read_only, 0);
}

static void test_shape_canonicalise__explicit_nothing_is_unset(void **state)
{
	const struct zpm_service *s =
		canonical(*state, "{'user': '', 'workingDir': '', 'hostname': '', 'resources': {'limits': "
				  "{'pids': 0, 'cpus': '0'}},"
				  " 'healthcheck': {'test': ['NONE'], 'retries': 0, 'interval': '0s'}}");

	assert_null(s->user);
	assert_null(s->working_dir);
	assert_null(s->hostname);
	assert_int_equal(s->resources->limits->pids, ZPM_UNSET);
	assert_int_equal(s->resources->limits->cpus, ZPM_UNSET);
	assert_int_equal(s->healthcheck->retries, ZPM_UNSET);
	assert_int_equal(s->healthcheck->interval, ZPM_UNSET);
}

static void test_shape_canonicalise__explicit_zero_beats_a_default(void **state)
{
	const struct zpm_service *s = canonical(*state,
		"{'stopGracePeriod': '0s', 'restart': {'delay': '0s'}, 'update': {'parallelism': 0}}");

	assert_int_equal(s->stop_grace_period, 0);
	assert_int_equal(s->restart->delay, 0);
	assert_int_equal(s->update->parallelism, 0);
}

/* Without a default, unset is a third thing: the Engine's own setting. */
static void test_shape_canonicalise__false_is_not_unset(void **state)
{
	assert_int_equal(canonical(*state, "{'init': false}")->init, 0);
	assert_int_equal(canonical(*state, "{}")->init, ZPM_UNSET);
}

/* Required members mean what they say, zero too: a core limit of 0 is the usual one. */
static void test_shape_canonicalise__required_zero_stays(void **state)
{
	const struct zpm_service *s = canonical(*state, "{'ulimits': {'core': {'soft': 0, 'hard': 0}}}");
	const struct zpm_ulimit *core = s->ulimits.v[0];

	assert_int_equal(core->soft, 0);
	assert_int_equal(core->hard, 0);
}

static void test_shape_canonicalise__no_replicas_stays_none(void **state)
{
	assert_int_equal(canonical(*state, "{'replicas': 0}")->replicas, 0);
}

static void test_shape_canonicalise__global_has_no_replicas(void **state)
{
	assert_int_equal(canonical(*state, "{'mode': 'global', 'replicas': 3}")->replicas, ZPM_UNSET);
}

static void test_shape_canonicalise__constraints_get_one_spelling(void **state)
{
	const struct zpm_service *s = canonical(
		*state, "{'placement': {'constraints': ['node.role==manager', 'node.labels.a  !=  b c']}}");

	assert_string_equal(s->placement->constraints.v[0], "node.role == manager");
	assert_string_equal(s->placement->constraints.v[1], "node.labels.a != b c");
}

/* Compose files and docker accept all of these; the manifest's own spelling is the bare upper case. */
static void test_shape_canonicalise__capabilities_get_one_spelling(void **state)
{
	struct test *t = *state;

	assert_true(equal(t, "{'capAdd': ['CAP_NET_ADMIN']}", "{'capAdd': ['NET_ADMIN']}"));
	assert_true(equal(t, "{'capAdd': ['net_admin']}", "{'capAdd': ['NET_ADMIN']}"));
	assert_true(equal(t, "{'capDrop': ['all']}", "{'capDrop': ['ALL']}"));
}

static void canonical_twice_is_canonical_once(struct test *t, struct dice *dice)
{
	for (size_t kind = 0; kind < ZPM_KIND_COUNT; kind++) {
		const struct zpm_shape *shape = zpm_kinds[kind].shape;
		void *object = random_canonical(dice, shape, t->arena);
		const char *once = text_of_object(t, shape, object);

		zpm_shape_canonicalise(shape, object, t->arena);
		assert_string_equal(text_of_object(t, shape, object), once);
	}
}

static void test_shape_canonicalise__twice_is_the_same_as_once(void **state)
{
	each_seed(*state, 500, canonical_twice_is_canonical_once);
}

/* Merging. */

static const char *merged(struct test *t, const char *own, const char *base)
{
	struct zpm_service *s = service(t, own);

	zpm_shape_merge(&zpm_service_shape, s, service(t, base), t->arena);
	return text_of_object(t, &zpm_service_shape, s);
}

static void test_shape_merge__own_scalar_wins(void **state)
{
	struct test *t = *state;

	assert_string_equal(merged(t, "{'user': 'a', 'replicas': 2}", "{'user': 'b', 'hostname': 'h'}"),
		"{\"replicas\":2,\"user\":\"a\",\"hostname\":\"h\"}");
}

static void test_shape_merge__own_nothing_is_no_gap(void **state)
{
	struct test *t = *state;

	assert_string_equal(merged(t, "{'replicas': 0, 'tty': false}", "{'replicas': 3, 'tty': true}"),
		"{\"replicas\":0,\"tty\":false}");
}

static void test_shape_merge__maps_key_by_key(void **state)
{
	struct test *t = *state;

	assert_string_equal(
		merged(t, "{'environment': {'A': '1', 'B': '1'}}", "{'environment': {'B': '2', 'C': '2'}}"),
		"{\"environment\":{\"A\":\"1\",\"B\":\"1\",\"C\":\"2\"}}");
}

static void test_shape_merge__lists_and_sets_as_a_whole(void **state)
{
	struct test *t = *state;

	assert_string_equal(merged(t, "{'command': ['a'], 'capAdd': ['KILL']}",
				    "{'command': ['b', 'c'], 'capAdd': ['CHOWN'], 'dns': ['10.0.0.1']}"),
		"{\"command\":[\"a\"],\"dns\":[\"10.0.0.1\"],\"capAdd\":[\"KILL\"]}");
}

static void test_shape_merge__object_lists_as_a_whole(void **state)
{
	struct test *t = *state;

	assert_string_equal(merged(t, "{'networks': ['own']}", "{'networks': ['a', 'b'], 'ports': ['80']}"),
		"{\"ports\":[{\"target\":80}],\"networks\":[{\"name\":\"own\"}]}");
}

static void test_shape_merge__nested_objects_key_by_key(void **state)
{
	struct test *t = *state;

	assert_string_equal(merged(t, "{'resources': {'limits': {'pids': 5}}}",
				    "{'resources': {'limits': {'pids': 9, 'memory': '64m'},"
				    " 'reservations': {'cpus': '0.5'}}}"),
		"{\"resources\":{\"limits\":{\"memory\":\"64m\",\"pids\":5},\"reservations\":{\"cpus\":\"0."
		"5\"}}}");
}

static void test_shape_merge__leaves_base_and_shared_parts_alone(void **state)
{
	struct test *t = *state;
	struct zpm_service *own = service(t, "{'logging': {'driver': 'x'}, 'environment': {'A': '1'}}");
	const struct zpm_service *copy = zpm_shape_copy(&zpm_service_shape, own, t->arena);
	const struct zpm_service *base =
		service(t, "{'logging': {'options': {'o': '1'}}, 'environment': {'B': '2'}}");
	const char *base_was = text_of_object(t, &zpm_service_shape, base);
	const char *copy_was = text_of_object(t, &zpm_service_shape, copy);

	zpm_shape_merge(&zpm_service_shape, own, base, t->arena);
	assert_string_equal(text_of_object(t, &zpm_service_shape, base), base_was);
	assert_string_equal(text_of_object(t, &zpm_service_shape, copy), copy_was);
	assert_string_equal(zpm_pairs_get(&own->logging->options, "o"), "1");
}

/* Finding fields and naming elements. */

static void test_shape_key__joins_the_key_fields(void **state)
{
	struct test *t = *state;
	const struct zpm_service *s = canonical(t, "{'ports': ['8081:8080', '53/udp'], 'volumes': ['a:/b']}");

	assert_string_equal(zpm_shape_key(&zpm_port_shape, s->ports.v[0], t->arena), "8081/8080/tcp");
	assert_string_equal(zpm_shape_key(&zpm_port_shape, s->ports.v[1], t->arena), "/53/udp");
	assert_string_equal(zpm_shape_key(&zpm_mount_shape, s->volumes.v[0], t->arena), "/b");
}

static void test_shape_field__by_its_name_only(void **state)
{
	(void)state;
	assert_string_equal(zpm_shape_field(&zpm_service_shape, "image")->name, "image");
	assert_null(zpm_shape_field(&zpm_service_shape, "imag"));
	assert_null(zpm_shape_field(&zpm_service_shape, ""));
}

static void test_shape_nearest__finds_what_was_meant(void **state)
{
	(void)state;
	assert_string_equal(zpm_shape_nearest(&zpm_service_shape, "imgae")->name, "image");
	assert_string_equal(zpm_shape_nearest(&zpm_service_shape, "Enviroment")->name, "environment");
	assert_string_equal(zpm_shape_nearest(&zpm_service_shape, "depends_on")->name, "dependsOn");
	assert_string_equal(zpm_shape_nearest(&zpm_network_shape, "drivr")->name, "driver");
}

static void test_shape_nearest__is_silent_when_nothing_is_near(void **state)
{
	(void)state;
	assert_null(zpm_shape_nearest(&zpm_service_shape, "xyzzyplugh"));
}

static void test_shape_nearest__hides_what_is_no_key(void **state)
{
	const struct zpm_field *field = zpm_shape_nearest(&zpm_network_shape, "kex");

	(void)state;
	assert_true(!field || strcmp(field->name, "key") != 0);
}

/* Equality. */

static void test_shape_equal__maps_and_sets_in_any_order(void **state)
{
	struct test *t = *state;

	assert_true(
		equal(t, "{'environment': {'A': '1', 'B': '2'}}", "{'environment': {'B': '2', 'A': '1'}}"));
	assert_true(equal(t, "{'capAdd': ['KILL', 'CHOWN']}", "{'capAdd': ['CHOWN', 'KILL']}"));
	assert_true(equal(t, "{'networks': ['a', 'b']}", "{'networks': ['b', 'a']}"));
	assert_true(equal(t, "{'ports': ['80', '81:82']}", "{'ports': ['81:82', '80']}"));
}

static void test_shape_equal__lists_in_their_order(void **state)
{
	struct test *t = *state;

	assert_false(equal(t, "{'command': ['a', 'b']}", "{'command': ['b', 'a']}"));
	assert_false(equal(t, "{'dns': ['10.0.0.1', '10.0.0.2']}", "{'dns': ['10.0.0.2', '10.0.0.1']}"));
	assert_true(equal(t, "{'command': ['a', 'b']}", "{'command': ['a', 'b']}"));
}

static void test_shape_equal__sees_each_kind_of_difference(void **state)
{
	struct test *t = *state;

	assert_false(equal(t, "{}", "{'user': 'a'}"));
	assert_false(equal(t, "{'user': 'b'}", "{'user': 'a'}"));
	assert_false(equal(t, "{'replicas': 2}", "{'replicas': 3}"));
	assert_false(equal(t, "{'init': false}", "{}"));
	assert_false(equal(t, "{'environment': {'A': '1'}}", "{'environment': {'A': '2'}}"));
	assert_false(equal(t, "{'environment': {'A': '1'}}", "{'environment': {'B': '1'}}"));
	assert_false(equal(t, "{'capAdd': ['KILL']}", "{'capAdd': ['KILL', 'CHOWN']}"));
	assert_false(equal(t, "{'command': ['a']}", "{'command': ['a', 'a']}"));
	assert_false(equal(t, "{'resources': {'limits': {'pids': 5}}}", "{}"));
	assert_false(equal(t, "{'networks': [{'name': 'a', 'aliases': ['x']}]}", "{'networks': ['a']}"));
	assert_false(equal(t, "{'networks': ['a', 'b']}", "{'networks': ['a', 'c']}"));
}

static void test_shape_equal__nested_nothing_is_no_object(void **state)
{
	assert_true(equal(*state, "{'resources': {'limits': {}}, 'placement': {}}", "{}"));
}

static void test_shape_equal__what_the_engine_is_not_told_does_not_count(void **state)
{
	assert_true(equal(*state, "{'dependsOn': ['a'], 'envFile': ['x']}", "{}"));
}

static void test_shape_equal__engines_digest_is_no_difference(void **state)
{
	assert_true(equal(*state, "{'image': 'kafka:3@sha256:aa'}", "{'image': 'kafka:3'}"));
	assert_false(equal(*state, "{'image': 'kafka:3@sha256:aa'}", "{'image': 'kafka:3@sha256:bb'}"));
	assert_false(equal(*state, "{'image': 'kafka:3@sha256:aa'}", "{'image': 'kafka:4'}"));
	assert_false(equal(*state, "{'image': 'kafka:3'}", "{'image': 'kafka:30'}"));
}

static bool networks_equal(struct test *t, const char *have, const char *want)
{
	return zpm_shape_equal(&zpm_network_shape, given_canonical(t, &zpm_network_shape, have),
		given_canonical(t, &zpm_network_shape, want), t->arena);
}

static void test_shape_equal__undeclared_auto_field_is_the_engines_choice(void **state)
{
	struct test *t = *state;

	assert_true(networks_equal(t, "{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.1'}]}", "{}"));
	assert_true(networks_equal(t, "{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.1'}]}",
		"{'ipam': [{'subnet': '10.0.1.0/24'}]}"));
}

static void test_shape_equal__declared_auto_field_counts(void **state)
{
	struct test *t = *state;

	assert_false(networks_equal(t, "{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.1'}]}",
		"{'ipam': [{'subnet': '10.0.1.0/24', 'gateway': '10.0.1.9'}]}"));
	assert_false(networks_equal(
		t, "{'ipam': [{'subnet': '10.0.1.0/24'}]}", "{'ipam': [{'subnet': '10.0.2.0/24'}]}"));
}

static void test_shape_equal__null_is_the_unset_object(void **state)
{
	struct test *t = *state;
	const struct zpm_shape *shape = &zpm_mount_shape;
	const void *unset = zpm_shape_new(shape, t->arena);

	assert_true(zpm_shape_equal(shape, NULL, NULL, t->arena));
	assert_true(zpm_shape_equal(shape, NULL, unset, t->arena));
	assert_false(zpm_shape_equal(shape, given_object(t, shape, "{'target': '/a'}"), NULL, t->arena));
}

static void shuffle(struct dice *dice, void *base, size_t n, size_t size)
{
	char *items = base;

	for (size_t i = n; i > 1; i--) {
		size_t j = roll(dice, i);
		char *a = items + (i - 1) * size, *b = items + j * size;

		for (size_t k = 0; k < size; k++) {
			char c = a[k];

			a[k] = b[k];
			b[k] = c;
		}
	}
}

static void shuffled_is_equal(struct test *t, struct dice *dice)
{
	const struct zpm_shape *shape = &zpm_service_shape;
	uint64_t seed = dice->state;
	struct zpm_service *a = random_canonical(dice, shape, t->arena);
	struct zpm_service *b = random_canonical(&(struct dice){ seed }, shape, t->arena);

	ZPM_EACH_FIELD (field, shape) {
		if (field->type == ZPM_T_SET)
			shuffle(dice, zpm_field_strs(field, b)->v, zpm_field_strs(field, b)->n,
				sizeof(char *));
		if (field->type == ZPM_T_MAP)
			shuffle(dice, zpm_field_pairs(field, b)->v, zpm_field_pairs(field, b)->n,
				sizeof(struct zpm_pair));
		if (field->type == ZPM_T_OBJECTS)
			shuffle(dice, zpm_field_objects(field, b)->v, zpm_field_objects(field, b)->n,
				sizeof(void *));
	}
	assert_true(zpm_shape_equal(shape, a, b, t->arena));
	assert_string_equal(text_of_object(t, shape, a), text_of_object(t, shape, b));
}

static void test_shape_equal__holds_for_any_order_of_any_service(void **state)
{
	each_seed(*state, 500, shuffled_is_equal);
}

static void one_change_is_seen_from_both_sides(struct test *t, struct dice *dice)
{
	const struct zpm_shape *shape = &zpm_service_shape;
	const void *a = random_canonical(dice, shape, t->arena);
	const void *b = random_canonical(dice, shape, t->arena);
	bool same = zpm_shape_equal(shape, a, b, t->arena);

	assert_true(same == zpm_shape_equal(shape, b, a, t->arena));
	assert_true(zpm_shape_equal(shape, a, a, t->arena));
	/* Two services with nothing in common but luck. */
	assert_false(same);
}

static void test_shape_equal__is_symmetric_and_reflexive(void **state)
{
	each_seed(*state, 200, one_change_is_seen_from_both_sides);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shape_new__has_nothing_set),
		TEST(test_shape_canonicalise__fills_defaults),
		TEST(test_shape_canonicalise__makes_nested_objects_that_have_defaults),
		TEST(test_shape_canonicalise__makes_no_other_nested_objects),
		TEST(test_shape_canonicalise__completes_a_nested_object),
		TEST(test_shape_canonicalise__completes_list_elements),
		TEST(test_shape_canonicalise__explicit_nothing_is_unset),
		TEST(test_shape_canonicalise__explicit_zero_beats_a_default),
		TEST(test_shape_canonicalise__false_is_not_unset),
		TEST(test_shape_canonicalise__required_zero_stays),
		TEST(test_shape_canonicalise__no_replicas_stays_none),
		TEST(test_shape_canonicalise__global_has_no_replicas),
		TEST(test_shape_canonicalise__constraints_get_one_spelling),
		TEST(test_shape_canonicalise__capabilities_get_one_spelling),
		TEST(test_shape_canonicalise__twice_is_the_same_as_once),
		TEST(test_shape_merge__own_scalar_wins),
		TEST(test_shape_merge__own_nothing_is_no_gap),
		TEST(test_shape_merge__maps_key_by_key),
		TEST(test_shape_merge__lists_and_sets_as_a_whole),
		TEST(test_shape_merge__object_lists_as_a_whole),
		TEST(test_shape_merge__nested_objects_key_by_key),
		TEST(test_shape_merge__leaves_base_and_shared_parts_alone),
		TEST(test_shape_key__joins_the_key_fields),
		TEST(test_shape_field__by_its_name_only),
		TEST(test_shape_nearest__finds_what_was_meant),
		TEST(test_shape_nearest__is_silent_when_nothing_is_near),
		TEST(test_shape_nearest__hides_what_is_no_key),
		TEST(test_shape_equal__maps_and_sets_in_any_order),
		TEST(test_shape_equal__lists_in_their_order),
		TEST(test_shape_equal__sees_each_kind_of_difference),
		TEST(test_shape_equal__nested_nothing_is_no_object),
		TEST(test_shape_equal__what_the_engine_is_not_told_does_not_count),
		TEST(test_shape_equal__engines_digest_is_no_difference),
		TEST(test_shape_equal__undeclared_auto_field_is_the_engines_choice),
		TEST(test_shape_equal__declared_auto_field_counts),
		TEST(test_shape_equal__null_is_the_unset_object),
		TEST(test_shape_equal__holds_for_any_order_of_any_service),
		TEST(test_shape_equal__is_symmetric_and_reflexive),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
