/*
 * A hash index from strings to pointers, in an arena. Keys are borrowed and
 * have to outlive the index.
 */
#ifndef ZPM_BASE_INDEX_H
#define ZPM_BASE_INDEX_H

#include "base/arena.h"

struct zpm_index;

struct zpm_index *zpm_index_new(struct zpm_arena *arena);

/* Keeps the first entry of a key: returns the value that was there, or NULL when it was added. */
void *zpm_index_add(struct zpm_index *index, const char *key, void *value);
void *zpm_index_get(const struct zpm_index *index, const char *key);

#endif
