/*
 * Nodes of the Swarm. zpm neither makes nor removes them: it keeps its own
 * labels on them, and leaves those of others alone.
 */
#include "driver/world.h"

#include "base/text.h"
#include "docker/docker.h"
#include "model/host.h"
#include "model/shape.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

struct observer {
	const struct zpm_world *world;
	struct zpm_objects *have;
};

/* A list of names that was joined with commas. */
static bool lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list && *list) {
		size_t item = strcspn(list, ",");

		if (item == len && !strncmp(list, name, len))
			return true;
		list += item + (list[item] == ',');
	}
	return false;
}

/* Labels that are none of zpm's are none of its business. */
static bool is_ours(const char *key, const char *own, const struct zpm_swarm_node *want)
{
	return zpm_starts_with(key, ZPM_LABEL_PREFIX) || lists(own, key) ||
	       (want && zpm_pairs_get(&want->labels, key));
}

static const char *kept(const char *text, struct zpm_arena *arena)
{
	return text ? zpm_arena_strdup(arena, text) : NULL;
}

static struct zpm_swarm_node *decode(
	json_object *spec, const struct zpm_object *want, struct zpm_arena *arena)
{
	struct zpm_swarm_node *node = zpm_shape_new(&zpm_node_shape, arena);
	json_object *labels = zpm_json_at(spec, "Labels");
	const char *own = zpm_json_label(labels, ZPM_LABEL_OWN);

	node->availability = kept(zpm_json_text(spec, "Availability"), arena);
	if (!json_object_is_type(labels, json_type_object))
		return node;
	json_object_object_foreach (labels, key, value)
		if (is_ours(key, own, want ? want->spec : NULL) &&
			json_object_is_type(value, json_type_string))
			zpm_pairs_set(arena, &node->labels, zpm_arena_strdup(arena, key),
				zpm_arena_strdup(arena, json_object_get_string(value)));
	return node;
}

static const struct zpm_node_view *view_of(json_object *json, struct zpm_arena *arena)
{
	struct zpm_node_view *view = zpm_arena_alloc(arena, sizeof(*view));

	view->hostname = kept(zpm_json_text(json, "Description.Hostname"), arena);
	view->state = kept(zpm_json_text(json, "Status.State"), arena);
	view->engine = kept(zpm_json_text(json, "Description.Engine.EngineVersion"), arena);
	view->manager = zpm_json_at(json, "ManagerStatus");
	return view;
}

static const char *trouble_of(json_object *json, struct zpm_arena *arena)
{
	const char *state = zpm_json_text(json, "Status.State");
	const char *message = zpm_json_text(json, "Status.Message");

	if (!state || !strcmp(state, "ready"))
		return NULL;
	return zpm_arena_printf(arena, "the node is %s: %s", state, message ? message : "no reason given");
}

/* The host that a node is, by the Swarm's name for it or by its id, or as the only one. */
static const struct zpm_object *host_of(const struct zpm_world *world, const char *id, const char *name)
{
	const struct zpm_objects *desired = world->desired;
	const struct zpm_object *want = zpm_objects_find_real(desired, ZPM_KIND_NODE, id);

	if (!want)
		want = zpm_objects_find_real(desired, ZPM_KIND_NODE, name);
	return want ? want : zpm_objects_find_real(desired, ZPM_KIND_NODE, ZPM_NODE_SELF);
}

static int fail_ambiguous(const struct zpm_object *want, const char *name, struct zpm_err *err)
{
	if (!strcmp(want->real, ZPM_NODE_SELF))
		return zpm_err_set(err, ZPM_EFAILED,
			"host '%s' is the node '" ZPM_NODE_SELF
			"', but this Swarm has several: say which it is",
			want->name);
	return zpm_err_set(err, ZPM_EFAILED,
		"the Swarm has two nodes called '%s': name the node of host '%s' by its id", name,
		want->name);
}

