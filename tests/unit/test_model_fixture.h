/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Data to learn from, and naive references, for the tests of classifier/.
 */
#pragma once

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/dataset.h"
#include "classifier/forest.h"
#include "classifier/learner.h"
#include "classifier/model_kind.h"
#include "common/generator.h"
#include "tests/tap.h"

#define FIXTURE_FEATURES_MAX 40

/* Names f0, f1, ... */
__attribute__((unused))
static dataset_t *fixture_begin(size_t features)
{
	char text[FIXTURE_FEATURES_MAX][24];
	const char *names[FIXTURE_FEATURES_MAX];
	for (size_t i = 0; i < features; i++) {
		snprintf(text[i], sizeof(text[i]), "f%zu", i);
		names[i] = text[i];
	}
	dataset_t *dataset;
	if (dataset_create(names, features, &dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

__attribute__((unused))
static void fixture_add(dataset_t *dataset, const double *values, const char *class_name)
{
	uint32_t index;
	if (dataset_class(dataset, class_name, &index, NULL) != STATUS_OK ||
	    dataset_add(dataset, values, index, NULL) != STATUS_OK) {
		abort();
	}
}

/* Finishes from a matrix and one letter per row for its class. */
__attribute__((unused))
static dataset_t *fixture_make(size_t features, const double *matrix, const char *letters)
{
	dataset_t *dataset = fixture_begin(features);
	for (size_t row = 0; letters[row] != '\0'; row++) {
		fixture_add(dataset, matrix + row * features, (char[]) { letters[row], '\0' });
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

/* Exclusive-or of the signs of f0 and f1; the other features are noise, some labels are wrong. */
__attribute__((unused))
static dataset_t *fixture_xor(uint64_t seed, size_t rows, size_t features, double wrong)
{
	dataset_t *dataset = fixture_begin(features);
	generator_t generator = generator_make(seed, 0);
	for (size_t row = 0; row < rows; row++) {
		double values[FIXTURE_FEATURES_MAX];
		for (size_t i = 0; i < features; i++) {
			values[i] = 2 * generator_uniform(&generator) - 1;
		}
		bool yes = (values[0] > 0) != (values[1] > 0);
		yes ^= generator_uniform(&generator) < wrong;
		fixture_add(dataset, values, yes ? "yes" : "no");
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

/* Three overlapping clouds, with values missing now and then. */
__attribute__((unused))
static dataset_t *fixture_clouds(uint64_t seed, size_t rows, size_t features, double missing)
{
	static const char *const names[] = { "mail", "scan", "cdn" };
	dataset_t *dataset = fixture_begin(features);
	generator_t generator = generator_make(seed, 1);
	for (size_t row = 0; row < rows; row++) {
		double values[FIXTURE_FEATURES_MAX];
		size_t class = generator_below(&generator, 3);
		for (size_t i = 0; i < features; i++) {
			double centre = i % 3 == class ? 1.2 : 0;
			values[i] = centre + generator_normal(&generator);
			if (generator_uniform(&generator) < missing) {
				values[i] = NAN;
			}
		}
		fixture_add(dataset, values, names[class]);
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

__attribute__((unused))
static model_t *fixture_train(const char *kind, const dataset_t *dataset,
                              const training_t *training)
{
	model_t *model;
	failure_t failure;
	if (learner_train(kind, dataset, training, &model, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return model;
}

/* Share of a dataset's rows that a model tells rightly. */
__attribute__((unused))
static double fixture_accuracy(const model_t *model, const dataset_t *dataset)
{
	size_t rows = dataset_rows(dataset), classes = model_class_count(model), right = 0;
	double *probabilities = calloc(rows * classes, sizeof(double));
	model_predict(model, dataset_matrix(dataset), rows, dataset_features(dataset), NULL,
	              probabilities);
	for (size_t row = 0; row < rows; row++) {
		right += model_class_argmax(probabilities + row * classes, classes) ==
		         dataset_labels(dataset)[row];
	}
	free(probabilities);
	return (double)right / (double)rows;
}

/* Naive walk, by recursion and with the rule for missing values spelt out. */
__attribute__((unused))
static const double *fixture_walk(const forest_t *forest, size_t tree, size_t node,
                                  const double *row)
{
	const tree_node_t *at = &forest->nodes[forest->starts[tree] + node];
	if (at->leaf) {
		return forest->leaves + at->child * forest->classes;
	}
	double x = row[at->feature];
	bool right = isnan(x) ? at->missing_right : x > at->threshold;
	return fixture_walk(forest, tree, right ? at->child + 1 : at->child, row);
}

/* Naive prediction of one row. */
__attribute__((unused))
static void fixture_predict(const model_t *model, const double *row, double *probabilities)
{
	const forest_t *forest = model->learned;
	for (size_t i = 0; i < forest->classes; i++) {
		double sum = 0;
		for (size_t tree = 0; tree < forest->trees; tree++) {
			sum += fixture_walk(forest, tree, 0, row)[i];
		}
		probabilities[i] = sum / (double)forest->trees;
	}
}
