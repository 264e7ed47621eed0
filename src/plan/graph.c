/* Steps, and the edges between them. */
#include "plan/graph.h"

#include "base/index.h"

#include <stdio.h>
#include <string.h>

struct builder {
	const struct zpm_plan *plan;
	struct zpm_graph *graph;
	struct zpm_index *removals;            /* ref -> the step of a deletion */
	struct zpm_index *firsts, *lasts;      /* ref -> the first and the last step of its change */
	struct zpm_step *done[ZPM_TIER_COUNT]; /* gate: the tier runs */
	struct zpm_step *placed;               /* gate: nodes have their labels; NULL: they have */
	struct zpm_step *all_done;             /* gate: every create and update has succeeded */
};

static struct zpm_step *add_step(
	struct builder *b, enum zpm_op op, const struct zpm_change *change, const char *label)
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

static void add_edge(struct builder *b, struct zpm_step *before, struct zpm_step *after)
{
	if (!before || !after || before == after)
		return;
	zpm_ptrs_push(b->graph->arena, &before->next, after);
	after->waits++;
}

static struct zpm_step *find(struct zpm_index *index, const char *kind, const char *name)
{
	char ref[256];

	snprintf(ref, sizeof(ref), "%s/%s", kind, name);
	return zpm_index_get(index, ref);
}

/* A node that cannot be used is told of, unless it is to be down. Nothing waits for it. */
static void verify_node(struct builder *b, const struct zpm_change *change, const char *ref)
{
	const struct zpm_swarm_node *want = change->want ? change->want->spec : NULL;
	bool down = want && want->availability && !strcmp(want->availability, "drain");

	if (want && !down && change->have->live->trouble)
		add_step(b, ZPM_OP_VERIFY, change, ref)->optional = true;
}

/* The steps of one change: one, or two for a replacement. */
static void add_change_steps(struct builder *b, const struct zpm_change *change)
{
	const struct zpm_object *object = zpm_change_object(change);
	const char *ref = zpm_object_ref(object, b->graph->arena);
	struct zpm_step *first, *last;

	switch (change->action) {
	case ZPM_ACTION_CREATE:
		first = last = add_step(b, ZPM_OP_CREATE, change, ref);
		break;
	case ZPM_ACTION_UPDATE:
	case ZPM_ACTION_ADOPT:
		first = last = add_step(b, ZPM_OP_UPDATE, change, ref);
		break;
	case ZPM_ACTION_REPLACE:
		first = add_step(b, ZPM_OP_REMOVE, change, ref);
		last = add_step(b, ZPM_OP_CREATE, change, ref);
		add_edge(b, first, last);
		break;
	case ZPM_ACTION_DELETE:
		/* No index: a declared object may have the same name. */
		zpm_index_add(b->removals, ref, add_step(b, ZPM_OP_REMOVE, change, ref));
		return;
	default:
		if (object->kind->id == ZPM_KIND_NODE)
			verify_node(b, change, ref);
		if (object->kind->id != ZPM_KIND_SERVICE)
			return;
		first = last = add_step(b, ZPM_OP_VERIFY, change, ref);
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

static bool leave_one(struct builder *b, const char *kind, const char *name, struct zpm_step *removal)
{
	struct zpm_step *ground = name ? find(b->firsts, kind, name) : NULL;

	if (!is_replacement(ground))
		return false;
	add_edge(b, removal, ground);
	return true;
}

/* The change of a volume on a host's own Engine, when it is of that name; else NULL. */
static const char *hosted_ref(const struct builder *b, size_t i, const char *source)
{
	const struct zpm_object *object = zpm_change_object(b->plan->changes.v[i]);
	size_t len = strlen(source);

	if (!object->host || strncmp(object->name, source, len) != 0 || object->name[len] != '@')
		return NULL;
	return object->name;
}

static bool leave_volume(struct builder *b, const char *source, struct zpm_step *removal)
{
	bool leaves = leave_one(b, "volume", source, removal);

	for (size_t i = 0; source && i < b->plan->changes.n; i++)
		leaves |= leave_one(b, "volume", hosted_ref(b, i, source), removal);
	return leaves;
}

static void need_volume(struct builder *b, const char *source, struct zpm_step *last)
{
	add_edge(b, find(b->lasts, "volume", source), last);
	for (size_t i = 0; i < b->plan->changes.n; i++) {
		const char *name = hosted_ref(b, i, source);

		if (name)
			add_edge(b, find(b->lasts, "volume", name), last);
	}
}

/* A network or volume has to be free of its services before it can be replaced. */
static bool leave_ground(struct builder *b, const struct zpm_object *have, struct zpm_step *removal)
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

static void need_objects(struct builder *b, const struct zpm_service *service, struct zpm_step *last)
{
	for (size_t i = 0; i < service->networks.n; i++)
		add_edge(b,
			find(b->lasts, "network", ((struct zpm_attachment *)service->networks.v[i])->name),
			last);
	for (size_t i = 0; i < service->volumes.n; i++) {
		const char *source = ((struct zpm_mount *)service->volumes.v[i])->source;

		if (source)
			need_volume(b, source, last);
	}
}

static void need_files(
	struct builder *b, const char *kind, const struct zpm_ptrs *files, struct zpm_step *last)
{
	for (size_t i = 0; i < files->n; i++)
		add_edge(b,
			find(b->lasts, kind,
				zpm_version_name(((struct zpm_file *)files->v[i])->source, b->graph->arena)),
			last);
}

/* A service that leaves a replaced network or volume does so at once, and comes back in its turn. */
static void link_service(struct builder *b, const struct zpm_change *change)
{
	const struct zpm_service *service = change->want->spec;
	struct zpm_step *first = find(b->firsts, "service", change->want->name);
	struct zpm_step *last = find(b->lasts, "service", change->want->name);
	enum zpm_tier tier = change->want->tier;

	if (first->op == ZPM_OP_REMOVE && leave_ground(b, change->have, first))
		first = last;
	add_edge(b, b->placed, first);
	need_objects(b, service, last);
	need_files(b, "secret", &service->secrets, last);
	need_files(b, "config", &service->configs, last);
	for (size_t i = 0; i < service->depends_on.n; i++)
		add_edge(b, find(b->lasts, "service", service->depends_on.v[i]), first);
	if (last->optional)
		return;
	if (tier > 0)
		add_edge(b, b->done[tier - 1], first);
	/* What a hold keeps back stops no later tier; but nothing is deleted that it may still use. */
	add_edge(b, last, change->blocked ? b->all_done : b->done[tier]);
}

static void link_wanted(struct builder *b, const struct zpm_ptrs *changes)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct zpm_change *change = changes->v[i];

		if (!change->want)
			continue;
		if (change->want->kind->id == ZPM_KIND_SERVICE)
			link_service(b, change);
		else if (change->want->kind->id == ZPM_KIND_NODE)
			add_edge(b, find(b->lasts, "node", change->want->name), b->placed);
		else
			add_edge(
				b, find(b->lasts, change->want->kind->name, change->want->name), b->all_done);
	}
}

