/* Image references: whose they are, and what their digests say. */
#include "support.h"

#include "model/image.h"

#include <string.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *server(const struct test *t, const char *image)
{
	return zpm_image_server(image, t->arena);
}

static void test_image_server__is_the_registry_with_its_port(void **state)
{
	const struct test *t = *state;

	assert_string_equal(server(t, "registry.example.net/shop/a:1"), "registry.example.net");
	assert_string_equal(server(t, "registry.example.net:5000/a"), "registry.example.net:5000");
	assert_string_equal(server(t, "localhost/a@" DIGEST), "localhost");
	assert_string_equal(server(t, "localhost:5000/a"), "localhost:5000");
	assert_string_equal(server(t, "127.0.0.1:5000/a:1@" DIGEST), "127.0.0.1:5000");
}

static void test_image_server__of_docker_s_own_registry_is_a_url(void **state)
{
	const struct test *t = *state;

	assert_string_equal(server(t, "busybox"), "https://index.docker.io/v1/");
	assert_string_equal(server(t, "busybox:1.36"), "https://index.docker.io/v1/");
	assert_string_equal(server(t, "team/app"), "https://index.docker.io/v1/");
	assert_string_equal(server(t, "docker.io/library/busybox"), "https://index.docker.io/v1/");
	assert_string_equal(server(t, "index.docker.io/library/busybox"), "https://index.docker.io/v1/");
}

static void test_image_server__of_one_that_only_looks_like_docker_s_is_its_own(void **state)
{
	const struct test *t = *state;

	assert_string_equal(server(t, "docker.io.example.net/a"), "docker.io.example.net");
	assert_string_equal(server(t, "docker.io:5000/a"), "docker.io:5000");
}

static void test_image_digest__is_sha256_and_64_digits(void **state)
{
	(void)state;
	assert_true(zpm_image_is_digest(DIGEST));
	assert_false(zpm_image_is_digest(""));
	assert_false(zpm_image_is_digest("sha256:"));
	assert_false(zpm_image_is_digest(DIGEST "0"));
	assert_false(zpm_image_is_digest(DIGEST " "));
	assert_false(zpm_image_is_digest("md5:0123456789abcdef0123456789abcdef"));
	assert_false(zpm_image_is_digest(
		"sha256:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"));
}

static void test_image_pins__only_the_very_tag(void **state)
{
	(void)state;
	assert_true(zpm_image_pins("a:1@" DIGEST, "a:1"));
	assert_false(zpm_image_pins("a:1", "a:1"));
	assert_false(zpm_image_pins("a:10@" DIGEST, "a:1"));
	assert_false(zpm_image_pins("a@" DIGEST, "a:1"));
}

static void test_image_shown__has_twelve_digits_of_a_digest(void **state)
{
	(void)state;
	assert_int_equal(zpm_image_shown_len("a:1@" DIGEST), strlen("a:1@sha256:0123456789ab"));
	assert_int_equal(zpm_image_shown_len("a:1"), 3);
	assert_int_equal(zpm_image_shown_len("a:1@sha256:012"), strlen("a:1@sha256:012"));
	assert_int_equal(zpm_image_shown_len(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_image_server__is_the_registry_with_its_port),
		TEST(test_image_server__of_docker_s_own_registry_is_a_url),
		TEST(test_image_server__of_one_that_only_looks_like_docker_s_is_its_own),
		TEST(test_image_digest__is_sha256_and_64_digits),
		TEST(test_image_pins__only_the_very_tag),
		TEST(test_image_shown__has_twelve_digits_of_a_digest),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
