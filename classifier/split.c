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
 * m steps; memory 16 bytes per row. A histogram of binned ranks can take the
 * place of the sort without a change to the sweep.
 */
#include "classifier/split.h"

#include <math.h>
#include <stdlib.h>

/* Below this, insertion beats the radix sort's passes over its counters. */
#define INSERTION_MAX 48

#define RADIX_BITS 8
#define RADIX (1 << RADIX_BITS)
#define RANK_SHIFT 32

/* Weights per class on both sides of a split, and the sums of their squares. */
typedef struct {
	int64_t *left, *right;
	int64_t left_weight, right_weight;
	int64_t left_square, right_square;
} sides_t;

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

static inline void sides_move(sides_t *sides, uint32_t class_index, int64_t weight)
{
	int64_t *left = &sides->left[class_index], *right = &sides->right[class_index];
	sides->left_square += weight * (2 * *left + weight);
	sides->right_square -= weight * (2 * *right - weight);
	sides->left_weight += weight;
	sides->right_weight -= weight;
	*left += weight;
	*right -= weight;
}

/* All on the right side. */
static sides_t sides_make(int64_t *counts, const int64_t *totals, size_t classes)
{
	sides_t sides = { .left = counts, .right = counts + classes };
	for (size_t i = 0; i < classes; i++) {
		sides.left[i] = 0;
		sides.right[i] = totals[i];
		sides.right_weight += totals[i];
		sides.right_square += totals[i] * totals[i];
	}
	return sides;
}

/* What the sweep of one feature works on. */
typedef struct {
	uint32_t feature;
	const double *values;
	uint64_t *keys;      /* of the rows that have a value */
	size_t count;
	bool missing;        /* some rows have none */
	sides_t right;       /* missing values on the right; also the one if there are none */
	sides_t left;        /* missing values on the left */
	const double *weights;
	size_t classes;
	int64_t min_leaf;
	bool found;
	split_t *best;
} sweep_t;

/* Makes keys of the rows with a value, and puts the others to their two sides. */
static uint32_t gather(splitter_t *splitter, sweep_t *sweep, const uint32_t *rows, size_t count,
                       const item_t *items)
{
	const uint32_t *column = ranks_column(splitter->ranks, sweep->feature);
	uint32_t none = ranks_missing(splitter->ranks, sweep->feature), lowest = none, highest = 0;
	uint64_t *keys = splitter->keys;
	size_t present = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t rank = column[rows[i]];
		item_t item = items[rows[i]];
		if (rank == none) {
			sides_move(&sweep->left, item_class(item), item_weight(item));
			continue;
		}
		lowest = rank < lowest ? rank : lowest;
		highest = rank > highest ? rank : highest;
		keys[present++] = (uint64_t)rank << RANK_SHIFT | item;
	}
	sweep->count = present;
	sweep->missing = present < count;
	return lowest < highest ? highest : 0;
}

/* A side's share of the score, under class weights. Summed up anew each time, in the order of
 * the classes, so that it does not depend on the order of the rows. */
static double weigh(const int64_t *counts, const double *weights, size_t classes)
{
	double square = 0, weight = 0;
	for (size_t i = 0; i < classes; i++) {
		double of_class = weights[i] * (double)counts[i];
		square += of_class * of_class;
		weight += of_class;
	}
	return square / weight;
}

static inline double score_sides(const sweep_t *sweep, const sides_t *sides)
{
	if (sweep->weights != NULL) {
		return weigh(sides->left, sweep->weights, sweep->classes) +
		       weigh(sides->right, sweep->weights, sweep->classes);
	}
	return (double)sides->left_square / (double)sides->left_weight +
	       (double)sides->right_square / (double)sides->right_weight;
}

/* Scores the split of which all up to `rank` are on the left by now. */
static inline void consider(sweep_t *sweep, const sides_t *sides, uint32_t rank, uint32_t next,
                            bool missing_right)
{
	if (sides->left_weight < sweep->min_leaf || sides->right_weight < sweep->min_leaf) {
		return;
	}
	double score = score_sides(sweep, sides);
	split_t *best = sweep->best;
	sweep->found = true;
	if (score > best->score || (score == best->score && sweep->feature < best->feature)) {
		*best = (split_t) {
			.score = score, .feature = sweep->feature, .rank = rank,
			.threshold = next == UINT32_MAX ? INFINITY :
			             split_threshold(sweep->values[rank], sweep->values[next]),
			.missing_right = missing_right,
		};
	}
}

static void sweep_run(sweep_t *sweep)
{
	for (size_t i = 0; i < sweep->count; i++) {
		item_t item = (uint32_t)sweep->keys[i];
		uint32_t rank = (uint32_t)(sweep->keys[i] >> RANK_SHIFT), next = UINT32_MAX;
		sides_move(&sweep->right, item_class(item), item_weight(item));
		if (sweep->missing) {
			sides_move(&sweep->left, item_class(item), item_weight(item));
		}
		if (i + 1 < sweep->count) {
			next = (uint32_t)(sweep->keys[i + 1] >> RANK_SHIFT);
			if (next == rank) {
				continue;
			}
			if (sweep->missing) {
				consider(sweep, &sweep->left, rank, next, false);
			}
		} else if (!sweep->missing) {
			break;
		}
		consider(sweep, &sweep->right, rank, next,
		         sweep->missing || sweep->right.right_weight > sweep->right.left_weight);
	}
}

bool split_search(splitter_t *splitter, uint32_t feature, const uint32_t *rows, size_t count,
                  const item_t *items, const int64_t *totals, split_t *best)
{
	int64_t *counts = splitter->counts;
	size_t classes = splitter->classes;
	sweep_t sweep = {
		.feature = feature, .values = ranks_values(splitter->ranks, feature), .best = best,
		.right = sides_make(counts, totals, classes),
		.left = sides_make(counts + 2 * classes, totals, classes),
		.weights = splitter->weights, .classes = classes, .min_leaf = splitter->min_leaf,
	};
	uint32_t highest = gather(splitter, &sweep, rows, count, items);
	/* One value for all: only a missing one could still part them. */
	if (sweep.count == 0 || (highest == 0 && !sweep.missing)) {
		return false;
	}
	sweep.keys = sort_keys(splitter->keys, splitter->scratch, sweep.count, highest);
	sweep_run(&sweep);
	return sweep.found;
}

double split_threshold(double a, double b)
{
	/* Halved before they are added: the sum of two large values would be infinite. */
	double middle = a / 2 + b / 2;
	return a <= middle && middle < b ? middle : a;
}
