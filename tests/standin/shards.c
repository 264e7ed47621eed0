/* addShard, listShards, removeShard: on the primary of the config servers, for a mongos. */
#include "shards.h"

#include "cluster.h"
#include "errand.h"
#include "repl.h"
#include "write.h"

#include <string.h>

#define ADD_PATIENCE_MS 2000

static const char *argument(const struct request *req)
{
	bson_iter_t first;

	bson_iter_init(&first, req->message.body);
	return bson_iter_next(&first) && BSON_ITER_HOLDS_UTF8(&first) ? bson_iter_utf8(&first, NULL) : "";
}

static size_t set_length(const char *hosts)
{
	return strcspn(hosts, "/");
}

static bool same_set(const char *a, const char *b)
{
	size_t len = set_length(a);

	return len == set_length(b) && !strncmp(a, b, len);
}

/* Is one of the hosts of `some` among those of `all`? Both "set/host,...". */
static bool share_host(const char *some, const char *all)
{
	const char *at = some + set_length(some) + 1, *found;
	size_t len;

	for (; at[-1]; at += len + 1) {
		char host[HOST_SIZE];

		len = strcspn(at, ",");
		snprintf(host, sizeof(host), "%.*s", (int)len, at);
		found = strstr(all + set_length(all), host);
		if (found && strchr("/,", found[-1]) && strchr(",", found[strlen(host)]))
			return true;
		if (!at[len])
			return false;
	}
	return false;
}

/* 1: it is there as it should be. */
static int existing(const struct standin *s, const char *hosts, const char **name, struct refusal *no)
{
	const struct collection *shards = store_collection(&s->store, SHARDS);

	for (size_t i = 0; shards && i < shards->n; i++) {
		const char *id = doc_text(shards->docs[i], "_id", ""),
			   *have = doc_text(shards->docs[i], "host", "");
		bool named = !*name || !strcmp(*name, id);

		if (same_set(hosts, have) && named) {
			*name = id;
			return 1;
		}
		if (same_set(hosts, have))
			return refuse(no, ILLEGAL_OPERATION,
				"A shard already exists containing the replica set '%.*s'",
				(int)set_length(hosts), hosts);
		if (share_host(hosts, have))
			return refuse(no, ILLEGAL_OPERATION,
				"a host is already a member of the existing shard '%s' (%s).", have, id);
		if (*name && named)
			return refuse(no, ILLEGAL_OPERATION, "A shard named %s already exists", id);
	}
	return 0;
}

/* All that belong to the set by its own account, in its own order. */
static void join_hosts(const bson_t *hello, const char *field, char *out, size_t size)
{
	bson_t hosts;
	bson_iter_t iter;
	size_t len;

	if (!doc_sub(hello, field, &hosts) || !bson_iter_init(&iter, &hosts))
		return;
	while (bson_iter_next(&iter)) {
		len = strlen(out);
		snprintf(out + len, size - len, "%s%s", out[len - 1] == '/' ? "" : ",",
			bson_iter_utf8(&iter, NULL));
	}
}

static int check_shard(const char *hosts, const bson_t *hello, char *all, size_t size, struct refusal *no)
{
	const char *set = doc_text(hello, "setName", "");

	snprintf(all, size, "%s/", set);
	join_hosts(hello, "hosts", all, size);
	join_hosts(hello, "passives", all, size);
	if (!strchr(hosts, '/'))
		return refuse(no, OPERATION_FAILED,
			"host is part of set %s; use replica set url format <setname>/<server1>,...", set);
	if (!same_set(hosts, all))
		return refuse(no, OPERATION_FAILED,
			"the provided connection string (%s) does not match the actual set name %s", hosts,
			set);
	if (doc_has(hello, "configsvr"))
		return refuse(
			no, OPERATION_FAILED, "Cannot add %s as a shard since it is a config server", hosts);
	for (const char *at = hosts; at; at = strchr(at, ',')) {
		char one[2 * HOST_SIZE];

		at += at == hosts ? set_length(hosts) + 1 : 1;
		snprintf(one, sizeof(one), "%s/%.*s", set, (int)strcspn(at, ","), at);
		if (!share_host(one, all))
			return refuse(no, OPERATION_FAILED,
				"in seed list %s, host %s does not belong to replica set %s", hosts, one,
				set);
	}
	return 0;
}

static enum outcome add_found(struct standin *s, struct request *req, const char *hosts, struct refusal *no)
{
	char all[4096], name[128];
	bson_t *doc;

	if (check_shard(hosts, errand_reply(req->errand), all, sizeof(all), no) < 0)
		return REFUSED;
	snprintf(name, sizeof(name), "%.*s", (int)set_length(all), all);
	doc = BCON_NEW("_id", BCON_UTF8(doc_text(req->message.body, "name", name)), "host", BCON_UTF8(all),
		"state", BCON_INT32(1));
	repl_write(s, "set", SHARDS, doc);
	req->result = BCON_NEW("shardAdded", BCON_UTF8(doc_text(doc, "_id", "")));
	bson_destroy(doc);
	return DONE;
}

