/*
 * The folder of patches beside a manifest: which files count and in which
 * order, and that every diagnostic names the file it is about.
 */
#include "base/buf.h"
#include "manifest_case.h"

#include <sys/stat.h>
#include <unistd.h>

#define SERVICES "services:\n  core:\n    kafka: { image: kafka }\n    siem: { image: siem }\n"

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
	snprintf(f->root, sizeof(f->root), "/tmp/zpm-patches-XXXXXX");
	if (!mkdtemp(f->root) || mkdir(path_of(f, "m"), 0700) < 0)
		return -1;
	return mkdir(path_of(f, "m/patches"), 0700);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->files.n; i++)
		(void)remove(f->files.v[i]);
	rmdir(path_of(f, "m/patches"));
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
	zpm_manifest_free(f->manifest);
	assert_int_equal(zpm_manifest_load(path_of(f, "m/securaa.yaml"), NULL, &f->manifest, &err), 0);
}

/* The tags of the patches in their order, each with a space behind it. */
static const char *tags(struct fixture *f, const char *text)
{
	const char *tags = "";

	load(f, text);
	print_diags(f->manifest);
	assert_non_null(f->manifest->platform);
	for (size_t i = 0; i < f->manifest->platform->patches.n; i++) {
		const struct zpm_patch *patch = f->manifest->platform->patches.v[i];

		tags = zpm_arena_printf(f->arena, "%s%s ", tags, patch->tag ? patch->tag : "-");
	}
	return tags;
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

static void test_manifest_patches__hold_all_that_a_file_says(void **state)
{
	struct fixture *f = *state;
	const struct zpm_patch *patch;

	given(f, "m/patches/p4.yaml", "tag: p4\nservices: [kafka, siem]\nenvironment: { A: 1, B: x }\n");
	assert_string_equal(tags(f, HEAD SERVICES), "p4 ");
	patch = f->manifest->platform->patches.v[0];
	assert_int_equal(patch->services.n, 2);
	assert_string_equal(patch->services.v[1], "siem");
	assert_string_equal(zpm_pairs_get(&patch->environment, "A"), "1");
	assert_string_equal(zpm_pairs_get(&patch->environment, "B"), "x");
}

static void test_manifest_patches__may_name_one_service_and_say_no_tag(void **state)
{
	struct fixture *f = *state;
	const struct zpm_patch *patch;

	given(f, "m/patches/a.yml", "services: kafka\nenvironment: [A=1]\n");
	assert_string_equal(tags(f, HEAD SERVICES), "- ");
	patch = f->manifest->platform->patches.v[0];
	assert_string_equal(patch->services.v[0], "kafka");
}

static void test_manifest_patches__are_in_the_order_of_the_bytes_of_their_names(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/b.yaml", "{ tag: b, services: kafka }");
	given(f, "m/patches/10.yml", "{ tag: ten, services: kafka }");
	given(f, "m/patches/B.yaml", "{ tag: B, services: kafka }");
	given(f, "m/patches/9.yaml", "{ tag: nine, services: kafka }");
	given(f, "m/patches/\xc3\xa4.yaml", "{ tag: umlaut, services: kafka }");
	assert_string_equal(tags(f, HEAD SERVICES), "ten nine B b umlaut ");
}

static void test_manifest_patches__without_a_folder_or_in_an_empty_one_there_are_none(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(tags(f, HEAD SERVICES), "");
	assert_int_equal(rmdir(path_of(f, "m/patches")), 0);
	assert_string_equal(tags(f, HEAD SERVICES), "");
	assert_string_equal(tags(f, HEAD "release: { patches: overlays }\n" SERVICES), "");
}

static void test_manifest_patches__other_names_are_not_read(void **state)
{
	static const char *const names[] = { ".a.yaml", ".#a.yaml", "a.yaml~", "a.yaml.swp", "#a.yaml#",
		"a.json", "yaml", "a.yaml.bak", ".yaml" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(names); i++)
		given(f, zpm_arena_printf(f->arena, "m/patches/%s", names[i]), "]");
	given(f, "m/patches/a.yaml", "{ tag: a, services: kafka }");
	assert_string_equal(tags(f, HEAD SERVICES), "a ");
}

static void test_manifest_patches__removed_file_is_gone(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "{ tag: a, services: kafka }");
	given(f, "m/patches/b.yaml", "{ tag: b, services: kafka }");
	assert_string_equal(tags(f, HEAD SERVICES), "a b ");
	assert_int_equal(unlink(path_of(f, "m/patches/b.yaml")), 0);
	assert_string_equal(tags(f, HEAD SERVICES), "a ");
}

