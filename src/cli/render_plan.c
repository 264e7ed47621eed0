/* A plan for people, and for programs. */
#include "cli/render.h"

#include "model/hold.h"
#include "model/image.h"
#include "model/mongo_object.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#define KIND_WIDTH 9
#define NAME_WIDTH 19
#define PATH_WIDTH 26

static const struct {
	const char *sign;
	enum zpm_colour colour;
} actions[ZPM_ACTION_COUNT] = {
	[ZPM_ACTION_CREATE] = { "+", ZPM_COLOUR_GREEN },
	[ZPM_ACTION_UPDATE] = { "~", ZPM_COLOUR_YELLOW },
	[ZPM_ACTION_REPLACE] = { "±", ZPM_COLOUR_MAGENTA },
	[ZPM_ACTION_DELETE] = { "-", ZPM_COLOUR_RED },
	[ZPM_ACTION_ADOPT] = { "»", ZPM_COLOUR_YELLOW },
};

/* Text bare, lists as [a, b], anything else as JSON. */
static void render_value(json_object *value, struct zpm_buf *out)
{
	if (!value) {
		zpm_buf_puts(out, "(none)");
	} else if (json_object_is_type(value, json_type_string)) {
		zpm_buf_puts(out, json_object_get_string_len(value) ? json_object_get_string(value) : "\"\"");
	} else if (json_object_is_type(value, json_type_array)) {
		zpm_buf_puts(out, "[");
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			zpm_buf_puts(out, i ? ", " : "");
			render_value(json_object_array_get_idx(value, i), out);
		}
		zpm_buf_puts(out, "]");
	} else {
		zpm_buf_puts(out, json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE));
	}
}

/* A value of several lines, a command say, takes one line in a plan; a digest, some of its digits. */
void zpm_render_value(json_object *value, struct zpm_buf *out)
{
	ZPM_BUF text = { 0 };

	render_value(value, &text);
	text.data[zpm_image_shown_len(text.data)] = '\0';
	for (const char *c = text.data; *c; c++) {
		if (*c == '\n')
			zpm_buf_puts(out, "\\n");
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			zpm_buf_puts(out, "?");
		else
			zpm_buf_add(out, c, 1);
	}
}

static void render_service(const struct zpm_service *service, struct zpm_buf *out)
{
	zpm_buf_add(out, service->image, zpm_image_shown_len(service->image));
	if (service->replicas == ZPM_UNSET)
		zpm_buf_puts(out, ", one on each node");
	else if (service->replicas != 1)
		zpm_buf_printf(out, ", %" PRId64 " replicas", service->replicas);
}

/* "nfs nas.example.net:/exports/reports": the address is among the mount options. */
static void render_volume(const struct zpm_volume *volume, struct zpm_buf *out)
{
	const char *type = zpm_pairs_get(&volume->driver_options, "type");
	const char *device = zpm_pairs_get(&volume->driver_options, "device");
	const char *options = zpm_pairs_get(&volume->driver_options, "o");
	const char *address = options ? strstr(options, "addr=") : NULL;

	zpm_buf_puts(out, type ? type : volume->driver);
	if (!device)
		return;
	zpm_buf_puts(out, " ");
	if (address && device[0] == ':')
		zpm_buf_add(out, address + 5, strcspn(address + 5, ","));
	zpm_buf_puts(out, device);
}

static void render_secret(const struct zpm_secret *secret, struct zpm_buf *out)
{
	zpm_buf_printf(out, "version %s", secret->version);
}

/* "3 members, first soar-a:27017": the one that is to lead. */
static void render_set(const struct zpm_replica_set *set, struct zpm_buf *out)
{
	const struct zpm_set_member *first = NULL;

	for (size_t i = 0; i < set->members.n; i++) {
		const struct zpm_set_member *member = set->members.v[i];

		if (!first || member->priority > first->priority)
			first = member;
	}
	zpm_buf_printf(out, "%zu member%s", set->members.n, set->members.n == 1 ? "" : "s");
	if (first)
		zpm_buf_printf(out, ", primary %s", first->host);
}

/* What a person wants to know of a new object in a few words. */
static void render_summary(const struct zpm_object *object, struct zpm_buf *out)
{
	switch (object->kind->id) {
	case ZPM_KIND_SERVICE:
		render_service(object->spec, out);
		break;
	case ZPM_KIND_VOLUME:
		render_volume(object->spec, out);
		break;
	case ZPM_KIND_NODE:
		zpm_buf_puts(out, object->real);
		break;
	case ZPM_KIND_REPLICA_SET:
		render_set(object->spec, out);
		break;
	case ZPM_KIND_SHARD:
		zpm_buf_printf(out, "replica set %s", ((const struct zpm_shard *)object->spec)->replica_set);
		break;
	case ZPM_KIND_SERVER_INFO:
		zpm_buf_printf(out, "%s, %s", ((const struct zpm_server_info *)object->spec)->type,
			((const struct zpm_server_info *)object->spec)->state);
		break;
	case ZPM_KIND_SECRET:
	case ZPM_KIND_CONFIG:
		render_secret(object->spec, out);
		break;
	default:
		zpm_buf_puts(out, ((const struct zpm_network *)object->spec)->driver);
		break;
	}
}

