/*
 * The first words with an Engine: which version is agreed on, and whether each
 * way of not being a working Swarm manager is named as what it is.
 */
#include "scripted_server.h"

#include "base/text.h"

#define VERSION(api) ANSWER(200, "{\"ApiVersion\":\"" api "\",\"MinAPIVersion\":\"1.12\"}")
#define REFUSED      ANSWER(503, "{\"message\":\"This node is not a swarm manager.\"}")

static void test_docker_hello__later_calls_name_the_engines_version(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, VERSION("1.41"), ANSWER(200, "{}"), ANSWER(200, "[]"));
	assert_int_equal(zpm_docker_hello(f->docker, &f->err), 0);
	assert_int_equal(zpm_docker_get(f->docker, "/services", NULL, &f->err), 0);
	assert_true(zpm_starts_with(heard(f), "GET /version HTTP/1.1\r\n"));
	assert_contains(heard(f), "GET /v1.41/swarm HTTP/1.1\r\n");
	assert_contains(heard(f), "GET /v1.41/services HTTP/1.1\r\n");
}

static void test_docker_hello__newer_engine_is_spoken_to_in_the_newest_known_version(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, VERSION("1.52"), ANSWER(200, "{}"));
	assert_int_equal(zpm_docker_hello(f->docker, &f->err), 0);
	assert_contains(heard(f), "GET /v1.47/swarm HTTP/1.1\r\n");
}

static void test_docker_hello__does_not_ask_for_info_when_all_is_well(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, VERSION("1.41"), ANSWER(200, "{}"));
	assert_int_equal(zpm_docker_hello(f->docker, &f->err), 0);
	assert_null(strstr(heard(f), "/info"));
}

static void test_docker_hello__old_engine_is_failed(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, VERSION("1.40"));
	assert_error(f, zpm_docker_hello(f->docker, &f->err), ZPM_EFAILED,
		"is too old: it speaks API 1.40, and zpm needs 1.41");
}

static void test_docker_hello__engine_that_dropped_all_known_versions_is_failed(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(200, "{\"ApiVersion\":\"1.60\",\"MinAPIVersion\":\"1.48\"}"));
	assert_error(f, zpm_docker_hello(f->docker, &f->err), ZPM_EFAILED,
		"is too new: it speaks API 1.48 or later, and this zpm up to 1.47; upgrade zpm");
}

static void test_docker_hello__version_that_makes_no_sense_is_failed(void **state)
{
	static const char *const bodies[] = { "", "<html>", "[]", "{", "{}", "{\"ApiVersion\":1.41}",
		"{\"ApiVersion\":\"\"}", "{\"ApiVersion\":\"1.x\"}", "{\"ApiVersion\":\"1.41; drop\"}",
		"{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"new\"}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(bodies); i++) {
		SCRIPT(f, ANSWER(200, bodies[i]));
		assert_error(f, zpm_docker_hello(f->docker, &f->err), ZPM_EFAILED, "is no Docker Engine");
	}
}

static void test_docker_hello__web_server_is_failed(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(404, "<html>"));
	assert_error(f, zpm_docker_hello(f->docker, &f->err), ZPM_EFAILED, "is no Docker Engine");
	assert_contains(f->err.msg, f->endpoint);
}

static void test_docker_hello__broken_engine_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, ANSWER(500, "{\"message\":\"disk full\"}"));
	assert_error(
		f, zpm_docker_hello(f->docker, &f->err), ZPM_EUNAVAIL, "the Engine answered 500: disk full");
}

static void test_docker_hello__state_of_the_swarm_is_named(void **state)
{
	static const struct {
		const char *info;
		enum zpm_code code;
		const char *msg;
	} cases[] = {
		{ "{\"Swarm\":{\"LocalNodeState\":\"inactive\",\"ControlAvailable\":false}}", ZPM_EFAILED,
			"is not in Swarm mode: run 'docker swarm init' there, or point --engine at a "
			"manager" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"active\",\"ControlAvailable\":false}}", ZPM_EFAILED,
			"is a Swarm worker; point --engine at a manager" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"locked\"}}", ZPM_EFAILED,
			"is locked: run 'docker swarm unlock' there" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"pending\"}}", ZPM_EUNAVAIL, "still joining its Swarm" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"error\",\"Error\":\"cert\\u001bexpired\"}}", ZPM_EFAILED,
			"is in error: cert?expired;" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"active\",\"ControlAvailable\":true,\"Error\":\"no "
		  "leader\"}}",
			ZPM_EUNAVAIL, "does not work: no leader;" },
		{ "{\"Swarm\":{\"LocalNodeState\":\"active\",\"ControlAvailable\":true,\"Error\":"
		  "\"rpc error: code = Unknown desc = The swarm does not have a leader.\"}}",
			ZPM_EUNAVAIL, "does not work: The swarm does not have a leader;" },
		/* nothing wrong there, or nothing to be learnt: Swarm's own words stand */
		{ "{\"Swarm\":{\"LocalNodeState\":\"active\",\"ControlAvailable\":true,\"Error\":\"\"}}",
			ZPM_EUNAVAIL, "the Engine answered 503: This node is not a swarm manager." },
		{ "{}", ZPM_EUNAVAIL, "the Engine answered 503: This node is not a swarm manager." },
		{ "garbage", ZPM_EUNAVAIL, "the Engine answered 503: This node is not a swarm manager." },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(cases); i++) {
		SCRIPT(f, VERSION("1.41"), REFUSED, ANSWER(200, cases[i].info));
		assert_error(f, zpm_docker_hello(f->docker, &f->err), cases[i].code, cases[i].msg);
	}
}

static void test_docker_hello__engine_that_goes_away_is_unavailable(void **state)
{
	struct fixture *f = *state;

	SCRIPT(f, VERSION("1.41"), RAW("", CLOSE));
	assert_error(f, zpm_docker_hello(f->docker, &f->err), ZPM_EUNAVAIL, "broke off its answer");
	assert_null(strstr(heard(f), "/info"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_UNIX(test_docker_hello__later_calls_name_the_engines_version),
		ON_UNIX(test_docker_hello__newer_engine_is_spoken_to_in_the_newest_known_version),
		ON_UNIX(test_docker_hello__does_not_ask_for_info_when_all_is_well),
		ON_UNIX(test_docker_hello__old_engine_is_failed),
		ON_UNIX(test_docker_hello__engine_that_dropped_all_known_versions_is_failed),
		ON_UNIX(test_docker_hello__version_that_makes_no_sense_is_failed),
		ON_UNIX(test_docker_hello__web_server_is_failed),
		ON_UNIX(test_docker_hello__broken_engine_is_unavailable),
		ON_UNIX(test_docker_hello__state_of_the_swarm_is_named),
		ON_UNIX(test_docker_hello__engine_that_goes_away_is_unavailable),
	};

	return cmocka_run_group_tests_name("docker hello", tests, NULL, NULL);
}
