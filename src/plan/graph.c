/* Steps, and the edges between them. */
#include "plan/grapher.h"

#include "base/index.h"

#include <stdio.h>
#include <string.h>

struct zpm_step *zpm_graph_step(
	struct zpm_grapher *b, enum zpm_op op, const struct zpm_change *change, const char *label)
{
	struct zpm_step *step = zpm_arena_alloc(b->graph->arena, sizeof(*step));

	step->op = op;
	step->change = change;
	step->label = label;
	step->blocked = change ? change->blocked : NULL;
	step->index = b->graph->steps.n;
	zpm_ptrs_push(b->graph->arena, &b->graph->steps, step);
	return step;
}

void zpm_graph_edge(struct zpm_grapher *b, struct zpm_step *before, struct zpm_step *after)
{
	if (!before || !after || before == after)
		return;
	zpm_ptrs_push(b->graph->arena, &before->next, after);
	after->waits++;
}

struct zpm_step *zpm_graph_find(struct zpm_index *index, const char *kind, const char *name)
{
	char ref[256];

	snprintf(ref, sizeof(ref), "%s/%s", kind, name);
	return zpm_index_get(index, ref);
}

/* A node that cannot be used is told of, unless it is to be down. Nothing waits for it. */
static void verify_node(struct zpm_grapher *b, const struct zpm_change *change, const char *ref)
{
	const struct zpm_swarm_node *want = change->want ? change->want->spec : NULL;
	bool down = want && want->availability && !strcmp(want->availability, "drain");

	if (want && !down && change->have->live->trouble)
		zpm_graph_step(b, ZPM_OP_VERIFY, change, ref)->optional = true;
}

/* False: the change is one of those that all kinds have. */
static bool add_special_steps(struct zpm_grapher *b, const struct zpm_change *change)
{
	enum zpm_kind_id kind = zpm_change_object(change)->kind->id;

	if (kind == ZPM_KIND_REPLICA_SET)
		zpm_graph_set(b, change);
	else if (kind == ZPM_KIND_SETUP)
		zpm_graph_setup(b, change);
	return kind == ZPM_KIND_REPLICA_SET || kind == ZPM_KIND_SETUP;
}

/* The steps of one change: one, or two for a replacement. */
static void add_change_steps(struct zpm_grapher *b, const struct zpm_change *change)
{
	const struct zpm_object *object = zpm_change_object(change);
	const char *ref = zpm_object_ref(object, b->graph->arena);
	struct zpm_step *first, *last;

	if (add_special_steps(b, change))
		return;
	switch (change->action) {
	case ZPM_ACTION_CREATE:
		first = last = zpm_graph_step(b, ZPM_OP_CREATE, change, ref);
		break;
	case ZPM_ACTION_UPDATE:
	case ZPM_ACTION_ADOPT:
		first = last = zpm_graph_step(b, ZPM_OP_UPDATE, change, ref);
		break;
	case ZPM_ACTION_REPLACE:
		first = zpm_graph_step(b, ZPM_OP_REMOVE, change, ref);
		last = zpm_graph_step(b, ZPM_OP_CREATE, change, ref);
		zpm_graph_edge(b, first, last);
		break;
	case ZPM_ACTION_DELETE:
		/* No index: a declared object may have the same name. */
		zpm_index_add(b->removals, ref, zpm_graph_step(b, ZPM_OP_REMOVE, change, ref));
		return;
	default:
		if (object->kind->id == ZPM_KIND_NODE)
			verify_node(b, change, ref);
		if (object->kind->id != ZPM_KIND_SERVICE)
			return;
		first = last = zpm_graph_step(b, ZPM_OP_VERIFY, change, ref);
		last->optional = true;
		break;
	}
	zpm_index_add(b->firsts, ref, first);
	zpm_index_add(b->lasts, ref, last);
	if (object->kind->id == ZPM_KIND_NODE)
		verify_node(b, change, ref);
}

static bool is_replacement(const struct zpm_step *step)
{
	return step && step->change && step->change->action == ZPM_ACTION_REPLACE;
}

static bool leave_one(struct zpm_grapher *b, const char *kind, const char *name, struct zpm_step *removal)
{
	struct zpm_step *ground = name ? zpm_graph_find(b->firsts, kind, name) : NULL;

	if (!is_replacement(ground))
		return false;
	zpm_graph_edge(b, removal, ground);
	return true;
}

/* The name of a volume on a host's own Engine, when it is that of a source; else NULL. */
static const char *hosted_name(const struct zpm_change *change, const char *source)
{
	const char *name = zpm_change_object(change)->name;
	size_t len = strlen(source);

	return !strncmp(name, source, len) && name[len] == '@' ? name : NULL;
}

static bool leave_volume(struct zpm_grapher *b, const char *source, struct zpm_step *removal)
{
	bool leaves = leave_one(b, "volume", source, removal);

	for (size_t i = 0; source && i < b->hosted.n; i++)
		leaves |= leave_one(b, "volume", hosted_name(b->hosted.v[i], source), removal);
	return leaves;
}

static void need_volume(struct zpm_grapher *b, const char *source, struct zpm_step *last)
{
	zpm_graph_edge(b, zpm_graph_find(b->lasts, "volume", source), last);
	for (size_t i = 0; i < b->hosted.n; i++) {
		const char *name = hosted_name(b->hosted.v[i], source);

		if (name)
			zpm_graph_edge(b, zpm_graph_find(b->lasts, "volume", name), last);
	}
}

