/* Parsing and the rules of single steps. Messages are near the server's. */
#include "config.h"

#include <stdio.h>
#include <string.h>

static int read_member(struct member *member, const bson_t *doc, struct refusal *no)
{
	*member = (struct member){ .id = (int)doc_int(doc, "_id", -1),
		.priority = doc_number(doc, "priority", doc_bool(doc, "arbiterOnly", false) ? 0 : 1),
		.votes = (int)doc_int(doc, "votes", 1),
		.arbiter = doc_bool(doc, "arbiterOnly", false),
		.hidden = doc_bool(doc, "hidden", false),
		.build_indexes = doc_bool(doc, "buildIndexes", true),
		.delay_secs = doc_int(doc, "slaveDelay", doc_int(doc, "secondaryDelaySecs", 0)) };
	snprintf(member->host, sizeof(member->host), "%s%s", doc_text(doc, "host", ""),
		strchr(doc_text(doc, "host", ":"), ':') ? "" : ":27017");
	if (member->id < 0 || member->id > 255)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "_id field value is out of range");
	if (!member->host[0])
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "member %d has no host", member->id);
	if (member->priority < 0 || member->priority > 1000)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "priority field value of %g is out of range",
			member->priority);
	if (member->votes != 0 && member->votes != 1)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "votes field value is %d but must be 0 or 1",
			member->votes);
	return 0;
}

static int check_member(const struct member *member, struct refusal *no)
{
	static const char msg[] = "priority must be 0 when ";

	if (member->arbiter && !member->votes)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "Arbiter must vote (cannot have 0 votes)");
	if (member->arbiter && member->priority > 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "arbiter %s has a priority", member->host);
	if (!member->votes && member->priority > 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "%snon-voting (votes:0)", msg);
	if (member->delay_secs && member->priority > 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "%sslaveDelay is used", msg);
	if (member->hidden && member->priority > 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "%shidden=true", msg);
	if (!member->build_indexes && member->priority > 0)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "%sbuildIndexes=false", msg);
	return 0;
}

static int check_pairs(const struct config *config, struct refusal *no)
{
	for (size_t i = 0; i < config->n; i++)
		for (size_t j = i + 1; j < config->n; j++) {
			if (config->members[i].id == config->members[j].id)
				return refuse(no, INVALID_REPLICA_SET_CONFIG, "two members with _id %d",
					config->members[i].id);
			if (!strcmp(config->members[i].host, config->members[j].host))
				return refuse(no, INVALID_REPLICA_SET_CONFIG, "two members with host %s",
					config->members[i].host);
		}
	return 0;
}

static int check_whole(const struct config *config, struct refusal *no)
{
	size_t voters = config_voters(config), electable = 0;

	for (size_t i = 0; i < config->n; i++) {
		if (check_member(&config->members[i], no) < 0)
			return -1;
		electable += config->members[i].priority > 0;
	}
	if (voters < 1 || voters > VOTERS_MAX)
		return refuse(no, INVALID_REPLICA_SET_CONFIG,
			"configuration contains %zu voting members, but must be at least 1 and no more than "
			"7",
			voters);
	if (!electable)
		return refuse(no, INVALID_REPLICA_SET_CONFIG,
			"configuration must contain at least one non-arbiter member with priority > 0");
	return check_pairs(config, no);
}

static int read_members(struct config *config, const bson_t *doc, struct refusal *no)
{
	bson_iter_t iter;
	bson_t members, one;

	if (!doc_sub(doc, "members", &members) || !bson_iter_init(&iter, &members))
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "Missing expected field \"members\"");
	while (iter_next_doc(&iter, &one)) {
		if (config->n == MEMBERS_MAX)
			return refuse(no, INVALID_REPLICA_SET_CONFIG, "more than %d members", MEMBERS_MAX);
		if (read_member(&config->members[config->n++], &one, no) < 0)
			return -1;
	}
	return check_whole(config, no);
}

