/* Growing by doubling inside an arena: the abandoned halves go with the arena. */
#include "base/list.h"

#include <string.h>

static void *grown(struct zpm_arena *arena, void *old, size_t n, size_t *cap, size_t size)
{
	void *data;

	if (n < *cap)
		return old;
	*cap = *cap ? *cap * 2 : 4;
	data = zpm_arena_alloc(arena, *cap * size);
	if (n)
		memcpy(data, old, n * size);
	return data;
}

void zpm_strs_push(struct zpm_arena *arena, struct zpm_strs *list, const char *text)
{
	list->v = grown(arena, list->v, list->n, &list->cap, sizeof(*list->v));
	list->v[list->n++] = text;
}

void zpm_ptrs_push(struct zpm_arena *arena, struct zpm_ptrs *list, void *ptr)
{
	list->v = grown(arena, list->v, list->n, &list->cap, sizeof(*list->v));
	list->v[list->n++] = ptr;
}

bool zpm_strs_have(const struct zpm_strs *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

static struct zpm_pair *find_pair(const struct zpm_pairs *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].key, key))
			return &list->v[i];
	return NULL;
}

void zpm_pairs_set(struct zpm_arena *arena, struct zpm_pairs *list, const char *key, const char *value)
{
	struct zpm_pair *pair = find_pair(list, key);

	if (pair) {
		pair->value = value;
		return;
	}
	list->v = grown(arena, list->v, list->n, &list->cap, sizeof(*list->v));
	list->v[list->n++] = (struct zpm_pair){ .key = key, .value = value };
}

const char *zpm_pairs_get(const struct zpm_pairs *list, const char *key)
{
	const struct zpm_pair *pair = find_pair(list, key);

	return pair ? pair->value : NULL;
}
