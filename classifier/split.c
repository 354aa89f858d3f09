/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact search of the best split by Gini impurity.
 *
 * L. Breiman, J. Friedman, R. Olshen, C. Stone: Classification and Regression
 * Trees, 1984. The rows of the node are sorted by the feature; a sweep from the
 * lowest value to the highest moves row by row from the right side to the left
 * and, wherever the value changes, scores the split between the two values:
 *
 *     value     1   1 | 2   4   4 | 7     missing: ?
 *     class     a   a | a   b   b | b
 *     left  ----------> |       <--------- right
 *
 * What is sorted are 64-bit keys, rank above and item (class, weight) below, so
 * sweeping touches nothing but the sorted keys, in order:
 *
 *     63            32 31        10 9      0
 *     +---------------+------------+--------+
 *     | rank          | weight     | class  |
 *     +---------------+------------+--------+
 *
 * Squares of counts are kept up to date in integers: moving weight w of a class
 * with count n on that side changes n^2 by w(2n + w). So a score has one rounding
 * per quotient and does not depend on the order of equal values.
 *
 * Missing values: the sweep is done for both sides that they could take, and the
 * better is the direction that the split teaches ("default direction"; T. Chen,
 * C. Guestrin: XGBoost, KDD 2016, algorithm 3). A further candidate parts present
 * from missing values. Where the node's rows miss none, a missing value that
 * comes later goes with the heavier side.
 *
 * Cost: a radix sort of m keys with one pass per byte of the ranks' range, then
 * m steps; memory 16 bytes per row. What training does unless told otherwise is in
 * histogram.c; this is the reference that it must agree with.
 */
#include "classifier/split.h"

#include <stdlib.h>

#include "classifier/sweep.h"

/* Below this, insertion beats the radix sort's passes over its counters. */
#define INSERTION_MAX 48

#define RADIX_BITS 8
#define RADIX (1 << RADIX_BITS)
#define RANK_SHIFT 32

struct splitter {
	const ranks_t *ranks;
	size_t classes;
	const double *weights;
	int64_t min_leaf;
	uint64_t *keys, *scratch;  /* a key per row */
	int64_t *counts;           /* of the two sides_t */
};

splitter_t *splitter_create(const ranks_t *ranks, size_t classes, const double *weights,
                            uint32_t min_leaf)
{
	splitter_t *splitter = calloc(1, sizeof(*splitter));
	if (splitter == NULL) {
		return NULL;
	}
	*splitter = (splitter_t) {
		.ranks = ranks, .classes = classes, .weights = weights, .min_leaf = min_leaf,
		.keys = calloc(ranks->rows, sizeof(*splitter->keys)),
		.scratch = calloc(ranks->rows, sizeof(*splitter->scratch)),
		.counts = calloc(4 * classes, sizeof(*splitter->counts)),
	};
	if (splitter->keys == NULL || splitter->scratch == NULL || splitter->counts == NULL) {
		splitter_destroy(splitter);
		return NULL;
	}
	return splitter;
}

void splitter_destroy(splitter_t *splitter)
{
	if (splitter != NULL) {
		free(splitter->keys);
		free(splitter->scratch);
		free(splitter->counts);
		free(splitter);
	}
}

static void insertion_sort(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t key = keys[i];
		size_t at = i;
		for (; at > 0 && keys[at - 1] > key; at--) {
			keys[at] = keys[at - 1];
		}
		keys[at] = key;
	}
}

/* Sorts by rank; returns the one of the two arrays that then holds the keys. */
static uint64_t *sort_keys(uint64_t *keys, uint64_t *scratch, size_t count, uint32_t highest)
{
	if (count <= INSERTION_MAX) {
		insertion_sort(keys, count);
		return keys;
	}
	for (unsigned shift = RANK_SHIFT; highest > 0; shift += RADIX_BITS, highest >>= RADIX_BITS) {
		uint32_t ends[RADIX] = { 0 };
		for (size_t i = 0; i < count; i++) {
			ends[keys[i] >> shift & (RADIX - 1)]++;
		}
		uint32_t start = 0;
		for (size_t i = 0; i < RADIX; i++) {
			uint32_t size = ends[i];
			ends[i] = start;
			start += size;
		}
		for (size_t i = 0; i < count; i++) {
			scratch[ends[keys[i] >> shift & (RADIX - 1)]++] = keys[i];
		}
		uint64_t *sorted = scratch;
		scratch = keys;
		keys = sorted;
	}
	return keys;
}

/* Makes keys of the rows with a value, and puts the others to their two sides. */
static uint32_t gather(splitter_t *splitter, sweep_t *sweep, const node_row_t *rows, size_t count,
                       size_t *present)
{
	const uint32_t *column = ranks_column(splitter->ranks, sweep->feature);
	uint32_t none = ranks_missing(splitter->ranks, sweep->feature), lowest = none, highest = 0;
	uint64_t *keys = splitter->keys;
	*present = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t rank = column[rows[i].row];
		item_t item = rows[i].item;
		if (rank == none) {
			sweep_miss(sweep, item_class(item), item_weight(item));
			continue;
		}
		lowest = rank < lowest ? rank : lowest;
		highest = rank > highest ? rank : highest;
		keys[(*present)++] = (uint64_t)rank << RANK_SHIFT | item;
	}
	return lowest < highest ? highest : 0;
}

bool split_search(splitter_t *splitter, uint32_t feature, const node_row_t *rows, size_t count,
                  const int64_t *totals, split_t *best)
{
	const double *values = ranks_values(splitter->ranks, feature);
	sweep_t sweep = {
		.feature = feature, .lows = values, .highs = values, .best = best,
		.weights = splitter->weights, .classes = splitter->classes,
		.min_leaf = splitter->min_leaf,
	};
	sweep_begin(&sweep, splitter->counts, totals);
	size_t present;
	uint32_t highest = gather(splitter, &sweep, rows, count, &present);
	/* One value for all: only a missing one could still part them. */
	if (present == 0 || (highest == 0 && !sweep.missing)) {
		return false;
	}
	const uint64_t *keys = sort_keys(splitter->keys, splitter->scratch, present, highest);
	for (size_t i = 0; i < present; i++) {
		item_t item = (uint32_t)keys[i];
		uint32_t rank = (uint32_t)(keys[i] >> RANK_SHIFT);
		sweep_move(&sweep, item_class(item), item_weight(item));
		if (i + 1 == present) {
			sweep_end(&sweep, rank);
		} else if (keys[i + 1] >> RANK_SHIFT != rank) {
			sweep_cut(&sweep, rank, (uint32_t)(keys[i + 1] >> RANK_SHIFT));
		}
	}
	return sweep.found;
}

double split_threshold(double a, double b)
{
	/* Halved before they are added: the sum of two large values would be infinite. */
	double middle = a / 2 + b / 2;
	return a <= middle && middle < b ? middle : a;
}
