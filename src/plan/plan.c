/* Comparing the desired set with the observed one, object by object. */
#include "plan/plan.h"

#include "base/index.h"
#include "base/text.h"
#include "model/shape.h"
#include "plan/diff.h"
#include "plan/held.h"
#include "plan/keep.h"
#include "plan/planner.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

const char *const zpm_action_names[ZPM_ACTION_COUNT] = {
	[ZPM_ACTION_KEEP] = "keep",
	[ZPM_ACTION_CREATE] = "create",
	[ZPM_ACTION_UPDATE] = "update",
	[ZPM_ACTION_REPLACE] = "replace",
	[ZPM_ACTION_DELETE] = "delete",
	[ZPM_ACTION_ADOPT] = "adopt",
};

const char *const zpm_impact_names[ZPM_IMPACT_COUNT] = {
	[ZPM_IMPACT_NONE] = "none",
	[ZPM_IMPACT_IN_PLACE] = "in-place",
	[ZPM_IMPACT_RESTART] = "restart",
	[ZPM_IMPACT_ELECTION] = "election",
	[ZPM_IMPACT_DATA_RISK] = "data-risk",
};

const char *const zpm_reason_names[ZPM_REASON_COUNT] = {
	[ZPM_REASON_MANIFEST] = "manifest",
	[ZPM_REASON_TOPOLOGY] = "topology",
	[ZPM_REASON_PATCH] = "patch",
	[ZPM_REASON_DRIFT] = "drift",
	[ZPM_REASON_MISSING] = "missing",
	[ZPM_REASON_ROLE] = "role",
	[ZPM_REASON_INTEGRATION] = "integration",
	[ZPM_REASON_ORPHAN] = "orphan",
	[ZPM_REASON_OPERATOR] = "operator",
};

const struct zpm_object *zpm_change_object(const struct zpm_change *change)
{
	return change->want ? change->want : change->have;
}

int64_t zpm_change_restarts(const struct zpm_change *change)
{
	const struct zpm_object *object = change->have;
	const struct zpm_service *service;

	if (!object || object->kind->id != ZPM_KIND_SERVICE || change->impact != ZPM_IMPACT_RESTART)
		return 0;
	service = object->spec;
	return service->replicas == ZPM_UNSET ? -1 : service->replicas;
}

struct zpm_plan *zpm_planner_plan(const struct zpm_platform *platform)
{
	struct zpm_arena *arena = zpm_arena_new();
	struct zpm_plan *plan = zpm_arena_alloc(arena, sizeof(*plan));
	const struct zpm_reconcile *reconcile = platform->reconcile;

	plan->arena = arena;
	plan->platform = platform->platform;
	plan->prune = !reconcile || reconcile->prune != 0;
	plan->max_deletes = reconcile && reconcile->max_deletes != ZPM_UNSET ? reconcile->max_deletes : 5;
	return plan;
}

struct zpm_change *zpm_planner_add(const struct zpm_planner *planner, enum zpm_action action,
	const struct zpm_object *want, const struct zpm_object *have)
{
	struct zpm_plan *plan = planner->plan;
	struct zpm_change *change = zpm_arena_alloc(plan->arena, sizeof(*change));

	change->action = action;
	change->want = want;
	change->have = have;
	plan->counts[action]++;
	zpm_ptrs_push(plan->arena, action == ZPM_ACTION_KEEP ? &plan->kept : &plan->changes, change);
	if (want && action != ZPM_ACTION_KEEP)
		zpm_index_add(planner->changed, zpm_object_ref(want, plan->arena), change);
	return change;
}

void zpm_planner_refuse(struct zpm_plan *plan, const char *text)
{
	zpm_strs_push(plan->arena, &plan->refusals, text);
}

static bool is_integrations(const struct zpm_object *want)
{
	return want->kind->id == ZPM_KIND_PORT || zpm_object_integration(want);
}

/* A new object, with all that is declared of it as fields. */
static void plan_create(const struct zpm_planner *planner, const struct zpm_object *want)
{
	struct zpm_plan *plan = planner->plan;
	struct zpm_change *change = zpm_planner_add(planner, ZPM_ACTION_CREATE, want, NULL);
	const struct zpm_shape *shape = want->kind->shape;
	void *nothing = zpm_shape_new(shape, plan->arena);

	zpm_shape_canonicalise(shape, nothing, plan->arena);
	zpm_diff(shape, nothing, want->spec, plan->arena, &change->fields);
	change->reason = is_integrations(want) ? ZPM_REASON_INTEGRATION
			 : want->topology      ? ZPM_REASON_TOPOLOGY
					       : ZPM_REASON_MISSING;
}

