/*
 * The way from a set as it is to the one that is declared: step by step, each
 * carried out on a set that is foreseen, until there is nothing left to do.
 */
#include "plan/reconfigurer.h"

#include "model/shape.h"

#include <string.h>

/* Far more than any way takes; a set that needs them is one this code does not understand. */
#define MAX_STEPS 400

static struct zpm_reconfigure_step *new_step(struct zpm_reconfigurer *r, enum zpm_reconfigure_op op)
{
	struct zpm_reconfigure_step *step = zpm_arena_alloc(r->arena, sizeof(*step));

	step->op = op;
	if (r->config) {
		step->voters = zpm_set_voters(r->config);
		step->quorum = zpm_majority_of(step->voters);
	}
	zpm_ptrs_push(r->arena, &r->result->steps, step);
	return step;
}

static bool may_configure(struct zpm_reconfigurer *r)
{
	if (r->committed)
		return true;
	new_step(r, ZPM_RECONFIGURE_AWAIT_COMMIT);
	r->committed = true;
	return false;
}

/* What members are once they have heard of a configuration. */
static void foresee_config(struct zpm_reconfigurer *r, const struct zpm_replica_set *next)
{
	for (size_t i = 0; i < r->views.n; i++) {
		struct zpm_member_view *view = r->views.v[i];
		const struct zpm_set_member *old =
			r->config ? zpm_set_member_by_host(r->config, view->host) : NULL;
		const struct zpm_set_member *now = zpm_set_member_by_host(next, view->host);
		bool renamed = now && r->config && zpm_set_member_by_id(r->config, now->id);

		if (view->state == ZPM_MEMBER_DOWN)
			continue;
		if (now && !old && !renamed)
			view->state = now->arbiter_only ? ZPM_MEMBER_ARBITER : ZPM_MEMBER_STARTUP2;
		/* Under its new name it was still seen as the primary that it has been. */
		else if (now && !old && view->state == ZPM_MEMBER_PRIMARY)
			view->state = ZPM_MEMBER_SECONDARY;
		else if (old && !now)
			view->state = ZPM_MEMBER_REMOVED;
		if (now)
			view->me = view->host;
	}
}

static void configure(struct zpm_reconfigurer *r, const struct zpm_replica_set *next)
{
	struct zpm_reconfigure_step *step;

	if (!may_configure(r))
		return;
	step = new_step(r, ZPM_RECONFIGURE_CONFIG);
	step->config = next;
	step->host = r->primary->host;
	step->voters = zpm_set_voters(next);
	step->quorum = zpm_majority_of(step->voters);
	zpm_reconfigure_describe(r->config, next, &step->changes, r->arena);
	foresee_config(r, next);
	r->config = next;
	r->committed = false;
}

static void become(struct zpm_reconfigurer *r, const char *host, enum zpm_member_state state)
{
	struct zpm_member_view *view = zpm_member_view_by_host(&r->views, host);

	view->state = state;
	view->lag = 0;
}

/* Secondaries that could win beside the successor. */
static void add_rivals(
	const struct zpm_reconfigurer *r, const struct zpm_set_member *successor, struct zpm_strs *hosts)
{
	for (size_t i = 0; i < r->config->members.n; i++) {
		const struct zpm_set_member *member = r->config->members.v[i];

		if (member->id != successor->id && member->id != r->primary->id &&
			zpm_set_member_is_electable(member) && zpm_member_is_ready(r, member->host))
			zpm_strs_push(r->arena, hosts, member->host);
	}
}

/* `successor` is of the live configuration. */
static void step_down(struct zpm_reconfigurer *r, const struct zpm_set_member *successor)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->views, successor->host);
	struct zpm_reconfigure_step *step;

	if (view->lag > ZPM_SUCCESSOR_LAG_MAX) {
		step = new_step(r, ZPM_RECONFIGURE_AWAIT_CATCH_UP);
		step->host = successor->host;
		become(r, successor->host, view->state);
		return;
	}
	step = new_step(r, ZPM_RECONFIGURE_STEP_DOWN);
	step->host = r->primary->host;
	step->successor = successor->host;
	add_rivals(r, successor, &step->hosts);
	become(r, r->primary->host, ZPM_MEMBER_SECONDARY);
	become(r, successor->host, ZPM_MEMBER_PRIMARY);
	r->result->elections++;
}

/* The next primary, as a live member that could take over at once; NULL: nobody could, or is to. */
static const struct zpm_set_member *ready_successor(const struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *live =
		r->successor ? zpm_set_member_by_id(r->config, r->successor->id) : NULL;

	if (!live || live->id == r->primary->id || !live->votes || !zpm_member_is_ready(r, live->host))
		return NULL;
	return live;
}

/* Members that cannot get what they are to have before they are secondaries. */
static bool await_members(struct zpm_reconfigurer *r)
{
	struct zpm_strs hosts = { 0 };

	for (size_t i = 0; i < r->config->members.n; i++) {
		const struct zpm_set_member *live = r->config->members.v[i];
		const struct zpm_set_member *want = zpm_set_member_by_id(r->target, live->id);
		bool needed = want && ((want->votes && !live->votes) || want == r->successor);

		if (needed && zpm_member_is_syncing(r, live))
			zpm_strs_push(r->arena, &hosts, live->host);
	}
	if (!hosts.n)
		return false;
	new_step(r, ZPM_RECONFIGURE_AWAIT_MEMBERS)->hosts = hosts;
	for (size_t i = 0; i < hosts.n; i++)
		become(r, hosts.v[i], ZPM_MEMBER_SECONDARY);
	return true;
}

