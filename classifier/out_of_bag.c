/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out-of-bag estimate.
 *
 * L. Breiman: Random Forests, Machine Learning 45(1), 2001, section 3.1. A tree
 * leaves out about 37 % of the rows; their mean vote over the trees that left
 * them out is a prediction on unseen data, and no test set is needed.
 *
 * It is done behind the training, 64 rows at a time (one word of every bag),
 * trees in order: sums of doubles then do not depend on the threads.
 */
#include "classifier/out_of_bag.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/workers.h"

/* What the threads share. */
typedef struct {
	const forest_t *forest;
	const dataset_t *dataset;
	const uint64_t *bags;
	double *probabilities;     /* rows x classes, or NULL */
	_Atomic uint64_t *counts;  /* per class: rows, predicted, right */
} estimate_t;

static void *begin(void *context)
{
	const estimate_t *estimate = context;
	return calloc(BAG_WORD * estimate->forest->classes, sizeof(double));
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

/* Adds the leaves of one tree for the rows of a word that it left out. */
static void add_tree(const estimate_t *estimate, size_t tree, size_t word, uint64_t out,
                     double *sums, unsigned *trees)
{
	const forest_t *forest = estimate->forest;
	const double *block = dataset_matrix(estimate->dataset) + word * BAG_WORD * forest->features;
	const tree_node_t *root = forest->nodes + forest->starts[tree];
	for (; out != 0; out &= out - 1) {
		unsigned row = (unsigned)__builtin_ctzll(out);
		uint32_t leaf = tree_walk(root, block + row * forest->features);
		for (size_t i = 0; i < forest->classes; i++) {
			sums[row * forest->classes + i] += forest->leaves[leaf * forest->classes + i];
		}
		trees[row]++;
	}
}

static status_t work(void *context, void *rooms, size_t word)
{
	const estimate_t *estimate = context;
	const forest_t *forest = estimate->forest;
	size_t rows = dataset_rows(estimate->dataset), words = BAG_WORDS(rows);
	size_t count = rows - word * BAG_WORD < BAG_WORD ? rows - word * BAG_WORD : BAG_WORD;
	uint64_t all = count == BAG_WORD ? UINT64_MAX : (UINT64_C(1) << count) - 1;
	unsigned trees[BAG_WORD] = { 0 };
	double *sums = rooms;
	memset(sums, 0, BAG_WORD * forest->classes * sizeof(*sums));
	for (size_t tree = 0; tree < forest->trees; tree++) {
		add_tree(estimate, tree, word, all & ~estimate->bags[tree * words + word], sums, trees);
	}
	for (size_t i = 0; i < count; i++) {
		count_row(estimate, word * BAG_WORD + i, sums + i * forest->classes, trees[i]);
	}
	return STATUS_OK;
}

status_t out_of_bag_tally(const forest_t *forest, const dataset_t *dataset, const uint64_t *bags,
                          const training_t *training, model_tally_t *tallies)
{
	static const work_t job = { .begin = begin, .work = work, .end = free };
	estimate_t estimate = {
		.forest = forest, .dataset = dataset, .bags = bags,
		.probabilities = training->out_of_bag,
		.counts = calloc(3 * forest->classes, sizeof(*estimate.counts)),
	};
	if (estimate.counts == NULL) {
		return STATUS_NO_MEMORY;
	}
	status_t status = workers_run(&job, &estimate, BAG_WORDS(dataset_rows(dataset)),
	                              training->threads);
	for (size_t i = 0; i < forest->classes; i++) {
		tallies[i] = (model_tally_t) {
			.rows = estimate.counts[3 * i], .predicted = estimate.counts[3 * i + 1],
			.right = estimate.counts[3 * i + 2],
		};
	}
	free(estimate.counts);
	return status;
}
