/*
 * The next configuration: the live one with all the changes that the server
 * takes at once, and the one vote that may change with them.
 */
#include "plan/reconfigurer.h"

#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

static struct zpm_replica_set *copy_of(const struct zpm_reconfigurer *r)
{
	struct zpm_replica_set *next = zpm_shape_copy(&zpm_replica_set_shape, r->config, r->arena);

	next->version = r->config->version + 1;
	return next;
}

static bool is_primary(const struct zpm_reconfigurer *r, const struct zpm_set_member *member)
{
	return member->id == r->primary->id;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t highest_id(const struct zpm_replica_set *set, int64_t id)
{
	for (size_t i = 0; set && i < set->members.n; i++) {
		const struct zpm_set_member *member = set->members.v[i];

		if (member->id > id)
			id = member->id;
	}
	return id;
}

/* Nor that of a member that leaves in the same step: it would be that member, renamed. */
static int64_t next_id(const struct zpm_reconfigurer *r, const struct zpm_replica_set *next)
{
	int64_t id = highest_id(next, highest_id(r->config, -1)) + 1;

	if (id <= ZPM_SET_ID_MAX)
		return id;
	for (id = 0; zpm_set_member_by_id(next, id) || zpm_set_member_by_id(r->config, id);)
		id++;
	return id;
}

/* Nobody is to be elected but the primary that is there. */
static bool is_settled(const struct zpm_reconfigurer *r)
{
	return !r->successor || r->successor->id == r->primary->id;
}

/* What the next primary has, and so no other that is up may exceed. */
static int64_t highest_priority(const struct zpm_reconfigurer *r)
{
	return r->successor ? r->successor->priority : r->primary->priority;
}

/* What is changed without a thought of who leads. */
static void change_plain(const struct zpm_reconfigurer *r, struct zpm_set_member *member)
{
	const struct zpm_set_member *want = zpm_set_member_by_id(r->target, member->id);

	if (!want)
		return;
	member->tags = want->tags;
	if (is_primary(r, member) && !zpm_set_member_is_electable(want))
		return;
	member->hidden = want->hidden;
	member->delay = want->delay;
	if (member->hidden || member->delay)
		member->priority = 0;
}

/*
 * The primary has to stay electable for as long as it is the primary, and a member
 * that has to go anyway for as long as its place may not be taken yet: but neither
 * above the next primary, which they would replace.
 */
static void change_priority(const struct zpm_reconfigurer *r, struct zpm_set_member *member)
{
	const struct zpm_set_member *want = zpm_set_member_by_id(r->target, member->id);

	if (!member->votes || member->hidden || member->delay)
		return;
	if (is_primary(r, member) ? want && zpm_set_member_is_electable(want) : !!want)
		member->priority = want->priority;
	else
		member->priority = least(member->priority, highest_priority(r));
}

static void remove_at(struct zpm_ptrs *members, size_t i)
{
	memmove(&members->v[i], &members->v[i + 1], (members->n - i - 1) * sizeof(*members->v));
	members->n--;
}

/* Without a vote they can go at any time. */
static void remove_members(const struct zpm_reconfigurer *r, struct zpm_replica_set *next)
{
	for (size_t i = next->members.n; i--;) {
		const struct zpm_set_member *member = next->members.v[i];

		if (!member->votes && !zpm_set_member_by_id(r->target, member->id))
			remove_at(&next->members, i);
	}
}

static struct zpm_set_member *add_member(
	const struct zpm_reconfigurer *r, struct zpm_replica_set *next, const struct zpm_set_member *want)
{
	struct zpm_set_member *member = zpm_shape_copy(&zpm_set_member_shape, want, r->arena);

	member->id = next_id(r, next);
	zpm_ptrs_push(r->arena, &next->members, member);
	return member;
}

static bool is_to_be_added(const struct zpm_reconfigurer *r, const struct zpm_replica_set *next,
	const struct zpm_set_member *want, bool arbiter)
{
	return want->id == ZPM_UNSET && want->arbiter_only == arbiter &&
	       next->members.n < ZPM_SET_MEMBERS_MAX && zpm_member_can_join(r, want->host) &&
	       !zpm_set_member_by_host(r->config, want->host);
}

static void add_members(const struct zpm_reconfigurer *r, struct zpm_replica_set *next)
{
	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *want = r->target->members.v[i];

		if (is_to_be_added(r, next, want, false)) {
			struct zpm_set_member *member = add_member(r, next, want);

			member->votes = 0;
			member->priority = 0;
		}
	}
}

