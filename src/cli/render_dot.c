/* The dependency graph for Graphviz: https://graphviz.org/doc/info/lang.html */
#include "cli/render.h"

#include <inttypes.h>

/* A quoted string. In a label, a backslash of its own would be an escape too. */
static void render_quoted(const char *text, struct zpm_buf *out)
{
	zpm_buf_puts(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			zpm_buf_puts(out, "\\");
		zpm_buf_add(out, (unsigned char)*text < 0x20 ? " " : text, 1);
	}
	zpm_buf_puts(out, "\"");
}

static void render_service(const struct zpm_object *object, struct zpm_buf *out)
{
	const struct zpm_service *service = object->spec;

	zpm_buf_puts(out, "    ");
	render_quoted(object->name, out);
	zpm_buf_puts(out, " [label=\"\\N");
	if (service->replicas == ZPM_UNSET)
		zpm_buf_puts(out, "\\nglobal");
	else if (service->replicas != 1)
		zpm_buf_printf(out, "\\n%" PRId64 " replicas", service->replicas);
	zpm_buf_puts(out, "\"];\n");
}

static bool is_in(const struct zpm_object *object, int tier)
{
	return object->kind->id == ZPM_KIND_SERVICE && (int)object->tier == tier;
}

static void render_tier(const struct zpm_objects *desired, int tier, struct zpm_buf *out)
{
	bool empty = true;

	for (size_t i = 0; i < desired->list.n; i++) {
		if (!is_in(desired->list.v[i], tier))
			continue;
		if (empty)
			zpm_buf_printf(out, "  subgraph cluster_%s {\n    label=\"%s\";\n",
				zpm_tier_names[tier], zpm_tier_names[tier]);
		empty = false;
		render_service(desired->list.v[i], out);
	}
	zpm_buf_puts(out, empty ? "" : "  }\n");
}

static void render_edges(const struct zpm_object *object, struct zpm_buf *out)
{
	const struct zpm_service *service = object->spec;

	for (size_t i = 0; i < service->depends_on.n; i++) {
		zpm_buf_puts(out, "  ");
		render_quoted(service->depends_on.v[i], out);
		zpm_buf_puts(out, " -> ");
		render_quoted(object->name, out);
		zpm_buf_puts(out, ";\n");
	}
}

void zpm_render_dot(const struct zpm_objects *desired, struct zpm_buf *out)
{
	zpm_buf_puts(out, "digraph ");
	render_quoted(desired->platform, out);
	zpm_buf_puts(out, " {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n");
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++)
		render_tier(desired, tier, out);
	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *object = desired->list.v[i];

		if (object->kind->id == ZPM_KIND_SERVICE)
			render_edges(object, out);
	}
	zpm_buf_puts(out, "}\n");
}
