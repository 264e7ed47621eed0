/* What comes into a manifest from elsewhere: variables, and files of environment variables. */
#include "base/buf.h"
#include "manifest_case.h"

#include <sys/stat.h>
#include <unistd.h>

#define GIVEN(text) CLEANUP_MANIFEST struct zpm_manifest *manifest = accept_text(text)

/* Variables on line 3; the fields of the one service begin on line 8. */
#define VARS                                                                                                 \
	HEAD "vars: { TAG: v7, N: 3, EMPTY: '', DOLLARS: '$$5' }\nservices:\n  core:\n    a:\n      image: " \
	     "x\n"

static void test_manifest_vars__value_is_filled_in(void **state)
{
	GIVEN(VARS "      environment: { A: '${TAG}', B: 'x-${TAG}-${N}-y' }\n");
	const struct zpm_pairs *environment = &first_service(manifest)->environment;

	(void)state;
	assert_string_equal(zpm_pairs_get(environment, "A"), "v7");
	assert_string_equal(zpm_pairs_get(environment, "B"), "x-v7-3-y");
}

static void test_manifest_vars__plain_scalar_gets_its_type_afterwards(void **state)
{
	GIVEN(VARS "      replicas: ${N}\n      resources: { limits: { memory: '${N}g' } }\n");
	(void)state;
	assert_int_equal(first_service(manifest)->replicas, 3);
	assert_int_equal(first_service(manifest)->resources->limits->memory, 3LL << 30);
	assert_rejected(VARS "      user: ${N}\n",
		"8:13: services.core.a.user: expected text, got the number 3; put it in quotes");
}

static void test_manifest_vars__short_form_may_be_a_number_afterwards(void **state)
{
	GIVEN(VARS "      ports:\n        - ${N}\n");
	(void)state;
	assert_int_equal(((struct zpm_port *)first_service(manifest)->ports.v[0])->target, 3);
}

static void test_manifest_vars__quoted_scalar_stays_text(void **state)
{
	GIVEN(VARS "      user: \"${N}\"\n");
	(void)state;
	assert_string_equal(first_service(manifest)->user, "3");
}

/* Inside of { } there is no other way to write it. */
static void test_manifest_vars__number_may_be_filled_in_within_quotes(void **state)
{
	GIVEN(VARS "      healthcheck: { test: a, retries: '${N}' }\n");
	(void)state;
	assert_int_equal(first_service(manifest)->healthcheck->retries, 3);
}

static void test_manifest_vars__default_is_for_unset_and_for_empty(void **state)
{
	GIVEN(VARS "      environment: { A: '${NONE:-no}', B: '${EMPTY:-no}', C: '${TAG:-no}', D: "
		   "'${EMPTY}', E: '${NONE:-}' }\n");
	const struct zpm_pairs *environment = &first_service(manifest)->environment;

	(void)state;
	assert_string_equal(zpm_pairs_get(environment, "A"), "no");
	assert_string_equal(zpm_pairs_get(environment, "B"), "no");
	assert_string_equal(zpm_pairs_get(environment, "C"), "v7");
	assert_string_equal(zpm_pairs_get(environment, "D"), "");
	assert_string_equal(zpm_pairs_get(environment, "E"), "");
}

static void test_manifest_vars__two_dollars_are_one_and_a_lone_one_stays(void **state)
{
	GIVEN(VARS "      environment: { A: '$${TAG}', B: 'a$b', C: '5$', D: '$$$${', E: '${DOLLARS}' }\n");
	const struct zpm_pairs *environment = &first_service(manifest)->environment;

	(void)state;
	assert_string_equal(zpm_pairs_get(environment, "A"), "${TAG}");
	assert_string_equal(zpm_pairs_get(environment, "B"), "a$b");
	assert_string_equal(zpm_pairs_get(environment, "C"), "5$");
	assert_string_equal(zpm_pairs_get(environment, "D"), "$${");
	assert_string_equal(zpm_pairs_get(environment, "E"), "$$5");
}

