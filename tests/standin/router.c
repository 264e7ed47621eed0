/*
 * Routing. Every command of a client is one errand to the config servers, or
 * one to ask them for the shard and one to that. Nothing is remembered, so that
 * nothing can be out of date.
 */
#include "router.h"

#include "errand.h"

#include <string.h>

#define PATIENCE_MS 10000

enum step { FRESH, TO_CONFIG, ASKING, TO_SHARD };

/* What a client calls it, and what the config servers do. */
static const struct {
	const char *name, *inner;
} CLUSTER[] = {
	{ "addShard", "_configsvrAddShard" },
	{ "listShards", "_configsvrListShards" },
	{ "removeShard", "_configsvrRemoveShard" },
	{ "movePrimary", "_configsvrMovePrimary" },
	{ "balancerStatus", "_configsvrBalancerStatus" },
	{ "balancerStart", "_configsvrBalancerStart" },
	{ "balancerStop", "_configsvrBalancerStop" },
	{ "enableSharding", "_configsvrEnableSharding" },
	{ "shardCollection", "_configsvrShardCollection" },
	{ "split", "_configsvrSplit" },
	{ "listDatabases", "_configsvrListDatabases" },
	{ "createUser", "createUser" },
	{ "updateUser", "updateUser" },
	{ "dropUser", "dropUser" },
	{ "usersInfo", "usersInfo" },
};

static const char *const KNOWN[] = { "find", "getMore", "killCursors", "count", "listCollections", "drop",
	"dropDatabase", "createIndexes", "insert", "update", "delete", "findAndModify", "findandmodify" };
static const char *const MAKES_DATABASE[] = { "insert", "update", "findAndModify", "findandmodify",
	"createIndexes" };

int router_start(struct standin *s)
{
	const char *slash = s->opts.configdb ? strchr(s->opts.configdb, '/') : NULL;

	if (slash && slash > s->opts.configdb && slash[1])
		return 0;
	fprintf(stderr, "a mongos needs --configdb SET/HOST:PORT,...\n");
	return -1;
}

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

bool router_knows(const char *name)
{
	for (size_t i = 0; i < ZPM_COUNT(CLUSTER); i++)
		if (!strcmp(name, CLUSTER[i].name))
			return true;
	return is_one_of(name, KNOWN, ZPM_COUNT(KNOWN));
}

/* The client's command under its inner name, to be acknowledged by a majority. */
static bson_t *inner_command(const struct request *req, const char *name)
{
	bson_t *command = bson_new();
	bson_iter_t iter;

	bson_iter_init(&iter, req->message.body);
	for (bool first = true; bson_iter_next(&iter); first = false)
		if (first)
			bson_append_iter(command, name, -1, &iter);
		else if (strcmp(bson_iter_key(&iter), "writeConcern"))
			bson_append_iter(command, NULL, -1, &iter);
	BCON_APPEND(command, "writeConcern", "{", "w", BCON_UTF8("majority"), "}");
	return command;
}

static void begin(struct standin *s, struct request *req)
{
	const char *name = request_name(req);
	bool makes = is_one_of(name, MAKES_DATABASE, ZPM_COUNT(MAKES_DATABASE));
	bson_t *command = NULL;

	req->step = TO_CONFIG;
	for (size_t i = 0; i < ZPM_COUNT(CLUSTER); i++)
		if (!strcmp(name, CLUSTER[i].name))
			command = inner_command(req, CLUSTER[i].inner);
	if (!command && (!strcmp(req->message.db, "config") || !strcmp(req->message.db, "admin")))
		command = bson_copy(req->message.body);
	if (!command) {
		req->step = ASKING;
		command = BCON_NEW("_configsvrShardOf", BCON_UTF8(req->message.db), "create",
			BCON_BOOL(makes), "$db", BCON_UTF8("admin"), "writeConcern", "{", "w",
			BCON_UTF8("majority"), "}");
	}
	req->errand = errand_start(s, s->opts.configdb, command, PATIENCE_MS);
}

static void go_to_shard(struct standin *s, struct request *req)
{
	struct errand *asked = req->errand;

	req->errand = errand_start(
		s, doc_text(errand_reply(asked), "host", ""), bson_copy(req->message.body), PATIENCE_MS);
	errand_free(asked);
	req->step = TO_SHARD;
}

enum outcome router_run(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	enum errand_state state;

	if (req->step == FRESH)
		begin(s, req);
	state = errand_look(s, req->errand);
	if (state == ERRAND_UNDERWAY)
		return PARKED;
	if (state == ERRAND_NO_PRIMARY)
		return (enum outcome)refuse(no, FAILED_READ_PREFERENCE,
			"Could not find host matching read preference { mode: \"primary\" }");
	if (state == ERRAND_NOBODY)
		return (enum outcome)refuse(no, HOST_UNREACHABLE, "no answer from the primary");
	if (req->step == ASKING && doc_bool(errand_reply(req->errand), "ok", false)) {
		go_to_shard(s, req);
		return PARKED;
	}
	bson_concat(reply, errand_reply(req->errand));
	return DONE;
}
