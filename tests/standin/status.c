/* replSetGetStatus. */
#include "status.h"

#include "repl.h"

static const char *state_name(int state)
{
	switch (state) {
	case STATE_STARTUP:
		return "STARTUP";
	case STATE_PRIMARY:
		return "PRIMARY";
	case STATE_SECONDARY:
		return "SECONDARY";
	case STATE_STARTUP2:
		return "STARTUP2";
	case STATE_ARBITER:
		return "ARBITER";
	case STATE_REMOVED:
		return "REMOVED";
	default:
		return "(not reachable/healthy)";
	}
}

static void append_optime(bson_t *doc, const struct optime *at, int64_t wall_ms)
{
	optime_write(at, doc, "optime");
	BSON_APPEND_DATE_TIME(doc, "optimeDate", wall_ms);
}

static void append_self(const struct standin *s, bson_t *doc)
{
	struct optime last = store_last(&s->store);

	BCON_APPEND(doc, "health", BCON_DOUBLE(1), "state", BCON_INT32(s->state), "stateStr",
		BCON_UTF8(state_name(s->state)), "uptime",
		BCON_INT32((int)((zpm_clock_now() - s->started) / ZPM_S)));
	if (s->state != STATE_ARBITER)
		append_optime(doc, &last, store_last_wall(&s->store));
	if (s->state == STATE_PRIMARY) {
		BSON_APPEND_TIMESTAMP(doc, "electionTime", s->elected.secs, s->elected.inc);
		BSON_APPEND_DATE_TIME(doc, "electionDate", s->elected_wall_ms);
	}
	BCON_APPEND(doc, "configVersion", BCON_INT32((int)s->config.version), "configTerm",
		BCON_INT64(s->config.term), "self", BCON_BOOL(true), "lastHeartbeatMessage", BCON_UTF8(""));
}

static void append_other(const struct view *view, bool arbiter, bson_t *doc)
{
	int state = view->up ? view->state : STATE_DOWN;
	int64_t uptime = view->up ? (zpm_clock_now() - view->up_since) / ZPM_S : 0;

	BCON_APPEND(doc, "health", BCON_DOUBLE(view->up), "state", BCON_INT32(state), "stateStr",
		BCON_UTF8(state_name(state)), "uptime", BCON_INT32((int)uptime));
	if (!arbiter)
		append_optime(doc, &view->applied, view->applied_wall_ms);
	BCON_APPEND(doc, "lastHeartbeat", BCON_DATE_TIME(view->heard_wall_ms), "lastHeartbeatRecv",
		BCON_DATE_TIME(view->received_wall_ms), "pingMs", BCON_INT64(0), "lastHeartbeatMessage",
		BCON_UTF8(view->trouble), "configVersion", BCON_INT32((int)view->config_version),
		"configTerm", BCON_INT64(view->config_term));
}

static void append_members(const struct standin *s, bson_t *reply)
{
	bson_t array, one;
	uint32_t n = 0;

	BSON_APPEND_ARRAY_BEGIN(reply, "members", &array);
	for (size_t i = 0; i < s->config.n; i++) {
		bson_init(&one);
		BCON_APPEND(&one, "_id", BCON_INT32(s->config.members[i].id), "name",
			BCON_UTF8(s->config.members[i].host));
		if ((int)i == s->self)
			append_self(s, &one);
		else
			append_other(&s->views[i], s->config.members[i].arbiter, &one);
		array_add_doc(&array, &n, &one);
		bson_destroy(&one);
	}
	bson_append_array_end(reply, &array);
}

static void append_optimes(const struct standin *s, bson_t *reply)
{
	struct optime last = store_last(&s->store);
	struct optime committed = s->commit ? s->store.log[s->commit - 1].at : (struct optime){ 0, 0, -1 };
	bson_t doc;

	BSON_APPEND_DOCUMENT_BEGIN(reply, "optimes", &doc);
	optime_write(&committed, &doc, "lastCommittedOpTime");
	optime_write(&committed, &doc, "readConcernMajorityOpTime");
	optime_write(&last, &doc, "appliedOpTime");
	optime_write(&last, &doc, "durableOpTime");
	BSON_APPEND_DATE_TIME(&doc, "lastAppliedWallTime", store_last_wall(&s->store));
	BSON_APPEND_DATE_TIME(&doc, "lastDurableWallTime", store_last_wall(&s->store));
	bson_append_document_end(reply, &doc);
}

enum outcome run_status(struct standin *s, struct request *req, bson_t *reply, struct refusal *no)
{
	size_t voters = config_voters(&s->config), arbiters = 0;

	(void)req;
	if (s->self < 0)
		return (enum outcome)refuse(no, INVALID_REPLICA_SET_CONFIG,
			"Our replica set config is invalid or we are not a member of it");
	for (size_t i = 0; i < s->config.n; i++)
		arbiters += s->config.members[i].arbiter;
	BCON_APPEND(reply, "set", BCON_UTF8(s->config.name), "date", BCON_DATE_TIME(wall_ms_now()), "myState",
		BCON_INT32(s->state), "term", BCON_INT64(s->term), "syncSourceHost",
		BCON_UTF8(s->primary >= 0 && s->primary != s->self ? s->views[s->primary].host : ""),
		"syncSourceId",
		BCON_INT32(s->primary >= 0 && s->primary != s->self ? s->config.members[s->primary].id : -1),
		"heartbeatIntervalMillis", BCON_INT64(s->config.heartbeat_ms), "majorityVoteCount",
		BCON_INT32((int)config_majority(&s->config)), "writeMajorityCount",
		BCON_INT32((int)repl_write_majority(s)), "votingMembersCount", BCON_INT32((int)voters),
		"writableVotingMembersCount", BCON_INT32((int)(voters - arbiters)));
	append_optimes(s, reply);
	append_members(s, reply);
	return DONE;
}
