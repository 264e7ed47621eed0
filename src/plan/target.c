/* Narrowing a plan to some of its objects. */
#include "plan/plan.h"

#include "base/index.h"

struct narrowing {
	struct zpm_plan *plan;
	struct zpm_index *changes; /* ref -> struct zpm_change */
	struct zpm_index *wanted;  /* the same, of those that stay */
};

static const char *ref_of(const struct narrowing *n, const struct zpm_change *change)
{
	return zpm_object_ref(zpm_change_object(change), n->plan->arena);
}

/* A change and all it waits for: `after` never leads in a circle. A service is nothing without its setup. */
static void want(const struct narrowing *n, const char *ref)
{
	struct zpm_change *change = zpm_index_get(n->changes, ref);

	if (!change || zpm_index_add(n->wanted, ref, change))
		return;
	if (zpm_change_object(change)->kind->id == ZPM_KIND_SERVICE)
		want(n, zpm_arena_printf(n->plan->arena, "setup/%s", zpm_change_object(change)->name));
	for (size_t i = 0; i < change->after.n; i++)
		want(n, change->after.v[i]);
}

static struct zpm_ptrs narrowed(const struct narrowing *n, const struct zpm_ptrs *list)
{
	struct zpm_ptrs stay = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		struct zpm_change *change = list->v[i];

		if (zpm_index_get(n->wanted, ref_of(n, change)) == change)
			zpm_ptrs_push(n->plan->arena, &stay, change);
		else
			zpm_change_dispose(change);
	}
	return stay;
}

static void index_changes(const struct narrowing *n, const struct zpm_ptrs *list)
{
	for (size_t i = 0; i < list->n; i++)
		zpm_index_add(n->changes, ref_of(n, list->v[i]), list->v[i]);
}

static void count(struct zpm_plan *plan)
{
	for (size_t i = 0; i < ZPM_ACTION_COUNT; i++)
		plan->counts[i] = 0;
	plan->counts[ZPM_ACTION_KEEP] = plan->kept.n;
	for (size_t i = 0; i < plan->changes.n; i++)
		plan->counts[((struct zpm_change *)plan->changes.v[i])->action]++;
}

int zpm_plan_target(struct zpm_plan *plan, const struct zpm_strs *targets, struct zpm_err *err)
{
	struct narrowing n = { .plan = plan };

	n.changes = zpm_index_new(plan->arena);
	n.wanted = zpm_index_new(plan->arena);
	index_changes(&n, &plan->changes);
	index_changes(&n, &plan->kept);
	for (size_t i = 0; i < targets->n; i++) {
		if (!zpm_index_get(n.changes, targets->v[i]))
			return zpm_err_set(err, ZPM_EINVALID,
				"--target %s: there is no such object; it is written KIND/NAME, as in "
				"service/kafka",
				targets->v[i]);
		want(&n, targets->v[i]);
	}
	plan->changes = narrowed(&n, &plan->changes);
	plan->kept = narrowed(&n, &plan->kept);
	count(plan);
	return 0;
}
