/* Sets of objects, the names that tie both sides together, and the hash of a spec. */
#include "support.h"

#include "model/json.h"
#include "model/shape.h"

#include <string.h>

static struct zpm_object *add(
	struct test *t, struct zpm_objects *set, enum zpm_kind_id kind, const char *name, const char *real)
{
	struct zpm_object *object = zpm_arena_alloc(t->arena, sizeof(*object));

	*object = (struct zpm_object){ .kind = &zpm_kinds[kind],
		.name = name,
		.real = real,
		.tier = ZPM_TIER_NONE,
		.spec = zpm_shape_new(zpm_kinds[kind].shape, t->arena) };
	zpm_objects_add(set, object);
	return object;
}

static const char *hash(struct test *t, const char *text)
{
	const struct zpm_object object = { .kind = &zpm_kinds[ZPM_KIND_SERVICE],
		.name = "a",
		.real = "p_a",
		.spec = given_canonical(t, &zpm_service_shape, text) };

	return zpm_object_hash(&object, t->arena);
}

static void test_objects_find__by_manifest_name_and_by_engine_name(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);
	const struct zpm_object *object = add(t, set, ZPM_KIND_NETWORK, "net", "own-name");

	assert_ptr_equal(zpm_objects_find(set, ZPM_KIND_NETWORK, "net"), object);
	assert_ptr_equal(zpm_objects_find_real(set, ZPM_KIND_NETWORK, "own-name"), object);
	assert_null(zpm_objects_find(set, ZPM_KIND_NETWORK, "own-name"));
	assert_null(zpm_objects_find_real(set, ZPM_KIND_NETWORK, "net"));
}

static void test_objects_find__kinds_do_not_mix(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);
	const struct zpm_object *network = add(t, set, ZPM_KIND_NETWORK, "a", "p_a");
	const struct zpm_object *service = add(t, set, ZPM_KIND_SERVICE, "a", "p_a");

	assert_ptr_equal(zpm_objects_find(set, ZPM_KIND_NETWORK, "a"), network);
	assert_ptr_equal(zpm_objects_find(set, ZPM_KIND_SERVICE, "a"), service);
	assert_null(zpm_objects_find(set, ZPM_KIND_VOLUME, "a"));
}

static void test_objects_add__first_of_a_name_is_found_and_all_are_kept(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);
	const struct zpm_object *first = add(t, set, ZPM_KIND_VOLUME, "a", "p_a");

	add(t, set, ZPM_KIND_VOLUME, "a", "p_a");
	assert_ptr_equal(zpm_objects_find(set, ZPM_KIND_VOLUME, "a"), first);
	assert_int_equal(set->list.n, 2);
}

static void test_objects_find__among_thousands(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);

	for (int i = 0; i < 3000; i++)
		add(t, set, ZPM_KIND_SERVICE, zpm_arena_printf(t->arena, "s%d", i),
			zpm_arena_printf(t->arena, "p_s%d", i));
	for (int i = 0; i < 3000; i++) {
		const char *name = zpm_arena_printf(t->arena, "s%d", i);

		assert_string_equal(zpm_objects_find(set, ZPM_KIND_SERVICE, name)->name, name);
	}
	assert_null(zpm_objects_find(set, ZPM_KIND_SERVICE, "s3000"));
}

static void test_object_ref__is_kind_and_name(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);

	assert_string_equal(
		zpm_object_ref(add(t, set, ZPM_KIND_SERVICE, "kafka", "p_kafka"), t->arena), "service/kafka");
}

static void test_real_name__is_platform_and_name(void **state)
{
	const struct test *t = *state;

	assert_string_equal(zpm_real_name("securaa", "kafka", t->arena), "securaa_kafka");
}

static void test_manifest_name__of_a_desired_object_is_its_own(void **state)
{
	struct test *t = *state;
	struct zpm_objects *set = zpm_objects_new("p", t->arena);

	add(t, set, ZPM_KIND_NETWORK, "net", "p_other");
	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_NETWORK, "p_other", t->arena), "net");
	/* Of another kind it says nothing. */
	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_VOLUME, "p_other", t->arena), "other");
}

static void test_manifest_name__of_an_unknown_object_is_without_the_prefix(void **state)
{
	const struct test *t = *state;
	const struct zpm_objects *set = zpm_objects_new("p", t->arena);

	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_SERVICE, "p_kafka", t->arena), "kafka");
	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_SERVICE, "p_a_b", t->arena), "a_b");
}

/* A name that no manifest can say, so that it is never taken for a declared one. */
static void test_manifest_name__of_what_is_not_ours_cannot_be_declared(void **state)
{
	const struct test *t = *state;
	const struct zpm_objects *set = zpm_objects_new("p", t->arena);

	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_SERVICE, "kafka", t->arena), "docker:kafka");
	assert_string_equal(
		zpm_manifest_name(set, ZPM_KIND_SERVICE, "pp_kafka", t->arena), "docker:pp_kafka");
	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_SERVICE, "p_", t->arena), "docker:p_");
	assert_string_equal(zpm_manifest_name(set, ZPM_KIND_SERVICE, "p", t->arena), "docker:p");
}

