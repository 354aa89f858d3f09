/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prediction: many walks through trees at once.
 *
 * A walk is a chain of loads, each of which waits for the one before: what is fast is to
 * have many walks under way, none of which has to guess its way. How they go is the
 * walkers' matter; here is what is common to all of them: batches, and sums in the order
 * of the trees, so that no way changes a bit.
 */
#include "classifier/forest_walk.h"

#include "classifier/limits.h"

/* Words of the rows that pass the trees together, 256 KiB: a large forest comes from the far
 * memory once for each such block, so it should be large, but fit in a second cache. */
#define PREPARED_MAX (1 << 17)

/* So few rows pass several trees together. */
#define FEW_ROWS 64

/* So many rows will touch most of a tree. */
#define FETCHED_ROWS 512

/* Four words hold a double, more than any walker wants of a feature. */
_Static_assert(PREPARED_MAX >= 4 * MODEL_FEATURES_MAX, "room for a row");

const walker_t *const walkers[] = {
	&walker_clusters, &walker_steps, &walker_nodes, &walker_clusters_plain,
};

const size_t walker_count = sizeof(walkers) / sizeof(walkers[0]);

void forest_decompile(forest_t *forest)
{
	if (forest->form != NULL) {
		forest->walker->destroy(forest->form);
	}
	forest_cuts_destroy(forest->cuts);
	forest->form = NULL;
	forest->cuts = NULL;
	forest->walker = NULL;
}

static bool compile_as(forest_t *forest, const walker_t *walker, size_t threads)
{
	if (!walker->create(forest, forest->cuts, threads, &forest->form)) {
		return false;
	}
	forest->walker = forest->form != NULL ? walker : NULL;
	return true;
}

bool forest_compile(forest_t *forest, const walker_t *walker, size_t threads)
{
	forest_decompile(forest);
	forest->cuts = forest_cuts_create(forest, threads);
	bool good = forest->cuts != NULL && (walker == NULL || compile_as(forest, walker, threads));
	for (size_t i = 0; good && forest->walker == NULL; i++) {
		good = !walkers[i]->is_available() || compile_as(forest, walkers[i], threads);
	}
	if (!good) {
		forest_decompile(forest);
	}
	return good;
}

void forest_rank(const forest_t *forest, const double *block, size_t rows, put_ranks_t put,
                 uint16_t *prepared)
{
	uint32_t ranks[RANKED_ROWS];
	size_t features = forest->features;
	for (size_t first = 0; first < rows; first += RANKED_ROWS) {
		size_t count = rows - first < RANKED_ROWS ? rows - first : RANKED_ROWS;
		for (size_t feature = 0; feature < features; feature++) {
			const double *values = block + first * features + feature;
			feature_cuts_rank(&forest->cuts->feature[feature], values, features, count, ranks);
			put(forest, feature, first, count, values, ranks, prepared);
		}
	}
}

/* Takes many rows through one tree after the other. */
static void add_batch(const forest_t *forest, const uint16_t *prepared, size_t rows, double *sums)
{
	const walker_t *walker = forest->walker;
	uint32_t row_of[WALKS_MAX], places[WALKS_MAX];
	size_t words = walker->row_words(forest);
	for (size_t i = 0; i < WALKS_MAX; i++) {
		row_of[i] = (uint32_t)i;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		if (rows >= FETCHED_ROWS && walker->fetch != NULL && tree + 1 < forest->trees) {
			walker->fetch(forest, tree + 1);
		}
		for (size_t row = 0; row < rows; row += WALKS_MAX) {
			size_t some = rows - row < WALKS_MAX ? rows - row : WALKS_MAX;
			for (size_t i = 0; i < some; i++) {
				places[i] = (uint32_t)tree;
			}
			walker->walk(forest, prepared + row * words, row_of, places, some);
			for (size_t i = 0; i < some; i++) {
				forest_add_leaf(forest, places[i], sums + (row + i) * forest->classes);
			}
		}
	}
}

/* Takes few rows through several trees at once, so that enough walks are under way. */
static void add_few(const forest_t *forest, const uint16_t *prepared, size_t rows, double *sums)
{
	uint32_t row_of[WALKS_MAX], places[WALKS_MAX];
	size_t at_once = WALKS_MAX / rows;
	for (size_t i = 0; i < at_once * rows; i++) {
		row_of[i] = (uint32_t)(i % rows);
	}
	for (size_t tree = 0; tree < forest->trees; tree += at_once) {
		size_t trees = forest->trees - tree < at_once ? forest->trees - tree : at_once;
		for (size_t i = 0; i < trees * rows; i++) {
			places[i] = (uint32_t)(tree + i / rows);
		}
		forest->walker->walk(forest, prepared, row_of, places, trees * rows);
		for (size_t i = 0; i < trees * rows; i++) {
			forest_add_leaf(forest, places[i], sums + row_of[i] * forest->classes);
		}
	}
}

void forest_predict(const void *learned, const double *block, size_t rows, double *probabilities)
{
	const forest_t *forest = learned;
	_Alignas(64) uint16_t prepared[PREPARED_MAX];
	size_t classes = forest->classes, most = PREPARED_MAX / forest->walker->row_words(forest);
	for (size_t i = 0; i < rows * classes; i++) {
		probabilities[i] = 0;
	}
	for (size_t done = 0; done < rows; done += most) {
		size_t some = rows - done < most ? rows - done : most;
		forest->walker->prepare(forest, block + done * forest->features, some, prepared);
		(some > FEW_ROWS ? add_batch : add_few)(forest, prepared, some,
		                                        probabilities + done * classes);
	}
	for (size_t i = 0; i < rows * classes; i++) {
		probabilities[i] /= (double)forest->trees;
	}
}
