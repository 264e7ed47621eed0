/*
 * The wire codec as tests use it: with names that are easy to see through. On
 * the Engine network `n` is "id-n", volume `v` is "p_v".
 */
#ifndef ZPM_TESTS_WIRE_CASE_H
#define ZPM_TESTS_WIRE_CASE_H

#include "support.h"

#include "driver/wire.h"
#include "model/json.h"
#include "model/shape.h"

#include <string.h>

static inline const char *case_prefix(enum zpm_codec codec)
{
	return codec == ZPM_AS_NETWORK ? "id-" : "p_";
}

static inline const char *case_to_engine(
	const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena)
{
	(void)ctx;
	if (value[0] == '/')
		return value;
	return zpm_arena_printf(arena, "%s%s", case_prefix(codec), value);
}

static inline const char *case_to_manifest(
	const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena)
{
	size_t len = strlen(case_prefix(codec));

	(void)ctx, (void)arena;
	return strncmp(value, case_prefix(codec), len) != 0 ? value : value + len;
}

static const struct zpm_wire_names case_names = { case_to_manifest, case_to_engine, NULL };

/* What the Engine adds by itself, in all places a path can lead to. */
static const char *const case_ignored[] = { "Name", "TaskTemplate.ForceUpdate", "TaskTemplate.Runtime",
	"TaskTemplate.ContainerSpec.Isolation", "TaskTemplate.Placement.Platforms",
	"TaskTemplate.ContainerSpec.Secrets.SecretID", "TaskTemplate.ContainerSpec.Configs.ConfigID", NULL };

/* Made once, and kept to the end of the program. */
static inline const struct zpm_wire_tree *tree_of(enum zpm_kind_id kind)
{
	static struct zpm_arena *arena;
	static const struct zpm_wire_tree *trees[ZPM_KIND_COUNT];

	if (!arena)
		arena = zpm_arena_new();
	if (!trees[kind])
		trees[kind] = zpm_wire_compile(zpm_kinds[kind].shape, case_ignored, arena);
	return trees[kind];
}

/* What the JSON says, canonical. `extra` may be NULL. */
static inline void *decoded(
	struct test *t, enum zpm_kind_id kind, struct json_object *json, struct zpm_pairs *extra)
{
	const struct zpm_shape *shape = zpm_kinds[kind].shape;
	void *object = zpm_shape_new(shape, t->arena);

	zpm_wire_decode(tree_of(kind), json, &case_names, t->arena, object, extra);
	zpm_shape_canonicalise(shape, object, t->arena);
	return object;
}

/* Changes live JSON so that it says what is wanted, just as an update does. */
static inline void patch(struct test *t, enum zpm_kind_id kind, struct json_object *live, const void *want)
{
	struct zpm_pairs extra = { 0 };
	const void *have = decoded(t, kind, live, &extra);

	zpm_wire_patch(tree_of(kind), live, &case_names, t->arena, have, want, &extra);
}

/* The JSON of a new object. */
static inline struct json_object *encoded(struct test *t, enum zpm_kind_id kind, const void *want)
{
	struct json_object *json = keep_json(t, json_object_new_object());

	patch(t, kind, json, want);
	return json;
}

static inline const char *text_of_json(struct json_object *json)
{
	return json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN);
}

#endif
