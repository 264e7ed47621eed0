/* Small maps are searched one by one, larger ones get an index. */
#include "manifest/compose_map.h"

#include "base/index.h"

#define SMALL_MAP 8

static void index_keys(struct zpm_node *map, struct zpm_arena *arena)
{
	map->keys = zpm_index_new(arena);
	for (size_t i = 0; i < map->items.n; i++) {
		struct zpm_entry *entry = map->items.v[i];

		zpm_index_add(map->keys, entry->key, entry);
	}
}

struct zpm_entry *zpm_node_add_entry(struct zpm_node *map, struct zpm_entry *entry, struct zpm_arena *arena)
{
	struct zpm_entry *old = zpm_node_entry(map, entry->key);

	if (old)
		return old;
	zpm_ptrs_push(arena, &map->items, entry);
	if (map->keys)
		zpm_index_add(map->keys, entry->key, entry);
	else if (map->items.n > SMALL_MAP)
		index_keys(map, arena);
	return NULL;
}

static bool merge_map(struct zpm_node *map, const struct zpm_node *from, struct zpm_arena *arena)
{
	if (from->kind != ZPM_NODE_MAP)
		return from->kind == ZPM_NODE_BROKEN;
	for (size_t i = 0; i < from->items.n; i++)
		zpm_node_add_entry(map, from->items.v[i], arena);
	return true;
}

bool zpm_node_merge(struct zpm_node *map, const struct zpm_node *from, struct zpm_arena *arena)
{
	bool merged = true;

	if (from->kind != ZPM_NODE_LIST)
		return merge_map(map, from, arena);
	for (size_t i = 0; i < from->items.n; i++)
		merged = merge_map(map, from->items.v[i], arena) && merged;
	return merged;
}
