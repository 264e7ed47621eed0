/* The field tables of `mongo`, its replica sets and its routers. */
#include "model/mongo.h"

#include "model/kind.h"
#include "model/replica_set.h"
#include "model/rules.h"
#include "model/service.h"

#include <stdlib.h>
#include <string.h>

#define PRIORITY_MAX INT64_C(1000000000000) /* 1000, in billionths */
#define DELAY_MAX    (366 * INT64_C(86400000000000))

#define HOST_PATTERN "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])"

static const struct zpm_rule host_rule = {
	.expected = "the name of a host, or its address without the port",
	.pattern = "^" HOST_PATTERN "$",
	.max_len = 255,
};
static const struct zpm_rule set_rule = {
	.expected =
		"a replica set's name: letters, digits, '.', '-' and '_', beginning with a letter or digit",
	.pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
	.max_len = ZPM_NAME_MAX,
};
static const struct zpm_rule votes_rule = { .expected = "0 or 1", .min = 0, .max = 1 };
static const struct zpm_rule priority_rule = {
	.expected = "a priority from 0 to 1000",
	.min = 0,
	.max = PRIORITY_MAX,
};
static const struct zpm_rule delay_rule = {
	.expected = "a time of at most 366 days",
	.min = 0,
	.max = DELAY_MAX,
};

/* "soar-a", "soar-a:27018", "[::1]:27018"; the pattern has been met. */
static int parse_place(
	const char *text, const char **host, int64_t *port, struct zpm_arena *arena, struct zpm_err *err)
{
	const char *colon = strrchr(text, ':');
	unsigned long number;

	if (!colon || text[strlen(text) - 1] == ']') {
		*host = zpm_arena_strdup(arena, text);
		return 0;
	}
	number = strtoul(colon + 1, NULL, 10);
	if (number < 1 || number > 65535)
		return zpm_err_set(err, ZPM_EINVALID, "port %s is not from 1 to 65535", colon + 1);
	*host = zpm_arena_strndup(arena, text, (size_t)(colon - text));
	*port = (int64_t)number;
	return 0;
}

static const char *format_place(const char *host, int64_t port, struct zpm_arena *arena)
{
	if (!host || port == ZPM_UNSET)
		return host;
	return zpm_arena_printf(arena, "%s:%lld", host, (long long)port);
}

#define PLACE_PATTERN "^" HOST_PATTERN "(:[0-9]{1,5})?$"

#define AT(member) offsetof(struct zpm_mongo_member, member)

static const struct zpm_field member_fields[] = {
	{ .name = "host",
		.type = ZPM_T_STRING,
		.at = AT(host),
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &host_rule,
		.help = "The host it is on; of one that is not managed, any name or address." },
	{ .name = "port",
		.type = ZPM_T_INT,
		.at = AT(port),
		.flags = ZPM_KEY,
		.rule = &zpm_rule_port,
		.help = "Where it listens; the set's port by itself." },
	{ .name = "managed",
		.type = ZPM_T_BOOL,
		.at = AT(managed),
		.help = "false: somebody else runs it, and only the set's configuration is reconciled." },
	{ .name = "arbiter", .type = ZPM_T_BOOL, .at = AT(arbiter), .help = "It votes and bears no data." },
	{ .name = "hidden",
		.type = ZPM_T_BOOL,
		.at = AT(hidden),
		.help = "Clients do not see it, and it never becomes primary." },
	{ .name = "votes",
		.type = ZPM_T_INT,
		.at = AT(votes),
		.rule = &votes_rule,
		.help = "1 by itself; 0 for a member without a vote, which never becomes primary." },
	{ .name = "priority",
		.type = ZPM_T_DECIMAL,
		.at = AT(priority),
		.rule = &priority_rule,
		.help = "The healthy member with the highest becomes primary; by itself what "
			"mongo.priorities "
			"says of its host's role." },
	{ .name = "delay",
		.type = ZPM_T_DURATION,
		.at = AT(delay),
		.rule = &delay_rule,
		.help = "How far it stays behind on purpose; it never becomes primary then." },
	{ .name = "tags",
		.type = ZPM_T_MAP,
		.at = AT(tags),
		.help = "For read preferences and write concerns." },
	{ 0 },
};

static int parse_member(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_mongo_member *member = object;

	return parse_place(text, &member->host, &member->port, arena, err);
}

