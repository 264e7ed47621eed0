/* Taking image references apart. The rules: https://github.com/distribution/reference */
#include "model/image.h"

#include "base/text.h"

#include <string.h>

#define DIGEST_PREFIX "sha256:"
#define DIGEST_DIGITS 64
#define SHOWN_DIGITS  12

/* Docker's rule: what comes before the first '/' is a registry when it could not be a plain name. */
bool zpm_image_names_registry(const char *image)
{
	size_t len = strcspn(image, "/");

	if (!image[len])
		return false;
	return memchr(image, '.', len) || memchr(image, ':', len) ||
	       (len == 9 && !strncmp(image, "localhost", 9));
}

const char *zpm_image_server(const char *image, struct zpm_arena *arena)
{
	const char *host;

	if (!zpm_image_names_registry(image))
		return ZPM_IMAGE_HUB;
	host = zpm_arena_strndup(arena, image, strcspn(image, "/"));
	return !strcmp(host, "docker.io") || !strcmp(host, "index.docker.io") ? ZPM_IMAGE_HUB : host;
}

bool zpm_image_has_tag(const char *image)
{
	const char *slash = strrchr(image, '/');

	return strpbrk(slash ? slash : image, ":@") != NULL;
}

bool zpm_image_has_digest(const char *image)
{
	return strchr(image, '@') != NULL;
}

bool zpm_image_pins(const char *image, const char *other)
{
	size_t len = strlen(other);

	return !strncmp(image, other, len) && image[len] == '@';
}

bool zpm_image_is_digest(const char *text)
{
	if (!zpm_starts_with(text, DIGEST_PREFIX))
		return false;
	text += strlen(DIGEST_PREFIX);
	return strspn(text, "0123456789abcdef") == DIGEST_DIGITS && !text[DIGEST_DIGITS];
}

size_t zpm_image_shown_len(const char *image)
{
	const char *digest = strchr(image, '@');

	if (!digest || !zpm_image_is_digest(digest + 1))
		return strlen(image);
	return (size_t)(digest + 1 - image) + strlen(DIGEST_PREFIX) + SHOWN_DIGITS;
}
