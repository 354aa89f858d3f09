/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Training of a random forest.
 *
 * L. Breiman: Random Forests, Machine Learning 45(1), 2001. Each tree learns from
 * a bag: as many rows as there are, drawn with replacement, so that a row has a
 * weight of 0, 1, 2, ...; and at each split it tries a few features drawn anew.
 * A forest predicts the mean of its trees' leaf frequencies.
 *
 * Tree t draws everything from stream t of the seed and is kept in place t: so the
 * threads, which take trees from a counter, cannot change the forest (as in M.
 * Wright, A. Ziegler: ranger, Journal of Statistical Software 77(1), 2017).
 *
 * Cost: trees x mtry x rows x depth steps; memory: the bins (1 byte per value; exact
 * splits 12 bytes), 24 bytes per row and thread, and one bit per row and tree.
 */
#include "classifier/forest_train.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/forest_walk.h"
#include "classifier/limits.h"
#include "classifier/out_of_bag.h"
#include "classifier/tree_train.h"
#include "classifier/workers.h"

/* What the threads share. */
typedef struct {
	const dataset_t *dataset;
	const training_t *training;
	ranks_t *ranks;      /* for exact splits */
	bins_t *bins;        /* for binned splits */
	size_t count;        /* of trees */
	grown_tree_t *trees;
	uint64_t *bags;      /* NULL: every tree learns from all rows */
	atomic_size_t size;  /* of all trees together, in bytes */
} nursery_t;

static void *begin(void *context)
{
	const nursery_t *nursery = context;
	return tree_grower_create(nursery->dataset, nursery->ranks, nursery->bins, nursery->training);
}

static void end(void *rooms)
{
	tree_grower_destroy(rooms);
}

/* Draws a bag: weights for the grower, bits for the out-of-bag estimate. */
static void draw_bag(uint32_t *weights, uint64_t *bag, size_t rows, generator_t *generator)
{
	memset(weights, 0, rows * sizeof(*weights));
	for (size_t i = 0; i < rows; i++) {
		weights[generator_below(generator, rows)]++;
	}
	for (size_t row = 0; row < rows; row++) {
		bag[row / BAG_WORD] |= (uint64_t)(weights[row] > 0) << row % BAG_WORD;
	}
}

/*
 * Counts a tree, which takes as many bytes in a file as in memory. Fully grown trees on many
 * millions of rows are larger together than any model may be. The first tree, always the same
 * one, tells that soon: the others are about as large, and twice too large leaves no doubt.
 */
static status_t count_size(nursery_t *nursery, size_t number, const grown_tree_t *tree)
{
	size_t classes = dataset_classes(nursery->dataset);
	size_t size = tree->count * sizeof(*tree->nodes) +
	              tree->leaf_count * classes * sizeof(*tree->leaves);
	if (number == 0 && size > 2 * MODEL_SIZE_MAX / nursery->count) {
		return STATUS_UNSUPPORTED;
	}
	size += atomic_fetch_add(&nursery->size, size);
	return size > MODEL_SIZE_MAX ? STATUS_UNSUPPORTED : STATUS_OK;
}

static status_t work(void *context, void *rooms, size_t tree)
{
	nursery_t *nursery = context;
	tree_grower_t *grower = rooms;
	size_t rows = dataset_rows(nursery->dataset);
	generator_t generator = generator_make(nursery->training->seed, tree);
	uint32_t *weights = tree_grower_weights(grower);
	if (nursery->bags != NULL) {
		draw_bag(weights, nursery->bags + tree * BAG_WORDS(rows), rows, &generator);
	} else {
		for (size_t row = 0; row < rows; row++) {
			weights[row] = 1;
		}
	}
	status_t status = tree_grow(grower, &generator, &nursery->trees[tree]);
	return status == STATUS_OK ? count_size(nursery, tree, &nursery->trees[tree]) : status;
}

/* Where grown trees go. */
typedef struct {
	forest_t *forest;
	grown_tree_t *trees;
	size_t *leaf_starts;  /* per tree: its first row of the table of leaves */
} bed_t;

/* Copies a grown tree to its place in the forest and frees it. */
static status_t plant(void *context, void *rooms, size_t tree)
{
	(void)rooms;
	const bed_t *bed = context;
	grown_tree_t *grown = &bed->trees[tree];
	size_t classes = bed->forest->classes, leaf_start = bed->leaf_starts[tree];
	tree_node_t *nodes = bed->forest->nodes + bed->forest->starts[tree];
	memcpy(nodes, grown->nodes, grown->count * sizeof(*nodes));
	for (size_t i = 0; i < grown->count; i++) {
		if (nodes[i].leaf && nodes[i].child >= classes) {
			nodes[i].child += (uint32_t)(leaf_start - classes);
		}
	}
	if (grown->leaf_count > 0) {
		memcpy(bed->forest->leaves + leaf_start * classes, grown->leaves,
		       grown->leaf_count * classes * sizeof(*grown->leaves));
	}
	grown_tree_clear(grown);
	return STATUS_OK;
}

