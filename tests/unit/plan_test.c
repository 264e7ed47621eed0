/*
 * Plans: what has to change for the observed objects to become the desired
 * ones, why, at what cost, and when zpm declines. What is observed is written
 * as the manifest that zpm applied before.
 */
#include "support.h"

#include "plan/expand.h"

#include <string.h>

#define P(rest) "{'apiVersion': 'zpm/v1', 'platform': 'p'" rest "}"
#define Q(rest) "{'apiVersion': 'zpm/v1', 'platform': 'q'" rest "}"

/* Services of the tier core, and with networks or volumes before them. */
#define CORE(services)         P(", 'services': {'core': {" services "}}")
#define WITH(others, services) P(", " others ", 'services': {'core': {" services "}}")

static const char nothing[] = P("");

static const struct zpm_change *change_of(const struct zpm_plan *plan, const char *ref)
{
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct zpm_change *change = plan->changes.v[i];
		const struct zpm_object *object = zpm_change_object(change);
		size_t len = strlen(object->kind->name);

		if (!strncmp(ref, object->kind->name, len) && ref[len] == '/' &&
			!strcmp(ref + len + 1, object->name))
			return change;
	}
	fail_msg("the plan does not change %s", ref);
	return NULL;
}

static void assert_change(const struct zpm_plan *plan, const char *ref, enum zpm_action action,
	enum zpm_impact impact, enum zpm_reason reason)
{
	const struct zpm_change *change = change_of(plan, ref);

	assert_string_equal(zpm_action_names[change->action], zpm_action_names[action]);
	assert_string_equal(zpm_impact_names[change->impact], zpm_impact_names[impact]);
	assert_string_equal(zpm_reason_names[change->reason], zpm_reason_names[reason]);
}

static void assert_empty(const struct zpm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		print_error("%s\n", zpm_change_object(plan->changes.v[i])->name);
	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->refusals.n, 0);
}

static void assert_refused(const struct zpm_plan *plan, const char *part)
{
	assert_int_equal(plan->refusals.n, 1);
	assert_has(plan->refusals.v[0], part);
}

/* A plan with something done to what is observed first. */
struct scene {
	const struct zpm_platform *platform;
	struct zpm_objects *desired, *have;
	struct zpm_plan_options options;
};

static struct scene scene(struct test *t, const char *observed, const char *manifest)
{
	struct scene s = { .platform = given_platform(t, manifest) };

	s.desired = zpm_expand(s.platform, t->arena);
	s.have = given_observed(t, observed);
	return s;
}

static const struct zpm_plan *plan_of(struct test *t, const struct scene *s)
{
	return keep_plan(t, zpm_plan_new(s->platform, s->desired, s->have, &s->options));
}

/* Nothing to do. */

static void test_plan__unchanged_manifest_is_an_empty_plan(void **state)
{
	static const char manifest[] = WITH("'networks': {'net': {}}, 'volumes': {'data': {}}",
		"'web': {'image': 'web:1', 'networks': ['net'], 'volumes': ['data:/data']}");
	const struct zpm_plan *plan = given_plan(*state, manifest, manifest);

	assert_empty(plan);
	assert_int_equal(plan->kept.n, 3);
	assert_int_equal(plan->counts[ZPM_ACTION_KEEP], 3);
}

static void test_plan__nothing_declared_and_nothing_there_is_empty(void **state)
{
	assert_empty(given_plan(*state, nothing, nothing));
}

/* What changes. */

static void test_plan__missing_object_is_created(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, nothing,
		WITH("'networks': {'net': {}}, 'volumes': {'data': {}}", "'web': {'image': 'web:1'}"));

	assert_int_equal(plan->changes.n, 3);
	assert_int_equal(plan->counts[ZPM_ACTION_CREATE], 3);
	assert_change(plan, "network/net", ZPM_ACTION_CREATE, ZPM_IMPACT_NONE, ZPM_REASON_MISSING);
	assert_change(plan, "volume/data", ZPM_ACTION_CREATE, ZPM_IMPACT_NONE, ZPM_REASON_MISSING);
	assert_change(plan, "service/web", ZPM_ACTION_CREATE, ZPM_IMPACT_NONE, ZPM_REASON_MISSING);
}

