/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz target: any bytes as a model file. Length and checksum are made right
 * first, so that what comes behind them is reached; a model that is taken must
 * predict. Every other input is also read as it is, which tries the head.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/model_kind.h"

/* Enough for rows that walk together and one that walks alone. */
#define ROWS 9

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
			if (!(fabs(sum - 1) < 1e-6)) {
				abort();
			}
		}
	}
	free(matrix);
	free(probabilities);
}

static void try_bytes(const uint8_t *bytes, size_t size)
{
	model_t *model = NULL;
	failure_t failure;
	if (model_read(bytes, size, "fuzz", &model, &failure) == STATUS_OK) {
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
