/*
 * The manifests in tests/cli/corpus, each a test: those in accept/ are valid,
 * those in reject/ have one mistake, which their first line says. Then what the
 * fuzzer found worth keeping, and files that end in the middle: nothing of that
 * may do worse than be refused.
 */
#include "base/buf.h"
#include "base/text.h"
#include "manifest_case.h"
#include "model/json.h"
#include "plan/expand.h"

#include <dirent.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/stat.h>
#include <unistd.h>

#define CORPUS ZPM_SOURCE_DIR "/tests/cli/corpus"
#define FUZZ   ZPM_SOURCE_DIR "/tests/fuzz/corpus"
#define EXPECT "# expect: "

static struct zpm_buf read_whole(const char *path)
{
	struct zpm_buf text = { 0 };
	char chunk[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	assert_true(fd >= 0);
	while ((len = read(fd, chunk, sizeof(chunk))) > 0)
		zpm_buf_add(&text, chunk, (size_t)len);
	assert_int_equal(len, 0);
	close(fd);
	return text;
}

/* From within its folder, so that messages name files without it. */
static struct zpm_manifest *load_from_its_folder(const char *path)
{
	ZPM_FREE char *folder = zpm_strdup(path);
	struct zpm_manifest *manifest = NULL;
	char *slash = strrchr(folder, '/');
	struct zpm_err err = { 0 };

	*slash = '\0';
	assert_int_equal(chdir(folder), 0);
	if (zpm_manifest_load(slash + 1, NULL, &manifest, &err) < 0)
		fail_msg("%s: %s", path, err.msg);
	return manifest;
}

static void test_manifest_corpus__is_accepted(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = load_from_its_folder(*state);

	print_diags(manifest);
	assert_int_equal(manifest->diags.list.n, 0);
	assert_non_null(manifest->platform);
}

/* What it means: its objects, in an order that is always the same. */
static struct json_object *meaning_of(const struct zpm_manifest *manifest)
{
	struct zpm_objects *objects = zpm_expand(manifest->platform, manifest->arena);
	json_object *all = json_object_new_array();

	for (size_t i = 0; i < objects->list.n; i++) {
		const struct zpm_object *object = objects->list.v[i];

		json_object_array_add(all, json_object_new_string(object->real));
		json_object_array_add(
			all, zpm_shape_to_json(object->kind->shape, object->spec, manifest->arena));
	}
	return all;
}

static void store(const struct zpm_manifest *manifest, struct zpm_buf *text)
{
	struct zpm_err err;

	if (zpm_manifest_store(manifest, text, &err) < 0)
		fail_msg("%s", err.msg);
}

/* It means the same, and what is stored of that is the same again. */
static void test_manifest_corpus__is_restored_from_what_is_stored(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = load_from_its_folder(*state), *again = NULL;
	json_object *meant, *restored;
	struct zpm_buf first = { 0 }, second = { 0 };

	store(manifest, &first);
	again = zpm_manifest_restore("revision", ".", first.data);
	print_diags(again);
	assert_non_null(again->platform);
	store(again, &second);
	assert_string_equal(second.data, first.data);
	meant = meaning_of(manifest);
	restored = meaning_of(again);
	assert_string_equal(json_object_to_json_string(restored), json_object_to_json_string(meant));
	json_object_put(meant);
	json_object_put(restored);
	zpm_buf_dispose(&first);
	zpm_buf_dispose(&second);
}

static void test_manifest_corpus__is_rejected_as_expected(void **state)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = load_from_its_folder(*state);
	struct zpm_buf text = read_whole(*state);

	assert_true(zpm_starts_with(text.data, EXPECT));
	*strchr(text.data, '\n') = '\0';
	assert_diag(manifest, 0, text.data + strlen(EXPECT));
	assert_int_equal(manifest->diags.list.n, 1);
	zpm_buf_dispose(&text);
}

