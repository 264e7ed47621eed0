/* `reconcile.git`: which repositories and paths in them are taken. */
#include "manifest_case.h"

static struct zpm_manifest *parse_git(struct zpm_arena *arena, const char *fields)
{
	const char *text = zpm_arena_printf(arena, HEAD "reconcile:\n  git: { %s }\n", fields);

	return zpm_manifest_parse("m.yaml", text, strlen(text));
}

static bool is_taken(const char *name, const char *value)
{
	struct zpm_arena *arena = zpm_arena_new();
	const char *fields = strcmp(name, "url")
				     ? zpm_arena_printf(arena, "url: 'file:///x', %s: '%s'", name, value)
				     : zpm_arena_printf(arena, "url: '%s'", value);
	struct zpm_manifest *manifest = parse_git(arena, fields);
	bool taken = manifest->platform;

	zpm_manifest_free(manifest);
	zpm_arena_free(arena);
	return taken;
}

static void test_git_source__takes_urls_that_prove_who_answers(void **state)
{
	(void)state;
	assert_true(is_taken("url", "https://example.net/a/b.git"));
	assert_true(is_taken("url", "https://example.net:8443/a"));
	assert_true(is_taken("url", "ssh://git@example.net:2222/a.git"));
	assert_true(is_taken("url", "git@example.net:a/b.git"));
	assert_true(is_taken("url", "file:///srv/git/a"));
}

static void test_git_source__refuses_urls_in_the_clear_or_with_a_password(void **state)
{
	(void)state;
	assert_false(is_taken("url", "http://example.net/a"));
	assert_false(is_taken("url", "git://example.net/a"));
	assert_false(is_taken("url", "https://user:password@example.net/a"));
	assert_false(is_taken("url", "https://token@example.net/a"));
	assert_false(is_taken("url", "ssh://user:password@example.net/a"));
	assert_false(is_taken("url", "ssh://-oProxyCommand=x/a"));
	assert_false(is_taken("url", "/srv/git/a"));
}

static void test_git_source__takes_paths_inside_of_the_repository(void **state)
{
	(void)state;
	assert_true(is_taken("path", "securaa.yaml"));
	assert_true(is_taken("path", "sites/a.b/.hidden"));
	assert_true(is_taken("path", "sites/a/"));
	assert_false(is_taken("path", "../securaa.yaml"));
	assert_false(is_taken("path", "a/../../b"));
	assert_false(is_taken("path", "/etc/securaa.yaml"));
	assert_false(is_taken("path", "."));
}

static void test_git_source__asks_once_a_second_at_most(void **state)
{
	(void)state;
	assert_true(is_taken("interval", "1s"));
	assert_false(is_taken("interval", "999ms"));
}

static void test_git_source__needs_a_url(void **state)
{
	(void)state;
	CLEANUP_MANIFEST struct zpm_manifest *manifest =
		parse_text(HEAD "reconcile:\n  git: { branch: main }\n");

	assert_null(manifest->platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_git_source__takes_urls_that_prove_who_answers),
		cmocka_unit_test(test_git_source__refuses_urls_in_the_clear_or_with_a_password),
		cmocka_unit_test(test_git_source__takes_paths_inside_of_the_repository),
		cmocka_unit_test(test_git_source__asks_once_a_second_at_most),
		cmocka_unit_test(test_git_source__needs_a_url),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