static void test_manifest_vars__filled_in_wherever_a_scalar_can_be(void **state)
{
	GIVEN(HEAD "release: { registry: 'r-${N}.example.net', tag: '${TAG}' }\nvars: { TAG: v7, N: 3 }\n"
		   "services:\n  core:\n    a:\n      image: kafka:${TAG}\n      command: run ${TAG}\n"
		   "      ports: ['80${N}:80']\n      environment: ['T=${TAG}']\n      dependsOn: '${B:-b}'\n"
		   "    b: { image: x }\n");
	const struct zpm_service *a = first_service(manifest);

	(void)state;
	assert_string_equal(manifest->platform->release->registry, "r-3.example.net");
	assert_string_equal(manifest->platform->release->tag, "v7");
	assert_string_equal(a->image, "kafka:v7");
	assert_string_equal(a->command.v[1], "v7");
	assert_int_equal(((struct zpm_port *)a->ports.v[0])->published, 803);
	assert_string_equal(zpm_pairs_get(&a->environment, "T"), "v7");
	assert_string_equal(a->depends_on.v[0], "b");
}

static void test_manifest_vars__unknown_variable_names_the_nearest(void **state)
{
	(void)state;
	assert_rejected(VARS "      user: ${TAGG}\n",
		"8:13: services.core.a.user: unknown variable 'TAGG'; did you mean 'TAG'?");
	assert_rejected(VARS "      user: ${SOMETHING}\n",
		"8:13: services.core.a.user: unknown variable 'SOMETHING'; set it under vars, or give it a "
		"default: "
		"${SOMETHING:-...}");
}

static void test_manifest_vars__all_mistakes_of_one_text_are_named(void **state)
{
	(void)state;
	assert_rejected(VARS "      user: ${EMPT}-${TAGS}-${\n",
		"8:13: services.core.a.user: '${' without a '}' behind it; a dollar is $$",
		"8:13: services.core.a.user: unknown variable 'EMPT'; did you mean 'EMPTY'?",
		"8:13: services.core.a.user: unknown variable 'TAGS'; did you mean 'TAG'?");
}

static void test_manifest_vars__other_expressions_are_refused(void **state)
{
	static const char *const bad[] = { "${TAG-x}", "${TAG:?x}", "${}", "${ TAG }", "${5}" };

	(void)state;
	for (size_t i = 0; i < ZPM_COUNT(bad); i++) {
		char text[512], expected[256];

		snprintf(text, sizeof(text), VARS "      user: '%s'\n", bad[i]);
		snprintf(expected, sizeof(expected),
			"8:13: services.core.a.user: expected ${NAME} or ${NAME:-default}, got '%s'; a "
			"dollar is $$",
			bad[i]);
		assert_rejected(text, expected);
	}
}

static void test_manifest_vars__variable_cannot_refer_to_another(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { A: b, C: 'x${A}' }\n",
		"3:18: vars.C: a variable cannot refer to another one; write its value out");
}

static void test_manifest_vars__bad_name_is_refused(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { LOG-LEVEL: info }\n",
		"3:20: vars.LOG-LEVEL: a variable's name is letters, "
		"digits, '_' and '.', and begins with a letter");
}

static void test_manifest_vars__value_has_to_be_a_scalar(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { A: [b], C: }\n", "3:9: vars.A: expected text, got a list",
		"3:17: vars.C: has no value; write \"\" for empty text");
}

/* Ten uses of a text of a megabyte. */
static void test_manifest_vars__variables_that_explode_are_refused(void **state)
{
	struct zpm_buf text = { 0 };
	CLEANUP_MANIFEST struct zpm_manifest *manifest = NULL;

	(void)state;
	zpm_buf_puts(&text, HEAD "vars: { A: '");
	for (int i = 0; i < 100 * 1000; i++)
		zpm_buf_puts(&text, "0123456789");
	zpm_buf_puts(&text, "' }\nservices:\n  core:\n    a:\n      image: x\n"
			    "      user: ${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}\n");
	manifest = parse_text(text.data);
	zpm_buf_dispose(&text);
	assert_int_equal(manifest->diags.list.n, 1);
	assert_diag(manifest, 0, "8:13: services.core.a.user: variables make the manifest too large");
}

