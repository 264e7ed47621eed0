/* Setup: what is run again and what is not, marks in containers, and what a plan makes of them. */
#include "support.h"

#include "model/setup.h"
#include "model/shape.h"
#include "plan/graph.h"

#include <string.h>

#define SERVICE(rest)                                                                                        \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {'core': {'a': {'image': 'x:1', " rest "},"   \
	"'b': {'image': 'x:1', 'dependsOn': ['a']}}}}"
#define TWO      "'setup': [{'command': ['one', 'x']}, {'command': ['two']}]"
#define MANIFEST SERVICE("'replicas': 2, " TWO)

static const struct zpm_setup *setup_of(const struct zpm_objects *objects)
{
	return object_of(objects, ZPM_KIND_SETUP, "a")->spec;
}

static const struct zpm_setup *given_setup(struct test *t, const char *rest)
{
	return setup_of(given_desired(t, zpm_arena_printf(t->arena, SERVICE("%s"), rest)));
}

static const char *hash(struct test *t, const char *rest)
{
	return zpm_setup_hash(given_setup(t, rest), t->arena);
}

static void test_setup_hash__is_of_what_is_run_and_by_whom(void **state)
{
	struct test *t = *state;
	const char *first = hash(t, TWO);

	assert_string_equal(hash(t, TWO ", 'replicas': 3"), first);
	assert_string_equal(
		hash(t, "'setup': [{'command': ['one', 'x'], 'timeout': 60000000000}, {'command': ['two']}]"),
		first);
	assert_string_not_equal(hash(t, "'setup': [{'command': ['two']}, {'command': ['one', 'x']}]"), first);
	assert_string_not_equal(
		hash(t, "'setup': [{'command': ['one', 'x'], 'user': 'root'}, {'command': ['two']}]"), first);
}

static void test_setup__is_none_where_nothing_is_to_run(void **state)
{
	struct test *t = *state;

	assert_null(zpm_objects_find(given_desired(t, SERVICE("'replicas': 0, " TWO)), ZPM_KIND_SETUP, "a"));
	assert_null(zpm_objects_find(given_desired(t, SERVICE("'replicas': 1")), ZPM_KIND_SETUP, "a"));
}

static void test_setup__is_none_of_the_services_spec(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *with = given_desired(t, MANIFEST);
	const struct zpm_objects *without = given_desired(t, SERVICE("'replicas': 2"));

	assert_string_equal(zpm_object_hash(object_of(with, ZPM_KIND_SERVICE, "a"), t->arena),
		zpm_object_hash(object_of(without, ZPM_KIND_SERVICE, "a"), t->arena));
}

/* Marks. */

static void test_setup_mark__what_is_written_is_read(void **state)
{
	struct test *t = *state;
	const struct zpm_setup_mark mark = { "sha256:1", 1, 2, "2026-03-01T12:00:00Z", "exit code 3",
		"no\nwheels\n" };
	const char *text = zpm_setup_mark_text(&mark, t->arena);
	const struct zpm_setup_mark *read = zpm_setup_mark_parse(text, strlen(text), t->arena);

	assert_non_null(read);
	assert_string_equal(read->hash, mark.hash);
	assert_int_equal(read->done, 1);
	assert_int_equal(read->attempts, 2);
	assert_string_equal(read->at, mark.at);
	assert_string_equal(read->why, mark.why);
	assert_string_equal(read->output, mark.output);
}

static void test_setup_mark__that_is_none_is_no_mark(void **state)
{
	static const char *const texts[] = { "", "x", "[]", "{}", "\"hash\"", "{\"hash\": 3}",
		"{\"hash\": \"a\"", "[[[[[[[[[[]]]]]]]]]]", "{\"hash\": null, \"done\": 1}" };
	struct test *t = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_null(zpm_setup_mark_parse(texts[i], strlen(texts[i]), t->arena));
}

static void test_setup_mark__is_safe_to_show_and_short(void **state)
{
	struct test *t = *state;
	char output[3001];
	const struct zpm_setup_mark *mark;
	const char *text;

	memset(output, 'x', sizeof(output) - 1);
	output[sizeof(output) - 1] = '\0';
	text = zpm_arena_printf(t->arena,
		"{\"hash\": \"h\", \"done\": -5, \"why\": \"\\u001b[2J\\nevil\", \"output\": \"%s\"}",
		output);
	mark = zpm_setup_mark_parse(text, strlen(text), t->arena);
	assert_non_null(mark);
	assert_int_equal(mark->done, 0);
	assert_null(strpbrk(mark->why, "\x1b\n"));
	assert_true(strlen(mark->output) <= ZPM_SETUP_OUTPUT);
}

static void test_setup_output__is_the_end_without_half_a_character(void **state)
{
	struct test *t = *state;
	char text[2 * ZPM_SETUP_OUTPUT + 1];
	const char *shown;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '\xa4' : '\xc3';
	text[sizeof(text) - 1] = 'x';
	shown = zpm_setup_output(text, sizeof(text), t->arena);
	assert_true(strlen(shown) <= ZPM_SETUP_OUTPUT && strlen(shown) >= ZPM_SETUP_OUTPUT - 2);
	assert_null(strchr(shown, '?'));
	assert_string_equal(zpm_setup_output("a\r\n\tb\x1b", 6, t->arena), "a\n b?");
}

/* Plans. */

static struct zpm_setup_container *add_container(
	struct test *t, struct zpm_setup_view *view, const char *task, const struct zpm_setup_mark *mark)
{
	struct zpm_setup_container *container = zpm_arena_alloc(t->arena, sizeof(*container));

