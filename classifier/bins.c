/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bins. A cut between two of 256 groups of neighbouring values is nearly always as
 * good as the best of all cuts, and small numbers can be counted instead of sorted
 * (K. Alsabti, S. Ranka, V. Singh: CLOUDS, KDD 1998; G. Ke et al.: LightGBM, NIPS 2017).
 *
 * Each feature's values are sorted as integers (order.h). The distinct ones are dealt
 * out evenly, and each value finds its bin in eight
 * steps among the bins' lowest values.
 *
 * Bins lie row after row: the few features that a node tries are then in one or two
 * cache lines of each of its rows, and the rows of a node are far apart.
 *
 *     row 0   | feature 0 | feature 1 | feature 2 |     a byte each
 *     row 1   | feature 0 | ...
 *
 * Memory: a byte per value; while they are made, 16 bytes per row and thread.
 */
#include "classifier/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/order.h"
#include "classifier/workers.h"

/* Rows that are binned in one go: they stay in the near caches for all features. */
#define BLOCK_ROWS 512

/* What the threads share. */
typedef struct {
	bins_t *bins;
	const double *matrix;
} binning_t;

static void *begin(void *context)
{
	const binning_t *binning = context;
	return calloc(2 * binning->bins->rows, sizeof(uint64_t));
}

/* Finds the bins of one feature. */
static status_t make_edges(void *context, void *rooms, size_t feature)
{
	const binning_t *binning = context;
	bins_t *bins = binning->bins;
	uint64_t *keys = rooms;
	size_t count = 0;
	for (size_t row = 0; row < bins->rows; row++) {
		double value = binning->matrix[row * bins->features + feature];
		if (!isnan(value)) {
			keys[count++] = order_key(value);
		}
	}
	keys = order_sort(keys, keys + bins->rows, count);
	size_t distinct = order_distinct(keys, count);
	size_t most = count < bins->rows ? BINS - 1 : BINS, used = distinct < most ? distinct : most;
	double *lows = bins->lows + feature * BINS, *highs = bins->highs + feature * BINS;
	for (size_t i = 0; i < used; i++) {
		lows[i] = order_value(keys[i * distinct / used]);
		highs[i] = order_value(keys[(i + 1) * distinct / used - 1]);
	}
	for (size_t i = used; i < BINS; i++) {
		lows[i] = highs[i] = INFINITY;
	}
	bins->missing[feature] = count < bins->rows ? (uint32_t)used : BINS;
	return STATUS_OK;
}

/* The last bin that does not begin above the value. */
static inline size_t find_bin(const double *lows, double value)
{
	size_t at = 0;
	#pragma GCC unroll 8
	for (size_t step = BINS / 2; step > 0; step /= 2) {
		at += lows[at + step] <= value ? step : 0;
	}
	return at;
}

static status_t fill_block(void *context, void *rooms, size_t block)
{
	(void)rooms;
	const binning_t *binning = context;
	bins_t *bins = binning->bins;
	size_t features = bins->features, from = block * BLOCK_ROWS;
	size_t to = from + BLOCK_ROWS < bins->rows ? from + BLOCK_ROWS : bins->rows;
	for (size_t feature = 0; feature < features; feature++) {
		const double *lows = bins->lows + feature * BINS;
		size_t missing = bins->missing[feature];
		for (size_t row = from; row < to; row++) {
			double value = binning->matrix[row * features + feature];
			size_t bin = find_bin(lows, value);
			bins->matrix[row * features + feature] = (uint8_t)(isnan(value) ? missing : bin);
		}
	}
	return STATUS_OK;
}

static status_t fill(binning_t *binning, size_t threads)
{
	const work_t edges = { .begin = begin, .work = make_edges, .end = free };
	const work_t blocks = { .work = fill_block };
	status_t status = workers_run(&edges, binning, binning->bins->features, threads);
	if (status == STATUS_OK) {
		size_t count = (binning->bins->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
		status = workers_run(&blocks, binning, count, threads);
	}
	return status;
}

bins_t *bins_create(const dataset_t *dataset, size_t threads)
{
	size_t rows = dataset_rows(dataset), features = dataset_features(dataset);
	bins_t *bins = calloc(1, sizeof(*bins));
	if (bins == NULL) {
		return NULL;
	}
	*bins = (bins_t) {
		.rows = rows, .features = features,
		.matrix = reallocarray(NULL, rows, features),
		.lows = calloc(features * BINS, sizeof(*bins->lows)),
		.highs = calloc(features * BINS, sizeof(*bins->highs)),
		.missing = calloc(features, sizeof(*bins->missing)),
	};
	binning_t binning = { .bins = bins, .matrix = dataset_matrix(dataset) };
	if (bins->matrix == NULL || bins->lows == NULL || bins->highs == NULL ||
	    bins->missing == NULL || fill(&binning, threads) != STATUS_OK) {
		bins_destroy(bins);
		return NULL;
	}
	return bins;
}

void bins_destroy(bins_t *bins)
{
	if (bins != NULL) {
		free(bins->matrix);
		free(bins->lows);
		free(bins->highs);
		free(bins->missing);
		free(bins);
	}
}
