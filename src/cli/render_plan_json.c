/* A plan for programs. */
#include "cli/render.h"

#include <json-c/json.h>

static json_object *render_fields(const struct zpm_change *change)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < change->fields.n; i++) {
		const struct zpm_field_change *field = change->fields.v[i];
		json_object *json = json_object_new_object();

		json_object_object_add(json, "path", json_object_new_string(field->path));
		json_object_object_add(json, "old", json_object_get(field->old));
		json_object_object_add(json, "new", json_object_get(field->now));
		json_object_array_add(list, json);
	}
	return list;
}

static json_object *render_strs(const struct zpm_strs *strs)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < strs->n; i++)
		json_object_array_add(list, json_object_new_string(strs->v[i]));
	return list;
}

static void add_text(json_object *json, const char *key, const char *text)
{
	json_object_object_add(json, key, json_object_new_string(text));
}

static json_object *render_change_json(const struct zpm_change *change)
{
	const struct zpm_object *object = zpm_change_object(change);
	json_object *json = json_object_new_object();

	add_text(json, "action", zpm_action_names[change->action]);
	add_text(json, "kind", object->kind->name);
	add_text(json, "name", object->name);
	add_text(json, "impact", zpm_impact_names[change->impact]);
	json_object_object_add(json, "fields", render_fields(change));
	json_object_object_add(json, "after", render_strs(&change->after));
	add_text(json, "reason", zpm_reason_names[change->reason]);
	if (change->steps.n)
		json_object_object_add(json, "steps", render_strs(&change->steps));
	if (object->kind->id == ZPM_KIND_SETUP && change->containers >= 0)
		json_object_object_add(json, "containers", json_object_new_int64(change->containers));
	if (change->blocked)
		add_text(json, "blocked", change->blocked);
	return json;
}

static void name_object(json_object *item, const struct zpm_change *change)
{
	add_text(item, "kind", change->want->kind->name);
	add_text(item, "name", change->want->name);
}

static json_object *render_quarantined(const struct zpm_change *change)
{
	json_object *item;

	if (!change->quarantine)
		return NULL;
	item = json_object_new_object();
	name_object(item, change);
	add_text(item, "because", change->quarantine);
	json_object_object_add(item, "fields", render_fields(change));
	return item;
}

static json_object *render_trouble(const struct zpm_change *change)
{
	json_object *item;

	if (!change->trouble)
		return NULL;
	item = json_object_new_object();
	name_object(item, change);
	add_text(item, "because", change->trouble);
	return item;
}

/* Not of an object, but of what would be one if it were known. */
static void add_unknown(json_object *json, const struct zpm_plan *plan)
{
	json_object *list = json_object_object_get(json, "troubles");

	if (plan->troubles.n && !list) {
		list = json_object_new_array();
		json_object_object_add(json, "troubles", list);
	}
	for (size_t i = 0; i < plan->troubles.n; i++) {
		const struct zpm_trouble *trouble = plan->troubles.v[i];
		json_object *item = json_object_new_object();

		add_text(item, "kind", trouble->kind);
		add_text(item, "name", trouble->name);
		add_text(item, "because", trouble->why);
		json_object_array_add(list, item);
	}
}

static json_object *render_held(const struct zpm_change *change)
{
	json_object *item;

	if (!zpm_render_is_held(change))
		return NULL;
	item = zpm_render_hold_json(change->want->hold);
	name_object(item, change);
	return item;
}

/* What there is to say of any object beside what is due. [] is left out: most plans have none. */
static void add_said(json_object *json, const char *key, const struct zpm_plan *plan,
	json_object *(*render)(const struct zpm_change *))
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	json_object *said = json_object_new_array();

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			json_object *item = render(lists[i]->v[j]);

			if (item)
				json_object_array_add(said, item);
		}
	if (json_object_array_length(said))
		json_object_object_add(json, key, said);
	else
		json_object_put(said);
}

json_object *zpm_render_plan_json(const struct zpm_plan *plan, const char *manifest_hash)
{
	json_object *json = json_object_new_object(), *changes = json_object_new_array();
	json_object *summary = json_object_new_object();

	add_text(json, "apiVersion", ZPM_API_VERSION);
	add_text(json, "platform", plan->platform);
	add_text(json, "manifestHash", manifest_hash);
	for (size_t i = 0; i < plan->changes.n; i++)
		json_object_array_add(changes, render_change_json(plan->changes.v[i]));
	json_object_object_add(json, "changes", changes);
	for (int action = ZPM_ACTION_CREATE; action < ZPM_ACTION_COUNT; action++)
		json_object_object_add(summary, zpm_action_names[action],
			json_object_new_int64((int64_t)plan->counts[action]));
	json_object_object_add(summary, "unchanged", json_object_new_int64((int64_t)plan->kept.n));
	json_object_object_add(json, "summary", summary);
	add_said(json, "quarantined", plan, render_quarantined);
	add_said(json, "troubles", plan, render_trouble);
	add_unknown(json, plan);
	add_said(json, "held", plan, render_held);
	if (plan->refusals.n)
		json_object_object_add(json, "refused", render_strs(&plan->refusals));
	return json;
}
