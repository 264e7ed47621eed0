/*
 * Random plans of up to sixty objects, executed step by step in a random order
 * that the graph allows, as workers would. Whatever the order: it ends, and
 * nothing starts before what it needs.
 */
#include "support.h"

#include "base/buf.h"
#include "plan/expand.h"
#include "plan/graph.h"

#include <string.h>

#define NETWORKS 6
#define VOLUMES  4
#define SERVICES 50
#define ROUNDS   80

/*
 * Two random manifests, as text. Each object has dice of its own, the same in
 * both manifests or, now and then, others: so plans keep, update and replace.
 */

struct sketch {
	struct zpm_buf *out;
	struct dice *dice;
	uint64_t seed; /* of both manifests */
	bool declared[SERVICES];
	unsigned networks, volumes;
	uint64_t ports; /* published: each by one service only */
};

static struct dice dice_of(const struct sketch *s, uint64_t object)
{
	return (struct dice){ s->seed + object * 7919 + (one_in(s->dice, 4) ? roll(s->dice, 1000) : 0) };
}

static void add_names(
	const struct sketch *s, struct dice *dice, const char *key, const char *format, unsigned declared)
{
	const char *separator = "";
	unsigned chosen = declared & (unsigned)roll(dice, UINT32_MAX) & (unsigned)roll(dice, UINT32_MAX);

	zpm_buf_printf(s->out, ", '%s': [", key);
	for (unsigned i = 0; i < NETWORKS; i++) {
		if (!(chosen & 1U << i))
			continue;
		zpm_buf_puts(s->out, separator);
		for (const char *c = format; *c; c++) {
			if (*c == '#')
				zpm_buf_printf(s->out, "%u", i);
			else
				zpm_buf_add(s->out, c, 1);
		}
		separator = ", ";
	}
	zpm_buf_puts(s->out, "]");
}

/* Depends on services before it, which are of the same tier or an earlier one. */
static void add_dependencies(const struct sketch *s, struct dice *dice, size_t service)
{
	const char *separator = "";

	zpm_buf_puts(s->out, ", 'dependsOn': [");
	for (size_t i = 0; i < service; i++) {
		if (!one_in(dice, 10) || !s->declared[i])
			continue;
		zpm_buf_printf(s->out, "%s's%zu'", separator, i);
		separator = ", ";
	}
	zpm_buf_puts(s->out, "]");
}

static void add_port(struct sketch *s, struct dice *dice)
{
	unsigned port = (unsigned)roll(dice, 20);

	if (s->ports & UINT64_C(1) << port || one_in(dice, 2))
		return;
	s->ports |= UINT64_C(1) << port;
	zpm_buf_printf(s->out, ", 'ports': ['%u:80']", 8000 + port);
}

static void add_service(struct sketch *s, size_t service)
{
	struct dice dice = dice_of(s, 100 + service);

	zpm_buf_printf(s->out, "'s%zu': {'image': 'x:%d', 'mode': '%s'", service, (int)roll(&dice, 2),
		one_in(&dice, 6) ? "global" : "replicated");
	add_names(s, &dice, "networks", "'n#'", s->networks);
	add_names(s, &dice, "volumes", "'v#:/v#'", s->volumes);
	add_dependencies(s, &dice, service);
	add_port(s, &dice);
	zpm_buf_puts(s->out, "}");
	s->declared[service] = true;
}

static void add_tier(struct sketch *s, size_t tier)
{
	size_t size = SERVICES / ZPM_TIER_COUNT;
	const char *separator = "";

	zpm_buf_printf(s->out, "%s'%s': {", tier ? ", " : "", zpm_tier_names[tier]);
	for (size_t i = tier * size; i < (tier + 1) * size; i++) {
		if (one_in(s->dice, 4))
			continue;
		zpm_buf_puts(s->out, separator);
		add_service(s, i);
		separator = ", ";
	}
	zpm_buf_puts(s->out, "}");
}

static unsigned add_objects(const struct sketch *s, char letter, unsigned n)
{
	const char *separator = "";
	unsigned declared = 0;

	for (unsigned i = 0; i < n; i++) {
		struct dice dice = dice_of(s, i);

		if (one_in(s->dice, 12))
			continue;
		declared |= 1U << i;
		/* Volumes stay as they are: a plan that replaces one is never applied. */
		zpm_buf_printf(s->out, "%s'%c%u': {%s}", separator, letter, i,
			letter == 'n' && one_in(&dice, 2) ? "'attachable': true" : "");
		separator = ", ";
	}
	return declared;
}