static void test_object_hash__is_a_sha256(void **state)
{
	const char *text = hash(*state, "{'image': 'a:1'}");

	assert_int_equal(strlen(text), strlen("sha256:") + 64);
	assert_int_equal(strspn(text + 7, "0123456789abcdef"), 64);
	assert_memory_equal(text, "sha256:", 7);
}

static void test_object_hash__order_means_nothing_where_it_means_nothing(void **state)
{
	struct test *t = *state;

	assert_string_equal(hash(t, "{'environment': {'A': '1', 'B': '2'}, 'capAdd': ['KILL', 'CHOWN'],"
				    " 'networks': ['a', 'b'], 'ports': ['80', '90']}"),
		hash(t, "{'environment': {'B': '2', 'A': '1'}, 'capAdd': ['CHOWN', 'KILL'],"
			" 'networks': ['b', 'a'], 'ports': ['90', '80']}"));
}

static void test_object_hash__tells_specs_apart(void **state)
{
	struct test *t = *state;
	const char *plain = hash(t, "{'image': 'a:1', 'command': ['x', 'y']}");

	assert_string_not_equal(plain, hash(t, "{'image': 'a:2', 'command': ['x', 'y']}"));
	assert_string_not_equal(plain, hash(t, "{'image': 'a:1', 'command': ['y', 'x']}"));
	assert_string_not_equal(plain, hash(t, "{'image': 'a:1', 'command': ['x y']}"));
	assert_string_not_equal(plain, hash(t, "{'image': 'a:1', 'command': ['x', 'y'], 'replicas': 2}"));
}

static void test_object_hash__a_default_said_and_unsaid_is_the_same(void **state)
{
	struct test *t = *state;

	assert_string_equal(hash(t, "{'image': 'a:1'}"),
		hash(t, "{'image': 'a:1', 'replicas': 1, 'endpointMode': 'vip', 'stopGracePeriod': '10s'}"));
}

static void hash_follows_equality(struct test *t, struct dice *dice)
{
	const struct zpm_object a = { .kind = &zpm_kinds[ZPM_KIND_SERVICE],
		.spec = random_canonical(dice, &zpm_service_shape, t->arena) };
	const struct zpm_object b = { .kind = &zpm_kinds[ZPM_KIND_SERVICE],
		.spec = random_canonical(dice, &zpm_service_shape, t->arena) };

	assert_string_equal(zpm_object_hash(&a, t->arena), zpm_object_hash(&a, t->arena));
	assert_string_not_equal(zpm_object_hash(&a, t->arena), zpm_object_hash(&b, t->arena));
}

static void test_object_hash__differs_for_any_two_services(void **state)
{
	each_seed(*state, 200, hash_follows_equality);
}

static void test_tier_by_name__knows_the_five(void **state)
{
	(void)state;
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++)
		assert_int_equal(zpm_tier_by_name(zpm_tier_names[tier]), tier);
	assert_int_equal(zpm_tier_by_name("web"), ZPM_TIER_NONE);
	assert_int_equal(zpm_tier_by_name(NULL), ZPM_TIER_NONE);
}

static void test_kind_by_name__knows_each_and_no_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZPM_KIND_COUNT; i++) {
		assert_int_equal(zpm_kinds[i].id, i);
		assert_ptr_equal(zpm_kind_by_name(zpm_kinds[i].name), &zpm_kinds[i]);
	}
	assert_null(zpm_kind_by_name("host"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_objects_find__by_manifest_name_and_by_engine_name),
		TEST(test_objects_find__kinds_do_not_mix),
		TEST(test_objects_add__first_of_a_name_is_found_and_all_are_kept),
		TEST(test_objects_find__among_thousands),
		TEST(test_object_ref__is_kind_and_name),
		TEST(test_real_name__is_platform_and_name),
		TEST(test_manifest_name__of_a_desired_object_is_its_own),
		TEST(test_manifest_name__of_an_unknown_object_is_without_the_prefix),
		TEST(test_manifest_name__of_what_is_not_ours_cannot_be_declared),
		TEST(test_object_hash__is_a_sha256),
		TEST(test_object_hash__order_means_nothing_where_it_means_nothing),
		TEST(test_object_hash__tells_specs_apart),
		TEST(test_object_hash__a_default_said_and_unsaid_is_the_same),
		TEST(test_object_hash__differs_for_any_two_services),
		TEST(test_tier_by_name__knows_the_five),
		TEST(test_kind_by_name__knows_each_and_no_other),
	};

	return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
