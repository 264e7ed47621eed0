/* The handshake, and what every server answers. */
#include "login.h"
#include "repl.h"

#include <string.h>
#include <unistd.h>

#define VERSION_TEXT "4.4.0"
#define WIRE_VERSION 9
#define DOCUMENT_MAX (16 * 1024 * 1024)
#define WRITE_BATCH  100000

static void append_hosts(
	const struct standin *s, bson_t *reply, const char *key, bool arbiters, bool passives)
{
	bson_t array;
	uint32_t n = 0;

	bson_init(&array);
	for (size_t i = 0; i < s->config.n; i++) {
		const struct member *member = &s->config.members[i];

		if (!member->hidden && !member->delay_secs && member->arbiter == arbiters &&
			(arbiters || (member->priority > 0) != passives))
			array_add_text(&array, &n, member->host);
	}
	if (n)
		bson_append_array(reply, key, -1, &array);
	bson_destroy(&array);
}

static void append_last_write(const struct standin *s, bson_t *reply)
{
	struct optime last = store_last(&s->store);
	struct optime committed = s->commit ? s->store.log[s->commit - 1].at : (struct optime){ 0, 0, -1 };
	bson_t doc;

	BSON_APPEND_DOCUMENT_BEGIN(reply, "lastWrite", &doc);
	optime_write(&last, &doc, "opTime");
	BSON_APPEND_DATE_TIME(&doc, "lastWriteDate", store_last_wall(&s->store) / 1000 * 1000);
	optime_write(&committed, &doc, "majorityOpTime");
	bson_append_document_end(reply, &doc);
}

static void append_self(const struct standin *s, const struct member *self, bson_t *reply)
{
	char place[32];
	bson_t tags;

	if (self->arbiter)
		BSON_APPEND_BOOL(reply, "arbiterOnly", true);
	if (self->priority <= 0 && !self->arbiter)
		BSON_APPEND_BOOL(reply, "passive", true);
	if (self->hidden)
		BSON_APPEND_BOOL(reply, "hidden", true);
	snprintf(place, sizeof(place), "members.%d.tags", s->self);
	if (doc_sub(s->config.doc, place, &tags) && !bson_empty(&tags))
		BSON_APPEND_DOCUMENT(reply, "tags", &tags);
	BSON_APPEND_UTF8(reply, "me", self->host);
}

/* Grows with the term, so that drivers know the newer of two primaries. */
static void append_election(const struct standin *s, bson_t *reply)
{
	uint8_t raw[12] = { 0x7f, 0xff, 0xff, 0xff };
	bson_oid_t id;

	for (int i = 0; i < 8; i++)
		raw[11 - i] = (uint8_t)(s->term >> (8 * i));
	bson_oid_init_from_data(&id, raw);
	BSON_APPEND_OID(reply, "electionId", &id);
}

static void append_set(const struct standin *s, bson_t *reply)
{
	if (!s->config.doc || s->self < 0) {
		BCON_APPEND(reply, "secondary", BCON_BOOL(false), "isreplicaset", BCON_BOOL(true), "info",
			BCON_UTF8("Does not have a valid replica set config"));
		return;
	}
	append_hosts(s, reply, "hosts", false, false);
	append_hosts(s, reply, "passives", false, true);
	append_hosts(s, reply, "arbiters", true, false);
	BCON_APPEND(reply, "setName", BCON_UTF8(s->config.name), "setVersion",
		BCON_INT32((int)s->config.version), "secondary", BCON_BOOL(s->state == STATE_SECONDARY));
	if (s->primary >= 0)
		BSON_APPEND_UTF8(reply, "primary", s->config.members[s->primary].host);
	append_self(s, &s->config.members[s->self], reply);
	if (repl_is_writable(s))
		append_election(s, reply);
	append_last_write(s, reply);
}

