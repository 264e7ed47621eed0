#include "cli/svg.h"

#include "base/text.h"

#include <string.h>

void zpm_svg_text(struct zpm_svg *svg, const char *text)
{
	for (; *text; text++) {
		if (strchr("<>&\"'", *text))
			zpm_buf_printf(svg->out, "&#%d;", *text);
		else
			zpm_buf_add(svg->out, (unsigned char)*text < 0x20 ? " " : text, 1);
	}
}

void zpm_svg_cut(struct zpm_svg *svg, const char *text, size_t most)
{
	size_t len = 0;

	if (zpm_utf8_width(text) <= most) {
		zpm_svg_text(svg, text);
		return;
	}
	for (size_t used = 0; text[len]; len++) {
		used += ((unsigned char)text[len] & 0xc0) != 0x80;
		if (used == most)
			break;
	}
	zpm_svg_text(svg, zpm_arena_strndup(svg->arena, text, len));
	zpm_buf_puts(svg->out, "…");
}

void zpm_svg_label(struct zpm_svg *svg, int x, int y, const char *text)
{
	zpm_buf_printf(svg->out, "<text class=\"small\" x=\"%d\" y=\"%d\">", x, y);
	zpm_svg_text(svg, text);
	zpm_buf_puts(svg->out, "</text>\n");
}

void zpm_svg_chip(struct zpm_svg *svg, int x, int y, int width, const char *text)
{
	zpm_buf_printf(svg->out,
		"<g class=\"chip\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"15\" rx=\"4\"/>"
		"<text x=\"%d\" y=\"%d\">",
		x, y, width, x + 6, y + 11);
	zpm_svg_cut(svg, text, (size_t)((width - ZPM_SVG_CHIP_EDGE) / ZPM_SVG_CHIP_CHAR));
	zpm_buf_puts(svg->out, "</text></g>\n");
}