static bool same_port(const struct zpm_port *a, const struct zpm_port *b)
{
	return a->published == b->published && !strcmp(a->protocol, b->protocol);
}

/* Nobody (NULL) publishes nothing. */
static bool publishes(const struct zpm_service *service, const struct zpm_port *port)
{
	for (size_t i = 0; service && i < service->ports.n; i++)
		if (same_port(service->ports.v[i], port))
			return true;
	return false;
}

/* Does the step's service want a port that `old` publishes and `now` (may be NULL) no longer does? */
static bool wants_port_of(
	const struct zpm_step *step, const struct zpm_service *old, const struct zpm_service *now)
{
	if ((step->op != ZPM_OP_CREATE && step->op != ZPM_OP_UPDATE) ||
		step->change->want->kind->id != ZPM_KIND_SERVICE)
		return false;
	for (size_t i = 0; i < old->ports.n; i++) {
		const struct zpm_port *port = old->ports.v[i];

		if (port->published != ZPM_UNSET && !publishes(now, port) &&
			publishes(step->change->want->spec, port))
			return true;
	}
	return false;
}

static bool goes_first(struct builder *b, struct zpm_step *removal)
{
	const struct zpm_object *orphan = removal->change->have;
	bool first;

	if (orphan->kind->id != ZPM_KIND_SERVICE)
		return false;
	first = leave_ground(b, orphan, removal);
	if (!((struct zpm_service *)orphan->spec)->ports.n)
		return first;
	for (size_t i = 0; i < b->graph->steps.n; i++) {
		struct zpm_step *step = b->graph->steps.v[i];

		if (wants_port_of(step, orphan->spec, NULL)) {
			add_edge(b, removal, step);
			first = true;
		}
	}
	return first;
}

