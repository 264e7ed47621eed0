/*
 * Networks of the Engine. Swarm has no update for them, and refuses to remove
 * one that a task still uses.
 */
#include "driver/world.h"

#include "docker/docker.h"
#include "model/network.h"

#include <json-c/json.h>
#include <string.h>

/* The overlay driver writes the ids it chose among the options. */
#define VXLAN_OPTION "com.docker.network.driver.overlay.vxlanid_list"

struct observer {
	const struct zpm_world *world;
	struct zpm_objects *have;
};

static int observe_one(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct observer *observer = ctx;
	struct zpm_arena *arena = observer->have->arena;
	const struct zpm_wire_names names = zpm_world_names(observer->world);
	struct zpm_live *live = zpm_arena_alloc(arena, sizeof(*live));
	const char *name = zpm_json_text(json, "Name");
	json_object *options = zpm_json_at(json, "Options");
	struct zpm_object *object;

	if (!name || !zpm_json_text(json, "Id"))
		return zpm_answer_lacks("a name or an id", err);
	if (options)
		json_object_object_del(options, VXLAN_OPTION);
	zpm_world_read_labels(zpm_json_at(json, "Labels"), live, arena);
	live->id = zpm_arena_strdup(arena, zpm_json_text(json, "Id"));
	live->raw = zpm_arena_strndup(arena, raw, len);
	live->raw_len = len;
	/* Foreign networks too: services refer to them by id. */
	object = zpm_world_decode(observer->world, ZPM_KIND_NETWORK, json, name, &names, arena, NULL);
	object->live = live;
	zpm_objects_add(observer->have, object);
	return 0;
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct observer observer = { world, have };
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(world->docker, "/networks", &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, &observer, err) < 0)
		return zpm_err_wrap(err, "list networks");
	return 0;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	json_object *body = zpm_world_encode(world, want, arena);
	const struct zpm_network *network = want->spec;

	json_object_object_add(body, "Driver", json_object_new_string(network->driver));
	/* Without it the Engine makes a second network of the same name. */
	json_object_object_add(body, "CheckDuplicate", json_object_new_boolean(true));
	return zpm_world_post(world, "/networks/create", body, "Id", arena, id, err);
}

/* Swarm says 400 or 403 for a network in use, and only its text tells. */
static int remove_network(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err)
{
	if (zpm_world_delete(world, "/networks/", have->live->id, err) < 0) {
		if (strstr(err->msg, "in use") || strstr(err->msg, "active endpoints"))
			err->code = ZPM_ECONFLICT;
		return -1;
	}
	return 0;
}

const struct zpm_driver zpm_network_driver = {
	.kind = &zpm_kinds[ZPM_KIND_NETWORK],
	.observe = observe,
	.create = create,
	.remove = remove_network,
};
