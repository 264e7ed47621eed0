/* What stands for what, as many in a row as there is room for. */
#include "cli/svg.h"

#include "base/text.h"

#define ROW 24

struct legend {
	int x, y, width; /* where the next entry goes, and where a row ends */
	bool drawn;      /* else only measured */
};

/* Moves on by an entry; its place is the legend's before, or the start of the next row. */
static void place_entry(struct legend *legend, const char *text, int mark, int *x)
{
	int width = mark + 7 + (int)((double)zpm_utf8_width(text) * ZPM_SVG_TEXT_CHAR) + 20;

	if (legend->x && legend->x + width > legend->width) {
		legend->x = 0;
		legend->y += ROW;
	}
	*x = legend->x;
	legend->x += width;
}

static void add_network_entries(struct zpm_svg *svg, struct legend *legend)
{
	for (size_t i = 0; i < svg->networks.n; i++) {
		int x;

		place_entry(legend, svg->networks.v[i], 9, &x);
		if (!legend->drawn)
			continue;
		zpm_buf_printf(svg->out, "<circle class=\"n%zu\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
			i % ZPM_SVG_COLOURS, x + 4, legend->y - 4);
		zpm_svg_label(svg, x + 15, legend->y, svg->networks.v[i]);
	}
}

static void add_all(struct zpm_svg *svg, struct legend *legend)
{
	static const char volume[] = "volume", waits[] = "has to run before",
			  leads[] = "first to become primary";
	int x;

	if (svg->layout->lines.n) {
		place_entry(legend, waits, 30, &x);
		if (legend->drawn) {
			zpm_buf_printf(svg->out,
				"<path class=\"key\" marker-end=\"url(#head)\" d=\"M%d %dh28\"/>", x,
				legend->y - 4);
			zpm_svg_label(svg, x + 37, legend->y, waits);
		}
	}
	if (svg->volumes) {
		place_entry(legend, volume, 26, &x);
		if (legend->drawn) {
			zpm_svg_chip(svg, x, legend->y - 12, 26, "");
			zpm_svg_label(svg, x + 33, legend->y, volume);
		}
	}
	if (svg->sets) {
		place_entry(legend, leads, 9, &x);
		if (legend->drawn) {
			zpm_buf_printf(svg->out, "<circle class=\"leads\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
				x + 4, legend->y - 4);
			zpm_svg_label(svg, x + 15, legend->y, leads);
		}
	}
	add_network_entries(svg, legend);
}

int zpm_svg_legend(struct zpm_svg *svg, int width, bool drawn)
{
	struct legend legend = { .y = ROW, .width = width, .drawn = drawn };

	add_all(svg, &legend);
	return legend.x ? legend.y : 0;
}
