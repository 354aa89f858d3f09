/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Eight bytes per node, plain C: the processor overlaps the loads of neighbouring walks.
 *
 *     child (32 bits) | rank (16) | slot (16)       a node; the right child is child + 1
 *     itself          | leaf      | 0               a leaf
 *
 * A missing value goes left in some nodes and right in others. So each feature has two
 * slots in a prepared row: in one of them a missing value has rank 0, which goes left
 * everywhere, in the other the highest one; a node names the slot that sends missing
 * values its way. No step asks whether a value is there.
 *
 *     slot   0 | 1      2     | 3      4     | ...
 *            0 | f0 left right| f1 left right|
 *
 * A leaf leads to itself: it reads slot 0, whose rank is always 0 and never greater than
 * anything. So walks that have arrived may go on with the others. They lie side by side
 * in lanes; all of them take a few steps, then those that are in a leaf are weeded out,
 * without a branch, by writing each walk to the next free lane and taking that lane only
 * if the walk goes on:
 *
 *     lanes    a  b  c  d  e            b and d are in leaves
 *     then     a  c  e
 *
 * Cost: depth steps per tree and row, of seven instructions each; memory: 8 bytes per node.
 */
#include <math.h>
#include <stdlib.h>

#include "classifier/forest_walk.h"
#include "classifier/workers.h"

/* The rank that goes right everywhere. */
#define RANK_MISSING UINT16_MAX
#define CUTS_MAX (RANK_MISSING - 1)

/* Of a leaf whose row of the table does not fit in 16 bits. */
#define LEAF_ELSEWHERE UINT16_MAX

/* Steps to the first weeding, as leaves near the root are few, and from one to the next. */
#define STRIDE_FIRST 8
#define STRIDE 4

/* Walks that step together in registers; so many more than there are may be walked. */
#define ABREAST 4

/* Steps of a cache line. */
#define LINE_STEPS 8

typedef struct {
	uint32_t child;  /* Left child in all of the forest; a leaf leads to itself. */
	uint16_t rank;   /* A greater one goes right. Of a leaf: its row of the table. */
	uint16_t slot;   /* Where in a prepared row; 0 for a leaf. */
} step_t;

_Static_assert(sizeof(step_t) == 8, "eight nodes to a cache line");

static bool is_available(void)
{
	return true;
}

static step_t step_of(const forest_t *forest, const forest_cuts_t *cuts, size_t start, size_t i)
{
	const tree_node_t *node = &forest->nodes[i];
	if (node->leaf) {
		bool fits = node->child < LEAF_ELSEWHERE;
		return (step_t) { (uint32_t)i, fits ? (uint16_t)node->child : LEAF_ELSEWHERE, 0 };
	}
	uint32_t rank;
	feature_cuts_rank(&cuts->feature[node->feature], &node->threshold, 1, 1, &rank);
	return (step_t) {
		.child = (uint32_t)(start + node->child), .rank = (uint16_t)rank,
		.slot = (uint16_t)(1 + 2 * node->feature + node->missing_right),
	};
}

/* Shared by the threads; each tree has its own places in `steps`. */
typedef struct {
	const forest_t *forest;
	const forest_cuts_t *cuts;
	step_t *steps;
} shortening_t;

static status_t shorten_tree(void *context, void *rooms, size_t tree)
{
	(void)rooms;
	const shortening_t *job = context;
	size_t start = job->forest->starts[tree], end = job->forest->starts[tree + 1];
	for (size_t i = start; i < end; i++) {
		job->steps[i] = step_of(job->forest, job->cuts, start, i);
	}
	return STATUS_OK;
}

static bool create(const forest_t *forest, const forest_cuts_t *cuts, size_t threads, void **form)
{
	static const work_t work = { .work = shorten_tree };
	*form = NULL;
	if (cuts->most > CUTS_MAX) {
		return true;
	}
	step_t *steps = calloc(forest->starts[forest->trees], sizeof(*steps));
	shortening_t job = { .forest = forest, .cuts = cuts, .steps = steps };
	*form = steps;
	return steps != NULL && workers_run(&work, &job, forest->trees, threads) == STATUS_OK;
}

/* A slot of zero, two for each feature, and what makes it a multiple of four. */
static size_t row_words(const forest_t *forest)
{
	return (1 + 2 * forest->features + 3) / 4 * 4;
}

