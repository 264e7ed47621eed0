/* What each object is like, as a table and as JSON. */
#include "base/clock.h"
#include "cli/render.h"
#include "model/hold.h"
#include "model/replica_set.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define REF_LEAST   33
#define REF_MOST    48
#define TASKS_WIDTH 8

static const enum zpm_colour colours[ZPM_STATE_COUNT] = {
	[ZPM_STATE_CONVERGED] = ZPM_COLOUR_GREEN,
	[ZPM_STATE_PROGRESSING] = ZPM_COLOUR_YELLOW,
	[ZPM_STATE_FAILED] = ZPM_COLOUR_RED,
	[ZPM_STATE_QUARANTINED] = ZPM_COLOUR_RED,
	[ZPM_STATE_DIFFERS] = ZPM_COLOUR_YELLOW,
	[ZPM_STATE_MISSING] = ZPM_COLOUR_RED,
	[ZPM_STATE_HELD] = ZPM_COLOUR_YELLOW,
	[ZPM_STATE_ORPHAN] = ZPM_COLOUR_MAGENTA,
};

static size_t count(const struct zpm_ptrs *statuses, enum zpm_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < statuses->n; i++)
		n += ((const struct zpm_status *)statuses->v[i])->state == state;
	return n;
}

bool zpm_statuses_converged(const struct zpm_ptrs *statuses)
{
	return count(statuses, ZPM_STATE_CONVERGED) + count(statuses, ZPM_STATE_HELD) == statuses->n;
}

static const char *group_of(const struct zpm_object *object)
{
	return object->tier == ZPM_TIER_NONE ? object->kind->name : zpm_tier_names[object->tier];
}

static const struct zpm_set_member *declared_member(const struct zpm_status *status, const char *host)
{
	return status->object->live ? NULL : zpm_set_member_by_host(status->object->spec, host);
}

/* "soar-a:27017  primary  priority 10": with what is declared, where that is another. */
static void render_member(const struct zpm_status *status, const struct zpm_member_view *member, size_t ref,
	struct zpm_buf *out)
{
	const struct zpm_set_member *live = zpm_set_member_by_host(status->set->config, member->host);
	const struct zpm_set_member *want = declared_member(status, member->host);

	zpm_buf_puts(out, "    ");
	zpm_render_padded(out, member->host, ref + TASKS_WIDTH - 2);
	zpm_render_padded(out, zpm_member_state_names[member->state], 11);
	if (live)
		zpm_buf_printf(out, "priority %g", (double)live->priority / ZPM_PRIORITY_ONE);
	else
		zpm_buf_puts(out, "not a member");
	if (live && want && want->priority != live->priority)
		zpm_buf_printf(out, ", declared %g", (double)want->priority / ZPM_PRIORITY_ONE);
	if (live && !live->votes)
		zpm_buf_puts(out, ", no vote");
	if (member->lag)
		zpm_buf_printf(out, ", %lld s behind", (long long)(member->lag / ZPM_S));
	zpm_buf_puts(out, "\n");
}

static void render_members(const struct zpm_status *status, size_t ref, struct zpm_buf *out)
{
	for (size_t i = 0; i < status->set->members.n; i++)
		render_member(status, status->set->members.v[i], ref, out);
}

/* As wide as the longest, unless that is very long. */
static size_t ref_width(const struct zpm_ptrs *statuses)
{
	size_t width = REF_LEAST;

	for (size_t i = 0; i < statuses->n; i++) {
		const struct zpm_object *object = ((const struct zpm_status *)statuses->v[i])->object;
		size_t one = zpm_render_ref_width(group_of(object), object->name);

		width = one > width ? one : width;
	}
	return width < REF_MOST ? width : REF_MOST;
}

static void render_one(const struct zpm_status *status, size_t ref, bool colour, struct zpm_buf *out)
{
	char tasks[48] = "";

	if (status->object->kind->id == ZPM_KIND_SERVICE)
		snprintf(tasks, sizeof(tasks), "%zu/%zu", status->running, status->wanted);
	zpm_buf_puts(out, "  ");
	zpm_render_ref(out, group_of(status->object), status->object->name, ref);
	zpm_render_padded(out, tasks, TASKS_WIDTH);
	zpm_buf_printf(out, "%s%s%s", zpm_colour(colour, colours[status->state]),
		zpm_state_names[status->state], zpm_colour(colour, ZPM_COLOUR_NONE));
	/* "held: held since ..." would say it twice. */
	if (status->why && status->state == ZPM_STATE_HELD)
		zpm_buf_puts(out, status->why + strlen(zpm_state_names[ZPM_STATE_HELD]));
	else if (status->why)
		zpm_buf_printf(out, ": %s", status->why);
	zpm_buf_puts(out, "\n");
	if (status->set && status->set->config)
		render_members(status, ref, out);
}

