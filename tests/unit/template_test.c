/* The template of apps: mistakes that are found without a database, and what values make of it. */
#include "manifest_case.h"

#include "manifest/template.h"
#include "model/apps.h"

#define META "mongo: { metaDB: { replicaSet: meta, managed: false, members: ['localhost:27017'] } }\n"
/* The template follows on line 7, its fields indented by six. */
#define FROM HEAD META "apps:\n  fromIntegrations:\n    database: d\n"

/* A service from the template, and the name that goes with it. */
struct filled {
	struct zpm_service *service;
	const char *name;
	struct zpm_err err;
	int result;
};

/* `value` in the place of each variable. */
static struct filled fill(const struct zpm_manifest *manifest, const char *value)
{
	struct zpm_pairs *values = zpm_arena_alloc(manifest->arena, sizeof(*values));
	struct filled filled = { .err = { 0 } };

	for (const struct zpm_template_variable *v = zpm_template_variables; v->name; v++)
		zpm_pairs_set(manifest->arena, values, v->name, value);
	filled.result = zpm_template_fill(
		manifest->template, values, manifest->arena, &filled.service, &filled.name, &filled.err);
	return filled;
}

static const char *variable(const struct zpm_service *service, const char *name)
{
	return zpm_pairs_get(&service->environment, name);
}

/* Filling in. */

static void test_template__knows_each_variable(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(FROM "    template:\n      image: 'a:1'\n"
				 "      environment:\n        - 'A=${integration.id} ${integration.title} "
				 "${integration.action} ${integration.tenantcode}'\n"
				 "        - 'B=${integration.serviceName} ${integration.executable} "
				 "${integration.executionDir} ${integration.port}'\n");
	struct filled filled = fill(manifest, "x");

	(void)state;
	assert_int_equal(filled.result, 0);
	assert_string_equal(variable(filled.service, "A"), "x x x x");
	assert_string_equal(variable(filled.service, "B"), "x x x x");
	assert_null(filled.name);
}

static void test_template__is_filled_in_anew_each_time(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(
		FROM "    name: 'svc-${integration.id}'\n"
		     "    template: { image: '${integration.executable}:1', environment: { A: '1' } }\n");
	struct filled first = fill(manifest, "one"), second = fill(manifest, "two");

	(void)state;
	assert_string_equal(first.service->image, "one:1");
	assert_string_equal(first.name, "svc-one");
	assert_string_equal(second.service->image, "two:1");
	assert_string_equal(second.name, "svc-two");
	assert_string_equal(variable(second.service, "A"), "1");
}

static void test_template__value_means_nothing_but_itself(void **state)
{
	static const char *const values[] = { "${platform}", "$$", "${integration.id}", "{ a: b }",
		"- x\n- y", "'", "\"", "# none", "*anchor", "true" };
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(FROM "    template: { image: 'a:1', environment: { A: '${integration.title}' },"
				 " command: [run, '${integration.title}'] }\n");

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct filled filled = fill(manifest, values[i]);

		assert_int_equal(filled.result, 0);
		assert_string_equal(variable(filled.service, "A"), values[i]);
		assert_int_equal(filled.service->command.n, 2);
		assert_string_equal(filled.service->command.v[1], values[i]);
	}
}

static void test_template__other_variables_are_the_manifests(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(
		FROM "    template: { image: '${integration.executable}:${TAG}', environment:"
		     " { P: '${platform}', D: '${NONE:-some} $${integration.id}' } }\nvars: { TAG: '7' }\n");
	struct filled filled = fill(manifest, "x");

	(void)state;
	assert_string_equal(filled.service->image, "x:7");
	assert_string_equal(variable(filled.service, "P"), "demo");
	assert_string_equal(variable(filled.service, "D"), "some ${integration.id}");
}

static void test_template__says_what_cannot_be_in_its_place(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		accept_text(FROM "    template: { image: '${integration.executable}:1',"
				 " ports: ['${integration.port}:80'] }\n");
	struct filled filled = fill(manifest, "No Such");

	(void)state;
	assert_int_equal(filled.result, -1);
	assert_int_equal(filled.err.code, ZPM_EINVALID);
	assert_non_null(strstr(filled.err.msg, "No Such"));
}

static void test_template__value_as_long_as_a_document_is_refused_or_taken_whole(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(
		FROM "    template: { image: 'a:1', environment: { A: '${integration.title}' } }\n");
	ZPM_FREE char *value = zpm_alloc(ZPM_MANIFEST_MAX_BYTES + 2);
	struct filled filled;

	(void)state;
	memset(value, 'x', ZPM_MANIFEST_MAX_BYTES + 1);
	value[ZPM_MANIFEST_MAX_BYTES + 1] = '\0';
	filled = fill(manifest, value);
	assert_int_equal(filled.result, -1);
	value[1 << 20] = '\0';
	filled = fill(manifest, value);
	assert_int_equal(filled.result, 0);
	assert_string_equal(variable(filled.service, "A"), value);
}

static void test_template__needs_a_port_only_where_it_says_so(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *without =
		accept_text(FROM "    template: { image: '${integration.executable}:1' }\n");
	CLEANUP_MANIFEST struct zpm_manifest *with =
		accept_text(FROM "    template: { image: 'a:1', args: ['${integration.port}'] }\n");

	(void)state;
	assert_false(without->platform->apps->from_integrations->uses_port);
	assert_true(with->platform->apps->from_integrations->uses_port);
}

