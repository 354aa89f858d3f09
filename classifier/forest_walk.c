/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prediction: many walks through trees at once.
 *
 * A walk is a chain of loads, each of which waits for the one before: what is fast
 * is to have many walks under way, none of which has to guess its way. Cost: depth
 * steps per tree and row, of seven instructions each; memory: 8 bytes per node.
 *
 * All thresholds of a feature, sorted, are its cuts. A row is ranked first: the rank
 * of a value is the number of cuts below it, so "x > cut number k" is "rank > k",
 * and a step compares whole numbers of 16 bits. The answer is the same to the last
 * bit, as no threshold is rounded.
 *
 *     cuts of a feature       1.5     2     7.25
 *     rank of a value      0   |  1   |  2   |   3
 *
 * A missing value goes left in some nodes and right in others. So each feature has
 * two slots in a row's ranks: in one of them a missing value has rank 0, which goes
 * left everywhere, in the other the highest one; a node names the slot that sends
 * missing values its way. No step asks whether a value is there.
 *
 *     slot   0 | 1      2     | 3      4     | ...
 *            0 | f0 left right| f1 left right|
 *
 * A leaf leads to itself: it reads slot 0, whose rank is always 0 and never greater
 * than anything. So walks that have arrived may go on with the others; how they go
 * together is in forest_walkers.c.
 *
 *     child (32 bits) | rank (16) | slot (16)       a node; the right child is child + 1
 *     itself          | leaf      | 0               a leaf
 */
#include "classifier/forest_walk.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/limits.h"

/* The rank that goes right everywhere. */
#define RANK_MISSING UINT16_MAX
#define CUTS_MAX (RANK_MISSING - 1)

/* Of a leaf whose row of the table does not fit in 16 bits. */
#define LEAF_ELSEWHERE UINT16_MAX

/* Ranks of the rows that pass the trees together, 256 KiB: a large forest comes from the far
 * memory once for each such block, so it should be large, but fit in a second cache. */
#define RANKS_MAX (1 << 17)

/* So few rows pass several trees together. */
#define FEW_ROWS 64

/* So many rows will touch most of a tree. */
#define FETCHED_ROWS 512

/* Steps of a cache line. */
#define LINE_STEPS 8

_Static_assert(RANKS_MAX >= 2 * MODEL_FEATURES_MAX + 1, "room for a row");

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Number of cuts below a value; no branch depends on the value. */
static inline size_t rank_of(const double *cuts, size_t count, double value)
{
	const double *from = cuts;
	while (count > 1) {
		size_t half = count / 2;
		from += half & -(size_t)(from[half - 1] < value);
		count -= half;
	}
	return (size_t)(from - cuts) + (count == 1 && *from < value);
}

/* Sorts the thresholds of each feature, once each; false if one has too many. */
static bool collect_cuts(forest_t *forest, double *cuts, size_t *starts)
{
	size_t *ends = starts + 1, nodes = forest->starts[forest->trees], kept = 0;
	for (size_t i = 0; i < nodes; i++) {
		ends[forest->nodes[i].feature] += !forest->nodes[i].leaf;
	}
	size_t sum = 0;
	for (size_t i = 0; i < forest->features; i++) {
		size_t size = ends[i];
		ends[i] = sum;
		sum += size;
	}
	for (size_t i = 0; i < nodes; i++) {
		if (!forest->nodes[i].leaf) {
			cuts[ends[forest->nodes[i].feature]++] = forest->nodes[i].threshold;
		}
	}
	for (size_t i = 0, from = 0; i < forest->features; i++) {
		size_t to = ends[i];
		qsort(cuts + from, to - from, sizeof(*cuts), compare);
		starts[i] = kept;
		for (size_t j = from; j < to; j++) {
			if (kept == starts[i] || cuts[j] != cuts[kept - 1]) {
				cuts[kept++] = cuts[j];
			}
		}
		from = to;
		if (kept - starts[i] > CUTS_MAX) {
			return false;
		}
	}
	starts[forest->features] = kept;
	return true;
}