/* Live fields that no table knows are drift by definition. */
static enum zpm_cost diff_extra(struct zpm_plan *plan, const struct zpm_live *live, struct zpm_ptrs *fields)
{
	enum zpm_cost cost = ZPM_COST_NONE;

	for (size_t i = 0; i < live->extra.n; i++) {
		struct zpm_field_change *field = zpm_arena_alloc(plan->arena, sizeof(*field));
		const char *path = live->extra.v[i].key;
		bool task = !strncmp(path, "TaskTemplate", 12) || !strncmp(path, "EndpointSpec", 12);

		field->path = zpm_arena_printf(plan->arena, "engine.%s", path);
		field->old = json_tokener_parse(live->extra.v[i].value);
		zpm_ptrs_push(plan->arena, fields, field);
		if (cost < ZPM_COST_RESTART)
			cost = task ? ZPM_COST_RESTART : ZPM_COST_IN_PLACE;
	}
	return cost;
}

static bool is_of_patch(const struct zpm_patch *patch, const char *path)
{
	static const char in_environment[] = "environment.";

	if (!strcmp(path, "image"))
		return patch->tag;
	return zpm_starts_with(path, in_environment) &&
	       zpm_pairs_get(&patch->environment, path + strlen(in_environment));
}

static bool is_by_patch(const struct zpm_change *change)
{
	const struct zpm_patch *patch = change->want->patch;

	for (size_t i = 0; patch && i < change->fields.n; i++)
		if (is_of_patch(patch, ((const struct zpm_field_change *)change->fields.v[i])->path))
			return true;
	return false;
}

static enum zpm_reason update_reason(const struct zpm_plan *plan, const struct zpm_change *change)
{
	const char *last = change->have->live->spec_hash;

	if (change->want->kind->id == ZPM_KIND_NODE || change->want->kind->id == ZPM_KIND_SERVER_INFO)
		return ZPM_REASON_ROLE;
	if (last && !strcmp(last, zpm_object_hash(change->want, plan->arena)))
		return ZPM_REASON_DRIFT;
	if (is_by_patch(change))
		return ZPM_REASON_PATCH;
	if (is_integrations(change->want))
		return ZPM_REASON_INTEGRATION;
	return change->want->topology ? ZPM_REASON_TOPOLOGY : ZPM_REASON_MANIFEST;
}

const struct zpm_change *zpm_planner_changed(
	const struct zpm_planner *planner, const char *kind, const char *name)
{
	char key[256];

	snprintf(key, sizeof(key), "%s/%s", kind, name);
	return zpm_index_get(planner->changed, key);
}

/*
 * What Swarm has taken back or stopped is not sent again by itself: only when
 * the manifest says something else, or when somebody asks for it.
 */
static const char *find_quarantine(const struct zpm_plan *plan, const struct zpm_object *want,
	const struct zpm_object *have, const struct zpm_ptrs *fields)
{
	const struct zpm_live *live = have->live;

	if (plan->options.retry)
		return NULL;
	if (fields->n && live->quarantine && !strcmp(live->quarantine, zpm_object_hash(want, plan->arena)))
		return live->quarantine_reason ? live->quarantine_reason : "Swarm has rolled back the update";
	if (!fields->n && live->update_state && !strcmp(live->update_state, "paused"))
		return zpm_arena_printf(plan->arena, "Swarm has paused the update: %s",
			live->update_message ? live->update_message : "no reason given");
	return NULL;
}

/* With nothing else to change, asking for it makes Swarm go on with what it has paused. */
static void resume_paused(struct zpm_plan *plan, const struct zpm_live *live, struct zpm_ptrs *fields)
{
	struct zpm_field_change *field;

	if (!plan->options.retry || fields->n || !live->update_state ||
		strcmp(live->update_state, "paused") != 0)
		return;
	field = zpm_arena_alloc(plan->arena, sizeof(*field));
	field->path = "engine.UpdateStatus";
	field->old = json_object_new_string("paused");
	zpm_ptrs_push(plan->arena, fields, field);
}

