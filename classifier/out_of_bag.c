/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out-of-bag estimate.
 *
 * L. Breiman: Random Forests, Machine Learning 45(1), 2001, section 3.1. A tree
 * leaves out about 37 % of the rows; their mean vote over the trees that left
 * them out is a prediction on unseen data, and no test set is needed.
 *
 * It is done behind the training, 256 rows at a time (four words of every bag),
 * trees in order: sums of doubles then do not depend on the threads.
 */
#include "classifier/out_of_bag.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/forest_walk.h"
#include "classifier/workers.h"

/* Words of a bag in a piece of work, and their rows. */
#define PIECE_WORDS 4
#define PIECE_ROWS (PIECE_WORDS * BAG_WORD)

_Static_assert(PIECE_ROWS <= WALKS_MAX, "the rows of a piece walk at once");

/* What the threads share. */
typedef struct {
	const forest_t *forest;
	const dataset_t *dataset;
	const uint64_t *bags;
	double *probabilities;     /* rows x classes, or NULL */
	_Atomic uint64_t *counts;  /* per class: rows, predicted, right */
} estimate_t;

/* Of one thread. */
typedef struct {
	double *sums;     /* PIECE_ROWS x classes */
	uint16_t *prepared;  /* PIECE_ROWS rows, by the forest's walker */
} rooms_t;

static void end(void *context)
{
	rooms_t *rooms = context;
	free(rooms->sums);
	free(rooms->prepared);
	free(rooms);
}

static void *begin(void *context)
{
	const estimate_t *estimate = context;
	rooms_t *rooms = calloc(1, sizeof(*rooms));
	if (rooms == NULL) {
		return NULL;
	}
	rooms->sums = calloc(PIECE_ROWS * estimate->forest->classes, sizeof(*rooms->sums));
	size_t words = estimate->forest->walker->row_words(estimate->forest);
	rooms->prepared = aligned_alloc(64, PIECE_ROWS * words * sizeof(*rooms->prepared));
	if (rooms->sums == NULL || rooms->prepared == NULL) {
		end(rooms);
		return NULL;
	}
	return rooms;
}

/* Turns a row's sum into probabilities, and counts it. */
static void count_row(const estimate_t *estimate, size_t row, double *sum, unsigned trees)
{
	size_t classes = estimate->forest->classes;
	if (trees > 0) {
		for (size_t i = 0; i < classes; i++) {
			sum[i] /= trees;
		}
		size_t told = model_class_argmax(sum, classes);
		size_t class_index = dataset_labels(estimate->dataset)[row];
		atomic_fetch_add(&estimate->counts[3 * class_index], 1);
		atomic_fetch_add(&estimate->counts[3 * told + 1], 1);
		atomic_fetch_add(&estimate->counts[3 * class_index + 2], told == class_index);
	}
	if (estimate->probabilities != NULL) {
		for (size_t i = 0; i < classes; i++) {
			estimate->probabilities[row * classes + i] = trees > 0 ? sum[i] : NAN;
		}
	}
}

/* Adds the leaves of one tree for the rows of a piece that it left out. */
static void add_tree(const estimate_t *estimate, size_t tree, size_t first, size_t count,
                     const rooms_t *rooms, uint32_t *votes)
{
	const forest_t *forest = estimate->forest;
	const uint64_t *bag = estimate->bags + tree * BAG_WORDS(dataset_rows(estimate->dataset)) +
	                      first / BAG_WORD;
	uint32_t rows[PIECE_ROWS], places[PIECE_ROWS];
	size_t walks = 0;
	for (size_t row = 0; row < count; row++) {
		rows[walks] = (uint32_t)row;
		places[walks] = (uint32_t)tree;
		walks += ~bag[row / BAG_WORD] >> row % BAG_WORD & 1;
	}
	forest->walker->walk(forest, rooms->prepared, rows, places, walks);
	for (size_t i = 0; i < walks; i++) {
		forest_add_leaf(forest, places[i], rooms->sums + rows[i] * forest->classes);
		votes[rows[i]]++;
	}
}

static status_t work(void *context, void *given, size_t piece)
{
	const estimate_t *estimate = context;
	const forest_t *forest = estimate->forest;
	const rooms_t *rooms = given;
	size_t rows = dataset_rows(estimate->dataset), first = piece * PIECE_ROWS;
	size_t count = rows - first < PIECE_ROWS ? rows - first : PIECE_ROWS;
	uint32_t votes[PIECE_ROWS] = { 0 };
	memset(rooms->sums, 0, PIECE_ROWS * forest->classes * sizeof(*rooms->sums));
	forest->walker->prepare(forest, dataset_matrix(estimate->dataset) + first * forest->features,
	                        count, rooms->prepared);
	for (size_t tree = 0; tree < forest->trees; tree++) {
		add_tree(estimate, tree, first, count, rooms, votes);
	}
	for (size_t i = 0; i < count; i++) {
		count_row(estimate, first + i, rooms->sums + i * forest->classes, votes[i]);
	}
	return STATUS_OK;
}

status_t out_of_bag_tally(const forest_t *forest, const dataset_t *dataset, const uint64_t *bags,
                          const training_t *training, model_tally_t *tallies)
{
	static const work_t job = { .begin = begin, .work = work, .end = end };
	estimate_t estimate = {
		.forest = forest, .dataset = dataset, .bags = bags,
		.probabilities = training->out_of_bag,
		.counts = calloc(3 * forest->classes, sizeof(*estimate.counts)),
	};
	if (estimate.counts == NULL) {
		return STATUS_NO_MEMORY;
	}
	size_t pieces = (dataset_rows(dataset) + PIECE_ROWS - 1) / PIECE_ROWS;
	status_t status = workers_run(&job, &estimate, pieces, training->threads);
	for (size_t i = 0; i < forest->classes; i++) {
		tallies[i] = (model_tally_t) {
			.rows = estimate.counts[3 * i], .predicted = estimate.counts[3 * i + 1],
			.right = estimate.counts[3 * i + 2],
		};
	}
	free(estimate.counts);
	return status;
}
