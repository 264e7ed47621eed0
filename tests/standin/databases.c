/* Databases of a cluster and where they live, sharded collections and the balancer's switch. */
#include "cluster.h"
#include "errand.h"
#include "repl.h"
#include "shards.h"
#include "write.h"

#include <string.h>

#define MOVE_PATIENCE_MS 5000

static const char *argument(const struct request *req)
{
	bson_iter_t first;

	bson_iter_init(&first, req->message.body);
	return bson_iter_next(&first) && BSON_ITER_HOLDS_UTF8(&first) ? bson_iter_utf8(&first, NULL) : "";
}

static enum outcome finish_empty(struct standin *s, struct request *req, bson_t *reply)
{
	if (!req->result)
		req->result = bson_new();
	return write_finish(s, req, reply);
}

/* The shard of a database; a new one goes to the first that takes any. */
static const bson_t *shard_of(struct standin *s, const char *db, bool create)
{
	const bson_t *database = catalogue_find(s, DATABASES, db), *shard;
	bson_t *doc;

	if (database)
		return catalogue_find(s, SHARDS, doc_text(database, "primary", ""));
	shard = catalogue_other_shard(s, "");
	if (!shard || !create)
		return shard;
	doc = BCON_NEW("_id", BCON_UTF8(db), "primary", BCON_UTF8(doc_text(shard, "_id", "")), "partitioned",
		BCON_BOOL(false));
	repl_write(s, "set", DATABASES, doc);
	bson_destroy(doc);
	return shard;
}

static enum outcome run_shard_of(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *shard;

	if (!req->step) {
		shard = shard_of(s, argument(req), doc_bool(req->message.body, "create", false));
		if (!shard)
			return (enum outcome)refuse(no, SHARD_NOT_FOUND,
				"Database %s could not be created :: caused by :: No shards found",
				argument(req));
		req->result = BCON_NEW("shard", BCON_UTF8(doc_text(shard, "_id", "")), "host",
			BCON_UTF8(doc_text(shard, "host", "")));
	}
	return write_finish(s, req, reply);
}

static enum outcome run_enable_sharding(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	if (!req->step && !shard_of(s, argument(req), true))
		return (enum outcome)refuse(no, SHARD_NOT_FOUND, "No shards found");
	return finish_empty(s, req, reply);
}

static void add_chunk(struct standin *s, const char *ns, const char *shard)
{
	bson_oid_t oid;
	bson_t *chunk;

	bson_oid_init(&oid, NULL);
	chunk = BCON_NEW("_id", BCON_OID(&oid), "ns", BCON_UTF8(ns), "shard", BCON_UTF8(shard));
	repl_write(s, "set", CHUNKS, chunk);
	bson_destroy(chunk);
}

/* One chunk at first, and one more with every split; where its documents are does not change by that. */
static enum outcome run_add_chunk(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const char *ns = argument(req);
	char db[128];
	const bson_t *shard;

	if (!req->step) {
		snprintf(db, sizeof(db), "%.*s", (int)strcspn(ns, "."), ns);
		shard = shard_of(s, db, true);
		if (!shard)
			return (enum outcome)refuse(no, SHARD_NOT_FOUND, "No shards found");
		add_chunk(s, ns, doc_text(shard, "_id", ""));
		req->result = BCON_NEW("collectionsharded", BCON_UTF8(ns));
	}
	return write_finish(s, req, reply);
}

static enum outcome run_list_databases(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const struct collection *databases = store_collection(&s->store, DATABASES);
	bson_t array, doc;
	uint32_t n = 0;

	(void)req;
	(void)no;
	BSON_APPEND_ARRAY_BEGIN(reply, "databases", &array);
	for (size_t i = 0; i <= (databases ? databases->n : 0); i++) {
		bson_init(&doc);
		BCON_APPEND(&doc, "name",
			BCON_UTF8(i ? doc_text(databases->docs[i - 1], "_id", "") : "config"), "sizeOnDisk",
			BCON_DOUBLE(4096), "empty", BCON_BOOL(false));
		array_add_doc(&array, &n, &doc);
		bson_destroy(&doc);
	}
	bson_append_array_end(reply, &array);
	BSON_APPEND_DOUBLE(reply, "totalSize", 4096.0 * n);
	return DONE;
}

static bool balancer_stopped(const struct standin *s)
{
	const bson_t *balancer = catalogue_find(s, SETTINGS, "balancer");

	return balancer && doc_bool(balancer, "stopped", false);
}

static enum outcome run_balancer_status(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)req;
	(void)no;
	BCON_APPEND(reply, "mode", BCON_UTF8(balancer_stopped(s) ? "off" : "full"), "inBalancerRound",
		BCON_BOOL(false), "numBalancerRounds", BCON_INT64(0));
	return DONE;
}

static enum outcome run_balancer_switch(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bool stop = doc_has(req->message.body, "_configsvrBalancerStop");
	bson_t *doc;

	(void)no;
	if (!req->step) {
		doc = BCON_NEW("_id", BCON_UTF8("balancer"), "mode", BCON_UTF8(stop ? "off" : "full"),
			"stopped", BCON_BOOL(stop));
		repl_write(s, "set", SETTINGS, doc);
		bson_destroy(doc);
	}
	return finish_empty(s, req, reply);
}