static void test_plan__creation_shows_what_is_declared(void **state)
{
	const struct zpm_plan *plan = given_plan(
		*state, nothing, P(", 'networks': {'net': {'ipam': [{'subnet': '10.1.0.0/24'}]}}"));
	const struct zpm_change *change = change_of(plan, "network/net");
	const struct zpm_field_change *field = change->fields.v[0];

	assert_string_equal(field->path, "ipam.10.1.0.0/24");
	assert_null(field->old);
}

static void test_plan__other_image_restarts(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:2'}"));

	assert_change(plan, "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_RESTART, ZPM_REASON_MANIFEST);
	assert_int_equal(plan->counts[ZPM_ACTION_UPDATE], 1);
	assert_int_equal(plan->refusals.n, 0);
}

static void test_plan__other_replicas_change_in_place(void **state)
{
	const struct zpm_plan *plan = given_plan(
		*state, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:1', 'replicas': 0}"));

	assert_change(plan, "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_IN_PLACE, ZPM_REASON_MANIFEST);
}

static void test_plan__other_mode_replaces(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, CORE("'web': {'image': 'web:1'}"),
		CORE("'web': {'image': 'web:1', 'mode': 'global'}"));

	assert_change(plan, "service/web", ZPM_ACTION_REPLACE, ZPM_IMPACT_RESTART, ZPM_REASON_MANIFEST);
}

static void test_plan__moved_tier_changes_a_label_in_place(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, P(", 'services': {'core': {'web': {'image': 'w:1'}}}"),
			P(", 'services': {'ui': {'web': {'image': 'w:1'}}}"));

	assert_change(plan, "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_IN_PLACE, ZPM_REASON_MANIFEST);
}

static void test_plan__update_lists_each_field(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, CORE("'web': {'image': 'web:1'}"),
		CORE("'web': {'image': 'web:2', 'environment': {'A': '1'}}"));
	const struct zpm_change *change = change_of(plan, "service/web");

	assert_int_equal(change->fields.n, 2);
	assert_string_equal(((struct zpm_field_change *)change->fields.v[0])->path, "image");
	assert_string_equal(((struct zpm_field_change *)change->fields.v[1])->path, "environment.A");
}

/* Reasons. */

static void test_plan__reason_is_drift_when_the_manifest_said_so_already(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:1'}"));
	struct zpm_service *live = object_of(s.have, ZPM_KIND_SERVICE, "web")->spec;

	zpm_pairs_set(t->arena, &live->environment, "X", "1");
	assert_change(plan_of(t, &s), "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_RESTART, ZPM_REASON_DRIFT);
}

static void test_plan__reason_is_the_manifest_when_it_says_something_new(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:2'}"));
	struct zpm_service *live = object_of(s.have, ZPM_KIND_SERVICE, "web")->spec;

	/* And somebody changed it, too. */
	zpm_pairs_set(t->arena, &live->environment, "X", "1");
	assert_change(
		plan_of(t, &s), "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_RESTART, ZPM_REASON_MANIFEST);
}

#define RELEASE(patch) ", 'release': {'tag': '1'" patch "}, 'services': {'core': {'web': {'image': 'web'}}}"
#define PATCH          ", 'patch': {'tag': '1-p1', 'services': ['web']}"

static void test_plan__reason_is_the_patch_when_it_gives_another_image(void **state)
{
	assert_change(given_plan(*state, P(RELEASE("")), P(RELEASE(PATCH))), "service/web", ZPM_ACTION_UPDATE,
		ZPM_IMPACT_RESTART, ZPM_REASON_PATCH);
	/* Taken back, it is the manifest that speaks again. */
	assert_change(given_plan(*state, P(RELEASE(PATCH)), P(RELEASE(""))), "service/web", ZPM_ACTION_UPDATE,
		ZPM_IMPACT_RESTART, ZPM_REASON_MANIFEST);
}

static void test_plan__reason_is_not_the_patch_when_the_image_stays(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, P(RELEASE(PATCH)),
		P(", 'release': {'tag': '1'" PATCH
		  "}, 'services': {'core': {'web': {'image': 'web', 'replicas': 2}}}"));

	assert_change(plan, "service/web", ZPM_ACTION_UPDATE, ZPM_IMPACT_IN_PLACE, ZPM_REASON_MANIFEST);
}

static void test_plan__reason_is_orphan_when_no_longer_declared(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, CORE("'web': {'image': 'web:1'}"), nothing);

	assert_change(plan, "service/web", ZPM_ACTION_DELETE, ZPM_IMPACT_RESTART, ZPM_REASON_ORPHAN);
}

/* Unknown live fields. */

static const struct zpm_change *change_for_extra(struct test *t, const char *path)
{
	struct scene s = scene(t, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:1'}"));
	struct zpm_live *live = live_of(s.have, ZPM_KIND_SERVICE, "web");

	zpm_pairs_set(t->arena, &live->extra, path, "{\"a\":1}");
	return change_of(plan_of(t, &s), "service/web");
}

static void test_plan__unknown_live_field_is_drift(void **state)
{
	const struct zpm_change *change = change_for_extra(*state, "TaskTemplate.ContainerSpec.Secrets");
	const struct zpm_field_change *field = change->fields.v[0];

	assert_int_equal(change->action, ZPM_ACTION_UPDATE);
	assert_int_equal(change->reason, ZPM_REASON_DRIFT);
	assert_int_equal(change->fields.n, 1);
	assert_string_equal(field->path, "engine.TaskTemplate.ContainerSpec.Secrets");
	assert_string_equal(json_object_to_json_string_ext(field->old, JSON_C_TO_STRING_PLAIN), "{\"a\":1}");
	assert_null(field->now);
}

static void test_plan__unknown_live_field_costs_what_its_place_costs(void **state)
{
	struct test *t = *state;

	assert_int_equal(change_for_extra(t, "TaskTemplate.X")->impact, ZPM_IMPACT_RESTART);
	assert_int_equal(change_for_extra(t, "EndpointSpec.X")->impact, ZPM_IMPACT_RESTART);
	assert_int_equal(change_for_extra(t, "UpdateConfig.X")->impact, ZPM_IMPACT_IN_PLACE);
}

/* Deleting. */

static void test_plan__orphaned_network_is_deleted_and_volume_kept(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, P(", 'networks': {'net': {}}, 'volumes': {'data': {}}"), nothing);

	assert_int_equal(plan->changes.n, 1);
	assert_change(plan, "network/net", ZPM_ACTION_DELETE, ZPM_IMPACT_NONE, ZPM_REASON_ORPHAN);
}

static void test_plan__without_prune_nothing_is_deleted(void **state)
{
	assert_empty(
		given_plan(*state, CORE("'web': {'image': 'web:1'}"), P(", 'reconcile': {'prune': false}")));
}

static void test_plan__deletions_come_last_and_services_before_networks(void **state)
{
	const struct zpm_plan *plan = given_plan(*state,
		WITH("'networks': {'old': {}}", "'gone': {'image': 'a:1', 'networks': ['old']}"),
		WITH("'networks': {'new': {}}", "'fresh': {'image': 'a:1'}"));

	assert_int_equal(plan->changes.n, 4);
	assert_ptr_equal(plan->changes.v[2], change_of(plan, "service/gone"));
	assert_ptr_equal(plan->changes.v[3], change_of(plan, "network/old"));
}

static void test_plan__renamed_service_is_created_and_deleted(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, CORE("'a': {'image': 'x:1'}"), CORE("'b': {'image': 'x:1'}"));

	assert_int_equal(change_of(plan, "service/a")->action, ZPM_ACTION_DELETE);
	assert_int_equal(change_of(plan, "service/b")->action, ZPM_ACTION_CREATE);
}

