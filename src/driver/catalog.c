/* Who has the platform's database, and is asked for its catalog. */
#include "mongo/catalog.h"
#include "driver/mongo_side.h"
#include "model/platform.h"

static void add_gap(struct zpm_catalog *catalog, const char *why, struct zpm_arena *arena)
{
	struct zpm_catalog_gap *gap = zpm_arena_alloc(arena, sizeof(*gap));

	gap->why = why;
	zpm_ptrs_push(arena, &catalog->gaps, gap);
}

static void nobody_knows(const struct zpm_ptrs *features, const char *why, struct zpm_arena *arena,
	struct zpm_catalog *catalog)
{
	for (size_t i = 0; i < features->n; i++) {
		const struct zpm_feature *feature = features->v[i];
		struct zpm_feature_state *state;

		if (!feature->from_database)
			continue;
		state = zpm_arena_alloc(arena, sizeof(*state));
		state->name = feature->name;
		state->why = why;
		zpm_ptrs_push(arena, &catalog->features, state);
	}
}

void zpm_world_read_catalog(const struct zpm_world *world, const struct zpm_objects *have,
	const struct zpm_from_integrations *from, const struct zpm_ptrs *features, struct zpm_arena *arena,
	struct zpm_catalog *catalog)
{
	const char *set = world->mongo->meta_db;
	const struct zpm_catalog_query query = { zpm_mongo_primary(have, set), from, features };
	const char *why;

	if (query.host) {
		zpm_mongo_read_catalog(world->mongo->client, &query, arena, catalog);
		return;
	}
	why = zpm_arena_printf(arena, "the replica set '%s' has no primary", set);
	nobody_knows(features, why, arena, catalog);
	if (from)
		add_gap(catalog, why, arena);
}
