/* The label of a hold: written, read back, and read when somebody else wrote it. */
#include "support.h"

#include "model/hold.h"

static struct zpm_hold read_back(struct test *t, const char *label)
{
	struct zpm_hold hold;

	zpm_hold_read(label, &hold, t->arena);
	return hold;
}

static void test_hold__what_is_written_is_read_back(void **state)
{
	struct test *t = *state;
	const struct zpm_hold hold = { "2026-05-04T03:02:01Z", "alice", "new disk: again" };
	struct zpm_hold back = read_back(t, zpm_hold_write(&hold, t->arena));

	assert_string_equal(back.since, hold.since);
	assert_string_equal(back.by, hold.by);
	assert_string_equal(back.reason, hold.reason);
}

static void test_hold__without_a_reason_has_none(void **state)
{
	struct test *t = *state;
	const struct zpm_hold hold = { "2026-05-04T03:02:01Z", "alice", NULL };
	struct zpm_hold back = read_back(t, zpm_hold_write(&hold, t->arena));

	assert_string_equal(back.by, "alice");
	assert_null(back.reason);
	assert_string_equal(zpm_hold_text(zpm_hold_write(&hold, t->arena), t->arena),
		"held since 2026-05-04T03:02:01Z by alice");
}

static void test_hold__made_by_hand_is_all_reason(void **state)
{
	struct test *t = *state;

	assert_string_equal(zpm_hold_text("do not touch", t->arena), "held: do not touch");
	assert_string_equal(zpm_hold_text("", t->arena), "held");
	assert_string_equal(
		zpm_hold_text("2026-05-04T03:02:01Z", t->arena), "held since 2026-05-04T03:02:01Z");
}

static void test_hold__a_terminal_obeys_nothing_of_it(void **state)
{
	struct test *t = *state;

	assert_string_equal(zpm_hold_text("\033[31mred\nline", t->arena), "held: ?[31mred?line");
}

static void test_hold__set_and_cleared_leaves_the_placement_as_it_was(void **state)
{
	struct test *t = *state;
	const char *text =
		"{'image': 'x', 'mode': 'global', 'placement': {'constraints': ['node.role == manager']}}";
	struct zpm_service *service = given_canonical(t, &zpm_service_shape, text);
	const struct zpm_placement *before = service->placement;

	zpm_hold_set(service, t->arena);
	zpm_hold_set(service, t->arena);
	assert_int_equal(service->placement->constraints.n, 2);
	assert_string_equal(service->placement->constraints.v[1], ZPM_HOLD_CONSTRAINT);
	assert_int_equal(before->constraints.n, 1);
	zpm_hold_clear(service, t->arena);
	assert_int_equal(service->placement->constraints.n, 1);
	assert_string_equal(service->placement->constraints.v[0], "node.role == manager");
}

static void test_hash__of_a_held_service_is_that_of_the_manifest(void **state)
{
	struct test *t = *state;
	struct zpm_objects *desired = given_desired(t,
		"{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {'core': {'web': {'image': 'x'}}}}");
	struct zpm_object *web = object_of(desired, ZPM_KIND_SERVICE, "web");
	const char *hash = zpm_object_hash(web, t->arena);

	web->hash = "sha256:other";
	assert_string_equal(zpm_object_hash(web, t->arena), "sha256:other");
	web->hash = NULL;
	assert_string_equal(zpm_object_hash(web, t->arena), hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_hold__what_is_written_is_read_back),
		TEST(test_hold__without_a_reason_has_none),
		TEST(test_hold__made_by_hand_is_all_reason),
		TEST(test_hold__a_terminal_obeys_nothing_of_it),
		TEST(test_hold__set_and_cleared_leaves_the_placement_as_it_was),
		TEST(test_hash__of_a_held_service_is_that_of_the_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
