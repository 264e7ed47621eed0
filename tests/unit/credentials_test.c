/* Credentials for registries: out of Docker's configuration file, and from helper programs. */
#include "base/buf.h"
#include "base/vault.h"
#include "docker/credentials.h"

#include <ftw.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SERVER "registry.example.net"
#define HUB    "https://index.docker.io/v1/"

/* "operator:hunter2" */
#define AUTH  "b3BlcmF0b3I6aHVudGVyMg=="
#define LOGIN "{'username': 'operator', 'password': 'hunter2', 'serveraddress': '" SERVER "'}"

struct fixture {
	char dir[64];
	struct zpm_credentials *credentials;
};

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

static void write_file(const struct fixture *f, const char *name, mode_t mode, const char *text, size_t len)
{
	FILE *file = fopen(path_of(f, name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path_of(f, name), mode), 0);
}

/* Tests write JSON with single quotes. */
static void double_quotes(char *text)
{
	for (; *text; text++)
		if (*text == '\'')
			*text = '"';
}

static void given_config(const struct fixture *f, const char *json)
{
	ZPM_FREE char *text = zpm_strdup(json);

	double_quotes(text);
	write_file(f, "config.json", 0600, text, strlen(text));
}

static void given_helper(const struct fixture *f, const char *body)
{
	ZPM_BUF text = { 0 };

	zpm_buf_printf(&text, "#!/bin/sh\ncd '%s'\n%s\n", f->dir, body);
	write_file(f, "docker-credential-test", 0700, text.data, text.len);
}

static int setup(void **state)
{
	struct fixture *f = zpm_alloc(sizeof(*f));
	const char *programs = getenv("ZPM_TEST_PATH") ? getenv("ZPM_TEST_PATH") : getenv("PATH");
	ZPM_BUF path = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/zpm-credentials-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	setenv("DOCKER_CONFIG", f->dir, 1);
	zpm_buf_printf(&path, "%s:%s", f->dir, programs ? programs : "/usr/bin:/bin");
	setenv("ZPM_TEST_PATH", path.data + strlen(f->dir) + 1, 0);
	setenv("PATH", path.data, 1);
	f->credentials = zpm_credentials_new();
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info, (void)type, (void)at;
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	zpm_credentials_free(f->credentials);
	nftw(f->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* The header, decoded: base64 in the alphabet for URLs, of JSON. */
static void assert_header(const char *header, const char *expected)
{
	ZPM_FREE char *text = zpm_strdup(header ? header : "");
	ZPM_FREE char *json = zpm_alloc(strlen(text) + 1);
	ZPM_FREE char *wanted = zpm_strdup(expected);
	json_object *have, *want;

	assert_non_null(header);
	assert_null(strpbrk(text, "+/"));
	for (char *c = text; *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	assert_true(zpm_base64_decode(text, json) > 0);
	double_quotes(wanted);
	have = json_tokener_parse(json);
	want = json_tokener_parse(wanted);
	assert_non_null(have);
	assert_true(json_object_equal(have, want));
	json_object_put(have);
	json_object_put(want);
}

static void assert_none(struct fixture *f, const char *server)
{
	assert_null(zpm_credentials_find(f->credentials, server));
	assert_null(zpm_credentials_trouble(f->credentials));
}

/* None, and one trouble that says why, once. */
static void assert_trouble(struct fixture *f, const char *server, const char *why)
{
	const char *trouble;

	assert_null(zpm_credentials_find(f->credentials, server));
	assert_null(zpm_credentials_find(f->credentials, server));
	trouble = zpm_credentials_trouble(f->credentials);
	assert_non_null(trouble);
	if (!strstr(trouble, why))
		fail_msg("'%s' does not say '%s'", trouble, why);
	assert_null(zpm_credentials_trouble(f->credentials));
}

/* The file. */

static void test_credentials__auth_is_a_username_and_a_password(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'" SERVER "': {'auth': '" AUTH "'}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
	assert_none(f, "other.example.net");
	assert_none(f, HUB);
}

static void test_credentials__a_password_may_hold_anything(void **state)
{
	struct fixture *f = *state;

	/* a:b:c"\ü */
	given_config(f, "{'auths': {'" SERVER "': {'auth': 'YTpiOmMiXMO8AQ=='}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER),
		"{'username': 'a', 'password': 'b:c\\\"\\\\ü\\u0001', 'serveraddress': '" SERVER "'}");
}

static void test_credentials__username_and_password_may_be_written_out(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'" SERVER "': {'username': 'operator', 'password': 'hunter2'}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
}

static void test_credentials__an_identity_token_is_passed_on(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'" SERVER "': {'auth': '', 'identitytoken': 'abc'}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER),
		"{'identitytoken': 'abc', 'serveraddress': '" SERVER "'}");
}

static void test_credentials__docker_s_own_registry_is_filed_under_its_url(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'" HUB "': {'auth': '" AUTH "'}}}");
	assert_header(zpm_credentials_find(f->credentials, HUB),
		"{'username': 'operator', 'password': 'hunter2', 'serveraddress': '" HUB "'}");
}