static const char *random_manifest(struct test *t, struct dice *dice, uint64_t seed)
{
	ZPM_BUF out = { 0 };
	struct sketch s = { .out = &out, .dice = dice, .seed = seed };

	zpm_buf_puts(&out, "{'apiVersion': 'zpm/v1', 'platform': 'p', 'networks': {");
	s.networks = add_objects(&s, 'n', NETWORKS);
	zpm_buf_puts(&out, "}, 'volumes': {");
	s.volumes = add_objects(&s, 'v', VOLUMES);
	zpm_buf_puts(&out, "}, 'services': {");
	for (size_t tier = 0; tier < ZPM_TIER_COUNT; tier++)
		add_tier(&s, tier);
	zpm_buf_puts(&out, "}}");
	return zpm_arena_strdup(t->arena, out.data);
}

static const struct zpm_plan *random_plan(struct test *t, struct dice *dice)
{
	uint64_t seed = roll(dice, UINT32_MAX);
	const char *observed = random_manifest(t, dice, seed);

	return given_plan(t, observed, random_manifest(t, dice, seed));
}

/* Executing it. */

struct run {
	const struct zpm_graph *graph;
	size_t *at; /* when each step was done, from 1; by its index */
	size_t *waits;
	size_t done;
};

static void finish(
	struct run *run, const struct zpm_step *step, struct zpm_ptrs *ready, struct zpm_arena *arena)
{
	run->at[step->index] = ++run->done;
	for (size_t i = 0; i < step->next.n; i++) {
		struct zpm_step *next = step->next.v[i];

		if (--run->waits[next->index] == 0)
			zpm_ptrs_push(arena, ready, next);
	}
}

static struct run execute(struct test *t, struct dice *dice, const struct zpm_graph *graph)
{
	size_t n = graph->steps.n;
	struct run run = { .graph = graph,
		.at = zpm_arena_alloc(t->arena, n * sizeof(size_t)),
		.waits = zpm_arena_alloc(t->arena, n * sizeof(size_t)) };
	struct zpm_ptrs ready = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct zpm_step *step = graph->steps.v[i];

		run.waits[i] = step->waits;
		if (!step->waits)
			zpm_ptrs_push(t->arena, &ready, step);
	}
	while (ready.n) {
		size_t pick = roll(dice, ready.n);
		const struct zpm_step *step = ready.v[pick];

		ready.v[pick] = ready.v[--ready.n];
		finish(&run, step, &ready, t->arena);
	}
	return run;
}

/* When a step was done; 0: there is no such step. */
static size_t when(const struct run *run, enum zpm_op op, enum zpm_kind_id kind, const char *name)
{
	for (size_t i = 0; i < run->graph->steps.n; i++) {
		const struct zpm_step *step = run->graph->steps.v[i];
		const struct zpm_object *object;

		if (step->op != op || op == ZPM_OP_GATE)
			continue;
		object = zpm_change_object(step->change);
		if (object->kind->id == kind && !strcmp(object->name, name))
			return run->at[i];
	}
	return 0;
}

/* When a service ran as it should, if it was looked at. */
static size_t when_up(const struct run *run, const char *service)
{
	size_t created = when(run, ZPM_OP_CREATE, ZPM_KIND_SERVICE, service);
	size_t updated = when(run, ZPM_OP_UPDATE, ZPM_KIND_SERVICE, service);

	if (created || updated)
		return created ? created : updated;
	return when(run, ZPM_OP_VERIFY, ZPM_KIND_SERVICE, service);
}

static void assert_earlier(
	size_t before, const struct run *run, const struct zpm_step *step, const char *what)
{
	if (before >= run->at[step->index])
		fail_msg("%s of %s comes too late for %s (op %d)", what,
			step->change ? zpm_change_object(step->change)->name : "a gate", step->label,
			step->op);
}

/* What a service needs is there before it is written or looked at. */
static void check_needs(const struct run *run, const struct zpm_step *step)
{
	const struct zpm_service *service = step->change->want->spec;

	for (size_t i = 0; i < service->networks.n; i++) {
		const struct zpm_attachment *attachment = service->networks.v[i];

		assert_earlier(
			when(run, ZPM_OP_CREATE, ZPM_KIND_NETWORK, attachment->name), run, step, "a network");
	}
	for (size_t i = 0; i < service->volumes.n; i++) {
		const struct zpm_mount *mount = service->volumes.v[i];

		assert_earlier(
			when(run, ZPM_OP_CREATE, ZPM_KIND_VOLUME, mount->source), run, step, "a volume");
	}
	for (size_t i = 0; i < service->depends_on.n; i++)
		assert_earlier(when_up(run, service->depends_on.v[i]), run, step, "a dependency");
}

