/*
 * Where replica sets, shards and documents have their place among the
 * services: a set after its members run; before that, members that are
 * restarted one after the other, the primary last.
 */
#include "plan/grapher.h"

#include "base/index.h"
#include "model/mongo_object.h"
#include "model/replica_set.h"

#include <string.h>

static bool is_set(const struct zpm_change *change)
{
	return change->want && change->want->kind->id == ZPM_KIND_REPLICA_SET;
}

static struct zpm_step *service_step(struct zpm_index *index, const struct zpm_mongo_process *process)
{
	return process->managed ? zpm_graph_find(index, "service", process->service) : NULL;
}

/* A member that runs, and will again. */
static bool is_restarted(const struct zpm_grapher *b, const struct zpm_mongo_process *process)
{
	const struct zpm_step *step = service_step(b->firsts, process);
	const struct zpm_change *change = step ? step->change : NULL;

	if (!change || !change->have || zpm_mongo_process_is_down(process))
		return false;
	return change->action == ZPM_ACTION_REPLACE ||
	       (change->action != ZPM_ACTION_KEEP && change->impact == ZPM_IMPACT_RESTART);
}

static bool is_primary(const struct zpm_change *change, const struct zpm_mongo_process *process)
{
	const struct zpm_set_view *view = change->seen ? change->seen->live->set : NULL;
	const struct zpm_member_view *member =
		view ? zpm_member_view_by_host(&view->members, process->address) : NULL;

	return member && member->state == ZPM_MEMBER_PRIMARY;
}

/* Each waits until the one before is a member again, and hands over if it leads. */
static void release_members(struct zpm_grapher *b, const struct zpm_change *change, const char *ref)
{
	const struct zpm_ptrs *members = &change->want->set->members;
	struct zpm_step *before = NULL;

	for (int primary = 0; primary <= 1; primary++)
		for (size_t i = 0; i < members->n; i++) {
			const struct zpm_mongo_process *process = members->v[i];
			struct zpm_step *release;

			if (!is_restarted(b, process) || is_primary(change, process) != primary)
				continue;
			release = zpm_graph_step(b, ZPM_OP_RELEASE, change, ref);
			release->member = process->address;
			zpm_graph_edge(b, before, release);
			zpm_graph_edge(b, release, service_step(b->firsts, process));
			before = service_step(b->lasts, process);
		}
}

static enum zpm_op op_of(const struct zpm_change *change)
{
	if (change->action == ZPM_ACTION_KEEP)
		return ZPM_OP_VERIFY;
	return change->action == ZPM_ACTION_CREATE ? ZPM_OP_CREATE : ZPM_OP_UPDATE;
}

void zpm_graph_set(struct zpm_grapher *b, const struct zpm_change *change)
{
	const char *ref = zpm_object_ref(change->want, b->graph->arena);
	struct zpm_step *step;

	release_members(b, change, ref);
	step = zpm_graph_step(b, op_of(change), change, ref);
	/* A set that is there may serve, whatever cannot be changed of it now. */
	step->optional = change->action != ZPM_ACTION_CREATE;
	zpm_index_add(b->firsts, ref, step);
	zpm_index_add(b->lasts, ref, step);
}

/* What is only verified holds up nothing: the set can do without, or tells. */
static void link_changed(struct zpm_grapher *b, struct zpm_step *before, struct zpm_step *after)
{
	if (before && before->op != ZPM_OP_VERIFY)
		zpm_graph_edge(b, before, after);
}

/* A host that goes down keeps its member until the others can do without. */
static void link_members(struct zpm_grapher *b, const struct zpm_change *change, struct zpm_step *step)
{
	const struct zpm_ptrs *members = &change->want->set->members;

	for (size_t i = 0; i < members->n; i++) {
		const struct zpm_mongo_process *process = members->v[i];

		if (zpm_mongo_process_is_down(process))
			zpm_graph_edge(b, step, service_step(b->firsts, process));
		else
			link_changed(b, service_step(b->lasts, process), step);
		if (process->managed)
			zpm_index_add(b->sets, process->service, step);
	}
}

static void link_set(struct zpm_grapher *b, const struct zpm_change *change)
{
	struct zpm_step *step = zpm_graph_find(b->lasts, change->want->kind->name, change->want->name);

	link_members(b, change, step);
	zpm_graph_edge(b, step, step->optional ? NULL : b->done[ZPM_TIER_SYSTEM]);
	if (step->op != ZPM_OP_VERIFY)
		zpm_graph_edge(b, step, b->all_done);
}

void zpm_graph_await_sets(struct zpm_grapher *b, const struct zpm_service *service, struct zpm_step *first)
{
	for (size_t i = 0; i < service->depends_on.n; i++) {
		struct zpm_step *set = zpm_index_get(b->sets, service->depends_on.v[i]);

		if (set && !set->optional)
			zpm_graph_edge(b, set, first);
	}
}

/* After the sets and the routers; a document after the sets alone. */
static void link_other(struct zpm_grapher *b, const struct zpm_change *change)
{
	struct zpm_step *step = zpm_graph_find(b->lasts, change->want->kind->name, change->want->name);

	for (size_t i = 0; step && i < b->graph->steps.n; i++) {
		struct zpm_step *other = b->graph->steps.v[i];
		const struct zpm_object *want = other->change ? other->change->want : NULL;

		if (!want || !want->topology || other->op == ZPM_OP_RELEASE)
			continue;
		if (want->kind->id == ZPM_KIND_REPLICA_SET ||
			(want->kind->id == ZPM_KIND_SERVICE && change->want->kind->id == ZPM_KIND_SHARD &&
				!zpm_index_get(b->sets, want->name)))
			link_changed(b, other, step);
	}
	zpm_graph_edge(b, step, b->done[ZPM_TIER_SYSTEM]);
}

void zpm_graph_sets(struct zpm_grapher *b)
{
	const struct zpm_ptrs *const lists[] = { &b->plan->changes, &b->plan->kept };

	for (int sets = 1; sets >= 0; sets--)
		for (size_t i = 0; i < ZPM_COUNT(lists); i++)
			for (size_t j = 0; j < lists[i]->n; j++) {
				const struct zpm_change *change = lists[i]->v[j];

				if (is_set(change) && sets)
					link_set(b, change);
				else if (!is_set(change) && !sets && change->want &&
					 !zpm_kind_is_engines(change->want->kind->id))
					link_other(b, change);
			}
}
