/*
 * The dependency graph as a picture of its own: no script, no font, nothing
 * from elsewhere, and readable on a light and on a dark ground. Names are set
 * in a monospaced font, whose width is known without asking it.
 */
#include "cli/render.h"
#include "cli/svg.h"

#include "base/index.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define MARGIN     24
#define HEADER     62  /* the title, above the lanes */
#define LANE_TITLE 30  /* inside a lane, above the boxes */
#define LEAST      460 /* width that the title and the legend take */

#define BOX_LEAST  132
#define BOX_MOST   250
#define BOX_INSET  14
#define BOX_HEIGHT 46
#define CHIP_ROW   22
#define CHIP_MOST  16 /* characters of one that is not alone */
#define MAX_DOTS   6

static const char style[] =
	"text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;fill:#1f2937}\n"
	".bg{fill:#fff}.lane{fill:#f3f5f8}.title{font-size:18px;font-weight:600}\n"
	".small{font-size:11px;font-weight:400;letter-spacing:0;fill:#5b6675}.tier{font-size:12px;font-"
	"weight:600;letter-spacing:.06em}\n"
	".name,.chip text{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans "
	"Mono\",monospace}\n"
	".name{font-size:13px;font-weight:600}.host{font-size:12px;font-weight:400}.chip "
	"text{font-size:10px;fill:#475569}\n"
	".leads{fill:#2a8f7e}.follows{fill:none;stroke:#8391a5;stroke-width:1.5}\n"
	".body{fill:#fff;stroke:#c3cbd6}.chip rect{fill:#e8ecf2}\n"
	".edge{fill:none;stroke:#8391a5;stroke-width:1.5}.edge:hover{stroke:#0969da;stroke-width:3}\n"
	".key{fill:none;stroke:#8391a5;stroke-width:1.5}.head{fill:#8391a5}\n"
	".t0{fill:#4a6fa5}.t1{fill:#2a8f7e}.t2{fill:#b7791f}.t3{fill:#7c5cbf}.t4{fill:#c2506b}\n"
	".n0{fill:#2f81d7}.n1{fill:#e0762f}.n2{fill:#3aa35b}.n3{fill:#a259c4}\n"
	".n4{fill:#d1495b}.n5{fill:#1c9aa0}.n6{fill:#a08419}.n7{fill:#7a6a5d}\n"
	"@media (prefers-color-scheme:dark){text{fill:#e2e8f0}.bg{fill:#0d1117}.lane{fill:#161c26}\n"
	".small{fill:#9aa7b8}.body{fill:#202938;stroke:#3c4858}.chip rect{fill:#313d4f}\n"
	".chip text{fill:#b6c2d1}.edge{stroke:#7d8ca1}.edge:hover{stroke:#58a6ff}.head{fill:#7d8ca1}\n"
	".t0{fill:#7fa3d8}.t1{fill:#53c2ae}.t2{fill:#e0a94f}.t3{fill:#a98be6}.t4{fill:#ee8399}}\n";

static size_t cut_width(const char *text, size_t most)
{
	size_t width = zpm_utf8_width(text);

	return width < most ? width : most;
}

/* What a box shows. */

/* The n-th volume that is mounted, each counted once; NULL behind the last. */
static const char *volume_at(const struct zpm_service *service, size_t n)
{
	for (size_t i = 0; i < service->volumes.n; i++) {
		const struct zpm_mount *mount = service->volumes.v[i];
		bool again = false;

		if (!mount->source || strcmp(mount->type, "volume") != 0)
			continue;
		for (size_t j = 0; j < i && !again; j++) {
			const struct zpm_mount *other = service->volumes.v[j];

			again = other->source && !strcmp(other->source, mount->source);
		}
		if (!again && !n--)
			return mount->source;
	}
	return NULL;
}

static int box_height(const struct zpm_service *service)
{
	return BOX_HEIGHT + (volume_at(service, 0) ? CHIP_ROW : 0);
}

static int box_width(const struct zpm_objects *desired)
{
	int widest = BOX_LEAST;

	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *object = desired->list.v[i];
		int width = (int)((double)zpm_utf8_width(object->name) * ZPM_SVG_NAME_CHAR) + 2 * BOX_INSET;

		if (object->kind->id == ZPM_KIND_SERVICE && width > widest)
			widest = width;
	}
	return widest < BOX_MOST ? widest : BOX_MOST;
}

static int chip_width(const char *text, size_t most)
{
	return (int)((double)cut_width(text, most) * ZPM_SVG_CHIP_CHAR) + ZPM_SVG_CHIP_EDGE;
}

