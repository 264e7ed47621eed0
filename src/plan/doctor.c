#include "plan/doctor.h"

#include "base/clock.h"
#include "base/text.h"
#include "model/mongo_object.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Between clocks. From the second on, certificates and the times of elections stop making sense. */
#define CLOCKS_APART ZPM_S
#define CLOCKS_WRONG (30 * ZPM_S)

const char *const zpm_level_names[] = {
	[ZPM_LEVEL_OK] = "ok",
	[ZPM_LEVEL_WARN] = "warn",
	[ZPM_LEVEL_FAIL] = "fail",
};

struct judging {
	const struct zpm_platform *platform;
	const struct zpm_objects *desired;
	const struct zpm_facts *facts;
	struct zpm_arena *arena;
	struct zpm_ptrs *findings;
	const char *check;
};

static void ZPM_PRINTF(4, 5)
	find(struct judging *j, enum zpm_level level, const char *mend, const char *fmt, ...)
{
	struct zpm_finding *finding = zpm_arena_alloc(j->arena, sizeof(*finding));
	va_list args;

	va_start(args, fmt);
	finding->level = level;
	finding->check = j->check;
	finding->mend = mend;
	finding->text = zpm_arena_vprintf(j->arena, fmt, args);
	va_end(args);
	zpm_ptrs_push(j->arena, j->findings, finding);
}

static const struct zpm_peer *peer_named(const struct zpm_ptrs *peers, const char *name)
{
	for (size_t i = 0; i < peers->n; i++) {
		const struct zpm_peer *peer = peers->v[i];

		if (!strcmp(peer->name, name))
			return peer;
	}
	return NULL;
}

/* Engines that answer. Says what they are when all do. */
static const char *check_engine(struct judging *j)
{
	const struct zpm_ptrs *engines = &j->facts->engines;

	for (size_t i = 0; i < engines->n; i++) {
		const struct zpm_peer *engine = engines->v[i];

		if (engine->trouble)
			find(j, ZPM_LEVEL_FAIL, NULL, "%s: %s", engine->name, engine->trouble);
	}
	return engines->n && ((const struct zpm_peer *)engines->v[0])->version
		       ? zpm_arena_printf(j->arena, "Docker Engine %s",
				 ((const struct zpm_peer *)engines->v[0])->version)
		       : NULL;
}

static void check_managers(struct judging *j, size_t managers, size_t reachable)
{
	if (managers && reachable <= managers / 2)
		find(j, ZPM_LEVEL_FAIL, "bring managers back",
			"%zu of %zu managers can be reached: no majority", reachable, managers);
	else if (managers == 1 && j->facts->nodes.n > 1)
		find(j, ZPM_LEVEL_WARN, "docker node promote two more",
			"there is one manager: without it nothing can be changed");
	else if (managers && managers % 2 == 0)
		find(j, ZPM_LEVEL_WARN, "docker node promote or demote one",
			"%zu managers can lose no more of them than %zu could", managers, managers - 1);
}

static const char *check_swarm(struct judging *j)
{
	const struct zpm_ptrs *nodes = &j->facts->nodes;
	size_t managers = 0, reachable = 0;
	const char *version = NULL;

	for (size_t i = 0; i < nodes->n; i++) {
		const struct zpm_node_fact *node = nodes->v[i];

		managers += node->manager;
		reachable += node->manager && node->reachable;
		if (node->trouble)
			find(j, ZPM_LEVEL_FAIL, "docker node ls; is dockerd running there?", "%s: %s",
				node->name, node->trouble);
		if (version && node->version && strcmp(version, node->version) != 0)
			find(j, ZPM_LEVEL_WARN, "finish the upgrade", "%s runs Engine %s, and others %s",
				node->name, node->version, version);
		else if (node->version)
			version = node->version;
	}
	check_managers(j, managers, reachable);
	return nodes->n ? zpm_arena_printf(j->arena, "%zu node%s, %zu of them manager%s", nodes->n,
				  nodes->n == 1 ? "" : "s", managers, managers == 1 ? "" : "s")
			: NULL;
}

static size_t compare_clocks(struct judging *j, const struct zpm_ptrs *peers)
{
	size_t told = 0;

	for (size_t i = 0; i < peers->n; i++) {
		const struct zpm_peer *peer = peers->v[i];
		int64_t apart = peer->ahead < 0 ? -peer->ahead : peer->ahead;

		told += peer->has_clock;
		if (peer->has_clock && apart >= CLOCKS_APART)
			find(j, apart >= CLOCKS_WRONG ? ZPM_LEVEL_FAIL : ZPM_LEVEL_WARN,
				"have NTP set the clocks of both machines", "%s is %.1f s %s this machine",
				peer->name, (double)apart / ZPM_S, peer->ahead < 0 ? "behind" : "ahead of");
	}
	return told;
}

static const char *check_clocks(struct judging *j)
{
	size_t told = compare_clocks(j, &j->facts->engines) + compare_clocks(j, &j->facts->servers);

	return told ? zpm_arena_printf(
			      j->arena, "%zu agree%s with this machine's", told, told == 1 ? "s" : "")
		    : NULL;
}

static const char *check_files(struct judging *j)
{
	const struct zpm_ptrs *files = &j->facts->files;

	for (size_t i = 0; i < files->n; i++) {
		const struct zpm_file_fact *file = files->v[i];

		if (file->mode & 077)
			find(j, ZPM_LEVEL_WARN, zpm_arena_printf(j->arena, "chmod 600 %s", file->path),
				"others can read %s (%03o)", file->path, file->mode & 0777);
	}
	return files->n ? zpm_arena_printf(j->arena, "%zu read by nobody else", files->n) : NULL;
}