static void test_credentials__a_registry_may_be_filed_under_a_url(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'https://" SERVER ".evil/v1/': {'auth': 'eDp5'},"
			"'https://" SERVER "/v1/': {'auth': '" AUTH "'}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
	assert_none(f, "registry.example");
}

static void test_credentials__no_file_is_no_trouble(void **state)
{
	struct fixture *f = *state;

	assert_none(f, SERVER);
}

static void test_credentials__an_empty_entry_is_no_trouble(void **state)
{
	struct fixture *f = *state;

	given_config(f, "{'auths': {'" SERVER "': {}}, 'HttpHeaders': {}}");
	assert_none(f, SERVER);
}

static void test_credentials__what_is_no_configuration_is_named(void **state)
{
	static const char *const wrong[] = { "", "nonsense", "[]", "{'auths': ", "{} {}", "7", "null" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(wrong); i++) {
		given_config(f, wrong[i]);
		assert_trouble(f, SERVER, "it is not the JSON it should be");
		zpm_credentials_free(f->credentials);
		f->credentials = zpm_credentials_new();
	}
}

static void test_credentials__members_of_another_type_are_none(void **state)
{
	static const char *const wrong[] = { "{'auths': 7}", "{'auths': {'" SERVER "': 'x'}}",
		"{'auths': {'" SERVER "': {'auth': 7}}}", "{'credsStore': {}, 'credHelpers': []}",
		"{'credHelpers': {'" SERVER "': 7}}" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(wrong); i++) {
		given_config(f, wrong[i]);
		assert_none(f, SERVER);
		zpm_credentials_free(f->credentials);
		f->credentials = zpm_credentials_new();
	}
}

static void test_credentials__an_auth_that_is_no_login_is_named(void **state)
{
	static const char *const wrong[] = { "x", "????", "====", "b3BlcmF0b3I=", "b3BlcmF0b3I6aHVudGVyMg" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(wrong); i++) {
		ZPM_BUF config = { 0 };

		zpm_buf_printf(&config, "{'auths': {'" SERVER "': {'auth': '%s'}}}", wrong[i]);
		given_config(f, config.data);
		assert_trouble(f, SERVER, "an auth that is no login");
		zpm_credentials_free(f->credentials);
		f->credentials = zpm_credentials_new();
	}
}

/* Exactly a mebibyte, and a byte more. */
static void test_credentials__a_file_beyond_a_mebibyte_is_refused(void **state)
{
	static const char config[] = "{\"auths\": {\"" SERVER "\": {\"auth\": \"" AUTH "\"}}}";
	struct fixture *f = *state;
	size_t size = ZPM_CREDENTIALS_MAX_CONFIG + 1;
	ZPM_FREE char *text = zpm_alloc(size);

	memset(text, ' ', size);
	memcpy(text, config, sizeof(config) - 1);
	write_file(f, "config.json", 0600, text, size);
	assert_trouble(f, SERVER, "larger than 1 MiB");
	zpm_credentials_free(f->credentials);
	f->credentials = zpm_credentials_new();
	write_file(f, "config.json", 0600, text, size - 1);
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
}

static void test_credentials__what_is_no_file_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(path_of(f, "config.json"), 0600), 0);
	assert_trouble(f, SERVER, "not an ordinary file");
}

/* Helpers. */

#define ANSWER "printf '%s' '{\"ServerURL\":\"x\",\"Username\":\"operator\",\"Secret\":\"hunter2\"}'"

static void assert_file(const struct fixture *f, const char *name, const char *expected)
{
	char text[256] = "";
	FILE *file = fopen(path_of(f, name), "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(text, expected);
}

static void test_credential_helper__is_told_the_server_and_asked_once(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "echo \"$@\" >>asked; cat >>asked; " ANSWER);
	given_config(f, "{'credsStore': 'test'}");
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
	assert_file(f, "asked", "get\n" SERVER);
}

static void test_credential_helper__of_a_registry_goes_before_the_store(void **state)
{
	struct fixture *f = *state;

	given_helper(f, ANSWER);
	given_config(f, "{'credsStore': 'nowhere', 'credHelpers': {'" SERVER "': 'test'},"
			"'auths': {'" SERVER "': {'auth': 'eDp5'}}}");
	assert_header(zpm_credentials_find(f->credentials, SERVER), LOGIN);
	assert_trouble(f, HUB, "docker-credential-nowhere: there is no such program on the PATH");
}

