/*
 * Heights. Each cell wants to be level with those it is tied to; where that
 * would put one over another, the column is pooled: the nearest heights in the
 * least-squares sense that keep order and distance (isotonic regression, by
 * pooling adjacent violators).
 */
#include "cli/layout_parts.h"

#include <stdlib.h>

#define BOX_GAP    18 /* between two boxes */
#define LINE_GAP   11 /* between a line and what is above or below it */
#define MOST_EMPTY 30 /* of height in which there is nothing in any column */
#define MAX_ROUNDS 10

/* Cells that moved together: their heights without the distances between them. */
struct pool {
	double sum;
	size_t n;
};

static double half_height(const struct zpm_cell *cell)
{
	return cell->box ? cell->box->height / 2.0 : 0;
}

static double distance(const struct zpm_cell *above, const struct zpm_cell *below)
{
	return half_height(above) + half_height(below) + (above->box && below->box ? BOX_GAP : LINE_GAP);
}

/* Merges pools from the end while one is above what it should be below. */
static size_t merge(struct pool *pools, size_t n)
{
	while (n > 1 &&
		pools[n - 2].sum / (double)pools[n - 2].n > pools[n - 1].sum / (double)pools[n - 1].n) {
		pools[n - 2].sum += pools[n - 1].sum;
		pools[n - 2].n += pools[n - 1].n;
		n--;
	}
	return n;
}

/* Moves the cells of a column to where their keys say, as near as there is room. */
static void settle(const struct zpm_column *column, struct pool *pools)
{
	struct zpm_cell **cells = (struct zpm_cell **)column->cells.v;
	size_t n = 0, at = 0;
	double offset = 0;

	for (size_t i = 0; i < column->cells.n; i++) {
		offset += i ? distance(cells[i - 1], cells[i]) : 0;
		pools[n++] = (struct pool){ cells[i]->key - offset, 1 };
		n = merge(pools, n);
	}
	offset = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < pools[i].n; j++, at++) {
			offset += at ? distance(cells[at - 1], cells[at]) : 0;
			cells[at]->y = pools[i].sum / (double)pools[i].n + offset;
		}
}

static double mean(const struct zpm_ptrs *beside)
{
	double sum = 0;

	for (size_t i = 0; i < beside->n; i++)
		sum += ((const struct zpm_cell *)beside->v[i])->y;
	return sum / (double)beside->n;
}

static bool is_free(const struct zpm_cell *cell)
{
	return !cell->left.n && !cell->right.n;
}

/* Cells without any tie stay close to what they stand beside: below it, or above the first that is tied. */
static void keep_close(const struct zpm_column *column)
{
	struct zpm_cell **cells = (struct zpm_cell **)column->cells.v;
	size_t first = 0;

	while (first < column->cells.n && is_free(cells[first]))
		first++;
	if (first == column->cells.n)
		return;
	for (size_t i = first; i-- > 0;)
		cells[i]->key = cells[i + 1]->key - distance(cells[i], cells[i + 1]);
	for (size_t i = first + 1; i < column->cells.n; i++)
		if (is_free(cells[i]))
			cells[i]->key = cells[i - 1]->key + distance(cells[i - 1], cells[i]);
}

static void pull(const struct zpm_column *column, bool left, bool right, struct pool *pools)
{
	for (size_t i = 0; i < column->cells.n; i++) {
		struct zpm_cell *cell = column->cells.v[i];
		bool by_left = left && cell->left.n, by_right = right && cell->right.n;

		if (by_left && by_right)
			cell->key = (mean(&cell->left) + mean(&cell->right)) / 2;
		else if (by_left || by_right)
			cell->key = mean(by_left ? &cell->left : &cell->right);
		else
			cell->key = cell->y;
	}
	keep_close(column);
	settle(column, pools);
}

/* One below the other from the top. */
static void stack(const struct zpm_column *column)
{
	double y = 0;

	for (size_t i = 0; i < column->cells.n; i++) {
		struct zpm_cell *cell = column->cells.v[i];

		y += i ? distance(column->cells.v[i - 1], cell) : half_height(cell);
		cell->y = y;
	}
}

static int compare_tops(const void *a, const void *b)
{
	const struct zpm_cell *one = *(const struct zpm_cell *const *)a;
	const struct zpm_cell *other = *(const struct zpm_cell *const *)b;
	double top = one->y - half_height(one), other_top = other->y - half_height(other);

	return top < other_top ? -1 : top > other_top;
}

/* Services that have nothing to do with the rest drift away from it: closes what is empty between. */
static void close_ranks(const struct zpm_columns *columns, struct zpm_arena *arena)
{
	struct zpm_ptrs all = { 0 };
	double bottom = 0, shift = 0;

	for (size_t i = 0; i < columns->n; i++)
		for (size_t j = 0; j < columns->v[i].cells.n; j++)
			zpm_ptrs_push(arena, &all, columns->v[i].cells.v[j]);
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), compare_tops);
	for (size_t i = 0; i < all.n; i++) {
		struct zpm_cell *cell = all.v[i];
		double top = cell->y - half_height(cell) - shift;

		if (i && top > bottom + MOST_EMPTY)
			shift += top - bottom - MOST_EMPTY;
		cell->y -= shift;
		bottom = i && bottom > cell->y + half_height(cell) ? bottom : cell->y + half_height(cell);
	}
}

void zpm_layout_place(struct zpm_columns *columns, struct zpm_arena *arena)
{
	struct pool *pools;
	size_t most = 0;

	for (size_t i = 0; i < columns->n; i++) {
		most = columns->v[i].cells.n > most ? columns->v[i].cells.n : most;
		stack(&columns->v[i]);
	}
	pools = zpm_arena_alloc(arena, most * sizeof(*pools));
	for (int round = 0; round < MAX_ROUNDS; round++) {
		for (size_t i = 1; i < columns->n; i++)
			pull(&columns->v[i], true, false, pools);
		for (size_t i = columns->n; i-- > 0;)
			pull(&columns->v[i], false, true, pools);
	}
	for (size_t i = 0; i < columns->n; i++)
		pull(&columns->v[i], true, true, pools);
	close_ranks(columns, arena);
}
