/* One replica set: what a server would refuse of its members, and what it could not live with for long. */
#include "model/check_parts.h"

#include <string.h>

#define MEMBERS_MAX 50
#define VOTERS_MAX  7

/* One member in its set. */
struct looked_at {
	enum zpm_mongo_role role;
	const struct zpm_mongo_member *member;
	const char *path;
};

static const char *below(const struct zpm_checker *c, const struct looked_at *at, const char *field)
{
	return zpm_arena_printf(c->arena, "%s.%s", at->path, field);
}

static void check_priority(struct zpm_checker *c, const struct looked_at *at)
{
	const struct zpm_mongo_member *member = at->member;
	const char *why = NULL;

	if (member->arbiter == 1)
		why = "an arbiter";
	else if (member->hidden == 1)
		why = "a hidden member";
	else if (member->delay > 0)
		why = "a delayed member";
	else if (member->votes == 0)
		why = "a member without a vote";
	if (why && member->priority > 0)
		zpm_find(c, below(c, at, "priority"), "%s never becomes primary; its priority is 0", why);
}

static void check_arbiter(struct zpm_checker *c, const struct looked_at *at)
{
	const struct zpm_mongo_member *member = at->member;

	if (member->arbiter != 1)
		return;
	if (at->role == ZPM_MONGO_CONFIG)
		zpm_find(c, below(c, at, "arbiter"), "config servers cannot have an arbiter");
	if (member->votes == 0)
		zpm_find(c, below(c, at, "votes"), "an arbiter is there to vote; leave votes out");
	if (member->hidden == 1)
		zpm_find(c, below(c, at, "hidden"), "an arbiter bears no data that could be hidden");
	if (member->delay > 0)
		zpm_find(c, below(c, at, "delay"), "an arbiter bears no data that could be late");
	if (member->tags.n)
		zpm_find(c, below(c, at, "tags"), "an arbiter bears no data, so that tags mean nothing");
}

/* https://www.mongodb.com/docs/manual/reference/replica-configuration/: all of them or none */
static void check_local(struct zpm_checker *c, const struct zpm_mongo_set *set, const char *path)
{
	const struct zpm_mongo_process *local = NULL, *other = NULL;

	for (size_t i = 0; i < c->processes.n; i++) {
		const struct zpm_mongo_process *process = c->processes.v[i];

		if (process->set != set)
			continue;
		if (zpm_address_is_local(process->address))
			local = process;
		else
			other = process;
	}
	if (local && other)
		zpm_find(c, zpm_arena_printf(c->arena, "%s.members", path),
			"%s is an address that means itself to every member, and %s is not; a set has all of "
			"one "
			"sort",
			local->address, other->address);
}

/* May any member become primary, whatever the state of its host? One that could not be read may. */
static bool is_electable(const struct zpm_checker *c, const struct zpm_mongo_set *set)
{
	const struct zpm_mongo *mongo = c->platform->mongo;
	size_t n = 0;

	for (size_t i = 0; i < c->processes.n; i++) {
		const struct zpm_mongo_process *process = c->processes.v[i];
		int64_t priority;

		if (process->set != set)
			continue;
		n++;
		priority = process->member->priority != ZPM_UNSET
				   ? process->member->priority
				   : zpm_mongo_role_priority(mongo, process->host);
		if (zpm_mongo_member_may_lead(process->member) && priority != 0)
			return true;
	}
	return n < set->members.n;
}

static void check_numbers(struct zpm_checker *c, const struct zpm_mongo_set *set, const char *path)
{
	const char *members = zpm_arena_printf(c->arena, "%s.members", path);
	size_t voters = 0;

	for (size_t i = 0; i < set->members.n; i++)
		voters += ((const struct zpm_mongo_member *)set->members.v[i])->votes != 0;
	if (!set->members.n)
		zpm_find(c, members, "a replica set has one member at least");
	else if (set->members.n > MEMBERS_MAX)
		zpm_find(c, members, "has %zu members; a replica set has at most %d", set->members.n,
			MEMBERS_MAX);
	else if (voters > VOTERS_MAX)
		zpm_find(c, members,
			"has %zu members that vote; a replica set has at most %d, the others need 'votes: 0'",
			voters, VOTERS_MAX);
	else if (!is_electable(c, set))
		zpm_find(c, members, "none of the members may become primary");
	else if (voters % 2 == 0)
		zpm_find_unwise(c, members,
			"%zu members vote, and the set can lose no more of them than one of %zu could",
			voters, voters - 1);
}

void zpm_check_mongo_set(
	struct zpm_checker *c, enum zpm_mongo_role role, const struct zpm_mongo_set *set, const char *path)
{
	check_numbers(c, set, path);
	check_local(c, set, path);
	for (size_t i = 0; i < set->members.n; i++) {
		const struct looked_at at = { role, set->members.v[i],
			zpm_arena_printf(c->arena, "%s.members[%zu]", path, i) };

		check_priority(c, &at);
		check_arbiter(c, &at);
		if (role == ZPM_MONGO_CONFIG && at.member->delay > 0)
			zpm_find(c, below(c, &at, "delay"), "config servers cannot be delayed");
	}
}