/* A long kind takes its room from the name's, so that what follows stays in its column. */
static void render_ref(const struct zpm_object *object, struct zpm_buf *out)
{
	size_t kind = strlen(object->kind->name) + 1;

	zpm_render_padded(out, object->kind->name, KIND_WIDTH);
	zpm_render_padded(
		out, object->name, KIND_WIDTH + NAME_WIDTH - (kind > KIND_WIDTH ? kind : KIND_WIDTH));
}

static bool ends_tasks(const struct zpm_change *change)
{
	return change->action == ZPM_ACTION_DELETE || (change->edit && change->edit->op == ZPM_EDIT_STOP);
}

void zpm_render_cost(const struct zpm_change *change, struct zpm_buf *out)
{
	int64_t tasks = zpm_change_restarts(change);
	const char *verb = ends_tasks(change) ? "stops" : "restarts";

	if (change->action == ZPM_ACTION_CREATE)
		render_summary(change->want, out);
	else if (change->impact == ZPM_IMPACT_ELECTION)
		zpm_buf_printf(out, "election: primary %s", change->elections);
	else if (change->action == ZPM_ACTION_DELETE && change->have->kind->id == ZPM_KIND_SHARD)
		zpm_buf_puts(out, "drained: its data move to other shards");
	else if (change->edit && change->edit->op == ZPM_EDIT_START)
		zpm_buf_puts(out, "starts its tasks");
	else if (change->impact == ZPM_IMPACT_DATA_RISK)
		zpm_buf_puts(out, "data at risk");
	else if (change->impact == ZPM_IMPACT_IN_PLACE)
		zpm_buf_puts(out, "in place");
	else if (zpm_change_object(change)->kind->id == ZPM_KIND_NODE)
		zpm_buf_puts(out, "its tasks move");
	else if (tasks < 0)
		zpm_buf_printf(out, "%s a task on each node", verb);
	else if (change->impact == ZPM_IMPACT_RESTART && tasks)
		zpm_buf_printf(out, "%s %" PRId64 " task%s", verb, tasks, tasks == 1 ? "" : "s");
	else
		zpm_buf_puts(out, change->action == ZPM_ACTION_DELETE ? "unused" : "no task runs");
	if (change->reason == ZPM_REASON_PATCH || change->reason == ZPM_REASON_TOPOLOGY ||
		change->reason == ZPM_REASON_DRIFT || change->reason == ZPM_REASON_ORPHAN)
		zpm_buf_printf(out, " (%s)", zpm_reason_names[change->reason]);
	if (change->blocked)
		zpm_buf_printf(out, ", skipped: %s", change->blocked);
}

static void render_field_changes(const struct zpm_change *change, bool colour, struct zpm_buf *out)
{
	for (size_t i = 0; i < change->fields.n; i++) {
		const struct zpm_field_change *field = change->fields.v[i];

		zpm_buf_puts(out, "      ");
		zpm_render_padded(out, field->path, PATH_WIDTH);
		zpm_render_value(field->old, out);
		zpm_buf_printf(out, " %s→%s ", zpm_colour(colour, ZPM_COLOUR_DIM),
			zpm_colour(colour, ZPM_COLOUR_NONE));
		zpm_render_value(field->now, out);
		zpm_buf_puts(out, "\n");
	}
}

static void render_change(const struct zpm_change *change, bool colour, struct zpm_buf *out)
{
	const struct zpm_object *object = zpm_change_object(change);

	zpm_buf_printf(out, "  %s%s%s ", zpm_colour(colour, actions[change->action].colour),
		actions[change->action].sign, zpm_colour(colour, ZPM_COLOUR_NONE));
	render_ref(object, out);
	zpm_render_cost(change, out);
	zpm_buf_puts(out, "\n");
	/* A new object is summed up; all of its fields are in the JSON. */
	if (change->action != ZPM_ACTION_CREATE)
		render_field_changes(change, colour, out);
}

/* What cannot be done now, or not all of it, and why. */
static void render_troubles(const struct zpm_plan *plan, bool colour, struct zpm_buf *out)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	const char *before = "\n";

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];

			if (!change->trouble)
				continue;
			zpm_buf_printf(out, "%s  %s!%s ", before, zpm_colour(colour, ZPM_COLOUR_RED),
				zpm_colour(colour, ZPM_COLOUR_NONE));
			render_ref(change->want, out);
			zpm_buf_printf(out, "%s\n", change->trouble);
			before = "";
		}
}

/* What would be due, and why it is not done. */
static void render_quarantined(const struct zpm_plan *plan, bool colour, struct zpm_buf *out)
{
	const char *before = "\n";

	for (size_t i = 0; i < plan->kept.n; i++) {
		const struct zpm_change *change = plan->kept.v[i];

		if (!change->quarantine)
			continue;
		zpm_buf_printf(out, "%s  %s!%s ", before, zpm_colour(colour, ZPM_COLOUR_RED),
			zpm_colour(colour, ZPM_COLOUR_NONE));
		before = "";
		render_ref(change->want, out);
		zpm_buf_printf(out, "quarantined: %s\n", change->quarantine);
		render_field_changes(change, colour, out);
	}
	if (!*before)
		zpm_buf_puts(out, "    Change the manifest, or send it again with 'zpm apply --retry'.\n");
}

