/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows per second of a forest's prediction on one thread, beside a naive walk in
 * the same run. One line per figure: name, value, unit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classifier/forest.h"
#include "classifier/learner.h"
#include "classifier/model_kind.h"
#include "common/generator.h"

#define TREES 100
#define ROWS 10000
#define FEATURES 22
#define SCAN_SHARE 0.04
#define ROUNDS 5

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Shares, many of them zero, and a few wider columns; scans differ a little in each. */
static dataset_t *make_dataset(uint64_t seed)
{
	char text[FEATURES][24];
	const char *names[FEATURES];
	for (size_t i = 0; i < FEATURES; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "f%zu", i);
		names[i] = text[i];
	}
	dataset_t *dataset;
	uint32_t scan, other;
	if (dataset_create(names, FEATURES, &dataset, NULL) != STATUS_OK ||
	    dataset_class(dataset, "other", &other, NULL) != STATUS_OK ||
	    dataset_class(dataset, "scan", &scan, NULL) != STATUS_OK) {
		abort();
	}
	generator_t generator = generator_make(seed, 0);
	for (size_t row = 0; row < ROWS; row++) {
		bool yes = generator_uniform(&generator) < SCAN_SHARE;
		double values[FEATURES];
		for (size_t i = 0; i < FEATURES; i++) {
			double x = generator_normal(&generator) + (yes && i % 3 == 0 ? 0.8 : 0);
			values[i] = i >= 14 ? x : x > 0.5 ? (double)(int)(x * 20) / 100 : 0;
		}
		if (dataset_add(dataset, values, yes ? scan : other, NULL) != STATUS_OK) {
			abort();
		}
	}
	if (dataset_finish(dataset, NULL) != STATUS_OK) {
		abort();
	}
	return dataset;
}

static const double *naive_walk(const forest_t *forest, const tree_node_t *root, size_t node,
                                const double *row)
{
	const tree_node_t *at = root + node;
	if (at->leaf) {
		return forest->leaves + at->child * forest->classes;
	}
	double x = row[at->feature];
	bool right = isnan(x) ? at->missing_right : x > at->threshold;
	return naive_walk(forest, root, right ? at->child + 1 : at->child, row);
}

/* Row by row, tree by tree, recursively. */
static void naive_predict(const model_t *model, const double *matrix, double *probabilities)
{
	const forest_t *forest = model->learned;
	memset(probabilities, 0, ROWS * 2 * sizeof(*probabilities));
	for (size_t row = 0; row < ROWS; row++) {
		for (size_t tree = 0; tree < forest->trees; tree++) {
			const tree_node_t *root = forest->nodes + forest->starts[tree];
			const double *leaf = naive_walk(forest, root, 0, matrix + row * FEATURES);
			probabilities[2 * row] += leaf[0];
			probabilities[2 * row + 1] += leaf[1];
		}
		probabilities[2 * row] /= (double)forest->trees;
		probabilities[2 * row + 1] /= (double)forest->trees;
	}
}

typedef void (*predict_t)(const model_t *model, const double *matrix, double *probabilities);

static void batch(const model_t *model, const double *matrix, double *probabilities)
{
	model_predict(model, matrix, ROWS, FEATURES, NULL, probabilities);
}

static void single(const model_t *model, const double *matrix, double *probabilities)
{
	for (size_t row = 0; row < ROWS; row++) {
		model_predict(model, matrix + row * FEATURES, 1, FEATURES, NULL, probabilities + 2 * row);
	}
}

/* Seconds of the fastest of some rounds over all rows. */
static double measure(predict_t predict, const model_t *model, const double *matrix,
                      double *probabilities)
{
	double best = 1e9;
	for (int i = 0; i < ROUNDS; i++) {
		double start = now();
		predict(model, matrix, probabilities);
		double seconds = now() - start;
		best = seconds < best ? seconds : best;
	}
	return best;
}

int main(void)
{
	dataset_t *known = make_dataset(1), *fresh = make_dataset(2);
	training_t training = training_default();
	training.trees = TREES;
	model_t *model;
	failure_t failure;
	double start = now();
	if (learner_train("forest", known, &training, &model, &failure) != STATUS_OK) {
		fprintf(stderr, "bench_forest: %s\n", failure.sentence);
		return 1;
	}
	printf("forest training: %d trees, %d rows, %d features, 1 thread: %.3f s\n", TREES, ROWS,
	       FEATURES, now() - start);
	const forest_t *forest = model->learned;
	printf("forest nodes: %zu, %.0f KiB\n", forest->starts[TREES],
	       (double)(forest->starts[TREES] * sizeof(tree_node_t)) / 1024);
	double *fast = calloc(ROWS * 2, sizeof(*fast)), *naive = calloc(ROWS * 2, sizeof(*naive));
	const double *matrix = dataset_matrix(fresh);
	double batch_seconds = measure(batch, model, matrix, fast);
	double naive_seconds = measure(naive_predict, model, matrix, naive);
	if (memcmp(fast, naive, ROWS * 2 * sizeof(*fast)) != 0) {
		fprintf(stderr, "bench_forest: the two predictions differ\n");
		return 1;
	}
	double single_seconds = measure(single, model, matrix, fast);
	printf("forest prediction: %.0f rows/s\n", ROWS / batch_seconds);
	printf("naive walk: %.0f rows/s, ratio %.2f\n", ROWS / naive_seconds,
	       naive_seconds / batch_seconds);
	printf("single row: %.2f us\n", single_seconds / ROWS * 1e6);
	free(fast);
	free(naive);
	model_destroy(model);
	dataset_destroy(known);
	dataset_destroy(fresh);
	return 0;
}
