/* adopt: what is there and nobody's is taken over, or used as it is; what is somebody's never. */
#include "support.h"

#include "model/shape.h"
#include "plan/expand.h"
#include "plan/graph.h"

#include <string.h>

#define P(rest)             "{'apiVersion': 'zpm/v1', 'platform': 'p'" rest "}"
#define CORE(services)      P(", 'services': {'core': {" services "}}")
#define WITH(parts, fields) P(", " parts ", 'services': {'core': {'web': {'image': 'w:1'" fields "}}}")

struct scene {
	const struct zpm_platform *platform;
	struct zpm_objects *desired, *have;
};

static void without_own_labels(struct zpm_pairs *labels)
{
	struct zpm_pairs others = { .v = labels->v };

	for (size_t i = 0; i < labels->n; i++)
		if (strncmp(labels->v[i].key, "zpm.", 4) != 0)
			others.v[others.n++] = labels->v[i];
	*labels = others;
}

/* As somebody else than zpm would have made it. */
static void disown(struct zpm_object *object)
{
	struct zpm_live *live = (struct zpm_live *)(uintptr_t)object->live;
	struct zpm_service *service = object->spec;

	live->owner = live->spec_hash = NULL;
	if (object->kind->id == ZPM_KIND_NETWORK)
		without_own_labels(&((struct zpm_network *)object->spec)->labels);
	if (object->kind->id == ZPM_KIND_VOLUME)
		without_own_labels(&((struct zpm_volume *)object->spec)->labels);
	if (object->kind->id != ZPM_KIND_SERVICE)
		return;
	without_own_labels(&service->labels);
	for (size_t i = 0; i < service->volumes.n; i++)
		((struct zpm_mount *)service->volumes.v[i])->volume_labels = (struct zpm_pairs){ 0 };
}

/* The Engine has what the first manifest says, and nobody owns it. */
static struct scene scene(struct test *t, const char *observed, const char *manifest)
{
	struct scene s = { .platform = given_platform(t, manifest) };

	s.desired = zpm_expand(s.platform, t->arena);
	s.have = given_observed(t, observed);
	for (size_t i = 0; i < s.have->list.n; i++)
		disown(s.have->list.v[i]);
	return s;
}

static const struct zpm_plan *plan_of(struct test *t, const struct scene *s)
{
	const struct zpm_plan_options options = { 0 };

	return keep_plan(t, zpm_plan_new(s->platform, s->desired, s->have, &options));
}

static const struct zpm_change *only_adoption(const struct zpm_plan *plan)
{
	const struct zpm_change *change;

	assert_int_equal(plan->refusals.n, 0);
	assert_int_equal(plan->changes.n, 1);
	assert_int_equal(plan->counts[ZPM_ACTION_ADOPT], 1);
	change = plan->changes.v[0];
	assert_int_equal(change->action, ZPM_ACTION_ADOPT);
	return change;
}

/* The paths of all fields that change, one after the other. */
static const char *paths(struct test *t, const struct zpm_change *change)
{
	const char *text = "";

	for (size_t i = 0; i < change->fields.n; i++)
		text = zpm_arena_printf(
			t->arena, "%s%s ", text, ((struct zpm_field_change *)change->fields.v[i])->path);
	return text;
}

static void assert_refused(const struct zpm_plan *plan, const char *part)
{
	assert_int_equal(plan->refusals.n, 1);
	assert_has(plan->refusals.v[0], part);
}

static void test_adopt__of_a_service_as_declared_adds_labels_in_place(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, CORE("'web': {'image': 'w:1'}"), CORE("'web': {'image': 'w:1', 'adopt': true}"));
	const struct zpm_change *change = only_adoption(plan_of(t, &s));

	assert_int_equal(change->impact, ZPM_IMPACT_IN_PLACE);
	assert_int_equal(zpm_change_restarts(change), 0);
	assert_string_equal(paths(t, change), "labels.zpm.platform labels.zpm.tier ");
}

