/*
 * A manifest as one text that lasts: what it says without the files it was made of, so that it means the
 * same when they have changed. What secrets hold is not in it: they are read again when they are needed.
 *
 * The first document is the manifest, each further one a patch that lay beside it.
 */
#include "manifest/store.h"

#include "base/text.h"
#include "manifest/scalar.h"
#include "manifest/template_parts.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

#define SEPARATOR "---\n"

/* The same objects, copied so that they can be changed. */
static void copy_objects(const struct zpm_shape *shape, struct zpm_ptrs *objects, struct zpm_arena *arena)
{
	struct zpm_ptrs copies = { 0 };

	for (size_t i = 0; i < objects->n; i++)
		zpm_ptrs_push(arena, &copies, zpm_shape_copy(shape, objects->v[i], arena));
	*objects = copies;
}

/* What their files say has become part of `environment`, where what the manifest says there has won. */
static void forget_env_files(struct zpm_platform *platform, struct zpm_arena *arena)
{
	struct zpm_tiers *tiers;

	if (platform->defaults) {
		platform->defaults = zpm_shape_copy(&zpm_service_shape, platform->defaults, arena);
		platform->defaults->env_file = (struct zpm_strs){ 0 };
	}
	if (!platform->services)
		return;
	tiers = zpm_arena_alloc(arena, sizeof(*tiers));
	*tiers = *platform->services;
	platform->services = tiers;
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++) {
		struct zpm_ptrs *services = &tiers->services[tier];

		copy_objects(&zpm_service_shape, services, arena);
		for (size_t i = 0; i < services->n; i++)
			((struct zpm_service *)services->v[i])->env_file = (struct zpm_strs){ 0 };
	}
}

/* What is no text stays in its file. */
static void inline_configs(
	struct zpm_platform *platform, const struct zpm_platform *from, struct zpm_arena *arena)
{
	copy_objects(&zpm_config_shape, &platform->configs, arena);
	for (size_t i = 0; i < platform->configs.n; i++) {
		const struct zpm_secret *read = from->configs.v[i];
		struct zpm_secret *config = platform->configs.v[i];

		if (!read->data || memchr(read->data, '\0', read->len) ||
			zpm_utf8_valid_len(read->data, read->len) != read->len)
			continue;
		config->file = config->environment = NULL;
		config->content = zpm_arena_strndup(arena, read->data, read->len);
	}
}

static struct zpm_platform *without_files(const struct zpm_platform *from, struct zpm_arena *arena)
{
	struct zpm_platform *platform = zpm_arena_alloc(arena, sizeof(*platform));

	*platform = *from;
	forget_env_files(platform, arena);
	inline_configs(platform, from, arena);
	return platform;
}

static json_object *node_json(const struct zpm_node *node);

static json_object *items_json(const struct zpm_node *node)
{
	bool list = node->kind == ZPM_NODE_LIST;
	json_object *json = list ? json_object_new_array() : json_object_new_object();

	for (size_t i = 0; i < node->items.n; i++) {
		const struct zpm_entry *entry = node->items.v[i];

		if (list)
			json_object_array_add(json, node_json(node->items.v[i]));
		else
			json_object_object_add(json, entry->key, node_json(entry->value));
	}
	return json;
}

/* As it was written. What is no text is said in the very digits: 1.10 is not 1.1. */
static json_object *node_json(const struct zpm_node *node)
{
	if (node->kind != ZPM_NODE_SCALAR)
		return items_json(node);
	if (node->plain && zpm_scalar_resolve(node->text) != ZPM_SCALAR_TEXT)
		return json_object_new_double_s(0, *node->text ? node->text : "~");
	return json_object_new_string(node->text);
}

static json_object *member(json_object *json, const char *name)
{
	json_object *found = NULL;

	json_object_object_get_ex(json, name, &found);
	return found;
}

/* It is filled in anew for each integration, so it stays as it was written, and so do the variables in it. */
static void restore_template(json_object *json, const struct zpm_manifest *manifest, struct zpm_arena *arena)
{
	json_object *section = member(member(json, "apps"), "fromIntegrations"), *vars;
	struct zpm_template_source source;

	if (!manifest->template || !section)
		return;
	zpm_template_source(manifest->template, arena, &source);
	json_object_object_add(section, "template", node_json(source.service));
	if (source.name)
		json_object_object_add(section, "name", node_json(source.name));
	vars = json_object_new_object();
	for (size_t i = 0; i < source.vars.n; i++)
		json_object_object_add(
			vars, source.vars.v[i].key, json_object_new_string(source.vars.v[i].value));
	json_object_object_add(json, "vars", vars);
}

static int add_patches(const struct zpm_platform *platform, struct zpm_arena *arena, struct zpm_buf *out,
	struct zpm_err *err)
{
	const struct zpm_strs none = { 0 };
	int result = 0;

	for (size_t i = 0; !result && i < platform->patches.n; i++) {
		json_object *json = zpm_manifest_patch_to_json(platform->patches.v[i], arena);

		zpm_buf_puts(out, SEPARATOR);
		result = zpm_manifest_emit(json, &none, out, err);
		json_object_put(json);
	}
	return result;
}

int zpm_manifest_store(const struct zpm_manifest *manifest, struct zpm_buf *out, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const struct zpm_strs none = { 0 };
	json_object *json = zpm_manifest_to_json(without_files(manifest->platform, arena), arena);
	int result;

	restore_template(json, manifest, arena);
	result = zpm_manifest_emit(json, &none, out, err);
	if (!result)
		result = add_patches(manifest->platform, arena, out, err);
	json_object_put(json);
	zpm_arena_free(arena);
	return result;
}

/* All text is indented, so a line of nothing else is no text. */
size_t zpm_store_document_len(const char *text)
{
	size_t own = zpm_starts_with(text, SEPARATOR) ? strlen(SEPARATOR) : 0;
	const char *end = strstr(text + own, "\n" SEPARATOR);

	return end ? (size_t)(end + 1 - text) : strlen(text);
}
