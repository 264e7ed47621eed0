/*
 * A manifest in several files: what wins, that every diagnostic names the file
 * it is about, and that no file can lead out of the folder or on without end.
 */
#include "base/buf.h"
#include "manifest_case.h"

#include <sys/stat.h>
#include <unistd.h>

/* Files below a folder of the test's own; the manifest is m/securaa.yaml. */
struct fixture {
	char root[64];
	struct zpm_arena *arena;
	struct zpm_strs files;
	struct zpm_manifest *manifest;
};

static const char *path_of(const struct fixture *f, const char *name)
{
	return zpm_arena_printf(f->arena, "%s/%s", f->root, name);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->arena = zpm_arena_new();
	snprintf(f->root, sizeof(f->root), "/tmp/zpm-include-XXXXXX");
	if (!mkdtemp(f->root) || mkdir(path_of(f, "m"), 0700) < 0)
		return -1;
	return mkdir(path_of(f, "m/sub"), 0700);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->files.n; i++)
		unlink(f->files.v[i]);
	rmdir(path_of(f, "m/sub"));
	rmdir(path_of(f, "m"));
	rmdir(f->root);
	zpm_manifest_free(f->manifest);
	zpm_arena_free(f->arena);
	free(f);
	return 0;
}

static const char *taken(struct fixture *f, const char *name)
{
	const char *path = path_of(f, name);

	zpm_strs_push(f->arena, &f->files, path);
	return path;
}

