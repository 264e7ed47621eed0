/* Any set to any other: every step is one the server takes, and what is not done has a true reason. */
#include "set_case.h"

#include "model/shape.h"

#include <string.h>

#define PAIRS 10000
#define HOSTS 12

static const char *const hosts[HOSTS] = { "a:1", "b:1", "c:1", "d:1", "e:1", "f:1", "g:1", "h:1", "i:1",
	"j:1", "k:1", "l:1" };

/* One round: what is declared, what was there at first, and the set as it becomes. */
struct round {
	struct test *t;
	struct dice *dice;
	struct zpm_replica_set *declared;
	struct sim sim;
	const struct zpm_replica_set *first;
	bool renames;
};

static int64_t some_priority(struct dice *dice)
{
	static const int64_t priorities[] = { 0, 1, 1, 2, 5, 10 };

	return priorities[roll(dice, ZPM_COUNT(priorities))] * ZPM_PRIORITY_ONE;
}

static void set_apart(struct dice *dice, struct zpm_set_member *member)
{
	if (one_in(dice, 12))
		member->hidden = 1;
	if (one_in(dice, 15))
		member->delay = 60;
	if (one_in(dice, 20))
		member->build_indexes = 0;
}

/* Consistent in itself. */
static struct zpm_set_member *some_member(struct round *r, const char *host, size_t voters)
{
	struct zpm_set_member *member = zpm_shape_new(&zpm_set_member_shape, r->t->arena);

	member->host = host;
	member->priority = some_priority(r->dice);
	member->votes = voters < ZPM_SET_VOTERS_MAX && !one_in(r->dice, 6);
	member->arbiter_only = member->votes && one_in(r->dice, 8);
	if (member->arbiter_only != 1)
		set_apart(r->dice, member);
	if (!zpm_set_member_may_lead(member))
		member->priority = 0;
	return member;
}

/* Random hosts in random order, one at least of whom can lead. */
static struct zpm_replica_set *some_set(struct round *r, size_t n)
{
	struct zpm_replica_set *set = given_set(r->t, "x:1", false);
	size_t at = roll(r->dice, HOSTS), step = 1 + 2 * roll(r->dice, 2) * 2; /* 1 or 5: both miss none */

	set->members.n = 0;
	for (size_t i = 0; i < n; i++, at = (at + step) % HOSTS)
		zpm_ptrs_push(r->t->arena, &set->members, some_member(r, hosts[at], sim_voters(set)));
	if (n) {
		struct zpm_set_member *leader = set->members.v[roll(r->dice, n)];
		const char *host = leader->host;

		*leader = *(struct zpm_set_member *)zpm_shape_new(&zpm_set_member_shape, r->t->arena);
		leader->host = host;
		leader->priority = ZPM_PRIORITY_ONE * (int64_t)(1 + roll(r->dice, 10));
		leader->votes = 1;
	}
	return set;
}

/* A live configuration has no more than seven voters, also when the leader has come on top. */
static void make_live(struct round *r, struct zpm_replica_set *set)
{
	set->version = set->term = 1 + (int64_t)roll(r->dice, 9);
	for (size_t i = 0, id = roll(r->dice, 3); i < set->members.n; i++, id += 1 + roll(r->dice, 2)) {
		struct zpm_set_member *member = set->members.v[i];

		member->id = (int64_t)id;
		zpm_set_member_fill(member);
	}
}

static void see_member(struct round *r, const struct zpm_set_member *member)
{
	struct zpm_member_view *view = sim_view(&r->sim, member->host);

	view->set = "rs";
	view->me = member->host;
	view->state = member->arbiter_only ? ZPM_MEMBER_ARBITER : ZPM_MEMBER_SECONDARY;
	if (one_in(r->dice, 6))
		view->state = ZPM_MEMBER_DOWN;
	else if (!member->arbiter_only && one_in(r->dice, 6))
		view->state = ZPM_MEMBER_STARTUP2;
	if (one_in(r->dice, 8))
		view->lag = INT64_C(1000000000) * (int64_t)roll(r->dice, 30);
}

/* The one with the highest priority among those who could is primary, or will soon be. */
static void see_primary(struct round *r)
{
	for (size_t i = 0; i < r->sim.config->members.n; i++) {
		const struct zpm_set_member *member = r->sim.config->members.v[i];

		if (sim_can_lead(member) && sim_is_ready(&r->sim, member->host) &&
			2 * sim_voters_up(&r->sim, r->sim.config) > sim_voters(r->sim.config) &&
			!one_in(r->dice, 5)) {
			sim_view(&r->sim, member->host)->state = ZPM_MEMBER_PRIMARY;
			sim_view(&r->sim, member->host)->lag = 0;
			return;
		}
	}
}

