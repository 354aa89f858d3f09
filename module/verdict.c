/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts. */
#include "module/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sensor/mapping.h"

#define STRIDE (sizeof(originator_features_t) / sizeof(double))
_Static_assert(sizeof(originator_features_t) % sizeof(double) == 0, "rows are a matrix of doubles");

static void fill_row(store_row_t *row, const model_watch_t *watch, const double *probabilities,
                     const verdict_shares_t *shares)
{
	/* The share is a float: as one, 14 of 20 are not below 0.7. */
	row->little_known = row->features.known_names < (float)shares->min_known;
	row->unverified = (float)row->features.verified / (float)row->features.queriers <
	                  (float)shares->min_verified;
	size_t best = model_verdict(watch->model, probabilities);
	row->probability = probabilities[best];
	row->scan_probability = probabilities[watch->scan];
	(void)snprintf(row->class_name, sizeof(row->class_name), "%s",
	               model_class_name(watch->model, best));
}

store_row_t *verdict_rows(const extraction_t *extraction, const model_watch_t *watch,
                          const verdict_shares_t *shares)
{
	store_row_t *rows = calloc(extraction->count + 1, sizeof(*rows));
	if (rows == NULL) {
		return NULL;
	}
	mapping_dense(rows, (extraction->count + 1) * sizeof(*rows));
	for (size_t i = 0; i < extraction->count; i++) {
		rows[i].features = extraction->rows[i];
		rows[i].probability = rows[i].scan_probability = NAN;
	}
	if (watch->model == NULL || extraction->count == 0) {
		return rows;
	}
	size_t classes = model_class_count(watch->model);
	double *probabilities = malloc(extraction->count * classes * sizeof(*probabilities));
	if (probabilities == NULL) {
		free(rows);
		return NULL;
	}
	model_predict(watch->model, extraction->rows[0].features, extraction->count, STRIDE,
	              watch->columns, probabilities);
	for (size_t i = 0; i < extraction->count; i++) {
		fill_row(&rows[i], watch, probabilities + i * classes, shares);
	}
	free(probabilities);
	return rows;
}

/* Threshold of the class scan; NaN if the model has none, or its positive class is another. */
static double scan_threshold(const model_watch_t *watch)
{
	size_t positive = watch->scan;
	double threshold = watch->model != NULL ? model_threshold(watch->model, &positive) : NAN;
	return positive == watch->scan ? threshold : NAN;
}

store_window_t verdict_window(const extraction_t *extraction, const store_row_t *rows,
                              const model_watch_t *watch, const char *scope, bool closed,
                              const verdict_shares_t *shares, uint64_t now)
{
	store_window_t window = {
		.start = extraction->start,
		.since = extraction->since,
		.length = extraction->length,
		.family = extraction->family,
		.closed = closed,
		.updated = now,
		.counts = extraction->counts,
		.originators = extraction->originators,
		.queriers = extraction->queriers,
		.as_numbers = extraction->as_numbers,
		.countries = extraction->countries,
		.analyzable = extraction->count,
		.model = watch->model != NULL ? model_checksum(watch->model) : 0,
		.threshold = scan_threshold(watch),
		.min_known = shares->min_known,
		.min_verified = shares->min_verified,
	};
	(void)snprintf(window.scope, sizeof(window.scope), "%s", scope);
	for (size_t i = 0; i < extraction->count; i++) {
		window.scanners += store_row_is_scan(&rows[i]);
	}
	return window;
}