/* Chips while there is room; the rest is a number. */
static void add_volumes(struct zpm_svg *p, const struct zpm_box *box, int y)
{
	const struct zpm_service *service = box->service->spec;
	int x = box->x + BOX_INSET, end = box->x + box->width - 6, rest = chip_width("+99", CHIP_MOST);
	const char *name;
	size_t n = 0, left = 0, most;

	while (volume_at(service, left))
		left++;
	/* One alone has the row for itself. */
	most = left == 1 ? (size_t)((end - x) / ZPM_SVG_CHIP_CHAR) - 3 : CHIP_MOST;
	for (; (name = volume_at(service, n)); n++, left--) {
		int width = chip_width(name, most);

		if (n && width > end - x - (left > 1 ? rest + 4 : 0))
			break;
		zpm_svg_chip(p, x, y, width, name);
		x += width + 4;
	}
	if (left)
		zpm_svg_chip(p, x, y, rest, zpm_arena_printf(p->arena, "+%zu", left));
}

static size_t network_number(const struct zpm_svg *p, const char *name)
{
	return (size_t)(uintptr_t)zpm_index_get(p->network_index, name);
}

/* From the right edge of the box. */
static void add_networks(struct zpm_svg *p, const struct zpm_box *box, int y)
{
	const struct zpm_service *service = box->service->spec;
	int x = box->x + box->width - 14;

	for (size_t i = 0; i < service->networks.n && i < MAX_DOTS; i++, x -= 11) {
		const char *name = ((const struct zpm_attachment *)service->networks.v[i])->name;

		zpm_buf_printf(p->out, "<circle class=\"n%zu\" cx=\"%d\" cy=\"%d\" r=\"4\"><title>",
			(network_number(p, name) - 1) % ZPM_SVG_COLOURS, x, y);
		zpm_svg_text(p, name);
		zpm_buf_puts(p->out, "</title></circle>\n");
	}
}

static void add_scale(const struct zpm_service *service, struct zpm_buf *out)
{
	if (service->replicas == ZPM_UNSET)
		zpm_buf_puts(out, "global");
	else
		zpm_buf_printf(
			out, "%" PRId64 " replica%s", service->replicas, service->replicas == 1 ? "" : "s");
}

static void add_box(struct zpm_svg *p, const struct zpm_box *box)
{
	const struct zpm_object *object = box->service;
	int x = box->x, y = box->y;

	zpm_buf_puts(p->out, "<g class=\"box\" data-service=\"");
	zpm_svg_text(p, object->name);
	zpm_buf_printf(p->out,
		"\"><rect class=\"body\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>"
		"<path class=\"t%d\" d=\"M%d %da7 7 0 0 0-7 7v%da7 7 0 0 0 7 7h-2v-%dz\"/>\n<title>",
		x, y, box->width, box->height, (int)object->tier, x + 7, y, box->height - 14, box->height);
	zpm_svg_text(p, object->name);
	zpm_buf_puts(p->out, ": ");
	zpm_svg_text(p, ((const struct zpm_service *)object->spec)->image);
	zpm_buf_printf(p->out, "</title><text class=\"name\" x=\"%d\" y=\"%d\">", x + BOX_INSET, y + 20);
	zpm_svg_cut(p, object->name, (size_t)((box->width - 2 * BOX_INSET + 1) / ZPM_SVG_NAME_CHAR));
	zpm_buf_printf(p->out, "</text><text class=\"small\" x=\"%d\" y=\"%d\">", x + BOX_INSET, y + 36);
	add_scale(object->spec, p->out);
	zpm_buf_puts(p->out, "</text>\n");
	add_networks(p, box, y + 32);
	add_volumes(p, box, y + BOX_HEIGHT - 1);
	zpm_buf_puts(p->out, "</g>\n");
}

/* Lines leave level, arrive level, and bend only between columns. */
static void add_bend(struct zpm_svg *p, int from_x, int from_y, int x, int y)
{
	int middle = (from_x + x) / 2;

	zpm_buf_printf(p->out, "C%d %d %d %d %d %d", middle, from_y, middle, y, x, y);
}

static void add_line(struct zpm_svg *p, const struct zpm_line *line)
{
	int x = line->from->x + line->from->width, y = line->from->y + line->from->height / 2;

	zpm_buf_puts(p->out, "<path class=\"edge\" marker-end=\"url(#head)\" data-from=\"");
	zpm_svg_text(p, line->from->service->name);
	zpm_buf_puts(p->out, "\" data-to=\"");
	zpm_svg_text(p, line->to->service->name);
	zpm_buf_printf(p->out, "\" d=\"M%d %d", x, y);
	for (size_t i = 0; i < line->n; i++) {
		const struct zpm_pass *pass = &line->passes[i];

		add_bend(p, x, y, pass->left, pass->y);
		zpm_buf_printf(p->out, "H%d", pass->right);
		x = pass->right;
		y = pass->y;
	}
	add_bend(p, x, y, line->to->x, line->to->y + line->to->height / 2);
	zpm_buf_puts(p->out, "\"><title>");
	zpm_svg_text(p, line->to->service->name);
	zpm_buf_puts(p->out, " starts when ");
	zpm_svg_text(p, line->from->service->name);
	zpm_buf_puts(p->out, " runs</title></path>\n");
}