/* Refusals. */

#define SIX                                                                                                  \
	"'a': {'image': 'x'}, 'b': {'image': 'x'}, 'c': {'image': 'x'}, 'd': {'image': 'x'}, 'e': "          \
	"{'image': "                                                                                         \
	"'x'}, 'f': {'image': 'x'}"

static void test_plan__more_deletions_than_allowed_are_refused(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, CORE(SIX), nothing);

	assert_refused(plan, "6 objects would be deleted");
	assert_has(plan->refusals.v[0], "maxDeletes");
	assert_int_equal(plan->counts[ZPM_ACTION_DELETE], 6);
}

static void test_plan__as_many_deletions_as_allowed_are_fine(void **state)
{
	struct test *t = *state;

	assert_int_equal(given_plan(t, CORE(SIX), P(", 'reconcile': {'maxDeletes': 6}"))->refusals.n, 0);
	assert_int_equal(given_plan(t, CORE(SIX), CORE("'a': {'image': 'x'}"))->refusals.n, 0);
}

static void test_plan__no_deletions_allowed_means_none(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, CORE("'a': {'image': 'x'}"), P(", 'reconcile': {'maxDeletes': 0}"));

	assert_refused(plan, "1 object");
}

static void test_plan__foreign_object_in_the_place_of_ours_is_refused(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'web': {'image': 'web:1'}"), CORE("'web': {'image': 'web:2'}"));
	const struct zpm_plan *plan;

	live_of(s.have, ZPM_KIND_SERVICE, "web")->owner = NULL;
	plan = plan_of(t, &s);
	assert_int_equal(plan->changes.n, 0);
	assert_refused(plan, "p_web");
	assert_has(plan->refusals.v[0], "zpm.platform=p");
}

