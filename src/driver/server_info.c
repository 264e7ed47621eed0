/* Documents of mongo.serverInfo: others may be in their collection, and other fields in them. */
#include "driver/mongo_side.h"

#include "base/clock.h"
#include "model/shape.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static bool are_declared(const struct zpm_world *world)
{
	for (size_t i = 0; world->mongo && i < world->desired->list.n; i++)
		if (((const struct zpm_object *)world->desired->list.v[i])->kind->id == ZPM_KIND_SERVER_INFO)
			return true;
	return false;
}

static json_object *find_command(const struct zpm_world *world)
{
	json_object *command = json_object_new_object(), *hosts = json_object_new_array();
	json_object *in = json_object_new_object(), *filter = json_object_new_object();

	for (size_t i = 0; i < world->desired->list.n; i++) {
		const struct zpm_object *want = world->desired->list.v[i];

		if (want->kind->id == ZPM_KIND_SERVER_INFO)
			json_object_array_add(hosts, json_object_new_string(want->real));
	}
	json_object_object_add(command, "find", json_object_new_string(world->mongo->collection));
	json_object_object_add(in, "$in", hosts);
	json_object_object_add(filter, "host", in);
	json_object_object_add(command, "filter", filter);
	json_object_object_add(
		command, "batchSize", json_object_new_int64((int64_t)json_object_array_length(hosts)));
	json_object_object_add(command, "singleBatch", json_object_new_boolean(true));
	return command;
}

static const char *text_of(json_object *document, const char *key, struct zpm_arena *arena)
{
	const char *text = zpm_json_text(document, key);

	return text ? zpm_arena_strdup(arena, text) : NULL;
}

static void add_document(const struct zpm_world *world, struct zpm_objects *have, json_object *document)
{
	struct zpm_server_info *server = zpm_shape_new(&zpm_server_info_shape, have->arena);

	server->host = text_of(document, "host", have->arena);
	server->type = text_of(document, "type", have->arena);
	server->state = text_of(document, "state", have->arena);
	if (server->host && !zpm_objects_find(have, ZPM_KIND_SERVER_INFO, server->host))
		zpm_objects_add(have, zpm_mongo_object(world, ZPM_KIND_SERVER_INFO, server->host, server,
					      NULL, have->arena));
}

static int read_documents(const struct zpm_world *world, const char *primary, struct zpm_objects *have)
{
	json_object *answer, *batch;
	struct zpm_err err = { 0 };
	int code;

	if (zpm_mongo_ask(world, primary, world->mongo->database, find_command(world), false, &answer, &code,
		    &err) < 0) {
		zpm_mongo_all_unseen(
			world, have, ZPM_KIND_SERVER_INFO, zpm_arena_strdup(have->arena, err.msg));
		return 0;
	}
	batch = zpm_json_at(answer, "cursor.firstBatch");
	for (size_t i = 0; batch && i < json_object_array_length(batch); i++)
		add_document(world, have, json_object_array_get_idx(batch, i));
	json_object_put(answer);
	return 0;
}

static int observe(const struct zpm_world *world, struct zpm_objects *have, struct zpm_err *err)
{
	const char *primary;

	if (!are_declared(world))
		return 0;
	(void)err;
	zpm_mongo_see_set(world, have, world->mongo->meta_db);
	primary = zpm_mongo_primary(have, world->mongo->meta_db);
	if (primary)
		return read_documents(world, primary, have);
	zpm_mongo_all_unseen(world, have, ZPM_KIND_SERVER_INFO,
		zpm_arena_printf(have->arena, "the replica set '%s' has no primary", world->mongo->meta_db));
	return 0;
}

/* Extended JSON: {"$date": {"$numberLong": "MILLISECONDS"}} */
static json_object *date_now(void)
{
	json_object *date = json_object_new_object(), *number = json_object_new_object();
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)(zpm_clock_wall() / ZPM_MS));
	json_object_object_add(number, "$numberLong", json_object_new_string(text));
	json_object_object_add(date, "$date", number);
	return date;
}

static json_object *upsert_of(const struct zpm_server_info *server)
{
	json_object *update = json_object_new_object(), *query = json_object_new_object();
	json_object *set = json_object_new_object(), *how = json_object_new_object();

	json_object_object_add(query, "host", json_object_new_string(server->host));
	json_object_object_add(set, "type", json_object_new_string(server->type));
	json_object_object_add(set, "state", json_object_new_string(server->state));
	json_object_object_add(set, "updatedAt", date_now());
	json_object_object_add(how, "$set", set);
	json_object_object_add(update, "q", query);
	json_object_object_add(update, "u", how);
	json_object_object_add(update, "upsert", json_object_new_boolean(true));
	return update;
}

static json_object *update_command(const struct zpm_world *world, const struct zpm_server_info *server)
{
	json_object *command = json_object_new_object(), *updates = json_object_new_array();

	json_object_array_add(updates, upsert_of(server));
	json_object_object_add(command, "update", json_object_new_string(world->mongo->collection));
	json_object_object_add(command, "updates", updates);
	return command;
}

static int write_document(const struct zpm_world *world, const struct zpm_object *want,
	struct zpm_arena *arena, struct zpm_err *err)
{
	return zpm_mongo_write_documents(
		world, world->mongo->database, update_command(world, want->spec), arena, err);
}

static int create(const struct zpm_world *world, const struct zpm_object *want, struct zpm_arena *arena,
	const char **id, struct zpm_err *err)
{
	*id = want->real;
	return write_document(world, want, arena, err);
}

static int update(const struct zpm_world *world, const struct zpm_object *want, const struct zpm_object *have,
	struct zpm_arena *arena, struct zpm_err *err)
{
	(void)have;
	return write_document(world, want, arena, err);
}

const struct zpm_driver zpm_server_info_driver = {
	.kind = &zpm_kinds[ZPM_KIND_SERVER_INFO],
	.observe = observe,
	.create = create,
	.update = update,
};
