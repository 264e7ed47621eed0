/* From dotted paths to a tree that the decoder walks beside the JSON. */
#include "driver/wire_tree.h"

#include <json-c/json.h>
#include <string.h>

static struct zpm_wire_node *child_of(const struct zpm_wire_node *node, const char *key, size_t len)
{
	for (size_t i = 0; i < node->children.n; i++) {
		struct zpm_wire_node *child = node->children.v[i];

		if (!strncmp(child->key, key, len) && !child->key[len])
			return child;
	}
	return NULL;
}

const struct zpm_wire_node *zpm_wire_child(const struct zpm_wire_node *node, const char *key)
{
	return child_of(node, key, strlen(key));
}

/* The node of a path below another, made where it is missing and an arena is given. */
static struct zpm_wire_node *descend(struct zpm_wire_node *node, const char *path, struct zpm_arena *arena)
{
	while (node && *path) {
		size_t len = strcspn(path, ".");
		struct zpm_wire_node *child = child_of(node, path, len);

		if (!child && arena) {
			child = zpm_arena_alloc(arena, sizeof(*child));
			child->key = zpm_arena_strndup(arena, path, len);
			zpm_ptrs_push(arena, &node->children, child);
		}
		node = child;
		path += len + (path[len] == '.');
	}
	return node;
}

const struct zpm_wire_node *zpm_wire_node_at(const struct zpm_wire_tree *tree, const char *path)
{
	struct zpm_wire_node root = tree->root;

	return descend(&root, path, NULL);
}

static struct zpm_wire_tree *compile(const struct zpm_shape *shape, struct zpm_arena *arena)
{
	struct zpm_wire_tree *tree = zpm_arena_alloc(arena, sizeof(*tree));

	tree->shape = shape;
	ZPM_EACH_FIELD (field, shape) {
		struct zpm_wire_node *node;

		if (!field->wire)
			continue;
		node = descend(&tree->root, field->wire, arena);
		node->field = field;
		if (field->shape)
			node->nested = compile(field->shape, arena);
	}
	return tree;
}

/* A path into a nested object leads on in that object's tree. */
static void ignore(struct zpm_wire_node *node, const char *path, struct zpm_arena *arena)
{
	while (*path) {
		size_t len = strcspn(path, ".");

		if (node->nested)
			node = &node->nested->root;
		node = descend(node, zpm_arena_strndup(arena, path, len), arena);
		path += len + (path[len] == '.');
	}
	node->ignored = true;
}

const struct zpm_wire_tree *zpm_wire_compile(
	const struct zpm_shape *shape, const char *const *ignored, struct zpm_arena *arena)
{
	struct zpm_wire_tree *tree = compile(shape, arena);

	for (; ignored && *ignored; ignored++)
		ignore(&tree->root, *ignored, arena);
	return tree;
}

bool zpm_wire_is_name(enum zpm_codec codec)
{
	return codec == ZPM_AS_NETWORK || codec == ZPM_AS_VOLUME || codec == ZPM_AS_SECRET ||
	       codec == ZPM_AS_CONFIG;
}

bool zpm_wire_is_nothing(json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_null:
		return true;
	case json_type_boolean:
		return !json_object_get_boolean(json);
	case json_type_int:
		return !json_object_get_int64(json);
	case json_type_double:
		return json_object_get_double(json) == 0.0;
	case json_type_string:
		return !json_object_get_string_len(json);
	case json_type_array:
		return !json_object_array_length(json);
	case json_type_object:
		return !json_object_object_length(json);
	}
	return false;
}