static void make_steps(const forest_t *forest, const double *cuts, const size_t *cut_starts,
                       forest_step_t *steps)
{
	for (size_t tree = 0; tree < forest->trees; tree++) {
		size_t start = forest->starts[tree];
		for (size_t i = start; i < forest->starts[tree + 1]; i++) {
			const tree_node_t *node = &forest->nodes[i];
			if (node->leaf) {
				bool fits = node->child < LEAF_ELSEWHERE;
				steps[i] = (forest_step_t) {
					(uint32_t)i, fits ? (uint16_t)node->child : LEAF_ELSEWHERE, 0
				};
				continue;
			}
			size_t from = cut_starts[node->feature], to = cut_starts[node->feature + 1];
			steps[i] = (forest_step_t) {
				.child = (uint32_t)(start + node->child),
				.rank = (uint16_t)rank_of(cuts + from, to - from, node->threshold),
				.slot = (uint16_t)(1 + 2 * node->feature + node->missing_right),
			};
		}
	}
}

bool forest_compile(forest_t *forest)
{
	size_t nodes = forest->starts[forest->trees];
	double *cuts = calloc(nodes / 2 + 1, sizeof(*cuts));
	size_t *starts = calloc(forest->features + 1, sizeof(*starts));
	forest_step_t *steps = calloc(nodes, sizeof(*steps));
	bool good = cuts != NULL && starts != NULL && steps != NULL;
	if (good && collect_cuts(forest, cuts, starts)) {
		make_steps(forest, cuts, starts, steps);
		/* Most thresholds are met many times: what is left over goes back. */
		double *fewer = reallocarray(cuts, starts[forest->features] + 1, sizeof(*cuts));
		forest->cuts = fewer != NULL ? fewer : cuts;
		forest->cut_starts = starts;
		forest->steps = steps;
		return true;
	}
	free(cuts);
	free(starts);
	free(steps);
	return good;
}

/* Ranks one feature of four rows side by side: the searches wait for memory together. */
static inline void rank_four(const double *cuts, size_t count, const double *values,
                             size_t stride, size_t *ranks)
{
	double a = values[0], b = values[stride], c = values[2 * stride], d = values[3 * stride];
	size_t at[4] = { 0 };
	for (size_t left = count; left > 1;) {
		size_t half = left / 2;
		/* Masks, as a compiler may make branches of choices. */
		at[0] += half & -(size_t)(cuts[at[0] + half - 1] < a);
		at[1] += half & -(size_t)(cuts[at[1] + half - 1] < b);
		at[2] += half & -(size_t)(cuts[at[2] + half - 1] < c);
		at[3] += half & -(size_t)(cuts[at[3] + half - 1] < d);
		left -= half;
	}
	ranks[0] = at[0] + (count > 0 && cuts[at[0]] < a);
	ranks[1] = at[1] + (count > 0 && cuts[at[1]] < b);
	ranks[2] = at[2] + (count > 0 && cuts[at[2]] < c);
	ranks[3] = at[3] + (count > 0 && cuts[at[3]] < d);
}

/* No cut is below what is no number, so its rank is 0 of itself. */
static inline void put_rank(uint16_t *pair, size_t rank, double value)
{
	pair[0] = (uint16_t)rank;
	pair[1] = isnan(value) ? RANK_MISSING : (uint16_t)rank;
}

void forest_rank(const forest_t *forest, const double *block, size_t rows, uint16_t *ranks)
{
	size_t features = forest->features, slots = forest_slots(forest), four = rows - rows % 4;
	if (forest->steps == NULL) {
		return;
	}
	for (size_t row = 0; row < rows; row++) {
		ranks[row * slots] = 0;
	}
	for (size_t feature = 0; feature < features; feature++) {
		const double *cuts = forest->cuts + forest->cut_starts[feature];
		size_t count = forest->cut_starts[feature + 1] - forest->cut_starts[feature];
		uint16_t *pairs = ranks + 1 + 2 * feature;
		for (size_t row = 0; row < four; row += 4) {
			const double *values = block + row * features + feature;
			size_t found[4];
			rank_four(cuts, count, values, features, found);
			for (size_t i = 0; i < 4; i++) {
				put_rank(pairs + (row + i) * slots, found[i], values[i * features]);
			}
		}
		for (size_t row = four; row < rows; row++) {
			double value = block[row * features + feature];
			put_rank(pairs + row * slots, rank_of(cuts, count, value), value);
		}
	}
}