/* What is true of whatever comes out of any bytes whatever. */
static void assert_sound(const char *text, size_t len)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = zpm_manifest_parse("nowhere/m.yaml", text, len);
	const struct zpm_diags *diags = &manifest->diags;

	assert_int_equal(manifest->platform == NULL, diags->list.n > 0);
	assert_true(diags->list.n <= ZPM_DIAGS_MAX);
	for (size_t i = 0; i < diags->list.n; i++) {
		const struct zpm_diag *diag = diags->list.v[i];

		assert_true(diag->msg[0] && !strpbrk(diag->msg, "\n\r\033"));
		assert_int_equal(zpm_utf8_valid_len(diag->msg, strlen(diag->msg)), strlen(diag->msg));
	}
	if (manifest->platform)
		(void)zpm_expand(manifest->platform, manifest->arena);
}

static void test_manifest_corpus__found_by_the_fuzzer_is_survived(void **state)
{
	struct zpm_buf text = read_whole(*state);

	assert_sound(text.data ? text.data : "", text.len);
	zpm_buf_dispose(&text);
}

/* At every byte of a small file; a large one is cut in 1,500 places. */
static void test_manifest_corpus__file_that_ends_anywhere_is_survived(void **state)
{
	struct zpm_buf text = read_whole(*state);

	for (size_t len = 0; len < text.len; len += 1 + text.len / 1500) {
		/* Memory of its own, so that a sanitizer sees a step beyond the end. */
		ZPM_FREE char *part = zpm_alloc(len + 1);

		memcpy(part, text.data, len);
		assert_sound(part, len);
	}
	zpm_buf_dispose(&text);
}

struct tests {
	struct CMUnitTest v[512];
	size_t n;
};

static char *join(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen("/") + strlen(name) + 1;
	char *text = zpm_alloc(size);

	snprintf(text, size, "%s/%s", folder, name);
	return text;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

/* One test for each file of a folder. Too few of them is a mistake of its own. */
static void add_folder(
	struct tests *tests, const char *folder, size_t least, const char *label, CMUnitTestFunction test)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t before = tests->n;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || tests->n == ZPM_COUNT(tests->v))
			continue;
		tests->v[tests->n++] = (struct CMUnitTest){
			.name = join(label, entry->d_name),
			.test_func = test,
			.initial_state = join(folder, entry->d_name),
		};
	}
	if (dir)
		closedir(dir);
	if (tests->n - before < least || tests->n == ZPM_COUNT(tests->v)) {
		fprintf(stderr, "%s: found %zu files, expected at least %zu\n", folder, tests->n - before,
			least);
		exit(1);
	}
	qsort(tests->v + before, tests->n - before, sizeof(*tests->v), compare_names);
}

static void add_file(struct tests *tests, const char *path, CMUnitTestFunction test)
{
	tests->v[tests->n++] = (struct CMUnitTest){
		.name = zpm_strdup(path), .test_func = test, .initial_state = zpm_strdup(path)
	};
}

int main(void)
{
	static struct tests tests;
	int failed;

	add_folder(&tests, CORPUS "/accept", 25, "accept", test_manifest_corpus__is_accepted);
	add_folder(&tests, CORPUS "/accept", 25, "restored",
		test_manifest_corpus__is_restored_from_what_is_stored);
	add_file(&tests, ZPM_SOURCE_DIR "/manifests/securaa.yaml",
		test_manifest_corpus__is_restored_from_what_is_stored);
	add_folder(&tests, CORPUS "/reject", 25, "reject", test_manifest_corpus__is_rejected_as_expected);
	add_folder(&tests, CORPUS "/accept", 25, "cut",
		test_manifest_corpus__file_that_ends_anywhere_is_survived);
	add_folder(&tests, FUZZ, 25, "fuzz", test_manifest_corpus__found_by_the_fuzzer_is_survived);
	failed = _cmocka_run_group_tests("manifest corpus", tests.v, tests.n, NULL, NULL);
	for (size_t i = 0; i < tests.n; i++) {
		free((void *)(uintptr_t)tests.v[i].name);
		free(tests.v[i].initial_state);
	}
	return failed;
}
