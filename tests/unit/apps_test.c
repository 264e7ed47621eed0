/* From the catalog to services: who is chosen, what they are called, which ports they have, what is left. */
#include "support.h"

#include "base/index.h"
#include "model/shape.h"
#include "plan/apps.h"
#include "plan/expand.h"

#include <stdlib.h>
#include <string.h>

#define MANIFEST                                                                                             \
	"{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {'core': {'web': {'image': 'web:1', "         \
	"'ports': [{'target': 443, 'published': 20004}]}}}}"

/* A platform, its catalog and what becomes of both. */
struct given {
	struct zpm_from_integrations from;
	struct zpm_port_range range;
	struct zpm_params_source params;
	struct zpm_catalog catalog;
	struct zpm_apps_plan plan;
	const struct zpm_platform *joined;
	struct zpm_objects *desired;
};

static struct given *new_given(struct test *t)
{
	struct given *g = zpm_arena_alloc(t->arena, sizeof(*g));

	g->range = (struct zpm_port_range){ 20000, 20009 };
	g->params = (struct zpm_params_source){ "app_params", "prod" };
	g->from = (struct zpm_from_integrations){
		.database = "d", .ports = &g->range, .params = &g->params, .per_tenant = 1, .uses_port = true
	};
	g->plan = (struct zpm_apps_plan){ .platform = given_platform(t, MANIFEST),
		.from = &g->from,
		.catalog = &g->catalog,
		.arena = t->arena };
	return g;
}

static void add_tenant(struct test *t, struct given *g, const char *code, const char *status)
{
	struct zpm_tenant *tenant = zpm_arena_alloc(t->arena, sizeof(*tenant));

	tenant->code = code;
	tenant->status = status;
	zpm_ptrs_push(t->arena, &g->catalog.tenants, tenant);
}

static struct zpm_integration *add_integration(
	struct test *t, struct given *g, int64_t id, const char *code, const char *executable)
{
	struct zpm_integration *integration = zpm_arena_alloc(t->arena, sizeof(*integration));

	*integration = (struct zpm_integration){ .id = id,
		.code = code,
		.executable = executable,
		.service_name = executable,
		.status = "active" };
	zpm_ptrs_push(t->arena, &g->catalog.integrations, integration);
	return integration;
}

static void add_port(
	struct test *t, struct given *g, int64_t id, const char *code, const char *executable, int64_t port)
{
	struct zpm_port_record *record = zpm_arena_alloc(t->arena, sizeof(*record));

	*record = (struct zpm_port_record){
		.port = port, .integration = id, .executable = executable, .code = code
	};
	zpm_ptrs_push(t->arena, &g->catalog.ports, record);
}

/* With a service of the name's image, as manifest/ would make it of a template. */
static void make(struct test *t, struct given *g)
{
	zpm_apps_choose(&g->plan);
	for (size_t i = 0; i < g->plan.apps.n; i++) {
		struct zpm_app *app = g->plan.apps.v[i];

		if (app->blamed)
			continue;
		app->service = given_canonical(t, &zpm_service_shape,
			"{'image': 'app:1', 'environment': {'A': 'template', 'B': 'template'}}");
		zpm_app_add_params(&g->plan, app);
		zpm_app_name(&g->plan, app, NULL);
	}
	zpm_apps_settle_names(&g->plan);
	g->joined = zpm_apps_join(&g->plan, g->plan.platform);
	g->desired = zpm_expand(g->joined, t->arena);
}

/* "name:port name:port " of the services, in their order. */
static const char *apps_text(const struct test *t, const struct given *g)
{
	const struct zpm_ptrs *services = &g->joined->services->services[ZPM_TIER_APPS];
	const char *text = "";

	for (size_t i = 0; i < g->plan.apps.n; i++) {
		const struct zpm_app *app = g->plan.apps.v[i];

		if (!app->blamed)
			text = zpm_arena_printf(
				t->arena, "%s%s:%lld ", text, app->name, (long long)app->port);
	}
	for (size_t i = 0; i < services->n; i++)
		assert_has(text, ((const struct zpm_service *)services->v[i])->name);
	return text;
}

static const char *troubles_text(const struct test *t, const struct given *g)
{
	const char *text = "";

	for (size_t i = 0; i < g->plan.troubles.n; i++) {
		const struct zpm_trouble *trouble = g->plan.troubles.v[i];

		text = zpm_arena_printf(
			t->arena, "%s%s %s: %s\n", text, trouble->kind, trouble->name, trouble->why);
	}
	return text;
}

static struct given *given_two_tenants(struct test *t)
{
	struct given *g = new_given(t);

	add_tenant(t, g, "acme", "active");
	add_tenant(t, g, "beta", "active");
	return g;
}