static void test_credential_helper__may_answer_a_token(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "echo '{\"Username\": \"<token>\", \"Secret\": \"abc\"}'");
	given_config(f, "{'credsStore': 'test'}");
	assert_header(zpm_credentials_find(f->credentials, SERVER),
		"{'identitytoken': 'abc', 'serveraddress': '" SERVER "'}");
}

static void test_credential_helper__that_has_none_is_no_trouble(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "echo 'credentials not found in native keychain'; exit 1");
	given_config(f, "{'credsStore': 'test'}");
	assert_none(f, SERVER);
}

/* What it prints may be a secret. */
static void test_credential_helper__that_fails_is_named_and_not_quoted(void **state)
{
	struct fixture *f = *state;
	const char *trouble;

	given_helper(f, "echo hunter2; echo hunter2 >&2; exit 3");
	given_config(f, "{'credsStore': 'test'}");
	assert_null(zpm_credentials_find(f->credentials, SERVER));
	trouble = zpm_credentials_trouble(f->credentials);
	assert_string_equal(trouble,
		"no credentials for '" SERVER "': docker-credential-test: it failed with exit code 3");
}

static void test_credential_helper__with_an_answer_of_another_shape_is_named(void **state)
{
	static const char *const wrong[] = { ":", "echo '[]'", "echo '{\"Username\": \"x\"}'",
		"echo '{\"Username\": 7, \"Secret\": \"x\"}'",
		"printf '{\"Username\": \"x\", \"Secret\": \"y\"'" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ZPM_COUNT(wrong); i++) {
		given_helper(f, wrong[i]);
		given_config(f, "{'credsStore': 'test'}");
		assert_trouble(f, SERVER, "its answer has no Username and Secret");
		zpm_credentials_free(f->credentials);
		f->credentials = zpm_credentials_new();
	}
}

static void test_credential_helper__that_never_stops_printing_is_ended(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "echo $$ >pid; exec yes");
	given_config(f, "{'credsStore': 'test'}");
	assert_trouble(f, SERVER, "its answer is longer than 65536 bytes");
}

static void test_credential_helper__that_is_killed_is_named(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "kill -9 $$");
	given_config(f, "{'credsStore': 'test'}");
	assert_trouble(f, SERVER, "it was ended by signal 9");
}

/* A path as its name would start any program at all. */
static void test_credential_helper__whose_name_is_a_path_is_not_started(void **state)
{
	struct fixture *f = *state;

	given_helper(f, "touch started");
	given_config(f, "{'credsStore': '/../test'}");
	assert_trouble(f, SERVER, "whose name no helper can have");
	assert_int_equal(access(path_of(f, "started"), F_OK), -1);
}

static void test_credentials_free__nothing_is_nothing(void **state)
{
	(void)state;
	zpm_credentials_free(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_credentials__auth_is_a_username_and_a_password),
		TEST(test_credentials__a_password_may_hold_anything),
		TEST(test_credentials__username_and_password_may_be_written_out),
		TEST(test_credentials__an_identity_token_is_passed_on),
		TEST(test_credentials__docker_s_own_registry_is_filed_under_its_url),
		TEST(test_credentials__a_registry_may_be_filed_under_a_url),
		TEST(test_credentials__no_file_is_no_trouble),
		TEST(test_credentials__an_empty_entry_is_no_trouble),
		TEST(test_credentials__what_is_no_configuration_is_named),
		TEST(test_credentials__members_of_another_type_are_none),
		TEST(test_credentials__an_auth_that_is_no_login_is_named),
		TEST(test_credentials__a_file_beyond_a_mebibyte_is_refused),
		TEST(test_credentials__what_is_no_file_is_named),
		TEST(test_credential_helper__is_told_the_server_and_asked_once),
		TEST(test_credential_helper__of_a_registry_goes_before_the_store),
		TEST(test_credential_helper__may_answer_a_token),
		TEST(test_credential_helper__that_has_none_is_no_trouble),
		TEST(test_credential_helper__that_fails_is_named_and_not_quoted),
		TEST(test_credential_helper__with_an_answer_of_another_shape_is_named),
		TEST(test_credential_helper__that_never_stops_printing_is_ended),
		TEST(test_credential_helper__that_is_killed_is_named),
		TEST(test_credential_helper__whose_name_is_a_path_is_not_started),
		cmocka_unit_test(test_credentials_free__nothing_is_nothing),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
