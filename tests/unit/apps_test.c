/* Which integrations become services, what these are called, and what is left as it is. */
#include "apps_case.h"

#include <string.h>

#define SPLIT  APPS_HEAD APPS_FROM APPS_TEMPLATE
#define SHARED APPS_HEAD APPS_FROM "    perTenant: false\n" APPS_TEMPLATE

#define assert_apps(c, text)  assert_string_equal(apps_of(c), text)
#define assert_quiet(c)       assert_string_equal(troubles_of(c), "")
#define assert_trouble(c, of) assert_has(troubles_of(c), of)

static struct apps_case *decided(struct apps_case *c)
{
	decide(c);
	return c;
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

/* Which. */

static void test_apps__only_active_integrations_of_active_tenants(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_tenant(c, "idle", "inactive");
	add_tenant(c, "odd", NULL);
	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns")->status = "inactive";
	add_integration(c, "acme", 3, "chat")->status = NULL;
	add_integration(c, "idle", 4, "mail");
	add_integration(c, "odd", 5, "mail");
	add_integration(c, "nobody", 6, "mail");
	add_integration(c, NULL, 7, "mail");
	assert_apps(decided(c), "mail-acme");
	assert_quiet(c);
}

static void test_apps__status_in_any_case(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_tenant(c, "loud", "ACTIVE");
	add_integration(c, "loud", 1, "mail")->status = "Active";
	add_integration(c, "loud", 2, "dns")->status = "activated";
	assert_apps(decided(c), "mail-loud");
}

static void test_apps__what_two_databases_say_is_said_once(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 1, "mail");
	assert_apps(decided(c), "mail-acme");
	assert_quiet(c);
}

static void test_apps__tenant_in_two_documents_is_active_when_one_says_so(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_tenant(c, "acme", "inactive");
	add_tenant(c, "late", "inactive");
	add_tenant(c, "late", "active");
	add_integration(c, "acme", 1, "mail");
	add_integration(c, "late", 2, "dns");
	assert_apps(decided(c), "mail-acme dns-late");
}

static void test_apps__are_in_the_tier_apps_with_their_label(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 17, "mail");
	decide(c);
	assert_int_equal(object_of(c->desired, ZPM_KIND_SERVICE, "mail-acme")->tier, ZPM_TIER_APPS);
	assert_string_equal(object_of(c->desired, ZPM_KIND_SERVICE, "mail-acme")->real, "p_mail-acme");
	assert_string_equal(zpm_pairs_get(&app_of(c, "mail-acme")->labels, ZPM_LABEL_INTEGRATION), "acme/17");
	assert_string_equal(app_of(c, "mail-acme")->image, "mail:1");
}

static void test_apps__beside_declared_ones(void **state)
{
	struct apps_case *c =
		given_apps(*state, SPLIT "services: { apps: { portal: { image: 'portal:1' } } }\n");

	add_integration(c, "acme", 1, "mail");
	assert_apps(decided(c), "mail-acme");
	assert_string_equal(app_of(c, "portal")->image, "portal:1");
}

/* Shared or not. */

static void test_apps__tenants_that_share_have_one_for_each_executable(void **state)
{
	struct apps_case *c = given_apps(*state, SHARED);

	add_integration(c, "beta", 8, "mail")->service_name = "Post";
	add_integration(c, "acme", 1, "mail");
	add_integration(c, "beta", 9, "chat");
	assert_apps(decided(c), "mail chat");
	assert_string_equal(zpm_pairs_get(&app_of(c, "mail")->labels, ZPM_LABEL_INTEGRATION), "*/mail");
	assert_quiet(c);
}

static void test_apps__shared_runs_as_long_as_one_tenant_has_it(void **state)
{
	struct apps_case *c = given_apps(*state, SHARED);
	struct zpm_integration *first = add_integration(c, "acme", 1, "mail");
	struct zpm_integration *second = add_integration(c, "beta", 2, "mail");

	first->status = "inactive";
	assert_apps(decided(c), "mail");
	second->status = "inactive";
	assert_apps(decided(c), "");
}

