/*
 * The field tables of a replica set. No row has a default, and all are
 * ZPM_AUTO: what nobody declares stays as it is, and is no difference. `wire`
 * is the field's path in the server's configuration.
 */
#include "model/replica_set.h"

#include <string.h>

static const struct zpm_rule host_rule = {
	.expected = "a host and port like 'soar-a.example.net:27017'",
	.pattern = "^([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$",
	.max_len = 261,
};
static const struct zpm_rule votes_rule = { .expected = "0 or 1", .min = 0, .max = 1 };
static const struct zpm_rule priority_rule = {
	.expected = "a priority from 0 to 1000",
	.min = 0,
	.max = ZPM_PRIORITY_MAX,
};
static const struct zpm_rule delay_rule = {
	.expected = "a number of seconds, at most 366 days",
	.min = 0,
	.max = 366 * 86400,
};
static const struct zpm_rule id_rule = { .expected = "a member's _id", .min = 0, .max = INT32_MAX };
static const struct zpm_rule time_rule = {
	.expected = "a whole number, 1 or more",
	.min = 1,
	.max = INT32_MAX,
};
/* -1 means: as long as it takes. */
static const struct zpm_rule catch_up_rule = {
	.expected = "a number of milliseconds, or -1",
	.min = -1,
	.max = INT32_MAX,
};
static const struct zpm_rule name_rule = {
	.expected = "the name of a replica set",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.max_len = 63,
};

#define AT(member) offsetof(struct zpm_set_member, member)

static const struct zpm_field member_fields[] = {
	{ .name = "host",
		.type = ZPM_T_STRING,
		.at = AT(host),
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &host_rule,
		.wire = "host",
		.help = "Where the others and clients reach it." },
	{ .name = "_id",
		.type = ZPM_T_INT,
		.at = AT(id),
		.flags = ZPM_HIDDEN | ZPM_AUTO,
		.rule = &id_rule,
		.wire = "_id" },
	{ .name = "arbiterOnly",
		.type = ZPM_T_BOOL,
		.at = AT(arbiter_only),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_AUTO,
		.wire = "arbiterOnly",
		.help = "It votes and bears no data." },
	{ .name = "buildIndexes",
		.type = ZPM_T_BOOL,
		.at = AT(build_indexes),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_AUTO,
		.wire = "buildIndexes",
		.help = "It has the indexes, which a member that may be primary needs." },
	{ .name = "hidden",
		.type = ZPM_T_BOOL,
		.at = AT(hidden),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.wire = "hidden",
		.help = "Clients do not see it; its priority is 0." },
	{ .name = "votes",
		.type = ZPM_T_INT,
		.at = AT(votes),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &votes_rule,
		.wire = "votes",
		.help = "1, or 0 for a member without a vote, whose priority is 0." },
	{ .name = "priority",
		.type = ZPM_T_DECIMAL,
		.at = AT(priority),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &priority_rule,
		.wire = "priority",
		.help = "The healthy member with the highest becomes primary; 0: never." },
	{ .name = "secondaryDelaySecs",
		.type = ZPM_T_INT,
		.at = AT(delay),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &delay_rule,
		.wire = "secondaryDelaySecs",
		.help = "How far it stays behind on purpose; its priority is 0 then." },
	{ .name = "tags",
		.type = ZPM_T_MAP,
		.at = AT(tags),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.wire = "tags",
		.help = "For read preferences and write concerns; live ones beside these are kept." },
	{ .name = "extra", .type = ZPM_T_STRING, .at = AT(extra), .flags = ZPM_HIDDEN | ZPM_AUTO },
	{ 0 },
};

const struct zpm_shape zpm_set_member_shape = {
	.name = "member",
	.help = "A member of a replica set.",
	.size = sizeof(struct zpm_set_member),
	.fields = member_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_set_settings, member)

static const struct zpm_field settings_fields[] = {
	{ .name = "electionTimeoutMillis",
		.type = ZPM_T_INT,
		.at = AT(election_timeout),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &time_rule,
		.wire = "electionTimeoutMillis",
		.help = "After how long without a primary the others elect one." },
	{ .name = "heartbeatIntervalMillis",
		.type = ZPM_T_INT,
		.at = AT(heartbeat_interval),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &time_rule,
		.wire = "heartbeatIntervalMillis",
		.help = "How often members ask after each other." },
	{ .name = "heartbeatTimeoutSecs",
		.type = ZPM_T_INT,
		.at = AT(heartbeat_timeout),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &time_rule,
		.wire = "heartbeatTimeoutSecs",
		.help = "After how long without an answer a member counts as down." },
	{ .name = "catchUpTimeoutMillis",
		.type = ZPM_T_INT,
		.at = AT(catch_up_timeout),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.rule = &catch_up_rule,
		.wire = "catchUpTimeoutMillis",
		.help = "How long a new primary fetches what others have and it has not; -1: as long as it "
			"takes." },
	{ .name = "chainingAllowed",
		.type = ZPM_T_BOOL,
		.at = AT(chaining_allowed),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_AUTO,
		.wire = "chainingAllowed",
		.help = "Secondaries may copy from each other." },
	{ .name = "extra", .type = ZPM_T_STRING, .at = AT(extra), .flags = ZPM_HIDDEN | ZPM_AUTO },
	{ 0 },
};