/* The fields of the one service begin on line 8. */
#define RELEASE                                                                                              \
	"apiVersion: zpm/v1\nplatform: 'p-${N}'\nvars: { N: 3 }\n"                                           \
	"release: { registry: reg, tag: '7.${N}', buildType: prod }\nservices:\n  core:\n    a: { image: x " \
	"}\n"

static void test_manifest_vars__platform_and_release_are_variables(void **state)
{
	GIVEN(RELEASE "    b:\n      image: x\n      environment:\n        A: ${platform}\n        B: "
		      "${release.registry}:${release.tag}\n        C: ${release.buildType}\n");
	const struct zpm_service *b = manifest->platform->services->services[ZPM_TIER_CORE].v[1];

	(void)state;
	assert_string_equal(zpm_pairs_get(&b->environment, "A"), "p-3");
	assert_string_equal(zpm_pairs_get(&b->environment, "B"), "reg:7.3");
	assert_string_equal(zpm_pairs_get(&b->environment, "C"), "prod");
}

static void test_manifest_vars__built_in_one_that_is_not_set_is_unknown(void **state)
{
	GIVEN(SERVICE "      image: x\n      user: ${release.tag:-latest}\n");
	(void)state;
	assert_string_equal(first_service(manifest)->user, "latest");
	assert_rejected(SERVICE "      image: x\n      user: ${release.tag}\n",
		"7:13: services.core.a.user: unknown variable 'release.tag'; the manifest does not set "
		"release.tag");
}

static void test_manifest_vars__built_in_ones_are_not_made_from_each_other(void **state)
{
	(void)state;
	assert_rejected("apiVersion: zpm/v1\nplatform: a\nrelease:\n  tag: ${platform:-x}\n"
			"  registry: ${release.registry}\n",
		"4:8: release.tag: 'platform' cannot be used here: platform and release are filled in first, "
		"from vars",
		"5:13: release.registry: 'release.registry' cannot be used here: platform and release are "
		"filled in first, from vars");
}

/* What uses a built-in one with a mistake does not repeat it. */
static void test_manifest_vars__mistake_in_a_built_in_one_is_told_once(void **state)
{
	(void)state;
	assert_rejected(SERVICE "      image: x\n      user: a${release.tag}\n"
				"release: { tag: '${NONE}' }\n",
		"8:17: release.tag: unknown variable 'NONE'; set it under vars, or give it a default: "
		"${NONE:-...}");
}

static void test_manifest_vars__name_of_a_built_in_one_is_taken(void **state)
{
	(void)state;
	assert_rejected(HEAD "vars: { release.tag: x }\n",
		"3:22: vars.release.tag: this variable is made from the manifest's own field; choose another "
		"name");
}

/* A folder with a manifest and a folder `env` in it. */
struct fixture {
	char root[64];
	struct zpm_manifest *manifest;
};

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	return path;
}