/* Names. */

static const char *name_of(struct apps_case *c, const char *service_name)
{
	c->catalog->integrations = (struct zpm_ptrs){ 0 };
	add_integration(c, "acme", 1, "mail")->service_name = service_name;
	return apps_of(decided(c));
}

static void test_app_name__takes_what_swarm_takes(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	assert_string_equal(name_of(c, "Web Proxy (v2)"), "web-proxy-v2-acme");
	assert_string_equal(name_of(c, "a.b/c:d\n"), "a-b-c-d-acme");
	assert_string_equal(name_of(c, "__x"), "x-acme");
	assert_string_equal(name_of(c, "-- \xc3\xa9 --"), "acme");
	assert_string_equal(name_of(c, "under_score"), "under_score-acme");
}

static void test_app_name__of_one_without_a_service_name_is_the_executables(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	assert_string_equal(name_of(c, NULL), "mail-acme");
	assert_string_equal(name_of(c, ""), "mail-acme");
}

static void test_app_name__too_long_is_cut_and_stays_unlike_others(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);
	char longer[201], other[201];
	const char *name;

	memset(longer, 'a', 200);
	longer[200] = '\0';
	memcpy(other, longer, sizeof(other));
	other[199] = 'b';
	name = name_of(c, longer);
	assert_int_equal(strlen("p_") + strlen(name), ZPM_NAME_MAX);
	assert_string_equal(name, name_of(c, longer));
	assert_string_not_equal(name, name_of(c, other));
}

static void test_app_name__as_the_manifest_has_it(void **state)
{
	struct apps_case *c = given_apps(*state,
		APPS_HEAD APPS_FROM "    name: '${integration.title} ${integration.id}'\n" APPS_TEMPLATE);

	add_integration(c, "acme", 42, "mail")->title = "Mail of ACME";
	assert_apps(decided(c), "mail-of-acme-42");
}

static void test_app_names__that_clash_leave_both_as_they_are(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 1, "proxy")->service_name = "web proxy";
	add_integration(c, "acme", 2, "mail");
	converge(c);
	add_integration(c, "acme", 3, "proxy")->service_name = "Web-Proxy";
	assert_apps(decided(c), "mail-acme web-proxy-acme*");
	assert_trouble(
		c, "integration acme/1: its service would be called 'web-proxy-acme', as that of 'acme/3'");
	assert_trouble(
		c, "integration acme/3: its service would be called 'web-proxy-acme', as that of 'acme/1'");
	assert_string_equal(
		zpm_pairs_get(&app_of(c, "web-proxy-acme")->labels, ZPM_LABEL_INTEGRATION), "acme/1");
}

static void test_app_names__of_three_that_clash_are_all_told_once(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	for (int64_t id = 1; id <= 3; id++)
		add_integration(c, "acme", id, "mail");
	assert_apps(decided(c), "");
	for (int64_t id = 1; id <= 3; id++)
		assert_int_equal(
			times(troubles_of(c), zpm_arena_printf(c->t->arena, "integration acme/%d:", (int)id)),
			1);
}

static void test_app_name__of_a_declared_service_is_its_own(void **state)
{
	struct apps_case *c =
		given_apps(*state, SPLIT "services: { core: { mail-acme: { image: 'own:1' } } }\n");

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	assert_apps(decided(c), "dns-acme");
	assert_string_equal(app_of(c, "mail-acme")->image, "own:1");
	assert_trouble(
		c, "integration acme/1: its service would be called 'mail-acme', as one of the manifest is");
}

static void test_app_names__that_clash_with_a_declared_one_are_told_once(void **state)
{
	struct apps_case *c =
		given_apps(*state, SPLIT "services: { core: { mail-acme: { image: 'own:1' } } }\n");

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "mail");
	decide(c);
	assert_int_equal(times(troubles_of(c), "integration acme/1:"), 1);
	assert_int_equal(times(troubles_of(c), "integration acme/2:"), 1);
}