static void given(struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(taken(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void load(struct fixture *f, const char *text)
{
	struct zpm_err err;

	given(f, "m/securaa.yaml", text);
	assert_int_equal(zpm_manifest_load(path_of(f, "m/securaa.yaml"), NULL, &f->manifest, &err), 0);
}

static const struct zpm_platform *platform_of(struct fixture *f, const char *text)
{
	load(f, text);
	print_diags(f->manifest);
	assert_non_null(f->manifest->platform);
	return f->manifest->platform;
}

/* Diagnostic `i`, in the file of that name. */
static void assert_in(const struct fixture *f, size_t i, const char *name, const char *expected)
{
	assert_diag(f->manifest, i, expected);
	assert_string_equal(
		((const struct zpm_diag *)f->manifest->diags.list.v[i])->pos.file, path_of(f, name));
}

static void assert_one(struct fixture *f, const char *text, const char *name, const char *expected)
{
	load(f, text);
	assert_in(f, 0, name, expected);
	assert_int_equal(f->manifest->diags.list.n, 1);
}

static const struct zpm_service *core(const struct zpm_platform *platform, size_t i)
{
	assert_true(i < platform->services->services[ZPM_TIER_CORE].n);
	return platform->services->services[ZPM_TIER_CORE].v[i];
}

static void test_manifest_include__file_is_merged(void **state)
{
	struct fixture *f = *state;
	const struct zpm_platform *platform;

	given(f, "m/a.yaml", "networks: { main: {} }\nservices:\n  core:\n    a: { image: x }\n");
	platform = platform_of(f, HEAD "include: a.yaml\nservices:\n  core:\n    b: { image: y }\n");
	assert_int_equal(platform->networks.n, 1);
	assert_string_equal(core(platform, 0)->name, "a");
	assert_string_equal(core(platform, 1)->name, "b");
	assert_int_equal(platform->include.n, 0);
}

static void test_manifest_include__what_the_manifest_says_itself_wins(void **state)
{
	struct fixture *f = *state;
	const struct zpm_service *service;

	given(f, "m/a.yaml",
		"services:\n  core:\n    a: { image: x, user: u, environment: { A: 1, B: 1 }, "
		"ports: [\"80\", \"81\"] }\n");
	service = core(
		platform_of(f, HEAD "include: [a.yaml]\nservices:\n  core:\n"
				    "    a: { image: y, environment: { B: 2, C: 2 }, ports: [\"82\"] }\n"),
		0);
	assert_string_equal(service->image, "y");
	assert_string_equal(service->user, "u");
	assert_string_equal(zpm_pairs_get(&service->environment, "A"), "1");
	assert_string_equal(zpm_pairs_get(&service->environment, "B"), "2");
	assert_string_equal(zpm_pairs_get(&service->environment, "C"), "2");
	assert_int_equal(service->ports.n, 1);
}

static void test_manifest_include__later_files_win(void **state)
{
	struct fixture *f = *state;
	const struct zpm_platform *platform;

	given(f, "m/a.yaml", "release: { tag: a, registry: reg }\nvars: { A: a, B: a }\n");
	given(f, "m/b.yaml", "release: { tag: b }\nvars: { B: b }\n");
	platform = platform_of(f, HEAD "include: [a.yaml, b.yaml]\n");
	assert_string_equal(platform->release->tag, "b");
	assert_string_equal(platform->release->registry, "reg");
	assert_string_equal(zpm_pairs_get(&platform->vars, "A"), "a");
	assert_string_equal(zpm_pairs_get(&platform->vars, "B"), "b");
}

static void test_manifest_include__empty_value_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct zpm_platform *platform;

	given(f, "m/a.yaml", "release: { tag: a }\nservices:\n  core:\n    a: { image: x }\n");
	platform = platform_of(f, HEAD "include: a.yaml\nrelease: { tag: }\nservices:\n");
	assert_string_equal(platform->release->tag, "a");
	assert_string_equal(core(platform, 0)->image, "x");
}

static void test_manifest_include__empty_list_takes_a_list_away(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "services:\n  core:\n    a: { image: x, ports: [\"80\"] }\n");
	assert_int_equal(
		core(platform_of(f, HEAD "include: a.yaml\nservices: { core: { a: { ports: [] } } }\n"), 0)
			->ports.n,
		0);
}

/* What was merged into one use of an anchor does not show in the others. */
static void test_manifest_include__alias_keeps_its_own_value(void **state)
{
	struct fixture *f = *state;
	const struct zpm_platform *platform;

	given(f, "m/a.yaml",
		"services:\n  core:\n    a: &a { image: x, environment: { A: 1 } }\n    b: *a\n");
	given(f, "m/b.yaml", "services: { core: { a: { environment: { B: 2 } } } }\n");
	platform = platform_of(
		f, HEAD "include: [a.yaml, b.yaml]\nservices: { core: { a: { environment: { A: 3 } } } }\n");
	assert_string_equal(zpm_pairs_get(&core(platform, 0)->environment, "A"), "3");
	assert_string_equal(zpm_pairs_get(&core(platform, 0)->environment, "B"), "2");
	assert_string_equal(zpm_pairs_get(&core(platform, 1)->environment, "A"), "1");
	assert_null(zpm_pairs_get(&core(platform, 1)->environment, "B"));
}

static void test_manifest_include__paths_are_relative_to_the_file_that_names_them(void **state)
{
	struct fixture *f = *state;
	const struct zpm_platform *platform;

	given(f, "m/sub/a.yaml", "include: [b.yaml, ../c.yaml]\n");
	given(f, "m/sub/b.yaml", "vars: { B: b }\n");
	given(f, "m/c.yaml", "vars: { C: c }\n");
	platform = platform_of(f, HEAD "include: ./sub/a.yaml\n");
	assert_string_equal(zpm_pairs_get(&platform->vars, "B"), "b");
	assert_string_equal(zpm_pairs_get(&platform->vars, "C"), "c");
}

static void test_manifest_include__other_files_are_looked_for_beside_the_manifest(void **state)
{
	struct fixture *f = *state;

	given(f, "m/sub/a.yaml", "services:\n  core:\n    a: { image: x, envFile: a.env }\n");
	given(f, "m/a.env", "A=1\n");
	assert_string_equal(
		zpm_pairs_get(&core(platform_of(f, HEAD "include: sub/a.yaml\n"), 0)->environment, "A"), "1");
}

static void test_manifest_include__one_file_may_be_included_twice(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "include: c.yaml\n");
	given(f, "m/b.yaml", "include: c.yaml\n");
	given(f, "m/c.yaml", "vars: { C: c }\n");
	assert_int_equal(platform_of(f, HEAD "include: [a.yaml, b.yaml]\n")->vars.n, 1);
}

static void test_manifest_include__empty_file_says_nothing(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "# nothing yet\n");
	(void)platform_of(f, HEAD "include: [a.yaml]\n");
}

static void test_manifest_include__mistakes_are_shown_in_the_file_they_are_in(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "services:\n  core:\n    a:\n      image: x\n      replicas: many\n");
	given(f, "m/b.yaml", "vars:\n  a-b: 1\nnonsense: 1\n");
	load(f, HEAD "include: [a.yaml, b.yaml]\nservices: { core: { a: { dependsOn: [c] } } }\n");
	assert_in(f, 0, "m/a.yaml",
		"5:17: services.core.a.replicas: expected a whole number, 0 or more, got 'many'");
	assert_in(f, 1, "m/b.yaml",
		"2:8: vars.a-b: a variable's name is letters, digits, '_' and '.', and begins with a letter");
	assert_in(f, 2, "m/b.yaml", "3:1: unknown field 'nonsense'");
	assert_in(f, 3, "m/securaa.yaml", "4:38: services.core.a.dependsOn[0]: there is no service 'c'");
	assert_int_equal(f->manifest->diags.list.n, 4);
}