/* All documents of a database, for its next shard: [{ns, docs}]. */
static enum outcome run_dump(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	char prefix[128];
	bson_t all, docs, one;
	uint32_t n = 0, m;

	(void)no;
	snprintf(prefix, sizeof(prefix), "%s.", argument(req));
	BSON_APPEND_ARRAY_BEGIN(reply, "collections", &all);
	for (size_t i = 0; i < s->store.n_collections; i++) {
		const struct collection *collection = &s->store.collections[i];

		if (strncmp(collection->ns, prefix, strlen(prefix)))
			continue;
		bson_init(&one);
		BSON_APPEND_UTF8(&one, "ns", collection->ns);
		BSON_APPEND_ARRAY_BEGIN(&one, "docs", &docs);
		m = 0;
		for (size_t j = 0; j < collection->n; j++)
			array_add_doc(&docs, &m, collection->docs[j]);
		bson_append_array_end(&one, &docs);
		array_add_doc(&all, &n, &one);
		bson_destroy(&one);
	}
	bson_append_array_end(reply, &all);
	return DONE;
}

static enum outcome run_load(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t all, one, docs, doc;
	bson_iter_t iter, inner;

	(void)no;
	if (!req->step && doc_sub(req->message.body, "collections", &all) && bson_iter_init(&iter, &all))
		while (iter_next_doc(&iter, &one)) {
			if (!doc_sub(&one, "docs", &docs) || !bson_iter_init(&inner, &docs))
				continue;
			while (iter_next_doc(&inner, &doc))
				repl_write(s, "set", doc_text(&one, "ns", ""), &doc);
		}
	return finish_empty(s, req, reply);
}

enum move_step { MOVE_DUMP, MOVE_LOAD, MOVE_DROP };

/* The command of a step: out of the old shard, into the new one, and off the old one. */
static bson_t *move_command(const struct request *req, enum move_step step)
{
	bson_t collections, empty = BSON_INITIALIZER;

	if (step == MOVE_DUMP)
		return BCON_NEW("standinDump", BCON_UTF8(argument(req)), "$db", BCON_UTF8("admin"));
	if (step == MOVE_DROP)
		return BCON_NEW("dropDatabase", BCON_INT32(1), "$db", BCON_UTF8(argument(req)));
	return BCON_NEW("standinLoad", BCON_UTF8(argument(req)), "collections",
		BCON_ARRAY(doc_sub(errand_reply(req->errand), "collections", &collections) ? &collections
											   : &empty),
		"$db", BCON_UTF8("admin"), "writeConcern", "{", "w", BCON_UTF8("majority"), "}");
}

static void move_step(
	struct standin *s, struct request *req, enum move_step step, const char *from, const char *to)
{
	bson_t *command = move_command(req, step);

	errand_free(req->errand);
	req->errand = errand_start(s, step == MOVE_LOAD ? to : from, command, MOVE_PATIENCE_MS);
	req->position = step;
}

static int check_move(const struct standin *s, const bson_t *database, const bson_t *to, struct refusal *no)
{
	if (!database)
		return refuse(no, NAMESPACE_NOT_FOUND, "there is no such database");
	if (!to || !catalogue_find(s, SHARDS, doc_text(database, "primary", "")))
		return refuse(
			no, SHARD_NOT_FOUND, "Could not move the database to a shard that is not there");
	return 0;
}

static enum outcome run_move_primary(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *database = catalogue_find(s, DATABASES, argument(req)), *from;
	const bson_t *to = catalogue_find(s, SHARDS, doc_text(req->message.body, "to", ""));
	enum errand_state state;
	bson_t *moved;

	if (req->step)
		return finish_empty(s, req, reply);
	if (check_move(s, database, to, no) < 0)
		return REFUSED;
	from = catalogue_find(s, SHARDS, doc_text(database, "primary", ""));
	if (from == to)
		return finish_empty(s, req, reply);
	if (!req->errand)
		move_step(s, req, MOVE_DUMP, doc_text(from, "host", ""), doc_text(to, "host", ""));
	state = errand_look(s, req->errand);
	if (state == ERRAND_UNDERWAY)
		return PARKED;
	if (state != ERRAND_ANSWERED)
		return (enum outcome)refuse(no, OPERATION_FAILED, "a shard has no primary that answers");
	if (req->position != MOVE_DROP) {
		move_step(s, req, (enum move_step)(req->position + 1), doc_text(from, "host", ""),
			doc_text(to, "host", ""));
		return PARKED;
	}
	moved = catalogue_with(database, "primary", doc_text(to, "_id", ""));
	repl_write(s, "set", DATABASES, moved);
	bson_destroy(moved);
	return finish_empty(s, req, reply);
}

const struct command DATABASE_COMMANDS[] = {
	{ "_configsvrShardOf", run_shard_of, WRITES },
	{ "_configsvrEnableSharding", run_enable_sharding, WRITES },
	{ "_configsvrShardCollection", run_add_chunk, WRITES },
	{ "_configsvrSplit", run_add_chunk, WRITES },
	{ "_configsvrListDatabases", run_list_databases, WRITES },
	{ "_configsvrBalancerStatus", run_balancer_status, WRITES },
	{ "_configsvrBalancerStart", run_balancer_switch, WRITES },
	{ "_configsvrBalancerStop", run_balancer_switch, WRITES },
	{ "_configsvrMovePrimary", run_move_primary, WRITES },
	{ "standinDump", run_dump, WRITES },
	{ "standinLoad", run_load, WRITES },
	{ .name = NULL },
};
