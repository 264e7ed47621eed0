/* Replica sets: one observed round after the other, so that it does not matter who else did what. */
#include "engine/set.h"

#include "base/clock.h"
#include "driver/replica_set.h"
#include "engine/wait.h"
#include "model/mongo_object.h"
#include "plan/reconfigure.h"
#include "plan/release.h"

#include <string.h>

/* A member whose service has just started answers within; one that does not is in trouble. */
#define NOT_COMMITTED         "a majority of the voters does not have the configuration yet"
#define PATIENCE_WITH_MEMBERS (10 * ZPM_S)
/* An election takes twelve seconds by the book. */
#define PATIENCE_WITH_SETS (30 * ZPM_S)
/* Others come back from a restart by then. */
#define PATIENCE_TO_RELEASE (60 * ZPM_S)

struct converging {
	struct zpm_wait wait;
	const struct zpm_world *world;
	const struct zpm_desired_set *set;
	struct {
		struct zpm_arena *round, *all;
	} arena;
	const struct zpm_set_view *view;
	int64_t election;       /* how long one may take */
	struct zpm_strs frozen; /* who must not stay so once the election is over */
	bool verifies;
};

static void begin(struct converging *c, struct zpm_applier *applier, struct zpm_run *run)
{
	const struct zpm_mongo_timeouts *timeouts = applier->session->platform->mongo->timeouts;

	*c = (struct converging){ .world = applier->session->world,
		.set = run->step->change->want->set,
		.verifies = run->step->op == ZPM_OP_VERIFY };
	c->election = PATIENCE_WITH_SETS;
	if (timeouts && timeouts->election != ZPM_UNSET)
		c->election = timeouts->election;
	c->arena.all = zpm_arena_new();
	zpm_wait_begin(&c->wait, applier, run);
}

static void end(struct converging *c)
{
	if (c->frozen.n)
		zpm_set_unfreeze(c->world, &c->frozen);
	zpm_arena_free(c->arena.round);
	zpm_arena_free(c->arena.all);
}

static void observe(struct converging *c)
{
	struct zpm_set_look look = { .declared = c->set->config };

	zpm_arena_free(c->arena.round);
	c->arena.round = zpm_arena_new();
	zpm_sets_observe(c->world, &look, 1, c->arena.round);
	c->view = look.view;
}

/* What could not be done now may be possible, or done, when the set has been looked at again. */
static int judge_failure(struct converging *c, struct zpm_err *err)
{
	struct zpm_err last = *err;

	if (err->code != ZPM_ECONFLICT && err->code != ZPM_EUNAVAIL)
		return -1;
	return zpm_wait_for(&c->wait, c->election, last.msg, err);
}

static void thaw_later(struct converging *c, const char *host)
{
	zpm_strs_push(c->arena.all, &c->frozen, zpm_arena_strdup(c->arena.all, host));
}

static int hand_over(
	struct converging *c, const char *from, const struct zpm_strs *others, struct zpm_err *err)
{
	for (size_t i = 0; i < others->n; i++)
		thaw_later(c, others->v[i]);
	if (zpm_set_step_down(c->world, from, others, err) < 0)
		return judge_failure(c, err);
	zpm_wait_progress(&c->wait);
	return 0;
}

static int act(struct converging *c, const struct zpm_reconfigure_step *step, struct zpm_err *err)
{
	int result;

	if (step->op == ZPM_RECONFIGURE_STEP_DOWN) {
		/* It may be called back at any time. */
		thaw_later(c, step->host);
		return hand_over(c, step->host, &step->hosts, err);
	}
	if (c->verifies)
		return zpm_err_set(err, ZPM_ECONFLICT,
			"the set has changed since the plan was made, or is seen only now: plan again");
	if (step->op == ZPM_RECONFIGURE_INITIATE)
		result = zpm_set_initiate(c->world, step->host, step->config, c->view->old, err);
	else
		result = zpm_set_reconfigure(c->world, step->host, step->config, c->view->old, err);
	if (result < 0)
		return judge_failure(c, err);
	zpm_wait_progress(&c->wait);
	return 0;
}

static const char *joined(const struct converging *c, const struct zpm_strs *hosts)
{
	const char *text = hosts->n ? hosts->v[0] : "";

	for (size_t i = 1; i < hosts->n; i++)
		text = zpm_arena_printf(c->arena.round, "%s, %s", text, hosts->v[i]);
	return text;
}