static void test_plan__foreign_network_and_volume_are_refused_too(void **state)
{
	struct test *t = *state;
	static const char manifest[] = P(", 'networks': {'net': {}}, 'volumes': {'data': {}}");
	struct scene s = scene(t, manifest, manifest);
	const struct zpm_plan *plan;

	live_of(s.have, ZPM_KIND_NETWORK, "net")->owner = NULL;
	live_of(s.have, ZPM_KIND_VOLUME, "data")->owner = "other";
	plan = plan_of(t, &s);
	assert_int_equal(plan->changes.n, 0);
	assert_int_equal(plan->refusals.n, 2);
}

static void test_plan__foreign_object_elsewhere_is_nobodys_business(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, CORE("'web': {'image': 'web:1'}"), nothing);

	live_of(s.have, ZPM_KIND_SERVICE, "web")->owner = NULL;
	assert_empty(plan_of(t, &s));
}

static void test_plan__missing_external_object_is_refused(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, nothing, P(", 'networks': {'net': {'external': true, 'name': 'wan'}}"));

	assert_int_equal(plan->changes.n, 0);
	assert_refused(plan, "external");
	assert_has(plan->refusals.v[0], "wan");
}

static void test_plan__external_object_is_used_and_never_changed(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, P(", 'networks': {'net': {'name': 'wan', 'attachable': true}}"),
		P(", 'networks': {'net': {'external': true, 'name': 'wan'}}"));

	live_of(s.have, ZPM_KIND_NETWORK, "net")->owner = NULL;
	assert_empty(plan_of(t, &s));
	/* Not even when it carries our label. */
	live_of(s.have, ZPM_KIND_NETWORK, "net")->owner = "p";
	assert_empty(plan_of(t, &s));
}

static void test_plan__volume_that_would_be_replaced_is_refused(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, P(", 'volumes': {'data': {}}"),
		P(", 'volumes': {'data': {'nfs': {'server': 'nas', 'path': '/data'}}}"));

	assert_change(plan, "volume/data", ZPM_ACTION_REPLACE, ZPM_IMPACT_DATA_RISK, ZPM_REASON_MANIFEST);
	assert_refused(plan, "data");
	assert_has(plan->refusals.v[0], "--allow-data-risk");
}

/* Two platforms on one Engine. */

static void put_together(struct zpm_objects *have, const struct zpm_objects *others)
{
	for (size_t i = 0; i < others->list.n; i++)
		zpm_objects_add(have, others->list.v[i]);
}