static int observe_one(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct observer *observer = ctx;
	struct zpm_arena *arena = observer->have->arena;
	const char *id = zpm_json_text(json, "ID"), *name = zpm_json_text(json, "Description.Hostname");
	json_object *spec = zpm_json_at(json, "Spec");
	const struct zpm_object *want;
	struct zpm_object *object;
	struct zpm_live *live;

	if (!id)
		return zpm_answer_lacks("an id", err);
	name = name && *name ? name : id;
	want = host_of(observer->world, id, name);
	if (want && zpm_objects_find_real(observer->have, ZPM_KIND_NODE, want->real))
		return fail_ambiguous(want, name, err);
	live = zpm_arena_alloc(arena, sizeof(*live));
	zpm_world_read_labels(zpm_json_at(spec, "Labels"), live, arena);
	live->id = zpm_arena_strdup(arena, id);
	live->version = json_object_get_uint64(zpm_json_at(json, "Version.Index"));
	live->trouble = trouble_of(json, arena);
	live->node = view_of(json, arena);
	live->raw = zpm_arena_strndup(arena, raw, len);
	live->raw_len = len;
	object = zpm_arena_alloc(arena, sizeof(*object));
	object->kind = &zpm_kinds[ZPM_KIND_NODE];
	object->real = want ? want->real : zpm_arena_strdup(arena, name);
	object->name = want ? want->name : object->real;
	object->tier = ZPM_TIER_NONE;
	object->spec = decode(spec, want, arena);
	object->live = live;
	zpm_objects_add(observer->have, object);
	return 0;
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	struct observer observer = { world, have };
	ZPM_BUF answer = { 0 };

	if (zpm_docker_get(world->docker, "/nodes", &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, &observer, err) < 0)
		return zpm_err_wrap(err, "list nodes");
	return 0;
}

/* A node's version moves with every heartbeat that says something new, so conflicts are common. */
static int read_again(const struct zpm_world *world, const char *id, struct zpm_arena *arena,
	const struct zpm_object **have, struct zpm_err *err)
{
	struct zpm_objects *objects = zpm_objects_new(world->desired->platform, arena);

	if (observe(world, objects, err) < 0)
		return -1;
	for (size_t i = 0; i < objects->list.n; i++) {
		*have = objects->list.v[i];
		if (!strcmp((*have)->live->id, id))
			return 0;
	}
	return zpm_err_set(err, ZPM_ENOTFOUND, "the node has left the Swarm");
}

/* Sends the live spec with our labels as `want` has them; NULL: with none of ours. */
static int send(const struct zpm_world *world, const struct zpm_swarm_node *want,
	const struct zpm_object *have, struct zpm_arena *arena, struct zpm_err *err)
{
	json_object *json = json_tokener_parse(have->live->raw);
	json_object *spec = json_object_get(zpm_json_at(json, "Spec")), *labels;
	const struct zpm_swarm_node *node = have->spec;
	const char *path = zpm_arena_printf(
		arena, "/nodes/%s/update?version=%" PRIu64, have->live->id, have->live->version);

	json_object_put(json);
	if (!json_object_is_type(zpm_json_at(spec, "Labels"), json_type_object))
		json_object_object_add(spec, "Labels", json_object_new_object());
	labels = zpm_json_at(spec, "Labels");
	for (size_t i = 0; i < node->labels.n; i++)
		json_object_object_del(labels, node->labels.v[i].key);
	for (size_t i = 0; want && i < want->labels.n; i++)
		json_object_object_add(
			labels, want->labels.v[i].key, json_object_new_string(want->labels.v[i].value));
	if (want && want->availability)
		json_object_object_add(spec, "Availability", json_object_new_string(want->availability));
	return zpm_world_post(world, path, spec, NULL, arena, NULL, err);
}

static int update(const struct zpm_world *world, const struct zpm_object *want, const struct zpm_object *have,
	struct zpm_arena *arena, struct zpm_err *err)
{
	return send(world, want->spec, have, arena, err);
}

/* The node stays; what goes is what zpm has put on it. */
static int remove_labels(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_object *now = have;
	int result = send(world, NULL, now, arena, err);

	if (result < 0 && err->code == ZPM_ECONFLICT &&
		!(result = read_again(world, have->live->id, arena, &now, err)))
		result = send(world, NULL, now, arena, err);
	zpm_arena_free(arena);
	return result;
}

const struct zpm_driver zpm_node_driver = {
	.kind = &zpm_kinds[ZPM_KIND_NODE],
	.observe = observe,
	.read = read_again,
	.update = update,
	.remove = remove_labels,
};
