/*
 * The dependency graph as a picture of its own: no script, no font, nothing
 * from elsewhere, and readable on a light and on a dark ground. Names are set
 * in a monospaced font, whose width is known without asking it.
 */
#include "cli/layout.h"
#include "cli/render.h"

#include "base/index.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define MARGIN     24
#define HEADER     62 /* the title, above the lanes */
#define LANE_TITLE 30 /* inside a lane, above the boxes */
#define LEGEND_ROW 24
#define LEAST      460 /* width that the title and the legend take */

#define NAME_CHAR 7.8 /* width of a character at 13 px */
#define CHIP_CHAR 6.0 /* at 10 px */
#define TEXT_CHAR 6.0 /* at 11 px of a proportional font, on the safe side */

#define BOX_LEAST  132
#define BOX_MOST   250
#define BOX_INSET  14
#define BOX_HEIGHT 46
#define CHIP_ROW   22
#define CHIP_MOST  16 /* characters */
#define MAX_DOTS   6
#define N_COLOURS  8

struct picture {
	struct zpm_arena *arena;
	const struct zpm_objects *desired;
	const struct zpm_layout *layout;
	struct zpm_index *network_index; /* name -> its number, from 1 */
	struct zpm_strs networks;        /* in the order in which services name them */
	bool volumes;                    /* is there any? */
	int width, height;
	struct zpm_buf *out;
};

static const char style[] =
	"text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;fill:#1f2937}\n"
	".bg{fill:#fff}.lane{fill:#f3f5f8}.title{font-size:18px;font-weight:600}\n"
	".small{font-size:11px;font-weight:400;letter-spacing:0;fill:#5b6675}.tier{font-size:12px;font-"
	"weight:600;letter-spacing:.06em}\n"
	".name,.chip text{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans "
	"Mono\",monospace}\n"
	".name{font-size:13px;font-weight:600}.chip text{font-size:10px;fill:#475569}\n"
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

static void add_text(struct zpm_buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("<>&\"'", *text))
			zpm_buf_printf(out, "&#%d;", *text);
		else
			zpm_buf_add(out, (unsigned char)*text < 0x20 ? " " : text, 1);
	}
}

/* As many characters as there is room for, the last an ellipsis where some are missing. */
static void add_cut(struct zpm_buf *out, const char *text, size_t most, struct zpm_arena *arena)
{
	size_t len = 0;

	if (zpm_utf8_width(text) <= most) {
		add_text(out, text);
		return;
	}
	for (size_t used = 0; text[len]; len++) {
		used += ((unsigned char)text[len] & 0xc0) != 0x80;
		if (used == most)
			break;
	}
	add_text(out, zpm_arena_strndup(arena, text, len));
	zpm_buf_puts(out, "…");
}

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
		int width = (int)((double)zpm_utf8_width(object->name) * NAME_CHAR) + 2 * BOX_INSET;

		if (object->kind->id == ZPM_KIND_SERVICE && width > widest)
			widest = width;
	}
	return widest < BOX_MOST ? widest : BOX_MOST;
}

static void add_chip(struct picture *p, int x, int y, int width, const char *text)
{
	zpm_buf_printf(p->out,
		"<g class=\"chip\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"15\" rx=\"4\"/>"
		"<text x=\"%d\" y=\"%d\">",
		x, y, width, x + 6, y + 11);
	add_cut(p->out, text, CHIP_MOST, p->arena);
	zpm_buf_puts(p->out, "</text></g>\n");
}

static int chip_width(const char *text)
{
	return (int)((double)cut_width(text, CHIP_MOST) * CHIP_CHAR) + 13;
}

/* Chips while there is room; the rest is a number. */
static void add_volumes(struct picture *p, const struct zpm_box *box, int y)
{
	const struct zpm_service *service = box->service->spec;
	int x = box->x + BOX_INSET, end = box->x + box->width - 6;
	const char *name;
	size_t n = 0, left = 0;

	while (volume_at(service, left))
		left++;
	for (; (name = volume_at(service, n)); n++, left--) {
		int room = end - x - (left > 1 ? chip_width("+99") + 4 : 0);

		if (n && chip_width(name) > room)
			break;
		add_chip(p, x, y, chip_width(name), name);
		x += chip_width(name) + 4;
	}
	if (left) {
		const char *rest = zpm_arena_printf(p->arena, "+%zu", left);

		add_chip(p, x, y, chip_width(rest), rest);
	}
}

