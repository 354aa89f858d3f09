/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SMOTE.
 *
 * N. Chawla, K. Bowyer, L. Hall, W. P. Kegelmeyer: SMOTE: Synthetic Minority
 * Over-sampling Technique, JAIR 16, 2002. For each new row: a row of the class, one of
 * its k nearest neighbours in the class, and a point on the line between them, all
 * at equal chance. Every row of the class serves as often as any other, give or
 * take one, in an order drawn from the seed.
 *
 * Near is Euclidean with every feature brought to a standard deviation of 1 over all
 * rows, else the feature with the largest numbers would choose alone. Features that
 * one of two rows lacks are left out and the rest is scaled up to all of them (J.
 * Dixon: Pattern Recognition with Partly Missing Data, 1979).
 *
 * Cost: rows of the class^2 x features for each class that grows.
 */
#include "classifier/smote.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/generator.h"

/* First stream of the seed, one for each class: trees have those below. */
#define STREAMS (UINT64_C(1) << 32)

/* A neighbour while the nearest are searched. */
typedef struct {
	size_t row;
	double distance;
} neighbour_t;

/* The work on one dataset. */
typedef struct {
	const dataset_t *dataset;
	const smote_t *smote;
	dataset_t *grown;
	size_t features;
	double *factors;          /* of each feature: 1 / standard deviation, or 0 */
	size_t *members;          /* rows of the class */
	size_t count;             /* of members */
	neighbour_t *nearest;     /* by distance */
	size_t nearest_count;
	double *values;           /* of the new row */
} growth_t;

static double learn_factor(const dataset_t *dataset, size_t feature)
{
	size_t features = dataset_features(dataset), present = 0;
	const double *matrix = dataset_matrix(dataset) + feature;
	double sum = 0, squares = 0, least = INFINITY, most = -INFINITY;
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double value = matrix[row * features];
		if (!isnan(value)) {
			sum += value;
			present++;
			least = fmin(least, value);
			most = fmax(most, value);
		}
	}
	if (present == 0 || least == most) {
		return 0;
	}
	double mean = sum / (double)present;
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double difference = matrix[row * features] - mean;
		squares += isnan(difference) ? 0 : difference * difference;
	}
	double factor = 1 / sqrt(squares / (double)present);
	return isfinite(factor) ? factor : 0;
}

static double squared_distance(const growth_t *growth, size_t a, size_t b)
{
	const double *matrix = dataset_matrix(growth->dataset);
	const double *x = matrix + a * growth->features, *y = matrix + b * growth->features;
	double sum = 0;
	size_t present = 0;
	for (size_t i = 0; i < growth->features; i++) {
		double difference = (x[i] - y[i]) * growth->factors[i];
		if (!isnan(difference)) {
			sum += difference * difference;
			present++;
		}
	}
	return present > 0 ? sum * (double)growth->features / (double)present : DBL_MAX;
}

/* Finds the nearest members of a member; of equal ones the first. */
static void find_nearest(growth_t *growth, size_t base)
{
	size_t most = growth->smote->neighbours;
	growth->nearest_count = 0;
	for (size_t i = 0; i < growth->count; i++) {
		size_t row = growth->members[i];
		if (row == base) {
			continue;
		}
		double distance = squared_distance(growth, base, row);
		size_t at = growth->nearest_count;
		if (at == most && !(distance < growth->nearest[at - 1].distance)) {
			continue;
		}
		at -= at == most;
		for (; at > 0 && distance < growth->nearest[at - 1].distance; at--) {
			growth->nearest[at] = growth->nearest[at - 1];
		}
		growth->nearest[at] = (neighbour_t) { .row = row, .distance = distance };
		growth->nearest_count += growth->nearest_count < most;
	}
}

/* Adds a row between a member and one of its neighbours. */
static status_t add_between(growth_t *growth, size_t base, uint32_t class_index,
                            generator_t *generator, failure_t *failure)
{
	const double *matrix = dataset_matrix(growth->dataset);
	const double *from = matrix + base * growth->features, *to = from;
	if (growth->nearest_count > 0) {
		size_t chosen = generator_below(generator, growth->nearest_count);
		to = matrix + growth->nearest[chosen].row * growth->features;
	}
	double gap = generator_uniform(generator);
	for (size_t i = 0; i < growth->features; i++) {
		/* Weighted, and not from + gap x (to - from): the difference may be infinite. */
		double value = from[i] * (1 - gap) + to[i] * gap;
		growth->values[i] = isnan(from[i]) || !isnan(value) ? value : from[i];
		/* Equal ends stay what they are, to the last bit. */
		if (from[i] == to[i]) {
			growth->values[i] = from[i];
		}
	}
	return dataset_add(growth->grown, growth->values, class_index, failure);
}

