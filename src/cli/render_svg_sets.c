/* Replica sets as cards, side by side while there is room: who is in each, and who is to lead it. */
#include "cli/svg.h"

#include "base/text.h"
#include "model/mongo_object.h"

#define TITLE  26 /* above the cards */
#define LEAST  210
#define INSET  14
#define GAP    14
#define HEAD   30 /* of a card, above its members */
#define ROW    20
#define BOTTOM 8
#define MARK   16 /* before a member's address */
#define SPACE  18 /* at least, between an address and what is said of it */
#define MOST   30 /* characters of a name */

/* Where the next card goes. */
struct flow {
	int x, y, row; /* the height of the row so far */
};

static const char *role_of(const struct zpm_svg *svg, const struct zpm_desired_set *set)
{
	if (set->shard)
		return zpm_arena_printf(svg->arena, "shard %s", set->shard);
	return set->role == ZPM_MONGO_CONFIG ? "config servers" : "metaDB";
}

/* Billionths as people write them. */
static const char *priority_of(const struct zpm_svg *svg, const struct zpm_set_member *member)
{
	return zpm_arena_printf(svg->arena, "priority %g", (double)member->priority / ZPM_PRIORITY_ONE);
}

static const char *said_of(const struct zpm_svg *svg, const struct zpm_set_member *member)
{
	if (member->arbiter_only == 1)
		return "arbiter";
	if (member->hidden == 1)
		return "hidden";
	if (member->delay > 0)
		return "delayed";
	if (member->votes == 0)
		return "no vote";
	return priority_of(svg, member);
}

/* Nobody is before it when a primary is elected. */
static bool is_first(const struct zpm_desired_set *set, const struct zpm_set_member *member)
{
	for (size_t i = 0; i < set->config->members.n; i++)
		if (((const struct zpm_set_member *)set->config->members.v[i])->priority > member->priority)
			return false;
	return member->priority > 0;
}

static double cut_width(const char *text, double character)
{
	size_t width = zpm_utf8_width(text);

	return (double)(width < MOST ? width : MOST) * character;
}

/* A name to the left, and what is said of it to the right. */
static double line_width(const char *name, const char *said)
{
	return cut_width(name, ZPM_SVG_NAME_CHAR) + SPACE + cut_width(said, ZPM_SVG_TEXT_CHAR);
}

static int width_of(const struct zpm_svg *svg, const struct zpm_desired_set *set)
{
	double widest = line_width(set->config->name, role_of(svg, set));

	for (size_t i = 0; i < set->config->members.n; i++) {
		const struct zpm_set_member *member = set->config->members.v[i];
		double width = MARK + line_width(member->host, said_of(svg, member));

		widest = width > widest ? width : widest;
	}
	widest += 2 * INSET;
	return widest > LEAST ? (int)widest : LEAST;
}

static int height_of(const struct zpm_desired_set *set)
{
	return HEAD + (int)set->config->members.n * ROW + BOTTOM;
}

static void add_right(struct zpm_svg *svg, int x, int y, const char *text)
{
	zpm_buf_printf(svg->out, "<text class=\"small\" text-anchor=\"end\" x=\"%d\" y=\"%d\">", x, y);
	zpm_svg_cut(svg, text, MOST);
	zpm_buf_puts(svg->out, "</text>\n");
}

static void add_member(
	struct zpm_svg *svg, const struct zpm_desired_set *set, size_t i, int x, int y, int width)
{
	const struct zpm_set_member *member = set->config->members.v[i];

	zpm_buf_printf(svg->out,
		"<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4\"/><text class=\"name host\" x=\"%d\" "
		"y=\"%d\">",
		is_first(set, member) ? "leads" : "follows", x + INSET + 4, y - 4, x + INSET + MARK, y);
	zpm_svg_cut(svg, member->host, MOST);
	zpm_buf_puts(svg->out, "</text>");
	add_right(svg, x + width - INSET, y, said_of(svg, member));
}

static void add_card(struct zpm_svg *svg, const struct zpm_desired_set *set, int x, int y, int width)
{
	zpm_buf_puts(svg->out, "<g class=\"set\" data-set=\"");
	zpm_svg_text(svg, set->config->name);
	zpm_buf_printf(svg->out,
		"\"><rect class=\"body\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/>\n"
		"<text class=\"name\" x=\"%d\" y=\"%d\">",
		x, y, width, height_of(set), x + INSET, y + 20);
	zpm_svg_cut(svg, set->config->name, MOST);
	zpm_buf_puts(svg->out, "</text>");
	add_right(svg, x + width - INSET, y + 20, role_of(svg, set));
	for (size_t i = 0; i < set->config->members.n; i++)
		add_member(svg, set, i, x, y + HEAD + 14 + (int)i * ROW, width);
	zpm_buf_puts(svg->out, "</g>\n");
}

static void flow_on(
	struct zpm_svg *svg, const struct zpm_desired_set *set, struct flow *at, int most, bool drawn)
{
	int width = width_of(svg, set);

	if (at->x && at->x + width > most)
		*at = (struct flow){ .y = at->y + at->row + GAP };
	if (drawn)
		add_card(svg, set, at->x, at->y, width);
	at->x += width + GAP;
	at->row = height_of(set) > at->row ? height_of(set) : at->row;
}

int zpm_svg_sets(struct zpm_svg *svg, int width, bool drawn)
{
	struct flow at = { .y = TITLE };

	for (size_t i = 0; i < svg->desired->list.n; i++) {
		const struct zpm_object *object = svg->desired->list.v[i];

		if (!object->set)
			continue;
		if (!at.x && drawn)
			zpm_buf_puts(svg->out, "<text class=\"tier\" x=\"0\" y=\"12\">replica sets</text>\n");
		flow_on(svg, object->set, &at, width, drawn);
	}
	return at.row ? at.y + at.row : 0;
}
