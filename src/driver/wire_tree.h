/* The compiled form of a shape's `wire` column. For the codec only. */
#ifndef ZPM_DRIVER_WIRE_TREE_H
#define ZPM_DRIVER_WIRE_TREE_H

#include "driver/wire.h"

/* One JSON key. Its field is NULL for a key that only leads further down. */
struct zpm_wire_node {
	const char *key;
	const struct zpm_field *field;
	struct zpm_wire_tree *nested; /* of field->shape, for objects */
	bool ignored;
	struct zpm_ptrs children; /* struct zpm_wire_node */
};

struct zpm_wire_tree {
	const struct zpm_shape *shape;
	struct zpm_wire_node root;
};

const struct zpm_wire_node *zpm_wire_child(const struct zpm_wire_node *node, const char *key);

/* The node of a path like "TaskTemplate.Networks"; NULL when there is none. */
const struct zpm_wire_node *zpm_wire_node_at(const struct zpm_wire_tree *tree, const char *path);

/* Does the codec translate names? */
bool zpm_wire_is_name(enum zpm_codec codec);

/* Does the JSON say nothing: null, false, 0, "", {} or []? */
bool zpm_wire_is_nothing(struct json_object *json);

#endif