static void given_file(const struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(path_of(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	snprintf(f->root, sizeof(f->root), "/tmp/zpm-env-XXXXXX");
	if (!mkdtemp(f->root) || mkdir(path_of(f, "m"), 0700) < 0)
		return -1;
	return mkdir(path_of(f, "m/env"), 0700);
}

static int teardown(void **state)
{
	static const char *const names[] = { "m/securaa.yaml", "m/a.env", "m/b.env", "m/link.env",
		"m/pipe.env", "m/env/c.env", "outside.env" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(names); i++)
		unlink(path_of(f, names[i]));
	rmdir(path_of(f, "m/env"));
	rmdir(path_of(f, "m"));
	rmdir(f->root);
	zpm_manifest_free(f->manifest);
	free(f);
	return 0;
}

static void load(struct fixture *f, const char *text)
{
	struct zpm_err err;

	given_file(f, "m/securaa.yaml", text);
	assert_int_equal(zpm_manifest_load(path_of(f, "m/securaa.yaml"), NULL, &f->manifest, &err), 0);
}

static const struct zpm_pairs *environment_of(struct fixture *f, const char *text)
{
	load(f, text);
	print_diags(f->manifest);
	assert_non_null(f->manifest->platform);
	return &first_service(f->manifest)->environment;
}

/* One diagnostic, `%s` in it being the folder of the manifest. */
static void assert_refused(struct fixture *f, const char *text, const char *expected)
{
	char full[512];
	const char *mark = strstr(expected, "%s");

	snprintf(full, sizeof(full), "%.*s%s%s", mark ? (int)(mark - expected) : (int)strlen(expected),
		expected, mark ? path_of(f, "m") : "", mark ? mark + 2 : "");
	load(f, text);
	assert_diag(f->manifest, 0, full);
	assert_int_equal(f->manifest->diags.list.n, 1);
}

static void test_manifest_env_file__lines_are_taken_as_docker_does(void **state)
{
	struct fixture *f = *state;
	const struct zpm_pairs *environment;

	given_file(f, "m/a.env",
		"\xef\xbb\xbf# comment\n\n  A=1\nB=\"quoted\" # not a comment\r\n  # indented\nC=\nD=x=y "
		"\n${E}=${E}\nA=2");
	environment = environment_of(f, SERVICE "      image: x\n      envFile: a.env\n");
	assert_int_equal(environment->n, 5);
	assert_string_equal(zpm_pairs_get(environment, "A"), "2");
	assert_string_equal(zpm_pairs_get(environment, "B"), "\"quoted\" # not a comment");
	assert_string_equal(zpm_pairs_get(environment, "C"), "");
	assert_string_equal(zpm_pairs_get(environment, "D"), "x=y ");
	assert_string_equal(zpm_pairs_get(environment, "${E}"), "${E}");
}

static void test_manifest_env_file__later_files_and_environment_win(void **state)
{
	struct fixture *f = *state;
	const struct zpm_pairs *environment;

	given_file(f, "m/a.env", "A=a\nB=a\nC=a\n");
	given_file(f, "m/env/c.env", "B=c\nC=c\n");
	environment = environment_of(f, SERVICE "      image: x\n      envFile: [a.env, "
						"./env/../env/c.env]\n      environment: { C: own }\n");
	assert_int_equal(environment->n, 3);
	assert_string_equal(zpm_pairs_get(environment, "A"), "a");
	assert_string_equal(zpm_pairs_get(environment, "B"), "c");
	assert_string_equal(zpm_pairs_get(environment, "C"), "own");
}

static void test_manifest_env_file__defaults_have_theirs(void **state)
{
	struct fixture *f = *state;

	given_file(f, "m/a.env", "A=a\n");
	load(f, HEAD "defaults: { envFile: a.env }\n");
	assert_string_equal(zpm_pairs_get(&f->manifest->platform->defaults->environment, "A"), "a");
}

static void test_manifest_env_file__missing_file_is_shown_where_it_is_named(void **state)
{
	assert_refused(*state, SERVICE "      image: x\n      envFile:\n        - none.env\n",
		"8:11: cannot open '%s/none.env': No such file or directory");
}

static void test_manifest_env_file__outside_of_the_folder_is_refused(void **state)
{
	assert_refused(*state, SERVICE "      image: x\n      envFile: ../outside.env\n",
		"7:16: '../outside.env' is outside of the manifest's folder; only files in it are read");
}

static void test_manifest_env_file__absolute_path_is_refused(void **state)
{
	assert_refused(*state, SERVICE "      image: x\n      envFile: /etc/passwd\n",
		"7:16: '/etc/passwd' is outside of the manifest's folder; only files in it are read");
}

static void test_manifest_env_file__link_that_leads_outside_is_refused(void **state)
{
	struct fixture *f = *state;

	given_file(f, "outside.env", "A=1\n");
	assert_int_equal(symlink("../outside.env", path_of(f, "m/link.env")), 0);
	assert_refused(f, SERVICE "      image: x\n      envFile: link.env\n",
		"7:16: 'link.env' is outside of the manifest's folder; only files in it are read");
}

static void test_manifest_env_file__pipe_is_refused_without_waiting(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(path_of(f, "m/pipe.env"), 0600), 0);
	assert_refused(f, SERVICE "      image: x\n      envFile: pipe.env\n",
		"7:16: '%s/pipe.env' is not an ordinary file");
}

static void test_manifest_env_file__large_file_is_refused(void **state)
{
	struct fixture *f = *state;

	given_file(f, "m/a.env", "");
	assert_int_equal(truncate(path_of(f, "m/a.env"), 300 * 1024), 0);
	assert_refused(f, SERVICE "      image: x\n      envFile: a.env\n",
		"7:16: '%s/a.env' is larger than 256 KiB, the most that is read; is it the right file?");
}

static void test_manifest_env_file__bad_lines_are_shown_in_the_file(void **state)
{
	struct fixture *f = *state;
	const struct zpm_diag *diag;

	given_file(f, "m/a.env", "A=1\nB\n=c\nD E=f\n");
	load(f, SERVICE "      image: x\n      envFile: a.env\n    b: { image: x, envFile: a.env }\n");
	assert_int_equal(f->manifest->diags.list.n, 3);
	assert_diag(f->manifest, 0, "2:1: expected KEY=VALUE, got 'B'");
	assert_diag(f->manifest, 1, "3:1: expected KEY=VALUE, got '=c'");
	assert_diag(f->manifest, 2, "4:1: a variable's name cannot hold blanks: 'D E'");
	diag = f->manifest->diags.list.v[0];
	assert_string_equal(diag->pos.file, path_of(f, "m/a.env"));
}

static void test_manifest_env_file__not_utf8_is_shown_in_the_file(void **state)
{
	struct fixture *f = *state;

	given_file(f, "m/a.env", "A=1\nB=\xff\n");
	assert_refused(f, SERVICE "      image: x\n      envFile: a.env\n",
		"2:3: not UTF-8: found the byte 0xff; save the file as UTF-8");
}

int main(void)
{
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifest_vars__value_is_filled_in),
		cmocka_unit_test(test_manifest_vars__plain_scalar_gets_its_type_afterwards),
		cmocka_unit_test(test_manifest_vars__short_form_may_be_a_number_afterwards),
		cmocka_unit_test(test_manifest_vars__quoted_scalar_stays_text),
		cmocka_unit_test(test_manifest_vars__number_may_be_filled_in_within_quotes),
		cmocka_unit_test(test_manifest_vars__default_is_for_unset_and_for_empty),
		cmocka_unit_test(test_manifest_vars__two_dollars_are_one_and_a_lone_one_stays),
		cmocka_unit_test(test_manifest_vars__filled_in_wherever_a_scalar_can_be),
		cmocka_unit_test(test_manifest_vars__unknown_variable_names_the_nearest),
		cmocka_unit_test(test_manifest_vars__all_mistakes_of_one_text_are_named),
		cmocka_unit_test(test_manifest_vars__other_expressions_are_refused),
		cmocka_unit_test(test_manifest_vars__variable_cannot_refer_to_another),
		cmocka_unit_test(test_manifest_vars__bad_name_is_refused),
		cmocka_unit_test(test_manifest_vars__value_has_to_be_a_scalar),
		cmocka_unit_test(test_manifest_vars__variables_that_explode_are_refused),
		cmocka_unit_test(test_manifest_vars__platform_and_release_are_variables),
		cmocka_unit_test(test_manifest_vars__built_in_one_that_is_not_set_is_unknown),
		cmocka_unit_test(test_manifest_vars__built_in_ones_are_not_made_from_each_other),
		cmocka_unit_test(test_manifest_vars__mistake_in_a_built_in_one_is_told_once),
		cmocka_unit_test(test_manifest_vars__name_of_a_built_in_one_is_taken),
		WITH_FILES(test_manifest_env_file__lines_are_taken_as_docker_does),
		WITH_FILES(test_manifest_env_file__later_files_and_environment_win),
		WITH_FILES(test_manifest_env_file__defaults_have_theirs),
		WITH_FILES(test_manifest_env_file__missing_file_is_shown_where_it_is_named),
		WITH_FILES(test_manifest_env_file__outside_of_the_folder_is_refused),
		WITH_FILES(test_manifest_env_file__absolute_path_is_refused),
		WITH_FILES(test_manifest_env_file__link_that_leads_outside_is_refused),
		WITH_FILES(test_manifest_env_file__pipe_is_refused_without_waiting),
		WITH_FILES(test_manifest_env_file__large_file_is_refused),
		WITH_FILES(test_manifest_env_file__bad_lines_are_shown_in_the_file),
		WITH_FILES(test_manifest_env_file__not_utf8_is_shown_in_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