static void see_newcomers(struct round *r)
{
	for (size_t i = 0; i < HOSTS; i++) {
		struct zpm_member_view *view;

		if (zpm_member_view_by_host(&r->sim.views, hosts[i]) || one_in(r->dice, 10))
			continue;
		view = sim_view(&r->sim, hosts[i]);
		if (one_in(r->dice, 6))
			view->state = ZPM_MEMBER_DOWN;
		else if (one_in(r->dice, 15)) {
			view->state = ZPM_MEMBER_SECONDARY;
			view->set = "another";
		}
	}
}

/* What is declared is new, or the live set with some changes, in part unsaid. */
static struct zpm_replica_set *declare(struct round *r)
{
	struct zpm_replica_set *set = some_set(r, 1 + roll(r->dice, 8));

	for (size_t i = 0; r->sim.config && i < set->members.n; i++) {
		struct zpm_set_member *member = set->members.v[i];
		const struct zpm_set_member *live = zpm_set_member_by_host(r->sim.config, member->host);

		if (live && one_in(r->dice, 2)) {
			*member = *live;
			member->id = ZPM_UNSET;
			if (sim_can_lead(member))
				member->priority = ZPM_PRIORITY_ONE * (int64_t)(1 + roll(r->dice, 10));
		}
	}
	return set;
}

/* A live member answers under a name that is declared in its place. */
static void rename_one(struct round *r)
{
	struct zpm_set_member *member = r->declared->members.v[roll(r->dice, r->declared->members.n)];
	const struct zpm_set_member *live = zpm_set_member_by_host(r->sim.config, member->host);
	struct zpm_member_view *view, *old;

	if (!live)
		return;
	old = sim_view(&r->sim, live->host);
	view = sim_view(&r->sim, "new:1");
	*view = *old;
	view->host = member->host = "new:1";
	r->renames = true;
}

static void begin(struct round *r, struct test *t, struct dice *dice)
{
	*r = (struct round){ .t = t, .dice = dice, .sim = { .arena = t->arena, .committed = true } };
	if (!one_in(dice, 10)) {
		do
			r->sim.config = some_set(r, 1 + roll(dice, 8));
		while (sim_voters(r->sim.config) > ZPM_SET_VOTERS_MAX);
		make_live(r, r->sim.config);
		for (size_t i = 0; i < r->sim.config->members.n; i++)
			see_member(r, r->sim.config->members.v[i]);
		see_primary(r);
		r->sim.committed = !one_in(dice, 4);
	}
	see_newcomers(r);
	r->declared = declare(r);
	if (r->sim.config && one_in(dice, 8))
		rename_one(r);
	r->first = r->sim.config;
}

static const struct zpm_reconfigure *compile(struct round *r)
{
	struct zpm_set_view view = sim_observe(&r->sim);

	return zpm_reconfigure_compile(r->declared, &view, r->t->arena);
}

/* What was foreseen, and after some steps still is. */
static void assert_rest(const struct zpm_reconfigure *now, const struct zpm_reconfigure *then, size_t done)
{
	assert_int_equal(now->steps.n, then->steps.n - done);
	for (size_t i = 0; i < now->steps.n; i++) {
		const struct zpm_reconfigure_step *a = now->steps.v[i], *b = then->steps.v[done + i];

		assert_int_equal(a->op, b->op);
		if (a->config)
			assert_int_equal(a->config->version, b->config->version);
		if (a->host)
			assert_string_equal(a->host, b->host);
	}
}

/* Reasons. */

static size_t declared_voters(const struct zpm_replica_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->members.n; i++)
		n += ((const struct zpm_set_member *)set->members.v[i])->votes != 0;
	return n;
}

static bool is_down(const struct round *r, const char *host)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->sim.views, host);

	return !view || view->state == ZPM_MEMBER_DOWN;
}

/* Nobody that may lead as declared could follow the primary now. */
static bool is_without_heir(const struct round *r)
{
	for (size_t i = 0; i < r->sim.config->members.n; i++) {
		const struct zpm_set_member *member = r->sim.config->members.v[i];
		const struct zpm_set_member *want = zpm_set_member_by_host(r->declared, member->host);

		if (sim_can_lead(member) && sim_is_ready(&r->sim, member->host) &&
			strcmp(member->host, sim_primary(&r->sim)) != 0 && want && want->priority > 0)
			return false;
	}
	return true;
}

static bool voteless_majority_is_lost(const struct round *r, const char *host)
{
	size_t up = sim_voters_up(&r->sim, r->sim.config) - sim_is_up(&r->sim, host);

	return 2 * up <= sim_voters(r->sim.config) - 1;
}

static bool is_elsewhere(const struct round *r, const char *host)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&r->sim.views, host);

	return (view->set && strcmp(view->set, "rs") != 0) ||
	       (view->me && strcmp(view->me, host) != 0 && zpm_set_member_by_host(r->sim.config, view->me));
}