static void test_apps__are_those_that_are_active_of_tenants_that_are(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_tenant(t, g, "gone", "inactive");
	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "acme", "dns")->status = "inactive";
	add_integration(t, g, 3, "gone", "mail");
	add_integration(t, g, 4, "nobody", "mail");
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20000 ");
	assert_int_equal(g->plan.troubles.n, 0);
}

static void test_apps__do_not_depend_on_the_order_of_documents(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t), *other = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "beta", "mail");
	add_integration(t, g, 3, "acme", "dns");
	add_integration(t, other, 3, "acme", "dns");
	add_integration(t, other, 2, "beta", "mail");
	add_integration(t, other, 1, "acme", "mail");
	make(t, g);
	make(t, other);
	assert_string_equal(apps_text(t, g), apps_text(t, other));
}

static void test_apps__that_two_databases_tell_of_are_made_once(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 1, "acme", "mail");
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20000 ");
}

static void test_apps__are_shared_where_tenants_share_them(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	g->from.per_tenant = 0;
	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "beta", "mail");
	add_integration(t, g, 3, "beta", "dns");
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail:20000 dns:20001 ");
}

static void test_apps__without_an_id_or_a_program_are_left_and_told_of(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, ZPM_UNSET, "acme", "mail")->title = "Mail";
	add_integration(t, g, 2, "acme", NULL);
	add_integration(t, g, 3, "acme", "dns");
	make(t, g);
	assert_string_equal(apps_text(t, g), "dns-acme:20000 ");
	assert_has(troubles_text(t, g), "integration acme/Mail: it has no integration_id");
	assert_has(troubles_text(t, g), "integration acme/2: it has no executable");
}

/* Names. */

static const char *name_of(struct test *t, const char *service, const char *code)
{
	struct given *g = new_given(t);
	struct zpm_app app = { .integration = add_integration(t, g, 1, code, "mail") };

	((struct zpm_integration *)g->catalog.integrations.v[0])->service_name = service;
	zpm_app_name(&g->plan, &app, NULL);
	return app.name;
}

static void test_app_name__is_one_that_swarm_takes(void **state)
{
	struct test *t = *state;

	assert_string_equal(name_of(t, "Mail Collector", "ACME"), "mail-collector-acme");
	assert_string_equal(name_of(t, "  über/dns!", "a_b"), "ber-dns-a_b");
	assert_string_equal(name_of(t, "", "acme"), "mail-acme");
	assert_string_equal(name_of(t, "--", "--"), "app");
}

static void test_app_name__that_is_long_is_cut_and_stays_its_own(void **state)
{
	struct test *t = *state;
	const char *one =
		name_of(t, "a-name-that-goes-on-for-far-longer-than-anybody-would-want-to-read-one", "a");
	const char *two =
		name_of(t, "a-name-that-goes-on-for-far-longer-than-anybody-would-want-to-read-two", "a");

	assert_true(strlen(one) + strlen("p_") <= ZPM_NAME_MAX);
	assert_string_not_equal(one, two);
	assert_string_equal(one,
		name_of(t, "a-name-that-goes-on-for-far-longer-than-anybody-would-want-to-read-one", "a"));
}

static void test_apps__of_one_name_are_left_both_and_told_of(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "Mail");
	add_integration(t, g, 2, "acme", "mail");
	add_integration(t, g, 3, "acme", "dns");
	make(t, g);
	assert_string_equal(apps_text(t, g), "dns-acme:20002 ");
	assert_has(troubles_text(t, g), "integration acme/1: its service would be called 'mail-acme'");
	assert_has(troubles_text(t, g), "integration acme/2: its service would be called 'mail-acme'");
}

static void test_apps__called_as_a_declared_service_are_left(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	g->from.per_tenant = 0;
	add_integration(t, g, 1, "acme", "web");
	make(t, g);
	assert_string_equal(apps_text(t, g), "");
	assert_has(troubles_text(t, g), "'web', as one of the manifest is");
}

/* Ports. */

static void test_ports__are_those_of_the_records_then_the_lowest_that_nobody_has(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "acme", "dns");
	add_integration(t, g, 3, "beta", "dns");
	add_port(t, g, 2, "acme", "dns", 20000);
	add_port(t, g, 9, "beta", "off", 20001);
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20002 dns-acme:20000 dns-beta:20003 ");
}

static void test_ports__new_ones_are_recorded_and_no_others(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);
	const struct zpm_port_record *record;

	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "acme", "dns");
	add_port(t, g, 2, "acme", "dns", 20005);
	make(t, g);
	zpm_apps_leave(&g->plan, zpm_objects_new("p", t->arena), g->desired);
	record = object_of(g->desired, ZPM_KIND_PORT, "mail-acme")->spec;
	assert_int_equal(record->port, 20000);
	assert_int_equal(record->integration, 1);
	assert_string_equal(record->code, "acme");
	assert_null(zpm_objects_find(g->desired, ZPM_KIND_PORT, "dns-acme"));
}

