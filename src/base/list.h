/*
 * Three growable arrays whose memory is an arena's: strings, name-value pairs
 * and pointers. Zeroed memory is an empty list. Nothing here copies a string:
 * what is pushed has to live as long as the arena.
 */
#ifndef ZPM_BASE_LIST_H
#define ZPM_BASE_LIST_H

#include "base/arena.h"

#include <stdbool.h>

struct zpm_strs {
	const char **v;
	size_t n, cap;
};

struct zpm_pair {
	const char *key, *value;
};

/* A map in the order it was written; keys are unique. */
struct zpm_pairs {
	struct zpm_pair *v;
	size_t n, cap;
};

struct zpm_ptrs {
	void **v;
	size_t n, cap;
};

void zpm_strs_push(struct zpm_arena *arena, struct zpm_strs *list, const char *text);
void zpm_ptrs_push(struct zpm_arena *arena, struct zpm_ptrs *list, void *ptr);

bool zpm_strs_have(const struct zpm_strs *list, const char *text);

/* Replaces the value of a key that is there already. */
void zpm_pairs_set(struct zpm_arena *arena, struct zpm_pairs *list, const char *key, const char *value);
/* NULL when there is no such key. */
const char *zpm_pairs_get(const struct zpm_pairs *list, const char *key);

#endif
