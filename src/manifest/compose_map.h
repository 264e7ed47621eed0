/* Mappings while they are made: keys said twice, and merging. Internal to manifest/. */
#ifndef ZPM_MANIFEST_COMPOSE_MAP_H
#define ZPM_MANIFEST_COMPOSE_MAP_H

#include "manifest/node.h"

/* Adds an entry; returns the one of that key that was there already, and then adds nothing. */
struct zpm_entry *zpm_node_add_entry(struct zpm_node *map, struct zpm_entry *entry, struct zpm_arena *arena);

/*
 * Adds what the map of a `<<` key, or each of a list of maps, has and `map` has
 * not; earlier ones win. False when it is anything else.
 */
bool zpm_node_merge(struct zpm_node *map, const struct zpm_node *from, struct zpm_arena *arena);

/* A copy of a map that may be changed, without some of its keys, which NULL ends; values are shared. */
struct zpm_node *zpm_node_without(
	const struct zpm_node *map, const char *const *keys, struct zpm_arena *arena);

/*
 * What `base` says, with `over` winning: maps key by key, all else as a whole.
 * An empty value says nothing and changes nothing. `over` stays as it is;
 * `base` does so unless it was made by merging itself.
 */
struct zpm_node *zpm_node_overlay(struct zpm_node *base, struct zpm_node *over, struct zpm_arena *arena);

#endif
