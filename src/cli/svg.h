/* A picture in the making. Internal to render_svg*.c. Lengths are in pixels. */
#ifndef ZPM_CLI_SVG_H
#define ZPM_CLI_SVG_H

#include "base/buf.h"
#include "cli/layout.h"

#define ZPM_SVG_NAME_CHAR 7.8 /* width of a character at 13 px of a monospaced font */
#define ZPM_SVG_CHIP_CHAR 6.0 /* at 10 px */
#define ZPM_SVG_TEXT_CHAR 6.0 /* at 11 px of a proportional font, on the safe side */
#define ZPM_SVG_CHIP_EDGE 13  /* what a chip has around its text */
#define ZPM_SVG_COLOURS   8   /* of networks: the classes n0, n1... */

struct zpm_svg {
	struct zpm_arena *arena;
	const struct zpm_objects *desired;
	const struct zpm_layout *layout;
	struct zpm_index *network_index; /* name -> its number, from 1 */
	struct zpm_strs networks;        /* in the order in which services name them */
	bool volumes, sets;              /* is there any? */
	int width, height;
	struct zpm_buf *out;
};

/* Text as XML has it. */
void zpm_svg_text(struct zpm_svg *svg, const char *text);

/* As many characters as there is room for, the last an ellipsis where some are missing. */
void zpm_svg_cut(struct zpm_svg *svg, const char *text, size_t most);

/* A line of small text. */
void zpm_svg_label(struct zpm_svg *svg, int x, int y, const char *text);

/* What stands for a volume, with as much of the text as there is room for. */
void zpm_svg_chip(struct zpm_svg *svg, int x, int y, int width, const char *text);

/*
 * Both return the height they take in a picture that is `width` wide, and draw nothing before
 * `drawn`. The origin is their top left corner.
 */
int zpm_svg_sets(struct zpm_svg *svg, int width, bool drawn);
int zpm_svg_legend(struct zpm_svg *svg, int width, bool drawn);

#endif
