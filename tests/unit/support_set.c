/* A replica set that refuses what a server would. */
#include "set_case.h"

#include "model/shape.h"

#include <stdlib.h>
#include <string.h>

static void parse_word(struct test *t, struct zpm_set_member *member, const char *word)
{
	const char *slash = strchr(word, '/');

	if (!strcmp(word, "arbiter"))
		member->arbiter_only = 1;
	else if (!strcmp(word, "hidden"))
		member->hidden = 1;
	else if (!strncmp(word, "delay=", 6))
		member->delay = strtol(word + 6, NULL, 10);
	else if (!strncmp(word, "id=", 3))
		member->id = strtol(word + 3, NULL, 10);
	else if (!strncmp(word, "tag=", 4))
		zpm_pairs_set(t->arena, &member->tags, "site", word + 4);
	else {
		member->priority = (int64_t)(strtod(word, NULL) * 1e9);
		if (slash)
			member->votes = strtol(slash + 1, NULL, 10);
	}
}

struct zpm_replica_set *given_set(struct test *t, const char *members, bool live)
{
	struct zpm_replica_set *set = zpm_shape_new(&zpm_replica_set_shape, t->arena);
	char *rest = zpm_arena_strdup(t->arena, members), *part, *word;

	set->name = "rs";
	set->configsvr = 0;
	if (live)
		set->version = set->term = 1;
	while ((part = strsep(&rest, ","))) {
		struct zpm_set_member *member = zpm_shape_new(&zpm_set_member_shape, t->arena);

		while ((word = strsep(&part, " "))) {
			if (*word && !member->host)
				member->host = word;
			else if (*word)
				parse_word(t, member, word);
		}
		if (live && member->id == ZPM_UNSET)
			member->id = (int64_t)set->members.n;
		if (live)
			zpm_set_member_fill(member);
		zpm_ptrs_push(t->arena, &set->members, member);
	}
	return set;
}

struct zpm_member_view *sim_view(struct sim *sim, const char *host)
{
	struct zpm_member_view *view = zpm_member_view_by_host(&sim->views, host);

	if (view)
		return view;
	view = zpm_arena_alloc(sim->arena, sizeof(*view));
	view->host = host;
	view->state = ZPM_MEMBER_NONE;
	zpm_ptrs_push(sim->arena, &sim->views, view);
	return view;
}

struct sim given_sim(struct test *t, const char *members)
{
	struct sim sim = { .arena = t->arena, .committed = true };

	if (!members)
		return sim;
	sim.config = given_set(t, members, true);
	for (size_t i = 0; i < sim.config->members.n; i++) {
		const struct zpm_set_member *member = sim.config->members.v[i];
		struct zpm_member_view *view = sim_view(&sim, member->host);

		view->set = "rs";
		view->me = member->host;
		view->state = member->arbiter_only ? ZPM_MEMBER_ARBITER
			      : i                  ? ZPM_MEMBER_SECONDARY
						   : ZPM_MEMBER_PRIMARY;
	}
	return sim;
}

/* A copy: what is compiled must not see what happens later. */
struct zpm_set_view sim_observe(const struct sim *sim)
{
	struct zpm_set_view seen = { .config = sim->config, .committed = sim->committed };

	for (size_t i = 0; i < sim->views.n; i++) {
		struct zpm_member_view *view = zpm_arena_alloc(sim->arena, sizeof(*view));

		*view = *(const struct zpm_member_view *)sim->views.v[i];
		zpm_ptrs_push(sim->arena, &seen.members, view);
	}
	return seen;
}

bool sim_is_up(const struct sim *sim, const char *host)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&sim->views, host);

	return view && view->state != ZPM_MEMBER_DOWN && (!view->set || !strcmp(view->set, "rs"));
}

bool sim_is_ready(const struct sim *sim, const char *host)
{
	const struct zpm_member_view *view = zpm_member_view_by_host(&sim->views, host);

	return sim_is_up(sim, host) &&
	       (view->state == ZPM_MEMBER_SECONDARY || view->state == ZPM_MEMBER_PRIMARY);
}

bool sim_can_lead(const struct zpm_set_member *member)
{
	return member->priority > 0 && member->votes && !member->arbiter_only && !member->hidden &&
	       !member->delay && member->build_indexes;
}

size_t sim_voters(const struct zpm_replica_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->members.n; i++)
		n += ((const struct zpm_set_member *)set->members.v[i])->votes == 1;
	return n;
}

size_t sim_voters_up(const struct sim *sim, const struct zpm_replica_set *set)
{
	size_t n = 0;

	for (size_t i = 0; i < set->members.n; i++) {
		const struct zpm_set_member *member = set->members.v[i];

		n += member->votes == 1 && sim_is_up(sim, member->host);
	}
	return n;
}

const char *sim_primary(const struct sim *sim)
{
	for (size_t i = 0; sim->config && i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];
		const struct zpm_member_view *view = zpm_member_view_by_host(&sim->views, member->host);

		if (view && view->state == ZPM_MEMBER_PRIMARY)
			return member->host;
	}
	return NULL;
}

