/* What the drivers of the kinds in MongoDB share. */
#include "driver/mongo_side.h"

#include "model/platform.h"
#include "model/shape.h"

#include <json-c/json.h>

/* How long the majority has for a write. */
#define WRITE_TIMEOUT_MS 10000

static void take_tls(struct zpm_mongo_access *access, const struct zpm_mongo_tls *tls, const char *folder,
	struct zpm_arena *arena)
{
	if (!tls)
		return;
	access->tls = true;
	access->ca = zpm_arena_path(arena, folder, tls->ca);
	access->pem = zpm_arena_path(arena, folder, tls->certificate);
}

static struct zpm_mongo_access access_of(
	const struct zpm_mongo *mongo, const char *folder, struct zpm_arena *arena)
{
	struct zpm_mongo_access access = { 0 };

	if (mongo->auth && mongo->auth->username) {
		access.username = mongo->auth->username;
		access.password = mongo->auth->password ? mongo->auth->password : "";
		access.source = mongo->auth->database;
	}
	if (mongo->auth)
		access.key = mongo->auth->key;
	take_tls(&access, mongo->tls, folder, arena);
	if (mongo->timeouts && mongo->timeouts->connect != ZPM_UNSET)
		access.connect_timeout = mongo->timeouts->connect;
	if (mongo->timeouts && mongo->timeouts->call != ZPM_UNSET)
		access.timeout = mongo->timeouts->call;
	return access;
}

void zpm_world_add_mongo(struct zpm_world *world, const struct zpm_platform *platform,
	const struct zpm_strs *routers, const char *folder, struct zpm_arena *arena)
{
	const struct zpm_mongo *mongo = platform->mongo;
	struct zpm_mongo_side *side = zpm_arena_alloc(arena, sizeof(*side));
	const struct zpm_mongo_access access = access_of(mongo, folder, arena);

	side->client = zpm_mongo_new(&access);
	side->routers = *routers;
	side->meta_db = mongo->meta_db ? mongo->meta_db->replica_set : NULL;
	side->config_db = mongo->config_servers ? mongo->config_servers->replica_set : NULL;
	if (mongo->server_info) {
		side->database = mongo->server_info->database;
		side->collection = mongo->server_info->collection;
	}
	if (platform->apps && platform->apps->from_integrations) {
		struct zpm_apps *apps = zpm_shape_copy(&zpm_apps_shape, platform->apps, arena);

		zpm_shape_canonicalise(&zpm_apps_shape, apps, arena);
		side->catalog = apps->from_integrations->database;
		side->ports = apps->from_integrations->collections->ports;
	}
	world->mongo = side;
}

unsigned zpm_world_mongo_writes(const struct zpm_world *world)
{
	return world->mongo ? zpm_mongo_writes(world->mongo->client) : 0;
}

const char *zpm_mongo_primary(const struct zpm_objects *have, const char *set)
{
	const struct zpm_object *object = zpm_objects_find_real(have, ZPM_KIND_REPLICA_SET, set);
	const struct zpm_set_view *view = object ? object->live->set : NULL;

	for (size_t i = 0; view && i < view->members.n; i++) {
		const struct zpm_member_view *member = view->members.v[i];

		if (member->state == ZPM_MEMBER_PRIMARY)
			return member->host;
	}
	return NULL;
}

void zpm_mongo_see_set(const struct zpm_world *world, struct zpm_objects *have, const char *set)
{
	struct zpm_err never = { 0 };

	if (!zpm_objects_find_real(have, ZPM_KIND_REPLICA_SET, set))
		(void)zpm_replica_set_driver.observe(world, have, &never);
}

int zpm_mongo_find_primary(const struct zpm_world *world, const char *set, struct zpm_arena *arena,
	const char **host, struct zpm_err *err)
{
	struct zpm_objects *have = zpm_objects_new(world->desired->platform, arena);

	zpm_mongo_see_set(world, have, set);
	*host = zpm_mongo_primary(have, set);
	return *host ? 0 : zpm_err_set(err, ZPM_EUNAVAIL, "the replica set '%s' has no primary", set);
}