static void add_lanes(struct zpm_svg *p)
{
	for (size_t i = 0; i < p->layout->n_lanes; i++) {
		const struct zpm_lane *lane = &p->layout->lanes[i];
		const char *tier = zpm_tier_names[lane->tier];

		zpm_buf_printf(p->out,
			"<rect class=\"lane\" data-tier=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
			"rx=\"10\"/>\n<text x=\"%d\" y=\"-8\"><tspan class=\"tier t%d\">%s</tspan>"
			"<tspan class=\"small\" dx=\"8\">%zu</tspan></text>\n",
			tier, lane->x, -LANE_TITLE, lane->width, p->layout->height + LANE_TITLE, lane->x + 20,
			(int)lane->tier, tier, lane->services);
	}
}

static void find_attachments(struct zpm_svg *p)
{
	for (size_t i = 0; i < p->layout->boxes.n; i++) {
		const struct zpm_service *service =
			((const struct zpm_box *)p->layout->boxes.v[i])->service->spec;

		p->volumes = p->volumes || volume_at(service, 0);
		for (size_t j = 0; j < service->networks.n; j++) {
			const char *name = ((const struct zpm_attachment *)service->networks.v[j])->name;

			if (zpm_index_get(p->network_index, name))
				continue;
			zpm_strs_push(p->arena, &p->networks, name);
			zpm_index_add(p->network_index, name, (void *)(uintptr_t)p->networks.n);
		}
	}
}

static void find_sets(struct zpm_svg *p)
{
	for (size_t i = 0; i < p->desired->list.n; i++)
		p->sets = p->sets || ((const struct zpm_object *)p->desired->list.v[i])->set;
}

static void add_head(struct zpm_svg *p)
{
	size_t services = p->layout->boxes.n;

	zpm_buf_printf(p->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\">\n<title>",
		p->width, p->height, p->width, p->height);
	zpm_svg_text(p, p->desired->platform);
	zpm_buf_printf(p->out,
		": what depends on what</title>\n<style>%s</style>\n<defs><marker id=\"head\" "
		"viewBox=\"0 0 10 10\" refX=\"9.5\" refY=\"5\" markerWidth=\"6\" markerHeight=\"6\" "
		"orient=\"auto\"><path class=\"head\" d=\"M0 0.5L10 5L0 9.5z\"/></marker></defs>\n"
		"<rect class=\"bg\" width=\"%d\" height=\"%d\" rx=\"12\"/>\n"
		"<text class=\"title\" x=\"%d\" y=\"40\">",
		style, p->width, p->height, MARGIN);
	zpm_svg_text(p, p->desired->platform);
	zpm_buf_printf(p->out,
		"<tspan class=\"small\" dx=\"12\">%zu service%s in %zu tier%s</tspan></text>\n", services,
		services == 1 ? "" : "s", p->layout->n_lanes, p->layout->n_lanes == 1 ? "" : "s");
}

/* Lanes, with all that is in them, and what is below them; returns how far down it goes. */
static int add_lanes_and_all(struct zpm_svg *p, int y)
{
	if (!p->layout->n_lanes)
		return y;
	zpm_buf_printf(p->out, "<g transform=\"translate(%d %d)\">\n", MARGIN, y + LANE_TITLE);
	add_lanes(p);
	for (size_t i = 0; i < p->layout->lines.n; i++)
		add_line(p, p->layout->lines.v[i]);
	for (size_t i = 0; i < p->layout->boxes.n; i++)
		add_box(p, p->layout->boxes.v[i]);
	zpm_buf_puts(p->out, "</g>\n");
	return y + LANE_TITLE + p->layout->height;
}

static int add_part(struct zpm_svg *p, int (*part)(struct zpm_svg *, int, bool), int y)
{
	int width = p->width - 2 * MARGIN, height = part(p, width, false);

	if (!height)
		return y;
	zpm_buf_printf(p->out, "<g transform=\"translate(%d %d)\">\n", MARGIN, y);
	part(p, width, true);
	zpm_buf_puts(p->out, "</g>\n");
	return y + height;
}

void zpm_render_svg(const struct zpm_objects *desired, struct zpm_arena *arena, struct zpm_buf *out)
{
	ZPM_BUF body = { 0 };
	struct zpm_svg p = { .arena = arena, .desired = desired, .out = &body };
	int y = HEADER;

	p.layout = zpm_layout_new(desired, box_width(desired), box_height, arena);
	p.network_index = zpm_index_new(arena);
	find_attachments(&p);
	find_sets(&p);
	p.width = (p.layout->width > LEAST ? p.layout->width : LEAST) + 2 * MARGIN;
	y = add_lanes_and_all(&p, y);
	y = add_part(&p, zpm_svg_sets, y + MARGIN);
	p.height = add_part(&p, zpm_svg_legend, y) + MARGIN;
	/* Now that the height is known. */
	p.out = out;
	add_head(&p);
	zpm_buf_add(out, body.data, body.len);
	zpm_buf_puts(out, "</svg>\n");
}
