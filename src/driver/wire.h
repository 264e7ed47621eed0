/*
 * Between the Engine's JSON and the model, by the `wire` and `codec` columns
 * of the field tables. One walk over the JSON decodes it; whatever it holds
 * that no row names is reported as extra.
 *
 * Writing is always a patch: only fields that differ are touched, and lists
 * keep the live order of what stays. Swarm compares specs member by member
 * and in order, so a rewritten but equal spec would restart tasks.
 */
#ifndef ZPM_DRIVER_WIRE_H
#define ZPM_DRIVER_WIRE_H

#include "model/object.h"

struct json_object;
struct zpm_wire_tree;

/* How names translate between the manifest and the Engine; see zpm_codec. */
struct zpm_wire_names {
	const char *(*to_manifest)(
		const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena);
	const char *(*to_engine)(
		const void *ctx, enum zpm_codec codec, const char *value, struct zpm_arena *arena);
	const void *ctx;
};

/*
 * Compiles a shape's table. `ignored` (NULL-terminated, may be NULL) names
 * JSON paths that are neither fields nor extra.
 */
const struct zpm_wire_tree *zpm_wire_compile(
	const struct zpm_shape *shape, const char *const *ignored, struct zpm_arena *arena);

/*
 * Fills an object of the tree's shape, all unset, from JSON. Wrongly typed
 * JSON reads as unset: an Engine that answers so is not one zpm knows, and
 * the diff will say so. `extra` may be NULL. Not yet canonical afterwards.
 */
void zpm_wire_decode(const struct zpm_wire_tree *tree, struct json_object *json,
	const struct zpm_wire_names *names, struct zpm_arena *arena, void *object, struct zpm_pairs *extra);

/*
 * Changes `json`, the live spec that decodes to `have`, so that it decodes to
 * `want`; both canonical. For a new object: an empty JSON object and the
 * canonical form of an unset one. `extra` (may be NULL) is removed.
 */
void zpm_wire_patch(const struct zpm_wire_tree *tree, struct json_object *json,
	const struct zpm_wire_names *names, struct zpm_arena *arena, const void *have, const void *want,
	const struct zpm_pairs *extra);

#endif