static void test_adopt__of_another_service_says_what_changes_and_costs_it(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, CORE("'web': {'image': 'w:1'}"), CORE("'web': {'image': 'w:2', 'adopt': true}"));
	const struct zpm_change *change = only_adoption(plan_of(t, &s));

	assert_int_equal(change->impact, ZPM_IMPACT_RESTART);
	assert_int_equal(zpm_change_restarts(change), 1);
	assert_string_equal(paths(t, change), "image labels.zpm.platform labels.zpm.tier ");
}

static void test_adopt__takes_a_service_by_its_own_name(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'x': {'image': 'w:1', 'name': 'theirs'}"),
		CORE("'web': {'image': 'w:1', 'name': 'theirs', 'adopt': true}"));

	assert_string_equal(only_adoption(plan_of(t, &s))->want->name, "web");
}

static void test_adopt__is_an_update_to_those_who_carry_it_out(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, CORE("'web': {'image': 'w:1'}"), CORE("'web': {'image': 'w:1', 'adopt': true}"));
	const struct zpm_graph *graph = zpm_graph_new(plan_of(t, &s), t->arena);

	assert_int_equal(((struct zpm_step *)graph->steps.v[0])->op, ZPM_OP_UPDATE);
}

static void test_adopt__once_done_is_nothing_to_do(void **state)
{
	static const char manifest[] = CORE("'web': {'image': 'w:1', 'adopt': true}");
	const struct zpm_plan *plan = given_plan(*state, manifest, manifest);

	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->kept.n, 1);
}

/* Else taking the word out again would look like a new manifest. */
static void test_adopt__is_no_part_of_the_spec(void **state)
{
	struct test *t = *state;
	const struct zpm_objects *with = given_desired(t, CORE("'web': {'image': 'w:1', 'adopt': true}"));
	const struct zpm_objects *without = given_desired(t, CORE("'web': {'image': 'w:1'}"));

	assert_string_equal(
		zpm_object_hash(with->list.v[0], t->arena), zpm_object_hash(without->list.v[0], t->arena));
}

static void test_adopt__of_what_is_not_there_creates_it(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = given_plan(t, P(""),
		WITH("'networks': {'n': {'adopt': true}}, 'volumes': {'v': {'adopt': true}}",
			", 'adopt': true"));

	assert_int_equal(plan->counts[ZPM_ACTION_CREATE], 3);
	assert_int_equal(plan->changes.n, 3);
}

static void test_adopt__never_takes_what_is_another_platforms(void **state)
{
	struct test *t = *state;
	static const char *const refs[] = { "network", "volume", "service" };
	struct scene s = scene(t, WITH("'networks': {'n': {}}, 'volumes': {'v': {}}", ""),
		WITH("'networks': {'n': {'adopt': true}}, 'volumes': {'v': {'adopt': true}}",
			", 'adopt': true"));
	const struct zpm_plan *plan;

	for (size_t i = 0; i < s.have->list.n; i++)
		((struct zpm_live *)(uintptr_t)((struct zpm_object *)s.have->list.v[i])->live)->owner = "q";
	plan = plan_of(t, &s);
	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->refusals.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_has(plan->refusals.v[i], refs[i]);
}

static void test_adopt__has_to_be_said(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, CORE("'web': {'image': 'w:1'}"), CORE("'web': {'image': 'w:1', 'adopt': false}"));

	assert_refused(plan_of(t, &s), "adopt: true");
}

static void test_adopt__of_a_service_that_would_be_replaced_is_refused(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'web': {'image': 'w:1'}"),
		CORE("'web': {'image': 'w:1', 'mode': 'global', 'adopt': true}"));

	assert_refused(plan_of(t, &s), "adopt it as it is first");
}

#define BOTH(adopt)                                                                                          \
	"'networks': {'n': {'attachable': true, 'labels': {'a': 'b'}" adopt "}}, "                           \
	"'volumes': {'v': {'driverOptions': {'type': 'tmpfs'}, 'labels': {'a': 'b'}" adopt "}}"