static void write_members(bson_t *out, const struct config *config, const bson_t *given)
{
	bson_iter_t iter;
	bson_t array, one, made, tags, members, empty = BSON_INITIALIZER;
	uint32_t n = 0;

	doc_sub(given, "members", &members);
	bson_iter_init(&iter, &members);
	BSON_APPEND_ARRAY_BEGIN(out, "members", &array);
	while (iter_next_doc(&iter, &one)) {
		const struct member *member = &config->members[n];

		bson_init(&made);
		BCON_APPEND(&made, "_id", BCON_INT32(member->id), "host", BCON_UTF8(member->host),
			"arbiterOnly", BCON_BOOL(member->arbiter), "buildIndexes",
			BCON_BOOL(member->build_indexes), "hidden", BCON_BOOL(member->hidden), "priority",
			BCON_DOUBLE(member->priority), "tags",
			BCON_DOCUMENT(doc_sub(&one, "tags", &tags) ? &tags : &empty), "slaveDelay",
			BCON_INT64(member->delay_secs), "votes", BCON_INT32(member->votes));
		array_add_doc(&array, &n, &made);
		bson_destroy(&made);
	}
	bson_append_array_end(out, &array);
}

static void write_settings(bson_t *out, const struct config *config, const bson_t *given)
{
	bson_t settings, modes, empty = BSON_INITIALIZER;
	bson_iter_t id;
	bson_oid_t oid;

	bson_oid_init(&oid, NULL);
	if (doc_find(given, "settings.replicaSetId", &id) && BSON_ITER_HOLDS_OID(&id))
		bson_oid_copy(bson_iter_oid(&id), &oid);
	BSON_APPEND_DOCUMENT_BEGIN(out, "settings", &settings);
	BCON_APPEND(&settings, "chainingAllowed",
		BCON_BOOL(doc_bool(given, "settings.chainingAllowed", true)), "heartbeatIntervalMillis",
		BCON_INT32(config->heartbeat_ms), "heartbeatTimeoutSecs",
		BCON_INT32(config->heartbeat_timeout_ms / 1000), "electionTimeoutMillis",
		BCON_INT32(config->election_ms), "catchUpTimeoutMillis",
		BCON_INT32((int)doc_int(given, "settings.catchUpTimeoutMillis", -1)),
		"catchUpTakeoverDelayMillis",
		BCON_INT32((int)doc_int(given, "settings.catchUpTakeoverDelayMillis", 30000)),
		"getLastErrorModes",
		BCON_DOCUMENT(doc_sub(given, "settings.getLastErrorModes", &modes) ? &modes : &empty),
		"getLastErrorDefaults", "{", "w", BCON_INT32(1), "wtimeout", BCON_INT32(0), "}",
		"replicaSetId", BCON_OID(&oid));
	bson_append_document_end(out, &settings);
}

static bson_t *write_config(const struct config *config, const bson_t *given)
{
	bson_t *out = bson_new();

	BSON_APPEND_UTF8(out, "_id", config->name);
	BSON_APPEND_INT32(out, "version", (int32_t)config->version);
	BSON_APPEND_INT64(out, "term", config->term);
	if (doc_bool(given, "configsvr", false))
		BSON_APPEND_BOOL(out, "configsvr", true);
	BSON_APPEND_INT64(out, "protocolVersion", 1);
	BSON_APPEND_BOOL(out, "writeConcernMajorityJournalDefault",
		doc_bool(given, "writeConcernMajorityJournalDefault", true));
	write_members(out, config, given);
	write_settings(out, config, given);
	return out;
}

int config_parse(struct config *config, const bson_t *doc, int64_t term, struct refusal *no)
{
	*config = (struct config){ .version = doc_int(doc, "version", 1),
		.term = term >= 0 ? term : doc_int(doc, "term", -1),
		.heartbeat_ms = (int)doc_int(doc, "settings.heartbeatIntervalMillis", 2000),
		.heartbeat_timeout_ms = (int)doc_int(doc, "settings.heartbeatTimeoutSecs", 10) * 1000,
		.election_ms = (int)doc_int(doc, "settings.electionTimeoutMillis", 10000) };
	if (!doc_text(doc, "_id", NULL))
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "Missing expected field \"_id\"");
	snprintf(config->name, sizeof(config->name), "%s", doc_text(doc, "_id", ""));
	if (config->version < 1 || config->version > INT32_MAX)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "version field value of %lld is out of range",
			(long long)config->version);
	if (config->heartbeat_ms < 1 || config->election_ms < 1)
		return refuse(no, INVALID_REPLICA_SET_CONFIG, "settings: intervals must be greater than 0");
	if (read_members(config, doc, no) < 0)
		return -1;
	config->doc = write_config(config, doc);
	return 0;
}

