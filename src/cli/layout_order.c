/*
 * Barycenters: each cell goes where its neighbours in the column beside are on
 * the average; sweeping to and fro settles within a few rounds. The order
 * with the fewest crossings on the way is kept.
 */
#include "cli/layout_parts.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROUNDS 12

static void number_cells(const struct zpm_column *column)
{
	for (size_t i = 0; i < column->cells.n; i++)
		((struct zpm_cell *)column->cells.v[i])->at = i;
}

/* How far down a cell is, from 0 to 1: columns differ in length. */
static double depth(const struct zpm_columns *columns, const struct zpm_cell *cell)
{
	return ((double)cell->at + 0.5) / (double)columns->v[cell->column].cells.n;
}

static int compare_cells(const void *a, const void *b)
{
	const struct zpm_cell *one = *(const struct zpm_cell *const *)a;
	const struct zpm_cell *other = *(const struct zpm_cell *const *)b;

	if (one->key < other->key || one->key > other->key)
		return one->key < other->key ? -1 : 1;
	return one->at < other->at ? -1 : one->at > other->at;
}

static void sort_column(const struct zpm_columns *columns, size_t at, bool by_left)
{
	const struct zpm_column *column = &columns->v[at];

	for (size_t i = 0; i < column->cells.n; i++) {
		struct zpm_cell *cell = column->cells.v[i];
		const struct zpm_ptrs *beside = by_left ? &cell->left : &cell->right;

		cell->key = beside->n ? 0 : depth(columns, cell);
		for (size_t j = 0; j < beside->n; j++)
			cell->key += depth(columns, beside->v[j]) / (double)beside->n;
	}
	if (column->cells.n)
		qsort(column->cells.v, column->cells.n, sizeof(*column->cells.v), compare_cells);
	number_cells(column);
}

/* Sums up to and with `at` in a Fenwick tree of `tree[1..]`. */
static size_t sum_to(const size_t *tree, size_t at)
{
	size_t sum = 0;

	for (at++; at; at &= at - 1)
		sum += tree[at];
	return sum;
}

static void add_at(size_t *tree, size_t n, size_t at)
{
	for (at++; at <= n; at += at & -at)
		tree[at]++;
}

/* Two lines cross when the one that starts higher ends lower. */
static size_t count_between(const struct zpm_column *left, const struct zpm_column *right, size_t *tree)
{
	size_t crossings = 0, seen = 0;

	memset(tree, 0, (right->cells.n + 1) * sizeof(*tree));
	for (size_t i = 0; i < left->cells.n; i++) {
		const struct zpm_cell *cell = left->cells.v[i];

		for (size_t j = 0; j < cell->right.n; j++)
			crossings += seen - sum_to(tree, ((const struct zpm_cell *)cell->right.v[j])->at);
		for (size_t j = 0; j < cell->right.n; j++)
			add_at(tree, right->cells.n, ((const struct zpm_cell *)cell->right.v[j])->at);
		seen += cell->right.n;
	}
	return crossings;
}

static size_t count_crossings(const struct zpm_columns *columns, size_t *tree)
{
	size_t crossings = 0;

	for (size_t i = 1; i < columns->n; i++)
		crossings += count_between(&columns->v[i - 1], &columns->v[i], tree);
	return crossings;
}

static void copy_order(const struct zpm_columns *from, struct zpm_ptrs *to)
{
	for (size_t i = 0; i < from->n; i++)
		if (from->v[i].cells.n)
			memcpy(to[i].v, from->v[i].cells.v, from->v[i].cells.n * sizeof(*to[i].v));
}

static void restore_order(struct zpm_columns *columns, const struct zpm_ptrs *from)
{
	for (size_t i = 0; i < columns->n; i++) {
		struct zpm_column *column = &columns->v[i];

		if (column->cells.n)
			memcpy(column->cells.v, from[i].v, column->cells.n * sizeof(*from[i].v));
		number_cells(column);
	}
}

void zpm_layout_order(struct zpm_columns *columns, struct zpm_arena *arena)
{
	struct zpm_ptrs *best = zpm_arena_alloc(arena, columns->n * sizeof(*best));
	size_t most = 0, least, *tree;

	for (size_t i = 0; i < columns->n; i++) {
		size_t n = columns->v[i].cells.n;

		most = n > most ? n : most;
		best[i].v = zpm_arena_alloc(arena, n * sizeof(*best[i].v));
		number_cells(&columns->v[i]);
	}
	tree = zpm_arena_alloc(arena, (most + 1) * sizeof(*tree));
	least = count_crossings(columns, tree);
	copy_order(columns, best);
	for (int round = 0; round < MAX_ROUNDS && least; round++) {
		size_t crossings;

		for (size_t i = 1; i < columns->n; i++)
			sort_column(columns, i, true);
		for (size_t i = columns->n; i-- > 0;)
			sort_column(columns, i, false);
		crossings = count_crossings(columns, tree);
		if (crossings < least) {
			least = crossings;
			copy_order(columns, best);
		}
	}
	restore_order(columns, best);
}
