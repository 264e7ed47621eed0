/*
 * Services of the Swarm. An update replaces the whole spec, so it starts from
 * the live one and changes only what differs; the version index it was read
 * at makes a concurrent change fail instead of being overwritten.
 */
#include "driver/world.h"

#include "base/index.h"
#include "docker/docker.h"
#include "model/service.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

struct observer {
	const struct zpm_world *world;
	struct zpm_objects *have;
	struct zpm_index *networks; /* id -> the Engine's name */
};

/*
 * Swarm has networks of its own for "host" and "bridge" that no list shows;
 * they answer only when asked for by id.
 */
static const char *ask_network(const struct observer *observer, const char *id)
{
	struct zpm_arena *arena = observer->have->arena;
	char path[128];
	struct zpm_err err;
	const char *name = id;
	ZPM_BUF answer = { 0 };

	snprintf(path, sizeof(path), "/networks/%.64s?scope=swarm", id);
	if (!zpm_docker_get(observer->world->docker, path, &answer, &err)) {
		json_object *json = json_tokener_parse(answer.data);
		const char *text = zpm_json_text(json, "Name");

		name = text ? zpm_arena_strdup(arena, text) : id;
		json_object_put(json);
	}
	zpm_index_add(observer->networks, id, (void *)(uintptr_t)name);
	return name;
}

/* A spec names networks by id. One that is gone keeps its id as a name. */
static const char *to_manifest(
	const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena)
{
	const struct observer *observer = ctx;
	const struct zpm_wire_names names = zpm_world_names(observer->world);

	if (codec == ZPM_AS_NETWORK) {
		const char *real = zpm_index_get(observer->networks, value);

		value = real ? real : ask_network(observer, value);
	}
	return names.to_manifest(names.ctx, codec, value, arena);
}

static struct zpm_live *read_live(json_object *json, const char *raw, size_t len, struct zpm_arena *arena)
{
	struct zpm_live *live = zpm_arena_alloc(arena, sizeof(*live));
	const char *state = zpm_json_text(json, "UpdateStatus.State");
	const char *message = zpm_json_text(json, "UpdateStatus.Message");

	zpm_world_read_labels(zpm_json_at(json, "Spec.Labels"), live, arena);
	live->id = zpm_arena_strdup(arena, zpm_json_text(json, "ID"));
	live->version = json_object_get_uint64(zpm_json_at(json, "Version.Index"));
	live->update_state = state ? zpm_arena_strdup(arena, state) : NULL;
	live->update_message = message ? zpm_arena_strdup(arena, message) : NULL;
	live->raw = zpm_arena_strndup(arena, raw, len);
	live->raw_len = len;
	return live;
}

/* An operator's hold is no label of the manifest's, and so no part of the diff. */
static const char *take_hold(json_object *labels, struct zpm_arena *arena)
{
	const char *hold = zpm_json_label(labels, ZPM_LABEL_HOLD);

	if (!hold)
		return NULL;
	hold = zpm_arena_strdup(arena, hold);
	json_object_object_del(labels, ZPM_LABEL_HOLD);
	return hold;
}

/* Others' services matter only where they stand in the place of one of ours. */
static bool concerns_us(const struct zpm_world *world, const char *name, json_object *labels)
{
	const char *owner = zpm_json_label(labels, ZPM_LABEL_PLATFORM);

	if (world->everything || (owner && !strcmp(owner, world->desired->platform)))
		return true;
	return zpm_objects_find_real(world->desired, ZPM_KIND_SERVICE, name) != NULL;
}

static int observe_one(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct observer *observer = ctx;
	const struct zpm_wire_names names = { to_manifest, NULL, observer };
	struct zpm_arena *arena = observer->have->arena;
	json_object *spec = zpm_json_at(json, "Spec");
	const char *name = zpm_json_text(spec, "Name"), *hold;
	struct zpm_object *object;
	struct zpm_live *live;

	if (!name)
		return zpm_answer_lacks("a name", err);
	if (!concerns_us(observer->world, name, zpm_json_at(spec, "Labels")))
		return 0;
	if (!zpm_json_text(json, "ID") ||
		!json_object_is_type(zpm_json_at(json, "Version.Index"), json_type_int))
		return zpm_answer_lacks("an id or a version", err);
	live = read_live(json, raw, len, arena);
	hold = take_hold(zpm_json_at(spec, "Labels"), arena);
	object = zpm_world_decode(observer->world, ZPM_KIND_SERVICE, spec, name, &names, arena, &live->extra);
	object->tier = zpm_tier_by_name(
		zpm_pairs_get(&((struct zpm_service *)object->spec)->labels, ZPM_LABEL_TIER));
	object->live = live;
	object->hold = hold;
	object->restarts = zpm_json_int(spec, "TaskTemplate.ForceUpdate");
	zpm_objects_add(observer->have, object);
	return 0;
}

/* Which ids the observed networks have. */
static struct zpm_index *network_names(const struct zpm_objects *have)
{
	struct zpm_index *networks = zpm_index_new(have->arena);

