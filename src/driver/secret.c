/*
 * Secrets and configs of the Swarm. Their content goes there once, with the
 * create, and is never asked for again: a version's name says which it is.
 */
#include "driver/world.h"

#include "base/index.h"
#include "base/vault.h"
#include "docker/docker.h"
#include "model/secret.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How the two kinds differ on the wire. */
struct flavour {
	enum zpm_kind_id kind;
	const char *path, *what;
	const char *list, *id_key, *name_key; /* in a ContainerSpec */
};

static const struct flavour secrets = { ZPM_KIND_SECRET, "/secrets", "secrets", "Secrets", "SecretID",
	"SecretName" };
static const struct flavour configs = { ZPM_KIND_CONFIG, "/configs", "configs", "Configs", "ConfigID",
	"ConfigName" };

struct observer {
	const struct zpm_world *world;
	const struct flavour *flavour;
	struct zpm_objects *have;
};

/* Seen through both lists, or of a longer name that the Engine's filter takes for a wanted one. */
static bool is_news(const struct observer *observer, const char *name)
{
	enum zpm_kind_id kind = observer->flavour->kind;

	return !zpm_objects_find_real(observer->have, kind, name);
}

/* Of a config the Engine shows the content; of a secret never. */
static int read_content(
	const struct observer *observer, json_object *json, struct zpm_secret *secret, struct zpm_err *err)
{
	const char *text = zpm_json_text(json, "Spec.Data");
	ssize_t len;
	void *data;

	if (!observer->world->contents || !text)
		return 0;
	data = zpm_arena_alloc(observer->have->arena, strlen(text) + 1);
	len = zpm_base64_decode(text, data);
	if (len < 0)
		return zpm_answer_lacks("a content in base64", err);
	secret->len = (size_t)len;
	secret->data = data;
	return 0;
}

static int observe_one(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct observer *observer = ctx;
	const struct zpm_world *world = observer->world;
	struct zpm_arena *arena = observer->have->arena;
	const struct zpm_wire_names names = zpm_world_names(world);
	const char *name = zpm_json_text(json, "Spec.Name"), *ref;
	struct zpm_object *object;
	struct zpm_live *live;

	(void)raw, (void)len;
	if (!name || !zpm_json_text(json, "ID"))
		return zpm_answer_lacks("a name or an id", err);
	if (!is_news(observer, name))
		return 0;
	live = zpm_arena_alloc(arena, sizeof(*live));
	zpm_world_read_labels(zpm_json_at(json, "Spec.Labels"), live, arena);
	live->id = zpm_arena_strdup(arena, zpm_json_text(json, "ID"));
	live->version = json_object_get_uint64(zpm_json_at(json, "Version.Index"));
	object = zpm_world_decode(
		world, observer->flavour->kind, zpm_json_at(json, "Spec"), name, &names, arena, NULL);
	ref = zpm_version_parse(world->desired->platform, name, arena);
	if (ref && !zpm_objects_find_real(world->desired, observer->flavour->kind, name))
		object->name = ref;
	object->live = live;
	zpm_objects_add(observer->have, object);
	return read_content(observer, json, object->spec, err);
}

