/* Operators' requests: see the header. */
#include "plan/operate.h"

#include "model/hold.h"
#include "model/nearest.h"
#include "model/shape.h"
#include "plan/diff.h"
#include "plan/planner.h"

#include <json-c/json.h>
#include <string.h>

const char *const zpm_edit_names[ZPM_EDIT_COUNT] = {
	[ZPM_EDIT_RESTART] = "restart",
	[ZPM_EDIT_STOP] = "stop",
	[ZPM_EDIT_START] = "start",
};

struct operation {
	struct zpm_plan *plan;
	const struct zpm_objects *desired, *have;
	const struct zpm_request *request;
};

/* The service as it is, in a copy, in the request's order. It stays marked as made from a live one. */
static struct zpm_object *copy_of(
	const struct zpm_edit *edit, const struct zpm_object *have, struct zpm_arena *arena)
{
	struct zpm_object *object = zpm_arena_alloc(arena, sizeof(*object));
	struct zpm_service *service = zpm_shape_copy(have->kind->shape, have->spec, arena);

	*object = *have;
	object->spec = service;
	object->hash = have->live->spec_hash;
	object->tier = edit->tier;
	object->restarts = 0;
	service->depends_on = edit->depends_on;
	return object;
}

static void start(const struct zpm_edit *edit, struct zpm_service *service, struct zpm_arena *arena)
{
	zpm_hold_clear(service, arena);
	if (service->replicas != ZPM_UNSET && !service->replicas && edit->replicas != ZPM_UNSET)
		service->replicas = edit->replicas;
}

const struct zpm_object *zpm_edit_object(
	const struct zpm_edit *edit, const struct zpm_object *have, struct zpm_arena *arena)
{
	struct zpm_object *object = copy_of(edit, have, arena);
	bool held = have->hold != NULL;

	switch (edit->op) {
	case ZPM_EDIT_RESTART:
		object->restarts = have->restarts + 1;
		return object;
	case ZPM_EDIT_STOP:
		object->hold = held ? have->hold : edit->hold;
		zpm_hold_set(object->spec, arena);
		break;
	default:
		object->hold = NULL;
		start(edit, object->spec, arena);
		break;
	}
	if (held == (object->hold != NULL) &&
		zpm_shape_equal(have->kind->shape, have->spec, object->spec, arena))
		return NULL;
	return object;
}

/* Which of the request's services start before this one; when they are stopped, the other way round. */
static void add_order(const struct operation *o, const char *name, struct zpm_edit *edit)
{
	const struct zpm_strs *names = &o->request->services;
	const struct zpm_object *own = zpm_objects_find(o->desired, ZPM_KIND_SERVICE, name);

	for (size_t i = 0; own && i < names->n; i++) {
		const struct zpm_object *other = zpm_objects_find(o->desired, ZPM_KIND_SERVICE, names->v[i]);
		const struct zpm_object *first = edit->op == ZPM_EDIT_STOP ? own : other;
		const struct zpm_object *then = edit->op == ZPM_EDIT_STOP ? other : own;

		if (other && other != own &&
			zpm_strs_have(&((struct zpm_service *)then->spec)->depends_on, first->name))
			zpm_strs_push(o->plan->arena, &edit->depends_on, other->name);
	}
}

static struct zpm_edit *edit_of(const struct operation *o, const struct zpm_object *have)
{
	const struct zpm_object *want = zpm_objects_find_real(o->desired, ZPM_KIND_SERVICE, have->real);
	struct zpm_edit *edit = zpm_arena_alloc(o->plan->arena, sizeof(*edit));
	enum zpm_tier tier = want ? want->tier : have->tier;

	if (tier >= ZPM_TIER_COUNT)
		tier = ZPM_TIER_COUNT - 1;
	edit->op = o->request->op;
	edit->hold = o->request->hold;
	edit->replicas = want ? ((struct zpm_service *)want->spec)->replicas : ZPM_UNSET;
	edit->tier = edit->op == ZPM_EDIT_STOP ? (enum zpm_tier)(ZPM_TIER_COUNT - 1 - tier) : tier;
	add_order(o, have->name, edit);
	return edit;
}

/* What zpm must not, or cannot sensibly, do with a service. */
static void add_refusals(const struct operation *o, const struct zpm_object *have)
{
	struct zpm_arena *arena = o->plan->arena;
	bool declared = zpm_objects_find_real(o->desired, ZPM_KIND_SERVICE, have->real) != NULL;

	if (!have->live->owner || strcmp(have->live->owner, o->plan->platform) != 0)
		zpm_planner_refuse(o->plan,
			zpm_arena_printf(arena,
				"service '%s' does not carry the label %s=%s: it is not this platform's to "
				"%s",
				have->real, ZPM_LABEL_PLATFORM, o->plan->platform,
				zpm_edit_names[o->request->op]));
	else if (o->request->op == ZPM_EDIT_RESTART && have->hold)
		zpm_planner_refuse(
			o->plan, zpm_arena_printf(arena, "service '%s' is %s; 'zpm start %s' lets it go",
					 have->name, zpm_hold_text(have->hold, arena), have->name));
	else if (o->request->op == ZPM_EDIT_START && have->hold && !declared)
		zpm_planner_refuse(o->plan,
			zpm_arena_printf(arena,
				"service '%s' is no longer in the manifest, which would say how many tasks "
				"it "
				"has",
				have->name));
}

