/* Ports of apps: kept once they are recorded, and never given twice. */
#include "apps_case.h"

#define RANGE(range)                                                                                         \
	APPS_HEAD APPS_FROM "    ports: '" range "'\n"                                                       \
			    "    template: { image: '${integration.executable}:1',"                          \
			    " environment: { PORT: '${integration.port}' } }\n"
#define NO_RANGE                                                                                             \
	APPS_HEAD APPS_FROM "    template: { image: 'a:1', environment: { PORT: '${integration.port}' } }\n"
#define SHARED                                                                                               \
	APPS_HEAD APPS_FROM "    perTenant: false\n    ports: '20000-20003'\n"                               \
			    "    template: { image: '${integration.executable}:1',"                          \
			    " environment: { PORT: '${integration.port}' } }\n"

#define assert_ports(c, text)      assert_string_equal(ports_of(c), text)
#define assert_port(c, name, text) assert_string_equal(variable_of(c, name, "PORT"), text)
#define assert_trouble(c, of)      assert_has(troubles_of(c), of)

static void test_ports__without_a_record_the_lowest_that_is_free(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	add_port(c, 20000, "beta", 9, "other");
	decide(c);
	assert_ports(c, "mail-acme:20001 dns-acme:20002");
	assert_port(c, "mail-acme", "20001");
	assert_port(c, "dns-acme", "20002");
}

static void test_ports__are_recorded_as_documents_of_the_integration(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));
	const struct zpm_port_record *record;

	add_integration(c, "acme", 1, "mail");
	decide(c);
	record = object_of(c->desired, ZPM_KIND_PORT, "mail-acme")->spec;
	assert_int_equal(record->port, 20000);
	assert_int_equal(record->integration, 1);
	assert_string_equal(record->executable, "mail");
	assert_string_equal(record->code, "acme");
}

static void test_ports__recorded_are_kept_wherever_they_are(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_port(c, 31000, "acme", 1, "mail");
	decide(c);
	assert_ports(c, "");
	assert_port(c, "mail-acme", "31000");
}

static void test_ports__are_the_integrations_with_that_executable(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_port(c, 20000, "acme", 1, "other");
	add_port(c, 20001, "acme", 2, "mail");
	add_port(c, 20002, "beta", 1, "mail");
	decide(c);
	assert_port(c, "mail-acme", "20003");
}

static void test_ports__stay_from_run_to_run_whatever_comes_and_goes(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));
	struct zpm_integration *first = add_integration(c, "acme", 2, "mail");

	converge(c);
	add_integration(c, "acme", 1, "dns");
	converge(c);
	first->status = "inactive";
	converge(c);
	add_integration(c, "beta", 3, "chat");
	converge(c);
	first->status = "active";
	decide(c);
	assert_ports(c, "");
	assert_port(c, "mail-acme", "20000");
	assert_port(c, "dns-acme", "20001");
	assert_port(c, "chat-beta", "20002");
}

static void test_ports__of_two_records_the_lower_one(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_port(c, 20003, "acme", 1, "mail");
	add_port(c, 20001, "acme", 1, "mail");
	decide(c);
	assert_port(c, "mail-acme", "20001");
}

static void test_ports__when_all_are_taken_the_others_still_run(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20001"));

	for (int64_t id = 1; id <= 3; id++)
		add_integration(c, "acme", id, zpm_arena_printf(c->t->arena, "app%d", (int)id));
	decide(c);
	assert_string_equal(apps_of(c), "app1-acme app2-acme");
	assert_trouble(c, "integration acme/3: all ports of apps.fromIntegrations.ports are taken");
}

static void test_ports__last_of_all_can_be_given(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("65535-65535"));

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	decide(c);
	assert_port(c, "mail-acme", "65535");
	assert_trouble(c, "integration acme/2: all ports");
}

static void test_ports__without_a_range_there_is_none_to_give(void **state)
{
	struct apps_case *c = given_apps(*state, NO_RANGE);

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	add_port(c, 20005, "acme", 2, "dns");
	decide(c);
	assert_string_equal(apps_of(c), "dns-acme");
	assert_port(c, "dns-acme", "20005");
	assert_trouble(c, "integration acme/1: no port is recorded for it");
}

static void test_ports__are_given_only_where_the_template_needs_one(void **state)
{
	struct apps_case *c = given_apps(*state, APPS_HEAD APPS_FROM APPS_TEMPLATE);

	add_integration(c, "acme", 1, "mail");
	decide(c);
	assert_string_equal(apps_of(c), "mail-acme");
	assert_ports(c, "");
}