/* Deletions, one rank after the other: a gate stands between two ranks. */
static void link_deletes(struct builder *b)
{
	struct zpm_step *gate = b->all_done, *next = NULL;
	const struct zpm_object *previous = NULL;
	size_t n = b->graph->steps.n;

	for (size_t i = 0; i < n; i++) {
		struct zpm_step *step = b->graph->steps.v[i];
		const struct zpm_object *object;

		if (!step->change || step->change->action != ZPM_ACTION_DELETE || goes_first(b, step))
			continue;
		object = step->change->have;
		if (previous && (previous->kind != object->kind || previous->tier != object->tier)) {
			gate = next;
			next = NULL;
		}
		if (!next)
			next = add_step(b, ZPM_OP_GATE, NULL, "earlier deletions");
		previous = object;
		add_edge(b, gate, step);
		add_edge(b, step, next);
		for (size_t j = 0; j < step->change->after.n; j++)
			add_edge(b, zpm_index_get(b->removals, step->change->after.v[j]), step);
	}
}

/* Is there a way along the edges? Each step is looked at once. */
static bool leads_to(const struct builder *b, const struct zpm_step *from, const struct zpm_step *to)
{
	bool *seen = zpm_arena_alloc(b->graph->arena, b->graph->steps.n * sizeof(*seen));
	struct zpm_ptrs open = { 0 };

	zpm_ptrs_push(b->graph->arena, &open, (void *)(uintptr_t)from);
	while (open.n) {
		const struct zpm_step *step = open.v[--open.n];

		if (step == to)
			return true;
		if (seen[step->index])
			continue;
		seen[step->index] = true;
		for (size_t i = 0; i < step->next.n; i++)
			zpm_ptrs_push(b->graph->arena, &open, step->next.v[i]);
	}
	return false;
}

/* An update may give up a port, and so may the first half of a replacement. */
static bool gives_way(const struct zpm_step *step)
{
	const struct zpm_change *change = step->change;

	if (step->op != ZPM_OP_UPDATE && step->op != ZPM_OP_REMOVE)
		return false;
	return change->want && change->have->kind->id == ZPM_KIND_SERVICE;
}

/* A port that one service gives up and another takes: first the one, then the other, where
 * nothing else wants it the other way round. */
static void link_ports(struct builder *b)
{
	for (size_t i = 0; i < b->graph->steps.n; i++) {
		struct zpm_step *giver = b->graph->steps.v[i];
		const struct zpm_change *change = giver->change;

		if (!gives_way(giver))
			continue;
		for (size_t j = 0;
			j < b->graph->steps.n && ((struct zpm_service *)change->have->spec)->ports.n; j++) {
			struct zpm_step *taker = b->graph->steps.v[j];

			if (wants_port_of(taker, change->have->spec, change->want->spec) &&
				!leads_to(b, taker, giver))
				add_edge(b, giver, taker);
		}
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

static void add_gates(struct builder *b)
{
	b->graph->moves = moves_nodes(b->plan);
	if (b->graph->moves)
		b->placed = add_step(b, ZPM_OP_GATE, NULL, "the hosts");
	b->all_done = add_step(b, ZPM_OP_GATE, NULL, "all changes");
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++) {
		const char *label = zpm_arena_printf(b->graph->arena, "tier %s", zpm_tier_names[tier]);

		b->done[tier] = add_step(b, ZPM_OP_GATE, NULL, label);
		add_edge(b, b->done[tier], b->all_done);
		add_edge(b, b->placed, b->done[tier]);
		if (tier)
			add_edge(b, b->done[tier - 1], b->done[tier]);
	}
}

struct zpm_graph *zpm_graph_new(const struct zpm_plan *plan, struct zpm_arena *arena)
{
	struct zpm_graph *graph = zpm_arena_alloc(arena, sizeof(*graph));
	struct builder b = { .plan = plan, .graph = graph };

	graph->arena = arena;
	b.removals = zpm_index_new(arena);
	b.firsts = zpm_index_new(arena);
	b.lasts = zpm_index_new(arena);
	for (size_t i = 0; i < plan->changes.n; i++)
		add_change_steps(&b, plan->changes.v[i]);
	for (size_t i = 0; i < plan->kept.n; i++)
		add_change_steps(&b, plan->kept.v[i]);
	add_gates(&b);
	link_wanted(&b, &plan->changes);
	link_wanted(&b, &plan->kept);
	link_deletes(&b);
	link_ports(&b);
	return graph;
}
