/*
 * A YAML document as a tree in which every value knows the file and the place it was written in.
 * Aliases are resolved to the very node they stand for, so the tree is one
 * with shared branches; it never contains itself. Internal to manifest/.
 */
#ifndef ZPM_MANIFEST_NODE_H
#define ZPM_MANIFEST_NODE_H

#include "model/diag.h"

enum zpm_node_kind {
	ZPM_NODE_BROKEN, /* there was a mistake here, which has been reported */
	ZPM_NODE_SCALAR,
	ZPM_NODE_LIST,
	ZPM_NODE_MAP,
};

struct zpm_index;

struct zpm_node {
	enum zpm_node_kind kind;
	bool plain; /* a scalar without quotes: may mean a number, a boolean or nothing */
	bool open;  /* while composing: its end has not been read yet */
	struct zpm_pos pos;
	bool merged;            /* of several files: nothing else leads here, so it may be changed in place */
	size_t weight;          /* nodes in it, aliases counted as what they stand for */
	const char *text;       /* of a scalar */
	struct zpm_ptrs items;  /* of a list: struct zpm_node; of a map: struct zpm_entry */
	struct zpm_index *keys; /* of a map: from key to entry; may be NULL in a small one */
};

struct zpm_entry {
	const char *key;
	struct zpm_pos pos; /* of the key */
	struct zpm_node *value;
};

/* NULL when the map has no such key, or is no map. */
struct zpm_entry *zpm_node_entry(const struct zpm_node *map, const char *key);

/* True for a plain scalar that means null. */
bool zpm_node_is_null(const struct zpm_node *node);

/* "a list", "a mapping", "the number 3", "'text'": for "expected ..., got ...". */
const char *zpm_node_describe(const struct zpm_node *node, struct zpm_arena *arena);

/* Text in quotes, cut when it is long. */
const char *zpm_node_quote(const char *text, struct zpm_arena *arena);

/*
 * Where a mistake in a value is shown: at a scalar itself, at the key of a list,
 * a mapping or nothing. `entry` is NULL for an item of a list and for the root.
 */
struct zpm_pos zpm_node_pos(const struct zpm_node *node, const struct zpm_entry *entry);

/* Where a path like "services.core.web.ports[1]" is written, or the nearest thing above it. */
struct zpm_pos zpm_node_locate(const struct zpm_node *root, const char *path);

#endif
