/* Holds: see the header. */
#include "plan/held.h"

#include "base/index.h"
#include "model/hold.h"
#include "model/shape.h"

#include <stdio.h>

const struct zpm_object *zpm_held_want(
	const struct zpm_object *want, const struct zpm_object *have, struct zpm_arena *arena)
{
	struct zpm_object *held;

	if (!have->hold || want->kind->id != ZPM_KIND_SERVICE)
		return want;
	held = zpm_arena_alloc(arena, sizeof(*held));
	*held = *want;
	held->spec = zpm_shape_copy(want->kind->shape, want->spec, arena);
	held->hold = have->hold;
	held->hash = zpm_object_hash(want, arena);
	zpm_hold_set(held->spec, arena);
	return held;
}

struct blocker {
	struct zpm_arena *arena;
	struct zpm_index *services; /* name -> struct zpm_change */
};

static bool is_service(const struct zpm_change *change)
{
	return change->want && change->want->kind->id == ZPM_KIND_SERVICE;
}

static bool starts_tasks(const struct zpm_change *change)
{
	const struct zpm_service *want = change->want->spec, *have = change->have ? change->have->spec : NULL;

	if (change->action == ZPM_ACTION_KEEP || change->want->hold || !want->replicas)
		return false;
	return !have || !have->replicas || change->impact == ZPM_IMPACT_RESTART;
}

/* What a service waits for in vain; NULL: nothing. `dependsOn` never leads in a circle. */
static const char *obstacle(const struct blocker *b, struct zpm_change *change)
{
	const struct zpm_service *service = change->want->spec;

	if (change->blocked || !starts_tasks(change))
		return change->blocked;
	for (size_t i = 0; i < service->depends_on.n && !change->blocked; i++) {
		struct zpm_change *other = zpm_index_get(b->services, service->depends_on.v[i]);

		if (other && other->want->hold)
			change->blocked = zpm_arena_printf(
				b->arena, "%s is held", zpm_object_ref(other->want, b->arena));
		else if (other)
			change->blocked = obstacle(b, other);
	}
	return change->blocked;
}

/* Nothing can be set up in what is not started. */
static void follow_service(const struct blocker *b, struct zpm_change *change)
{
	const struct zpm_change *service;

	if (!change->want || change->want->kind->id != ZPM_KIND_SETUP)
		return;
	service = zpm_index_get(b->services, change->want->name);
	change->blocked = service ? service->blocked : NULL;
}

static bool index_services(const struct blocker *b, const struct zpm_ptrs *changes)
{
	bool held = false;

	for (size_t i = 0; i < changes->n; i++) {
		struct zpm_change *change = changes->v[i];

		if (!is_service(change))
			continue;
		zpm_index_add(b->services, change->want->name, change);
		held |= change->want->hold != NULL;
	}
	return held;
}

void zpm_held_block(const struct zpm_plan *plan)
{
	const struct blocker b = { plan->arena, zpm_index_new(plan->arena) };
	bool held = index_services(&b, &plan->changes);

	held |= index_services(&b, &plan->kept);
	for (size_t i = 0; held && i < plan->changes.n; i++)
		if (is_service(plan->changes.v[i]))
			obstacle(&b, plan->changes.v[i]);
	for (size_t i = 0; held && i < plan->changes.n; i++)
		follow_service(&b, plan->changes.v[i]);
}