/* Networks and volumes, then the tiers in the order they start. */
void zpm_render_status(
	const struct zpm_ptrs *statuses, const struct zpm_session *session, bool colour, struct zpm_buf *out)
{
	size_t held = count(statuses, ZPM_STATE_HELD), ref = ref_width(statuses);

	zpm_buf_printf(out, "%s: %zu of %zu objects converged", session->desired->platform,
		count(statuses, ZPM_STATE_CONVERGED), statuses->n);
	if (held)
		zpm_buf_printf(out, ", %zu held", held);
	zpm_buf_puts(out, "\n\n");
	for (int kind = 0; kind < ZPM_KIND_COUNT; kind++)
		for (int tier = 0; tier <= ZPM_TIER_NONE; tier++)
			for (size_t i = 0; i < statuses->n; i++) {
				const struct zpm_status *status = statuses->v[i];

				if ((int)status->object->kind->id == kind &&
					(int)status->object->tier == tier)
					render_one(status, ref, colour, out);
			}
}

static json_object *priority_json(const struct zpm_set_member *member)
{
	return member ? json_object_new_double((double)member->priority / ZPM_PRIORITY_ONE) : NULL;
}

static json_object *member_json(const struct zpm_status *status, const struct zpm_member_view *member)
{
	const struct zpm_set_member *live = zpm_set_member_by_host(status->set->config, member->host);
	json_object *json = json_object_new_object();

	json_object_object_add(json, "host", json_object_new_string(member->host));
	json_object_object_add(json, "state", json_object_new_string(zpm_member_state_names[member->state]));
	json_object_object_add(json, "priority", priority_json(live));
	json_object_object_add(
		json, "declaredPriority", priority_json(declared_member(status, member->host)));
	json_object_object_add(json, "votes", live ? json_object_new_int64(live->votes) : NULL);
	json_object_object_add(json, "lagSeconds", json_object_new_int64(member->lag / ZPM_S));
	if (member->trouble)
		json_object_object_add(json, "why", json_object_new_string(member->trouble));
	return json;
}

static void add_set(json_object *json, const struct zpm_status *status)
{
	json_object *members = json_object_new_array(), *primary = NULL;

	for (size_t i = 0; i < status->set->members.n; i++) {
		const struct zpm_member_view *member = status->set->members.v[i];

		json_object_array_add(members, member_json(status, member));
		if (member->state == ZPM_MEMBER_PRIMARY && !primary)
			primary = json_object_new_string(member->host);
	}
	json_object_object_add(json, "primary", primary);
	json_object_object_add(json, "term", json_object_new_int64(status->set->config->term));
	json_object_object_add(json, "version", json_object_new_int64(status->set->config->version));
	json_object_object_add(json, "members", members);
}

static json_object *status_json(const struct zpm_status *status)
{
	const struct zpm_object *object = status->object;
	json_object *json = json_object_new_object();

	json_object_object_add(json, "kind", json_object_new_string(object->kind->name));
	json_object_object_add(json, "name", json_object_new_string(object->name));
	json_object_object_add(json, "engineName", json_object_new_string(object->real));
	json_object_object_add(json, "state", json_object_new_string(zpm_state_names[status->state]));
	if (object->kind->id == ZPM_KIND_SERVICE) {
		if (object->tier != ZPM_TIER_NONE)
			json_object_object_add(
				json, "tier", json_object_new_string(zpm_tier_names[object->tier]));
		json_object_object_add(json, "running", json_object_new_int64((int64_t)status->running));
		json_object_object_add(json, "desired", json_object_new_int64((int64_t)status->wanted));
	}
	if (status->set && status->set->config)
		add_set(json, status);
	if (object->hold)
		json_object_object_add(json, "hold", zpm_render_hold_json(object->hold));
	if (status->why)
		json_object_object_add(json, "why", json_object_new_string(status->why));
	return json;
}

json_object *zpm_render_status_json(const struct zpm_ptrs *statuses, const struct zpm_session *session)
{
	json_object *json = json_object_new_object(), *objects = json_object_new_array();

	for (size_t i = 0; i < statuses->n; i++)
		json_object_array_add(objects, status_json(statuses->v[i]));
	json_object_object_add(json, "apiVersion", json_object_new_string(ZPM_API_VERSION));
	json_object_object_add(json, "platform", json_object_new_string(session->desired->platform));
	json_object_object_add(json, "converged", json_object_new_boolean(zpm_statuses_converged(statuses)));
	json_object_object_add(json, "objects", objects);
	return json;
}
