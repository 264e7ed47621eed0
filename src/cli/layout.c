/* From services to columns of cells, and from those, ordered and placed, to boxes and lines. */
#include "cli/layout_parts.h"

#include "base/index.h"

#include <float.h>

#define LANE_GAP    14
#define LANE_MARGIN 20 /* around the boxes in a lane */
#define COLUMN_GAP  54 /* between two columns of a lane, for lines to bend in */
#define FEWEST_ROWS 6

struct builder {
	struct zpm_arena *arena;
	struct zpm_layout *layout;
	struct zpm_columns columns;
	struct zpm_index *by_name; /* service -> struct node */
	struct zpm_ptrs nodes;     /* struct node, in the order of the manifest */
	int box_width;
};

struct node {
	const struct zpm_object *object;
	const struct zpm_service *service;
	struct zpm_cell *cell;
	size_t rank;              /* how many of its own tier come before it, one after the other; + 1 */
	struct zpm_cell **passes; /* by column: where its lines pass; NULL until they do */
};

static void add_nodes(struct builder *b, const struct zpm_objects *desired,
	int (*box_height)(const struct zpm_service *service))
{
	for (size_t i = 0; i < desired->list.n; i++) {
		const struct zpm_object *object = desired->list.v[i];
		struct node *node;

		if (object->kind->id != ZPM_KIND_SERVICE)
			continue;
		node = zpm_arena_alloc(b->arena, sizeof(*node));
		node->object = object;
		node->service = object->spec;
		node->cell = zpm_arena_alloc(b->arena, sizeof(*node->cell));
		node->cell->box = zpm_arena_alloc(b->arena, sizeof(*node->cell->box));
		*node->cell->box = (struct zpm_box){
			.service = object, .width = b->box_width, .height = box_height(object->spec)
		};
		zpm_index_add(b->by_name, object->name, node);
		zpm_ptrs_push(b->arena, &b->nodes, node);
		zpm_ptrs_push(b->arena, &b->layout->boxes, node->cell->box);
	}
}

static struct node *prerequisite(const struct builder *b, const struct node *node, size_t i)
{
	return zpm_index_get(b->by_name, node->service->depends_on.v[i]);
}

/* Depth first, as deep as the longest chain in a tier: the manifest has no circles. */
static size_t rank_of(const struct builder *b, struct node *node)
{
	size_t rank = 1;

	if (node->rank)
		return node->rank;
	for (size_t i = 0; i < node->service->depends_on.n; i++) {
		struct node *before = prerequisite(b, node, i);

		if (before && before->object->tier == node->object->tier && rank_of(b, before) >= rank)
			rank = before->rank + 1;
	}
	node->rank = rank;
	return rank;
}

/* One rank of one tier takes as many columns as keep the picture from becoming a tower. */
static void add_rank(struct builder *b, const struct zpm_ptrs *nodes, enum zpm_tier tier, size_t rows)
{
	size_t n_columns = (nodes->n + rows - 1) / rows;

	for (size_t i = 0; i < n_columns; i++) {
		struct zpm_column *column = &b->columns.v[b->columns.n];
		size_t end = (i + 1) * nodes->n / n_columns;

		column->tier = tier;
		for (size_t j = i * nodes->n / n_columns; j < end; j++) {
			struct zpm_cell *cell = ((struct node *)nodes->v[j])->cell;

			cell->column = b->columns.n;
			zpm_ptrs_push(b->arena, &column->cells, cell);
		}
		b->columns.n++;
	}
}

static void add_columns(struct builder *b)
{
	size_t rows = FEWEST_ROWS;

	/* About three columns for two rows. */
	while (rows * rows < 3 * b->nodes.n)
		rows++;
	b->columns.v = zpm_arena_alloc(b->arena, b->nodes.n * sizeof(*b->columns.v));
	for (int tier = 0; tier < ZPM_TIER_COUNT; tier++) {
		struct zpm_lane *lane = &b->layout->lanes[b->layout->n_lanes];
		struct zpm_ptrs nodes = { 0 };
		size_t placed = 0, services = 0;

		for (size_t i = 0; i < b->nodes.n; i++)
			services += (int)((struct node *)b->nodes.v[i])->object->tier == tier;
		for (size_t rank = 1; placed < services; rank++) {
			nodes.n = 0;
			for (size_t i = 0; i < b->nodes.n; i++) {
				struct node *node = b->nodes.v[i];

				if ((int)node->object->tier == tier && rank_of(b, node) == rank)
					zpm_ptrs_push(b->arena, &nodes, node);
			}
			placed += nodes.n;
			add_rank(b, &nodes, (enum zpm_tier)tier, rows);
		}
		lane->tier = (enum zpm_tier)tier;
		lane->services = services;
		b->layout->n_lanes += services > 0;
	}
}

static void tie(const struct builder *b, struct zpm_cell *left, struct zpm_cell *right)
{
	zpm_ptrs_push(b->arena, &left->right, right);
	zpm_ptrs_push(b->arena, &right->left, left);
}