static void test_app_name__of_one_that_is_left_is_not_given_to_another(void **state)
{
	struct apps_case *c = given_apps(*state, APPS_HEAD APPS_FROM APPS_WITH_PORT);

	add_integration(c, "acme", 1, "mail");
	converge(c);
	c->catalog->ports = (struct zpm_ptrs){ 0 };
	add_port(c, 70000, "acme", 1, "mail");
	add_integration(c, "acme", 2, "mail");
	assert_apps(decided(c), "mail-acme*");
	assert_string_equal(zpm_pairs_get(&app_of(c, "mail-acme")->labels, ZPM_LABEL_INTEGRATION), "acme/1");
}

/* Mistakes of documents. */

static void test_app__that_makes_no_valid_service_is_left_and_stops_nobody(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);
	struct zpm_integration *mail = add_integration(c, "acme", 1, "mail");

	converge(c);
	mail->executable = "No Image!";
	add_integration(c, "beta", 2, "dns");
	assert_apps(decided(c), "dns-beta mail-acme*");
	assert_trouble(c, "integration acme/1: ");
	assert_trouble(c, "No Image!");
	assert_string_equal(app_of(c, "mail-acme")->image, "mail:1");
}

static void test_app__without_an_executable_is_left(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);
	struct zpm_integration *mail = add_integration(c, "acme", 1, "mail");

	converge(c);
	mail->executable = "";
	assert_apps(decided(c), "mail-acme*");
	mail->executable = NULL;
	assert_apps(decided(c), "mail-acme*");
	assert_trouble(c, "integration acme/1: it has no executable");
}

/* Nobody knows whose service it is then. */
static void test_app__without_a_number_leaves_those_of_its_tenant(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);
	struct zpm_integration *mail = add_integration(c, "acme", 1, "mail");

	add_integration(c, "acme", 2, "dns");
	add_integration(c, "beta", 3, "chat");
	converge(c);
	mail->id = ZPM_UNSET;
	c->catalog->integrations.n = 2;
	assert_apps(decided(c), "dns-acme mail-acme*");
	assert_trouble(c, "it has no integration_id");
}

static void test_app__shared_and_without_an_executable_leaves_those_that_are_shared(void **state)
{
	struct apps_case *c = given_apps(*state, SHARED);
	struct zpm_integration *mail = add_integration(c, "acme", 1, "mail");

	converge(c);
	mail->executable = NULL;
	assert_apps(decided(c), "mail*");
	assert_trouble(c, "it has no executable");
}

/* Parameters. */

#define WITH_PARAMS                                                                                          \
	APPS_HEAD "release: { buildType: prod }\n" APPS_FROM                                                 \
		  "    params: { collection: app_params, buildType: '${release.buildType}' }\n"              \
		  "    template:\n      image: '${integration.executable}:1'\n"                              \
		  "      environment: { LEVEL: low, TENANT: '${integration.tenantcode}' }\n"                 \
		  "      command: [run]\n      resources: { limits: { memory: 32m, cpus: 2 } }\n"

static struct apps_case *given_params(struct test *t)
{
	struct apps_case *c = given_apps(t, WITH_PARAMS);

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	return c;
}

static void test_params__of_the_build_win_over_the_template(void **state)
{
	struct apps_case *c = given_params(*state);

	add_params(c, "{'param_type': 'mail', 'build_name': 'prod', 'environment': {'LEVEL': 'high', 'MORE': "
		      "'1'}}");
	add_params(c, "{'param_type': 'mail', 'build_name': 'dev', 'environment': {'LEVEL': 'all'}}");
	decide(c);
	assert_string_equal(variable_of(c, "mail-acme", "LEVEL"), "high");
	assert_string_equal(variable_of(c, "mail-acme", "MORE"), "1");
	assert_string_equal(variable_of(c, "mail-acme", "TENANT"), "acme");
	assert_string_equal(variable_of(c, "dns-acme", "LEVEL"), "low");
}

