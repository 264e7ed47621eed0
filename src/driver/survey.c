/* Looking at a Swarm without a manifest: whose is what is there? */
#include "driver/world.h"

#include "docker/docker.h"

#include <json-c/json.h>
#include <stdio.h>

struct survey {
	const char *labels; /* where they are in an element */
	struct zpm_strs *platforms;
	struct zpm_arena *arena;
};

void zpm_world_survey(struct zpm_world *world, bool everything)
{
	world->contents = true;
	world->everything = everything;
}

static int take_platform(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct survey *survey = ctx;
	const char *owner = zpm_json_label(zpm_json_at(json, survey->labels), ZPM_LABEL_PLATFORM);

	(void)raw, (void)len, (void)err;
	if (owner && !zpm_strs_have(survey->platforms, owner))
		zpm_strs_push(survey->arena, survey->platforms, zpm_arena_strdup(survey->arena, owner));
	return 0;
}

int zpm_world_platforms(const struct zpm_world *world, struct zpm_strs *platforms, struct zpm_arena *arena,
	struct zpm_err *err)
{
	static const struct {
		const char *path, *labels;
	} lists[] = {
		{ "services", "Spec.Labels" },
		{ "networks", "Labels" },
		{ "volumes", "Labels" },
		{ "secrets", "Spec.Labels" },
		{ "configs", "Spec.Labels" },
	};

	for (size_t i = 0; i < ZPM_COUNT(lists); i++) {
		struct survey survey = { lists[i].labels, platforms, arena };
		char path[96];
		ZPM_BUF answer = { 0 };

		snprintf(path, sizeof(path),
			"/%s?filters=%%7B%%22label%%22:%%5B%%22" ZPM_LABEL_PLATFORM "%%22%%5D%%7D",
			lists[i].path);
		if (zpm_docker_get(world->docker, path, &answer, err) < 0 ||
			zpm_answer_each(&answer, take_platform, &survey, err) < 0)
			return zpm_err_wrap(err, "list %s", lists[i].path);
	}
	return 0;
}