/* No cut is below what is no number, so its rank is 0 of itself. */
static void put(const forest_t *forest, size_t feature, size_t first, size_t count,
                const double *values, const uint32_t *ranks, uint16_t *prepared)
{
	size_t words = row_words(forest), features = forest->features;
	uint16_t *pair = prepared + first * words + 1 + 2 * feature;
	for (size_t i = 0; i < count; i++, pair += words) {
		pair[0] = (uint16_t)ranks[i];
		pair[1] = isnan(values[i * features]) ? RANK_MISSING : (uint16_t)ranks[i];
	}
}

static void prepare(const forest_t *forest, const double *block, size_t rows, uint16_t *prepared)
{
	size_t words = row_words(forest);
	for (size_t row = 0; row < rows; row++) {
		prepared[row * words] = 0;
	}
	forest_rank(forest, block, rows, put, prepared);
}

/* Walks that have not arrived, side by side; a few more may be walked for nothing. */
typedef struct {
	uint32_t at[WALKS_MAX + ABREAST];
	uint32_t offset[WALKS_MAX + ABREAST];
	uint32_t number[WALKS_MAX + ABREAST];
} lanes_t;

static void lanes_fill(lanes_t *lanes, const forest_t *forest, const uint32_t *rows,
                       const uint32_t *places, size_t count)
{
	uint32_t words = (uint32_t)row_words(forest);
	for (size_t i = 0; i < count + ABREAST; i++) {
		size_t walk = i < count ? i : 0;
		lanes->at[i] = (uint32_t)forest->starts[places[walk]];
		lanes->offset[i] = rows[walk] * words;
		lanes->number[i] = (uint32_t)walk;
	}
}

/* Notes where the walks are and weeds out those that have arrived; returns how many go on. */
static size_t lanes_weed(lanes_t *lanes, const step_t *steps, uint32_t *places, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t here = lanes->at[i], offset = lanes->offset[i], number = lanes->number[i];
		places[number] = here;
		lanes->at[left] = here;
		lanes->offset[left] = offset;
		lanes->number[left] = number;
		left += steps[here].slot != 0;
	}
	return left;
}

static inline uint32_t step(const step_t *steps, const uint16_t *row, uint32_t at)
{
	const step_t *here = &steps[at];
	return here->child + (row[here->slot] > here->rank);
}

/* All lanes take some steps, four of them together in registers. */
static void lanes_step(lanes_t *lanes, const step_t *steps, const uint16_t *prepared,
                       size_t count, size_t stride)
{
	for (size_t i = 0; i < count; i += ABREAST) {
		uint32_t *at = lanes->at + i;
		const uint32_t *offset = lanes->offset + i;
		uint32_t a = at[0], b = at[1], c = at[2], d = at[3];
		for (size_t j = 0; j < stride; j++) {
			a = step(steps, prepared + offset[0], a);
			b = step(steps, prepared + offset[1], b);
			c = step(steps, prepared + offset[2], c);
			d = step(steps, prepared + offset[3], d);
		}
		at[0] = a;
		at[1] = b;
		at[2] = c;
		at[3] = d;
	}
}

static void walk(const forest_t *forest, const uint16_t *prepared, const uint32_t *rows,
                 uint32_t *places, size_t count)
{
	const step_t *steps = forest->form;
	lanes_t lanes;
	if (count == 0) {
		return;
	}
	lanes_fill(&lanes, forest, rows, places, count);
	size_t left = count;
	for (size_t stride = STRIDE_FIRST; left > 0; stride = STRIDE) {
		lanes_step(&lanes, steps, prepared, left, stride);
		left = lanes_weed(&lanes, steps, places, left);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t leaf = steps[places[i]].rank;
		places[i] = leaf != LEAF_ELSEWHERE ? leaf : forest->nodes[places[i]].child;
	}
}

static void fetch(const forest_t *forest, size_t tree)
{
	const step_t *steps = forest->form;
	for (size_t i = forest->starts[tree]; i < forest->starts[tree + 1]; i += LINE_STEPS) {
		__builtin_prefetch(&steps[i], 0, 2);
	}
}

const walker_t walker_steps = {
	.name = "steps",
	.is_available = is_available,
	.create = create,
	.destroy = free,
	.row_words = row_words,
	.prepare = prepare,
	.walk = walk,
	.fetch = fetch,
};
