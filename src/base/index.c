/* Open addressing with FNV-1a, doubled at two thirds full; entries are never removed. */
#include "base/index.h"

#include <stdint.h>
#include <string.h>

struct slot {
	const char *key;
	void *value;
	uint64_t hash;
};

struct zpm_index {
	struct zpm_arena *arena;
	struct slot *slots;
	size_t n, size;
};

static uint64_t hash_of(const char *key)
{
	uint64_t hash = 14695981039346656037ULL;

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * 1099511628211ULL;
	return hash;
}

static struct slot *probe(const struct zpm_index *index, const char *key, uint64_t hash)
{
	size_t at = hash & (index->size - 1);

	while (index->slots[at].key &&
		(index->slots[at].hash != hash || strcmp(index->slots[at].key, key) != 0))
		at = (at + 1) & (index->size - 1);
	return &index->slots[at];
}

static void resize(struct zpm_index *index, size_t size)
{
	struct slot *old = index->slots;
	size_t old_size = index->size;

	index->slots = zpm_arena_alloc(index->arena, size * sizeof(*old));
	index->size = size;
	for (size_t i = 0; i < old_size; i++)
		if (old[i].key)
			*probe(index, old[i].key, old[i].hash) = old[i];
}

struct zpm_index *zpm_index_new(struct zpm_arena *arena)
{
	struct zpm_index *index = zpm_arena_alloc(arena, sizeof(*index));

	index->arena = arena;
	resize(index, 16);
	return index;
}

void *zpm_index_add(struct zpm_index *index, const char *key, void *value)
{
	uint64_t hash = hash_of(key);
	struct slot *slot = probe(index, key, hash);

	if (slot->key)
		return slot->value;
	*slot = (struct slot){ .key = key, .value = value, .hash = hash };
	if (++index->n * 3 > index->size * 2)
		resize(index, index->size * 2);
	return NULL;
}

void *zpm_index_get(const struct zpm_index *index, const char *key)
{
	return probe(index, key, hash_of(key))->value;
}