static bool writes_service(const struct zpm_step *step)
{
	return (step->op == ZPM_OP_CREATE || step->op == ZPM_OP_UPDATE) &&
	       step->change->want->kind->id == ZPM_KIND_SERVICE;
}

/* The tiers before it run. */
static void check_tiers(const struct run *run, const struct zpm_step *step)
{
	for (size_t i = 0; i < run->graph->steps.n; i++) {
		const struct zpm_step *other = run->graph->steps.v[i];

		if (writes_service(other) && other->change->want->tier < step->change->want->tier)
			assert_earlier(run->at[i], run, step, "an earlier tier");
	}
}

static bool is_on(const struct zpm_object *service, const char *network)
{
	const struct zpm_ptrs *networks = &((const struct zpm_service *)service->spec)->networks;

	for (size_t i = 0; i < networks->n; i++)
		if (!strcmp(((const struct zpm_attachment *)networks->v[i])->name, network))
			return true;
	return false;
}

/* Swarm removes no network that a service is still on. */
static void check_network_is_free(const struct run *run, const struct zpm_step *removal)
{
	const char *network = removal->change->have->name;

	for (size_t i = 0; i < run->graph->steps.n; i++) {
		const struct zpm_step *step = run->graph->steps.v[i];
		const struct zpm_change *change = step->change;

		if (!change || !change->have || change->have->kind->id != ZPM_KIND_SERVICE ||
			!is_on(change->have, network) || step->op == ZPM_OP_CREATE)
			continue;
		assert_int_not_equal(step->op, ZPM_OP_VERIFY);
		assert_earlier(run->at[i], run, removal, "a service on it");
	}
}

static bool holds_wanted_port(const struct zpm_object *orphan, const struct zpm_step *step)
{
	const struct zpm_ptrs *held = &((const struct zpm_service *)orphan->spec)->ports, *wanted;

	if (!writes_service(step) || !held->n)
		return false;
	wanted = &((const struct zpm_service *)step->change->want->spec)->ports;
	return wanted->n && ((const struct zpm_port *)wanted->v[0])->published ==
				    ((const struct zpm_port *)held->v[0])->published;
}

static bool is_replaced(const struct run *run, const char *network)
{
	return when(run, ZPM_OP_REMOVE, ZPM_KIND_NETWORK, network) &&
	       when(run, ZPM_OP_CREATE, ZPM_KIND_NETWORK, network);
}

/* An orphan that stands in the way goes first; all others when everything else has succeeded. */
static void check_delete(const struct run *run, const struct zpm_step *removal)
{
	const struct zpm_object *orphan = removal->change->have;
	const struct zpm_ptrs *steps = &run->graph->steps;
	bool in_the_way = false;

	if (orphan->kind->id == ZPM_KIND_SERVICE) {
		const struct zpm_ptrs *networks = &((const struct zpm_service *)orphan->spec)->networks;

		for (size_t i = 0; i < networks->n; i++)
			in_the_way |= is_replaced(run, ((const struct zpm_attachment *)networks->v[i])->name);
		for (size_t i = 0; i < steps->n; i++) {
			if (!holds_wanted_port(orphan, steps->v[i]))
				continue;
			in_the_way = true;
			assert_earlier(run->at[removal->index], run, steps->v[i],
				"the removal of its port's holder");
		}
	}
	for (size_t i = 0; i < steps->n && !in_the_way; i++) {
		const struct zpm_step *step = steps->v[i];

		if (step->op == ZPM_OP_CREATE || step->op == ZPM_OP_UPDATE)
			assert_earlier(run->at[i], run, removal, "a change");
	}
}

static void check_step(const struct run *run, const struct zpm_step *step)
{
	const struct zpm_change *change = step->change;

	if (!change)
		return;
	if (step->op == ZPM_OP_VERIFY || writes_service(step))
		check_needs(run, step);
	if (writes_service(step))
		check_tiers(run, step);
	if (change->action == ZPM_ACTION_REPLACE && step->op == ZPM_OP_CREATE)
		assert_earlier(when(run, ZPM_OP_REMOVE, change->have->kind->id, change->have->name), run,
			step, "the removal");
	if (step->op == ZPM_OP_REMOVE && change->have->kind->id == ZPM_KIND_NETWORK)
		check_network_is_free(run, step);
	if (change->action == ZPM_ACTION_DELETE)
		check_delete(run, step);
}

