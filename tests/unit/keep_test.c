/*
 * reconcile.ignoreDrift: what somebody else may set on the Engine is no
 * difference, and an update of something else leaves it as it is.
 */
#include "support.h"

#include "base/text.h"
#include "plan/expand.h"

#include <string.h>

#define WEB "'image': 'web:1', 'replicas': 2, 'environment': {'A': '1', 'B': '2'}, 'labels': {'team': 'x'}"

/* A manifest that ignores `entries`, with a service `web`. */
#define IGNORING(entries, web)                                                                               \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'reconcile': {'ignoreDrift': [" entries "]}, "            \
	"'services': {'core': {'web': {" web "}}}}"

struct scene {
	const struct zpm_platform *platform;
	struct zpm_objects *desired, *have;
	struct zpm_service *live;
};

/* The Engine has what the manifest says, to begin with. */
static struct scene scene(struct test *t, const char *manifest)
{
	struct scene s = { .platform = given_platform(t, manifest) };

	s.desired = zpm_expand(s.platform, t->arena);
	s.have = given_observed(t, manifest);
	s.live = object_of(s.have, ZPM_KIND_SERVICE, "web")->spec;
	return s;
}

static const struct zpm_plan *plan_of(struct test *t, const struct scene *s)
{
	const struct zpm_plan_options options = { 0 };

	return keep_plan(t, zpm_plan_new(s->platform, s->desired, s->have, &options));
}

/* The one change of the plan, which has to be of one field. */
static const struct zpm_change *only_change(const struct zpm_plan *plan, const char *path)
{
	const struct zpm_change *change;

	assert_int_equal(plan->changes.n, 1);
	change = plan->changes.v[0];
	assert_int_equal(change->fields.n, 1);
	assert_string_equal(((struct zpm_field_change *)change->fields.v[0])->path, path);
	return change;
}

static const struct zpm_service *wanted(const struct zpm_change *change)
{
	return change->want->spec;
}

static void test_keep__ignored_difference_is_no_change(void **state)
{
	struct test *t = *state;
	struct scene s = scene(
		t, IGNORING("'service/web:replicas', 'service/web:environment.A', 'service/web:labels.com.*'",
			   WEB));

	s.live->replicas = 7;
	zpm_pairs_set(t->arena, &s.live->environment, "A", "by hand");
	zpm_pairs_set(t->arena, &s.live->labels, "com.example.seen", "yes");
	assert_int_equal(plan_of(t, &s)->changes.n, 0);
}

static void test_keep__other_differences_stay_changes(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/web:environment.A'", WEB));

	zpm_pairs_set(t->arena, &s.live->environment, "A", "by hand");
	zpm_pairs_set(t->arena, &s.live->environment, "AA", "by hand");
	only_change(plan_of(t, &s), "environment.AA");
}

static void test_keep__update_of_another_field_carries_the_live_value(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/web:environment.*', 'service/web:replicas'", WEB));
	const struct zpm_service *service;

	s.live->replicas = 7;
	s.live->environment = (struct zpm_pairs){ 0 };
	zpm_pairs_set(t->arena, &s.live->environment, "B", "by hand");
	s.live->image = "web:0";
	service = wanted(only_change(plan_of(t, &s), "image"));
	assert_string_equal(service->image, "web:1");
	assert_int_equal(service->replicas, 7);
	assert_int_equal(service->environment.n, 1);
	assert_string_equal(zpm_pairs_get(&service->environment, "B"), "by hand");
}

static void test_keep__path_covers_all_below_it(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, IGNORING("'service/web:ports', 'service/web:update', 'service/web:volumes./data'",
				 WEB ", 'ports': ['80:80'], 'volumes': ['/a:/data', '/b:/logs']"));
	struct zpm_port *port = s.live->ports.v[0];
	struct zpm_mount *data = s.live->volumes.v[0];

	port->published = 81;
	s.live->update->parallelism = 5;
	data->source = "/elsewhere";
	assert_int_equal(plan_of(t, &s)->changes.n, 0);
	((struct zpm_mount *)s.live->volumes.v[1])->source = "/elsewhere";
	only_change(plan_of(t, &s), "volumes./logs.source");
}

static void test_keep__ignored_element_may_be_missing_or_more(void **state)
{
	struct test *t = *state;
	struct scene s = scene(
		t, IGNORING("'service/web:volumes./data*'", WEB ", 'volumes': ['/a:/data', '/b:/logs']"));
	struct zpm_mount *more = given_canonical(t, &zpm_mount_shape, "'/c:/data2'");

	s.live->volumes.v[0] = more;
	assert_int_equal(plan_of(t, &s)->changes.n, 0);
}