/* Collects the rows of a class in an order drawn from the seed. */
static void collect(growth_t *growth, uint32_t class_index, generator_t *generator)
{
	growth->count = 0;
	for (size_t row = 0; row < dataset_rows(growth->dataset); row++) {
		if (dataset_labels(growth->dataset)[row] == class_index) {
			growth->members[growth->count++] = row;
		}
	}
	for (size_t i = growth->count; i > 1; i--) {
		size_t j = generator_below(generator, i), row = growth->members[i - 1];
		growth->members[i - 1] = growth->members[j];
		growth->members[j] = row;
	}
}

static status_t grow_class(growth_t *growth, uint32_t class_index, size_t wanted,
                           failure_t *failure)
{
	size_t rows = dataset_class_rows(growth->dataset, class_index);
	if (rows >= wanted) {
		return STATUS_OK;
	}
	generator_t generator = generator_make(growth->smote->seed, STREAMS + class_index);
	collect(growth, class_index, &generator);
	status_t status = STATUS_OK;
	for (size_t i = 0; i < rows && status == STATUS_OK; i++) {
		size_t due = (wanted - rows) / rows + (i < (wanted - rows) % rows);
		if (due > 0) {
			find_nearest(growth, growth->members[i]);
		}
		for (; due > 0 && status == STATUS_OK; due--) {
			status = add_between(growth, growth->members[i], class_index, &generator, failure);
		}
	}
	return status;
}

/* Copies the rows, with their classes in the same order. */
static status_t copy_rows(growth_t *growth, failure_t *failure)
{
	const dataset_t *dataset = growth->dataset;
	const char **names = calloc(growth->features, sizeof(*names));
	if (names == NULL) {
		return failure_no_memory(failure, "the names of features");
	}
	for (size_t i = 0; i < growth->features; i++) {
		names[i] = dataset_feature_name(dataset, i);
	}
	status_t status = dataset_create(names, growth->features, &growth->grown, failure);
	free(names);
	uint32_t index;
	for (size_t i = 0; i < dataset_classes(dataset) && status == STATUS_OK; i++) {
		status = dataset_class(growth->grown, dataset_class_name(dataset, i), &index, failure);
	}
	for (size_t row = 0; row < dataset_rows(dataset) && status == STATUS_OK; row++) {
		status = dataset_add(growth->grown, dataset_matrix(dataset) + row * growth->features,
		                     dataset_labels(dataset)[row], failure);
	}
	return status;
}

static status_t grow(growth_t *growth, failure_t *failure)
{
	const dataset_t *dataset = growth->dataset;
	uint64_t largest = 0;
	status_t status = copy_rows(growth, failure);
	for (size_t i = 0; i < growth->features; i++) {
		growth->factors[i] = learn_factor(dataset, i);
	}
	for (size_t i = 0; i < dataset_classes(dataset); i++) {
		uint64_t rows = dataset_class_rows(dataset, i);
		largest = rows > largest ? rows : largest;
	}
	/* Products such as 0.07 x 100 lie a little above the whole number. */
	size_t wanted = (size_t)ceil(growth->smote->ratio * (double)largest - 1e-9);
	for (size_t i = 0; i < dataset_classes(dataset) && status == STATUS_OK; i++) {
		status = grow_class(growth, (uint32_t)i, wanted, failure);
	}
	return status == STATUS_OK ? dataset_finish(growth->grown, failure) : status;
}

static status_t check(const smote_t *smote, failure_t *failure)
{
	if (!(smote->ratio > 0 && smote->ratio <= 1)) {
		return failure_set(failure, STATUS_BAD_DATA, "the ratio of SMOTE must be above 0 and at "
		                   "most 1, not %g", smote->ratio);
	}
	if (smote->neighbours < 1 || smote->neighbours > SMOTE_NEIGHBOURS_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "the neighbours of SMOTE must be 1 to %d, "
		                   "not %" PRIu32, SMOTE_NEIGHBOURS_MAX, smote->neighbours);
	}
	return STATUS_OK;
}

status_t smote_apply(const dataset_t *dataset, const smote_t *smote, dataset_t **grown,
                     failure_t *failure)
{
	status_t status = check(smote, failure);
	if (status != STATUS_OK) {
		return status;
	}
	size_t features = dataset_features(dataset);
	growth_t growth = {
		.dataset = dataset, .smote = smote, .features = features,
		.factors = calloc(features, sizeof(*growth.factors)),
		.members = calloc(dataset_rows(dataset), sizeof(*growth.members)),
		.nearest = calloc(smote->neighbours, sizeof(*growth.nearest)),
		.values = calloc(features, sizeof(*growth.values)),
	};
	bool room = growth.factors != NULL && growth.members != NULL && growth.nearest != NULL &&
	            growth.values != NULL;
	status = room ? grow(&growth, failure) : failure_no_memory(failure, "new rows");
	free(growth.factors);
	free(growth.members);
	free(growth.nearest);
	free(growth.values);
	if (status != STATUS_OK) {
		dataset_destroy(growth.grown);
		return status;
	}
	*grown = growth.grown;
	return STATUS_OK;
}
