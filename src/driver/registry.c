/* What registries say, through the Engine, and who zpm is to them. */
#include "driver/world.h"

#include "base/clock.h"
#include "docker/credentials.h"
#include "docker/docker.h"
#include "model/image.h"

#include <json-c/json.h>
#include <string.h>

#define PATIENCE   (15 * ZPM_S)
#define MAX_ANSWER ((size_t)1024 * 1024)

const char *zpm_world_auth(const struct zpm_world *world, const char *image, struct zpm_arena *arena)
{
	return zpm_credentials_find(world->credentials, zpm_image_server(image, arena));
}

const char *zpm_world_trouble(const struct zpm_world *world)
{
	return zpm_credentials_trouble(world->credentials);
}

/* An image's name has no character that a path could not have: the manifest's rule for images sees to it. */
static int ask(const struct zpm_world *world, const char *image, struct zpm_arena *arena,
	struct zpm_buf *answer, struct zpm_err *err)
{
	const char *path = zpm_arena_printf(arena, "/distribution/%s/json", image);

	return zpm_docker_get_for_registry(
		world->docker, path, zpm_world_auth(world, image, arena), PATIENCE, answer, err);
}

int zpm_image_resolve(
	const struct zpm_world *world, const char *image, char digest[ZPM_DIGEST_SIZE], struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	ZPM_BUF answer = { .cap = MAX_ANSWER };
	int result = ask(world, image, arena, &answer, err);

	zpm_arena_free(arena);
	if (!result) {
		json_object *json = json_tokener_parse(answer.data);
		const char *text = zpm_json_text(json, "Descriptor.digest");

		if (text && zpm_image_is_digest(text))
			memcpy(digest, text, ZPM_DIGEST_SIZE);
		else
			result = zpm_err_set(err, ZPM_EFAILED, "the Engine's answer has no digest");
		json_object_put(json);
	}
	return result;
}