static void test_plan__other_platforms_objects_are_never_touched(void **state)
{
	struct test *t = *state;
	static const char mine[] =
		WITH("'networks': {'net': {}}, 'volumes': {'data': {}}", "'web': {'image': 'w:1'}");
	struct scene s = scene(t, mine, mine);

	put_together(s.have,
		given_observed(
			t, Q(", 'networks': {'net': {}, 'more': {}}, 'volumes': {'data': {}},"
			     " 'services': {'core': {'web': {'image': 'w:9'}, 'api': {'image': 'a:1'}}}")));
	assert_empty(plan_of(t, &s));
}

static void test_plan__name_that_begins_like_ours_is_not_ours(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, nothing, nothing);

	put_together(s.have, given_observed(t, "{'apiVersion': 'zpm/v1', 'platform': 'p_q', 'services': "
					       "{'core': {'web': {'image': 'w:1'}}}}"));
	assert_empty(plan_of(t, &s));
	assert_int_equal(keep_plan(t, zpm_plan_destroy(s.platform, s.desired, s.have, true))->changes.n, 0);
}

/* Platform "p" with a service "q_web" wants the name that "p_q" gave to its "web". */
static void test_plan__name_that_another_platform_took_is_refused(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, nothing, CORE("'q_web': {'image': 'w:1'}"));
	const struct zpm_plan *plan;

	put_together(s.have, given_observed(t, "{'apiVersion': 'zpm/v1', 'platform': 'p_q', 'services': "
					       "{'core': {'web': {'image': 'w:1'}}}}"));
	plan = plan_of(t, &s);
	assert_int_equal(plan->changes.n, 0);
	assert_refused(plan, "p_q_web");
}

/* A network cannot be replaced under its services. */

#define ON_NET "'web': {'image': 'w:1', 'networks': ['net']}"
#define BESIDE "'other': {'image': 'o:1'}"
#define OPEN   "'networks': {'net': {'attachable': true}}"
#define CLOSED "'networks': {'net': {}}"

static void test_plan__replaced_network_takes_its_services_with_it(void **state)
{
	const struct zpm_plan *plan =
		given_plan(*state, WITH(CLOSED, ON_NET "," BESIDE), WITH(OPEN, ON_NET "," BESIDE));

	assert_int_equal(plan->changes.n, 2);
	assert_change(plan, "network/net", ZPM_ACTION_REPLACE, ZPM_IMPACT_RESTART, ZPM_REASON_MANIFEST);
	assert_int_equal(change_of(plan, "service/web")->action, ZPM_ACTION_REPLACE);
	assert_int_equal(change_of(plan, "service/web")->impact, ZPM_IMPACT_RESTART);
	assert_int_equal(plan->counts[ZPM_ACTION_REPLACE], 2);
	assert_int_equal(plan->kept.n, 1);
	assert_int_equal(plan->refusals.n, 0);
}

/* Nobody has changed the service by hand. */
static void test_plan__service_that_goes_with_its_network_has_not_drifted(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, WITH(CLOSED, ON_NET), WITH(OPEN, ON_NET));

	assert_int_equal(change_of(plan, "service/web")->reason, ZPM_REASON_MANIFEST);
}

static void test_plan__new_service_on_a_replaced_network_is_created(void **state)
{
	const struct zpm_plan *plan = given_plan(*state, P(", " CLOSED), WITH(OPEN, ON_NET));

	assert_int_equal(change_of(plan, "service/web")->action, ZPM_ACTION_CREATE);
	assert_int_equal(change_of(plan, "network/net")->action, ZPM_ACTION_REPLACE);
}

/* What waits for what. */

static const char *after_of(struct test *t, const struct zpm_plan *plan, const char *ref)
{
	const struct zpm_strs *after = &change_of(plan, ref)->after;
	const char *text = "";

	for (size_t i = 0; i < after->n; i++)
		text = zpm_arena_printf(t->arena, "%s%s%s", text, i ? " " : "", after->v[i]);
	return text;
}

