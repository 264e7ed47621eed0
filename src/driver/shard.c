/* Shards, as the routers know them. Compared by the name of the set, never by its hosts. */
#include "driver/shard.h"

#include "driver/mongo_side.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <string.h>

static bool are_known(const struct zpm_world *world)
{
	return world->mongo && world->mongo->routers.n;
}

static json_object *command_of(const char *name, json_object *value)
{
	json_object *command = json_object_new_object();

	json_object_object_add(command, name, value);
	return command;
}

/* Asks the first router that answers. `command` is put; */
static int ask_router(const struct zpm_world *world, json_object *command, bool write, json_object **answer,
	int *code, struct zpm_err *err)
{
	const struct zpm_strs *routers = &world->mongo->routers;
	int result = -1;

	for (size_t i = 0; i < routers->n && result < 0; i++) {
		result = zpm_mongo_ask(
			world, routers->v[i], "admin", json_object_get(command), write, answer, code, err);
		if (result < 0 && (err->code != ZPM_EUNAVAIL || *code))
			break;
	}
	json_object_put(command);
	return result;
}

static struct zpm_object *decode(
	const struct zpm_world *world, json_object *json, const char *name, struct zpm_arena *arena)
{
	struct zpm_shard *shard = zpm_shape_new(&zpm_shard_shape, arena);
	const char *host = zpm_json_text(json, "host"), *trouble = NULL;

	shard->name = zpm_arena_strdup(arena, name);
	shard->replica_set = host ? zpm_arena_strndup(arena, host, strcspn(host, "/")) : NULL;
	if (json_object_get_boolean(zpm_json_at(json, "draining")) &&
		zpm_objects_find(world->desired, ZPM_KIND_SHARD, name))
		trouble = "it is being drained, which MongoDB does not take back: it has to leave before it "
			  "can come again";
	return zpm_mongo_object(world, ZPM_KIND_SHARD, shard->name, shard, trouble, arena);
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	json_object *answer, *shards;
	struct zpm_err refused = { 0 };
	int code;

	(void)err;
	if (!are_known(world))
		return 0;
	/* A router without them says nothing for as long as it is asked. */
	zpm_mongo_see_set(world, have, world->mongo->config_db);
	if (!zpm_mongo_primary(have, world->mongo->config_db)) {
		zpm_mongo_all_unseen(world, have, ZPM_KIND_SHARD, "the config servers have no primary");
		return 0;
	}
	if (ask_router(world, command_of("listShards", json_object_new_int(1)), false, &answer, &code,
		    &refused) < 0) {
		zpm_mongo_all_unseen(world, have, ZPM_KIND_SHARD, zpm_arena_strdup(have->arena, refused.msg));
		return 0;
	}
	shards = zpm_json_at(answer, "shards");
	for (size_t i = 0; shards && i < json_object_array_length(shards); i++) {
		json_object *shard = json_object_array_get_idx(shards, i);
		const char *name = zpm_json_text(shard, "_id");

		if (name)
			zpm_objects_add(have, decode(world, shard, name, have->arena));
	}
	json_object_put(answer);
	return 0;
}

/* "shard1/soar-a:27018,soar-b:27018": members with data, one of which is enough to find the others. */
static const char *seed_of(
	const struct zpm_world *world, const struct zpm_shard *shard, struct zpm_arena *arena)
{
	const struct zpm_object *set =
		zpm_objects_find(world->desired, ZPM_KIND_REPLICA_SET, shard->replica_set);
	const char *seed = zpm_arena_printf(arena, "%s/", shard->replica_set), *separator = "";

	for (size_t i = 0; set && i < set->set->config->members.n; i++) {
		const struct zpm_set_member *member = set->set->config->members.v[i];

		if (member->arbiter_only > 0 || member->hidden > 0)
			continue;
		seed = zpm_arena_printf(arena, "%s%s%s", seed, separator, member->host);
		separator = ",";
	}
	return seed;
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	json_object *answer, *command = json_object_new_object();
	int code = 0;

	json_object_object_add(
		command, "addShard", json_object_new_string(seed_of(world, want->spec, arena)));
	json_object_object_add(command, "name", json_object_new_string(want->real));
	*id = want->real;
	if (ask_router(world, command, true, &answer, &code, err) < 0) {
		/* The set has no primary yet, or the router has not heard of it. */
		if (code == ZPM_MONGO_NOT_PRIMARY || code == ZPM_MONGO_FAILED_TO_SATISFY)
			err->code = ZPM_EUNAVAIL;
		return -1;
	}
	json_object_put(answer);
	return 0;
}