/* The image is missing of what both files together say: the later one is where it is looked for. */
static void test_manifest_include__what_is_missing_is_shown_in_the_file_that_wins(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "services:\n  core:\n    a: { user: u }\n");
	assert_one(f, HEAD "include: a.yaml\nservices:\n  core:\n    a: { hostname: h }\n", "m/securaa.yaml",
		"6:5: services.core.a: 'image' is missing");
}

static void test_manifest_include__files_that_are_no_yaml_are_named(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "vars: {\n");
	given(f, "m/b.yaml", "[a]\n");
	load(f, HEAD "include: [a.yaml, b.yaml]\n");
	assert_int_equal(f->manifest->diags.list.n, 2);
	assert_in(f, 1, "m/b.yaml", "1:1: expected a mapping, as in a manifest, got a list");
	assert_string_equal(
		((const struct zpm_diag *)f->manifest->diags.list.v[0])->pos.file, path_of(f, "m/a.yaml"));
}

static void test_manifest_include__missing_file_is_shown_where_it_is_named(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "include:\n- none.yaml\n");
	assert_one(f, HEAD "include: a.yaml\n", "m/a.yaml",
		zpm_arena_printf(f->arena, "2:3: include[0]: cannot open '%s': No such file or directory",
			path_of(f, "m/none.yaml")));
}

static void test_manifest_include__other_version_is_refused(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "apiVersion: zpm/v2\nplatform: other\n");
	assert_one(
		f, HEAD "include: a.yaml\n", "m/a.yaml", "1:13: apiVersion: expected zpm/v1, got 'zpm/v2'");
}

static void test_manifest_include__platform_is_the_manifests_own(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", HEAD);
	assert_one(
		f, "apiVersion: zpm/v1\ninclude: a.yaml\n", "m/securaa.yaml", "1:1: 'platform' is missing");
}

static void test_manifest_include__circle_is_named(void **state)
{
	struct fixture *f = *state;

	given(f, "m/a.yaml", "include: sub/b.yaml\n");
	given(f, "m/sub/b.yaml", "include: ../a.yaml\n");
	assert_one(f, HEAD "include: a.yaml\n", "m/sub/b.yaml",
		"1:10: include: files include each other in a circle: a.yaml → sub/b.yaml → a.yaml");
}

static void test_manifest_include__manifest_in_itself_is_a_circle_through_a_link_too(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("securaa.yaml", taken(f, "m/link.yaml")), 0);
	assert_one(f, HEAD "include: link.yaml\n", "m/securaa.yaml",
		"3:10: include: files include each other in a circle: securaa.yaml → link.yaml");
}

static void test_manifest_include__outside_of_the_folder_is_refused(void **state)
{
	struct fixture *f = *state;

	given(f, "out.yaml", "vars: { A: a }\n");
	given(f, "m/sub/a.yaml", "include: ../../out.yaml\n");
	assert_int_equal(symlink("../out.yaml", taken(f, "m/link.yaml")), 0);
	load(f, HEAD "include: [../out.yaml, /etc/hostname, link.yaml, sub/a.yaml]\n");
	assert_in(f, 0, "m/securaa.yaml",
		"3:11: include[0]: '../out.yaml' is outside of the manifest's folder; only files in it are "
		"read");
	assert_in(f, 1, "m/securaa.yaml",
		"3:24: include[1]: '/etc/hostname' is outside of the manifest's folder; only files in it are "
		"read");
	assert_in(f, 2, "m/securaa.yaml",
		"3:39: include[2]: 'link.yaml' is outside of the manifest's folder; only files in it are "
		"read");
	assert_in(f, 3, "m/sub/a.yaml",
		"1:10: include: '../../out.yaml' is outside of the manifest's folder; only files in it are "
		"read");
	assert_int_equal(f->manifest->diags.list.n, 4);
}

static void test_manifest_include__pipe_is_refused_without_waiting(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(taken(f, "m/pipe.yaml"), 0600), 0);
	assert_one(f, HEAD "include: pipe.yaml\n", "m/securaa.yaml",
		zpm_arena_printf(
			f->arena, "3:10: include: '%s' is not an ordinary file", path_of(f, "m/pipe.yaml")));
}

static void test_manifest_include__list_has_to_be_of_names(void **state)
{
	struct fixture *f = *state;

	load(f, HEAD "include: [1, [a.yaml], \"${A}\"]\n");
	assert_in(f, 0, "m/securaa.yaml",
		"3:11: include[0]: expected text, got the number 1; put it in quotes");
	assert_in(f, 1, "m/securaa.yaml", "3:14: include[1]: expected text that is not empty, got a list");
	assert_in(f, 2, "m/securaa.yaml",
		"3:24: include[2]: files are included before variables are known; write the name out");
	assert_int_equal(f->manifest->diags.list.n, 3);
}