/* Also of what is to be adopted: it is nobody's, and lacks our label. */
static void plan_update(
	const struct zpm_planner *planner, const struct zpm_object *want, const struct zpm_object *have)
{
	const struct zpm_keep keep = { planner->platform, planner->desired, planner->have };
	struct zpm_plan *plan = planner->plan;
	bool adopted = want->adopt && !have->live->owner;
	struct zpm_ptrs fields = { 0 };
	enum zpm_action action;
	enum zpm_cost cost, extra;
	struct zpm_change *change;
	const char *quarantine;

	zpm_keep_live(&keep, &want, &have, plan->arena);
	want = zpm_held_want(want, have, plan->arena);
	cost = zpm_diff(want->kind->shape, have->spec, want->spec, plan->arena, &fields);
	extra = diff_extra(plan, have->live, &fields);
	resume_paused(plan, have->live, &fields);
	quarantine = find_quarantine(plan, want, have, &fields);
	if (extra > cost)
		cost = extra;
	action = fields.n && !quarantine ? ZPM_ACTION_UPDATE : ZPM_ACTION_KEEP;
	if ((cost == ZPM_COST_REPLACE && !quarantine) || zpm_planner_loses_ground(planner, have))
		action = zpm_planner_keeps_volume(want) ? ZPM_ACTION_KEEP : ZPM_ACTION_REPLACE;
	else if (adopted)
		action = ZPM_ACTION_ADOPT;
	change = zpm_planner_add(planner, action, want, have);
	change->fields = fields;
	change->quarantine = quarantine;
	if (action == ZPM_ACTION_KEEP)
		return;
	/* One without a difference of its own is replaced for its network's sake. */
	change->reason = fields.n ? update_reason(plan, change) : ZPM_REASON_MANIFEST;
	change->impact = cost == ZPM_COST_RESTART ? ZPM_IMPACT_RESTART : ZPM_IMPACT_IN_PLACE;
	if (action == ZPM_ACTION_REPLACE)
		zpm_planner_replace(planner, change);
	if (action == ZPM_ACTION_REPLACE && adopted)
		zpm_planner_refuse_adoption(planner, change);
}

static void plan_external(struct zpm_plan *plan, const struct zpm_object *want, const struct zpm_object *have)
{
	if (!have)
		zpm_planner_refuse(
			plan, zpm_arena_printf(plan->arena,
				      "%s '%s' is declared external, but the Engine has no %s called '%s'",
				      want->kind->name, want->name, want->kind->name, want->real));
}

/* Nodes are there or not: nobody can make one. One that is to be down may be gone. */
static void plan_missing_node(const struct zpm_planner *planner, const struct zpm_object *want)
{
	const struct zpm_swarm_node *node = want->spec;
	struct zpm_plan *plan = planner->plan;
	const char *names = NULL;

	if (node->availability && !strcmp(node->availability, "drain"))
		return;
	for (size_t i = 0; i < planner->have->list.n; i++) {
		const struct zpm_object *have = planner->have->list.v[i];

		if (have->kind->id == ZPM_KIND_NODE)
			names = names ? zpm_arena_printf(plan->arena, "%s, %s", names, have->real)
				      : have->real;
	}
	zpm_planner_refuse(plan,
		zpm_arena_printf(plan->arena, "host '%s': the Swarm has no node called '%s'; there are: %s",
			want->name, want->real, names ? names : "none"));
}

static bool is_foreign(const struct zpm_plan *plan, const struct zpm_object *have)
{
	const char *owner = have->live->owner;

	/* A node is nobody's until somebody gives it a role. */
	if (!owner)
		return have->kind->id != ZPM_KIND_NODE;
	return strcmp(owner, plan->platform) != 0;
}

static void refuse_foreign(
	struct zpm_plan *plan, const struct zpm_object *want, const struct zpm_object *have)
{
	bool adoptable = !have->live->owner && zpm_shape_field(want->kind->shape, "adopt");

	zpm_planner_refuse(
		plan, zpm_arena_printf(plan->arena,
			      "%s '%s' exists already and does not carry the label %s=%s: it is not this "
			      "platform's to change%s",
			      want->kind->name, want->real, ZPM_LABEL_PLATFORM, plan->platform,
			      adoptable ? " unless 'adopt: true' says so" : ""));
}

static bool may_adopt(const struct zpm_object *want, const struct zpm_object *have)
{
	return want->adopt && !have->live->owner;
}

static bool is_unseen(const struct zpm_object *have)
{
	return !zpm_kind_is_engines(have->kind->id) && have->live->trouble;
}

static void plan_object(struct zpm_planner *planner, const struct zpm_object *want)
{
	struct zpm_plan *plan = planner->plan;
	const struct zpm_object *have = zpm_objects_find_real(planner->have, want->kind->id, want->real);

	if (want->left) {
		zpm_planner_add(planner, ZPM_ACTION_KEEP, want, have);
	} else if (want->kind->id == ZPM_KIND_REPLICA_SET) {
		zpm_planner_set(planner, want);
	} else if (want->kind->id == ZPM_KIND_SETUP) {
		zpm_planner_setup(planner, want);
	} else if (want->external) {
		plan_external(plan, want, have);
	} else if (!have && want->kind->id == ZPM_KIND_NODE) {
		plan_missing_node(planner, want);
	} else if (!have) {
		plan_create(planner, want);
	} else if (is_unseen(have)) {
		if (!zpm_planner_leaves_unseen(planner, want, have))
			plan_create(planner, want);
	} else if (!is_foreign(plan, have) || (may_adopt(want, have) && want->kind->id == ZPM_KIND_SERVICE)) {
		plan_update(planner, want, have);
	} else if (may_adopt(want, have)) {
		zpm_planner_use(planner, want, have);
	} else {
		refuse_foreign(plan, want, have);
	}
}