static const char *check_servers(struct judging *j)
{
	const struct zpm_ptrs *servers = &j->facts->servers;

	for (size_t i = 0; i < servers->n; i++) {
		const struct zpm_peer *server = servers->v[i];

		if (server->trouble)
			find(j, ZPM_LEVEL_FAIL, NULL, "%s", server->trouble);
	}
	return servers->n ? zpm_arena_printf(j->arena, "%zu answer%s", servers->n, servers->n == 1 ? "s" : "")
			  : NULL;
}

/* Calls `each` for every declared set; how many there are. */
static size_t each_set(
	struct judging *j, void (*each)(struct judging *, const struct zpm_desired_set *, const char *name))
{
	size_t n = 0;

	for (size_t i = 0; i < j->desired->list.n; i++) {
		const struct zpm_object *object = j->desired->list.v[i];

		if (!object->set)
			continue;
		each(j, object->set, object->name);
		n++;
	}
	return n;
}

static void compare_versions(struct judging *j, const struct zpm_desired_set *set, const char *name)
{
	const struct zpm_peer *first = NULL;

	for (size_t i = 0; i < set->config->members.n; i++) {
		const struct zpm_peer *server = peer_named(
			&j->facts->servers, ((const struct zpm_set_member *)set->config->members.v[i])->host);

		if (!server || !server->version)
			continue;
		if (first && strcmp(first->version, server->version) != 0)
			find(j, ZPM_LEVEL_WARN, "finish the upgrade", "%s: %s runs %s, and %s %s", name,
				server->name, server->version, first->name, first->version);
		else
			first = server;
	}
}

static const char *check_versions(struct judging *j)
{
	size_t told = 0;

	for (size_t i = 0; i < j->facts->servers.n; i++)
		told += ((const struct zpm_peer *)j->facts->servers.v[i])->version != NULL;
	return each_set(j, compare_versions) && told ? "each set's members run the same" : NULL;
}

static void count_votes(struct judging *j, const struct zpm_desired_set *set, const char *name)
{
	size_t voters = 0;

	for (size_t i = 0; i < set->config->members.n; i++)
		voters += ((const struct zpm_set_member *)set->config->members.v[i])->votes != 0;
	if (voters && voters % 2 == 0)
		find(j, ZPM_LEVEL_WARN, "take a vote away, or add a member",
			"%s: %zu members vote, and can lose no more of them than %zu could", name, voters,
			voters - 1);
}

static const char *check_votes(struct judging *j)
{
	return each_set(j, count_votes) ? "odd in each set" : NULL;
}

static void look_at_places(struct judging *j, const struct zpm_desired_set *set, const char *name)
{
	const char *place = NULL;

	for (size_t i = 0; i < set->members.n; i++) {
		const struct zpm_mongo_process *process = set->members.v[i];

		if (place && strcmp(place, process->host_name) != 0)
			return;
		place = process->host_name;
	}
	if (set->members.n > 1)
		find(j, ZPM_LEVEL_WARN, "spread them over hosts", "%s: all members are on %s, and go with it",
			name, place);
}

static const char *check_places(struct judging *j)
{
	return each_set(j, look_at_places) ? "no set is on one host alone" : NULL;
}

/* A set keeps its members' addresses for good; a name can move, and a certificate can hold it. */
static void look_at_addresses(struct judging *j, const struct zpm_desired_set *set, const char *name)
{
	for (size_t i = 0; i < set->config->members.n; i++) {
		const char *host = ((const struct zpm_set_member *)set->config->members.v[i])->host;
		const char *bare = zpm_arena_strndup(j->arena, host, strcspn(host, ":"));
		struct in_addr ignored;

		if (host[0] == '[' || inet_pton(AF_INET, bare, &ignored) == 1)
			find(j, ZPM_LEVEL_WARN, "give its host a name as `address`",
				"%s: %s is a bare address: it cannot move, and 5.0 starts to mind", name,
				host);
	}
}

static const char *check_addresses(struct judging *j)
{
	return each_set(j, look_at_addresses) ? "all are names" : NULL;
}

static const char *check_access(struct judging *j)
{
	const struct zpm_mongo *mongo = j->platform->mongo;

	if (!mongo)
		return NULL;
	if (!mongo->auth || (!mongo->auth->key_file && !mongo->auth->username)) {
		find(j, ZPM_LEVEL_WARN, "declare mongo.auth.keyFile",
			"nobody is asked for a password: whoever reaches a member may do anything");
		return NULL;
	}
	return mongo->tls ? "by password, over TLS" : "by password";
}

/* Each says what is well, or NULL: there is nothing to say. */
static const struct {
	const char *name;
	const char *(*run)(struct judging *j);
} checks[] = {
	{ "engine", check_engine },
	{ "swarm", check_swarm },
	{ "clocks", check_clocks },
	{ "files", check_files },
	{ "mongo-servers", check_servers },
	{ "mongo-versions", check_versions },
	{ "mongo-votes", check_votes },
	{ "mongo-places", check_places },
	{ "mongo-addresses", check_addresses },
	{ "mongo-access", check_access },
};

void zpm_doctor_judge(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_facts *facts, struct zpm_arena *arena, struct zpm_ptrs *findings)
{
	struct judging j = { platform, desired, facts, arena, findings, NULL };

	for (size_t i = 0; i < ZPM_COUNT(checks); i++) {
		size_t before = findings->n;
		const char *well;

		j.check = checks[i].name;
		well = checks[i].run(&j);
		if (well && findings->n == before)
			find(&j, ZPM_LEVEL_OK, NULL, "%s", well);
	}
}
