/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranks of values among the thresholds of a forest.
 *
 * All thresholds of a feature, sorted, are its cuts:
 *
 *     cuts of a feature       1.5     2     7.25
 *     rank of a value      0   |  1   |  2   |   3
 *
 * A grid of equal cells over the cuts is asked first; halving then goes on among no more
 * cuts than the fullest cell holds. The cell of a value never falls as the value grows
 * (each step of its arithmetic is monotone), so cuts in lower cells are below the value
 * and cuts in higher ones are not: the rank is exact, whatever the rounding.
 *
 *     grid    0     3     3     9    12       rank at the begin of the cell
 *             |cuts |     |     |    |
 *
 * Cost: some four halvings for values that are spread as the cuts are, log2(cuts) at the
 * worst; memory: 8 bytes per cut and 4 to 8 bytes of grid.
 */
#include "classifier/cuts.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/order.h"
#include "classifier/workers.h"

/* Fewer cuts than that are halved without a grid. */
#define GRID_CUTS 8

static size_t cells_for(size_t count)
{
	size_t cells = 1;
	while (cells < count) {
		cells *= 2;
	}
	return count < GRID_CUTS ? 0 : cells;
}

/* Cell of a value, for NaN the first one. */
static inline size_t cell_of(const feature_cuts_t *cuts, double value)
{
	double place = (value - cuts->low) * cuts->scale, last = (double)(cuts->cells - 1);
	place = place > 0 ? place : 0;
	return (size_t)(place < last ? place : last);
}

/* Lays the grid over a feature's cuts, if they are worth it. */
static void make_grid(feature_cuts_t *cuts, uint32_t *grid)
{
	size_t finite = cuts->count - (cuts->count > 0 && isinf(cuts->values[cuts->count - 1]));
	cuts->most = cuts->count;
	cuts->cells = cells_for(cuts->count);
	if (cuts->cells == 0) {
		return;
	}
	cuts->low = cuts->values[0];
	/* A range beyond all numbers gives 0, and then one cell has all cuts. */
	cuts->scale = (double)cuts->cells / (cuts->values[finite - 1] - cuts->low);
	if (!isfinite(cuts->scale)) {
		cuts->scale = 0;
	}
	memset(grid, 0, cuts->cells * sizeof(*grid));
	for (size_t i = 0; i < cuts->count; i++) {
		grid[cell_of(cuts, cuts->values[i])]++;
	}
	uint32_t sum = 0, most = 0;
	for (size_t i = 0; i < cuts->cells; i++) {
		uint32_t here = grid[i];
		grid[i] = sum;
		sum += here;
		most = here > most ? here : most;
	}
	cuts->most = most;
	cuts->grid = grid;
}

/* Sorts all thresholds of a feature and writes each once to `out`; returns how many. */
static size_t sort_once(uint64_t *keys, uint64_t *scratch, size_t count, double *out)
{
	uint64_t *sorted = order_sort(keys, scratch, count);
	size_t kept = order_distinct(sorted, count);
	for (size_t i = 0; i < kept; i++) {
		out[i] = order_value(sorted[i]);
	}
	return kept;
}

/* On the way to the cuts; features have their own places in all of it. */
typedef struct {
	const forest_t *forest;
	forest_cuts_t *cuts;
	uint64_t *keys;    /* All thresholds, those of a feature side by side. */
	uint64_t *scratch; /* As long. */
	size_t *starts;    /* features + 1: of the thresholds of each. */
	size_t *next;      /* features * trees: where a tree puts its next one. */
} collecting_t;

/* Counts a tree's thresholds by feature. */
static status_t count_tree(void *context, void *rooms, size_t tree)
{
	(void)rooms;
	const collecting_t *job = context;
	const forest_t *forest = job->forest;
	for (size_t i = forest->starts[tree]; i < forest->starts[tree + 1]; i++) {
		const tree_node_t *node = &forest->nodes[i];
		job->next[node->feature * forest->trees + tree] += !node->leaf;
	}
	return STATUS_OK;
}

/* Puts a tree's thresholds in their places. */
static status_t gather_tree(void *context, void *rooms, size_t tree)
{
	(void)rooms;
	const collecting_t *job = context;
	const forest_t *forest = job->forest;
	for (size_t i = forest->starts[tree]; i < forest->starts[tree + 1]; i++) {
		const tree_node_t *node = &forest->nodes[i];
		if (!node->leaf) {
			size_t place = job->next[node->feature * forest->trees + tree]++;
			job->keys[place] = order_key(node->threshold);
		}
	}
	return STATUS_OK;
}

static status_t sort_feature(void *context, void *rooms, size_t feature)
{
	(void)rooms;
	const collecting_t *job = context;
	size_t start = job->starts[feature], count = job->starts[feature + 1] - start;
	job->cuts->feature[feature].count = sort_once(job->keys + start, job->scratch + start, count,
	                                              job->cuts->values + start);
	return STATUS_OK;
}

/* Counts become places: by feature, then by tree. */
static void sum_up(const collecting_t *job)
{
	size_t sum = 0, trees = job->forest->trees;
	for (size_t feature = 0; feature < job->forest->features; feature++) {
		job->starts[feature] = sum;
		for (size_t tree = 0; tree < trees; tree++) {
			size_t count = job->next[feature * trees + tree];
			job->next[feature * trees + tree] = sum;
			sum += count;
		}
	}
	job->starts[job->forest->features] = sum;
}

