/* What cannot be done to a set, or not yet, and why. */
#include "plan/reconfigurer.h"

#include "base/buf.h"

#include <string.h>

bool zpm_reconfigure_is_refusal(enum zpm_reconfigure_reason reason)
{
	return reason < ZPM_LEAVE_DOWN;
}

static struct zpm_reconfigure_trouble *add(
	struct zpm_reconfigurer *r, enum zpm_reconfigure_reason reason, const char *host, const char *text)
{
	struct zpm_reconfigure_trouble *trouble = zpm_arena_alloc(r->arena, sizeof(*trouble));

	*trouble = (struct zpm_reconfigure_trouble){ .reason = reason, .host = host, .text = text };
	zpm_ptrs_push(r->arena, &r->result->troubles, trouble);
	return trouble;
}

void zpm_reconfigure_trouble(
	struct zpm_reconfigurer *r, enum zpm_reconfigure_reason reason, const char *host, const char *text)
{
	add(r, reason, host, text);
}

/* Bears data and answers: somebody to force a configuration on. */
static bool is_survivor(const struct zpm_reconfigurer *r, const struct zpm_set_member *member)
{
	return !member->arbiter_only && member->build_indexes && zpm_member_is_ready(r, member->host);
}

static const struct zpm_set_member *first_survivor(const struct zpm_reconfigurer *r)
{
	for (size_t i = 0; i < r->config->members.n; i++)
		if (is_survivor(r, r->config->members.v[i]))
			return r->config->members.v[i];
	return NULL;
}

/* Only those that answer stay: what the others have and these have not is lost. */
static const char *force_without_others(const struct zpm_reconfigurer *r, const struct zpm_set_member *on)
{
	ZPM_BUF hosts = { 0 };

	for (size_t i = 0; i < r->config->members.n; i++) {
		const struct zpm_set_member *member = r->config->members.v[i];

		if (zpm_member_is_up(r, member->host))
			zpm_buf_printf(&hosts, "%s\"%s\"", hosts.len ? ", " : "", member->host);
	}
	return zpm_arena_printf(r->arena,
		"on %s: cfg = rs.conf(); cfg.members = cfg.members.filter(m => [%s].includes(m.host)); "
		"rs.reconfig(cfg, {force: true})",
		on->host, hosts.data);
}

void zpm_reconfigure_refuse_majority(struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *survivor = first_survivor(r);
	size_t voters = zpm_set_voters(r->config), up = zpm_set_voters_up(r, r->config);
	struct zpm_reconfigure_trouble *trouble = add(r, ZPM_REFUSE_MAJORITY, NULL,
		zpm_arena_printf(r->arena,
			"%zu of %zu voters answer, and a change needs %zu: bring the others back", up, voters,
			zpm_majority_of(voters)));

	if (survivor)
		trouble->force = force_without_others(r, survivor);
}

void zpm_reconfigure_refuse_primary(struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *survivor = first_survivor(r);
	struct zpm_reconfigure_trouble *trouble = add(r, ZPM_REFUSE_NO_PRIMARY, NULL,
		"there is no primary, and no member that answers may become one");

	if (survivor)
		trouble->force = zpm_arena_printf(r->arena,
			"on %s: cfg = rs.conf(); m = cfg.members.find(m => m.host == \"%s\"); m.votes = 1; "
			"m.hidden = false; m.priority = 1; rs.reconfig(cfg, {force: true})",
			survivor->host, survivor->host);
}

/*
 * A member that does not answer may have the set and its data already: a
 * second set beside it would lose them. One that is declared to have no say
 * holds up nothing.
 */
bool zpm_reconfigure_may_initiate(struct zpm_reconfigurer *r)
{
	bool may = true;

	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *member = r->target->members.v[i];
		const struct zpm_member_view *view = zpm_member_view_by_host(&r->views, member->host);

		if (view && view->state == ZPM_MEMBER_NONE)
			continue;
		if (!member->votes && (!view || view->state == ZPM_MEMBER_DOWN))
			continue;
		may = false;
		add(r, ZPM_REFUSE_INITIATE, member->host,
			!view || view->state == ZPM_MEMBER_DOWN
				? "it does not answer, and may have the set already: a new one is only made "
				  "when all "
				  "voters answer"
				: "it is or has been in a set already, and a new one could lose its data");
	}
	return may;
}

static const char *why_it_cannot_join(
	struct zpm_reconfigurer *r, const struct zpm_set_member *want, enum zpm_reconfigure_reason *reason)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->views, want->host);

	*reason = ZPM_LEAVE_DOWN;
	if (!view || view->state == ZPM_MEMBER_DOWN)
		return "it does not answer, and joins when it does";
	*reason = ZPM_LEAVE_OTHER_SET;
	if (!zpm_member_is_up(r, want->host))
		return zpm_arena_printf(r->arena, "it is in another set, '%s'", view->set);
	if (!zpm_member_can_join(r, want->host))
		return zpm_arena_printf(r->arena, "it is the member %s already", view->me);
	if (want->arbiter_only && zpm_set_voters(r->config) >= ZPM_SET_VOTERS_MAX) {
		*reason = ZPM_LEAVE_NO_VOTE;
		return "seven others have a vote, and keep it for now";
	}
	*reason = ZPM_LEAVE_NO_PLACE;
	return "fifty others are in the set, and stay for now";
}

static void explain_vote(
	struct zpm_reconfigurer *r, const struct zpm_set_member *want, const struct zpm_set_member *live)
{
	if (!want->votes || live->votes)
		return;
	if (!zpm_member_is_up(r, live->host))
		add(r, ZPM_LEAVE_DOWN, live->host, "it does not answer, and gets its vote when it does");
	else
		add(r, ZPM_LEAVE_NO_VOTE, live->host, "seven others have a vote, and keep it for now");
}

static bool differs(const struct zpm_set_member *want, const struct zpm_set_member *live)
{
	return want->hidden != live->hidden || want->delay != live->delay ||
	       want->priority != live->priority || strcmp(want->host, live->host) != 0;
}

static void explain_live(struct zpm_reconfigurer *r, const struct zpm_set_member *live)
{
	const struct zpm_set_member *want = zpm_set_member_by_id(r->target, live->id);
	bool leads = live->id == r->primary->id;

	if (want)
		explain_vote(r, want, live);
	if (leads && (!want || zpm_member_is_leaving(r, live) || differs(want, live)))
		add(r, ZPM_LEAVE_LAST, live->host,
			"it is the primary, and no other member can take over from it now");
	else if (live->votes && zpm_member_is_leaving(r, live))
		add(r, ZPM_LEAVE_MAJORITY, live->host,
			"it keeps its vote: without it, the voters that answer were no majority");
}

void zpm_reconfigure_explain(struct zpm_reconfigurer *r)
{
	for (size_t i = 0; i < r->config->members.n; i++)
		explain_live(r, r->config->members.v[i]);
	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *want = r->target->members.v[i];
		enum zpm_reconfigure_reason reason;
		const char *why;

		/* One that stays as another kind of member has been told of. */
		if (zpm_set_member_by_id(r->config, want->id) ||
			zpm_set_member_by_host(r->config, want->host))
			continue;
		why = why_it_cannot_join(r, want, &reason);
		add(r, reason, want->host, why);
	}
}