/* Why a member does not answer, if one does not. */
static const char *first_trouble(const struct converging *c)
{
	for (size_t i = 0; i < c->view->members.n; i++) {
		const struct zpm_member_view *member = c->view->members.v[i];

		if (member->trouble)
			return zpm_arena_printf(c->arena.round, " (%s)", member->trouble);
	}
	return "";
}

static int await(struct converging *c, const struct zpm_reconfigure_step *step, struct zpm_err *err)
{
	struct zpm_arena *arena = c->arena.round;

	switch (step->op) {
	case ZPM_RECONFIGURE_AWAIT_COMMIT:
		return zpm_wait_for(&c->wait, c->election, NOT_COMMITTED, err);
	case ZPM_RECONFIGURE_AWAIT_PRIMARY:
		return zpm_wait_for(&c->wait, c->election,
			zpm_arena_printf(arena, "no primary is in sight%s", first_trouble(c)), err);
	case ZPM_RECONFIGURE_AWAIT_MEMBERS:
		return zpm_wait_for(&c->wait, ZPM_WAIT_LONG,
			zpm_arena_printf(arena, "%s copies the data", joined(c, &step->hosts)), err);
	default:
		return zpm_wait_for(
			&c->wait, ZPM_WAIT_LONG, zpm_arena_printf(arena, "%s catches up", step->host), err);
	}
}

static const char *trouble_text(const struct converging *c, const struct zpm_ptrs *troubles)
{
	const char *text = NULL;

	for (size_t i = 0; i < troubles->n; i++) {
		const char *line = zpm_reconfigure_trouble_text(troubles->v[i], c->arena.round);

		text = text ? zpm_arena_printf(c->arena.round, "%s; %s", text, line) : line;
	}
	return zpm_arena_printf(c->arena.round, "%s%s", text, first_trouble(c));
}

/* Nothing is left to change; are all there, too? */
static const char *find_unwell(const struct converging *c)
{
	for (size_t i = 0; i < c->view->members.n; i++) {
		const struct zpm_member_view *member = c->view->members.v[i];
		const char *trouble = zpm_member_trouble(c->set, c->view, member, c->arena.round);

		if (trouble)
			return trouble;
	}
	/* Whoever reconfigures next, as a failover, would be refused. */
	return c->view->committed ? NULL : NOT_COMMITTED;
}

/* One round. `done` says that none is left. */
static int go_on(struct converging *c, bool *done, struct zpm_err *err)
{
	const struct zpm_reconfigure *way;
	const struct zpm_reconfigure_step *step;
	const char *unwell;

	observe(c);
	way = zpm_reconfigure_compile(c->set->config, c->view, c->arena.round);
	if (!way->steps.n && way->troubles.n)
		return zpm_wait_for(&c->wait, PATIENCE_WITH_MEMBERS, trouble_text(c, &way->troubles), err);
	if (!way->steps.n) {
		unwell = find_unwell(c);
		*done = !unwell;
		return unwell ? zpm_wait_for(&c->wait, PATIENCE_WITH_MEMBERS, unwell, err) : 0;
	}
	step = way->steps.v[0];
	return step->op <= ZPM_RECONFIGURE_STEP_DOWN ? act(c, step, err) : await(c, step, err);
}

int zpm_applier_set(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	struct converging c;
	bool done = false;
	int result;

	begin(&c, applier, run);
	do
		result = go_on(&c, &done, err);
	while (!result && !done && !c.wait.given_up);
	end(&c);
	return result;
}

static int try_release(struct converging *c, const char *member, bool *done, struct zpm_err *err)
{
	struct zpm_member_release release;

	observe(c);
	release = zpm_release_judge(c->view, member, c->arena.round);
	switch (release.op) {
	case ZPM_RELEASE_STEP_DOWN:
		return hand_over(c, member, &release.others, err);
	case ZPM_RELEASE_WAIT:
		return zpm_wait_for(&c->wait, PATIENCE_TO_RELEASE,
			zpm_arena_printf(c->arena.round, "before %s may restart, its set waits for %s",
				member, release.why),
			err);
	default:
		*done = true;
		return 0;
	}
}

int zpm_applier_release(struct zpm_applier *applier, struct zpm_run *run, struct zpm_err *err)
{
	struct converging c;
	bool done = false;
	int result;

	begin(&c, applier, run);
	do
		result = try_release(&c, run->step->member, &done, err);
	while (!result && !done && !c.wait.given_up);
	end(&c);
	return result;
}
