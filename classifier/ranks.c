/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranks. A split of a tree only asks which values are below which, so the trees
 * are grown on small integers: they are sorted without comparisons, equal values
 * are equal numbers, and all trees share the one costly sort of the doubles.
 */
#include "classifier/ranks.h"

#include <math.h>
#include <stdlib.h>

/* A value that is present, and where it stands. */
typedef struct {
	double value;
	uint32_t row;
} entry_t;

static int entry_compare(const void *a, const void *b)
{
	double x = ((const entry_t *)a)->value, y = ((const entry_t *)b)->value;
	return (x > y) - (x < y);
}

/* Ranks one feature; `entries` has room for all rows. */
static void rank_feature(ranks_t *ranks, const double *matrix, size_t feature, entry_t *entries)
{
	uint32_t *column = ranks->ranks + feature * ranks->rows;
	double *values = ranks->values + ranks->starts[feature];
	size_t present = 0, distinct = 0;
	for (size_t row = 0; row < ranks->rows; row++) {
		double value = matrix[row * ranks->features + feature];
		if (!isnan(value)) {
			entries[present++] = (entry_t) { value, (uint32_t)row };
		}
	}
	if (present > 0) {
		qsort(entries, present, sizeof(*entries), entry_compare);
	}
	for (size_t i = 0; i < present; i++) {
		if (i == 0 || entries[i].value != entries[i - 1].value) {
			values[distinct++] = entries[i].value;
		}
		column[entries[i].row] = (uint32_t)distinct - 1;
	}
	ranks->starts[feature + 1] = ranks->starts[feature] + distinct;
	for (size_t row = 0; row < ranks->rows; row++) {
		if (isnan(matrix[row * ranks->features + feature])) {
			column[row] = (uint32_t)distinct;
		}
	}
}

ranks_t *ranks_create(const dataset_t *dataset)
{
	size_t rows = dataset_rows(dataset), features = dataset_features(dataset);
	ranks_t *ranks = calloc(1, sizeof(*ranks));
	entry_t *entries = calloc(rows, sizeof(*entries));
	if (ranks != NULL) {
		*ranks = (ranks_t) {
			.rows = rows, .features = features,
			.ranks = reallocarray(NULL, rows * features, sizeof(*ranks->ranks)),
			.values = reallocarray(NULL, rows * features, sizeof(*ranks->values)),
			.starts = calloc(features + 1, sizeof(*ranks->starts)),
		};
	}
	if (ranks == NULL || entries == NULL || ranks->ranks == NULL || ranks->values == NULL ||
	    ranks->starts == NULL) {
		ranks_destroy(ranks);
		free(entries);
		return NULL;
	}
	for (size_t i = 0; i < features; i++) {
		rank_feature(ranks, dataset_matrix(dataset), i, entries);
	}
	free(entries);
	return ranks;
}

void ranks_destroy(ranks_t *ranks)
{
	if (ranks != NULL) {
		free(ranks->ranks);
		free(ranks->values);
		free(ranks->starts);
		free(ranks);
	}
}
