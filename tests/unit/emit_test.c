/* What is written is what is read again, and reads well. */
#include "emit_case.h"

#include "manifest/manifest.h"
#include "model/shape.h"

#include <string.h>

static const struct zpm_strs no_notes;

static const char *written(struct test *t, const struct zpm_platform *platform)
{
	json_object *json = keep_json(t, zpm_manifest_to_json(platform, t->arena));
	struct zpm_err err;
	ZPM_BUF out = { 0 };

	assert_int_equal(zpm_manifest_emit(json, &no_notes, &out, &err), 0);
	return zpm_arena_strdup(t->arena, out.data);
}

static struct zpm_platform *platform_of(struct test *t, struct zpm_service *service)
{
	struct zpm_platform *platform =
		given_platform(t, "{'apiVersion': 'zpm/v1', 'platform': 'p', 'services': {}}");

	service->name = "a";
	zpm_ptrs_push(t->arena, &platform->services->services[ZPM_TIER_CORE], service);
	return platform;
}

static void assert_says(struct test *t, const char *manifest, const char *text)
{
	assert_string_equal(written(t, given_platform(t, manifest)), text);
}

/* Hidden fields come from elsewhere. */
static void clear_hidden(const struct zpm_service *service)
{
	for (size_t i = 0; i < service->volumes.n; i++) {
		struct zpm_mount *mount = service->volumes.v[i];

		mount->driver = NULL;
		mount->driver_options = mount->volume_labels = (struct zpm_pairs){ 0 };
	}
}

static void service_is_read_again(struct test *t, struct dice *dice)
{
	struct zpm_service *service = random_canonical(dice, &zpm_service_shape, t->arena);
	struct zpm_service *minimal, *again;
	const char *text;

	clear_hidden(service);
	minimal = zpm_shape_copy(&zpm_service_shape, service, t->arena);
	zpm_shape_minimise(&zpm_service_shape, minimal);
	text = written(t, platform_of(t, minimal));
	again = read_again(t, text)->services->services[ZPM_TIER_CORE].v[0];
	zpm_shape_canonicalise(&zpm_service_shape, again, t->arena);
	if (!zpm_shape_equal(&zpm_service_shape, service, again, t->arena))
		fail_msg("wanted %s\n   got %s\nfrom:\n%s", text_of_object(t, &zpm_service_shape, service),
			text_of_object(t, &zpm_service_shape, again), text);
}

static void test_emit__any_service_is_read_again_as_it_was(void **state)
{
	each_seed(*state, 2000, service_is_read_again);
}

static void object_is_minimised(struct test *t, struct dice *dice)
{
	for (size_t i = 0; i < ZPM_KIND_COUNT; i++) {
		const struct zpm_shape *shape = zpm_kinds[i].shape;
		void *object = random_canonical(dice, shape, t->arena);
		void *minimal = zpm_shape_copy(shape, object, t->arena);

		zpm_shape_minimise(shape, minimal);
		zpm_shape_canonicalise(shape, minimal, t->arena);
		assert_string_equal(text_of_object(t, shape, minimal), text_of_object(t, shape, object));
	}
}

static void test_minimise__takes_out_what_defaults_put_back(void **state)
{
	each_seed(*state, 500, object_is_minimised);
}

static void test_minimise__leaves_what_a_person_would_write(void **state)
{
	struct test *t = *state;
	void *service = given_canonical(
		t, &zpm_service_shape, "{'image': 'x:1', 'update': {'parallelism': 1, 'delay': '3s'}}");

	zpm_shape_minimise(&zpm_service_shape, service);
	assert_string_equal(text_of_object(t, &zpm_service_shape, service),
		"{\"image\":\"x:1\",\"update\":{\"delay\":\"3s\"}}");
}

static void test_emit__sections_stand_apart_and_names_are_keys(void **state)
{
	assert_says(*state,
		"{'apiVersion': 'zpm/v1', 'platform': 'p', 'networks': {'net': {}}, "
		"'services': {'core': {'a': {'image': 'x:1', 'replicas': 2}}}}",
		"apiVersion: zpm/v1\nplatform: p\n\nnetworks:\n  net: {}\n\nservices:\n  core:\n    a:\n"
		"      image: x:1\n      replicas: 2\n");
}

#define IN_SERVICE(fields) "{'services': {'core': {'a': {" fields "}}}}"
#define SERVICE            "\nservices:\n  core:\n    a:\n"

