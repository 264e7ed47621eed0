/*
 * What is to go: orphans, superseded versions of secrets and configs, and
 * everything when the platform is destroyed.
 */
#include "base/index.h"
#include "plan/planner.h"

#include <string.h>

static bool is_ours(const struct zpm_plan *plan, const struct zpm_object *have)
{
	return have->live->owner && !strcmp(have->live->owner, plan->platform);
}

static void plan_delete(
	const struct zpm_planner *planner, const struct zpm_object *have, enum zpm_reason reason)
{
	struct zpm_change *change = zpm_planner_add(planner, ZPM_ACTION_DELETE, NULL, have);

	change->reason = reason;
	if (have->kind->id == ZPM_KIND_SERVICE)
		change->impact = ZPM_IMPACT_RESTART;
	else if (have->kind->id == ZPM_KIND_VOLUME || have->kind->id == ZPM_KIND_SHARD)
		change->impact = ZPM_IMPACT_DATA_RISK;
	else if (have->kind->id == ZPM_KIND_NODE)
		change->impact = ZPM_IMPACT_IN_PLACE;
}

static const struct zpm_change *change_of(const struct zpm_plan *plan, const char *service)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];

			if (change->have && change->have->kind->id == ZPM_KIND_SERVICE &&
				!strcmp(change->have->live->id, service))
				return change;
		}
	return NULL;
}

/*
 * Is a use still one when the plan has been carried out? An update makes what
 * the service is now what a rollback would make it.
 */
static bool use_lasts(const struct zpm_plan *plan, const struct zpm_use *use)
{
	const struct zpm_change *change = change_of(plan, use->service);

	if (!change || change->action == ZPM_ACTION_KEEP)
		return true;
	if (change->action != ZPM_ACTION_UPDATE && change->action != ZPM_ACTION_ADOPT)
		return false;
	return use->by == ZPM_USE_SPEC || (use->by == ZPM_USE_TASK && change->impact != ZPM_IMPACT_RESTART);
}

static bool is_needed(const struct zpm_plan *plan, const struct zpm_object *have)
{
	for (size_t i = 0; i < have->live->uses.n; i++)
		if (use_lasts(plan, have->live->uses.v[i]))
			return true;
	return false;
}

/* What is in MongoDB stays there, but a shard that is no longer declared. */
static bool may_delete(const struct zpm_object *have, bool all)
{
	return zpm_kind_is_engines(have->kind->id) || (have->kind->id == ZPM_KIND_SHARD && !all);
}

static enum zpm_reason reason_to_delete(const struct zpm_object *have, bool declared)
{
	if (declared)
		return ZPM_REASON_MANIFEST;
	return zpm_object_integration(have) ? ZPM_REASON_INTEGRATION : ZPM_REASON_ORPHAN;
}

static bool is_declared(const struct zpm_planner *planner, const struct zpm_object *have)
{
	return zpm_objects_find_real(planner->desired, have->kind->id, have->real);
}

/* In the order in which they are observed; volumes never by themselves. */
static struct zpm_ptrs list_deletable(const struct zpm_planner *planner, bool all, bool volumes)
{
	const struct zpm_ptrs *list = &planner->have->list;
	struct zpm_ptrs deletable = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		const struct zpm_object *have = list->v[i];

		if (!is_ours(planner->plan, have) || !may_delete(have, all))
			continue;
		if (have->kind->id == ZPM_KIND_VOLUME && !volumes)
			continue;
		if (all || !is_declared(planner, have))
			zpm_ptrs_push(planner->plan->arena, &deletable, list->v[i]);
	}
	return deletable;
}

/* Services before the networks they use, the last tier first. */
static void plan_deletes(const struct zpm_planner *planner, bool all, bool volumes)
{
	const struct zpm_ptrs deletable = list_deletable(planner, all, volumes);

	for (int kind = ZPM_KIND_COUNT - 1; kind >= 0; kind--) {
		for (int tier = ZPM_TIER_NONE; tier >= 0; tier--) {
			for (size_t i = deletable.n; i-- > 0;) {
				const struct zpm_object *have = deletable.v[i];

				if ((int)have->kind->id != kind || (int)have->tier != tier)
					continue;
				if (all || !is_needed(planner->plan, have))
					plan_delete(planner, have,
						reason_to_delete(have, is_declared(planner, have)));
			}
		}
	}
}

/* Nobody can miss an older version of what is still declared, and a node loses labels only. */
static bool is_no_loss(const struct zpm_planner *planner, const struct zpm_object *have)
{
	if (have->kind->id == ZPM_KIND_NODE)
		return true;
	return strchr(have->name, '@') && zpm_objects_find(planner->desired, have->kind->id,
						  zpm_version_name(have->name, planner->plan->arena));
}

static void refuse_draining(struct zpm_plan *plan, const struct zpm_object *have)
{
	if (plan->options.allow_data_risk)
		return;
	zpm_planner_refuse(plan,
		zpm_arena_printf(plan->arena,
			"shard '%s' would be drained, and all its data move to the others: allow it with "
			"--allow-data-risk, or declare it again",
			have->name));
}

void zpm_planner_prune(const struct zpm_planner *planner)
{
	struct zpm_plan *plan = planner->plan;
	int64_t lost = 0;

	plan_deletes(planner, false, false);
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct zpm_change *change = plan->changes.v[i];

		lost += change->action == ZPM_ACTION_DELETE && !is_no_loss(planner, change->have);
		if (change->action == ZPM_ACTION_DELETE && change->have->kind->id == ZPM_KIND_SHARD)
			refuse_draining(plan, change->have);
	}
	if (lost > plan->max_deletes)
		zpm_planner_refuse(plan, zpm_arena_printf(plan->arena,
						 "%lld objects would be deleted, more than "
						 "reconcile.maxDeletes allows (%lld): raise "
						 "it if that is meant",
						 (long long)lost, (long long)plan->max_deletes));
}

/* What depends on a service goes before it; tiers are in order already. */
static void order_deletes(const struct zpm_planner *planner)
{
	struct zpm_plan *plan = planner->plan;
	struct zpm_index *deleted = zpm_index_new(plan->arena);

	for (size_t i = 0; i < plan->changes.n; i++) {
		struct zpm_change *change = plan->changes.v[i];

		zpm_index_add(deleted, zpm_object_ref(change->have, plan->arena), change);
	}
	for (size_t i = 0; i < plan->changes.n; i++) {
		const struct zpm_object *have = ((struct zpm_change *)plan->changes.v[i])->have;
		const struct zpm_object *want =
			zpm_objects_find_real(planner->desired, have->kind->id, have->real);
		const struct zpm_service *service = want ? want->spec : NULL;

		if (have->kind->id != ZPM_KIND_SERVICE)
			continue;
		for (size_t j = 0; service && j < service->depends_on.n; j++) {
			struct zpm_change *other = zpm_index_get(deleted,
				zpm_arena_printf(plan->arena, "service/%s", service->depends_on.v[j]));

			if (other && other->have->tier == have->tier)
				zpm_strs_push(plan->arena, &other->after, zpm_object_ref(have, plan->arena));
		}
	}
}

struct zpm_plan *zpm_plan_destroy(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, bool volumes)
{
	struct zpm_plan *plan = zpm_planner_plan(platform);
	struct zpm_planner planner = { platform, plan, desired, have, zpm_index_new(plan->arena) };

	plan_deletes(&planner, true, volumes);
	order_deletes(&planner);
	return plan;
}