#define USER ", 'adopt': true, 'networks': ['n'], 'volumes': ['v:/v']"

/* The Engine cannot label them, and what cannot be labelled must restart nobody. */
static void test_adopt__of_a_network_and_a_volume_uses_them_as_they_are(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, WITH(BOTH(""), USER), WITH(BOTH(", 'adopt': true"), USER));
	const struct zpm_change *change = only_adoption(plan_of(t, &s));

	assert_int_equal(change->impact, ZPM_IMPACT_IN_PLACE);
	assert_string_equal(paths(t, change), "labels.zpm.platform labels.zpm.tier ");
}

static void test_adopt__of_a_volume_keeps_how_other_nodes_make_it(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, WITH(BOTH(""), USER), WITH(BOTH(", 'adopt': true"), USER));
	struct zpm_service *live = object_of(s.have, ZPM_KIND_SERVICE, "web")->spec;
	struct zpm_mount *mount = live->volumes.v[0];
	const struct zpm_service *want;

	zpm_pairs_set(t->arena, &mount->volume_labels, "com.docker.stack.namespace", "shop");
	want = only_adoption(plan_of(t, &s))->want->spec;
	assert_true(zpm_shape_equal(&zpm_mount_shape, mount, want->volumes.v[0], t->arena));
}

/* Once it is ours, what the manifest says holds for the mounts too. */
static void test_adopt__of_a_volume_that_is_ours_has_no_say(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, WITH(BOTH(""), USER), WITH(BOTH(", 'adopt': true"), USER));

	live_of(s.have, ZPM_KIND_VOLUME, "v")->owner = "p";
	((struct zpm_volume *)object_of(s.have, ZPM_KIND_VOLUME, "v")->spec)->labels =
		((struct zpm_volume *)object_of(s.desired, ZPM_KIND_VOLUME, "v")->spec)->labels;
	assert_has(paths(t, only_adoption(plan_of(t, &s))), "volumes./v.volumeLabels.zpm.platform");
}

static void test_adopt__of_a_network_or_volume_that_differs_is_refused(void **state)
{
	struct test *t = *state;
	struct scene s =
		scene(t, P(", 'networks': {'n': {}}, 'volumes': {'v': {}}"), P(", " BOTH(", 'adopt': true")));
	const struct zpm_plan *plan = plan_of(t, &s);

	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->refusals.n, 2);
	assert_has(plan->refusals.v[0], "network 'p_n'");
	assert_has(plan->refusals.v[0], "(attachable, labels.a)");
	assert_has(plan->refusals.v[1], "volume 'p_v'");
	assert_has(plan->refusals.v[1], "(driverOptions.type, labels.a)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_adopt__of_a_service_as_declared_adds_labels_in_place),
		TEST(test_adopt__of_another_service_says_what_changes_and_costs_it),
		TEST(test_adopt__takes_a_service_by_its_own_name),
		TEST(test_adopt__is_an_update_to_those_who_carry_it_out),
		TEST(test_adopt__once_done_is_nothing_to_do),
		TEST(test_adopt__is_no_part_of_the_spec),
		TEST(test_adopt__of_what_is_not_there_creates_it),
		TEST(test_adopt__never_takes_what_is_another_platforms),
		TEST(test_adopt__has_to_be_said),
		TEST(test_adopt__of_a_service_that_would_be_replaced_is_refused),
		TEST(test_adopt__of_a_network_and_a_volume_uses_them_as_they_are),
		TEST(test_adopt__of_a_volume_keeps_how_other_nodes_make_it),
		TEST(test_adopt__of_a_volume_that_is_ours_has_no_say),
		TEST(test_adopt__of_a_network_or_volume_that_differs_is_refused),
	};

	return cmocka_run_group_tests_name("adopt", tests, NULL, NULL);
}
