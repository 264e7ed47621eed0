/*
 * Model data as JSON in the manifest's vocabulary: what plans show, what
 * `-o json` prints and what hashes are taken of. Maps and sets are sorted, so
 * that equal objects give equal text.
 */
#ifndef ZPM_MODEL_JSON_H
#define ZPM_MODEL_JSON_H

#include "model/field.h"

struct json_object;

/* The caller's: json_object_put() them. NULL (JSON's null) when the field is unset;
 * "(secret)" for a secret one. */
struct json_object *zpm_field_to_json(
	const struct zpm_field *field, const void *object, struct zpm_arena *arena);
struct json_object *zpm_shape_to_json(
	const struct zpm_shape *shape, const void *object, struct zpm_arena *arena);

#endif
