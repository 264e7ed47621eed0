/* Replacing what the Engine cannot change, and what goes with it. */
#include "base/index.h"
#include "plan/planner.h"

#include <string.h>

static bool is_replaced(const struct zpm_planner *planner, const char *kind, const char *name)
{
	const struct zpm_change *change = name ? zpm_planner_changed(planner, kind, name) : NULL;

	return change && change->action == ZPM_ACTION_REPLACE;
}

bool zpm_planner_loses_ground(const struct zpm_planner *planner, const struct zpm_object *have)
{
	const struct zpm_service *service = have->spec;

	if (have->kind->id != ZPM_KIND_SERVICE)
		return false;
	for (size_t i = 0; i < service->networks.n; i++)
		if (is_replaced(planner, "network", ((struct zpm_attachment *)service->networks.v[i])->name))
			return true;
	for (size_t i = 0; i < service->volumes.n; i++)
		if (is_replaced(planner, "volume", ((struct zpm_mount *)service->volumes.v[i])->source))
			return true;
	return false;
}

static bool on_change_is(const struct zpm_object *want, const char *policy)
{
	const struct zpm_volume *volume = want->spec;

	return volume->on_change && !strcmp(volume->on_change, policy);
}

bool zpm_planner_keeps_volume(const struct zpm_object *want)
{
	return want->kind->id == ZPM_KIND_VOLUME && on_change_is(want, "keep");
}

/*
 * Does removing the volume remove what is in it? Not when the local driver
 * mounts something from elsewhere: a server's export, a folder, memory.
 */
static bool holds_data(const struct zpm_object *have)
{
	const struct zpm_volume *volume = have->spec;

	return strcmp(volume->driver, "local") != 0 || !zpm_pairs_get(&volume->driver_options, "device");
}

void zpm_planner_replace(const struct zpm_planner *planner, struct zpm_change *change)
{
	struct zpm_plan *plan = planner->plan;
	const struct zpm_object *want = change->want;

	change->impact = ZPM_IMPACT_RESTART;
	if (want->kind->id != ZPM_KIND_VOLUME)
		return;
	if (holds_data(change->have))
		change->impact = ZPM_IMPACT_DATA_RISK;
	if (on_change_is(want, "refuse"))
		zpm_planner_refuse(plan,
			zpm_arena_printf(plan->arena,
				"volume '%s' is not as declared, and not to be replaced (onChange: refuse)",
				want->name));
	else if (change->impact == ZPM_IMPACT_DATA_RISK && !plan->options.allow_data_risk)
		zpm_planner_refuse(
			plan, zpm_arena_printf(plan->arena,
				      "volume '%s' would be replaced, and what is in it would be lost: save "
				      "what you "
				      "need, then allow it with --allow-data-risk; or leave it as it is with "
				      "'onChange: keep'",
				      want->name));
}

const char *zpm_hosted_name(const char *name, struct zpm_arena *arena)
{
	return zpm_arena_strndup(arena, name, strcspn(name, "@"));
}

void zpm_planner_hosted(const struct zpm_planner *planner,
	void (*update)(const struct zpm_planner *, const struct zpm_object *, const struct zpm_object *))
{
	struct zpm_plan *plan = planner->plan;

	for (size_t i = 0; i < planner->have->list.n; i++) {
		const struct zpm_object *have = planner->have->list.v[i];
		const struct zpm_object *declared =
			have->host ? zpm_objects_find_real(planner->desired, ZPM_KIND_VOLUME, have->real)
				   : NULL;
		const char *owner = have->live->owner;
		struct zpm_change *change;
		struct zpm_object *want;

		if (!declared || declared->external || !owner || strcmp(owner, plan->platform) != 0)
			continue;
		want = zpm_arena_alloc(plan->arena, sizeof(*want));
		*want = *declared;
		want->name = have->name;
		want->host = have->host;
		update(planner, want, have);
		change = zpm_index_get(planner->changed, zpm_object_ref(want, plan->arena));
		/* Services find it under the plain name: they lose it as they would lose the platform's. */
		if (change)
			zpm_index_add(planner->changed, zpm_object_ref(declared, plan->arena), change);
	}
}