/* Each file includes the next one twice: 2^20 inclusions of 20 files. */
static void test_manifest_include__files_that_explode_are_refused(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++)
		given(f, zpm_arena_printf(f->arena, "m/%d.yaml", i),
			zpm_arena_printf(f->arena, "include: [%d.yaml, %d.yaml]\n", i + 1, i + 1));
	given(f, "m/20.yaml", "vars: { A: a }\n");
	load(f, HEAD "include: 0.yaml\n");
	assert_int_equal(f->manifest->diags.list.n, 1);
	assert_non_null(strstr(((const struct zpm_diag *)f->manifest->diags.list.v[0])->msg,
		"more than 64 files are included"));
}

static void test_manifest_include__files_too_large_together_are_refused(void **state)
{
	struct fixture *f = *state;
	ZPM_BUF text = { 0 };

	zpm_buf_puts(&text, "vars: { A: a }\n#");
	for (int i = 0; i < 1024 * 1024 * 3 / 2 / 16; i++)
		zpm_buf_puts(&text, "0123456789abcdef");
	given(f, "m/a.yaml", text.data);
	assert_one(f, HEAD "include: [a.yaml, a.yaml, a.yaml]\n", "m/securaa.yaml",
		"3:27: include[2]: with this file the manifest is larger than 4096 KiB, the most that is "
		"read");
}

static size_t count_too_large(const struct zpm_manifest *manifest)
{
	size_t n = 0;

	for (size_t i = 0; i < manifest->diags.list.n; i++)
		n += !!strstr(((const struct zpm_diag *)manifest->diags.list.v[i])->msg, "too large");
	return n;
}

/* A quarter to a half of what is allowed in each file. */
static void test_manifest_include__aliases_that_explode_together_are_refused(void **state)
{
	struct fixture *f = *state;
	ZPM_BUF text = { 0 };

	zpm_buf_puts(&text, "vars: &a0 { A: a }\n");
	for (int i = 1; i < 16; i++)
		zpm_buf_printf(&text, "v%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
	given(f, "m/a.yaml", text.data);
	load(f, HEAD "include: [a.yaml, a.yaml]\n");
	assert_int_equal(count_too_large(f->manifest), 0);
	zpm_manifest_free(f->manifest);
	load(f, HEAD "include: [a.yaml, a.yaml, a.yaml, a.yaml]\n");
	assert_int_equal(count_too_large(f->manifest), 1);
}

int main(void)
{
#define IN_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_FILES(test_manifest_include__file_is_merged),
		IN_FILES(test_manifest_include__what_the_manifest_says_itself_wins),
		IN_FILES(test_manifest_include__later_files_win),
		IN_FILES(test_manifest_include__empty_value_changes_nothing),
		IN_FILES(test_manifest_include__empty_list_takes_a_list_away),
		IN_FILES(test_manifest_include__alias_keeps_its_own_value),
		IN_FILES(test_manifest_include__paths_are_relative_to_the_file_that_names_them),
		IN_FILES(test_manifest_include__other_files_are_looked_for_beside_the_manifest),
		IN_FILES(test_manifest_include__one_file_may_be_included_twice),
		IN_FILES(test_manifest_include__empty_file_says_nothing),
		IN_FILES(test_manifest_include__mistakes_are_shown_in_the_file_they_are_in),
		IN_FILES(test_manifest_include__what_is_missing_is_shown_in_the_file_that_wins),
		IN_FILES(test_manifest_include__files_that_are_no_yaml_are_named),
		IN_FILES(test_manifest_include__missing_file_is_shown_where_it_is_named),
		IN_FILES(test_manifest_include__other_version_is_refused),
		IN_FILES(test_manifest_include__platform_is_the_manifests_own),
		IN_FILES(test_manifest_include__circle_is_named),
		IN_FILES(test_manifest_include__manifest_in_itself_is_a_circle_through_a_link_too),
		IN_FILES(test_manifest_include__outside_of_the_folder_is_refused),
		IN_FILES(test_manifest_include__pipe_is_refused_without_waiting),
		IN_FILES(test_manifest_include__list_has_to_be_of_names),
		IN_FILES(test_manifest_include__files_that_explode_are_refused),
		IN_FILES(test_manifest_include__files_too_large_together_are_refused),
		IN_FILES(test_manifest_include__aliases_that_explode_together_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