/* Another member that could lead while the primary is renamed. */
static const struct zpm_set_member *stand_in(const struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *best = NULL;

	for (size_t i = 0; i < r->config->members.n; i++) {
		const struct zpm_set_member *member = r->config->members.v[i];

		if (member->id != r->primary->id && zpm_set_member_is_electable(member) &&
			zpm_member_is_ready(r, member->host) && (!best || member->priority > best->priority))
			best = member;
	}
	return best;
}

/* One step on a set that has a primary and a majority. False: there is none left. */
static bool advance(struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *successor;
	const struct zpm_replica_set *next = zpm_reconfigure_rename(r, false);

	r->successor = zpm_reconfigure_successor(r);
	successor = ready_successor(r);
	/* It would take over by itself soon, in the middle of what comes next. */
	if (!next && successor && successor->priority > r->primary->priority) {
		step_down(r, successor);
		return true;
	}
	if (!next)
		next = zpm_reconfigure_compose(r, ZPM_VOTES_SAFE, successor != NULL);
	if (next) {
		configure(r, next);
		return true;
	}
	if (successor) {
		step_down(r, successor);
		return true;
	}
	if (await_members(r))
		return true;
	next = zpm_reconfigure_compose(r, ZPM_VOTES_UP, false);
	if (next) {
		configure(r, next);
		return true;
	}
	successor = zpm_reconfigure_rename(r, true) ? stand_in(r) : NULL;
	if (successor)
		step_down(r, successor);
	return successor != NULL;
}

/* Who is elected when nobody is primary. */
static const struct zpm_set_member *likely_primary(const struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *best = NULL;

	for (size_t i = 0; i < r->config->members.n; i++) {
		const struct zpm_set_member *member = r->config->members.v[i];

		if (zpm_set_member_is_electable(member) && zpm_member_is_up(r, member->host) &&
			(!best || member->priority > best->priority))
			best = member;
	}
	return best;
}

/* False: the set cannot be changed, and why is told. */
static bool find_primary(struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *likely;

	r->primary = zpm_set_primary(r->config, &r->views);
	if (zpm_set_voters_up(r, r->config) < zpm_majority_of(zpm_set_voters(r->config))) {
		zpm_reconfigure_refuse_majority(r);
		return false;
	}
	if (r->primary)
		return true;
	likely = likely_primary(r);
	if (!likely) {
		zpm_reconfigure_refuse_primary(r);
		return false;
	}
	new_step(r, ZPM_RECONFIGURE_AWAIT_PRIMARY);
	become(r, likely->host, ZPM_MEMBER_PRIMARY);
	r->primary = likely;
	return true;
}

/* A set of the member that is to lead; the others join it. */
static bool initiate(struct zpm_reconfigurer *r)
{
	const struct zpm_set_member *first = NULL;
	struct zpm_reconfigure_step *step;

	if (!zpm_reconfigure_may_initiate(r))
		return false;
	for (size_t i = 0; i < r->target->members.n; i++) {
		const struct zpm_set_member *member = r->target->members.v[i];

		if (zpm_set_member_is_electable(member) && zpm_member_is_up(r, member->host) &&
			(!first || member->priority > first->priority))
			first = member;
	}
	/* Never: somebody can lead, has a vote therefore, and answers as all that have one. */
	if (!first)
		return false;
	step = new_step(r, ZPM_RECONFIGURE_INITIATE);
	step->host = first->host;
	step->config = zpm_reconfigure_first(r, first);
	step->voters = step->quorum = 1;
	zpm_reconfigure_describe(NULL, step->config, &step->changes, r->arena);
	r->config = step->config;
	become(r, first->host, ZPM_MEMBER_SECONDARY);
	zpm_member_view_by_host(&r->views, first->host)->me = first->host;
	r->committed = true;
	/* With a live set, what is to become of it is another question. */
	r->target = zpm_reconfigure_target(r);
	return true;
}

static void look(struct zpm_reconfigurer *r, const struct zpm_set_view *observed)
{
	for (size_t i = 0; i < observed->members.n; i++) {
		struct zpm_member_view *view = zpm_arena_alloc(r->arena, sizeof(*view));

		*view = *(const struct zpm_member_view *)observed->members.v[i];
		zpm_ptrs_push(r->arena, &r->views, view);
	}
	if (observed->config) {
		struct zpm_replica_set *config =
			zpm_shape_copy(&zpm_replica_set_shape, observed->config, r->arena);

		for (size_t i = 0; i < config->members.n; i++)
			zpm_set_member_fill(config->members.v[i]);
		r->config = config;
	}
	r->committed = observed->committed;
}

struct zpm_reconfigure *zpm_reconfigure_compile(
	const struct zpm_replica_set *declared, const struct zpm_set_view *observed, struct zpm_arena *arena)
{
	struct zpm_reconfigurer r = {
		.arena = arena, .declared = declared, .result = zpm_arena_alloc(arena, sizeof(*r.result))
	};

	look(&r, observed);
	r.target = zpm_reconfigure_target(&r);
	r.result->live = r.config;
	r.result->target = r.target;
	zpm_reconfigure_check(&r);
	if (r.result->troubles.n || (!r.config && !initiate(&r)))
		return r.result;
	do {
		if (!find_primary(&r))
			return r.result;
		r.target = zpm_reconfigure_target(&r);
	} while (r.result->steps.n < MAX_STEPS && advance(&r));
	zpm_reconfigure_explain(&r);
	return r.result;
}