void forest_leaves(const forest_t *forest, const walker_t *walker, const double *block,
                   const uint16_t *ranks, const uint32_t *offsets, size_t count,
                   uint32_t *places)
{
	if (forest->steps == NULL) {
		size_t slots = forest_slots(forest);
		for (size_t i = 0; i < count; i++) {
			places[i] = tree_walk(forest->nodes + places[i],
			                      block + offsets[i] / slots * forest->features);
		}
	} else if (count > 0) {
		walker->walk(forest->steps, ranks, offsets, places, count);
		for (size_t i = 0; i < count; i++) {
			uint32_t leaf = forest->steps[places[i]].rank;
			places[i] = leaf != LEAF_ELSEWHERE ? leaf : forest->nodes[places[i]].child;
		}
	}
}

/* Asks for the steps of a tree, if there is one, while another is at work. */
static void fetch_tree(const forest_t *forest, size_t tree)
{
	if (forest->steps != NULL && tree < forest->trees) {
		for (size_t i = forest->starts[tree]; i < forest->starts[tree + 1]; i += LINE_STEPS) {
			__builtin_prefetch(&forest->steps[i], 0, 2);
		}
	}
}

/* Takes many rows through one tree after the other. */
static void add_batch(const forest_t *forest, const walker_t *walker, const double *block,
                      const uint16_t *ranks, size_t rows, double *sums)
{
	uint32_t offsets[WALKS_MAX], places[WALKS_MAX], slots = (uint32_t)forest_slots(forest);
	for (size_t i = 0; i < WALKS_MAX; i++) {
		offsets[i] = (uint32_t)i * slots;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		if (rows >= FETCHED_ROWS) {
			fetch_tree(forest, tree + 1);
		}
		for (size_t row = 0; row < rows; row += WALKS_MAX) {
			size_t some = rows - row < WALKS_MAX ? rows - row : WALKS_MAX;
			for (size_t i = 0; i < some; i++) {
				places[i] = (uint32_t)forest->starts[tree];
			}
			forest_leaves(forest, walker, block + row * forest->features, ranks + row * slots,
			              offsets, some, places);
			for (size_t i = 0; i < some; i++) {
				forest_add_leaf(forest, places[i], sums + (row + i) * forest->classes);
			}
		}
	}
}

/* Takes few rows through several trees at once, so that enough walks are under way. */
static void add_few(const forest_t *forest, const walker_t *walker, const double *block,
                    const uint16_t *ranks, size_t rows, double *sums)
{
	uint32_t offsets[WALKS_MAX], places[WALKS_MAX], slots = (uint32_t)forest_slots(forest);
	size_t at_once = WALKS_MAX / rows;
	for (size_t i = 0; i < at_once * rows; i++) {
		offsets[i] = (uint32_t)(i % rows) * slots;
	}
	for (size_t tree = 0; tree < forest->trees; tree += at_once) {
		size_t trees = forest->trees - tree < at_once ? forest->trees - tree : at_once;
		for (size_t i = 0; i < trees * rows; i++) {
			places[i] = (uint32_t)forest->starts[tree + i / rows];
		}
		forest_leaves(forest, walker, block, ranks, offsets, trees * rows, places);
		for (size_t i = 0; i < trees * rows; i++) {
			forest_add_leaf(forest, places[i], sums + i % rows * forest->classes);
		}
	}
}

void forest_predict_with(const forest_t *forest, const walker_t *walker, const double *block,
                         size_t rows, double *probabilities)
{
	uint16_t ranks[RANKS_MAX + 1];
	size_t classes = forest->classes, most = RANKS_MAX / forest_slots(forest);
	for (size_t i = 0; i < rows * classes; i++) {
		probabilities[i] = 0;
	}
	for (size_t done = 0; done < rows; done += most) {
		size_t some = rows - done < most ? rows - done : most;
		const double *from = block + done * forest->features;
		forest_rank(forest, from, some, ranks);
		(some > FEW_ROWS ? add_batch : add_few)(forest, walker, from, ranks, some,
		                                        probabilities + done * classes);
	}
	for (size_t i = 0; i < rows * classes; i++) {
		probabilities[i] /= (double)forest->trees;
	}
}