static void test_manifest_patches__folder_can_be_another(void **state)
{
	struct fixture *f = *state;

	taken(f, "m/overlays");
	assert_int_equal(mkdir(path_of(f, "m/overlays"), 0700), 0);
	given(f, "m/patches/a.yaml", "{ tag: a, services: kafka }");
	given(f, "m/overlays/b.yaml", "{ tag: b, services: kafka }");
	assert_string_equal(tags(f, HEAD "release: { patches: ./overlays/ }\n" SERVICES), "b ");
	assert_int_equal(unlink(path_of(f, "m/overlays/b.yaml")), 0);
}

static void test_manifest_patches__folder_has_to_be_inside_and_written_out(void **state)
{
	struct fixture *f = *state;

	assert_one(f, HEAD "release: { patches: ../patches }\n" SERVICES, "m/securaa.yaml",
		"3:21: release.patches: expected a folder inside of the manifest's, got '../patches'");
	assert_one(f, HEAD "release: { patches: . }\n" SERVICES, "m/securaa.yaml",
		"3:21: release.patches: expected a folder inside of the manifest's, got '.'");
	assert_one(f, HEAD "vars: { X: patches }\nrelease: { patches: '${X}' }\n" SERVICES, "m/securaa.yaml",
		"4:21: release.patches: patches are read before variables are known; write the folder out");
}

static void test_manifest_patches__folder_has_to_be_one(void **state)
{
	struct fixture *f = *state;

	assert_one(f, HEAD "release: { patches: securaa.yaml }\n" SERVICES, "m/securaa.yaml",
		zpm_arena_printf(f->arena,
			"3:21: release.patches: cannot read the folder '%s' of patches: Not a directory",
			path_of(f, "m/securaa.yaml")));
	assert_int_equal(rmdir(path_of(f, "m/patches")), 0);
	given(f, "m/patches", "");
	assert_one(f, HEAD SERVICES, "m/patches",
		zpm_arena_printf(f->arena, "0:0: cannot read the folder '%s' of patches: Not a directory",
			path_of(f, "m/patches")));
}

static void test_manifest_patches__links_have_to_stay_in_the_folder(void **state)
{
	struct fixture *f = *state;

	given(f, "m/kept.txt", "{ tag: kept, services: kafka }");
	given(f, "outside.yaml", "{ tag: outside, services: kafka }");
	assert_int_equal(symlink("../kept.txt", taken(f, "m/patches/a.yaml")), 0);
	assert_string_equal(tags(f, HEAD SERVICES), "kept ");
	assert_int_equal(symlink("../../outside.yaml", taken(f, "m/patches/b.yaml")), 0);
	assert_one(f, HEAD SERVICES, "m/patches/b.yaml",
		"0:0: 'patches/b.yaml' is outside of the manifest's folder; only files in it are read");
}

static void test_manifest_patches__folder_cannot_be_a_link_to_another_place(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(rmdir(path_of(f, "m/patches")), 0);
	assert_int_equal(symlink("..", taken(f, "m/patches")), 0);
	assert_one(f, HEAD SERVICES, "m/patches",
		"0:0: 'patches' is outside of the manifest's folder; only files in it are read");
}

static void test_manifest_patches__what_is_no_ordinary_file_is_named(void **state)
{
	struct fixture *f = *state;
	const char *pipe = taken(f, "m/patches/a.yaml"), *folder = taken(f, "m/patches/b.yaml");

	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	load(f, HEAD SERVICES);
	assert_in(f, 0, "m/patches/a.yaml",
		zpm_arena_printf(f->arena, "0:0: '%s' is not an ordinary file", pipe));
	assert_in(f, 1, "m/patches/b.yaml",
		zpm_arena_printf(f->arena, "0:0: '%s' is a folder; name a file in it", folder));
	assert_int_equal(f->manifest->diags.list.n, 2);
}

static void test_manifest_patches__empty_file_is_a_mistake(void **state)
{
	static const char *const texts[] = { "", "# nothing\n", "---\n", "null\n" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(texts); i++) {
		given(f, "m/patches/a.yaml", texts[i]);
		assert_one(f, HEAD SERVICES, "m/patches/a.yaml",
			"0:0: the file is empty; a patch has 'services', and 'tag' or 'environment' for "
			"them");
	}
}