static void plan_kinds(struct zpm_planner *planner, enum zpm_kind_id first, enum zpm_kind_id last)
{
	for (size_t i = 0; i < planner->desired->list.n; i++) {
		const struct zpm_object *want = planner->desired->list.v[i];

		if (want->kind->id >= first && want->kind->id <= last)
			plan_object(planner, want);
	}
}

static void wait_for(
	const struct zpm_planner *planner, struct zpm_change *change, const char *kind, const char *name)
{
	const struct zpm_change *other = zpm_planner_changed(planner, kind, name);
	struct zpm_arena *arena = planner->plan->arena;

	if (other)
		zpm_strs_push(arena, &change->after, zpm_object_ref(zpm_change_object(other), arena));
}

/* A service waits for the versions it is to see. */
static void wait_for_files(const struct zpm_planner *planner, struct zpm_change *change, const char *kind,
	const struct zpm_ptrs *files)
{
	for (size_t i = 0; i < files->n; i++)
		wait_for(planner, change, kind,
			zpm_version_name(((struct zpm_file *)files->v[i])->source, planner->plan->arena));
}

static void find_prerequisites(const struct zpm_planner *planner, struct zpm_change *change)
{
	const struct zpm_service *service;

	if (change->want && change->want->kind->id == ZPM_KIND_SETUP)
		wait_for(planner, change, "service", change->want->name);
	if (!change->want || change->want->kind->id != ZPM_KIND_SERVICE)
		return;
	service = change->want->spec;
	for (size_t i = 0; i < service->networks.n; i++)
		wait_for(planner, change, "network", ((struct zpm_attachment *)service->networks.v[i])->name);
	for (size_t i = 0; i < service->volumes.n; i++) {
		const char *source = ((struct zpm_mount *)service->volumes.v[i])->source;

		if (source)
			wait_for(planner, change, "volume", source);
	}
	wait_for_files(planner, change, "secret", &service->secrets);
	wait_for_files(planner, change, "config", &service->configs);
	for (size_t i = 0; i < service->depends_on.n; i++) {
		wait_for(planner, change, "service", service->depends_on.v[i]);
		wait_for(planner, change, "setup", service->depends_on.v[i]);
	}
	if (zpm_object_integration(change->want))
		wait_for(planner, change, "port", change->want->name);
}

static void link_changes(const struct zpm_planner *planner)
{
	const struct zpm_plan *plan = planner->plan;

	for (size_t i = 0; i < plan->changes.n; i++)
		find_prerequisites(planner, plan->changes.v[i]);
}

struct zpm_plan *zpm_plan_new(const struct zpm_platform *platform, const struct zpm_objects *desired,
	const struct zpm_objects *have, const struct zpm_plan_options *options)
{
	struct zpm_plan *plan = zpm_planner_plan(platform);
	struct zpm_planner planner = { platform, plan, desired, have, zpm_index_new(plan->arena) };

	plan->options = *options;
	plan->troubles = desired->troubles;
	/* Services last: what they stand on may have to be replaced with them. */
	plan_kinds(&planner, 0, ZPM_KIND_SERVICE - 1);
	zpm_planner_hosted(&planner, plan_update);
	plan_kinds(&planner, ZPM_KIND_SERVICE, ZPM_KIND_COUNT - 1);
	if (plan->prune)
		zpm_planner_prune(&planner);
	link_changes(&planner);
	zpm_held_block(plan);
	return plan;
}

void zpm_change_dispose(struct zpm_change *change)
{
	for (size_t i = 0; i < change->fields.n; i++) {
		const struct zpm_field_change *field = change->fields.v[i];

		json_object_put(field->old);
		json_object_put(field->now);
	}
	change->fields.n = 0;
}

void zpm_plan_free(struct zpm_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->changes.n; i++)
		zpm_change_dispose(plan->changes.v[i]);
	for (size_t i = 0; i < plan->kept.n; i++)
		zpm_change_dispose(plan->kept.v[i]);
	zpm_arena_free(plan->arena);
}