static void test_ports__that_declared_services_publish_are_theirs(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	g->range.first = 20004;
	add_integration(t, g, 1, "acme", "mail");
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20005 ");
}

static void test_ports__when_all_are_taken_are_nobodys(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	g->range.last = g->range.first;
	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "acme", "dns");
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20000 ");
	assert_has(troubles_text(t, g), "acme/2: all ports of apps.fromIntegrations.ports are taken");
}

static void test_ports__recorded_for_two_are_the_first_ones(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "mail");
	add_integration(t, g, 2, "acme", "dns");
	add_port(t, g, 1, "acme", "mail", 20003);
	add_port(t, g, 2, "acme", "dns", 20003);
	make(t, g);
	assert_string_equal(apps_text(t, g), "mail-acme:20003 ");
	assert_has(troubles_text(t, g), "acme/2: its port 20003 is recorded for 'acme/1' too");
}

static void test_ports__that_are_none_are_told_of(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_integration(t, g, 1, "acme", "mail");
	add_port(t, g, 1, "acme", "mail", 70000);
	make(t, g);
	assert_string_equal(apps_text(t, g), "");
	assert_has(troubles_text(t, g), "acme/1: the port that is recorded for it is none");
}

/* Parameters. */

static void add_params(struct test *t, struct given *g, const char *type, const char *build, const char *key,
	const char *value)
{
	struct zpm_app_params *params = zpm_arena_alloc(t->arena, sizeof(*params));

	params->type = type;
	params->build = build;
	zpm_pairs_set(t->arena, &params->environment, key, value);
	zpm_ptrs_push(t->arena, &g->catalog.params, params);
}

static void test_params__of_the_program_win_over_those_of_all_and_the_template(void **state)
{
	struct test *t = *state;
	struct given *g = given_two_tenants(t);
	const struct zpm_service *service;

	add_integration(t, g, 1, "acme", "mail");
	add_params(t, g, "mail", "prod", "A", "mail");
	add_params(t, g, "*", NULL, "A", "all");
	add_params(t, g, "mail", "dev", "B", "dev");
	add_params(t, g, "dns", "prod", "B", "dns");
	make(t, g);
	service = object_of(g->desired, ZPM_KIND_SERVICE, "mail-acme")->spec;
	assert_string_equal(zpm_pairs_get(&service->environment, "A"), "mail");
	assert_string_equal(zpm_pairs_get(&service->environment, "B"), "template");
}

/* What nobody knows. */

static struct zpm_objects *given_running(struct test *t, const char *const refs[], size_t n)
{
	struct zpm_objects *have = zpm_objects_new("p", t->arena);

	for (size_t i = 0; i < n; i++) {
		struct zpm_object *object = zpm_arena_alloc(t->arena, sizeof(*object));
		struct zpm_live *live = zpm_arena_alloc(t->arena, sizeof(*live));
		struct zpm_service *service = given_canonical(t, &zpm_service_shape, "{'image': 'app:1'}");

		zpm_pairs_set(t->arena, &service->labels, ZPM_LABEL_INTEGRATION, refs[i]);
		live->id = refs[i];
		live->owner = "p";
		*object = (struct zpm_object){ .kind = &zpm_kinds[ZPM_KIND_SERVICE],
			.name = refs[i],
			.real = refs[i],
			.tier = ZPM_TIER_APPS,
			.spec = service,
			.live = live };
		zpm_objects_add(have, object);
	}
	return have;
}

static void add_gap(struct test *t, struct given *g, const char *code, const char *why)
{
	struct zpm_catalog_gap *gap = zpm_arena_alloc(t->arena, sizeof(*gap));

	gap->code = code;
	gap->why = why;
	zpm_ptrs_push(t->arena, &g->catalog.gaps, gap);
}

static bool is_left(const struct given *g, const char *name)
{
	const struct zpm_object *object = zpm_objects_find(g->desired, ZPM_KIND_SERVICE, name);

	return object && object->left;
}

static void test_gap__of_a_tenant_leaves_its_apps_and_nobody_elses(void **state)
{
	static const char *const running[] = { "acme/1", "beta/2", "bet/3" };
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	add_gap(t, g, "beta", "no answer");
	make(t, g);
	zpm_apps_leave(&g->plan, given_running(t, running, 3), g->desired);
	assert_true(is_left(g, "beta/2"));
	assert_false(is_left(g, "acme/1"));
	assert_false(is_left(g, "bet/3"));
	assert_has(troubles_text(t, g), "tenant beta: no answer; its apps are left as they are");
}

