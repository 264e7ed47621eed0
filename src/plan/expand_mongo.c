/* Sets, shards and documents as objects like any other. */
#include "plan/expand_mongo.h"

#include "model/shape.h"
#include "plan/desired_sets.h"

static struct zpm_object *add_object(
	struct zpm_objects *objects, enum zpm_kind_id kind, const char *name, void *spec)
{
	struct zpm_object *object = zpm_arena_alloc(objects->arena, sizeof(*object));

	object->kind = &zpm_kinds[kind];
	object->name = object->real = name;
	object->tier = ZPM_TIER_NONE;
	object->spec = spec;
	object->topology = true;
	zpm_objects_add(objects, object);
	return object;
}

static void add_shard(struct zpm_objects *objects, const struct zpm_desired_set *set)
{
	struct zpm_shard *shard = zpm_shape_new(&zpm_shard_shape, objects->arena);

	shard->name = set->shard;
	shard->replica_set = set->config->name;
	add_object(objects, ZPM_KIND_SHARD, shard->name, shard);
}

static void add_server(struct zpm_objects *objects, const struct zpm_server_info *declared)
{
	struct zpm_server_info *server = zpm_shape_new(&zpm_server_info_shape, objects->arena);

	*server = *declared;
	add_object(objects, ZPM_KIND_SERVER_INFO, server->host, server);
}

void zpm_expand_mongo(const struct zpm_platform *platform, struct zpm_objects *objects)
{
	const struct zpm_desired_sets *sets = zpm_desired_sets(platform, objects->arena);

	for (size_t i = 0; i < sets->sets.n; i++) {
		const struct zpm_desired_set *set = sets->sets.v[i];

		add_object(objects, ZPM_KIND_REPLICA_SET, set->config->name, set->config)->set = set;
	}
	for (size_t i = 0; sets->routers.n && i < sets->sets.n; i++) {
		const struct zpm_desired_set *set = sets->sets.v[i];

		if (set->shard)
			add_shard(objects, set);
	}
	for (size_t i = 0; i < sets->servers.n; i++)
		add_server(objects, sets->servers.v[i]);
}