static void test_plan__service_comes_after_what_it_uses(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = given_plan(t, nothing,
		WITH("'networks': {'net': {}}, 'volumes': {'data': {}}",
			"'db': {'image': 'd:1'}, 'web': {'image': 'w:1', 'networks': ['net'], 'dependsOn': "
			"['db'],"
			" 'volumes': ['data:/data', '/srv:/srv', {'type': 'tmpfs', 'target': '/tmp'}]}"));

	assert_string_equal(after_of(t, plan, "service/web"), "network/net volume/data service/db");
	assert_string_equal(after_of(t, plan, "service/db"), "");
	assert_string_equal(after_of(t, plan, "network/net"), "");
}

static void test_plan__what_does_not_change_is_not_waited_for(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = given_plan(t, WITH("'networks': {'net': {}}", "'db': {'image': 'd:1'}"),
		WITH("'networks': {'net': {}}", "'db': {'image': 'd:1'}, 'web': {'image': 'w:1', 'networks': "
						"['net'], 'dependsOn': ['db']}"));

	assert_string_equal(after_of(t, plan, "service/web"), "");
}

static void test_plan__replaced_service_comes_after_its_network(void **state)
{
	struct test *t = *state;
	const struct zpm_plan *plan = given_plan(t, WITH(CLOSED, ON_NET), WITH(OPEN, ON_NET));

	assert_string_equal(after_of(t, plan, "service/web"), "network/net");
}

/* How many tasks it costs. */

static int64_t restarts(struct test *t, const char *have, const char *want)
{
	const struct zpm_plan *plan = given_plan(t, have, want);

	return zpm_change_restarts(change_of(plan, "service/web"));
}

static void test_plan__restarts_are_the_running_tasks(void **state)
{
	struct test *t = *state;

	assert_int_equal(restarts(t, CORE("'web': {'image': 'w:1', 'replicas': 3}"),
				 CORE("'web': {'image': 'w:2', 'replicas': 5}")),
		3);
	assert_int_equal(restarts(t, CORE("'web': {'image': 'w:1', 'mode': 'global'}"),
				 CORE("'web': {'image': 'w:2', 'mode': 'global'}")),
		-1);
	assert_int_equal(restarts(t, CORE("'web': {'image': 'w:1', 'replicas': 2}"), nothing), 2);
}

static void test_plan__restarts_are_none_where_no_task_is_touched(void **state)
{
	struct test *t = *state;

	assert_int_equal(restarts(t, nothing, CORE("'web': {'image': 'w:1', 'replicas': 3}")), 0);
	assert_int_equal(restarts(t, CORE("'web': {'image': 'w:1', 'replicas': 3}"),
				 CORE("'web': {'image': 'w:1', 'replicas': 5}")),
		0);
}

/* Destroying. */

static const struct zpm_plan *destroy(
	struct test *t, const char *observed, const char *manifest, bool volumes)
{
	const struct zpm_platform *platform = given_platform(t, manifest);

	return keep_plan(t, zpm_plan_destroy(platform, zpm_expand(platform, t->arena),
				    given_observed(t, observed), volumes));
}

static const char everything[] = P(", 'networks': {'net': {}}, 'volumes': {'data': {}}, 'services': {"
				   "'system': {'db': {'image': 'd:1'}}, 'ui': {'web': {'image': 'w:1'}}}");

static void test_plan_destroy__removes_all_in_reverse_and_keeps_volumes(void **state)
{
	const struct zpm_plan *plan = destroy(*state, everything, everything, false);

	assert_int_equal(plan->changes.n, 3);
	assert_ptr_equal(plan->changes.v[0], change_of(plan, "service/web"));
	assert_ptr_equal(plan->changes.v[1], change_of(plan, "service/db"));
	assert_ptr_equal(plan->changes.v[2], change_of(plan, "network/net"));
	assert_int_equal(plan->counts[ZPM_ACTION_DELETE], 3);
}

static void test_plan_destroy__removes_volumes_when_asked(void **state)
{
	const struct zpm_plan *plan = destroy(*state, everything, nothing, true);

	assert_int_equal(plan->changes.n, 4);
	assert_int_equal(change_of(plan, "volume/data")->impact, ZPM_IMPACT_DATA_RISK);
}

