/*
 * Volumes of the Engine that is asked. The Engine answers a create for a name
 * that exists with 201 and keeps the old options, so whether they differ is
 * always found by observing, never by creating.
 */
#include "driver/world.h"

#include "docker/docker.h"

#include <json-c/json.h>

struct observer {
	const struct zpm_world *world;
	struct zpm_objects *have;
	const char *host; /* NULL: the platform's own Engine */
};

/* On another host only what a task has made there matters: "data@soar-b". */
static void add(const struct observer *observer, struct zpm_object *object)
{
	struct zpm_objects *have = observer->have;

	if (!observer->host) {
		zpm_objects_add(have, object);
		return;
	}
	object->host = observer->host;
	object->name = zpm_arena_printf(have->arena, "%s@%s", object->name, object->host);
	zpm_objects_add_hosted(have, object);
}

static int observe_one(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct observer *observer = ctx;
	struct zpm_arena *arena = observer->have->arena;
	const struct zpm_wire_names names = zpm_world_names(observer->world);
	struct zpm_live *live = zpm_arena_alloc(arena, sizeof(*live));
	const char *name = zpm_json_text(json, "Name");
	struct zpm_object *object;

	if (!name)
		return zpm_answer_lacks("a name", err);
	zpm_world_read_labels(zpm_json_at(json, "Labels"), live, arena);
	live->id = zpm_arena_strdup(arena, name);
	live->raw = zpm_arena_strndup(arena, raw, len);
	live->raw_len = len;
	object = zpm_world_decode(observer->world, ZPM_KIND_VOLUME, json, name, &names, arena, NULL);
	object->live = live;
	add(observer, object);
	return 0;
}

static int list(const struct observer *observer, struct zpm_docker *docker, struct zpm_err *err)
{
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(docker, "/volumes", &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, (void *)(uintptr_t)observer, err) < 0)
		return zpm_err_wrap(err, "list volumes");
	return 0;
}

static int observe_remote(void *ctx, const struct zpm_remote *remote, struct zpm_err *err)
{
	struct observer observer = *(struct observer *)ctx;

	observer.host = remote->host;
	return list(&observer, remote->docker, err);
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct observer observer = { world, have, NULL };

	if (list(&observer, world->docker, err) < 0)
		return -1;
	zpm_remotes_each(world, have, observe_remote, &observer);
	return 0;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	const struct zpm_world at = zpm_world_at(world, want->host);
	json_object *body = zpm_world_encode(world, want, arena);
	json_object *options = zpm_json_at(body, "Options");

	/* What is read as Options is written as DriverOpts. */
	if (options) {
		json_object_object_add(body, "DriverOpts", json_object_get(options));
		json_object_object_del(body, "Options");
	}
	return zpm_world_post(&at, "/volumes/create", body, "Name", arena, id, err);
}

static int remove_volume(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err)
{
	const struct zpm_world at = zpm_world_at(world, have->host);

	return zpm_world_delete(&at, "/volumes/", have->live->id, err);
}

const struct zpm_driver zpm_volume_driver = {
	.kind = &zpm_kinds[ZPM_KIND_VOLUME],
	.observe = observe,
	.create = create,
	.remove = remove_volume,
};
