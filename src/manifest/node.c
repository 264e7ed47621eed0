/* Finding one's way in a tree of nodes, and back to the file. */
#include "manifest/node.h"

#include "base/index.h"
#include "base/text.h"
#include "manifest/scalar.h"

#include <stdlib.h>
#include <string.h>

#define QUOTE_MAX 60

struct zpm_entry *zpm_node_entry(const struct zpm_node *map, const char *key)
{
	if (map->kind != ZPM_NODE_MAP)
		return NULL;
	if (map->keys)
		return zpm_index_get(map->keys, key);
	for (size_t i = 0; i < map->items.n; i++) {
		struct zpm_entry *entry = map->items.v[i];

		if (!strcmp(entry->key, key))
			return entry;
	}
	return NULL;
}

bool zpm_node_is_null(const struct zpm_node *node)
{
	return node->kind == ZPM_NODE_SCALAR && node->plain &&
	       zpm_scalar_resolve(node->text) == ZPM_SCALAR_NULL;
}

const char *zpm_node_quote(const char *text, struct zpm_arena *arena)
{
	size_t len = strlen(text);

	if (len <= QUOTE_MAX)
		return zpm_arena_printf(arena, "'%s'", text);
	return zpm_arena_printf(arena, "'%.*s...'", (int)zpm_utf8_valid_len(text, QUOTE_MAX), text);
}

const char *zpm_node_describe(const struct zpm_node *node, struct zpm_arena *arena)
{
	if (node->kind == ZPM_NODE_LIST)
		return "a list";
	if (node->kind == ZPM_NODE_MAP)
		return "a mapping";
	switch (node->plain ? zpm_scalar_resolve(node->text) : ZPM_SCALAR_TEXT) {
	case ZPM_SCALAR_NULL:
		return "nothing";
	case ZPM_SCALAR_BOOL:
		return node->text;
	case ZPM_SCALAR_INT:
	case ZPM_SCALAR_FLOAT:
		return zpm_arena_printf(arena, "the number %s", node->text);
	case ZPM_SCALAR_TEXT:
		break;
	}
	return zpm_node_quote(node->text, arena);
}

struct zpm_pos zpm_node_pos(const struct zpm_node *node, const struct zpm_entry *entry)
{
	bool shown = node->kind == ZPM_NODE_SCALAR && (!node->plain || node->text[0]);

	return entry && !shown ? entry->pos : node->pos;
}

/* What is left of the path behind a key it begins with; NULL when it does not. */
static const char *after_key(const char *path, const char *key)
{
	size_t len = strlen(key);

	if (!len || strncmp(path, key, len) != 0 || (path[len] && path[len] != '.' && path[len] != '['))
		return NULL;
	return path + len;
}

/* Keys may hold dots themselves: the longest one that fits is meant. */
static const char *step_by_key(const struct zpm_node *map, const char *path, const struct zpm_entry **entry)
{
	const char *rest = NULL;

	for (size_t i = 0; i < map->items.n; i++) {
		const struct zpm_entry *candidate = map->items.v[i];
		const char *after = after_key(path, candidate->key);

		if (after && (!rest || after > rest)) {
			rest = after;
			*entry = candidate;
		}
	}
	return rest;
}

/* A map that was written as a list of "KEY=VALUE". */
static const struct zpm_node *find_pair(const struct zpm_node *list, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < list->items.n; i++) {
		const struct zpm_node *item = list->items.v[i];

		if (item->kind == ZPM_NODE_SCALAR && !strncmp(item->text, key, len) && item->text[len] == '=')
			return item;
	}
	return list;
}

struct zpm_pos zpm_node_locate(const struct zpm_node *root, const char *path)
{
	const struct zpm_entry *entry = NULL;
	const struct zpm_node *node = root;

	while (*path) {
		const struct zpm_entry *next = NULL;
		char *end = NULL;

		if (*path == '[') {
			size_t index = strtoul(path + 1, &end, 10);

			if (node->kind < ZPM_NODE_LIST || index >= node->items.n)
				break;
			if (node->kind == ZPM_NODE_MAP)
				next = node->items.v[index];
			node = next ? next->value : node->items.v[index];
			path = end + (*end == ']');
		} else {
			path += *path == '.';
			if (node->kind == ZPM_NODE_LIST)
				return zpm_node_pos(find_pair(node, path), entry);
			path = node->kind == ZPM_NODE_MAP ? step_by_key(node, path, &next) : NULL;
			if (!path)
				break;
			node = next->value;
		}
		entry = next;
	}
	return zpm_node_pos(node, entry);
}