static void test_manifest_patches__mistakes_of_all_files_are_shown_at_once(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "tag: 7.10\nservice: kafka\n");
	given(f, "m/patches/b.yaml", "- kafka\n");
	given(f, "m/patches/c.yaml", "services: kafka\n");
	given(f, "m/patches/d.yaml", "services: [kafka\n");
	load(f, HEAD "platfrom: x\n" SERVICES);
	assert_in(f, 0, "m/patches/a.yaml", "1:1: 'services' is missing");
	assert_in(f, 1, "m/patches/a.yaml", "1:6: tag: expected text, got the number 7.10; put it in quotes");
	assert_in(f, 2, "m/patches/a.yaml", "2:1: unknown field 'service'; did you mean 'services'?");
	assert_in(f, 3, "m/patches/b.yaml", "1:1: expected a mapping, got a list");
	assert_in(f, 4, "m/patches/c.yaml", "1:1: 'tag' or 'environment' is missing");
	assert_in(f, 5, "m/patches/d.yaml",
		"2:1: not YAML: while parsing a flow sequence that begins on line 1, did not find expected "
		"',' or ']'");
	assert_in(f, 6, "m/securaa.yaml", "3:1: unknown field 'platfrom'; did you mean 'platform'?");
	assert_int_equal(f->manifest->diags.list.n, 7);
}

static void test_manifest_patches__key_twice_is_a_mistake(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "tag: a\nservices: kafka\ntag: b\n");
	load(f, HEAD SERVICES);
	assert_in(
		f, 0, "m/patches/a.yaml", "3:1: duplicate key 'tag'; it is set on line 1, column 1 already");
}

static void test_manifest_patches__unknown_service_is_shown_in_its_file(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "tag: a\nservices: [kafka, kafak]\n");
	given(f, "m/patches/b.yaml", "tag: b\nservices: mongo\n");
	load(f, HEAD SERVICES);
	assert_in(f, 0, "m/patches/a.yaml",
		"2:19: services[1]: there is no service 'kafak'; did you mean 'kafka'?");
	assert_in(f, 1, "m/patches/b.yaml", "2:11: services[0]: there is no service 'mongo'");
	assert_int_equal(f->manifest->diags.list.n, 2);
}

static void test_manifest_patches__service_named_twice_is_a_mistake_in_one_file_only(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "tag: a\nservices: [kafka]\n");
	given(f, "m/patches/b.yaml", "tag: b\nservices:\n  - kafka\n  - kafka\n");
	assert_one(f, HEAD SERVICES, "m/patches/b.yaml", "4:5: services[1]: 'kafka' is in this list already");
}

static void test_manifest_patches__variables_are_filled_in(void **state)
{
	struct fixture *f = *state;
	const struct zpm_patch *patch;

	given(f, "m/patches/a.yaml",
		"tag: '${release.tag}-p1'\nservices: [\"${WHO}\"]\nenvironment: { P: \"${platform}\" }\n");
	assert_string_equal(
		tags(f, HEAD "vars: { WHO: siem }\nrelease: { tag: '7.2' }\n" SERVICES), "7.2-p1 ");
	patch = f->manifest->platform->patches.v[0];
	assert_string_equal(patch->services.v[0], "siem");
	assert_string_equal(zpm_pairs_get(&patch->environment, "P"), "demo");
	given(f, "m/patches/a.yaml", "tag: '${LEVLE}'\nservices: siem\n");
	assert_one(f, HEAD "vars: { LEVEL: x }\n" SERVICES, "m/patches/a.yaml",
		"1:6: tag: unknown variable 'LEVLE'; did you mean 'LEVEL'?");
}

static void test_manifest_patches__variable_used_only_there_can_be_set(void **state)
{
	struct fixture *f = *state;
	struct zpm_manifest_vars vars = { 0 };
	struct zpm_err err;

	zpm_strs_push(f->arena, &vars.sets, "LEVEL=debug");
	given(f, "m/patches/a.yaml", "services: kafka\nenvironment: { L: \"${LEVEL}\" }\n");
	given(f, "m/securaa.yaml", HEAD SERVICES);
	assert_int_equal(zpm_manifest_load(path_of(f, "m/securaa.yaml"), &vars, &f->manifest, &err), 0);
	print_diags(f->manifest);
	assert_non_null(f->manifest->platform);
}