static void test_ports__recorded_for_two_are_the_firsts(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "acme", 2, "dns");
	add_port(c, 20001, "acme", 2, "dns");
	add_port(c, 20001, "acme", 1, "mail");
	decide(c);
	assert_string_equal(apps_of(c), "mail-acme");
	assert_trouble(c, "integration acme/2: its port 20001 is recorded for 'acme/1' too");
}

static void test_ports__recorded_that_are_none_are_a_mistake(void **state)
{
	static const int64_t ports[] = { 0, -5, 65536, INT64_MAX };
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	for (size_t i = 0; i < ZPM_COUNT(ports); i++) {
		add_integration(c, "acme", (int64_t)i, zpm_arena_printf(c->t->arena, "app%zu", i));
		add_port(c, ports[i], "acme", (int64_t)i, zpm_arena_printf(c->t->arena, "app%zu", i));
	}
	decide(c);
	assert_string_equal(apps_of(c), "");
	for (size_t i = 0; i < ZPM_COUNT(ports); i++)
		assert_trouble(
			c, zpm_arena_printf(c->t->arena,
				   "integration acme/%zu: the port that is recorded for it is none", i));
}

/* A document without a port records none. */
static void test_ports__record_without_a_port_is_as_none(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "mail");
	add_port(c, ZPM_UNSET, "acme", 1, "mail");
	decide(c);
	assert_port(c, "mail-acme", "20000");
}

static void test_ports__that_a_declared_service_publishes_are_not_given(void **state)
{
	struct apps_case *c = given_apps(*state,
		RANGE("20000-20003") "services:\n  core:\n"
				     "    a: { image: 'a:1', ports: ['20000:80', '20001'] }\n"
				     "    b: { image: 'b:1', ports: ['20002:53/udp'], when: '!f' }\n"
				     "features: { f: true }\n");

	add_integration(c, "acme", 1, "mail");
	decide(c);
	assert_port(c, "mail-acme", "20003");
}

static void test_ports__of_declared_mongo_are_not_given(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("27017-27018"));

	add_integration(c, "acme", 1, "mail");
	decide(c);
	assert_port(c, "mail-acme", "27018");
}

static void test_ports__of_a_shared_service_are_the_executables(void **state)
{
	struct apps_case *c = given_apps(*state, SHARED);
	const struct zpm_port_record *record;

	add_integration(c, "acme", 1, "mail");
	add_integration(c, "beta", 2, "mail");
	add_integration(c, "beta", 3, "chat");
	add_port(c, 20000, "acme", 1, "mail");
	add_port(c, 20002, NULL, ZPM_UNSET, "chat");
	decide(c);
	assert_ports(c, "mail:20001");
	assert_port(c, "mail", "20001");
	assert_port(c, "chat", "20002");
	record = object_of(c->desired, ZPM_KIND_PORT, "mail")->spec;
	assert_null(record->code);
	assert_int_equal(record->integration, ZPM_UNSET);
	converge(c);
	decide(c);
	assert_ports(c, "");
}

static void test_ports__of_an_app_with_a_mistake_are_not_recorded(void **state)
{
	struct apps_case *c = given_apps(*state, RANGE("20000-20003"));

	add_integration(c, "acme", 1, "No Image!");
	decide(c);
	assert_ports(c, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		APPS_TEST(test_ports__without_a_record_the_lowest_that_is_free),
		APPS_TEST(test_ports__are_recorded_as_documents_of_the_integration),
		APPS_TEST(test_ports__recorded_are_kept_wherever_they_are),
		APPS_TEST(test_ports__are_the_integrations_with_that_executable),
		APPS_TEST(test_ports__stay_from_run_to_run_whatever_comes_and_goes),
		APPS_TEST(test_ports__of_two_records_the_lower_one),
		APPS_TEST(test_ports__when_all_are_taken_the_others_still_run),
		APPS_TEST(test_ports__last_of_all_can_be_given),
		APPS_TEST(test_ports__without_a_range_there_is_none_to_give),
		APPS_TEST(test_ports__are_given_only_where_the_template_needs_one),
		APPS_TEST(test_ports__recorded_for_two_are_the_firsts),
		APPS_TEST(test_ports__recorded_that_are_none_are_a_mistake),
		APPS_TEST(test_ports__record_without_a_port_is_as_none),
		APPS_TEST(test_ports__that_a_declared_service_publishes_are_not_given),
		APPS_TEST(test_ports__of_declared_mongo_are_not_given),
		APPS_TEST(test_ports__of_a_shared_service_are_the_executables),
		APPS_TEST(test_ports__of_an_app_with_a_mistake_are_not_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
