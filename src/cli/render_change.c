/* What the renderings of a plan share: values, what a change costs, and how many there are. */
#include "cli/render.h"

#include "model/catalog.h"
#include "model/image.h"
#include "model/mongo_object.h"
#include "model/setup.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

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
	case ZPM_KIND_PORT:
		zpm_buf_printf(out, "%" PRId64, ((const struct zpm_port_record *)object->spec)->port);
		break;
	default:
		zpm_buf_puts(out, ((const struct zpm_network *)object->spec)->driver);
		break;
	}
}

/* "2 commands in 3 containers" */
static void render_setup(const struct zpm_change *change, struct zpm_buf *out)
{
	size_t commands = ((const struct zpm_setup *)change->want->spec)->commands.n;

	zpm_buf_printf(out, "%zu command%s in ", commands, commands == 1 ? "" : "s");
	if (change->containers < 0)
		zpm_buf_puts(out, "a container on each node");
	else
		zpm_buf_printf(out, "%" PRId64 " container%s", change->containers,
			change->containers == 1 ? "" : "s");
}

static bool ends_tasks(const struct zpm_change *change)
{
	return change->action == ZPM_ACTION_DELETE || (change->edit && change->edit->op == ZPM_EDIT_STOP);
}

void zpm_render_cost(const struct zpm_change *change, struct zpm_buf *out)
{
	int64_t tasks = zpm_change_restarts(change);
	const char *verb = ends_tasks(change) ? "stops" : "restarts";

	if (zpm_change_object(change)->kind->id == ZPM_KIND_SETUP)
		render_setup(change, out);
	else if (change->action == ZPM_ACTION_CREATE)
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
		change->reason == ZPM_REASON_DRIFT || change->reason == ZPM_REASON_ORPHAN ||
		change->reason == ZPM_REASON_INTEGRATION)
		zpm_buf_printf(out, " (%s)", zpm_reason_names[change->reason]);
	if (change->blocked)
		zpm_buf_printf(out, ", skipped: %s", change->blocked);
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