static void test_params__of_all_executables_and_builds(void **state)
{
	struct apps_case *c = given_params(*state);

	add_params(c, "{'param_type': '*', 'environment': {'A': '1'}}");
	add_params(c, "{'environment': {'B': '2'}}");
	decide(c);
	assert_string_equal(variable_of(c, "mail-acme", "A"), "1");
	assert_string_equal(variable_of(c, "dns-acme", "B"), "2");
}

/* In whatever order the documents are. */
static void test_params__the_closer_they_are_the_later_they_win(void **state)
{
	static const char *const params[] = {
		"{'param_type': 'mail', 'build_name': 'prod', 'environment': {'A': '4'}}",
		"{'param_type': 'mail', 'environment': {'A': '3', 'B': '3'}}",
		"{'param_type': '*', 'build_name': 'prod', 'environment': {'A': '2', 'B': '2', 'C': '2'}}",
		"{'param_type': '*', 'environment': {'A': '1', 'B': '1', 'C': '1', 'D': '1'}}",
	};

	for (int backwards = 0; backwards <= 1; backwards++) {
		struct apps_case *c = given_params(*state);

		for (size_t i = 0; i < ZPM_COUNT(params); i++)
			add_params(c, params[backwards ? ZPM_COUNT(params) - 1 - i : i]);
		decide(c);
		assert_string_equal(variable_of(c, "mail-acme", "A"), "4");
		assert_string_equal(variable_of(c, "mail-acme", "B"), "3");
		assert_string_equal(variable_of(c, "mail-acme", "C"), "2");
		assert_string_equal(variable_of(c, "mail-acme", "D"), "1");
		end_apps(c);
	}
}

static void test_params__replace_the_command_and_merge_resources(void **state)
{
	struct apps_case *c = given_params(*state);
	const struct zpm_service *mail;

	add_params(c, "{'param_type': 'mail', 'command': ['other', '--fast'], 'args': ['x'],"
		      " 'resources': {'limits': {'memory': '64m'}}}");
	decide(c);
	mail = app_of(c, "mail-acme");
	assert_int_equal(mail->command.n, 3);
	assert_string_equal(mail->command.v[0], "other");
	assert_string_equal(mail->command.v[2], "x");
	assert_int_equal(mail->resources->limits->memory, 64 << 20);
	assert_int_equal(mail->resources->limits->cpus, INT64_C(2000000000));
	assert_int_equal(app_of(c, "dns-acme")->resources->limits->memory, 32 << 20);
	assert_string_equal(app_of(c, "dns-acme")->command.v[0], "run");
}

static void test_params__mean_nothing_unless_the_manifest_asks_for_them(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 1, "mail");
	add_params(c, "{'param_type': 'mail', 'environment': {'A': '1'}}");
	decide(c);
	assert_null(variable_of(c, "mail-acme", "A"));
}

static void test_params__that_make_no_valid_service_are_a_mistake_of_that_app(void **state)
{
	struct apps_case *c = given_params(*state);

	add_params(c, "{'param_type': 'mail', 'environment': {'A=B': '1'}}");
	assert_apps(decided(c), "dns-acme");
	assert_trouble(c, "integration acme/1: ");
}

/* What nobody knows. */

static void test_gap__of_a_tenant_leaves_its_apps(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "beta", 2, "chat");
	converge(c);
	c->catalog->integrations.n = 1;
	add_gap(c, "beta", "no answer");
	assert_apps(decided(c), "mail-acme chat-beta*");
	assert_string_equal(troubles_of(c), "tenant beta: no answer; its apps are left as they are\n");
}

static void test_gap__of_a_tenant_hides_no_other(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_tenant(c, "beta2", "active");
	add_integration(c, "beta2", 1, "mail");
	converge(c);
	c->catalog->integrations.n = 0;
	add_gap(c, "beta", "no answer");
	assert_apps(decided(c), "");
}

static void test_gap__of_a_tenant_leaves_what_all_share(void **state)
{
	struct apps_case *c = given_apps(*state, SHARED);

	add_integration(c, "beta", 2, "chat");
	converge(c);
	c->catalog->integrations.n = 0;
	add_gap(c, "beta", "no answer");
	assert_apps(decided(c), "chat*");
}