/* All lines of a service that go as far pass a column at one place. */
static struct zpm_cell *pass_at(const struct builder *b, struct node *from, size_t column)
{
	struct zpm_cell *before = from->cell;

	if (!from->passes)
		from->passes = zpm_arena_alloc(b->arena, b->columns.n * sizeof(struct zpm_cell *));
	for (size_t at = from->cell->column + 1; at <= column; at++) {
		struct zpm_cell *cell = from->passes[at];

		if (!cell) {
			cell = zpm_arena_alloc(b->arena, sizeof(*cell));
			cell->column = at;
			from->passes[at] = cell;
			zpm_ptrs_push(b->arena, &b->columns.v[at].cells, cell);
			tie(b, before, cell);
		}
		before = cell;
	}
	return before;
}

static void tie_all(const struct builder *b)
{
	for (size_t i = 0; i < b->nodes.n; i++) {
		const struct node *node = b->nodes.v[i];

		for (size_t j = 0; j < node->service->depends_on.n; j++) {
			struct node *before = prerequisite(b, node, j);

			if (before)
				tie(b, pass_at(b, before, node->cell->column - 1), node->cell);
		}
	}
}

/* Columns from left to right, with room for a lane's edges between two tiers. */
static int *place_columns(const struct builder *b)
{
	int *at = zpm_arena_alloc(b->arena, b->columns.n * sizeof(*at));
	struct zpm_lane *lane = b->layout->lanes;
	int x = 0;

	for (size_t i = 0; i < b->columns.n; i++) {
		if (!i || b->columns.v[i].tier != b->columns.v[i - 1].tier) {
			lane += i > 0;
			x += i ? LANE_GAP : 0;
			lane->x = x;
			x += LANE_MARGIN;
		} else {
			x += COLUMN_GAP - LANE_MARGIN;
		}
		at[i] = x;
		x += b->box_width + LANE_MARGIN;
		lane->width = x - lane->x;
	}
	b->layout->width = x;
	return at;
}

/* Of what is not negative. */
static int rounded(double length)
{
	return (int)(length + 0.5);
}

static void place_boxes(const struct builder *b, const int *columns, double top)
{
	int bottom = 0;

	for (size_t i = 0; i < b->nodes.n; i++) {
		const struct zpm_cell *cell = ((struct node *)b->nodes.v[i])->cell;
		struct zpm_box *box = cell->box;

		box->x = columns[cell->column];
		box->y = LANE_MARGIN + rounded(cell->y - box->height / 2.0 - top);
		bottom = box->y + box->height > bottom ? box->y + box->height : bottom;
	}
	b->layout->height = bottom + LANE_MARGIN;
}

static void add_line(const struct builder *b, const struct node *from, const struct node *to,
	const int *columns, double top)
{
	struct zpm_line *line = zpm_arena_alloc(b->arena, sizeof(*line));

	line->from = from->cell->box;
	line->to = to->cell->box;
	line->n = to->cell->column - from->cell->column - 1;
	line->passes = zpm_arena_alloc(b->arena, line->n * sizeof(*line->passes));
	for (size_t i = 0; i < line->n; i++) {
		const struct zpm_cell *cell = from->passes[from->cell->column + 1 + i];
		int x = columns[cell->column], y = LANE_MARGIN + rounded(cell->y - top);

		line->passes[i] = (struct zpm_pass){ x, x + b->box_width, y };
		if (y + LANE_MARGIN > b->layout->height)
			b->layout->height = y + LANE_MARGIN;
	}
	zpm_ptrs_push(b->arena, &b->layout->lines, line);
}

static double highest(const struct zpm_columns *columns)
{
	double top = DBL_MAX;

	for (size_t i = 0; i < columns->n; i++)
		for (size_t j = 0; j < columns->v[i].cells.n; j++) {
			const struct zpm_cell *cell = columns->v[i].cells.v[j];
			double y = cell->y - (cell->box ? cell->box->height / 2.0 : 0);

			top = y < top ? y : top;
		}
	return top;
}

struct zpm_layout *zpm_layout_new(const struct zpm_objects *desired, int box_width,
	int (*box_height)(const struct zpm_service *service), struct zpm_arena *arena)
{
	struct builder b = { .arena = arena, .box_width = box_width };
	const int *columns;
	double top;

	b.layout = zpm_arena_alloc(arena, sizeof(*b.layout));
	b.by_name = zpm_index_new(arena);
	add_nodes(&b, desired, box_height);
	add_columns(&b);
	tie_all(&b);
	zpm_layout_order(&b.columns, arena);
	zpm_layout_place(&b.columns, arena);
	columns = place_columns(&b);
	top = highest(&b.columns);
	place_boxes(&b, columns, top);
	for (size_t i = 0; i < b.nodes.n; i++) {
		const struct node *node = b.nodes.v[i];

		for (size_t j = 0; j < node->service->depends_on.n; j++)
			if (prerequisite(&b, node, j))
				add_line(&b, prerequisite(&b, node, j), node, columns, top);
	}
	return b.layout;
}