static void check_member(const struct zpm_set_member *member)
{
	assert_true(member->id >= 0 && member->id <= 255);
	assert_true(member->votes == 0 || member->votes == 1);
	if (!member->votes || member->hidden || member->delay || member->arbiter_only ||
		!member->build_indexes)
		assert_int_equal(member->priority, 0);
	if (member->arbiter_only)
		assert_true(member->votes == 1 && !member->tags.n);
}

/* What any configuration has to be. */
static void check_config(const struct zpm_replica_set *config)
{
	bool can_lead = false;

	assert_true(config->members.n >= 1 && config->members.n <= 50);
	assert_true(sim_voters(config) >= 1 && sim_voters(config) <= 7);
	for (size_t i = 0; i < config->members.n; i++) {
		const struct zpm_set_member *member = config->members.v[i];

		check_member(member);
		can_lead |= sim_can_lead(member);
		for (size_t j = 0; j < i; j++) {
			const struct zpm_set_member *other = config->members.v[j];

			assert_true(member->id != other->id && strcmp(member->host, other->host) != 0);
		}
	}
	assert_true(can_lead);
}

/* A new voter has the data, or needs none; one that was there has either done with its vote or keeps it. */
static size_t check_votes(
	const struct sim *sim, const struct zpm_set_member *old, const struct zpm_set_member *now)
{
	bool had = old && old->votes, has = now && now->votes;

	if (old && now) {
		assert_int_equal(old->arbiter_only, now->arbiter_only);
		assert_int_equal(old->build_indexes, now->build_indexes);
	}
	if (has && !had)
		assert_true(
			old ? sim_is_ready(sim, now->host) : now->arbiter_only && sim_is_up(sim, now->host));
	return had != has;
}

/* What may follow the configuration there is. */
static void check_follows(const struct sim *sim, const struct zpm_replica_set *next)
{
	const char *primary = sim_primary(sim);
	const struct zpm_set_member *leader = zpm_set_member_by_host(sim->config, primary);
	size_t changed = 0, electable_up = 0;

	assert_int_equal(next->version, sim->config->version + 1);
	for (size_t i = 0; i < next->members.n; i++) {
		const struct zpm_set_member *now = next->members.v[i];
		const struct zpm_set_member *same = zpm_set_member_by_host(sim->config, now->host);

		/* A host keeps its _id. */
		assert_true(!same || same->id == now->id);
		changed += check_votes(sim, zpm_set_member_by_id(sim->config, now->id), now);
		electable_up += sim_can_lead(now) && sim_is_up(sim, now->host);
	}
	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *old = sim->config->members.v[i];

		if (!zpm_set_member_by_id(next, old->id))
			changed += check_votes(sim, old, NULL);
	}
	assert_true(changed <= 1);
	leader = zpm_set_member_by_id(next, leader->id);
	assert_true(leader && !strcmp(leader->host, primary) && sim_can_lead(leader));
	assert_true(2 * sim_voters_up(sim, next) > sim_voters(next) && electable_up);
}

/* The healthy one with a higher priority than the primary's takes over by itself. */
static const char *taker_over(const struct sim *sim)
{
	const struct zpm_set_member *leader = zpm_set_member_by_host(sim->config, sim_primary(sim));
	const struct zpm_set_member *best = leader;

	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];

		if (sim_can_lead(member) && sim_is_ready(sim, member->host) &&
			member->priority > best->priority)
			best = member;
	}
	return best == leader ? NULL : best->host;
}

static void spread_config(struct sim *sim, const struct zpm_replica_set *old)
{
	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];
		struct zpm_member_view *view = sim_view(sim, member->host);

		if (view->state == ZPM_MEMBER_DOWN)
			continue;
		if (!zpm_set_member_by_id(old, member->id))
			view->state = member->arbiter_only ? ZPM_MEMBER_ARBITER : ZPM_MEMBER_STARTUP2;
		else if (!zpm_set_member_by_host(old, member->host) && view->state == ZPM_MEMBER_PRIMARY)
			view->state = ZPM_MEMBER_SECONDARY;
		view->set = "rs";
		view->me = member->host;
	}
	for (size_t i = 0; i < old->members.n; i++) {
		const struct zpm_set_member *member = old->members.v[i];
		struct zpm_member_view *view = sim_view(sim, member->host);

		if (!zpm_set_member_by_host(sim->config, member->host) && view->state != ZPM_MEMBER_DOWN)
			view->state = ZPM_MEMBER_REMOVED;
	}
}