static void any_execution_is_in_order(struct test *t, struct dice *dice)
{
	const struct zpm_graph *graph = zpm_graph_new(random_plan(t, dice), t->arena);
	struct run run = execute(t, dice, graph);

	assert_int_equal(run.done, graph->steps.n); /* else there is a cycle */
	for (size_t i = 0; i < graph->steps.n; i++)
		check_step(&run, graph->steps.v[i]);
}

static void test_graph__any_execution_ends_and_is_in_order(void **state)
{
	each_seed(*state, ROUNDS, any_execution_is_in_order);
}

/* Destroying, with a manifest that may be older or newer than what is there. */

static void any_destruction_ends(struct test *t, struct dice *dice)
{
	uint64_t seed = roll(dice, UINT32_MAX);
	const struct zpm_platform *platform = given_platform(t, random_manifest(t, dice, seed));
	const struct zpm_objects *have = given_observed(t, random_manifest(t, dice, seed));
	struct zpm_plan *plan =
		zpm_plan_destroy(platform, zpm_expand(platform, t->arena), have, one_in(dice, 2));
	const struct zpm_graph *graph = zpm_graph_new(keep_plan(t, plan), t->arena);
	struct run run = execute(t, dice, graph);

	assert_int_equal(run.done, graph->steps.n);
	for (size_t i = 0; i < graph->steps.n; i++) {
		const struct zpm_step *step = graph->steps.v[i];

		assert_true(step->op == ZPM_OP_REMOVE || step->op == ZPM_OP_GATE);
		check_step(&run, step);
	}
}

static void test_graph__any_destruction_ends_and_is_in_order(void **state)
{
	each_seed(*state, ROUNDS, any_destruction_ends);
}

/* The graph itself. */

static size_t expected_steps(const struct zpm_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->changes.n; i++)
		n += ((const struct zpm_change *)plan->changes.v[i])->action == ZPM_ACTION_REPLACE ? 2 : 1;
	for (size_t i = 0; i < plan->kept.n; i++)
		n += ((const struct zpm_change *)plan->kept.v[i])->want->kind->id == ZPM_KIND_SERVICE;
	return n;
}

static void every_change_has_its_steps(struct test *t, struct dice *dice)
{
	const struct zpm_plan *plan = random_plan(t, dice);
	const struct zpm_graph *graph = zpm_graph_new(plan, t->arena);
	size_t *incoming = zpm_arena_alloc(t->arena, graph->steps.n * sizeof(size_t)), steps = 0;

	for (size_t i = 0; i < graph->steps.n; i++) {
		const struct zpm_step *step = graph->steps.v[i];

		assert_int_equal(step->index, i);
		steps += step->op != ZPM_OP_GATE;
		for (size_t j = 0; j < step->next.n; j++)
			incoming[((const struct zpm_step *)step->next.v[j])->index]++;
	}
	assert_int_equal(steps, expected_steps(plan));
	for (size_t i = 0; i < graph->steps.n; i++)
		assert_int_equal(((const struct zpm_step *)graph->steps.v[i])->waits, incoming[i]);
}

static void test_graph__every_change_has_its_steps_and_every_edge_is_counted(void **state)
{
	each_seed(*state, ROUNDS, every_change_has_its_steps);
}

/* What is only looked at. */

static bool depends_on(const struct zpm_step *step, const char *service)
{
	return step->change && step->change->want && step->change->want->kind->id == ZPM_KIND_SERVICE &&
	       zpm_strs_have(&((const struct zpm_service *)step->change->want->spec)->depends_on, service);
}

static void looking_holds_up_dependants_only(struct test *t, struct dice *dice)
{
	const struct zpm_graph *graph = zpm_graph_new(random_plan(t, dice), t->arena);

	for (size_t i = 0; i < graph->steps.n; i++) {
		const struct zpm_step *step = graph->steps.v[i];

		assert_true(step->optional == (step->op == ZPM_OP_VERIFY));
		if (step->op != ZPM_OP_VERIFY)
			continue;
		for (size_t j = 0; j < step->next.n; j++)
			assert_true(depends_on(step->next.v[j], step->change->want->name));
	}
}

static void test_graph__unchanged_service_holds_up_only_those_that_depend_on_it(void **state)
{
	each_seed(*state, ROUNDS, looking_holds_up_dependants_only);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_graph__any_execution_ends_and_is_in_order),
		TEST(test_graph__any_destruction_ends_and_is_in_order),
		TEST(test_graph__every_change_has_its_steps_and_every_edge_is_counted),
		TEST(test_graph__unchanged_service_holds_up_only_those_that_depend_on_it),
	};

	return cmocka_run_group_tests_name("graph_random", tests, NULL, NULL);
}