/* Mistakes. */

static void test_apps__without_a_template(void **state)
{
	(void)state;
	assert_rejected(FROM, "5:3: apps.fromIntegrations: 'template' is missing");
}

static void test_apps__without_a_database_to_ask(void **state)
{
	(void)state;
	assert_rejected(HEAD "apps:\n  fromIntegrations:\n    database: d\n    template: { image: 'a:1' }\n",
		"4:3: apps.fromIntegrations: there is no mongo.metaDB that could be asked");
	assert_rejected(HEAD
		"features:\n  f:\n    fromDatabase: { database: d, collection: c, filter: { a: b }, "
		"field: x }\n",
		"5:5: features.f.fromDatabase: there is no mongo.metaDB that could be asked");
}

static void test_feature__source_says_which_database_and_document(void **state)
{
	(void)state;
	assert_rejected(HEAD META
		"features:\n  f:\n    fromDatabase: { collection: c, filter: { a: b }, field: x }\n",
		"6:5: features.f.fromDatabase: 'database' is missing, and no apps.fromIntegrations says "
		"which");
	assert_rejected(HEAD META
		"features:\n  f:\n    fromDatabase: { database: d, collection: c, filter: {}, field: x }\n",
		"6:5: features.f.fromDatabase: 'filter' is empty: which document says it?");
}

static void test_template__has_nothing_that_one_service_alone_can_have(void **state)
{
	(void)state;
	assert_rejected(FROM "    template:\n      image: 'a:1'\n      name: x\n      when: f\n"
			     "features: { f: true }\n",
		"9:13: apps.fromIntegrations.template.name: is one service's; 'apps.fromIntegrations.name' "
		"says "
		"what each is called",
		"10:13: apps.fromIntegrations.template.when: the database says which services there are");
}

static void test_template__is_checked_as_a_service_is(void **state)
{
	(void)state;
	assert_rejected(FROM "    template:\n      image: 'a:1'\n      networks: [none-such]\n",
		"9:18: apps.fromIntegrations.template.networks[0]: there is no network 'none-such'");
	assert_rejected(FROM "    template:\n      image: 'a:1'\n      dependsOn: [none-such]\n",
		"9:19: apps.fromIntegrations.template.dependsOn[0]: there is no service 'none-such'");
}

static void test_template__that_tenants_share_takes_only_what_they_share(void **state)
{
	(void)state;
	assert_rejected(FROM
		"    perTenant: false\n    template:\n      image: '${integration.executable}:1'\n"
		"      command: ['${integration.executionDir}', '${integration.title}']\n",
		"6:5: apps.fromIntegrations: 'integration.title' differs between the tenants that share a "
		"service, as 'perTenant: false' has it");
}

static void test_ports__are_a_range(void **state)
{
	(void)state;
	assert_rejected(FROM "    ports: '30-9'\n    template: { image: 'a:1' }\n",
		"7:12: apps.fromIntegrations.ports: '30-9' is no range of ports from 1 to 65535");
	assert_rejected(FROM "    ports: { first: 1, last: 70000 }\n    template: { image: 'a:1' }\n",
		"7:30: apps.fromIntegrations.ports.last: expected a port number from 1 to 65535, got 70000");
	assert_rejected(FROM "    ports: { first: 30, last: 9 }\n    template: { image: 'a:1' }\n",
		"7:5: apps.fromIntegrations.ports: there is no port from 30 to 9");
}

/* Elsewhere it is an unknown variable like any other. */
static void test_template__variables_are_for_it_alone(void **state)
{
	(void)state;
	assert_rejected(HEAD "services:\n  core:\n    a: { image: '${integration.id}' }\n",
		"5:17: services.core.a.image: unknown variable 'integration.id'; set it under vars, or give "
		"it "
		"a default: ${integration.id:-...}");
	assert_rejected(HEAD "services: { core: { a: { image: 'a:1' } } }\n"
			     "release:\n  patch: { services: [a], tag: '${integration.id}' }\n",
		"5:32: release.patch.tag: unknown variable 'integration.id'; set it under vars, or give it a "
		"default: ${integration.id:-...}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_template__knows_each_variable),
		cmocka_unit_test(test_template__is_filled_in_anew_each_time),
		cmocka_unit_test(test_template__value_means_nothing_but_itself),
		cmocka_unit_test(test_template__other_variables_are_the_manifests),
		cmocka_unit_test(test_template__says_what_cannot_be_in_its_place),
		cmocka_unit_test(test_template__value_as_long_as_a_document_is_refused_or_taken_whole),
		cmocka_unit_test(test_template__needs_a_port_only_where_it_says_so),
		cmocka_unit_test(test_apps__without_a_template),
		cmocka_unit_test(test_apps__without_a_database_to_ask),
		cmocka_unit_test(test_feature__source_says_which_database_and_document),
		cmocka_unit_test(test_template__has_nothing_that_one_service_alone_can_have),
		cmocka_unit_test(test_template__is_checked_as_a_service_is),
		cmocka_unit_test(test_template__that_tenants_share_takes_only_what_they_share),
		cmocka_unit_test(test_ports__are_a_range),
		cmocka_unit_test(test_template__variables_are_for_it_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