static enum outcome run_add_shard(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const char *hosts = argument(req), *name = doc_text(req->message.body, "name", NULL);
	enum errand_state state;
	int there;

	if (req->step)
		return write_finish(s, req, reply);
	if (!hosts[0] || hosts[0] == '/' || !hosts[set_length(hosts)] != !strchr(hosts, '/'))
		return (enum outcome)refuse(no, BAD_VALUE, "Invalid connection string");
	there = existing(s, hosts, &name, no);
	if (there < 0)
		return REFUSED;
	if (there) {
		req->result = BCON_NEW("shardAdded", BCON_UTF8(name));
		return write_finish(s, req, reply);
	}
	if (!req->errand)
		req->errand = errand_start(s, hosts,
			BCON_NEW("isMaster", BCON_INT32(1), "$db", BCON_UTF8("admin")), ADD_PATIENCE_MS);
	state = errand_look(s, req->errand);
	if (state == ERRAND_UNDERWAY)
		return PARKED;
	if (state == ERRAND_NO_PRIMARY)
		return (enum outcome)refuse(no, NOT_WRITABLE_PRIMARY, "%s does not have a master", hosts);
	if (state == ERRAND_NOBODY)
		return (enum outcome)refuse(
			no, OPERATION_FAILED, "failed to run command on %s as part of addShard", hosts);
	return add_found(s, req, hosts, no) == DONE ? write_finish(s, req, reply) : REFUSED;
}

static enum outcome run_list_shards(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const struct collection *shards = store_collection(&s->store, SHARDS);
	bson_t array;
	uint32_t n = 0;

	(void)req;
	(void)no;
	BSON_APPEND_ARRAY_BEGIN(reply, "shards", &array);
	for (size_t i = 0; shards && i < shards->n; i++)
		array_add_doc(&array, &n, shards->docs[i]);
	bson_append_array_end(reply, &array);
	return DONE;
}

static void append_databases(const struct standin *s, const char *shard, bson_t *result)
{
	const struct collection *databases = store_collection(&s->store, DATABASES);
	bson_t array;
	uint32_t n = 0;

	BSON_APPEND_UTF8(result, "note", "you need to drop or movePrimary these databases");
	BSON_APPEND_ARRAY_BEGIN(result, "dbsToMove", &array);
	for (size_t i = 0; databases && i < databases->n; i++)
		if (!strcmp(doc_text(databases->docs[i], "primary", ""), shard))
			array_add_text(&array, &n, doc_text(databases->docs[i], "_id", ""));
	bson_append_array_end(result, &array);
}

static bson_t *start_draining(struct standin *s, const bson_t *shard)
{
	bson_t *draining = bson_copy(shard), *result;

	BSON_APPEND_BOOL(draining, "draining", true);
	repl_write(s, "set", SHARDS, draining);
	result = BCON_NEW("msg", BCON_UTF8("draining started successfully"), "state", BCON_UTF8("started"),
		"shard", BCON_UTF8(doc_text(draining, "_id", "")));
	append_databases(s, doc_text(draining, "_id", ""), result);
	bson_destroy(draining);
	return result;
}

static bson_t *go_on_draining(struct standin *s, const bson_t *shard)
{
	const char *name = doc_text(shard, "_id", "");
	size_t chunks = catalogue_count(s, CHUNKS, "shard", name);
	size_t databases = catalogue_count(s, DATABASES, "primary", name);
	bson_t *result;

	if (chunks || databases) {
		result = BCON_NEW("msg", BCON_UTF8("draining ongoing"), "state", BCON_UTF8("ongoing"),
			"remaining", "{", "chunks", BCON_INT64((int64_t)chunks), "dbs",
			BCON_INT64((int64_t)databases), "jumboChunks", BCON_INT64(0), "}");
		append_databases(s, name, result);
		return result;
	}
	result = BCON_NEW("msg", BCON_UTF8("removeshard completed successfully"), "state",
		BCON_UTF8("completed"), "shard", BCON_UTF8(name));
	repl_write(s, "del", SHARDS, shard);
	return result;
}

static enum outcome run_remove_shard(
	struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	const bson_t *shard = catalogue_find(s, SHARDS, argument(req));

	if (req->step)
		return write_finish(s, req, reply);
	if (!shard)
		return (enum outcome)refuse(no, SHARD_NOT_FOUND, "Shard %s does not exist", argument(req));
	if (!catalogue_other_shard(s, argument(req)))
		return (enum outcome)refuse(no, ILLEGAL_OPERATION,
			"Operation not allowed because it would remove the last shard");
	req->result =
		doc_bool(shard, "draining", false) ? go_on_draining(s, shard) : start_draining(s, shard);
	return write_finish(s, req, reply);
}

const struct command SHARD_COMMANDS[] = {
	{ "_configsvrAddShard", run_add_shard, WRITES },
	{ "_configsvrListShards", run_list_shards, WRITES },
	{ "_configsvrRemoveShard", run_remove_shard, WRITES },
	{ .name = NULL },
};