static void add_field(struct zpm_plan *plan, struct zpm_change *change, const char *path, json_object *old,
	json_object *now)
{
	struct zpm_field_change *field = zpm_arena_alloc(plan->arena, sizeof(*field));

	*field = (struct zpm_field_change){ path, old, now };
	zpm_ptrs_push(plan->arena, &change->fields, field);
}

static json_object *text_of_hold(const char *hold, struct zpm_arena *arena)
{
	return hold ? json_object_new_string(zpm_hold_text(hold, arena)) : NULL;
}

static void add_fields(struct zpm_plan *plan, struct zpm_change *change)
{
	const struct zpm_object *want = change->want, *have = change->have;

	if (want->restarts)
		add_field(plan, change, "restart", json_object_new_int64(have->restarts),
			json_object_new_int64(want->restarts));
	if (!want->hold != !have->hold)
		add_field(plan, change, "hold", text_of_hold(have->hold, plan->arena),
			text_of_hold(want->hold, plan->arena));
	zpm_diff(want->kind->shape, have->spec, want->spec, plan->arena, &change->fields);
}

static void add_change(const struct operation *o, const struct zpm_object *have)
{
	struct zpm_plan *plan = o->plan;
	struct zpm_change *change = zpm_arena_alloc(plan->arena, sizeof(*change));
	struct zpm_edit *edit = edit_of(o, have);

	change->edit = edit;
	change->have = have;
	change->want = zpm_edit_object(edit, have, plan->arena);
	change->action = change->want ? ZPM_ACTION_UPDATE : ZPM_ACTION_KEEP;
	change->reason = ZPM_REASON_OPERATOR;
	plan->counts[change->action]++;
	if (change->action == ZPM_ACTION_KEEP) {
		change->want = copy_of(edit, have, plan->arena);
		zpm_ptrs_push(plan->arena, &plan->kept, change);
		return;
	}
	change->impact = edit->op == ZPM_EDIT_START ? ZPM_IMPACT_IN_PLACE : ZPM_IMPACT_RESTART;
	add_fields(plan, change);
	zpm_ptrs_push(plan->arena, &plan->changes, change);
}

static int unknown(const struct zpm_objects *desired, const char *name, struct zpm_err *err)
{
	struct zpm_strs names = { 0 };

	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *object = desired->list.v[i];

		if (object->kind->id == ZPM_KIND_SERVICE)
			zpm_strs_push(desired->arena, &names, object->name);
	}
	return zpm_err_set(err, ZPM_EINVALID, "the platform '%s' has no service '%s'%s", desired->platform,
		name, zpm_nearest_hint(name, &names, desired->arena));
}

int zpm_operate_find(const struct zpm_objects *desired, const struct zpm_objects *have, const char *name,
	const struct zpm_object **found, struct zpm_err *err)
{
	const struct zpm_object *want = zpm_objects_find(desired, ZPM_KIND_SERVICE, name);

	*found = want ? zpm_objects_find_real(have, ZPM_KIND_SERVICE, want->real)
		      : zpm_objects_find(have, ZPM_KIND_SERVICE, name);
	if (*found)
		return 0;
	if (!want)
		return unknown(desired, name, err);
	return zpm_err_set(
		err, ZPM_ENOTFOUND, "service '%s' is declared and not there yet; 'zpm apply' makes it", name);
}

static int add_changes(const struct operation *o, struct zpm_err *err)
{
	const struct zpm_strs *names = &o->request->services;
	struct zpm_strs seen = { 0 };
	const struct zpm_object *have;

	for (size_t i = 0; i < names->n; i++) {
		if (zpm_strs_have(&seen, names->v[i]))
			continue;
		zpm_strs_push(o->plan->arena, &seen, names->v[i]);
		if (zpm_operate_find(o->desired, o->have, names->v[i], &have, err) < 0)
			return -1;
		add_refusals(o, have);
		add_change(o, have);
	}
	return 0;
}

int zpm_plan_operate(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, const struct zpm_request *request, struct zpm_plan **out,
	struct zpm_err *err)
{
	struct zpm_plan *plan = zpm_planner_plan(platform);
	const struct operation o = { plan, desired, have, request };

	if (add_changes(&o, err) < 0) {
		zpm_plan_free(plan);
		return -1;
	}
	*out = plan;
	return 0;
}