const struct zpm_shape zpm_set_settings_shape = {
	.name = "settings",
	.help = "What holds for all members of a replica set.",
	.size = sizeof(struct zpm_set_settings),
	.fields = settings_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_replica_set, member)

static const struct zpm_field set_fields[] = {
	{ .name = "replicaSet",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &name_rule,
		.wire = "_id",
		.help = "Its name." },
	{ .name = "configsvr",
		.type = ZPM_T_BOOL,
		.at = AT(configsvr),
		.cost = ZPM_COST_REPLACE,
		.flags = ZPM_HIDDEN | ZPM_AUTO,
		.wire = "configsvr" },
	{ .name = "settings",
		.type = ZPM_T_OBJECT,
		.at = AT(settings),
		.cost = ZPM_COST_IN_PLACE,
		.shape = &zpm_set_settings_shape,
		.wire = "settings",
		.help = "What holds for all members; what is not declared stays as it is." },
	{ .name = "members",
		.type = ZPM_T_OBJECTS,
		.at = AT(members),
		.cost = ZPM_COST_IN_PLACE,
		.flags = ZPM_LISTED,
		.shape = &zpm_set_member_shape,
		.wire = "members",
		.help = "Its members, told apart by host and port." },
	{ .name = "version", .type = ZPM_T_INT, .at = AT(version), .flags = ZPM_HIDDEN | ZPM_AUTO },
	{ .name = "term", .type = ZPM_T_INT, .at = AT(term), .flags = ZPM_HIDDEN | ZPM_AUTO },
	{ .name = "extra", .type = ZPM_T_STRING, .at = AT(extra), .flags = ZPM_HIDDEN | ZPM_AUTO },
	{ 0 },
};

const struct zpm_shape zpm_replica_set_shape = {
	.name = "replica set",
	.help = "A replica set of MongoDB.",
	.size = sizeof(struct zpm_replica_set),
	.fields = set_fields,
};

const char *const zpm_member_state_names[] = {
	[ZPM_MEMBER_DOWN] = "down",
	[ZPM_MEMBER_NONE] = "in no set",
	[ZPM_MEMBER_STARTUP] = "starting",
	[ZPM_MEMBER_STARTUP2] = "syncing",
	[ZPM_MEMBER_RECOVERING] = "recovering",
	[ZPM_MEMBER_ROLLBACK] = "rolling back",
	[ZPM_MEMBER_SECONDARY] = "secondary",
	[ZPM_MEMBER_PRIMARY] = "primary",
	[ZPM_MEMBER_ARBITER] = "arbiter",
	[ZPM_MEMBER_REMOVED] = "removed",
};

struct zpm_set_member *zpm_set_member_by_host(const struct zpm_replica_set *set, const char *host)
{
	for (size_t i = 0; i < set->members.n; i++) {
		struct zpm_set_member *member = set->members.v[i];

		if (!strcmp(member->host, host))
			return member;
	}
	return NULL;
}

struct zpm_set_member *zpm_set_member_by_id(const struct zpm_replica_set *set, int64_t id)
{
	for (size_t i = 0; id != ZPM_UNSET && i < set->members.n; i++) {
		struct zpm_set_member *member = set->members.v[i];

		if (member->id == id)
			return member;
	}
	return NULL;
}

static void fill(int64_t *number, int64_t value)
{
	if (*number == ZPM_UNSET)
		*number = value;
}

void zpm_set_member_fill(struct zpm_set_member *member)
{
	fill(&member->arbiter_only, 0);
	fill(&member->build_indexes, 1);
	fill(&member->hidden, 0);
	fill(&member->delay, 0);
	fill(&member->votes, 1);
	fill(&member->priority, zpm_set_member_may_lead(member) ? ZPM_PRIORITY_ONE : 0);
}

bool zpm_set_member_may_lead(const struct zpm_set_member *member)
{
	return member->arbiter_only <= 0 && member->build_indexes != 0 && member->hidden <= 0 &&
	       member->delay <= 0 && member->votes != 0;
}

bool zpm_set_member_is_electable(const struct zpm_set_member *member)
{
	return zpm_set_member_may_lead(member) && member->priority > 0;
}

struct zpm_member_view *zpm_member_view_by_host(const struct zpm_ptrs *views, const char *host)
{
	for (size_t i = 0; i < views->n; i++) {
		struct zpm_member_view *view = views->v[i];

		if (!strcmp(view->host, host))
			return view;
	}
	return NULL;
}
