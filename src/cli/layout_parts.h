/* A layout in the making. Internal to layout*.c. */
#ifndef ZPM_CLI_LAYOUT_PARTS_H
#define ZPM_CLI_LAYOUT_PARTS_H

#include "cli/layout.h"

/* A place in a column: a box, or where the lines of one service pass through together. */
struct zpm_cell {
	struct zpm_box *box; /* NULL: lines pass */
	size_t column, at;   /* which column, and how far down in it */
	double key;          /* to sort by */
	double y;            /* of its middle */
	/* struct zpm_cell in the columns beside */
	struct zpm_ptrs left, right;
};

struct zpm_column {
	enum zpm_tier tier;
	struct zpm_ptrs cells; /* struct zpm_cell, from top to bottom */
};

struct zpm_columns {
	struct zpm_column *v;
	size_t n;
};

/* Orders the cells of each column so that few lines cross. */
void zpm_layout_order(struct zpm_columns *columns, struct zpm_arena *arena);

/* Gives each cell its height: near those it is tied to, in order, and none over another. */
void zpm_layout_place(struct zpm_columns *columns, struct zpm_arena *arena);

#endif