	container->task = task;
	container->id = task;
	container->mark = mark;
	zpm_ptrs_push(t->arena, &view->containers, container);
	return container;
}

/* The plan for a service that is as declared, by what its containers say. */
static const struct zpm_plan *plan_with(struct test *t, struct zpm_setup_view *view)
{
	const struct zpm_plan_options options = { 0 };
	struct zpm_objects *have = given_observed(t, SERVICE("'replicas': 2"));
	struct zpm_object *object = zpm_arena_alloc(t->arena, sizeof(*object));
	struct zpm_live *live = zpm_arena_alloc(t->arena, sizeof(*live));

	live->id = "a";
	live->setup = view;
	*object = (struct zpm_object){ .kind = &zpm_kinds[ZPM_KIND_SETUP],
		.name = "a",
		.real = "p_a",
		.tier = ZPM_TIER_NONE,
		.live = live };
	zpm_objects_add(have, object);
	return keep_plan(
		t, zpm_plan_new(given_platform(t, MANIFEST), given_desired(t, MANIFEST), have, &options));
}

static const struct zpm_change *only_change(const struct zpm_plan *plan)
{
	assert_int_equal(plan->changes.n, 1);
	return plan->changes.v[0];
}

static struct zpm_setup_mark *new_mark(struct test *t, int64_t done)
{
	struct zpm_setup_mark *mark = zpm_arena_alloc(t->arena, sizeof(*mark));

	mark->hash = hash(t, TWO);
	mark->done = done;
	return mark;
}

static void test_setup_plan__nothing_where_every_container_is_done(void **state)
{
	struct test *t = *state;
	struct zpm_setup_view view = { 0 };

	add_container(t, &view, "a.1", new_mark(t, 2));
	add_container(t, &view, "a.2", new_mark(t, 2));
	assert_int_equal(plan_with(t, &view)->changes.n, 0);
}

static void test_setup_plan__is_for_the_containers_that_lack_it(void **state)
{
	struct test *t = *state;
	struct zpm_setup_view view = { 0 };
	const struct zpm_change *change;

	add_container(t, &view, "a.1", new_mark(t, 2));
	add_container(t, &view, "a.2", NULL);
	change = only_change(plan_with(t, &view));
	assert_int_equal(change->want->kind->id, ZPM_KIND_SETUP);
	assert_int_equal(change->action, ZPM_ACTION_UPDATE);
	assert_int_equal(change->reason, ZPM_REASON_MISSING);
	assert_int_equal(change->containers, 1);
	assert_int_equal(change->steps.n, 2);
}

static void test_setup_plan__counts_the_replicas_that_are_coming(void **state)
{
	struct test *t = *state;
	struct zpm_setup_view view = { .coming = 1 };

	add_container(t, &view, "a.1", new_mark(t, 2));
	assert_int_equal(only_change(plan_with(t, &view))->containers, 1);
}

static void test_setup_plan__other_commands_are_the_manifests_doing(void **state)
{
	struct test *t = *state;
	struct zpm_setup_view view = { 0 };
	struct zpm_setup_mark *old = new_mark(t, 2);

	old->hash = "sha256:of something else";
	add_container(t, &view, "a.1", old);
	add_container(t, &view, "a.2", old);
	assert_int_equal(only_change(plan_with(t, &view))->reason, ZPM_REASON_MANIFEST);
}

static void test_setup_plan__what_cannot_be_seen_is_told_and_left(void **state)
{
	struct test *t = *state;
	struct zpm_setup_view view = { 0 };

	add_container(t, &view, "a.1", new_mark(t, 2));
	add_container(t, &view, "a.2", NULL)->trouble = "no Engine at hand has it";
	assert_int_equal(plan_with(t, &view)->changes.n, 0);
}

static size_t at(const struct zpm_graph *graph, const char *label)
{
	for (size_t i = 0; i < graph->steps.n; i++)
		if (!strcmp(((const struct zpm_step *)graph->steps.v[i])->label, label))
			return i;
	fail_msg("there is no step %s", label);
	return 0;
}

static bool waits_for(const struct zpm_graph *graph, const char *later, const char *earlier)
{
	const struct zpm_step *step = graph->steps.v[at(graph, earlier)];

	for (size_t i = 0; i < step->next.n; i++)
		if (step->next.v[i] == graph->steps.v[at(graph, later)])
			return true;
	return false;
}

static void test_setup_graph__follows_its_service_and_is_waited_for(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = given_plan(t, "{'apiVersion': 'zpm/v1', 'platform': 'p'}", MANIFEST);
	const struct zpm_graph *graph = zpm_graph_new(plan, t->arena);

	assert_true(waits_for(graph, "setup/a", "service/a"));
	assert_true(waits_for(graph, "service/b", "setup/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_setup_hash__is_of_what_is_run_and_by_whom),
		TEST(test_setup__is_none_where_nothing_is_to_run),
		TEST(test_setup__is_none_of_the_services_spec),
		TEST(test_setup_mark__what_is_written_is_read),
		TEST(test_setup_mark__that_is_none_is_no_mark),
		TEST(test_setup_mark__is_safe_to_show_and_short),
		TEST(test_setup_output__is_the_end_without_half_a_character),
		TEST(test_setup_plan__nothing_where_every_container_is_done),
		TEST(test_setup_plan__is_for_the_containers_that_lack_it),
		TEST(test_setup_plan__counts_the_replicas_that_are_coming),
		TEST(test_setup_plan__other_commands_are_the_manifests_doing),
		TEST(test_setup_plan__what_cannot_be_seen_is_told_and_left),
		TEST(test_setup_graph__follows_its_service_and_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