/* Moves the distinct cuts of all features together, and makes what leads to them. */
static bool arrange(forest_cuts_t *cuts, const size_t *starts)
{
	size_t kept = 0, cells = 0;
	for (size_t i = 0; i < cuts->features; i++) {
		size_t count = cuts->feature[i].count;
		memmove(cuts->values + kept, cuts->values + starts[i], count * sizeof(*cuts->values));
		kept += count;
		cells += cells_for(count);
		cuts->most = count > cuts->most ? count : cuts->most;
	}
	/* Most thresholds are met many times: what is left over goes back. */
	double *fewer = reallocarray(cuts->values, kept + 1, sizeof(*fewer));
	cuts->values = fewer != NULL ? fewer : cuts->values;
	cuts->grids = calloc(cells + 1, sizeof(*cuts->grids));
	if (cuts->grids == NULL) {
		return false;
	}
	const double *values = cuts->values;
	uint32_t *grid = cuts->grids;
	for (size_t i = 0; i < cuts->features; i++) {
		cuts->feature[i].values = values;
		make_grid(&cuts->feature[i], grid);
		values += cuts->feature[i].count;
		grid += cuts->feature[i].cells;
	}
	return true;
}

static bool collect(collecting_t *job, size_t threads)
{
	static const work_t count = { .work = count_tree }, gather = { .work = gather_tree };
	static const work_t sort = { .work = sort_feature };
	size_t trees = job->forest->trees;
	bool good = workers_run(&count, job, trees, threads) == STATUS_OK;
	sum_up(job);
	good = good && workers_run(&gather, job, trees, threads) == STATUS_OK &&
	       workers_run(&sort, job, job->forest->features, threads) == STATUS_OK;
	return good && arrange(job->cuts, job->starts);
}

forest_cuts_t *forest_cuts_create(const forest_t *forest, size_t threads)
{
	size_t features = forest->features, most = forest->starts[forest->trees] / 2 + 1;
	forest_cuts_t *cuts = calloc(1, sizeof(*cuts) + features * sizeof(cuts->feature[0]));
	collecting_t job = {
		.forest = forest, .cuts = cuts,
		.keys = calloc(2 * most, sizeof(*job.keys)),
		.starts = calloc(features + 1, sizeof(*job.starts)),
		.next = calloc(features * forest->trees, sizeof(*job.next)),
	};
	bool good = cuts != NULL && job.keys != NULL && job.starts != NULL && job.next != NULL;
	if (good) {
		job.scratch = job.keys + most;
		cuts->features = features;
		cuts->values = calloc(most, sizeof(*cuts->values));
		good = cuts->values != NULL && collect(&job, threads);
	}
	free(job.keys);
	free(job.starts);
	free(job.next);
	if (!good) {
		forest_cuts_destroy(cuts);
		return NULL;
	}
	return cuts;
}

void forest_cuts_destroy(forest_cuts_t *cuts)
{
	if (cuts != NULL) {
		free(cuts->values);
		free(cuts->grids);
		free(cuts);
	}
}

/* Where halving begins: so that `most` cuts lie ahead of it. */
static inline size_t begin_of(const feature_cuts_t *cuts, double value)
{
	size_t begin = cuts->cells > 0 ? cuts->grid[cell_of(cuts, value)] : 0;
	size_t latest = cuts->count - cuts->most;
	return begin < latest ? begin : latest;
}

/* Number of cuts below a value; masks, as a compiler may make branches of choices. */
static inline size_t rank_one(const feature_cuts_t *cuts, double value)
{
	size_t at = begin_of(cuts, value), left = cuts->most;
	for (; left > 1; left -= left / 2) {
		at += left / 2 & -(size_t)(cuts->values[at + left / 2 - 1] < value);
	}
	return at + (left == 1 && cuts->values[at] < value);
}

/* Of four values side by side: the searches wait for memory together. */
static inline void rank_four(const feature_cuts_t *cuts, const double *values, size_t stride,
                             uint32_t *ranks)
{
	const double *sorted = cuts->values;
	double a = values[0], b = values[stride], c = values[2 * stride], d = values[3 * stride];
	size_t at[4] = { begin_of(cuts, a), begin_of(cuts, b), begin_of(cuts, c), begin_of(cuts, d) };
	for (size_t left = cuts->most; left > 1; left -= left / 2) {
		size_t half = left / 2;
		at[0] += half & -(size_t)(sorted[at[0] + half - 1] < a);
		at[1] += half & -(size_t)(sorted[at[1] + half - 1] < b);
		at[2] += half & -(size_t)(sorted[at[2] + half - 1] < c);
		at[3] += half & -(size_t)(sorted[at[3] + half - 1] < d);
	}
	ranks[0] = (uint32_t)at[0] + (sorted[at[0]] < a);
	ranks[1] = (uint32_t)at[1] + (sorted[at[1]] < b);
	ranks[2] = (uint32_t)at[2] + (sorted[at[2]] < c);
	ranks[3] = (uint32_t)at[3] + (sorted[at[3]] < d);
}

void feature_cuts_rank(const feature_cuts_t *cuts, const double *values, size_t stride,
                       size_t count, uint32_t *ranks)
{
	size_t i = 0;
	for (; cuts->count > 0 && i + 4 <= count; i += 4) {
		rank_four(cuts, values + i * stride, stride, ranks + i);
	}
	for (; i < count; i++) {
		ranks[i] = (uint32_t)rank_one(cuts, values[i * stride]);
	}
}
