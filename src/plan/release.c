/* Who is left when a member is gone for a while. */
#include "plan/release.h"

#include "plan/reconfigure.h"

#include <string.h>

struct judge {
	const struct zpm_set_view *view;
	const struct zpm_set_member *member; /* the one to be released */
	struct zpm_arena *arena;
};

static enum zpm_member_state state_of(const struct judge *j, const char *host)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&j->view->members, host);

	return view ? view->state : ZPM_MEMBER_DOWN;
}

static bool is_ready(enum zpm_member_state state)
{
	return state == ZPM_MEMBER_PRIMARY || state == ZPM_MEMBER_SECONDARY || state == ZPM_MEMBER_ARBITER;
}

const char *zpm_member_trouble(const struct zpm_desired_set *set, const struct zpm_set_view *view,
	const struct zpm_member_view *member, struct zpm_arena *arena)
{
	const struct zpm_mongo_process *process = zpm_desired_member(set, member->host);

	if (!view->config || !zpm_set_member_by_host(view->config, member->host))
		return NULL;
	if (process && zpm_mongo_process_is_down(process))
		return NULL;
	/* The others may not have noticed yet. */
	if (member->trouble)
		return member->trouble;
	if (is_ready(member->state))
		return NULL;
	if (member->state != ZPM_MEMBER_DOWN)
		return zpm_arena_printf(
			arena, "%s is %s", member->host, zpm_member_state_names[member->state]);
	return zpm_arena_printf(arena, "%s does not answer to the others", member->host);
}

static struct zpm_member_release wait_for(const char *why)
{
	return (struct zpm_member_release){ .op = ZPM_RELEASE_WAIT, .why = why };
}

/* Others that are on their way have to arrive first: two members may not be away at once. */
static const char *find_unready(const struct judge *j)
{
	for (size_t i = 0; i < j->view->config->members.n; i++) {
		const struct zpm_set_member *other = j->view->config->members.v[i];
		enum zpm_member_state state = state_of(j, other->host);

		if (other != j->member && state != ZPM_MEMBER_DOWN && !is_ready(state))
			return other->host;
	}
	return NULL;
}

/* With all others up, could they be a majority? And are they? */
static bool majority_of_others(const struct judge *j, bool up)
{
	size_t voters = 0, others = 0;

	for (size_t i = 0; i < j->view->config->members.n; i++) {
		const struct zpm_set_member *other = j->view->config->members.v[i];

		if (!other->votes)
			continue;
		voters++;
		others += other != j->member && (!up || state_of(j, other->host) != ZPM_MEMBER_DOWN);
	}
	return 2 * others > voters;
}

static bool can_follow(const struct judge *j, const struct zpm_set_member *other)
{
	return other != j->member && zpm_set_member_is_electable(other) &&
	       state_of(j, other->host) == ZPM_MEMBER_SECONDARY;
}

static int64_t lag_of(const struct judge *j, const struct zpm_set_member *member)
{
	return zpm_member_view_by_host(&j->view->members, member->host)->lag;
}

static struct zpm_member_release hand_over(const struct judge *j)
{
	struct zpm_member_release release = { .op = ZPM_RELEASE_STEP_DOWN };
	const struct zpm_set_member *best = NULL;
	const struct zpm_ptrs *members = &j->view->config->members;

	for (size_t i = 0; i < members->n; i++) {
		const struct zpm_set_member *other = members->v[i];

		if (can_follow(j, other) && (!best || other->priority > best->priority))
			best = other;
	}
	if (!best)
		return (struct zpm_member_release){ .op = ZPM_RELEASE_NOW };
	if (lag_of(j, best) > ZPM_SUCCESSOR_LAG_MAX)
		return wait_for(zpm_arena_printf(j->arena, "%s to catch up", best->host));
	release.successor = best->host;
	for (size_t i = 0; i < members->n; i++) {
		const struct zpm_set_member *other = members->v[i];

		if (other != best && can_follow(j, other))
			zpm_strs_push(j->arena, &release.others, other->host);
	}
	return release;
}

static bool has_primary(const struct judge *j)
{
	for (size_t i = 0; i < j->view->config->members.n; i++)
		if (state_of(j, ((const struct zpm_set_member *)j->view->config->members.v[i])->host) ==
			ZPM_MEMBER_PRIMARY)
			return true;
	return false;
}

struct zpm_member_release zpm_release_judge(
	const struct zpm_set_view *view, const char *host, struct zpm_arena *arena)
{
	struct judge j = { .view = view, .arena = arena };
	const char *unready;

	j.member = view->config ? zpm_set_member_by_host(view->config, host) : NULL;
	/* A restart can only help one that is down. */
	if (!j.member || state_of(&j, host) == ZPM_MEMBER_DOWN)
		return (struct zpm_member_release){ .op = ZPM_RELEASE_NOW };
	unready = find_unready(&j);
	if (unready)
		return wait_for(zpm_arena_printf(arena, "%s to be a secondary again", unready));
	/* A small set cannot do without any of its members: there is nothing to wait for. */
	if (!majority_of_others(&j, false))
		return (struct zpm_member_release){ .op = ZPM_RELEASE_NOW };
	if (!majority_of_others(&j, true))
		return wait_for(
			"other members to come back: without this one, those that are up are no majority");
	if (!has_primary(&j))
		return wait_for("a primary");
	return state_of(&j, host) == ZPM_MEMBER_PRIMARY
		       ? hand_over(&j)
		       : (struct zpm_member_release){ .op = ZPM_RELEASE_NOW };
}