static const char *format_member(const void *object, struct zpm_arena *arena)
{
	const struct zpm_mongo_member *member = object;

	return format_place(member->host, member->port, arena);
}

static const struct zpm_short member_brief = {
	.expected = "a member like 'soar-a' or 'soar-a:27018'",
	.pattern = PLACE_PATTERN,
	.parse = parse_member,
	.format = format_member,
};

static const struct zpm_shape member_shape = {
	.name = "mongoMember",
	.help = "A member of a replica set.",
	.size = sizeof(struct zpm_mongo_member),
	.fields = member_fields,
	.brief = &member_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_set, member)

/* A shard is a set with a name. */
#define SET_ROWS                                                                                             \
	{ .name = "replicaSet",                                                                              \
		.type = ZPM_T_STRING,                                                                        \
		.at = AT(replica_set),                                                                       \
		.flags = ZPM_REQUIRED,                                                                       \
		.rule = &set_rule,                                                                           \
		.help = "The replica set's name." },                                                         \
		{ .name = "port",                                                                            \
			.type = ZPM_T_INT,                                                                   \
			.at = AT(port),                                                                      \
			.rule = &zpm_rule_port,                                                              \
			.help = "Where members listen that do not say otherwise." },                         \
		{ .name = "managed",                                                                         \
			.type = ZPM_T_BOOL,                                                                  \
			.at = AT(managed),                                                                   \
			.value = "true",                                                                     \
			.help = "false: somebody else runs its members." },                                  \
		{ .name = "members",                                                                         \
			.type = ZPM_T_OBJECTS,                                                               \
			.at = AT(members),                                                                   \
			.flags = ZPM_REQUIRED | ZPM_LISTED,                                                  \
			.shape = &member_shape,                                                              \
			.help = "Its members." },                                                            \
		{ .name = "settings",                                                                        \
			.type = ZPM_T_OBJECT,                                                                \
			.at = AT(settings),                                                                  \
			.shape = &zpm_set_settings_shape,                                                    \
			.help = "What holds for all members; what is left out stays as it is." },            \
	{                                                                                                    \
		.name = "args", .type = ZPM_T_LIST, .at = AT(args), .flags = ZPM_WORDS,                      \
		.help = "More arguments of its mongod; others see them."                                     \
	}

static const struct zpm_field set_fields[] = {
	SET_ROWS,
	{ 0 },
};

const struct zpm_shape zpm_mongo_set_shape = {
	.name = "mongoSet",
	.help = "A replica set.",
	.size = sizeof(struct zpm_mongo_set),
	.fields = set_fields,
};

static const struct zpm_field shard_fields[] = {
	{ .name = "name",
		.type = ZPM_T_STRING,
		.at = AT(name),
		.flags = ZPM_KEY | ZPM_HIDDEN,
		.rule = &set_rule },
	SET_ROWS,
	{ 0 },
};

const struct zpm_shape zpm_mongo_shard_shape = {
	.name = "mongoShard",
	.help = "A replica set that is a shard.",
	.size = sizeof(struct zpm_mongo_set),
	.fields = shard_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_router, member)

static const struct zpm_field router_fields[] = {
	{ .name = "host",
		.type = ZPM_T_STRING,
		.at = AT(host),
		.flags = ZPM_REQUIRED | ZPM_KEY,
		.rule = &host_rule,
		.help = "The host it is on; of one that is not managed, any name or address." },
	{ .name = "port",
		.type = ZPM_T_INT,
		.at = AT(port),
		.flags = ZPM_KEY,
		.rule = &zpm_rule_port,
		.help = "Where it listens; routers.port by itself." },
	{ .name = "managed", .type = ZPM_T_BOOL, .at = AT(managed), .help = "false: somebody else runs it." },
	{ 0 },
};

static int parse_router(const char *text, void *object, struct zpm_arena *arena, struct zpm_err *err)
{
	struct zpm_mongo_router *router = object;

	return parse_place(text, &router->host, &router->port, arena, err);
}

static const char *format_router(const void *object, struct zpm_arena *arena)
{
	const struct zpm_mongo_router *router = object;

	return format_place(router->host, router->port, arena);
}

static const struct zpm_short router_brief = {
	.expected = "a router like 'soar-a' or 'soar-a:27018'",
	.pattern = PLACE_PATTERN,
	.parse = parse_router,
	.format = format_router,
};

