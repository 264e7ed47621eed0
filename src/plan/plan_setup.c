/*
 * In which containers the setup of a service is due: those that run and are
 * not set up, and those that are about to come.
 */
#include "model/service.h"
#include "model/setup.h"
#include "plan/planner.h"

#include <json-c/json.h>
#include <string.h>

/* The containers that stay, by what their marks say. */
struct count {
	size_t seen, done, never, other, unseen;
};

static struct count count_containers(
	const struct zpm_setup *setup, const struct zpm_setup_view *view, struct zpm_arena *arena)
{
	struct count count = { 0 };

	for (size_t i = 0; view && i < view->containers.n; i++) {
		enum zpm_setup_state state = zpm_setup_state(setup, view->containers.v[i], arena);

		count.seen++;
		count.done += state == ZPM_SETUP_DONE;
		count.never += state == ZPM_SETUP_NEVER;
		count.other += state == ZPM_SETUP_OTHER;
		count.unseen += state == ZPM_SETUP_UNSEEN;
	}
	return count;
}

static const struct zpm_change *service_change(const struct zpm_planner *planner, const char *name)
{
	const struct zpm_change *changed = zpm_planner_changed(planner, "service", name);
	const struct zpm_ptrs *kept = &planner->plan->kept;

	for (size_t i = 0; !changed && i < kept->n; i++) {
		const struct zpm_change *change = kept->v[i];

		if (change->want && change->want->kind->id == ZPM_KIND_SERVICE &&
			!strcmp(change->want->name, name))
			return change;
	}
	return changed;
}

/* Does the plan leave no container of the service as it is? */
static bool is_renewed(const struct zpm_change *service)
{
	if (service->action == ZPM_ACTION_KEEP)
		return false;
	return !service->have || service->action == ZPM_ACTION_REPLACE ||
	       service->impact >= ZPM_IMPACT_RESTART;
}

/* What is kept is not what is wanted where Swarm has taken that back. */
static int64_t replicas_of(const struct zpm_change *service)
{
	const struct zpm_object *object = service->action == ZPM_ACTION_KEEP ? service->have : service->want;

	return ((const struct zpm_service *)object->spec)->replicas;
}

static int64_t count_due(
	const struct zpm_change *service, const struct zpm_setup_view *view, const struct count *count)
{
	int64_t replicas = replicas_of(service), seen = (int64_t)count->seen, coming = 0;

	if (is_renewed(service))
		return replicas == ZPM_UNSET ? -1 : replicas;
	if (replicas == ZPM_UNSET)
		coming = view ? (int64_t)view->coming : 0;
	else if (replicas > seen)
		coming = replicas - seen;
	return seen - (int64_t)(count->done + count->unseen) + coming;
}

static json_object *text_or_null(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

/* Of each container that is there, what becomes of it. */
static void describe_containers(struct zpm_plan *plan, struct zpm_change *change,
	const struct zpm_setup_view *view, const struct zpm_setup *setup)
{
	for (size_t i = 0; view && i < view->containers.n; i++) {
		const struct zpm_setup_container *container = view->containers.v[i];
		enum zpm_setup_state state = zpm_setup_state(setup, container, plan->arena);
		struct zpm_field_change *field;

		if (state == ZPM_SETUP_DONE || state == ZPM_SETUP_UNSEEN)
			continue;
		field = zpm_arena_alloc(plan->arena, sizeof(*field));
		field->path = container->task;
		field->old = text_or_null(zpm_setup_trouble(setup, container, plan->arena));
		field->now = json_object_new_string("set up");
		zpm_ptrs_push(plan->arena, &change->fields, field);
	}
}

static void describe(struct zpm_plan *plan, struct zpm_change *change, const struct zpm_change *service,
	const struct count *count)
{
	const struct zpm_setup *setup = change->want->spec;
	const struct zpm_setup_view *view = change->seen ? change->seen->live->setup : NULL;

	for (size_t i = 0; i < setup->commands.n; i++)
		zpm_strs_push(plan->arena, &change->steps,
			zpm_setup_command_text(setup->commands.v[i], plan->arena));
	if (is_renewed(service))
		change->reason = service->reason;
	else
		change->reason = count->other ? ZPM_REASON_MANIFEST : ZPM_REASON_MISSING;
	if (!is_renewed(service))
		describe_containers(plan, change, view, setup);
}

void zpm_planner_setup(const struct zpm_planner *planner, const struct zpm_object *want)
{
	struct zpm_plan *plan = planner->plan;
	const struct zpm_object *have = zpm_objects_find_real(planner->have, ZPM_KIND_SETUP, want->real);
	const struct zpm_setup_view *view = have ? have->live->setup : NULL;
	const struct zpm_change *service = service_change(planner, want->name);
	const struct count count = count_containers(want->spec, view, plan->arena);
	enum zpm_action action = ZPM_ACTION_KEEP;
	struct zpm_change *change;
	int64_t due = 0;

	/* Without one, its service is refused. */
	if (service && !service->want->hold)
		due = count_due(service, view, &count);
	if (due)
		action = count.seen == count.never || is_renewed(service) ? ZPM_ACTION_CREATE
									  : ZPM_ACTION_UPDATE;
	change = zpm_planner_add(planner, action, want, action == ZPM_ACTION_CREATE ? NULL : have);
	change->seen = have;
	change->containers = due;
	if (have && (!due || !is_renewed(service)))
		change->trouble = have->live->trouble;
	if (due)
		describe(plan, change, service, &count);
}