const char *zpm_render_sign(enum zpm_action action)
{
	return actions[action].sign;
}

void zpm_render_counts(const struct zpm_plan *plan, struct zpm_buf *out)
{
	const char *separator = "";

	if (!plan->changes.n) {
		zpm_buf_printf(out, "no changes, %zu unchanged", plan->kept.n);
		return;
	}
	zpm_buf_printf(out, "%zu change%s (", plan->changes.n, plan->changes.n == 1 ? "" : "s");
	for (int action = ZPM_ACTION_CREATE; action < ZPM_ACTION_COUNT; action++) {
		size_t n = plan->counts[action];

		if (n)
			zpm_buf_printf(
				out, "%s%zu %s%s", separator, n, zpm_action_names[action], n == 1 ? "" : "s");
		separator = n ? ", " : separator;
	}
	zpm_buf_printf(out, "), %zu unchanged", plan->kept.n);
}

bool zpm_render_is_held(const struct zpm_change *change)
{
	return change->want && change->want->hold && change->have && change->have->hold;
}

static void render_held(const struct zpm_plan *plan, bool colour, struct zpm_buf *out)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	const char *before = "\n";

	for (size_t i = 0; i < ZPM_COUNT(lists); i++) {
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];

			if (!zpm_render_is_held(change))
				continue;
			zpm_buf_printf(out, "%s  %s=%s ", before, zpm_colour(colour, ZPM_COLOUR_YELLOW),
				zpm_colour(colour, ZPM_COLOUR_NONE));
			render_ref(change->want, out);
			zpm_buf_printf(out, "%s\n", zpm_hold_text(change->want->hold, plan->arena));
			before = "";
		}
	}
}

void zpm_render_plan(const struct zpm_plan *plan, bool colour, struct zpm_buf *out)
{
	zpm_buf_printf(out, "%s: ", plan->platform);
	zpm_render_counts(plan, out);
	zpm_buf_puts(out, plan->changes.n ? "\n\n" : "\n");
	for (size_t i = 0; i < plan->changes.n; i++)
		render_change(plan->changes.v[i], colour, out);
	render_troubles(plan, colour, out);
	render_quarantined(plan, colour, out);
	render_held(plan, colour, out);
	for (size_t i = 0; i < plan->refusals.n; i++)
		zpm_buf_printf(out, "%s  %s!%s %s\n", i ? "" : "\n", zpm_colour(colour, ZPM_COLOUR_RED),
			zpm_colour(colour, ZPM_COLOUR_NONE), plan->refusals.v[i]);
}

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
	if (change->blocked)
		add_text(json, "blocked", change->blocked);
	return json;
}

/* [] is left out: most plans have none. */
static void add_quarantined(json_object *json, const struct zpm_plan *plan)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < plan->kept.n; i++) {
		const struct zpm_change *change = plan->kept.v[i];
		json_object *item;

		if (!change->quarantine)
			continue;
		item = json_object_new_object();
		add_text(item, "kind", change->want->kind->name);
		add_text(item, "name", change->want->name);
		add_text(item, "because", change->quarantine);
		json_object_object_add(item, "fields", render_fields(change));
		json_object_array_add(list, item);
	}
	if (json_object_array_length(list))
		json_object_object_add(json, "quarantined", list);
	else
		json_object_put(list);
}

/* [] is left out, too. */
static void add_troubles(json_object *json, const struct zpm_plan *plan)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	json_object *troubles = json_object_new_array();

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];
			json_object *item;

			if (!change->trouble)
				continue;
			item = json_object_new_object();
			add_text(item, "kind", change->want->kind->name);
			add_text(item, "name", change->want->name);
			add_text(item, "because", change->trouble);
			json_object_array_add(troubles, item);
		}
	if (json_object_array_length(troubles))
		json_object_object_add(json, "troubles", troubles);
	else
		json_object_put(troubles);
}

static json_object *render_held_json(const struct zpm_plan *plan)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	json_object *held = json_object_new_array();

	for (size_t i = 0; i < ZPM_COUNT(lists); i++) {
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];
			json_object *json;

			if (!zpm_render_is_held(change))
				continue;
			json = zpm_render_hold_json(change->want->hold);
			add_text(json, "kind", change->want->kind->name);
			add_text(json, "name", change->want->name);
			json_object_array_add(held, json);
		}
	}
	return held;
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
	add_quarantined(json, plan);
	add_troubles(json, plan);
	json_object_object_add(json, "held", render_held_json(plan));
	if (!json_object_array_length(json_object_object_get(json, "held")))
		json_object_object_del(json, "held");
	if (plan->refusals.n)
		json_object_object_add(json, "refused", render_strs(&plan->refusals));
	return json;
}
