/*
 * What is to become of replica sets, shards and documents. A set's change is
 * the way that plan/reconfigure.h finds for it.
 */
#include "model/mongo_object.h"
#include "model/shape.h"
#include "plan/diff.h"
#include "plan/planner.h"
#include "plan/reconfigure.h"
#include "plan/release.h"

#include <string.h>

/* The service that runs a member will be another by then, and run. */
static bool will_start(const struct zpm_planner *planner, const struct zpm_mongo_process *process)
{
	const struct zpm_change *change;

	if (!process || !process->managed || zpm_mongo_process_is_down(process))
		return false;
	change = zpm_planner_changed(planner, "service", process->service);
	return change && change->action != ZPM_ACTION_DELETE;
}

/* How a member will be that does not answer, when its service has been changed by this very plan. */
static enum zpm_member_state state_when_started(const struct zpm_replica_set *config, const char *host)
{
	const struct zpm_set_member *live = config ? zpm_set_member_by_host(config, host) : NULL;

	if (!live)
		return ZPM_MEMBER_NONE;
	return live->arbiter_only ? ZPM_MEMBER_ARBITER : ZPM_MEMBER_SECONDARY;
}

/* The set as it will be when the services of its members are as declared. */
static struct zpm_set_view *foresee(
	const struct zpm_planner *planner, const struct zpm_desired_set *set, const struct zpm_set_view *now)
{
	struct zpm_arena *arena = planner->plan->arena;
	struct zpm_set_view *view = zpm_arena_alloc(arena, sizeof(*view));

	*view = now ? *now : (struct zpm_set_view){ 0 };
	view->members = (struct zpm_ptrs){ 0 };
	for (size_t i = 0; now && i < now->members.n; i++) {
		struct zpm_member_view *member = zpm_arena_alloc(arena, sizeof(*member));

		*member = *(const struct zpm_member_view *)now->members.v[i];
		if (will_start(planner, zpm_desired_member(set, member->host))) {
			member->trouble = NULL;
			if (member->state == ZPM_MEMBER_DOWN)
				member->state = state_when_started(view->config, member->host);
		}
		zpm_ptrs_push(arena, &view->members, member);
	}
	return view;
}

static bool changes_anything(const struct zpm_reconfigure *way)
{
	for (size_t i = 0; i < way->steps.n; i++) {
		const struct zpm_reconfigure_step *step = way->steps.v[i];

		if (step->op <= ZPM_RECONFIGURE_STEP_DOWN)
			return true;
	}
	return false;
}

/* A set may be as declared, and a member of it out of reach all the same. */
static const char *first_out_of_reach(
	const struct zpm_desired_set *set, const struct zpm_set_view *view, struct zpm_arena *arena)
{
	for (size_t i = 0; i < view->members.n; i++) {
		const struct zpm_member_view *member = view->members.v[i];
		const char *trouble = zpm_member_trouble(set, view, member, arena);

		if (trouble && (member->trouble || member->state == ZPM_MEMBER_DOWN))
			return trouble;
	}
	return NULL;
}

/* All of the text that a person needs, one trouble after the other. */
static const char *trouble_text(const struct zpm_desired_set *set, const struct zpm_set_view *view,
	const struct zpm_reconfigure *way, struct zpm_arena *arena)
{
	const char *text = way->troubles.n ? NULL : first_out_of_reach(set, view, arena);

	for (size_t i = 0; i < way->troubles.n; i++) {
		const char *line = zpm_reconfigure_trouble_text(way->troubles.v[i], arena);

		text = text ? zpm_arena_printf(arena, "%s; %s", text, line) : line;
	}
	return text;
}

/* A path ends in the field's name: members.HOST.priority. */
static bool is_about_roles(const struct zpm_field_change *field)
{
	const char *name = strrchr(field->path, '.');

	return name && (!strcmp(name, ".priority") || !strcmp(name, ".votes"));
}

static enum zpm_reason reason_of(const struct zpm_change *change)
{
	if (change->action == ZPM_ACTION_CREATE)
		return ZPM_REASON_TOPOLOGY;
	for (size_t i = 0; i < change->fields.n; i++)
		if (!is_about_roles(change->fields.v[i]))
			return ZPM_REASON_TOPOLOGY;
	return ZPM_REASON_ROLE;
}

static void describe(struct zpm_change *change, const struct zpm_reconfigure *way, struct zpm_arena *arena)
{
	for (size_t i = 0; i < way->steps.n; i++) {
		const struct zpm_reconfigure_step *step = way->steps.v[i];
		const char *line = zpm_reconfigure_step_text(step, arena);

		if (line)
			zpm_strs_push(arena, &change->steps, line);
		if (step->op != ZPM_RECONFIGURE_STEP_DOWN)
			continue;
		change->elections =
			zpm_arena_printf(arena, "%s%s%s → %s", change->elections ? change->elections : "",
				change->elections ? ", then " : "", step->host, step->successor);
	}
}

static void fill_change(
	const struct zpm_planner *planner, struct zpm_change *change, const struct zpm_reconfigure *way)
{
	struct zpm_arena *arena = planner->plan->arena;
	const void *live = way->live ? (const void *)way->live : zpm_shape_new(&zpm_replica_set_shape, arena);

	describe(change, way, arena);
	change->impact = way->elections && change->action == ZPM_ACTION_UPDATE ? ZPM_IMPACT_ELECTION
									       : ZPM_IMPACT_IN_PLACE;
	zpm_diff(&zpm_replica_set_shape, live, way->target, arena, &change->fields);
	change->reason = reason_of(change);
}

void zpm_planner_set(const struct zpm_planner *planner, const struct zpm_object *want)
{
	struct zpm_arena *arena = planner->plan->arena;
	const struct zpm_object *have = zpm_objects_find_real(planner->have, want->kind->id, want->real);
	const struct zpm_set_view *now = have ? have->live->set : NULL,
				  *view = foresee(planner, want->set, now);
	const struct zpm_reconfigure *way = zpm_reconfigure_compile(want->spec, view, arena);
	enum zpm_action action = view->config ? ZPM_ACTION_UPDATE : ZPM_ACTION_CREATE;
	struct zpm_change *change;

	if (!changes_anything(way))
		action = ZPM_ACTION_KEEP;
	change = zpm_planner_add(planner, action, want, action == ZPM_ACTION_CREATE ? NULL : have);
	change->seen = have;
	change->trouble = trouble_text(want->set, view, way, arena);
	if (action == ZPM_ACTION_KEEP && have && have->live->trouble)
		change->trouble = have->live->trouble;
	if (action != ZPM_ACTION_KEEP)
		fill_change(planner, change, way);
}

static bool topology_changes(const struct zpm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.n; i++)
		if (zpm_change_object(plan->changes.v[i])->topology)
			return true;
	return false;
}

bool zpm_planner_leaves_unseen(
	const struct zpm_planner *planner, const struct zpm_object *want, const struct zpm_object *have)
{
	if (topology_changes(planner->plan))
		return false;
	zpm_planner_add(planner, ZPM_ACTION_KEEP, want, have)->trouble = have->live->trouble;
	return true;
}