/* A network or volume has to be free of its services before it can be replaced. */
bool zpm_graph_leave_ground(struct zpm_grapher *b, const struct zpm_object *have, struct zpm_step *removal)
{
	const struct zpm_service *service = have->spec;
	bool leaves = false;

	for (size_t i = 0; i < service->networks.n; i++)
		leaves |= leave_one(
			b, "network", ((struct zpm_attachment *)service->networks.v[i])->name, removal);
	for (size_t i = 0; i < service->volumes.n; i++)
		leaves |= leave_volume(b, ((struct zpm_mount *)service->volumes.v[i])->source, removal);
	return leaves;
}

static void need_objects(struct zpm_grapher *b, const struct zpm_service *service, struct zpm_step *last)
{
	for (size_t i = 0; i < service->networks.n; i++)
		zpm_graph_edge(b,
			zpm_graph_find(
				b->lasts, "network", ((struct zpm_attachment *)service->networks.v[i])->name),
			last);
	for (size_t i = 0; i < service->volumes.n; i++) {
		const char *source = ((struct zpm_mount *)service->volumes.v[i])->source;

		if (source)
			need_volume(b, source, last);
	}
}

static void need_files(
	struct zpm_grapher *b, const char *kind, const struct zpm_ptrs *files, struct zpm_step *last)
{
	for (size_t i = 0; i < files->n; i++)
		zpm_graph_edge(b,
			zpm_graph_find(b->lasts, kind,
				zpm_version_name(((struct zpm_file *)files->v[i])->source, b->graph->arena)),
			last);
}

/* A service that leaves a replaced network or volume does so at once, and comes back in its turn. */
static void link_service(struct zpm_grapher *b, const struct zpm_change *change)
{
	const struct zpm_service *service = change->want->spec;
	struct zpm_step *first = zpm_graph_find(b->firsts, "service", change->want->name);
	struct zpm_step *last = zpm_graph_find(b->lasts, "service", change->want->name);
	enum zpm_tier tier = change->want->tier;

	if (first->op == ZPM_OP_REMOVE && zpm_graph_leave_ground(b, change->have, first))
		first = last;
	zpm_graph_edge(b, b->placed, first);
	need_objects(b, service, last);
	need_files(b, "secret", &service->secrets, last);
	need_files(b, "config", &service->configs, last);
	for (size_t i = 0; i < service->depends_on.n; i++)
		zpm_graph_edge(b, zpm_graph_find(b->lasts, "service", service->depends_on.v[i]), first);
	zpm_graph_await_setups(b, service, first);
	zpm_graph_await_sets(b, service, first);
	if (last->optional)
		return;
	if (tier > 0)
		zpm_graph_edge(b, b->done[tier - 1], first);
	/* What a hold keeps back stops no later tier; but nothing is deleted that it may still use. */
	zpm_graph_edge(b, last, change->blocked ? b->all_done : b->done[tier]);
}

static void link_wanted(struct zpm_grapher *b, const struct zpm_ptrs *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct zpm_change *change = changes->v[i];

		if (!change->want)
			continue;
		if (change->want->kind->id == ZPM_KIND_SERVICE)
			link_service(b, change);
		else if (change->want->kind->id == ZPM_KIND_SETUP)
			zpm_graph_link_setup(b, change);
		else if (change->want->kind->id == ZPM_KIND_NODE)
			zpm_graph_edge(b, zpm_graph_find(b->lasts, "node", change->want->name), b->placed);
		else if (zpm_kind_is_engines(change->want->kind->id))
			zpm_graph_edge(b,
				zpm_graph_find(b->lasts, change->want->kind->name, change->want->name),
				b->all_done);
	}
}

static bool moves_nodes(const struct zpm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct zpm_change *change = plan->changes.v[i];

		if (change->want && change->want->kind->id == ZPM_KIND_NODE)
			return true;
	}
	return false;
}

static void add_gates(struct zpm_grapher *b)
{
	b->graph->moves = moves_nodes(b->plan);
	if (b->graph->moves)
		b->placed = zpm_graph_step(b, ZPM_OP_GATE, NULL, "the hosts");
	b->all_done = zpm_graph_step(b, ZPM_OP_GATE, NULL, "all changes");
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++) {
		const char *label = zpm_arena_printf(b->graph->arena, "tier %s", zpm_tier_names[tier]);

		b->done[tier] = zpm_graph_step(b, ZPM_OP_GATE, NULL, label);
		zpm_graph_edge(b, b->done[tier], b->all_done);
		zpm_graph_edge(b, b->placed, b->done[tier]);
		if (tier)
			zpm_graph_edge(b, b->done[tier - 1], b->done[tier]);
	}
}

/* Looked for with each volume that is mounted, and there are few. */
static void find_hosted(struct zpm_grapher *b)
{
	for (size_t i = 0; i < b->plan->changes.n; i++) {
		struct zpm_change *change = b->plan->changes.v[i];

		if (zpm_change_object(change)->host)
			zpm_ptrs_push(b->graph->arena, &b->hosted, change);
	}
}

struct zpm_graph *zpm_graph_new(const struct zpm_plan *plan, struct zpm_arena *arena)
{
	struct zpm_graph *graph = zpm_arena_alloc(arena, sizeof(*graph));
	struct zpm_grapher b = { .plan = plan, .graph = graph };

	graph->arena = arena;
	b.removals = zpm_index_new(arena);
	b.sets = zpm_index_new(arena);
	b.firsts = zpm_index_new(arena);
	b.lasts = zpm_index_new(arena);
	find_hosted(&b);
	for (size_t i = 0; i < plan->changes.n; i++)
		add_change_steps(&b, plan->changes.v[i]);
	for (size_t i = 0; i < plan->kept.n; i++)
		add_change_steps(&b, plan->kept.v[i]);
	add_gates(&b);
	zpm_graph_sets(&b);
	link_wanted(&b, &plan->changes);
	link_wanted(&b, &plan->kept);
	zpm_graph_deletes(&b);
	zpm_graph_ports(&b);
	return graph;
}
