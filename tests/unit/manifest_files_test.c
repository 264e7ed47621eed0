/* Which files a manifest is made of: those that whoever watches it has to watch. */
#include "manifest_case.h"

#include <sys/stat.h>
#include <unistd.h>

#define SERVICES "services:\n  core:\n    kafka: { image: kafka }\n"

/* A manifest of the test's own, in a folder beside which there is nothing else. */
struct fixture {
	char root[64];
	struct zpm_arena *arena;
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
	snprintf(f->root, sizeof(f->root), "/tmp/zpm-files-XXXXXX");
	return mkdtemp(f->root) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(path_of(f, "other.yaml"));
	unlink(path_of(f, "securaa.yaml"));
	rmdir(f->root);
	zpm_manifest_free(f->manifest);
	zpm_arena_free(f->arena);
	free(f);
	return 0;
}

static void given(struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(path_of(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void load(struct fixture *f, const struct zpm_manifest_vars *vars, const char *text)
{
	struct zpm_err err;

	given(f, "securaa.yaml", text);
	assert_int_equal(zpm_manifest_load(path_of(f, "securaa.yaml"), vars, &f->manifest, &err), 0);
}

static void assert_listed(const struct fixture *f, const char *name)
{
	if (!zpm_strs_have(&f->manifest->files, path_of(f, name)))
		fail_msg("%s is not among the files", name);
}

static void test_manifest_files__hold_the_manifest_and_the_folder_of_patches(void **state)
{
	struct fixture *f = *state;

	load(f, NULL, HEAD SERVICES);
	assert_listed(f, "securaa.yaml");
	assert_listed(f, "patches");
	assert_int_equal(f->manifest->files.n, 2);
}

static void test_manifest_files__hold_what_is_included_there_or_not(void **state)
{
	struct fixture *f = *state;

	given(f, "other.yaml", "include: below/third.yaml\n");
	load(f, NULL, HEAD "include: [other.yaml, missing.yaml]\n" SERVICES);
	assert_listed(f, "other.yaml");
	assert_listed(f, "missing.yaml");
	assert_listed(f, "below/third.yaml");
}

static void test_manifest_files__hold_each_patch(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkdir(path_of(f, "fixes"), 0700), 0);
	given(f, "fixes/a.yaml", "services: kafka\ntag: x\n");
	load(f, NULL, HEAD "release: { patches: fixes }\n" SERVICES);
	unlink(path_of(f, "fixes/a.yaml"));
	rmdir(path_of(f, "fixes"));
	assert_listed(f, "fixes");
	assert_listed(f, "fixes/a.yaml");
}

static void test_manifest_files__hold_environments_and_contents(void **state)
{
	struct fixture *f = *state;

	load(f, NULL,
		HEAD "secrets: { password: { file: password.txt } }\n"
		     "configs: { settings: { file: settings.ini } }\n"
		     "services:\n  core:\n    kafka: { image: kafka, envFile: kafka.env }\n");
	assert_listed(f, "password.txt");
	assert_listed(f, "settings.ini");
	assert_listed(f, "kafka.env");
}

static void test_manifest_files__hold_certificates_and_keys(void **state)
{
	struct fixture *f = *state;

	load(f, NULL,
		HEAD "engine: { endpoint: 'tcp://h:1', tls: { ca: ca.pem, cert: own.pem, key: own.key } }\n"
		     "hosts: { a: { engine: { endpoint: 'tcp://a:1', tls: { ca: a.pem } } } }\n"
		     "mongo: { auth: { user: zpm, passwordFile: mongo.txt },"
		     " tls: { ca: mongo-ca.pem, certificate: mongo.pem } }\n" SERVICES);
	assert_listed(f, "ca.pem");
	assert_listed(f, "own.pem");
	assert_listed(f, "own.key");
	assert_listed(f, "a.pem");
	assert_listed(f, "mongo.txt");
	assert_listed(f, "mongo-ca.pem");
	assert_listed(f, "mongo.pem");
}

static void test_manifest_files__hold_keys_for_git(void **state)
{
	struct fixture *f = *state;

	load(f, NULL,
		HEAD "reconcile: { git: { url: 'git@example.net:x.git', sshKey: key, knownHosts: hosts,"
		     " credentials: token, verifySignatures: signers } }\n" SERVICES);
	assert_listed(f, "key");
	assert_listed(f, "hosts");
	assert_listed(f, "token");
	assert_listed(f, "signers");
}

static void test_manifest_files__hold_what_the_api_names(void **state)
{
	struct fixture *f = *state;

	load(f, NULL,
		HEAD "api: { tokens: tokens.yaml, tls: { cert: api.crt, key: api.key },"
		     " jwt: { publicKey: issuer.pem }, webhook: { secret: hook } }\n" SERVICES);
	assert_listed(f, "tokens.yaml");
	assert_listed(f, "api.crt");
	assert_listed(f, "api.key");
	assert_listed(f, "issuer.pem");
	assert_listed(f, "hook");
}

static void test_manifest_files__hold_files_of_variables(void **state)
{
	struct fixture *f = *state;
	const char *files[] = { path_of(f, "vars.yaml") };
	const struct zpm_manifest_vars vars = { .files = { .v = files, .n = 1, .cap = 1 } };

	load(f, &vars, HEAD SERVICES);
	assert_listed(f, "vars.yaml");
}

static void test_manifest_files__hold_what_a_broken_manifest_names(void **state)
{
	struct fixture *f = *state;

	given(f, "other.yaml", "services: [\n");
	load(f, NULL, HEAD "include: other.yaml\nnonsense: 1\n" SERVICES);
	assert_null(f->manifest->platform);
	assert_listed(f, "securaa.yaml");
	assert_listed(f, "other.yaml");
}

static void test_manifest_files__hold_the_manifest_when_it_is_no_yaml(void **state)
{
	struct fixture *f = *state;

	load(f, NULL, "a: [\n");
	assert_listed(f, "securaa.yaml");
}

static void test_manifest_files__of_text_in_memory_have_no_manifest(void **state)
{
	struct fixture *f = *state;

	f->manifest = parse_text(HEAD SERVICES);
	assert_int_equal(f->manifest->files.n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_manifest_files__hold_the_manifest_and_the_folder_of_patches),
		TEST(test_manifest_files__hold_what_is_included_there_or_not),
		TEST(test_manifest_files__hold_each_patch),
		TEST(test_manifest_files__hold_environments_and_contents),
		TEST(test_manifest_files__hold_certificates_and_keys),
		TEST(test_manifest_files__hold_keys_for_git),
		TEST(test_manifest_files__hold_what_the_api_names),
		TEST(test_manifest_files__hold_files_of_variables),
		TEST(test_manifest_files__hold_what_a_broken_manifest_names),
		TEST(test_manifest_files__hold_the_manifest_when_it_is_no_yaml),
		TEST(test_manifest_files__of_text_in_memory_have_no_manifest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