static void test_emit__short_forms_where_they_say_all(void **state)
{
	struct test *t = *state;

	assert_says(t,
		IN_SERVICE("'ports': ['8081:8080/udp', {'target': 80, 'published': 81, 'mode': 'host'}]"),
		SERVICE "      ports:\n      - 8081:8080/udp\n      - published: 81\n        target: 80\n"
			"        mode: host\n");
	assert_says(t,
		IN_SERVICE(
			"'volumes': ['data:/data:ro', {'type': 'bind', 'source': '/a:b', 'target': '/c'}]"),
		SERVICE "      volumes:\n      - data:/data:ro\n      - type: bind\n        source: /a:b\n"
			"        target: /c\n");
	assert_says(t, IN_SERVICE("'networks': ['b', 'a']"), SERVICE "      networks: [b, a]\n");
	assert_says(t, IN_SERVICE("'networks': ['b', {'name': 'a', 'aliases': ['c']}]"),
		SERVICE "      networks:\n        b: {}\n        a:\n          aliases: [c]\n");
	assert_says(t, IN_SERVICE("'secrets': ['s', {'source': 's', 'target': 't'}]"),
		SERVICE "      secrets:\n      - s\n      - source: s\n        target: t\n");
	assert_says(t, IN_SERVICE("'healthcheck': {'test': ['CMD-SHELL', 'true || false']}"),
		SERVICE "      healthcheck:\n        test: true || false\n");
	assert_says(t, IN_SERVICE("'restart': {'condition': 'none'}"), SERVICE "      restart: none\n");
	assert_says(t, IN_SERVICE("'restart': {'condition': 'none', 'delay': '1s'}"),
		SERVICE "      restart:\n        condition: none\n        delay: 1s\n");
}

static void test_emit__text_that_reads_as_something_else_is_quoted(void **state)
{
	assert_says(*state,
		"{'services': {'core': {'a': {'environment': {'A': '1', 'B': 'true', 'C': 'null', 'D': '', "
		"'E': 'yes', "
		"'F': '22:22', 'G': '1.50', 'H': ' x', 'I': '# x', 'J': '7.2-p3', 'K': '1a', 'no': 'x'}}}}}",
		SERVICE "      environment:\n        A: \"1\"\n        B: \"true\"\n        C: \"null\"\n    "
			"    D: \"\"\n"
			"        E: \"yes\"\n        F: \"22:22\"\n        G: \"1.50\"\n        H: ' x'\n"
			"        I: '# x'\n        J: 7.2-p3\n        K: 1a\n        \"no\": x\n");
}

static void test_emit__dollars_are_doubled(void **state)
{
	assert_says(*state, IN_SERVICE("'command': ['$a', '${B}', '$$']"),
		SERVICE "      command: [$$a, '$${B}', $$$$]\n");
}

static void test_emit__lines_of_text_stay_lines(void **state)
{
	assert_says(*state,
		"{'configs': {'c': {'content': 'a: 1\\n  b\\n'}, 'd': {'content': 'a\\nb'}, "
		"'e': {'content': 'a\\n\\n'}, 'f': {'content': ' a\\n'}}}",
		"\nconfigs:\n  c:\n    content: |\n      a: 1\n        b\n  d:\n    content: |-\n      a\n   "
		"   b\n"
		"  e:\n    content: \"a\\n\\n\"\n  f:\n    content: \" a\\n\"\n");
}

static void test_emit__notes_are_comments_on_top(void **state)
{
	struct test *t = *state;
	const char *lines[] = { "one", "two" };
	const struct zpm_strs notes = { .v = lines, .n = 2 };
	struct zpm_err err;
	ZPM_BUF out = { 0 };

	assert_int_equal(zpm_manifest_emit(given_json(t, "{'platform': 'p'}"), &notes, &out, &err), 0);
	assert_string_equal(out.data, "# one\n# two\nplatform: p\n");
}

static void test_emit__what_is_no_text_is_refused(void **state)
{
	struct test *t = *state;
	struct zpm_err err = { 0 };
	ZPM_BUF out = { 0 };

	assert_int_equal(zpm_manifest_emit(given_json(t, "{'platform': '\xff'}"), &no_notes, &out, &err), -1);
	assert_int_equal(err.code, ZPM_EINVALID);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_emit__any_service_is_read_again_as_it_was),
		TEST(test_minimise__takes_out_what_defaults_put_back),
		TEST(test_minimise__leaves_what_a_person_would_write),
		TEST(test_emit__sections_stand_apart_and_names_are_keys),
		TEST(test_emit__short_forms_where_they_say_all),
		TEST(test_emit__text_that_reads_as_something_else_is_quoted),
		TEST(test_emit__dollars_are_doubled),
		TEST(test_emit__lines_of_text_stay_lines),
		TEST(test_emit__notes_are_comments_on_top),
		TEST(test_emit__what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests_name("emit", tests, NULL, NULL);
}