static void test_keep__entry_is_of_its_kind_and_name_only(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, IGNORING("'service/api:replicas', 'network/web:*', 'service/we:replicas'", WEB));

	s.live->replicas = 7;
	only_change(plan_of(t, &s), "replicas");
	s = scene(t, IGNORING("'service/w*:replicas'", WEB));
	s.live->replicas = 7;
	assert_int_equal(plan_of(t, &s)->changes.n, 0);
}

/* Else an update could lose what says whose the service is. */
static void test_keep__labels_of_zpms_own_are_never_ignored(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/*:*'", WEB));
	const struct zpm_change *change;

	s.live->labels = (struct zpm_pairs){ 0 };
	zpm_pairs_set(t->arena, &s.live->labels, "zpm.platform", "p");
	change = only_change(plan_of(t, &s), "labels.zpm.tier");
	assert_string_equal(zpm_pairs_get(&wanted(change)->labels, "zpm.tier"), "core");
	assert_null(zpm_pairs_get(&wanted(change)->labels, "team"));
}

static void test_keep__unknown_live_field_can_be_ignored(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/web:engine.TaskTemplate.X'", WEB));
	struct zpm_live *live = live_of(s.have, ZPM_KIND_SERVICE, "web");
	const struct zpm_change *change;

	zpm_pairs_set(t->arena, &live->extra, "TaskTemplate.X.Y", "1");
	assert_int_equal(plan_of(t, &s)->changes.n, 0);
	zpm_pairs_set(t->arena, &live->extra, "TaskTemplate.XY", "1");
	change = only_change(plan_of(t, &s), "engine.TaskTemplate.XY");
	/* What goes is what the driver finds there. */
	assert_int_equal(change->have->live->extra.n, 1);
	assert_string_equal(change->have->live->extra.v[0].key, "TaskTemplate.XY");
}

static void test_keep__what_is_not_there_yet_is_made_as_declared(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/*:*'", WEB));
	const struct zpm_change *change;

	s.have = given_observed(t, "{'apiVersion': 'zpm/v1', 'platform': 'p'}");
	change = plan_of(t, &s)->changes.v[0];
	assert_int_equal(change->action, ZPM_ACTION_CREATE);
	assert_int_equal(wanted(change)->replicas, 2);
	assert_string_equal(zpm_pairs_get(&wanted(change)->environment, "A"), "1");
}

/* The hash says what the manifest declared, whatever the live values were. */
static void test_keep__reason_of_another_drift_is_drift(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/web:replicas'", WEB));
	const struct zpm_change *change;

	s.live->replicas = 7;
	s.live->image = "web:0";
	change = only_change(plan_of(t, &s), "image");
	assert_int_equal(change->reason, ZPM_REASON_DRIFT);
	assert_string_equal(
		zpm_object_hash(change->want, t->arena), live_of(s.have, ZPM_KIND_SERVICE, "web")->spec_hash);
}

/* What an operator holds stays held, whatever else would be kept of it. */
static void test_keep__hold_wins_over_ignored_replicas(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, IGNORING("'service/web:replicas'", WEB));
	const struct zpm_change *change;

	object_of(s.have, ZPM_KIND_SERVICE, "web")->hold = "{}";
	s.live->replicas = 7;
	change = only_change(plan_of(t, &s), "replicas");
	assert_int_equal(wanted(change)->replicas, 0);
	assert_non_null(change->want->hold);
}

static void test_glob__star_stands_for_anything(void **state)
{
	(void)state;
	assert_true(zpm_glob_matches("", ""));
	assert_true(zpm_glob_matches("*", ""));
	assert_true(zpm_glob_matches("*", "labels.a.b"));
	assert_true(zpm_glob_matches("a*b*c", "a--b-b--c"));
	assert_true(zpm_glob_matches("*.b", "a.a.b"));
	assert_true(zpm_glob_matches("a**", "a"));
	assert_false(zpm_glob_matches("", "a"));
	assert_false(zpm_glob_matches("a", ""));
	assert_false(zpm_glob_matches("a*b", "a--c"));
	assert_false(zpm_glob_matches("a*b", "ab-"));
	assert_false(zpm_glob_matches("a?c", "abc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keep__ignored_difference_is_no_change),
		TEST(test_keep__other_differences_stay_changes),
		TEST(test_keep__update_of_another_field_carries_the_live_value),
		TEST(test_keep__path_covers_all_below_it),
		TEST(test_keep__ignored_element_may_be_missing_or_more),
		TEST(test_keep__entry_is_of_its_kind_and_name_only),
		TEST(test_keep__labels_of_zpms_own_are_never_ignored),
		TEST(test_keep__unknown_live_field_can_be_ignored),
		TEST(test_keep__what_is_not_there_yet_is_made_as_declared),
		TEST(test_keep__reason_of_another_drift_is_drift),
		TEST(test_keep__hold_wins_over_ignored_replicas),
		TEST(test_glob__star_stands_for_anything),
	};

	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
