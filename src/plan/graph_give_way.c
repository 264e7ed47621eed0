/* What goes before something else can come: orphans, ports that are given up, and deletions last. */
#include "plan/grapher.h"

#include "base/index.h"

#include <string.h>

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

static bool goes_first(struct zpm_grapher *b, struct zpm_step *removal)
{
	const struct zpm_object *orphan = removal->change->have;
	bool first;

	if (orphan->kind->id != ZPM_KIND_SERVICE)
		return false;
	first = zpm_graph_leave_ground(b, orphan, removal);
	if (!((struct zpm_service *)orphan->spec)->ports.n)
		return first;
	for (size_t i = 0; i < b->graph->steps.n; i++) {
		struct zpm_step *step = b->graph->steps.v[i];

		if (wants_port_of(step, orphan->spec, NULL)) {
			zpm_graph_edge(b, removal, step);
			first = true;
		}
	}
	return first;
}

/* Deletions, one rank after the other: a gate stands between two ranks. */
void zpm_graph_deletes(struct zpm_grapher *b)
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
			next = zpm_graph_step(b, ZPM_OP_GATE, NULL, "earlier deletions");
		previous = object;
		zpm_graph_edge(b, gate, step);
		zpm_graph_edge(b, step, next);
		for (size_t j = 0; j < step->change->after.n; j++)
			zpm_graph_edge(b, zpm_index_get(b->removals, step->change->after.v[j]), step);
	}
}

/* Is there a way along the edges? Each step is looked at once. */
static bool leads_to(const struct zpm_grapher *b, const struct zpm_step *from, const struct zpm_step *to)
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
void zpm_graph_ports(struct zpm_grapher *b)
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
				zpm_graph_edge(b, giver, taker);
		}
	}
}
