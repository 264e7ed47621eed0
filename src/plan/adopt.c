/* Taking over what somebody else has made, where the manifest says so and nobody owns it. */
#include "base/text.h"
#include "model/shape.h"
#include "plan/diff.h"
#include "plan/keep.h"
#include "plan/planner.h"

static const char *paths_of(const struct zpm_ptrs *fields, struct zpm_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < fields->n; i++)
		text = zpm_arena_printf(arena, "%s%s%s", text, i ? ", " : "",
			((struct zpm_field_change *)fields->v[i])->path);
	return text;
}

static void drop_own_labels(struct zpm_pairs *labels, struct zpm_arena *arena)
{
	struct zpm_pairs others = { 0 };

	for (size_t i = 0; i < labels->n; i++)
		if (!zpm_starts_with(labels->v[i].key, ZPM_LABEL_PREFIX))
			zpm_pairs_set(arena, &others, labels->v[i].key, labels->v[i].value);
	*labels = others;
}

/* As declared, but for the labels that the Engine cannot put on what is there. */
static const struct zpm_object *unlabelled(const struct zpm_object *want, struct zpm_arena *arena)
{
	const struct zpm_field *labels = zpm_shape_field(want->kind->shape, "labels");
	struct zpm_object *object = zpm_arena_alloc(arena, sizeof(*object));

	*object = *want;
	object->spec = zpm_shape_copy(want->kind->shape, want->spec, arena);
	drop_own_labels(zpm_field_pairs(labels, object->spec), arena);
	return object;
}

void zpm_planner_use(
	const struct zpm_planner *planner, const struct zpm_object *want, const struct zpm_object *have)
{
	const struct zpm_keep keep = { planner->platform, planner->desired, planner->have };
	struct zpm_plan *plan = planner->plan;
	struct zpm_change scratch = { 0 };

	want = unlabelled(want, plan->arena);
	zpm_keep_live(&keep, &want, &have, plan->arena);
	zpm_diff(want->kind->shape, have->spec, want->spec, plan->arena, &scratch.fields);
	if (scratch.fields.n && !zpm_planner_keeps_volume(want))
		zpm_planner_refuse(
			plan, zpm_arena_printf(plan->arena,
				      "%s '%s' cannot be adopted, as it is not what is declared (%s) and the "
				      "Engine "
				      "cannot change it: declare it as it is",
				      want->kind->name, want->real, paths_of(&scratch.fields, plan->arena)));
	zpm_change_dispose(&scratch);
}

void zpm_planner_refuse_adoption(const struct zpm_planner *planner, const struct zpm_change *change)
{
	zpm_planner_refuse(planner->plan,
		zpm_arena_printf(planner->plan->arena,
			"service '%s' would have to be replaced: adopt it as it is first, and change it then",
			change->want->real));
}