static void test_gap__of_the_platform_leaves_all(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "beta", 2, "chat");
	converge(c);
	*c->catalog = (struct zpm_catalog){ 0 };
	add_gap(c, NULL, "no primary");
	assert_apps(decided(c), "mail-acme* chat-beta*");
	assert_string_equal(troubles_of(c), "database securaa: no primary; its apps are left as they are\n");
}

static void test_gap__of_a_database_that_is_not_there_yet_is_no_trouble(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_gap(c, NULL, NULL);
	assert_apps(decided(c), "");
	assert_quiet(c);
	assert_true(zpm_apps_are_unknown(c->plan));
}

static void test_gap__leaves_nothing_of_another_platform(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);

	add_integration(c, "beta", 2, "chat");
	converge(c);
	live_of(c->have, ZPM_KIND_SERVICE, "chat-beta")->owner = "other";
	c->catalog->integrations.n = 0;
	add_gap(c, "beta", "no answer");
	assert_apps(decided(c), "");
}

static void test_app__switched_off_is_not_left(void **state)
{
	struct apps_case *c = given_apps(*state, SPLIT);
	struct zpm_integration *mail = add_integration(c, "acme", 1, "mail");

	converge(c);
	mail->status = "inactive";
	assert_apps(decided(c), "");
	assert_quiet(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPS_TEST(test_apps__only_active_integrations_of_active_tenants),
		APPS_TEST(test_apps__status_in_any_case),
		APPS_TEST(test_apps__what_two_databases_say_is_said_once),
		APPS_TEST(test_apps__tenant_in_two_documents_is_active_when_one_says_so),
		APPS_TEST(test_apps__are_in_the_tier_apps_with_their_label),
		APPS_TEST(test_apps__beside_declared_ones),
		APPS_TEST(test_apps__tenants_that_share_have_one_for_each_executable),
		APPS_TEST(test_apps__shared_runs_as_long_as_one_tenant_has_it),
		APPS_TEST(test_app_name__takes_what_swarm_takes),
		APPS_TEST(test_app_name__of_one_without_a_service_name_is_the_executables),
		APPS_TEST(test_app_name__too_long_is_cut_and_stays_unlike_others),
		APPS_TEST(test_app_name__as_the_manifest_has_it),
		APPS_TEST(test_app_names__that_clash_leave_both_as_they_are),
		APPS_TEST(test_app_names__of_three_that_clash_are_all_told_once),
		APPS_TEST(test_app_name__of_a_declared_service_is_its_own),
		APPS_TEST(test_app_names__that_clash_with_a_declared_one_are_told_once),
		APPS_TEST(test_app_name__of_one_that_is_left_is_not_given_to_another),
		APPS_TEST(test_app__that_makes_no_valid_service_is_left_and_stops_nobody),
		APPS_TEST(test_app__without_an_executable_is_left),
		APPS_TEST(test_app__without_a_number_leaves_those_of_its_tenant),
		APPS_TEST(test_app__shared_and_without_an_executable_leaves_those_that_are_shared),
		APPS_TEST(test_params__of_the_build_win_over_the_template),
		APPS_TEST(test_params__of_all_executables_and_builds),
		APPS_TEST(test_params__the_closer_they_are_the_later_they_win),
		APPS_TEST(test_params__replace_the_command_and_merge_resources),
		APPS_TEST(test_params__mean_nothing_unless_the_manifest_asks_for_them),
		APPS_TEST(test_params__that_make_no_valid_service_are_a_mistake_of_that_app),
		APPS_TEST(test_gap__of_a_tenant_leaves_its_apps),
		APPS_TEST(test_gap__of_a_tenant_hides_no_other),
		APPS_TEST(test_gap__of_a_tenant_leaves_what_all_share),
		APPS_TEST(test_gap__of_the_platform_leaves_all),
		APPS_TEST(test_gap__of_a_database_that_is_not_there_yet_is_no_trouble),
		APPS_TEST(test_gap__leaves_nothing_of_another_platform),
		APPS_TEST(test_app__switched_off_is_not_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
