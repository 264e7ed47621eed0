/* Small maps are searched one by one, larger ones get an index. */
#include "manifest/compose_map.h"

#include "base/index.h"

#include <string.h>

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

static bool is_one_of(const char *const *keys, const char *key)
{
	for (; *keys; keys++)
		if (!strcmp(*keys, key))
			return true;
	return false;
}

static void add_copy(struct zpm_node *map, const struct zpm_entry *entry, struct zpm_arena *arena)
{
	struct zpm_entry *copy = zpm_arena_alloc(arena, sizeof(*copy));

	*copy = *entry;
	zpm_node_add_entry(map, copy, arena);
}

struct zpm_node *zpm_node_without(
	const struct zpm_node *map, const char *const *keys, struct zpm_arena *arena)
{
	struct zpm_node *copy = zpm_arena_alloc(arena, sizeof(*copy));

	*copy = (struct zpm_node){ .kind = ZPM_NODE_MAP, .pos = map->pos, .merged = true };
	for (size_t i = 0; i < map->items.n; i++) {
		const struct zpm_entry *entry = map->items.v[i];

		if (!is_one_of(keys, entry->key))
			add_copy(copy, entry, arena);
	}
	return copy;
}

/* As deep as a document may be. */
struct zpm_node *zpm_node_overlay(struct zpm_node *base, struct zpm_node *over, struct zpm_arena *arena)
{
	static const char *const none[] = { NULL };

	if (zpm_node_is_null(over))
		return base;
	if (base->kind != ZPM_NODE_MAP || over->kind != ZPM_NODE_MAP)
		return over;
	if (!base->merged)
		base = zpm_node_without(base, none, arena);
	base->pos = over->pos;
	for (size_t i = 0; i < over->items.n; i++) {
		const struct zpm_entry *entry = over->items.v[i];
		struct zpm_entry *old = zpm_node_entry(base, entry->key);

		if (!old) {
			add_copy(base, entry, arena);
		} else if (!zpm_node_is_null(entry->value)) {
			old->pos = entry->pos;
			old->value = zpm_node_overlay(old->value, entry->value, arena);
		}
	}
	return base;
}