static void reconfigure(struct sim *sim, const struct zpm_reconfigure_step *step)
{
	const struct zpm_replica_set *old = sim->config;
	bool was_due;

	assert_non_null(sim_primary(sim));
	was_due = taker_over(sim) != NULL;
	assert_string_equal(step->host, sim_primary(sim));
	assert_true(sim->committed);
	check_config(step->config);
	check_follows(sim, step->config);
	assert_int_equal(step->voters, sim_voters(step->config));
	assert_int_equal(step->quorum, sim_voters(step->config) / 2 + 1);
	assert_true(step->changes.n > 0);
	sim->config = zpm_shape_copy(&zpm_replica_set_shape, step->config, sim->arena);
	sim->committed = false;
	spread_config(sim, old);
	sim->due = was_due ? NULL : taker_over(sim);
}

static void initiate(struct sim *sim, const struct zpm_reconfigure_step *step)
{
	const struct zpm_set_member *first = step->config->members.v[0];

	assert_null(sim->config);
	check_config(step->config);
	assert_int_equal(step->config->members.n, 1);
	assert_int_equal(step->config->version, 1);
	assert_string_equal(first->host, step->host);
	assert_int_equal(sim_view(sim, step->host)->state, ZPM_MEMBER_NONE);
	sim->config = zpm_shape_copy(&zpm_replica_set_shape, step->config, sim->arena);
	*sim_view(sim, step->host) = (struct zpm_member_view){
		.host = step->host, .state = ZPM_MEMBER_SECONDARY, .set = "rs", .me = step->host
	};
	sim->committed = true;
}

/* All that could win are frozen but one. */
static void step_down(struct sim *sim, const struct zpm_reconfigure_step *step)
{
	size_t rivals = 0;

	assert_string_equal(step->host, sim_primary(sim));
	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];

		if (!sim_can_lead(member) || !sim_is_ready(sim, member->host) ||
			!strcmp(member->host, step->host))
			continue;
		if (!strcmp(member->host, step->successor)) {
			assert_true(sim_view(sim, member->host)->lag <= 10 * INT64_C(1000000000));
			continue;
		}
		assert_true(zpm_strs_have(&step->hosts, member->host));
		rivals++;
	}
	assert_int_equal(step->hosts.n, rivals);
	assert_true(sim_can_lead(zpm_set_member_by_host(sim->config, step->successor)));
	assert_true(sim_is_ready(sim, step->successor));
	sim_view(sim, step->host)->state = ZPM_MEMBER_SECONDARY;
	sim_view(sim, step->successor)->state = ZPM_MEMBER_PRIMARY;
	if (sim->due)
		assert_int_equal(zpm_set_member_by_host(sim->config, sim->due)->priority,
			zpm_set_member_by_host(sim->config, step->successor)->priority);
	sim->due = NULL;
	sim->elections++;
}

static void elect(struct sim *sim)
{
	const struct zpm_set_member *best = NULL;

	assert_null(sim_primary(sim));
	assert_true(2 * sim_voters_up(sim, sim->config) > sim_voters(sim->config));
	for (size_t i = 0; i < sim->config->members.n; i++) {
		const struct zpm_set_member *member = sim->config->members.v[i];

		if (sim_can_lead(member) && sim_is_up(sim, member->host) &&
			(!best || member->priority > best->priority))
			best = member;
	}
	assert_non_null(best);
	if (!best)
		abort();
	sim_view(sim, best->host)->state = ZPM_MEMBER_PRIMARY;
}

static void sync_members(struct sim *sim, const struct zpm_strs *hosts)
{
	assert_true(hosts->n > 0);
	for (size_t i = 0; i < hosts->n; i++) {
		const struct zpm_set_member *member = zpm_set_member_by_host(sim->config, hosts->v[i]);

		assert_true(member && !member->arbiter_only && sim_is_up(sim, member->host) &&
			    !sim_is_ready(sim, member->host));
		sim_view(sim, hosts->v[i])->state = ZPM_MEMBER_SECONDARY;
		sim_view(sim, hosts->v[i])->lag = 0;
	}
}

void sim_step(struct sim *sim, const struct zpm_reconfigure_step *step)
{
	/* Who is to take over does not wait for what is done next. */
	if (sim->due)
		assert_true(step->op > ZPM_RECONFIGURE_CONFIG);
	switch (step->op) {
	case ZPM_RECONFIGURE_INITIATE:
		initiate(sim, step);
		break;
	case ZPM_RECONFIGURE_CONFIG:
		reconfigure(sim, step);
		break;
	case ZPM_RECONFIGURE_STEP_DOWN:
		step_down(sim, step);
		break;
	case ZPM_RECONFIGURE_AWAIT_COMMIT:
		assert_true(!sim->committed && 2 * sim_voters_up(sim, sim->config) > sim_voters(sim->config));
		sim->committed = true;
		break;
	case ZPM_RECONFIGURE_AWAIT_PRIMARY:
		elect(sim);
		break;
	case ZPM_RECONFIGURE_AWAIT_MEMBERS:
		sync_members(sim, &step->hosts);
		break;
	case ZPM_RECONFIGURE_AWAIT_CATCH_UP:
		assert_true(sim_view(sim, step->host)->lag > 0);
		sim_view(sim, step->host)->lag = 0;
		break;
	}
}
