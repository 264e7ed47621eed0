/* Which images are looked up, and what services run once they are. */
#include "support.h"

#include "model/service.h"
#include "plan/pin.h"

#define OLD              "sha256:0000000000000000000000000000000000000000000000000000000000000000"
#define NEW              "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define MANIFEST(rest)   "{'apiVersion': 'zpm/v1', 'platform': 'p', " rest "}"
#define PINNED(services) MANIFEST("'release': {'pin': true}, 'services': {'core': {" services "}}")

static struct zpm_ptrs collect(const struct test *t, const struct zpm_objects *desired)
{
	struct zpm_ptrs pins = { 0 };

	zpm_pins_collect(desired, t->arena, &pins);
	return pins;
}

static struct zpm_pin *pin_at(const struct zpm_ptrs *pins, size_t i)
{
	assert_true(i < pins->n);
	return pins->v[i];
}

static const char *image(const struct zpm_objects *desired, const char *name)
{
	return ((const struct zpm_service *)object_of(desired, ZPM_KIND_SERVICE, name)->spec)->image;
}

static void test_pin_collect__takes_each_image_once_and_no_digests(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *desired =
		given_desired(t, PINNED("'a': {'image': 'x:1'}, 'b': {'image': 'y:1', 'pin': false},"
					"'c': {'image': 'x:1'}, 'd': {'image': 'z:1@" OLD "'}"));
	struct zpm_ptrs pins = collect(t, desired);

	assert_int_equal(pins.n, 1);
	assert_string_equal(pin_at(&pins, 0)->image, "x:1");
	assert_int_equal(pin_at(&pins, 0)->services.n, 2);
}

static void test_pin_collect__takes_none_by_itself(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *desired =
		given_desired(t, MANIFEST("'services': {'core': {'a': {'image': 'x:1'}}}"));

	assert_int_equal(collect(t, desired).n, 0);
}

static void test_pin_apply__puts_the_digest_behind_the_tag(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *desired = given_desired(t, PINNED("'a': {'image': 'x:1'}"));
	const struct zpm_objects *have = given_observed(t, PINNED("'a': {'image': 'x:1@" OLD "'}"));
	struct zpm_ptrs pins = collect(t, desired);

	pin_at(&pins, 0)->digest = NEW;
	zpm_pins_apply(&pins, desired, have);
	assert_string_equal(image(desired, "a"), "x:1@" NEW);
	zpm_pins_apply(&pins, desired, have);
	assert_string_equal(image(desired, "a"), "x:1@" NEW);
}

static void test_pin_apply__keeps_the_live_digest_of_the_same_tag_when_none_is_known(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *desired = given_desired(
		t, PINNED("'a': {'image': 'x:1'}, 'b': {'image': 'x:1'}, 'c': {'image': 'x:1'}"));
	const struct zpm_objects *have =
		given_observed(t, PINNED("'a': {'image': 'x:1@" OLD "'}, 'b': {'image': 'x:2@" OLD "'}"));
	const struct zpm_objects *later = given_observed(t, PINNED("'a': {'image': 'x:1@" NEW "'}"));
	struct zpm_ptrs pins = collect(t, desired);

	pin_at(&pins, 0)->why = "no answer";
	zpm_pins_apply(&pins, desired, have);
	assert_string_equal(image(desired, "a"), "x:1@" OLD);
	assert_string_equal(image(desired, "b"), "x:1");
	assert_string_equal(image(desired, "c"), "x:1");
	zpm_pins_apply(&pins, desired, later);
	assert_string_equal(image(desired, "a"), "x:1@" NEW);
	assert_string_equal(image(desired, "b"), "x:1");
}

static void test_pin_explain__has_a_line_for_each_reason(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *desired =
		given_desired(t, PINNED("'a': {'image': 'x:1'}, 'b': {'image': 'x:2'}, 'c': {'image': 'x:3'},"
					"'d': {'image': 'x:4'}"));
	struct zpm_ptrs pins = collect(t, desired);
	struct zpm_strs notes = { 0 };

	pin_at(&pins, 0)->why = "no answer";
	pin_at(&pins, 1)->digest = NEW;
	pin_at(&pins, 2)->why = "not there";
	pin_at(&pins, 3)->why = "no answer";
	zpm_pins_explain(&pins, t->arena, &notes);
	assert_int_equal(notes.n, 2);
	assert_string_equal(notes.v[0], "not pinned, kept by tag: 'x:1', 'x:4': no answer");
	assert_string_equal(notes.v[1], "not pinned, kept by tag: 'x:3': not there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pin_collect__takes_each_image_once_and_no_digests),
		TEST(test_pin_collect__takes_none_by_itself),
		TEST(test_pin_apply__puts_the_digest_behind_the_tag),
		TEST(test_pin_apply__keeps_the_live_digest_of_the_same_tag_when_none_is_known),
		TEST(test_pin_explain__has_a_line_for_each_reason),
	};

	return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