static const struct zpm_shape router_shape = {
	.name = "mongoRouter",
	.help = "A mongos.",
	.size = sizeof(struct zpm_mongo_router),
	.fields = router_fields,
	.brief = &router_brief,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo_routers, member)

static const struct zpm_field routers_fields[] = {
	{ .name = "port",
		.type = ZPM_T_INT,
		.at = AT(port),
		.rule = &zpm_rule_port,
		.help = "Where those listen that do not say otherwise." },
	{ .name = "managed",
		.type = ZPM_T_BOOL,
		.at = AT(managed),
		.value = "true",
		.help = "false: somebody else runs them." },
	{ .name = "hosts",
		.type = ZPM_T_OBJECTS,
		.at = AT(hosts),
		.flags = ZPM_REQUIRED | ZPM_LISTED,
		.shape = &router_shape,
		.help = "The hosts they are on." },
	{ .name = "args",
		.type = ZPM_T_LIST,
		.at = AT(args),
		.flags = ZPM_WORDS,
		.help = "More arguments of mongos; others see them." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_routers_shape = {
	.name = "mongoRouters",
	.help = "The mongos in front of the shards.",
	.size = sizeof(struct zpm_mongo_routers),
	.fields = routers_fields,
};

#undef AT
#define AT(member) offsetof(struct zpm_mongo, member)

static const struct zpm_rule uid_rule = { .expected = "a user's number", .min = 0, .max = INT32_MAX };

static const struct zpm_field fields[] = {
	{ .name = "image",
		.type = ZPM_T_STRING,
		.at = AT(image),
		.rule = &zpm_rule_image,
		.help = "The image with mongod and mongos; release.registry and release.tag complete it." },
	{ .name = "uid",
		.type = ZPM_T_INT,
		.at = AT(uid),
		.value = "999",
		.rule = &uid_rule,
		.help = "The user that the image runs them as, whom the key file belongs to." },
	{ .name = "auth",
		.type = ZPM_T_OBJECT,
		.at = AT(auth),
		.shape = &zpm_mongo_auth_shape,
		.help = "How members and zpm prove who they are." },
	{ .name = "tls",
		.type = ZPM_T_OBJECT,
		.at = AT(tls),
		.shape = &zpm_mongo_tls_shape,
		.help = "Talk TLS to members and routers, and have them do so." },
	{ .name = "timeouts",
		.type = ZPM_T_OBJECT,
		.at = AT(timeouts),
		.shape = &zpm_mongo_timeouts_shape,
		.help = "How long zpm waits for them." },
	{ .name = "priorities",
		.type = ZPM_T_OBJECT,
		.at = AT(priorities),
		.shape = &zpm_mongo_priorities_shape,
		.help = "The priority of members by the role of their host." },
	{ .name = "metaDB",
		.type = ZPM_T_OBJECT,
		.at = AT(meta_db),
		.shape = &zpm_mongo_set_shape,
		.help = "The replica set of the platform's own data." },
	{ .name = "configServers",
		.type = ZPM_T_OBJECT,
		.at = AT(config_servers),
		.shape = &zpm_mongo_set_shape,
		.help = "The replica set that knows where the shards' data are." },
	{ .name = "shards",
		.type = ZPM_T_OBJECTS,
		.at = AT(shards),
		.flags = ZPM_NAMED,
		.shape = &zpm_mongo_shard_shape,
		.help = "The shards by name." },
	{ .name = "routers",
		.type = ZPM_T_OBJECT,
		.at = AT(routers),
		.shape = &zpm_mongo_routers_shape,
		.help = "The mongos in front of the shards." },
	{ .name = "serverInfo",
		.type = ZPM_T_OBJECT,
		.at = AT(server_info),
		.shape = &zpm_mongo_server_info_shape,
		.help = "Where the hosts, their roles and states are written down in metaDB." },
	{ .name = "service",
		.type = ZPM_T_OBJECT,
		.at = AT(service),
		.shape = &zpm_defaults_shape,
		.help = "What the services of the section have beside what it says of them." },
	{ 0 },
};

const struct zpm_shape zpm_mongo_shape = {
	.name = "mongo",
	.help = "MongoDB: replica sets, shards and routers on the platform's hosts.",
	.size = sizeof(struct zpm_mongo),
	.fields = fields,
};