/* A query's filter by one key. Takes over `values`; the result is to be freed. */
static char *filter_of(const char *key, json_object *values)
{
	json_object *json = json_object_new_object();
	char *escaped;

	json_object_object_add(json, key, values);
	escaped = zpm_docker_escape(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return escaped;
}

/* All that is ours, by the label; NULL, or all that is wanted, by name. */
static char *filter(const struct observer *observer, bool by_name)
{
	const struct zpm_objects *desired = observer->world->desired;
	json_object *values = json_object_new_array();
	char label[128];

	snprintf(label, sizeof(label), "%s=%s", ZPM_LABEL_PLATFORM, desired->platform);
	if (!by_name)
		json_object_array_add(values, json_object_new_string(label));
	for (size_t i = 0; by_name && i < desired->list.n; i++) {
		const struct zpm_object *want = desired->list.v[i];

		if (want->kind->id == observer->flavour->kind)
			json_object_array_add(values, json_object_new_string(want->real));
	}
	if (json_object_array_length(values))
		return filter_of(by_name ? "name" : "label", values);
	json_object_put(values);
	return NULL;
}

static int list(struct observer *observer, bool by_name, struct zpm_err *err)
{
	ZPM_FREE char *filters = filter(observer, by_name);
	ZPM_BUF path = { 0 };
	ZPM_BUF answer = { 0 };

	if (!filters)
		return 0;
	zpm_buf_printf(&path, "%s?filters=%s", observer->flavour->path, filters);
	if (zpm_docker_get(observer->world->docker, path.data, &answer, err) < 0 ||
		zpm_answer_each(&answer, observe_one, observer, err) < 0)
		return zpm_err_wrap(err, "list %s", observer->flavour->what);
	return 0;
}

static int observe_flavour(const struct zpm_world *world, const struct flavour *flavour,
	struct zpm_objects *have, struct zpm_err *err)
{
	struct observer observer = { world, flavour, have };

	return list(&observer, false, err) < 0 ? -1 : list(&observer, true, err);
}

static int observe_secrets(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	return observe_flavour(world, &secrets, have, err);
}

static int observe_configs(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	return observe_flavour(world, &configs, have, err);
}

static const struct flavour *flavour_of(const struct zpm_object *object)
{
	return object->kind->id == ZPM_KIND_SECRET ? &secrets : &configs;
}

/* The content is put behind what json-c has written, so that it never passes through a JSON object. */
static const char *body_of(struct zpm_vault *vault, json_object *json, const struct zpm_secret *secret)
{
	static const char key[] = ",\"Data\":\"", end[] = "\"}";
	size_t len;
	const char *text = json_object_to_json_string_length(json, JSON_C_TO_STRING_PLAIN, &len);
	char *body = zpm_vault_alloc(vault, len + sizeof(key) + ZPM_BASE64_SIZE(secret->len) + sizeof(end));
	char *at = mempcpy(body, text, len - 1);

	at = mempcpy(at, key, sizeof(key) - 1);
	zpm_base64(secret->data, secret->len, at);
	memcpy(at + ZPM_BASE64_SIZE(secret->len) - 1, end, sizeof(end));
	return body;
}

static int post(const struct zpm_world *world, const char *path, const struct zpm_object *want,
	struct zpm_arena *arena, const char **id, struct zpm_err *err)
{
	json_object *json = zpm_world_encode(world, want, arena);
	struct zpm_vault *vault = zpm_vault_new();
	int result = zpm_world_post_text(
		world, path, body_of(vault, json, want->spec), id ? "ID" : NULL, arena, id, err);

	zpm_vault_free(vault);
	json_object_put(json);
	return result;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	return post(
		world, zpm_arena_printf(arena, "%s/create", flavour_of(want)->path), want, arena, id, err);
}

/* Only labels differ. Swarm wants to see that the content does not. */
static int update(const struct zpm_world *world, const struct zpm_object *want, const struct zpm_object *have,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const char *path = zpm_arena_printf(arena, "%s/%s/update?version=%" PRIu64, flavour_of(want)->path,
		have->live->id, have->live->version);

	return post(world, path, want, arena, NULL, err);
}

static int remove_flavour(const struct zpm_world *world, const struct zpm_object *have, struct zpm_err *err)
{
	char path[32];

	snprintf(path, sizeof(path), "%s/", flavour_of(have)->path);
	return zpm_world_delete(world, path, have->live->id, err);
}

/* Names and ids of what a service's spec refers to. */
struct lookup {
	const struct flavour *flavour;
	struct zpm_arena *arena;
	struct zpm_index *ids; /* the Engine's name -> its id */
};

static int take_id(void *ctx, json_object *json, const char *raw, size_t len, struct zpm_err *err)
{
	const struct lookup *lookup = ctx;
	const char *name = zpm_json_text(json, "Spec.Name"), *id = zpm_json_text(json, "ID");

	(void)raw, (void)len;
	if (!name || !id)
		return zpm_answer_lacks("a name or an id", err);
	zpm_index_add(
		lookup->ids, zpm_arena_strdup(lookup->arena, name), zpm_arena_strdup(lookup->arena, id));
	return 0;
}

static int look_up(
	const struct zpm_world *world, struct lookup *lookup, json_object *files, struct zpm_err *err)
{
	json_object *names = json_object_new_array();
	ZPM_FREE char *filters = NULL;
	ZPM_BUF path = { 0 };
	ZPM_BUF answer = { 0 };

	for (size_t i = 0; i < json_object_array_length(files); i++) {
		const char *name =
			zpm_json_text(json_object_array_get_idx(files, i), lookup->flavour->name_key);

		json_object_array_add(names, json_object_new_string(name ? name : ""));
	}
	filters = filter_of("name", names);
	zpm_buf_printf(&path, "%s?filters=%s", lookup->flavour->path, filters);
	if (zpm_docker_get(world->docker, path.data, &answer, err) < 0)
		return -1;
	return zpm_answer_each(&answer, take_id, lookup, err);
}

static int fill_ids(const struct zpm_world *world, const struct flavour *flavour, json_object *container,
	struct zpm_arena *arena, struct zpm_err *err)
{
	struct lookup lookup = { flavour, arena, zpm_index_new(arena) };
	json_object *files = zpm_json_at(container, flavour->list);

	if (!json_object_is_type(files, json_type_array) || !json_object_array_length(files))
		return 0;
	if (look_up(world, &lookup, files, err) < 0)
		return zpm_err_wrap(err, "look up %s", flavour->what);
	for (size_t i = 0; i < json_object_array_length(files); i++) {
		json_object *file = json_object_array_get_idx(files, i);
		const char *name = zpm_json_text(file, flavour->name_key);
		const char *id = name ? zpm_index_get(lookup.ids, name) : NULL;

		if (!id)
			return zpm_err_set(err, ZPM_ENOTFOUND, "there is no '%s' among the Engine's %s",
				name ? name : "", flavour->what);
		json_object_object_add(file, flavour->id_key, json_object_new_string(id));
	}
	return 0;
}

int zpm_secrets_fill_ids(
	const struct zpm_world *world, json_object *spec, struct zpm_arena *arena, struct zpm_err *err)
{
	json_object *container = zpm_json_at(spec, "TaskTemplate.ContainerSpec");

	if (fill_ids(world, &secrets, container, arena, err) < 0)
		return -1;
	return fill_ids(world, &configs, container, arena, err);
}

const struct zpm_driver zpm_secret_driver = {
	.kind = &zpm_kinds[ZPM_KIND_SECRET],
	.observe = observe_secrets,
	.create = create,
	.update = update,
	.remove = remove_flavour,
};

const struct zpm_driver zpm_config_driver = {
	.kind = &zpm_kinds[ZPM_KIND_CONFIG],
	.observe = observe_configs,
	.create = create,
	.update = update,
	.remove = remove_flavour,
};
