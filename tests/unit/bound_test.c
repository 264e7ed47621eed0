/* What a plan relied on, and what counts as moved. */
#include "support.h"

#include "plan/bound.h"

static const char *moved(struct test *t, struct zpm_bound then, struct zpm_bound now)
{
	then.ref = now.ref = "service/kafka";
	return zpm_bound_moved(&then, &now, t->arena);
}

#define BOUND(...) ((struct zpm_bound){ .ref = NULL, __VA_ARGS__ })

static void test_bound__holds_while_nothing_moves(void **state)
{
	struct test *t = *state;

	assert_null(moved(t, BOUND(.id = NULL), BOUND(.id = NULL)));
	assert_null(moved(t, BOUND(.id = "a", .version = 4), BOUND(.id = "a", .version = 4)));
	assert_null(moved(t, BOUND(.id = "a", .content = "c"), BOUND(.id = "a", .content = "c")));
	assert_null(moved(t, BOUND(.id = "a"), BOUND(.id = "a")));
}

static void test_bound__appeared_and_gone_are_told_apart(void **state)
{
	struct test *t = *state;

	assert_string_equal(
		moved(t, BOUND(.id = NULL), BOUND(.id = "a")), "service/kafka: not there then, there now");
	assert_string_equal(
		moved(t, BOUND(.id = "a"), BOUND(.id = NULL)), "service/kafka: there then, gone now");
}

static void test_bound__another_id_is_another_object_whatever_its_content(void **state)
{
	assert_has(moved(*state, BOUND(.id = "a", .version = 4, .content = "c"),
			   BOUND(.id = "b", .version = 4, .content = "c")),
		"id a then, b now");
}

static void test_bound__another_version_of_other_content_names_both(void **state)
{
	assert_string_equal(moved(*state, BOUND(.id = "a", .version = 412, .content = "c"),
				    BOUND(.id = "a", .version = 430, .content = "d")),
		"service/kafka: version 412 then, 430 now");
}

static void test_bound__another_version_of_the_same_content_holds(void **state)
{
	assert_null(moved(*state, BOUND(.id = "a", .version = 412, .content = "c"),
		BOUND(.id = "a", .version = 430, .content = "c")));
}

static void test_bound__without_content_the_version_decides(void **state)
{
	assert_has(moved(*state, BOUND(.id = "a", .version = 4), BOUND(.id = "a", .version = 5)),
		"version 4 then, 5 now");
}

static void test_bound__without_a_version_the_content_decides(void **state)
{
	assert_string_equal(moved(*state, BOUND(.id = "a", .content = "c"), BOUND(.id = "a", .content = "d")),
		"service/kafka: other settings now than then");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bound__holds_while_nothing_moves),
		TEST(test_bound__appeared_and_gone_are_told_apart),
		TEST(test_bound__another_id_is_another_object_whatever_its_content),
		TEST(test_bound__another_version_of_other_content_names_both),
		TEST(test_bound__another_version_of_the_same_content_holds),
		TEST(test_bound__without_content_the_version_decides),
		TEST(test_bound__without_a_version_the_content_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