int zpm_mongo_ask(const struct zpm_world *world, const char *host, const char *database, json_object *command,
	bool write, json_object **answer, int *code, struct zpm_err *err)
{
	const char *text = json_object_to_json_string_ext(command, JSON_C_TO_STRING_PLAIN);
	struct zpm_mongo_client *client = world->mongo->client;
	ZPM_BUF buf = { 0 };
	int result = write ? zpm_mongo_write(client, host, database, text, &buf, code, err)
			   : zpm_mongo_run(client, host, database, text, &buf, code, err);

	json_object_put(command);
	*answer = result < 0 ? NULL : json_tokener_parse(buf.data ? buf.data : "{}");
	return result;
}

/* A write that the server has taken may have failed all the same. */
static int judge_write(json_object *answer, const char *host, struct zpm_err *err)
{
	json_object *errors = zpm_json_at(answer, "writeErrors"), *first;
	const char *concern = zpm_json_text(answer, "writeConcernError.errmsg");

	if (errors && json_object_array_length(errors)) {
		first = json_object_array_get_idx(errors, 0);
		return zpm_err_set(err,
			zpm_json_int(first, "code") == ZPM_MONGO_DUPLICATE_KEY ? ZPM_ECONFLICT : ZPM_EFAILED,
			"%s: %s", host, zpm_json_text(first, "errmsg"));
	}
	if (concern)
		return zpm_err_set(
			err, ZPM_EUNAVAIL, "%s: not on a majority of the members: %s", host, concern);
	return 0;
}

static void add_concern(json_object *command)
{
	json_object *concern = json_object_new_object();

	json_object_object_add(concern, "w", json_object_new_string("majority"));
	json_object_object_add(concern, "wtimeout", json_object_new_int(WRITE_TIMEOUT_MS));
	json_object_object_add(command, "writeConcern", concern);
}

int zpm_mongo_write_documents(const struct zpm_world *world, const char *database, json_object *command,
	struct zpm_arena *arena, struct zpm_err *err)
{
	const char *primary;
	json_object *answer;
	int code, result;

	if (zpm_mongo_find_primary(world, world->mongo->meta_db, arena, &primary, err) < 0) {
		json_object_put(command);
		return -1;
	}
	add_concern(command);
	if (zpm_mongo_ask(world, primary, database, command, true, &answer, &code, err) < 0) {
		/* Another one is primary by now: to be found, and told. */
		if (err->code == ZPM_ECONFLICT)
			err->code = ZPM_EUNAVAIL;
		return -1;
	}
	result = judge_write(answer, primary, err);
	json_object_put(answer);
	return result;
}

struct zpm_object *zpm_mongo_object(const struct zpm_world *world, enum zpm_kind_id kind, const char *name,
	void *spec, const char *trouble, struct zpm_arena *arena)
{
	struct zpm_object *object = zpm_arena_alloc(arena, sizeof(*object));
	struct zpm_live *live = zpm_arena_alloc(arena, sizeof(*live));

	object->kind = &zpm_kinds[kind];
	object->name = object->real = name;
	object->tier = ZPM_TIER_NONE;
	object->spec = spec;
	object->live = live;
	live->id = name;
	live->owner = world->desired->platform;
	live->trouble = trouble;
	return object;
}

void zpm_mongo_all_unseen(
	const struct zpm_world *world, struct zpm_objects *have, enum zpm_kind_id kind, const char *why)
{
	for (size_t i = 0; i < world->desired->list.n; i++) {
		const struct zpm_object *want = world->desired->list.v[i];

		if (want->kind->id == kind)
			zpm_objects_add(
				have, zpm_mongo_object(world, kind, want->name,
					      zpm_shape_copy(want->kind->shape, want->spec, have->arena), why,
					      have->arena));
	}
}