static enum outcome run_hello(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bool writable = s->opts.mongos || repl_is_writable(s);

	BSON_APPEND_BOOL(
		reply, strcmp(request_name(req), "hello") ? "ismaster" : "isWritablePrimary", writable);
	if (s->opts.mongos)
		BSON_APPEND_UTF8(reply, "msg", "isdbgrid");
	else if (s->opts.set)
		append_set(s, reply);
	if (s->opts.configsvr)
		BSON_APPEND_INT32(reply, "configsvr", 2);
	if (doc_bool(req->message.body, "helloOk", false))
		BSON_APPEND_BOOL(reply, "helloOk", true);
	BCON_APPEND(reply, "maxBsonObjectSize", BCON_INT32(DOCUMENT_MAX), "maxMessageSizeBytes",
		BCON_INT32(WIRE_MESSAGE_MAX), "maxWriteBatchSize", BCON_INT32(WRITE_BATCH), "localTime",
		BCON_DATE_TIME(wall_ms_now()), "connectionId", BCON_INT32((int)req->conn), "minWireVersion",
		BCON_INT32(0), "maxWireVersion", BCON_INT32(WIRE_VERSION), "readOnly", BCON_BOOL(false));
	return login_hello(s, req, reply, no);
}

static enum outcome run_nothing(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)req;
	(void)reply;
	(void)no;
	return DONE;
}

static enum outcome run_build_info(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	(void)s;
	(void)req;
	(void)no;
	BCON_APPEND(reply, "version", BCON_UTF8(VERSION_TEXT), "versionArray", "[", BCON_INT32(4),
		BCON_INT32(4), BCON_INT32(0), BCON_INT32(0), "]", "gitVersion", BCON_UTF8("stand-in"),
		"modules", "[", BCON_UTF8("zpm-mongo-standin"), "]", "bits", BCON_INT32(64), "debug",
		BCON_BOOL(false), "maxBsonObjectSize", BCON_INT32(DOCUMENT_MAX));
	return DONE;
}

static enum outcome run_options(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	bson_t argv, parsed;
	uint32_t n = 0;

	(void)req;
	(void)no;
	BSON_APPEND_ARRAY_BEGIN(reply, "argv", &argv);
	array_add_text(&argv, &n, "zpm-mongo-standin");
	bson_append_array_end(reply, &argv);
	BSON_APPEND_DOCUMENT_BEGIN(reply, "parsed", &parsed);
	BCON_APPEND(&parsed, "net", "{", "port", BCON_INT32(s->opts.port), "bindIp",
		BCON_UTF8(s->opts.bind_ip), "}");
	if (s->opts.set)
		BCON_APPEND(&parsed, "replication", "{", "replSet", BCON_UTF8(s->opts.set), "}");
	if (s->opts.configsvr || s->opts.shardsvr)
		BCON_APPEND(&parsed, "sharding", "{", "clusterRole",
			BCON_UTF8(s->opts.configsvr ? "configsvr" : "shardsvr"), "}");
	if (s->opts.configdb)
		BCON_APPEND(&parsed, "sharding", "{", "configDB", BCON_UTF8(s->opts.configdb), "}");
	if (s->opts.key_file)
		BCON_APPEND(&parsed, "security", "{", "keyFile", BCON_UTF8(s->opts.key_file), "}");
	bson_append_document_end(reply, &parsed);
	return DONE;
}

const struct command BASIC_COMMANDS[] = {
	{ "hello", run_hello, FOR_ROUTER | OPEN },
	{ "isMaster", run_hello, FOR_ROUTER | OPEN },
	{ "ismaster", run_hello, FOR_ROUTER | OPEN },
	{ "ping", run_nothing, FOR_ROUTER | OPEN },
	{ "endSessions", run_nothing, FOR_ROUTER },
	{ "buildInfo", run_build_info, FOR_ROUTER | OPEN },
	{ "buildinfo", run_build_info, FOR_ROUTER | OPEN },
	{ "getCmdLineOpts", run_options, FOR_ROUTER },
	{ .name = NULL },
};