/* maxDeletes guards against a slip of the pen; destroy is no slip. */
static void test_plan_destroy__knows_no_limit_and_creates_nothing(void **state)
{
	const struct zpm_plan *plan = destroy(*state, CORE(SIX), CORE("'new': {'image': 'n:1'}"), false);

	assert_int_equal(plan->changes.n, 6);
	assert_int_equal(plan->refusals.n, 0);
}

static void test_plan_destroy__leaves_foreign_and_external_objects(void **state)
{
	struct test *t = *state;
	struct scene s = scene(t, P(", 'networks': {'net': {'name': 'wan'}, 'lan': {}}"),
		P(", 'networks': {'net': {'external': true, 'name': 'wan'}}"));
	const struct zpm_plan *plan;

	live_of(s.have, ZPM_KIND_NETWORK, "lan")->owner = "other";
	live_of(s.have, ZPM_KIND_NETWORK, "net")->owner = NULL;
	plan = keep_plan(t, zpm_plan_destroy(s.platform, s.desired, s.have, true));
	assert_int_equal(plan->changes.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plan__unchanged_manifest_is_an_empty_plan),
		TEST(test_plan__nothing_declared_and_nothing_there_is_empty),
		TEST(test_plan__missing_object_is_created),
		TEST(test_plan__creation_shows_what_is_declared),
		TEST(test_plan__other_image_restarts),
		TEST(test_plan__other_replicas_change_in_place),
		TEST(test_plan__other_mode_replaces),
		TEST(test_plan__moved_tier_changes_a_label_in_place),
		TEST(test_plan__update_lists_each_field),
		TEST(test_plan__reason_is_drift_when_the_manifest_said_so_already),
		TEST(test_plan__reason_is_the_manifest_when_it_says_something_new),
		TEST(test_plan__reason_is_the_patch_when_it_gives_another_image),
		TEST(test_plan__reason_is_not_the_patch_when_the_image_stays),
		TEST(test_plan__reason_is_orphan_when_no_longer_declared),
		TEST(test_plan__unknown_live_field_is_drift),
		TEST(test_plan__unknown_live_field_costs_what_its_place_costs),
		TEST(test_plan__orphaned_network_is_deleted_and_volume_kept),
		TEST(test_plan__without_prune_nothing_is_deleted),
		TEST(test_plan__deletions_come_last_and_services_before_networks),
		TEST(test_plan__renamed_service_is_created_and_deleted),
		TEST(test_plan__more_deletions_than_allowed_are_refused),
		TEST(test_plan__as_many_deletions_as_allowed_are_fine),
		TEST(test_plan__no_deletions_allowed_means_none),
		TEST(test_plan__foreign_object_in_the_place_of_ours_is_refused),
		TEST(test_plan__foreign_network_and_volume_are_refused_too),
		TEST(test_plan__foreign_object_elsewhere_is_nobodys_business),
		TEST(test_plan__missing_external_object_is_refused),
		TEST(test_plan__external_object_is_used_and_never_changed),
		TEST(test_plan__volume_that_would_be_replaced_is_refused),
		TEST(test_plan__other_platforms_objects_are_never_touched),
		TEST(test_plan__name_that_begins_like_ours_is_not_ours),
		TEST(test_plan__name_that_another_platform_took_is_refused),
		TEST(test_plan__replaced_network_takes_its_services_with_it),
		TEST(test_plan__service_that_goes_with_its_network_has_not_drifted),
		TEST(test_plan__new_service_on_a_replaced_network_is_created),
		TEST(test_plan__service_comes_after_what_it_uses),
		TEST(test_plan__what_does_not_change_is_not_waited_for),
		TEST(test_plan__replaced_service_comes_after_its_network),
		TEST(test_plan__restarts_are_the_running_tasks),
		TEST(test_plan__restarts_are_none_where_no_task_is_touched),
		TEST(test_plan_destroy__removes_all_in_reverse_and_keeps_volumes),
		TEST(test_plan_destroy__removes_volumes_when_asked),
		TEST(test_plan_destroy__knows_no_limit_and_creates_nothing),
		TEST(test_plan_destroy__leaves_foreign_and_external_objects),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
