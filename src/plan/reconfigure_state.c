/* Looking at the members of a set that is being reconfigured. */
#include "plan/reconfigurer.h"

#include <string.h>

/* Of two that both call themselves primary, one has not heard yet of the other's election. */
const struct zpm_set_member *zpm_set_primary(
	const struct zpm_replica_set *config, const struct zpm_ptrs *views)
{
	const struct zpm_member_view *primary = NULL;

	for (size_t i = 0; i < config->members.n; i++) {
		const struct zpm_set_member *member = config->members.v[i];
		const struct zpm_member_view *view = zpm_member_view_by_host(views, member->host);

		if (view && view->state == ZPM_MEMBER_PRIMARY &&
			(!primary || view->config_term > primary->config_term))
			primary = view;
	}
	return primary ? zpm_set_member_by_host(config, primary->host) : NULL;
}

static const struct zpm_member_view *view_of(const struct zpm_reconfigurer *r, const char *host)
{
	static const struct zpm_member_view unseen = { .state = ZPM_MEMBER_DOWN };
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->views, host);

	return view ? view : &unseen;
}

static bool is_in_other_set(const struct zpm_reconfigurer *r, const struct zpm_member_view *view)
{
	return view->set && strcmp(view->set, r->declared->name) != 0;
}

bool zpm_member_is_up(const struct zpm_reconfigurer *r, const char *host)
{
	const struct zpm_member_view *view = view_of(r, host);

	return view->state != ZPM_MEMBER_DOWN && !is_in_other_set(r, view);
}

bool zpm_member_is_ready(const struct zpm_reconfigurer *r, const char *host)
{
	enum zpm_member_state state = view_of(r, host)->state;

	return zpm_member_is_up(r, host) && (state == ZPM_MEMBER_SECONDARY || state == ZPM_MEMBER_PRIMARY);
}

bool zpm_member_is_syncing(const struct zpm_reconfigurer *r, const struct zpm_set_member *member)
{
	return !member->arbiter_only && zpm_member_is_up(r, member->host) &&
	       !zpm_member_is_ready(r, member->host);
}

bool zpm_member_can_join(const struct zpm_reconfigurer *r, const char *host)
{
	const struct zpm_member_view *view = view_of(r, host);

	if (!zpm_member_is_up(r, host))
		return false;
	return !view->me || !strcmp(view->me, host) || !zpm_set_member_by_host(r->config, view->me);
}

size_t zpm_set_voters(const struct zpm_replica_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->members.n; i++)
		n += ((struct zpm_set_member *)set->members.v[i])->votes != 0;
	return n;
}

size_t zpm_set_voters_up(const struct zpm_reconfigurer *r, const struct zpm_replica_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->members.n; i++) {
		const struct zpm_set_member *member = set->members.v[i];

		n += member->votes && zpm_member_is_up(r, member->host);
	}
	return n;
}

size_t zpm_majority_of(size_t voters)
{
	return voters / 2 + 1;
}

bool zpm_member_is_leaving(const struct zpm_reconfigurer *r, const struct zpm_set_member *member)
{
	const struct zpm_set_member *want = zpm_set_member_by_id(r->target, member->id);

	return !want || !want->votes;
}

/* A vote less needs a smaller majority, so one that is down can always go. */
bool zpm_member_can_leave(const struct zpm_reconfigurer *r, const struct zpm_replica_set *config,
	const struct zpm_set_member *member)
{
	size_t voters = zpm_set_voters(config) - 1;
	size_t up = zpm_set_voters_up(r, config) - zpm_member_is_up(r, member->host);

	if (!member->votes || !zpm_member_is_leaving(r, member) || member->id == r->primary->id)
		return false;
	return up >= zpm_majority_of(voters);
}

/* A vote is to be had, or will be when another has left. */
static bool can_get_vote(const struct zpm_reconfigurer *r)
{
	if (zpm_set_voters(r->config) < ZPM_SET_VOTERS_MAX)
		return true;
	for (size_t i = 0; i < r->config->members.n; i++)
		if (zpm_member_can_leave(r, r->config, r->config->members.v[i]))
			return true;
	return false;
}

static bool is_candidate(const struct zpm_reconfigurer *r, const struct zpm_set_member *want, bool votes)
{
	const struct zpm_set_member *live = zpm_set_member_by_id(r->config, want->id);

	if (!zpm_set_member_is_electable(want))
		return false;
	if (!live)
		return votes && r->config->members.n < ZPM_SET_MEMBERS_MAX &&
		       zpm_member_can_join(r, want->host);
	return (live->votes || votes) && zpm_member_is_up(r, live->host);
}

/* Among equals the primary stays, or one follows that is there already. */
static int rank_of(const struct zpm_reconfigurer *r, const struct zpm_set_member *want)
{
	const struct zpm_set_member *live = zpm_set_member_by_id(r->config, want->id);

	if (live && live == r->primary)
		return 3;
	if (!live || !live->votes || !zpm_member_is_ready(r, live->host))
		return 0;
	return 1 + (view_of(r, live->host)->lag <= ZPM_SUCCESSOR_LAG_MAX);
}

const struct zpm_set_member *zpm_reconfigure_successor(const struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *best = NULL;
	bool votes = can_get_vote(r);

	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *want = r->target->members.v[i];

		if (!is_candidate(r, want, votes))
			continue;
		if (!best || want->priority > best->priority ||
			(want->priority == best->priority && rank_of(r, want) > rank_of(r, best)))
			best = want;
	}
	return best;
}