/* Where the databases of a shard may go: to any that stays. */
static int find_other(const struct zpm_world *world, const char *name, struct zpm_arena *arena,
	const char **other, struct zpm_err *err)
{
	json_object *answer, *shards;
	int code;

	*other = NULL;
	if (ask_router(world, command_of("listShards", json_object_new_int(1)), false, &answer, &code, err) <
		0)
		return -1;
	shards = zpm_json_at(answer, "shards");
	for (size_t i = 0; shards && i < json_object_array_length(shards) && !*other; i++) {
		json_object *shard = json_object_array_get_idx(shards, i);
		const char *id = zpm_json_text(shard, "_id");

		if (id && strcmp(id, name) != 0 && !json_object_get_boolean(zpm_json_at(shard, "draining")))
			*other = zpm_arena_strdup(arena, id);
	}
	json_object_put(answer);
	return *other ? 0 : zpm_err_set(err, ZPM_EFAILED, "there is no other shard to take its databases");
}

static int move_database(
	const struct zpm_world *world, const char *database, const char *to, struct zpm_err *err)
{
	json_object *answer, *command = command_of("movePrimary", json_object_new_string(database));
	int code;

	json_object_object_add(command, "to", json_object_new_string(to));
	if (ask_router(world, command, true, &answer, &code, err) < 0)
		return zpm_err_wrap(err, "move the database '%s' to '%s'", database, to);
	json_object_put(answer);
	return 0;
}

static int move_databases(
	const struct zpm_world *world, const char *name, json_object *databases, struct zpm_err *err)
{
	struct zpm_arena *arena = zpm_arena_new();
	const char *to;
	int result = find_other(world, name, arena, &to, err);

	for (size_t i = 0; !result && i < json_object_array_length(databases); i++)
		result = move_database(
			world, json_object_get_string(json_object_array_get_idx(databases, i)), to, err);
	zpm_arena_free(arena);
	return result;
}

/* Chunks move by the balancer, and by nothing else. */
static int check_balancer(const struct zpm_world *world, struct zpm_err *err)
{
	json_object *answer;
	const char *mode;
	int code, result = 0;

	if (ask_router(world, command_of("balancerStatus", json_object_new_int(1)), false, &answer, &code,
		    err) < 0)
		return -1;
	mode = zpm_json_text(answer, "mode");
	if (mode && !strcmp(mode, "off"))
		result = zpm_err_set(err, ZPM_EFAILED,
			"the balancer is off, without which no chunk moves: sh.startBalancer()");
	json_object_put(answer);
	return result;
}

/* Once all chunks are gone, databases that are still at home there can move. */
static int go_on(const struct zpm_world *world, const char *name, json_object *answer,
	struct zpm_drain *drain, struct zpm_err *err)
{
	json_object *databases = zpm_json_at(answer, "dbsToMove");

	/* The first answer lists databases, and does not say what chunks there are. */
	if (!zpm_json_at(answer, "remaining"))
		return 0;
	drain->counted = true;
	drain->chunks = zpm_json_int(answer, "remaining.chunks");
	drain->databases = zpm_json_int(answer, "remaining.dbs");
	if (drain->chunks && check_balancer(world, err) < 0)
		return -1;
	if (drain->chunks || !databases || !json_object_array_length(databases))
		return 0;
	return move_databases(world, name, databases, err);
}

int zpm_shard_drain(
	const struct zpm_world *world, const char *name, struct zpm_drain *drain, struct zpm_err *err)
{
	json_object *answer;
	const char *state;
	int code = 0, result;

	if (ask_router(world, command_of("removeShard", json_object_new_string(name)), !drain->begun, &answer,
		    &code, err) < 0) {
		/* It has left since somebody looked last. */
		drain->done = code == ZPM_MONGO_SHARD_NOT_FOUND;
		return drain->done ? 0 : -1;
	}
	drain->begun = true;
	state = zpm_json_text(answer, "state");
	drain->done = state && !strcmp(state, "completed");
	result = drain->done ? 0 : go_on(world, name, answer, drain, err);
	json_object_put(answer);
	return result;
}

const struct zpm_driver zpm_shard_driver = {
	.kind = &zpm_kinds[ZPM_KIND_SHARD],
	.observe = observe,
	.create = create,
};