static void test_manifest_patches__more_than_the_limit_are_refused(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < ZPM_MANIFEST_MAX_FILES; i++)
		given(f, zpm_arena_printf(f->arena, "m/patches/%03d.yaml", i), "{ tag: a, services: kafka }");
	load(f, HEAD SERVICES);
	assert_non_null(f->manifest->platform);
	given(f, "m/patches/998.yaml", "{ tag: a, services: kafka }");
	given(f, "m/patches/999.yaml", "{ tag: a, services: kafka }");
	assert_one(f, HEAD SERVICES, "m/patches/998.yaml",
		"0:0: more than 64 files, patches and those that are included together");
}

static void test_manifest_patches__count_with_what_is_included(void **state)
{
	struct fixture *f = *state;

	for (int i = 1; i < ZPM_MANIFEST_MAX_FILES; i++)
		given(f, zpm_arena_printf(f->arena, "m/patches/%03d.yaml", i), "{ tag: a, services: kafka }");
	given(f, "m/a.yaml", "vars: { A: x }\n");
	load(f, HEAD "include: a.yaml\n" SERVICES);
	assert_non_null(f->manifest->platform);
	assert_one(f, HEAD "include: [a.yaml, a.yaml]\n" SERVICES, "m/patches/063.yaml",
		"0:0: more than 64 files, patches and those that are included together");
}

static void test_manifest_patches__too_large_together_are_refused(void **state)
{
	struct fixture *f = *state;
	ZPM_BUF text = { 0 };

	zpm_buf_puts(&text, "tag: a\nservices: kafka\n#");
	while (text.len < ZPM_MANIFEST_MAX_BYTES / 2)
		zpm_buf_puts(&text, "0123456789abcdef");
	given(f, "m/patches/a.yaml", text.data);
	load(f, HEAD SERVICES);
	assert_non_null(f->manifest->platform);
	given(f, "m/patches/b.yaml", text.data);
	given(f, "m/patches/c.yaml", text.data);
	assert_one(f, HEAD SERVICES, "m/patches/b.yaml",
		"0:0: with this file the manifest is larger than 4096 KiB, the most that is read");
}

static void test_manifest_patches__manifest_from_memory_has_none(void **state)
{
	struct fixture *f = *state;

	given(f, "m/patches/a.yaml", "]");
	f->manifest = zpm_manifest_parse(path_of(f, "m/x.yaml"), HEAD SERVICES, strlen(HEAD SERVICES));
	assert_non_null(f->manifest->platform);
	assert_int_equal(f->manifest->platform->patches.n, 0);
}

int main(void)
{
#define IN_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_FILES(test_manifest_patches__hold_all_that_a_file_says),
		IN_FILES(test_manifest_patches__may_name_one_service_and_say_no_tag),
		IN_FILES(test_manifest_patches__are_in_the_order_of_the_bytes_of_their_names),
		IN_FILES(test_manifest_patches__without_a_folder_or_in_an_empty_one_there_are_none),
		IN_FILES(test_manifest_patches__other_names_are_not_read),
		IN_FILES(test_manifest_patches__removed_file_is_gone),
		IN_FILES(test_manifest_patches__folder_can_be_another),
		IN_FILES(test_manifest_patches__folder_has_to_be_inside_and_written_out),
		IN_FILES(test_manifest_patches__folder_has_to_be_one),
		IN_FILES(test_manifest_patches__links_have_to_stay_in_the_folder),
		IN_FILES(test_manifest_patches__folder_cannot_be_a_link_to_another_place),
		IN_FILES(test_manifest_patches__what_is_no_ordinary_file_is_named),
		IN_FILES(test_manifest_patches__empty_file_is_a_mistake),
		IN_FILES(test_manifest_patches__mistakes_of_all_files_are_shown_at_once),
		IN_FILES(test_manifest_patches__key_twice_is_a_mistake),
		IN_FILES(test_manifest_patches__unknown_service_is_shown_in_its_file),
		IN_FILES(test_manifest_patches__service_named_twice_is_a_mistake_in_one_file_only),
		IN_FILES(test_manifest_patches__variables_are_filled_in),
		IN_FILES(test_manifest_patches__variable_used_only_there_can_be_set),
		IN_FILES(test_manifest_patches__more_than_the_limit_are_refused),
		IN_FILES(test_manifest_patches__count_with_what_is_included),
		IN_FILES(test_manifest_patches__too_large_together_are_refused),
		IN_FILES(test_manifest_patches__manifest_from_memory_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
