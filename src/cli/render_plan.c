/* A plan for people. */
#include "cli/render.h"

#include "model/hold.h"

#define REF_LEAST 28
#define REF_MOST  46

struct view {
	const struct zpm_plan *plan;
	bool colour;
	size_t ref; /* the width of kind and name */
	struct zpm_buf *out;
};

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

static void render_ref(const struct view *view, const struct zpm_object *object)
{
	zpm_render_ref(view->out, object->kind->name, object->name, view->ref);
}

/* Does a change that is not due take a line of its own? */
static bool is_told(const struct zpm_change *change)
{
	return change->action != ZPM_ACTION_KEEP || change->trouble || change->quarantine ||
	       zpm_render_is_held(change);
}

static size_t widest(const struct zpm_ptrs *changes, size_t width)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct zpm_change *change = changes->v[i];
		const struct zpm_object *object = zpm_change_object(change);
		size_t one = zpm_render_ref_width(object->kind->name, object->name);

		if (is_told(change) && one > width)
			width = one;
	}
	return width < REF_MOST ? width : REF_MOST;
}

static void mark(const struct view *view, const char *sign, enum zpm_colour colour)
{
	zpm_buf_printf(view->out, "  %s%s%s ", zpm_colour(view->colour, colour), sign,
		zpm_colour(view->colour, ZPM_COLOUR_NONE));
}

static void render_field_changes(const struct view *view, const struct zpm_change *change)
{
	for (size_t i = 0; i < change->fields.n; i++) {
		const struct zpm_field_change *field = change->fields.v[i];

		zpm_buf_puts(view->out, "      ");
		zpm_render_padded(view->out, field->path, view->ref - 2);
		zpm_render_value(field->old, view->out);
		zpm_buf_printf(view->out, " %s→%s ", zpm_colour(view->colour, ZPM_COLOUR_DIM),
			zpm_colour(view->colour, ZPM_COLOUR_NONE));
		zpm_render_value(field->now, view->out);
		zpm_buf_puts(view->out, "\n");
	}
}

static void render_change(const struct view *view, const struct zpm_change *change)
{
	mark(view, actions[change->action].sign, actions[change->action].colour);
	render_ref(view, zpm_change_object(change));
	zpm_render_cost(change, view->out);
	zpm_buf_puts(view->out, "\n");
	/* A new object is summed up; all of its fields are in the JSON. */
	if (change->action != ZPM_ACTION_CREATE)
		render_field_changes(view, change);
}

static void render_trouble(const struct view *view, const struct zpm_change *change)
{
	if (!change->trouble)
		return;
	mark(view, "!", ZPM_COLOUR_RED);
	render_ref(view, change->want);
	zpm_buf_printf(view->out, "%s\n", change->trouble);
}

/* What would be due, and why it is not done. */
static void render_quarantined(const struct view *view, const struct zpm_change *change)
{
	if (!change->quarantine)
		return;
	mark(view, "!", ZPM_COLOUR_RED);
	render_ref(view, change->want);
	zpm_buf_printf(view->out, "quarantined: %s\n", change->quarantine);
	render_field_changes(view, change);
}

static void render_held(const struct view *view, const struct zpm_change *change)
{
	if (!zpm_render_is_held(change))
		return;
	mark(view, "=", ZPM_COLOUR_YELLOW);
	render_ref(view, change->want);
	zpm_buf_printf(view->out, "%s\n", zpm_hold_text(change->want->hold, view->plan->arena));
}

/* All that one sort of line is for, a blank line before the first; returns whether there was any. */
static bool render_all(
	const struct view *view, void (*render)(const struct view *, const struct zpm_change *))
{
	const struct zpm_ptrs *const lists[] = { &view->plan->changes, &view->plan->kept };
	ZPM_BUF lines = { 0 };
	struct view part = *view;

	part.out = &lines;
	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			render(&part, lists[i]->v[j]);
	if (!lines.len)
		return false;
	zpm_buf_puts(view->out, "\n");
	zpm_buf_add(view->out, lines.data, lines.len);
	return true;
}

const char *zpm_render_sign(enum zpm_action action)
{
	return actions[action].sign;
}

void zpm_render_plan(const struct zpm_plan *plan, bool colour, struct zpm_buf *out)
{
	struct view view = { .plan = plan, .colour = colour, .out = out };

	view.ref = widest(&plan->kept, widest(&plan->changes, REF_LEAST));
	zpm_buf_printf(out, "%s: ", plan->platform);
	zpm_render_counts(plan, out);
	zpm_buf_puts(out, plan->changes.n ? "\n\n" : "\n");
	for (size_t i = 0; i < plan->changes.n; i++)
		render_change(&view, plan->changes.v[i]);
	render_all(&view, render_trouble);
	if (render_all(&view, render_quarantined))
		zpm_buf_puts(out, "    Change the manifest, or send it again with 'zpm apply --retry'.\n");
	render_all(&view, render_held);
	for (size_t i = 0; i < plan->refusals.n; i++) {
		zpm_buf_puts(out, i ? "" : "\n");
		mark(&view, "!", ZPM_COLOUR_RED);
		zpm_buf_printf(out, "%s\n", plan->refusals.v[i]);
	}
}