	for (size_t i = 0; i < have->list.n; i++) {
		const struct zpm_object *object = have->list.v[i];

		if (object->kind->id == ZPM_KIND_NETWORK)
			zpm_index_add(networks, object->live->id, (void *)(uintptr_t)object->real);
	}
	return networks;
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct observer observer = { world, have, network_names(have) };
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(world->docker, "/services", &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, &observer, err) < 0)
		return zpm_err_wrap(err, "list services");
	return 0;
}

int zpm_service_observe(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
	const struct zpm_object **have, struct zpm_err *err)
{
	struct zpm_objects *objects = zpm_objects_new(world->desired->platform, arena);
	char path[256];
	struct observer observer;
	ZPM_BUF answer = { 0 };

	/* Networks made since the last observation have ids nobody knows yet. */
	if (zpm_network_driver.observe(world, objects, err) < 0)
		return -1;
	observer = (struct observer){ world, objects, network_names(objects) };
	snprintf(path, sizeof(path), "/services?filters=%%7B%%22id%%22:%%5B%%22%s%%22%%5D%%7D", id);
	if (zpm_docker_get(world->docker, path, &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, &observer, err) < 0)
		return zpm_err_wrap(err, "read service");
	*have = objects->list.n ? objects->list.v[objects->list.n - 1] : NULL;
	if (!*have || (*have)->kind->id != ZPM_KIND_SERVICE)
		return zpm_err_set(err, ZPM_ENOTFOUND, "the service was removed by somebody else");
	return 0;
}

/*
 * What nodes need to pull the image of a spec. Without it Swarm keeps what it
 * was sent before; other credentials alone move no task that has its image.
 */
static const char *auth_for(const struct zpm_world *world, json_object *spec, struct zpm_arena *arena)
{
	const char *image = zpm_json_text(spec, "TaskTemplate.ContainerSpec.Image");

	return image ? zpm_world_auth(world, image, arena) : NULL;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	json_object *spec = zpm_world_encode(world, want, arena);
	int result = zpm_secrets_fill_ids(world, spec, arena, err);

	if (!result)
		result = zpm_world_post_for_registry(world, "/services/create",
			json_object_to_json_string_ext(spec, JSON_C_TO_STRING_PLAIN),
			auth_for(world, spec, arena), "ID", arena, id, err);
	json_object_put(spec);
	return result;
}

/* A copy of the live spec, for the caller to change and to send. NULL after an error. */
static json_object *live_spec(const struct zpm_object *have, struct zpm_err *err)
{
	json_object *service = json_tokener_parse(have->live->raw);
	json_object *spec = json_object_get(zpm_json_at(service, "Spec"));

	json_object_put(service);
	if (!spec)
		zpm_err_set(err, ZPM_EFAILED, "the Engine's JSON of the service has no Spec");
	return spec;
}

/* Takes over `spec`. The version makes the Engine refuse it when somebody else was faster. */
static int send(const struct zpm_world *world, const struct zpm_object *have, json_object *spec,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const char *path = zpm_arena_printf(
		arena, "/services/%s/update?version=%" PRIu64, have->live->id, have->live->version);

	int result = zpm_world_post_for_registry(world, path,
		json_object_to_json_string_ext(spec, JSON_C_TO_STRING_PLAIN), auth_for(world, spec, arena),
		NULL, arena, NULL, err);

	json_object_put(spec);
	return result;
}

static void set_label(json_object *spec, const char *key, const char *value)
{
	json_object_object_add(zpm_json_at(spec, "Labels"), key, json_object_new_string(value));
}

static int update(const struct zpm_world *world, const struct zpm_object *want, const struct zpm_object *have,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const struct zpm_wire_names names = zpm_world_names(world);
	json_object *spec = live_spec(have, err);

	if (!spec)
		return -1;
	zpm_wire_patch(world->trees[ZPM_KIND_SERVICE], spec, &names, arena, have->spec, want->spec,
		want->live ? NULL : &have->live->extra);
	zpm_world_write_labels(spec, want, arena);
	if (!want->live) {
		json_object_object_del(zpm_json_at(spec, "Labels"), ZPM_LABEL_QUARANTINE);
		json_object_object_del(zpm_json_at(spec, "Labels"), ZPM_LABEL_QUARANTINE_REASON);
	}
	if (want->restarts)
		json_object_object_add(zpm_json_at(spec, "TaskTemplate"), "ForceUpdate",
			json_object_new_int64(want->restarts));
	if (zpm_secrets_fill_ids(world, spec, arena, err) < 0) {
		json_object_put(spec);
		return -1;
	}
	return send(world, have, spec, arena, err);
}

int zpm_service_quarantine(const struct zpm_world *world, const struct zpm_object *have, const char *hash,
	const char *reason, struct zpm_arena *arena, struct zpm_err *err)
{
	json_object *spec = live_spec(have, err);

	if (!spec)
		return -1;
	set_label(spec, ZPM_LABEL_QUARANTINE, hash);
	set_label(spec, ZPM_LABEL_QUARANTINE_REASON, reason);
	return send(world, have, spec, arena, err);
}

static int remove_service(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err)
{
	return zpm_world_delete(world, "/services/", have->live->id, err);
}

const struct zpm_driver zpm_service_driver = {
	.kind = &zpm_kinds[ZPM_KIND_SERVICE],
	.observe = observe,
	.read = zpm_service_observe,
	.create = create,
	.update = update,
	.remove = remove_service,
};
