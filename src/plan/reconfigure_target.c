/*
 * What is to become of a live set: what is declared, and beside it what a live
 * member has that nobody declared. Then whether that can be at all.
 */
#include "plan/reconfigurer.h"

#include "base/text.h"
#include "model/host.h"
#include "model/shape.h"

#include <inttypes.h>
#include <string.h>

/* The server refuses another arbiterOnly or buildIndexes for a member for as long as it is one. */
static bool is_same_kind(const struct zpm_set_member *declared, const struct zpm_set_member *live)
{
	return (declared->arbiter_only == ZPM_UNSET || declared->arbiter_only == live->arbiter_only) &&
	       (declared->build_indexes == ZPM_UNSET || declared->build_indexes == live->build_indexes);
}

/* The live member behind a declared one: of its host, or of the name it calls itself by. */
static const struct zpm_set_member *live_of(
	const struct zpm_reconfigurer *r, const struct zpm_set_member *declared)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->views, declared->host);
	const struct zpm_set_member *live;

	if (!r->config)
		return NULL;
	live = zpm_set_member_by_host(r->config, declared->host);
	if (!live && view && view->me && !zpm_set_member_by_host(r->declared, view->me))
		live = zpm_set_member_by_host(r->config, view->me);
	return live && is_same_kind(declared, live) ? live : NULL;
}

/* Something nobody declared keeps the member from leading: somebody has set it apart. */
static bool is_set_apart(const struct zpm_set_member *declared, const struct zpm_set_member *live)
{
	return (declared->hidden == ZPM_UNSET && live->hidden) ||
	       (declared->delay == ZPM_UNSET && live->delay > 0) ||
	       (declared->build_indexes == ZPM_UNSET && !live->build_indexes);
}

static struct zpm_set_member *target_member(
	const struct zpm_reconfigurer *r, const struct zpm_set_member *declared)
{
	const struct zpm_set_member *live = live_of(r, declared);
	struct zpm_set_member *member = zpm_shape_copy(&zpm_set_member_shape, declared, r->arena);

	member->id = ZPM_UNSET;
	if (live) {
		struct zpm_set_member kept = *live;

		/* No votes and no priority are also what a new member begins with. */
		if (!live->votes && !is_set_apart(declared, live))
			kept.votes = ZPM_UNSET;
		if (!live->priority || !zpm_set_member_may_lead(declared))
			kept.priority = ZPM_UNSET;
		zpm_shape_merge(&zpm_set_member_shape, member, &kept, r->arena);
	}
	zpm_set_member_fill(member);
	return member;
}

const struct zpm_replica_set *zpm_reconfigure_target(const struct zpm_reconfigurer *r)
{
	struct zpm_replica_set *target = zpm_shape_copy(&zpm_replica_set_shape, r->declared, r->arena);

	target->members = (struct zpm_ptrs){ 0 };
	for (size_t i = 0; i < r->declared->members.n; i++)
		zpm_ptrs_push(r->arena, &target->members, target_member(r, r->declared->members.v[i]));
	if (r->config) {
		struct zpm_replica_set rest = *r->config;

		rest.members = (struct zpm_ptrs){ 0 };
		zpm_shape_merge(&zpm_replica_set_shape, target, &rest, r->arena);
	}
	if (target->configsvr == ZPM_UNSET)
		target->configsvr = 0;
	return target;
}

static void refuse(
	struct zpm_reconfigurer *r, enum zpm_reconfigure_reason reason, const char *host, const char *text)
{
	zpm_reconfigure_trouble(r, reason, host, text);
}

static const char *wrong_fields(const struct zpm_replica_set *set, const struct zpm_set_member *member)
{
	if (member->votes != 0 && member->votes != 1)
		return "a member has 0 or 1 votes";
	if (member->priority < 0 || member->priority > ZPM_PRIORITY_MAX)
		return "a priority is from 0 to 1000";
	if (member->delay < 0)
		return "secondaryDelaySecs is 0 or more";
	if (member->arbiter_only && !member->votes)
		return "an arbiter has to have a vote";
	if (member->arbiter_only && member->tags.n)
		return "an arbiter cannot have tags";
	if (set->configsvr && (member->arbiter_only || !member->build_indexes || member->delay))
		return "a config server is no arbiter, has all indexes and no delay";
	if (!member->priority || zpm_set_member_may_lead(member))
		return NULL;
	if (member->arbiter_only)
		return "the priority of an arbiter is 0";
	if (member->hidden)
		return "the priority of a hidden member is 0: declare that, or hidden: false";
	if (member->delay)
		return "the priority of a delayed member is 0: declare that, or secondaryDelaySecs: 0";
	if (!member->build_indexes)
		return "the priority of a member without indexes is 0: declare that";
	return "the priority of a member without a vote is 0: declare that, or votes: 1";
}

static void check_members(struct zpm_reconfigurer *r)
{
	const struct zpm_replica_set *target = r->target;
	size_t local = 0;

	for (size_t i = 0; i < target->members.n; i++) {
		const struct zpm_set_member *member = target->members.v[i];
		const char *wrong = wrong_fields(target, member);

		if (zpm_set_member_by_host(target, member->host) != member)
			refuse(r, ZPM_REFUSE_DUPLICATE, member->host, "the host is declared twice");
		else if (wrong)
			refuse(r, ZPM_REFUSE_MEMBER, member->host, wrong);
		local += zpm_address_is_local(member->host);
	}
	if (local && local < target->members.n)
		refuse(r, ZPM_REFUSE_MEMBER, NULL, "either all hosts of a set are localhost, or none is");
}

static void check_counts(struct zpm_reconfigurer *r)
{
	const struct zpm_replica_set *target = r->target;
	size_t voters = zpm_set_voters(target), electable = 0;

	for (size_t i = 0; i < target->members.n; i++)
		electable += zpm_set_member_is_electable(target->members.v[i]);
	if (target->members.n > ZPM_SET_MEMBERS_MAX)
		refuse(r, ZPM_REFUSE_MEMBERS, NULL,
			zpm_arena_printf(r->arena, "a set has at most %d members, and this one %zu",
				ZPM_SET_MEMBERS_MAX, target->members.n));
	if (voters > ZPM_SET_VOTERS_MAX)
		refuse(r, ZPM_REFUSE_VOTERS, NULL,
			zpm_arena_printf(r->arena,
				"a set has at most %d voters, and this one %zu: declare votes: 0 for others",
				ZPM_SET_VOTERS_MAX, voters));
	if (!electable)
		refuse(r, ZPM_REFUSE_UNELECTABLE, NULL, "no member has a vote and a priority above 0");
}

static void check_identity(struct zpm_reconfigurer *r)
{
	const struct zpm_replica_set *live = r->config, *target = r->target;

	if (!live)
		return;
	if (strcmp(live->name, target->name) != 0)
		refuse(r, ZPM_REFUSE_IDENTITY, NULL,
			zpm_arena_printf(r->arena, "the set is named '%s', which cannot be changed to '%s'",
				live->name, target->name));
	if ((live->configsvr == 1) != (target->configsvr == 1))
		refuse(r, ZPM_REFUSE_IDENTITY, NULL,
			live->configsvr == 1 ? "the set is one of config servers, and cannot become another"
					     : "the set is none of config servers, and cannot become one");
}

void zpm_reconfigure_check(struct zpm_reconfigurer *r)
{
	check_identity(r);
	check_members(r);
	check_counts(r);
}