/* An arbiter cannot stay without a vote. */
static void take_vote(struct zpm_replica_set *next, size_t i)
{
	struct zpm_set_member *member = next->members.v[i];

	if (member->arbiter_only)
		remove_at(&next->members, i);
	member->votes = 0;
	member->priority = 0;
}

static bool take_first_vote(const struct zpm_reconfigurer *r, struct zpm_replica_set *next, bool up)
{
	for (size_t i = 0; i < next->members.n; i++) {
		const struct zpm_set_member *member = next->members.v[i];

		if (zpm_member_is_up(r, member->host) == up && zpm_member_can_leave(r, next, member)) {
			take_vote(next, i);
			return true;
		}
	}
	return false;
}

static bool can_get_vote_now(const struct zpm_reconfigurer *r, const struct zpm_replica_set *next,
	const struct zpm_set_member *want)
{
	const struct zpm_set_member *live = zpm_set_member_by_id(r->config, want->id);

	if (!live)
		return is_to_be_added(r, next, want, true);
	return want->votes && !live->votes && zpm_member_is_ready(r, live->host);
}

/* The next primary first. */
static void give_vote(const struct zpm_reconfigurer *r, struct zpm_replica_set *next)
{
	const struct zpm_set_member *best = NULL;

	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *want = r->target->members.v[i];

		if (can_get_vote_now(r, next, want) && (!best || want->priority > best->priority))
			best = want;
	}
	if (!best)
		return;
	if (zpm_set_voters(next) >= ZPM_SET_VOTERS_MAX)
		take_first_vote(r, next, true);
	else if (best->id == ZPM_UNSET)
		add_member(r, next, best);
	else
		zpm_set_member_by_id(next, best->id)->votes = 1;
}

static bool is_changed(const struct zpm_reconfigurer *r, const struct zpm_replica_set *next)
{
	return !zpm_shape_equal(&zpm_replica_set_shape, r->config, next, r->arena) ||
	       r->config->members.n != next->members.n;
}

struct zpm_replica_set *zpm_reconfigure_compose(
	const struct zpm_reconfigurer *r, enum zpm_vote_change votes, bool priorities)
{
	struct zpm_replica_set *next = copy_of(r);

	next->settings = r->target->settings;
	for (size_t i = 0; i < next->members.n; i++) {
		change_plain(r, next->members.v[i]);
		if (priorities || is_settled(r))
			change_priority(r, next->members.v[i]);
	}
	remove_members(r, next);
	add_members(r, next);
	if (votes == ZPM_VOTES_UP)
		take_first_vote(r, next, true);
	else if (!take_first_vote(r, next, false))
		give_vote(r, next);
	return is_changed(r, next) ? next : NULL;
}

struct zpm_replica_set *zpm_reconfigure_rename(const struct zpm_reconfigurer *r, bool primary)
{
	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *want = r->target->members.v[i];
		const struct zpm_set_member *live = zpm_set_member_by_id(r->config, want->id);
		struct zpm_replica_set *next;

		if (!live || !strcmp(live->host, want->host) || is_primary(r, live) != primary)
			continue;
		next = copy_of(r);
		zpm_set_member_by_id(next, live->id)->host = want->host;
		return next;
	}
	return NULL;
}

struct zpm_replica_set *zpm_reconfigure_first(
	const struct zpm_reconfigurer *r, const struct zpm_set_member *member)
{
	struct zpm_replica_set *set = zpm_shape_copy(&zpm_replica_set_shape, r->target, r->arena);

	set->members = (struct zpm_ptrs){ 0 };
	set->version = 1;
	add_member(r, set, member);
	return set;
}