/* Large forests are gigabytes, whose pages the system gives one by one: all threads copy. */
static forest_t *plant_all(const nursery_t *nursery)
{
	static const work_t job = { .work = plant };
	size_t nodes = 0, classes = dataset_classes(nursery->dataset), leaf_rows = classes;
	bed_t bed = { .trees = nursery->trees };
	bed.leaf_starts = calloc(nursery->count, sizeof(*bed.leaf_starts));
	for (size_t i = 0; i < nursery->count && bed.leaf_starts != NULL; i++) {
		bed.leaf_starts[i] = leaf_rows;
		nodes += nursery->trees[i].count;
		leaf_rows += nursery->trees[i].leaf_count;
	}
	/* A leaf, and a node, is named by 32 bits, with a sign where they are gathered. */
	if (bed.leaf_starts != NULL && leaf_rows <= INT32_MAX && nodes <= INT32_MAX) {
		bed.forest = forest_create(dataset_features(nursery->dataset), classes, nursery->count,
		                           nodes, leaf_rows);
	}
	for (size_t i = 0; i < nursery->count && bed.forest != NULL; i++) {
		bed.forest->starts[i + 1] = bed.forest->starts[i] + nursery->trees[i].count;
	}
	if (bed.forest != NULL &&
	    workers_run(&job, &bed, nursery->count, nursery->training->threads) != STATUS_OK) {
		forest_destroy(bed.forest);
		bed.forest = NULL;
	}
	free(bed.leaf_starts);
	return bed.forest;
}

static status_t train(nursery_t *nursery, void **out, model_tally_t *tallies)
{
	const work_t job = {
		.begin = begin, .work = work, .end = end,
		.progress = nursery->training->progress,
		.progress_context = nursery->training->progress_context,
	};
	status_t status = workers_run(&job, nursery, nursery->count, nursery->training->threads);
	if (status != STATUS_OK) {
		return status;
	}
	forest_t *forest = plant_all(nursery);
	if (forest == NULL || !forest_compile(forest, NULL, nursery->training->threads)) {
		forest_destroy(forest);
		return STATUS_NO_MEMORY;
	}
	if (nursery->bags != NULL) {
		status = out_of_bag_tally(forest, nursery->dataset, nursery->bags, nursery->training,
		                          tallies);
	}
	if (status != STATUS_OK) {
		forest_destroy(forest);
		return status;
	}
	*out = forest;
	return STATUS_OK;
}

static status_t train_with_rooms(nursery_t *nursery, bool bags, void **forest,
                                 model_tally_t *tallies)
{
	const training_t *training = nursery->training;
	if (training->splits == SPLITS_EXACT) {
		nursery->ranks = ranks_create(nursery->dataset);
	} else {
		nursery->bins = bins_create(nursery->dataset, training->threads);
	}
	nursery->trees = calloc(nursery->count, sizeof(*nursery->trees));
	if (bags) {
		nursery->bags = calloc(nursery->count * BAG_WORDS(dataset_rows(nursery->dataset)),
		                       sizeof(*nursery->bags));
	}
	status_t status = STATUS_NO_MEMORY;
	if ((nursery->ranks != NULL || nursery->bins != NULL) && nursery->trees != NULL &&
	    (!bags || nursery->bags != NULL)) {
		status = train(nursery, forest, tallies);
	}
	for (size_t i = 0; i < nursery->count && nursery->trees != NULL; i++) {
		grown_tree_clear(&nursery->trees[i]);
	}
	free(nursery->trees);
	free(nursery->bags);
	ranks_destroy(nursery->ranks);
	bins_destroy(nursery->bins);
	return status;
}

status_t forest_train(const dataset_t *dataset, const training_t *training, void **forest,
                      model_tally_t *tallies)
{
	nursery_t nursery = { .dataset = dataset, .training = training, .count = training->trees };
	return train_with_rooms(&nursery, true, forest, tallies);
}

status_t forest_train_single(const dataset_t *dataset, const training_t *training, void **forest,
                             model_tally_t *tallies)
{
	nursery_t nursery = { .dataset = dataset, .training = training, .count = 1 };
	if (training->out_of_bag != NULL) {
		size_t count = dataset_rows(dataset) * dataset_classes(dataset);
		for (size_t i = 0; i < count; i++) {
			training->out_of_bag[i] = NAN;
		}
	}
	return train_with_rooms(&nursery, false, forest, tallies);
}
