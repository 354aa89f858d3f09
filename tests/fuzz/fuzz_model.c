/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz target: any bytes as a model file. Length and checksum are made right
 * first, so that what comes behind them is reached. A model that is taken must
 * predict, tell a class, know its threshold and importances, give reasons that
 * sum to its answer, and write the bytes it was read from. Every other input is
 * also read as it is, which tries the head.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/explain.h"
#include "classifier/model_kind.h"
#include "classifier/portrait.h"
#include "tests/fuzz/fuzz.h"

/* Enough for rows that walk together and one that walks alone. */
#define ROWS 9

/* Reasons of the first row for the last class. */
static void explain(const model_t *model, const double *row, const double *probabilities)
{
	size_t features = model_feature_count(model), last = model_class_count(model) - 1;
	explainer_t *explainer;
	double *contributions = calloc(features, sizeof(*contributions));
	if (contributions != NULL && explainer_create(model, last, &explainer, NULL) == STATUS_OK) {
		double sum = model_explain(explainer, row, contributions);
		for (size_t i = 0; i < features; i++) {
			sum += contributions[i];
		}
		fuzz_require(fabs(sum - probabilities[last]) < 1e-9);
		explainer_destroy(explainer);
	}
	free(contributions);
}

/* What it says about itself is in range, and all of it comes from the file. */
static void describe(const model_t *model, const uint8_t *bytes, size_t size)
{
	size_t positive = 0;
	double sum = 0, precision, threshold = model_threshold(model, &positive);
	fuzz_require(isnan(threshold) || (threshold >= 0 && threshold <= 1));
	fuzz_require(positive < model_class_count(model));
	fuzz_require(model_threshold_rule(model, &precision) < MODEL_RULES);
	fuzz_require(precision >= 0 && precision <= 1);
	for (size_t i = 0; i < model_feature_count(model); i++) {
		sum += model_feature_importance(model, i);
	}
	fuzz_require(sum == 0 || fabs(sum - 1) < 1e-6);
	const portrait_t *portrait = model_portrait(model);
	for (size_t i = 0; portrait != NULL && i < PORTRAIT_SAMPLES; i++) {
		const portrait_sample_t *sample = &portrait->samples[i];
		for (size_t j = 0; j < portrait->columns && sample->rows > 0; j++) {
			portrait_column_t now = portrait_empty(&sample->columns[j]);
			portrait_count(&now, 0.5);
			fuzz_require(portrait_psi(&sample->columns[j], &now) > -1e-9);
			fuzz_require(portrait_chance(&sample->columns[j], &now) >= 0);
		}
	}
	buffer_t again = { 0 };
	if (model_write(model, &again, NULL) == STATUS_OK) {
		fuzz_require(again.size == size && memcmp(again.data, bytes, size) == 0);
	}
	buffer_clear(&again);
}

/* Predictions must be probabilities, whatever the values. */
static void predict(const model_t *model)
{
	static const double values[] = { 0.5, NAN, -3, INFINITY, 0, 1e300 };
	size_t features = model_feature_count(model), classes = model_class_count(model);
	double *matrix = calloc(ROWS * features, sizeof(*matrix));
	double *probabilities = calloc(ROWS * classes, sizeof(*probabilities));
	for (size_t i = 0; matrix != NULL && i < ROWS * features; i++) {
		matrix[i] = values[i % (sizeof(values) / sizeof(values[0]))];
	}
	if (matrix != NULL && probabilities != NULL) {
		model_predict(model, matrix, ROWS, features, NULL, probabilities);
		for (size_t row = 0; row < ROWS; row++) {
			double sum = 0;
			for (size_t i = 0; i < classes; i++) {
				sum += probabilities[row * classes + i];
			}
			fuzz_require(fabs(sum - 1) < 1e-6);
			fuzz_require(model_verdict(model, probabilities + row * classes) < classes);
		}
		explain(model, matrix, probabilities);
	}
	free(matrix);
	free(probabilities);
}

static void try_bytes(const uint8_t *bytes, size_t size)
{
	model_t *model = NULL;
	failure_t failure;
	if (model_read(bytes, size, "fuzz", &model, &failure) == STATUS_OK) {
		describe(model, bytes, size);
		predict(model);
		model_destroy(model);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE || size % 2 == 1) {
		try_bytes(data, size);
	}
	if (size < MODEL_HEAD_SIZE + MODEL_CHECKSUM_SIZE) {
		return 0;
	}
	uint8_t *copy = malloc(size);
	if (copy != NULL) {
		memcpy(copy, data, size);
		model_seal(copy, size);
		try_bytes(copy, size);
		free(copy);
	}
	return 0;
}
