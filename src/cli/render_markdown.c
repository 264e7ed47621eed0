/* A plan as a comment of a pull request: what changes at a glance, each field behind a fold. */
#include "cli/render.h"

#include "model/hold.h"

#include <string.h>

/*
 * Text that means nothing but itself, in Markdown, in a table and in HTML:
 * no tag, no end of a cell, nobody mentioned.
 */
static void render_text(const char *text, struct zpm_buf *out)
{
	for (; *text; text++) {
		if (strchr("<>&@#\\`*_[]|~$", *text))
			zpm_buf_printf(out, "&#%d;", *text);
		else
			zpm_buf_add(out, (unsigned char)*text < 0x20 ? " " : text, 1);
	}
}

static void render_row(const struct zpm_change *change, struct zpm_buf *out)
{
	const struct zpm_object *object = zpm_change_object(change);
	ZPM_BUF cost = { 0 };

	zpm_buf_printf(out, "| `%s` | %s | ", zpm_render_sign(change->action), object->kind->name);
	render_text(object->name, out);
	zpm_buf_puts(out, " | ");
	zpm_render_cost(change, &cost);
	render_text(cost.data ? cost.data : "", out);
	zpm_buf_puts(out, " |\n");
}

static void render_side(const char *sign, const char *path, struct json_object *value, struct zpm_buf *out)
{
	zpm_buf_printf(out, "%s %s: ", sign, path);
	zpm_render_value(value, out);
	zpm_buf_puts(out, "\n");
}

/* A change names what goes, if only with "(none)". */
static void render_fields(const struct zpm_change *change, struct zpm_buf *out)
{
	for (size_t i = 0; i < change->fields.n; i++) {
		const struct zpm_field_change *field = change->fields.v[i];

		if (field->old || !field->now)
			render_side("-", field->path, field->old, out);
		if (field->now)
			render_side("+", field->path, field->now, out);
	}
}

/* Longer than any run of backticks in the text, so that nothing in it ends the block. */
static void render_fence(const char *text, const char *language, struct zpm_buf *out)
{
	size_t longest = 2;

	for (text = strchr(text, '`'); text; text = strchr(text, '`')) {
		size_t run = strspn(text, "`");

		longest = run > longest ? run : longest;
		text += run;
	}
	for (size_t i = 0; i <= longest; i++)
		zpm_buf_puts(out, "`");
	zpm_buf_printf(out, "%s\n", language);
}

static void render_block(const char *text, struct zpm_buf *out)
{
	render_fence(text, "diff", out);
	zpm_buf_puts(out, text);
	render_fence(text, "", out);
}

/* HTML up to the first blank line, Markdown from there on. */
static void render_section(const struct zpm_change *change, struct zpm_buf *out)
{
	const struct zpm_object *object = zpm_change_object(change);
	ZPM_BUF fields = { 0 };

	if (!change->fields.n)
		return;
	render_fields(change, &fields);
	zpm_buf_printf(
		out, "\n<details>\n<summary>%s %s/", zpm_render_sign(change->action), object->kind->name);
	render_text(object->name, out);
	zpm_buf_printf(
		out, ", %zu field%s</summary>\n\n", change->fields.n, change->fields.n == 1 ? "" : "s");
	render_block(fields.data ? fields.data : "", out);
	zpm_buf_puts(out, "\n</details>\n");
}

/* The head of a quote, or what parts it from the one before. */
static void begin_quote(const char *title, struct zpm_buf *out)
{
	zpm_buf_printf(out, "\n> **%s**\n>\n", title);
}

static void add_quoted(const struct zpm_object *object, const char *text, struct zpm_buf *out)
{
	zpm_buf_puts(out, "> - ");
	if (object) {
		zpm_buf_printf(out, "%s ", object->kind->name);
		render_text(object->name, out);
		zpm_buf_puts(out, ": ");
	}
	render_text(text, out);
	zpm_buf_puts(out, "\n");
}

static void render_refusals(const struct zpm_plan *plan, struct zpm_buf *out)
{
	for (size_t i = 0; i < plan->refusals.n; i++) {
		if (!i)
			begin_quote("Refused as it is:", out);
		add_quoted(NULL, plan->refusals.v[i], out);
	}
}

static void render_quarantined(const struct zpm_plan *plan, struct zpm_buf *out)
{
	bool first = true;

	for (size_t i = 0; i < plan->kept.n; i++) {
		const struct zpm_change *change = plan->kept.v[i];

		if (!change->quarantine)
			continue;
		if (first)
			begin_quote("Quarantined, and left as it is without `--retry`:", out);
		first = false;
		add_quoted(change->want, change->quarantine, out);
	}
}

static void render_troubles(const struct zpm_plan *plan, struct zpm_buf *out)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	bool first = true;

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];

			if (!change->trouble)
				continue;
			if (first)
				begin_quote("Not possible now:", out);
			first = false;
			add_quoted(change->want, change->trouble, out);
		}
}

static void render_held(const struct zpm_plan *plan, struct zpm_buf *out)
{
	const struct zpm_ptrs *const lists[] = { &plan->changes, &plan->kept };
	bool first = true;

	for (size_t i = 0; i < ZPM_COUNT(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct zpm_change *change = lists[i]->v[j];

			if (!zpm_render_is_held(change))
				continue;
			if (first)
				begin_quote("Held by an operator:", out);
			first = false;
			add_quoted(change->want, zpm_hold_text(change->want->hold, plan->arena), out);
		}
}

void zpm_render_plan_markdown(const struct zpm_plan *plan, struct zpm_buf *out)
{
	zpm_buf_puts(out, plan->changes.n || plan->refusals.n ? "### " : "");
	render_text(plan->platform, out);
	zpm_buf_puts(out, ": ");
	zpm_render_counts(plan, out);
	zpm_buf_puts(out, "\n");
	render_refusals(plan, out);
	render_troubles(plan, out);
	render_quarantined(plan, out);
	render_held(plan, out);
	if (plan->changes.n)
		zpm_buf_puts(out, "\n| | kind | name | cost |\n|---|---|---|---|\n");
	for (size_t i = 0; i < plan->changes.n; i++)
		render_row(plan->changes.v[i], out);
	for (size_t i = 0; i < plan->changes.n; i++)
		render_section(plan->changes.v[i], out);
}
