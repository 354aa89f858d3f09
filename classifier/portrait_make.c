/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The portrait of training data.
 *
 * The probability of a row that was learnt from is the one out of bag: a forest is surer of
 * rows that it knows than of any that come later. Rows without a label were learnt from by
 * nobody, so theirs is the model's.
 */
#include "classifier/portrait_make.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/model_kind.h"

#define ROWS_FIRST 256

/* Streams of the seed below this one are the learner's. */
#define STREAM (UINT64_C(5) << 32)

witness_t witness_begin(uint64_t seed)
{
	return (witness_t) { .generator = generator_make(seed, STREAM) };
}

void witness_clear(witness_t *witness)
{
	free(witness->matrix);
	*witness = (witness_t) { 0 };
}

/* Where a row goes; NULL if it is not kept. */
static double *place_of(witness_t *witness)
{
	size_t features = witness->features;
	if (witness->rows == WITNESS_ROWS) {
		uint64_t place = generator_below(&witness->generator, witness->seen);
		return place < WITNESS_ROWS ? witness->matrix + place * features : NULL;
	}
	if (witness->rows == witness->capacity) {
		size_t capacity = witness->capacity * 2 + ROWS_FIRST;
		double *matrix = reallocarray(witness->matrix, capacity, features * sizeof(*matrix));
		if (matrix == NULL) {
			witness->failed = true;
			return NULL;
		}
		witness->matrix = matrix;
		witness->capacity = capacity;
	}
	return witness->matrix + witness->rows++ * features;
}

void witness_see(void *context, const double *values, size_t features,
                 const time_window_t *window, bool labelled)
{
	witness_t *witness = context;
	witness->features = features;
	if (!labelled) {
		witness->seen++;
		double *place = place_of(witness);
		if (place != NULL) {
			memcpy(place, values, features * sizeof(*values));
		}
	} else {
		portrait_extend(witness->spans, &witness->span_count, window);
	}
}

/* Rows of a sample: those of the dataset, and perhaps those of the witness. */
typedef struct {
	const dataset_t *dataset;
	const witness_t *witness;   /* NULL: without */
	double *probabilities;      /* of all */
	size_t rows;
} rows_t;

static double value_of(const rows_t *rows, size_t row, size_t column)
{
	size_t features = dataset_features(rows->dataset), learnt = dataset_rows(rows->dataset);
	if (column == features) {
		return rows->probabilities[row];
	}
	return row < learnt ? dataset_matrix(rows->dataset)[row * features + column] :
	       rows->witness->matrix[(row - learnt) * features + column];
}

/*
 * Of the probability only the side of the threshold is kept, that is, how many rows are flagged.
 * A forest is surer of an address that it has met, even of rows of another day, than out of
 * bag: with finer bins that alone would be taken for drift.
 */
static void cut_probability(const model_t *model, portrait_column_t *column)
{
	*column = (portrait_column_t) { .edges = 1 };
	column->edge[0] = nextafter(model->threshold.value, -INFINITY);
}

/* Fills a sample; \a values has room for a number of each row. */
static void fill(const model_t *model, const rows_t *rows, portrait_t *portrait,
                 portrait_sample_id_t id, double *values)
{
	portrait_sample_t *sample = &portrait->samples[id];
	sample->rows = rows->rows;
	for (size_t i = 0; i < portrait->columns; i++) {
		for (size_t row = 0; row < rows->rows; row++) {
			values[row] = value_of(rows, row, i);
		}
		portrait_cut(&sample->columns[i], values, rows->rows);
		if (i + 1 == portrait->columns && model->threshold.exists) {
			cut_probability(model, &sample->columns[i]);
		}
		for (size_t row = 0; row < rows->rows; row++) {
			portrait_count(&sample->columns[i], value_of(rows, row, i));
		}
	}
}

/* The probability that is kept of each row. */
static bool tell(const model_t *model, const dataset_t *dataset, const double *out_of_bag,
                 const witness_t *witness, double *kept)
{
	size_t classes = model_class_count(model), learnt = dataset_rows(dataset);
	double *probabilities = calloc(witness->rows * classes + 1, sizeof(*probabilities));
	if (probabilities == NULL) {
		return false;
	}
	for (size_t row = 0; row < learnt; row++) {
		const double *of_row = out_of_bag != NULL ? out_of_bag + row * classes : NULL;
		kept[row] = of_row == NULL || isnan(of_row[0]) ? NAN :
		            portrait_probability(model, of_row);
	}
	if (witness->rows > 0) {
		model_predict(model, witness->matrix, witness->rows, witness->features, NULL,
		              probabilities);
	}
	for (size_t row = 0; row < witness->rows; row++) {
		kept[learnt + row] = portrait_probability(model, probabilities + row * classes);
	}
	free(probabilities);
	return true;
}

status_t portrait_make(model_t *model, const dataset_t *dataset, const double *out_of_bag,
                      const witness_t *witness, failure_t *failure)
{
	size_t learnt = dataset_rows(dataset), all = learnt + witness->rows;
	portrait_t *portrait = portrait_create(dataset_features(dataset));
	double *kept = calloc(all, sizeof(*kept)), *values = calloc(all, sizeof(*values));
	bool good = portrait != NULL && kept != NULL && values != NULL && !witness->failed &&
	            tell(model, dataset, out_of_bag, witness, kept) &&
	            portrait_begin(portrait, PORTRAIT_LEARNT) && portrait_begin(portrait, PORTRAIT_ALL);
	if (good) {
		memcpy(portrait->spans, witness->spans, sizeof(portrait->spans));
		portrait->span_count = witness->span_count;
		fill(model, &(rows_t) { dataset, NULL, kept, learnt }, portrait, PORTRAIT_LEARNT, values);
		fill(model, &(rows_t) { dataset, witness, kept, all }, portrait, PORTRAIT_ALL, values);
		model_set_portrait(model, portrait);
	} else {
		portrait_destroy(portrait);
	}
	free(kept);
	free(values);
	return good ? STATUS_OK : failure_no_memory(failure, "the portrait of the training data");
}