static bool is_true(const struct round *r, const struct zpm_reconfigure_trouble *trouble)
{
	const struct zpm_replica_set *config = r->sim.config;

	switch (trouble->reason) {
	case ZPM_REFUSE_VOTERS:
		return declared_voters(r->declared) > ZPM_SET_VOTERS_MAX;
	case ZPM_REFUSE_MAJORITY:
		return 2 * sim_voters_up(&r->sim, config) <= sim_voters(config);
	case ZPM_REFUSE_NO_PRIMARY:
		return !sim_primary(&r->sim);
	case ZPM_REFUSE_INITIATE:
		return !config &&
		       (is_down(r, trouble->host) || is_elsewhere(r, trouble->host) ||
			       sim_view((struct sim *)&r->sim, trouble->host)->state != ZPM_MEMBER_NONE);
	case ZPM_LEAVE_DOWN:
		return is_down(r, trouble->host);
	case ZPM_LEAVE_OTHER_SET:
		return is_elsewhere(r, trouble->host);
	case ZPM_LEAVE_MAJORITY:
		return voteless_majority_is_lost(r, trouble->host);
	case ZPM_LEAVE_LAST:
		return !strcmp(trouble->host, sim_primary(&r->sim)) && is_without_heir(r);
	case ZPM_LEAVE_NO_VOTE:
		return sim_voters(config) == ZPM_SET_VOTERS_MAX;
	case ZPM_LEAVE_NO_PLACE:
		return config->members.n == ZPM_SET_MEMBERS_MAX;
	default:
		/* What is declared here is right in itself but for what is kept of the live set. */
		return trouble->reason == ZPM_REFUSE_MEMBER || trouble->reason == ZPM_REFUSE_UNELECTABLE;
	}
}

/* The end. */

static void assert_declared(const struct round *r, const struct zpm_reconfigure *way)
{
	assert_int_equal(r->sim.config->members.n, r->declared->members.n);
	for (size_t i = 0; i < r->declared->members.n; i++) {
		const struct zpm_set_member *want = r->declared->members.v[i];
		const struct zpm_set_member *live = zpm_set_member_by_host(r->sim.config, want->host);

		assert_non_null(live);
		assert_int_equal(live->votes, want->votes);
		assert_int_equal(live->priority, want->priority);
		ZPM_EACH_FIELD (field, &zpm_set_member_shape)
			if (strcmp(field->name, "_id") != 0 && !zpm_field_is_unset(field, want))
				assert_true(zpm_field_equal(field, live, want, r->t->arena));
	}
	assert_true(r->sim.committed || way->steps.n == 0 ||
		    ((const struct zpm_reconfigure_step *)way->steps.v[way->steps.n - 1])->op <=
			    ZPM_RECONFIGURE_STEP_DOWN);
}

static void assert_leader(const struct round *r)
{
	const struct zpm_set_member *leader = zpm_set_member_by_host(r->sim.config, sim_primary(&r->sim));

	for (size_t i = 0; i < r->sim.config->members.n; i++) {
		const struct zpm_set_member *member = r->sim.config->members.v[i];

		if (sim_can_lead(member) && sim_is_ready(&r->sim, member->host))
			assert_true(member->priority <= leader->priority);
	}
}

/* With room for another vote nothing takes more than one election. */
static bool has_room(const struct round *r)
{
	size_t n = sim_voters(r->first) + declared_voters(r->declared);

	return !r->renames && n <= ZPM_SET_VOTERS_MAX;
}

static void any_pair(struct test *t, struct dice *dice)
{
	const struct zpm_reconfigure *way;
	bool again = one_in(dice, 4);
	struct round r;

	begin(&r, t, dice);
	way = compile(&r);
	for (size_t i = 0; i < way->steps.n; i++) {
		if (again)
			assert_rest(compile(&r), way, i);
		sim_step(&r.sim, way->steps.v[i]);
	}
	assert_int_equal(way->elections, r.sim.elections);
	for (size_t i = 0; i < way->troubles.n; i++) {
		const struct zpm_reconfigure_trouble *trouble = way->troubles.v[i];

		assert_true(trouble->text && is_true(&r, trouble));
		if (zpm_reconfigure_is_refusal(trouble->reason))
			assert_int_equal(way->steps.n, 0);
	}
	if (!way->troubles.n)
		assert_declared(&r, way);
	if (r.sim.config && sim_primary(&r.sim) && !way->troubles.n)
		assert_leader(&r);
	if (r.first && has_room(&r))
		assert_true(r.sim.elections <= 1);
}

static void test_reconfigure__any_set_to_any_other_in_legal_steps(void **state)
{
	each_seed(*state, PAIRS, any_pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reconfigure__any_set_to_any_other_in_legal_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
