/* Commands that change a set. */
#include "driver/replica_set.h"

#include "driver/mongo_side.h"
#include "driver/set_wire.h"

#include <json-c/json.h>

/* The server takes it back with all that waits for it when the members do not follow in time. */
#define PROPAGATION_MS 10000

/* For how long the old primary does not stand, and how long it waits for a secondary to catch up. */
#define STAND_BACK_S 30
#define CATCH_UP_S   10

/* An election is over long before, unless it is lost; then anybody may lead again. */
#define FREEZE_S 30

static int run(const struct zpm_world *world, const char *host, json_object *command, struct zpm_err *err)
{
	int result = zpm_mongo_write(world->mongo->client, host, "admin",
		json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN), NULL, NULL, err);

	json_object_put(command);
	return result;
}

int zpm_set_initiate(const struct zpm_world *world, const char *host, const struct zpm_replica_set *config,
	bool old, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	json_object *command = json_object_new_object();

	json_object_object_add(command, "replSetInitiate", zpm_set_encode(config, old, arena));
	zpm_arena_free(arena);
	return run(world, host, command, err);
}

int zpm_set_reconfigure(const struct zpm_world *world, const char *host, const struct zpm_replica_set *config,
	bool old, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	json_object *command = json_object_new_object();

	json_object_object_add(command, "replSetReconfig", zpm_set_encode(config, old, arena));
	json_object_object_add(command, "maxTimeMS", json_object_new_int(PROPAGATION_MS));
	zpm_arena_free(arena);
	return run(world, host, command, err);
}

static int freeze(const struct zpm_world *world, const char *host, int seconds)
{
	struct zpm_err ignored = { 0 };
	json_object *command = json_object_new_object();
	int result;

	json_object_object_add(command, "replSetFreeze", json_object_new_int(seconds));
	result = zpm_mongo_run(world->mongo->client, host, "admin",
		json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN), NULL, NULL, &ignored);
	json_object_put(command);
	return result;
}

int zpm_set_step_down(
	const struct zpm_world *world, const char *host, const struct zpm_strs *others, struct zpm_err *err)
{
	json_object *command = json_object_new_object();

	for (size_t i = 0; i < others->n; i++)
		(void)freeze(world, others->v[i], FREEZE_S);
	json_object_object_add(command, "replSetStepDown", json_object_new_int(STAND_BACK_S));
	json_object_object_add(command, "secondaryCatchUpPeriodSecs", json_object_new_int(CATCH_UP_S));
	return run(world, host, command, err);
}

void zpm_set_unfreeze(const struct zpm_world *world, const struct zpm_strs *hosts)
{
	for (size_t i = 0; i < hosts->n; i++)
		(void)freeze(world, hosts->v[i], 0);
}
