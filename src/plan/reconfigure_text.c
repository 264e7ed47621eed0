/* What a step of a reconfiguration changes, in words. */
#include "plan/reconfigurer.h"

#include "model/json.h"
#include "plan/diff.h"
#include "plan/plan.h"

#include <json-c/json.h>
#include <string.h>

static const char *text_of(struct json_object *value)
{
	return value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) : "unset";
}

static void describe_fields(const char *host, const struct zpm_shape *shape, const void *have,
	const void *next, struct zpm_strs *changes, struct zpm_arena *arena)
{
	struct zpm_ptrs fields = { 0 };

	zpm_diff(shape, have, next, arena, &fields);
	for (size_t i = 0; i < fields.n; i++) {
		struct zpm_field_change *field = fields.v[i];

		zpm_strs_push(arena, changes,
			zpm_arena_printf(arena, "%s%s%s: %s → %s", host ? host : "", host ? " " : "",
				field->path, text_of(field->old), text_of(field->now)));
		json_object_put(field->old);
		json_object_put(field->now);
	}
}

static void describe_member(const struct zpm_replica_set *have, const struct zpm_set_member *next,
	struct zpm_strs *changes, struct zpm_arena *arena)
{
	struct zpm_set_member *old = have ? zpm_set_member_by_id(have, next->id) : NULL;

	if (old) {
		describe_fields(next->host, &zpm_set_member_shape, old, next, changes, arena);
		return;
	}
	zpm_strs_push(arena, changes,
		zpm_arena_printf(arena, "%s joins%s", next->host,
			next->arbiter_only ? " as an arbiter"
			: !next->votes     ? " without a vote"
					   : ""));
}

const char *zpm_reconfigure_step_text(const struct zpm_reconfigure_step *step, struct zpm_arena *arena)
{
	const char *text = step->changes.n ? step->changes.v[0] : "";

	if (step->op == ZPM_RECONFIGURE_INITIATE)
		return zpm_arena_printf(arena, "initiate the set on %s", step->host);
	if (step->op == ZPM_RECONFIGURE_STEP_DOWN)
		return zpm_arena_printf(arena, "%s steps down, %s follows", step->host, step->successor);
	if (step->op != ZPM_RECONFIGURE_CONFIG)
		return NULL;
	for (size_t i = 1; i < step->changes.n; i++)
		text = zpm_arena_printf(arena, "%s, %s", text, step->changes.v[i]);
	return text;
}

const char *zpm_reconfigure_trouble_text(
	const struct zpm_reconfigure_trouble *trouble, struct zpm_arena *arena)
{
	const char *text = trouble->host ? zpm_arena_printf(arena, "%s: %s", trouble->host, trouble->text)
					 : trouble->text;

	return trouble->force ? zpm_arena_printf(arena, "%s; what only a person may decide to run: %s", text,
					trouble->force)
			      : text;
}

void zpm_reconfigure_describe(const struct zpm_replica_set *have, const struct zpm_replica_set *next,
	struct zpm_strs *changes, struct zpm_arena *arena)
{
	for (size_t i = 0; i < next->members.n; i++)
		describe_member(have, next->members.v[i], changes, arena);
	for (size_t i = 0; have && i < have->members.n; i++) {
		const struct zpm_set_member *old = have->members.v[i];

		if (!zpm_set_member_by_id(next, old->id))
			zpm_strs_push(arena, changes, zpm_arena_printf(arena, "%s leaves", old->host));
	}
	if (have && have->settings && next->settings)
		describe_fields(
			NULL, &zpm_set_settings_shape, have->settings, next->settings, changes, arena);
}
