/* Where a setup has its place: after its service runs, before what needs that. */
#include "plan/grapher.h"

#include "base/index.h"
#include "model/service.h"

void zpm_graph_setup(struct zpm_grapher *b, const struct zpm_change *change)
{
	const char *ref = zpm_object_ref(change->want, b->graph->arena);
	struct zpm_step *step;

	/* What could not be seen is told of, and holds up nobody else. */
	if (change->action == ZPM_ACTION_KEEP && !change->trouble)
		return;
	if (change->action == ZPM_ACTION_KEEP) {
		step = zpm_graph_step(b, ZPM_OP_VERIFY, change, ref);
		step->optional = true;
	} else {
		step = zpm_graph_step(
			b, change->action == ZPM_ACTION_CREATE ? ZPM_OP_CREATE : ZPM_OP_UPDATE, change, ref);
	}
	zpm_index_add(b->firsts, ref, step);
	zpm_index_add(b->lasts, ref, step);
}

void zpm_graph_link_setup(struct zpm_grapher *b, const struct zpm_change *change)
{
	struct zpm_step *step = zpm_graph_find(b->lasts, "setup", change->want->name);
	struct zpm_step *service = zpm_graph_find(b->lasts, "service", change->want->name);
	struct zpm_step *gate = b->all_done;
	enum zpm_tier tier;

	if (!step)
		return;
	zpm_graph_edge(b, service, step);
	if (step->optional)
		return;
	/* A plan for some targets may have left the service out. */
	if (service && !change->blocked) {
		tier = service->change->want->tier;
		gate = b->done[tier];
		zpm_graph_edge(b, tier > 0 ? b->done[tier - 1] : NULL, step);
	}
	zpm_graph_edge(b, step, gate);
}

void zpm_graph_await_setups(struct zpm_grapher *b, const struct zpm_service *service, struct zpm_step *first)
{
	for (size_t i = 0; i < service->depends_on.n; i++)
		zpm_graph_edge(b, zpm_graph_find(b->lasts, "setup", service->depends_on.v[i]), first);
}
