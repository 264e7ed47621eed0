/* Features that a database decides on, and what is made of its silence. */
#include "apps_case.h"

#include "model/feature.h"

#define SOURCE "fromDatabase: { database: d, collection: c, filter: { key: k }, field: f }"
#define FEATURE(more)                                                                                        \
	APPS_HEAD "features: { big: { " SOURCE " " more " } }\n"                                             \
		  "services:\n  batch:\n    with: { image: 'a:1', when: big }\n"                             \
		  "    without: { image: 'a:1', when: '!big' }\n    always: { image: 'a:1' }\n"
#define OFF_AT_FIRST FEATURE("")
#define ON_AT_FIRST  FEATURE(", default: true")

/* The services that are desired. */
static const char *services_of(const struct apps_case *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->desired->list.n; i++) {
		const struct zpm_object *object = c->desired->list.v[i];

		if (object->kind->id == ZPM_KIND_SERVICE)
			text = zpm_arena_printf(c->t->arena, "%s%s%s", text, *text ? " " : "", object->name);
	}
	return text;
}

#define WITH    "with always"
#define WITHOUT "without always"

#define assert_services(c, text) assert_string_equal(services_of(c), text)

static struct apps_case *decided(struct apps_case *c)
{
	decide(c);
	return c;
}

static void say(struct apps_case *c, bool said, bool enabled, const char *why)
{
	struct zpm_feature_state *state;

	c->catalog->features = (struct zpm_ptrs){ 0 };
	state = add_state(c, "big");
	state->said = said;
	state->enabled = enabled;
	state->why = why;
}

static void test_feature__is_as_the_document_says(void **state)
{
	struct apps_case *c = given_apps(*state, OFF_AT_FIRST);

	say(c, true, true, NULL);
	assert_services(decided(c), WITH);
	say(c, true, false, NULL);
	assert_services(decided(c), WITHOUT);
}

static void test_feature__document_wins_over_the_default(void **state)
{
	struct apps_case *c = given_apps(*state, ON_AT_FIRST);

	say(c, true, false, NULL);
	assert_services(decided(c), WITHOUT);
}

static void test_feature__of_which_no_document_says_anything_is_as_by_default(void **state)
{
	struct apps_case *off = given_apps(*state, OFF_AT_FIRST), *on;

	say(off, false, false, NULL);
	assert_services(decided(off), WITHOUT);
	end_apps(off);
	on = given_apps(*state, ON_AT_FIRST);
	say(on, false, false, NULL);
	assert_services(decided(on), WITH);
	assert_string_equal(troubles_of(on), "");
}

static void test_feature__by_default_also_where_it_ran_otherwise(void **state)
{
	struct apps_case *c = given_apps(*state, OFF_AT_FIRST);

	say(c, true, true, NULL);
	converge(c);
	say(c, false, false, NULL);
	assert_services(decided(c), WITHOUT);
}

static void test_feature__stays_on_while_the_database_is_silent(void **state)
{
	struct apps_case *c = given_apps(*state, OFF_AT_FIRST);

	say(c, true, true, NULL);
	converge(c);
	say(c, false, false, "no answer");
	assert_services(decided(c), WITH);
	assert_string_equal(troubles_of(c), "feature big: no answer; it stays on, as it was last\n");
}

static void test_feature__stays_off_while_the_database_is_silent(void **state)
{
	struct apps_case *c = given_apps(*state, ON_AT_FIRST);

	say(c, true, false, NULL);
	converge(c);
	say(c, false, false, "no answer");
	assert_services(decided(c), WITHOUT);
	assert_string_equal(troubles_of(c), "feature big: no answer; it stays off, as it was last\n");
}

static void test_feature__silence_on_a_platform_of_which_nothing_runs_is_the_default(void **state)
{
	struct apps_case *c = given_apps(*state, ON_AT_FIRST);

	say(c, false, false, "no answer");
	assert_services(decided(c), WITH);
}

static void test_feature__stays_off_where_others_run_and_nothing_needs_it(void **state)
{
	struct apps_case *c = given_apps(*state, APPS_HEAD
		"features: { big: { " SOURCE ", default: true } }\n"
		"services: { core: { with: { image: 'a:1', when: big }, always: { image: 'a:1' } } }\n");

	say(c, true, false, NULL);
	converge(c);
	say(c, false, false, "no answer");
	assert_services(decided(c), "always");
}

static void test_feature__is_seen_by_the_name_that_a_service_has_in_swarm(void **state)
{
	struct apps_case *c = given_apps(*state,
		APPS_HEAD "features: { big: { " SOURCE " } }\n"
			  "services: { core: { with: { image: 'a:1', when: big, name: elsewhere } } }\n");

	say(c, true, true, NULL);
	converge(c);
	say(c, false, false, "no answer");
	assert_services(decided(c), "with");
}

static void test_feature__that_all_services_take_from_the_defaults_stays_on(void **state)
{
	struct apps_case *c =
		given_apps(*state, APPS_HEAD "features: { big: { " SOURCE " } }\ndefaults: { when: big }\n"
					     "services: { core: { a: { image: 'a:1' } } }\n");

	say(c, true, true, NULL);
	converge(c);
	say(c, false, false, "no answer");
	assert_services(decided(c), "a");
}

static void test_feature__silence_about_one_says_nothing_of_others(void **state)
{
	struct apps_case *c = given_apps(*state, APPS_HEAD
		"features: { big: { " SOURCE " }, small: { " SOURCE " }, fixed: true }\n"
		"services: { core: { a: { image: 'a:1', when: big }, b: { image: 'a:1', when: small },"
		" c: { image: 'a:1', when: fixed } } }\n");

	say(c, false, false, "no answer");
	add_state(c, "small")->said = true;
	((struct zpm_feature_state *)c->catalog->features.v[1])->enabled = true;
	assert_services(decided(c), "b c");
}

static void test_feature__leaves_the_manifest_as_it_is(void **state)
{
	struct apps_case *c = given_apps(*state, OFF_AT_FIRST);
	const struct zpm_feature *feature = c->manifest->platform->features.v[0];

	say(c, true, true, NULL);
	decide(c);
	assert_int_not_equal(feature->enabled, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPS_TEST(test_feature__is_as_the_document_says),
		APPS_TEST(test_feature__document_wins_over_the_default),
		APPS_TEST(test_feature__of_which_no_document_says_anything_is_as_by_default),
		APPS_TEST(test_feature__by_default_also_where_it_ran_otherwise),
		APPS_TEST(test_feature__stays_on_while_the_database_is_silent),
		APPS_TEST(test_feature__stays_off_while_the_database_is_silent),
		APPS_TEST(test_feature__silence_on_a_platform_of_which_nothing_runs_is_the_default),
		APPS_TEST(test_feature__stays_off_where_others_run_and_nothing_needs_it),
		APPS_TEST(test_feature__is_seen_by_the_name_that_a_service_has_in_swarm),
		APPS_TEST(test_feature__that_all_services_take_from_the_defaults_stays_on),
		APPS_TEST(test_feature__silence_about_one_says_nothing_of_others),
		APPS_TEST(test_feature__leaves_the_manifest_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
