/* A manifest as one text that lasts: what becomes of its files, patches, template and secrets. */
#include "manifest_case.h"

#include "manifest/template.h"
#include "model/apps.h"

#include <sys/stat.h>
#include <unistd.h>

/* A folder of the test's own, with the manifest m.yaml in it. */
struct fixture {
	char folder[64];
	struct zpm_arena *arena;
	struct zpm_strs files;
	struct zpm_buf stored;
	struct zpm_manifest *again;
};

static const char *given(struct fixture *f, const char *name, const char *text)
{
	const char *path = zpm_arena_printf(f->arena, "%s/%s", f->folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	if (!zpm_strs_have(&f->files, path))
		zpm_strs_push(f->arena, &f->files, path);
	return path;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	f->arena = zpm_arena_new();
	snprintf(f->folder, sizeof(f->folder), "/tmp/zpm-store-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	return mkdir(zpm_arena_printf(f->arena, "%s/patches", f->folder), 0700);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->files.n; i++)
		(void)remove(f->files.v[i]);
	rmdir(zpm_arena_printf(f->arena, "%s/patches", f->folder));
	rmdir(f->folder);
	zpm_manifest_free(f->again);
	zpm_buf_dispose(&f->stored);
	zpm_arena_free(f->arena);
	free(f);
	return 0;
}

static int store(struct fixture *f, const char *text, const char *set, struct zpm_err *err)
{
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;
	struct zpm_manifest_vars vars = { 0 };

	if (set)
		zpm_strs_push(f->arena, &vars.sets, set);
	assert_int_equal(zpm_manifest_load(given(f, "m.yaml", text), &vars, &manifest, err), 0);
	print_diags(manifest);
	assert_non_null(manifest->platform);
	return zpm_manifest_store(manifest, &f->stored, err);
}

/* Stored, and read again: the caller's until the test ends. */
static struct zpm_platform *kept(struct fixture *f, const char *text, const char *set)
{
	struct zpm_err err;

	assert_int_equal(store(f, text, set, &err), 0);
	f->again = zpm_manifest_restore("revision 1", f->folder, f->stored.data);
	print_diags(f->again);
	assert_non_null(f->again->platform);
	return f->again->platform;
}

static void test_store__patches_are_further_documents(void **state)
{
	struct fixture *f = *state;
	const struct zpm_patch *patch;
	struct zpm_platform *platform;

	given(f, "patches/1.yaml", "tag: '2'\nservices: [a]\nenvironment: { X: \"--- $$1\" }\n");
	given(f, "patches/2.yaml", "tag: '3'\nservices: [b]\n");
	platform = kept(f, SERVICE "      image: i\n    b: { image: i }\n", NULL);
	assert_int_equal(platform->patches.n, 2);
	patch = platform->patches.v[0];
	assert_string_equal(patch->tag, "2");
	assert_string_equal(zpm_pairs_get(&patch->environment, "X"), "--- $1");
	assert_string_equal(((const struct zpm_patch *)platform->patches.v[1])->tag, "3");
}

static void test_store__files_of_variables_are_no_longer_needed(void **state)
{
	struct fixture *f = *state;
	struct zpm_platform *platform;

	given(f, "a.env", "A=from the file\nB=2\n");
	platform =
		kept(f, SERVICE "      image: i\n      envFile: a.env\n      environment: { B: b }\n", NULL);
	assert_string_equal(zpm_pairs_get(&first_service(f->again)->environment, "A"), "from the file");
	assert_string_equal(zpm_pairs_get(&first_service(f->again)->environment, "B"), "b");
	assert_int_equal(first_service(f->again)->env_file.n, 0);
	assert_non_null(platform);
}

static void test_store__configs_are_what_they_were(void **state)
{
	struct fixture *f = *state;
	const struct zpm_secret *config;
	struct zpm_err err;

	given(f, "c.conf", "first line\n\n  second $HOME ${X}\n");
	assert_int_equal(store(f, HEAD "configs: { c: { file: c.conf } }\nservices: {}\n", NULL, &err), 0);
	given(f, "c.conf", "changed\n");
	f->again = zpm_manifest_restore("revision 1", f->folder, f->stored.data);
	print_diags(f->again);
	config = f->again->platform->configs.v[0];
	assert_string_equal(config->data, "first line\n\n  second $HOME ${X}\n");
}

static void test_store__secrets_stay_in_their_files(void **state)
{
	struct fixture *f = *state;
	const struct zpm_secret *secret;

	given(f, "s", "hunter2");
	chmod(zpm_arena_printf(f->arena, "%s/s", f->folder), 0600);
	secret = kept(f, HEAD "secrets: { s: { file: s } }\nservices: {}\n", NULL)->secrets.v[0];
	assert_null(strstr(f->stored.data, "hunter2"));
	assert_memory_equal(secret->data, "hunter2", secret->len);
}

static void test_store__template_keeps_its_variables_and_their_values(void **state)
{
	struct fixture *f = *state;
	struct zpm_pairs values = { 0 };
	struct zpm_service *service;
	const char *name;
	struct zpm_err err;

	kept(f,
		HEAD "vars: { T: '1', UNUSED: 'a$b' }\n"
		     "mongo: { metaDB: { replicaSet: m, managed: false, members: ['localhost:27017'] } }\n"
		     "apps:\n  fromIntegrations:\n    database: d\n    name: 'app-${integration.id}'\n"
		     "    template:\n      image: '${integration.executable}:${T}-${platform}'\n"
		     "      replicas: 2\n      environment: { P: 'a$$b', V: 1.10 }\n",
		"T=9");
	for (const struct zpm_template_variable *v = zpm_template_variables; v->name; v++)
		zpm_pairs_set(f->arena, &values, v->name, "x");
	assert_int_equal(zpm_template_fill(f->again->template, &values, f->arena, &service, &name, &err), 0);
	assert_string_equal(name, "app-x");
	assert_string_equal(service->image, "x:9-demo");
	assert_string_equal(zpm_pairs_get(&service->environment, "P"), "a$b");
	assert_string_equal(zpm_pairs_get(&service->environment, "V"), "1.10");
	assert_int_equal(service->replicas, 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_store__##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(patches_are_further_documents),
		CASE(files_of_variables_are_no_longer_needed),
		CASE(configs_are_what_they_were),
		CASE(secrets_stay_in_their_files),
		CASE(template_keeps_its_variables_and_their_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