static size_t network_number(const struct picture *p, const char *name)
{
	return (size_t)(uintptr_t)zpm_index_get(p->network_index, name);
}

/* From the right edge of the box. */
static void add_networks(struct picture *p, const struct zpm_box *box, int y)
{
	const struct zpm_service *service = box->service->spec;
	int x = box->x + box->width - 14;

	for (size_t i = 0; i < service->networks.n && i < MAX_DOTS; i++, x -= 11) {
		const char *name = ((const struct zpm_attachment *)service->networks.v[i])->name;

		zpm_buf_printf(p->out, "<circle class=\"n%zu\" cx=\"%d\" cy=\"%d\" r=\"4\"><title>",
			(network_number(p, name) - 1) % N_COLOURS, x, y);
		add_text(p->out, name);
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

static void add_box(struct picture *p, const struct zpm_box *box)
{
	const struct zpm_object *object = box->service;
	int x = box->x, y = box->y;

	zpm_buf_puts(p->out, "<g class=\"box\" data-service=\"");
	add_text(p->out, object->name);
	zpm_buf_printf(p->out,
		"\"><rect class=\"body\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>"
		"<path class=\"t%d\" d=\"M%d %da7 7 0 0 0-7 7v%da7 7 0 0 0 7 7h-2v-%dz\"/>\n<title>",
		x, y, box->width, box->height, (int)object->tier, x + 7, y, box->height - 14, box->height);
	add_text(p->out, object->name);
	zpm_buf_puts(p->out, ": ");
	add_text(p->out, ((const struct zpm_service *)object->spec)->image);
	zpm_buf_printf(p->out, "</title><text class=\"name\" x=\"%d\" y=\"%d\">", x + BOX_INSET, y + 20);
	add_cut(p->out, object->name, (size_t)((box->width - 2 * BOX_INSET + 1) / NAME_CHAR), p->arena);
	zpm_buf_printf(p->out, "</text><text class=\"small\" x=\"%d\" y=\"%d\">", x + BOX_INSET, y + 36);
	add_scale(object->spec, p->out);
	zpm_buf_puts(p->out, "</text>\n");
	add_networks(p, box, y + 32);
	add_volumes(p, box, y + BOX_HEIGHT - 1);
	zpm_buf_puts(p->out, "</g>\n");
}

/* Lines leave level, arrive level, and bend only between columns. */
static void add_bend(struct picture *p, int from_x, int from_y, int x, int y)
{
	int middle = (from_x + x) / 2;

	zpm_buf_printf(p->out, "C%d %d %d %d %d %d", middle, from_y, middle, y, x, y);
}

static void add_line(struct picture *p, const struct zpm_line *line)
{
	int x = line->from->x + line->from->width, y = line->from->y + line->from->height / 2;

	zpm_buf_puts(p->out, "<path class=\"edge\" marker-end=\"url(#head)\" data-from=\"");
	add_text(p->out, line->from->service->name);
	zpm_buf_puts(p->out, "\" data-to=\"");
	add_text(p->out, line->to->service->name);
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
	add_text(p->out, line->to->service->name);
	zpm_buf_puts(p->out, " starts when ");
	add_text(p->out, line->from->service->name);
	zpm_buf_puts(p->out, " runs</title></path>\n");
}

static void add_lanes(struct picture *p)
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

/* The legend: what stands for what, as many in a row as there is room for. */

struct legend {
	int x, y, width; /* where the next entry goes, and where a row ends */
	bool drawn;      /* else only measured */
};

/* Moves on by an entry; its place is the legend's before, or the start of the next row. */
static void place_entry(struct legend *legend, const char *text, int mark, int *x)
{
	int width = mark + 7 + (int)((double)zpm_utf8_width(text) * TEXT_CHAR) + 20;

	if (legend->x && legend->x + width > legend->width) {
		legend->x = 0;
		legend->y += LEGEND_ROW;
	}
	*x = legend->x;
	legend->x += width;
}

static void add_label(struct picture *p, int x, int y, const char *text)
{
	zpm_buf_printf(p->out, "<text class=\"small\" x=\"%d\" y=\"%d\">", x, y);
	add_text(p->out, text);
	zpm_buf_puts(p->out, "</text>\n");
}

static void add_network_entries(struct picture *p, struct legend *legend)
{
	for (size_t i = 0; i < p->networks.n; i++) {
		int x;

		place_entry(legend, p->networks.v[i], 9, &x);
		if (!legend->drawn)
			continue;
		zpm_buf_printf(p->out, "<circle class=\"n%zu\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", i % N_COLOURS,
			x + 4, legend->y - 4);
		add_label(p, x + 15, legend->y, p->networks.v[i]);
	}
}

static void add_legend(struct picture *p, struct legend *legend)
{
	static const char volume[] = "volume", waits[] = "has to run before";
	int x;

	if (p->layout->lines.n) {
		place_entry(legend, waits, 30, &x);
		if (legend->drawn) {
			zpm_buf_printf(p->out,
				"<path class=\"key\" marker-end=\"url(#head)\" d=\"M%d %dh28\"/>", x,
				legend->y - 4);
			add_label(p, x + 37, legend->y, waits);
		}
	}
	if (p->volumes) {
		place_entry(legend, volume, 26, &x);
		if (legend->drawn) {
			add_chip(p, x, legend->y - 12, 26, "");
			add_label(p, x + 33, legend->y, volume);
		}
	}
	add_network_entries(p, legend);
}

static void find_attachments(struct picture *p)
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

static void add_head(struct picture *p)
{
	size_t services = p->layout->boxes.n;

	zpm_buf_printf(p->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\">\n<title>",
		p->width, p->height, p->width, p->height);
	add_text(p->out, p->desired->platform);
	zpm_buf_printf(p->out,
		": what depends on what</title>\n<style>%s</style>\n<defs><marker id=\"head\" "
		"viewBox=\"0 0 10 10\" refX=\"9.5\" refY=\"5\" markerWidth=\"6\" markerHeight=\"6\" "
		"orient=\"auto\"><path class=\"head\" d=\"M0 0.5L10 5L0 9.5z\"/></marker></defs>\n"
		"<rect class=\"bg\" width=\"%d\" height=\"%d\" rx=\"12\"/>\n"
		"<text class=\"title\" x=\"%d\" y=\"40\">",
		style, p->width, p->height, MARGIN);
	add_text(p->out, p->desired->platform);
	zpm_buf_printf(p->out,
		"<tspan class=\"small\" dx=\"12\">%zu service%s in %zu tier%s</tspan></text>\n", services,
		services == 1 ? "" : "s", p->layout->n_lanes, p->layout->n_lanes == 1 ? "" : "s");
}

static void add_lanes_and_all(struct picture *p)
{
	zpm_buf_printf(p->out, "<g transform=\"translate(%d %d)\">\n", MARGIN, HEADER + LANE_TITLE);
	add_lanes(p);
	for (size_t i = 0; i < p->layout->lines.n; i++)
		add_line(p, p->layout->lines.v[i]);
	for (size_t i = 0; i < p->layout->boxes.n; i++)
		add_box(p, p->layout->boxes.v[i]);
	zpm_buf_puts(p->out, "</g>\n");
}

void zpm_render_svg(const struct zpm_objects *desired, struct zpm_arena *arena, struct zpm_buf *out)
{
	struct picture p = { .arena = arena, .desired = desired, .out = out };
	struct legend measured = { 0 }, legend = { .drawn = true };
	int lanes;

	p.layout = zpm_layout_new(desired, box_width(desired), box_height, arena);
	p.network_index = zpm_index_new(arena);
	find_attachments(&p);
	lanes = p.layout->n_lanes ? LANE_TITLE + p.layout->height : 0;
	p.width = (p.layout->width > LEAST ? p.layout->width : LEAST) + 2 * MARGIN;
	measured.width = legend.width = p.width - 2 * MARGIN;
	add_legend(&p, &measured);
	p.height = HEADER + lanes + MARGIN + (measured.x ? measured.y + LEGEND_ROW : 0);
	add_head(&p);
	if (lanes)
		add_lanes_and_all(&p);
	zpm_buf_printf(out, "<g transform=\"translate(%d %d)\">\n", MARGIN, HEADER + lanes + LEGEND_ROW);
	add_legend(&p, &legend);
	zpm_buf_puts(out, "</g>\n</svg>\n");
}