static void test_gap__of_the_whole_catalog_leaves_all(void **state)
{
	static const char *const running[] = { "acme/1", "*/mail" };
	struct test *t = *state;
	struct given *g = new_given(t);

	add_gap(t, g, NULL, "no primary");
	make(t, g);
	zpm_apps_leave(&g->plan, given_running(t, running, 2), g->desired);
	assert_true(is_left(g, "acme/1") && is_left(g, "*/mail"));
}

static void test_gap__of_any_tenant_leaves_what_tenants_share(void **state)
{
	static const char *const running[] = { "*/mail" };
	struct test *t = *state;
	struct given *g = given_two_tenants(t);

	g->from.per_tenant = 0;
	add_gap(t, g, "beta", "no answer");
	make(t, g);
	zpm_apps_leave(&g->plan, given_running(t, running, 1), g->desired);
	assert_true(is_left(g, "*/mail"));
}

static void test_gap__of_a_database_that_is_still_to_be_made_is_no_trouble(void **state)
{
	struct test *t = *state;
	struct given *g = new_given(t);

	add_gap(t, g, NULL, NULL);
	make(t, g);
	assert_true(zpm_apps_are_unknown(&g->plan));
	assert_int_equal(g->plan.troubles.n, 0);
}

/* Chance: whatever the catalog says, ports are one each, names too, and a second look says the same. */

static void add_random(struct test *t, struct given *g, struct dice *dice)
{
	static const char *const programs[] = { "mail", "dns", "Mail", "chat bot", "" };
	static const char *const codes[] = { "acme", "beta", "off", "nobody" };
	size_t n = roll(dice, 30);

	add_tenant(t, g, "off", "inactive");
	for (size_t i = 0; i < n; i++) {
		struct zpm_integration *one = add_integration(
			t, g, (int64_t)roll(dice, 20), codes[roll(dice, 4)], programs[roll(dice, 5)]);

		one->status = one_in(dice, 4) ? "inactive" : "active";
		if (one_in(dice, 3))
			add_port(t, g, one->id, one->code, one->executable, 19998 + (int64_t)roll(dice, 14));
	}
	if (one_in(dice, 4))
		g->from.per_tenant = 0;
}

static void random_round(struct test *t, struct dice *dice)
{
	struct given *g = given_two_tenants(t), *again = given_two_tenants(t);
	struct zpm_index *names = zpm_index_new(t->arena);
	bool taken[65536] = { false };

	add_random(t, g, dice);
	again->catalog = g->catalog;
	again->from.per_tenant = g->from.per_tenant;
	make(t, g);
	make(t, again);
	assert_string_equal(apps_text(t, g), apps_text(t, again));
	for (size_t i = 0; i < g->plan.apps.n; i++) {
		struct zpm_app *app = g->plan.apps.v[i];

		if (app->blamed)
			continue;
		assert_null(zpm_index_add(names, app->name, app));
		assert_true(app->port > 0 && app->port < 65536 && !taken[app->port]);
		taken[app->port] = true;
	}
}

static void test_apps__any_catalog_has_ports_and_names_of_their_own(void **state)
{
	each_seed(*state, 500, random_round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_apps__are_those_that_are_active_of_tenants_that_are),
		TEST(test_apps__do_not_depend_on_the_order_of_documents),
		TEST(test_apps__that_two_databases_tell_of_are_made_once),
		TEST(test_apps__are_shared_where_tenants_share_them),
		TEST(test_apps__without_an_id_or_a_program_are_left_and_told_of),
		TEST(test_app_name__is_one_that_swarm_takes),
		TEST(test_app_name__that_is_long_is_cut_and_stays_its_own),
		TEST(test_apps__of_one_name_are_left_both_and_told_of),
		TEST(test_apps__called_as_a_declared_service_are_left),
		TEST(test_ports__are_those_of_the_records_then_the_lowest_that_nobody_has),
		TEST(test_ports__new_ones_are_recorded_and_no_others),
		TEST(test_ports__that_declared_services_publish_are_theirs),
		TEST(test_ports__when_all_are_taken_are_nobodys),
		TEST(test_ports__recorded_for_two_are_the_first_ones),
		TEST(test_ports__that_are_none_are_told_of),
		TEST(test_params__of_the_program_win_over_those_of_all_and_the_template),
		TEST(test_gap__of_a_tenant_leaves_its_apps_and_nobody_elses),
		TEST(test_gap__of_the_whole_catalog_leaves_all),
		TEST(test_gap__of_any_tenant_leaves_what_tenants_share),
		TEST(test_gap__of_a_database_that_is_still_to_be_made_is_no_trouble),
		TEST(test_apps__any_catalog_has_ports_and_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