void config_dispose(struct config *config)
{
	if (config->doc)
		bson_destroy(config->doc);
	*config = (struct config){ .n = 0 };
}

static const struct member *by_id(const struct config *config, int id)
{
	for (size_t i = 0; i < config->n; i++)
		if (config->members[i].id == id)
			return &config->members[i];
	return NULL;
}

/* Voters are counted by _id: one that is there on one side only, or votes on one side only. */
static size_t changed_voters(const struct config *old, const struct config *next)
{
	size_t changed = 0;

	for (size_t i = 0; i < next->n; i++) {
		const struct member *was = by_id(old, next->members[i].id);

		changed += next->members[i].votes != (was ? was->votes : 0);
	}
	for (size_t i = 0; i < old->n; i++)
		changed += old->members[i].votes && !by_id(next, old->members[i].id);
	return changed;
}

static int check_kept(const struct member *was, const struct config *next, struct refusal *no)
{
	int same_host = config_find(next, was->host);
	const struct member *now = by_id(next, was->id);

	if (same_host >= 0 && next->members[same_host].id != was->id)
		return refuse(no, INCOMPATIBLE_CONFIG,
			"New and old configurations both have members with host of %s but in "
			"the new configuration the _id field is %d and in the old "
			"configuration it is %d",
			was->host, next->members[same_host].id, was->id);
	if (now && now->arbiter != was->arbiter)
		return refuse(no, INCOMPATIBLE_CONFIG, "arbiterOnly differs for member %s", was->host);
	if (now && now->build_indexes != was->build_indexes)
		return refuse(no, INCOMPATIBLE_CONFIG, "buildIndexes differs for member %s", was->host);
	return 0;
}

int config_check_step(const struct config *old, const struct config *next, struct refusal *no)
{
	if (strcmp(old->name, next->name))
		return refuse(
			no, INVALID_REPLICA_SET_CONFIG, "the set is named %s, not %s", old->name, next->name);
	if (next->version <= old->version)
		return refuse(no, INCOMPATIBLE_CONFIG,
			"New replica set configuration version must be greater than old, but %lld is not "
			"greater than %lld",
			(long long)next->version, (long long)old->version);
	for (size_t i = 0; i < old->n; i++)
		if (check_kept(&old->members[i], next, no) < 0)
			return -1;
	if (changed_voters(old, next) > 1)
		return refuse(no, INCOMPATIBLE_CONFIG,
			"Non force replica set reconfig can only add or remove at most 1 voting member.");
	return 0;
}

int config_check_primary(const struct config *next, int self, struct refusal *no)
{
	if (self < 0)
		return refuse(no, NODE_NOT_FOUND, "No host described in new configuration maps to this node");
	if (next->members[self].priority <= 0)
		return refuse(no, NODE_NOT_ELECTABLE,
			"This node, %s, with _id %d is not electable under the new configuration",
			next->members[self].host, next->members[self].id);
	return 0;
}

bool config_newer(int64_t term, int64_t version, const struct config *than)
{
	if (!than->doc)
		return true;
	/* Terms are compared only where both have one: a forced configuration has none. */
	if (term >= 0 && than->term >= 0 && term != than->term)
		return term > than->term;
	return version > than->version;
}

int config_find(const struct config *config, const char *host)
{
	for (size_t i = 0; i < config->n; i++)
		if (!strcmp(config->members[i].host, host))
			return (int)i;
	return -1;
}

size_t config_voters(const struct config *config)
{
	size_t voters = 0;

	for (size_t i = 0; i < config->n; i++)
		voters += config->members[i].votes > 0;
	return voters;
}

size_t config_majority(const struct config *config)
{
	return config_voters(config) / 2 + 1;
}
