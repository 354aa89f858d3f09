/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One learner on files: what scripts/bench-peers sets beside the same figures of
 * other people's programs.
 *
 *     bench_peers KIND TRAIN.csv FRESH.csv LABEL TREES THREADS SEED
 *
 * LABEL is a column of both files. Prints one figure per line: name, blank, value.
 * Training is from rows in memory to a model; prediction is on one thread, the best
 * of three rounds, as of the others. What one thread does is told in seconds of the
 * processor, which other programs on the machine do not lengthen much.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "classifier/learner.h"

#define ROUNDS 3
#define SINGLE_ROWS 2000

static double now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static dataset_t *read_rows(const char *path, const char *label)
{
	dataset_t *dataset;
	failure_t failure;
	const dataset_source_t source = { .features = path, .label_column = label };
	if (dataset_read(&source, &dataset, &failure) != STATUS_OK) {
		fprintf(stderr, "bench_peers: %s\n", failure.sentence);
		exit(1);
	}
	return dataset;
}

/* CPU seconds for `rows` rows, `at_once` in a call; the best round. */
static double measure(const model_t *model, const double *matrix, size_t rows, size_t at_once,
                      double *probabilities)
{
	size_t features = model_feature_count(model), classes = model_class_count(model);
	double best = 1e9;
	for (size_t round = 0; round < ROUNDS; round++) {
		double start = now(CLOCK_PROCESS_CPUTIME_ID);
		for (size_t row = 0; row < rows; row += at_once) {
			size_t count = rows - row < at_once ? rows - row : at_once;
			model_predict(model, matrix + row * features, count, features, NULL,
			              probabilities + row * classes);
		}
		double seconds = now(CLOCK_PROCESS_CPUTIME_ID) - start;
		best = seconds < best ? seconds : best;
	}
	return best;
}

/* Prints F of the last class and the mean F of all, by the most probable class. */
static void print_f(const dataset_t *fresh, const double *probabilities)
{
	size_t classes = dataset_classes(fresh);
	uint64_t *right = calloc(classes, sizeof(*right)), *told = calloc(classes, sizeof(*told));
	double mean = 0, f = 0;
	for (size_t row = 0; row < dataset_rows(fresh) && right != NULL && told != NULL; row++) {
		size_t best = model_class_argmax(probabilities + row * classes, classes);
		told[best]++;
		right[best] += best == dataset_labels(fresh)[row];
	}
	for (size_t i = 0; i < classes && right != NULL && told != NULL; i++) {
		f = 2 * (double)right[i] / (double)(told[i] + dataset_class_rows(fresh, i));
		mean += f / (double)classes;
	}
	printf("f_last %.6f\nf_macro %.6f\n", f, mean);
	free(right);
	free(told);
}

int main(int argc, char **argv)
{
	if (argc != 8) {
		fputs("usage: bench_peers KIND TRAIN.csv FRESH.csv LABEL TREES THREADS SEED\n", stderr);
		return 2;
	}
	dataset_t *known = read_rows(argv[2], argv[4]), *fresh = read_rows(argv[3], argv[4]);
	training_t training = training_default();
	training.trees = (uint32_t)strtoul(argv[5], NULL, 10);
	training.threads = (uint32_t)strtoul(argv[6], NULL, 10);
	training.seed = strtoull(argv[7], NULL, 10);
	model_t *model;
	failure_t failure;
	double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	if (learner_train(argv[1], known, &training, &model, &failure) != STATUS_OK) {
		fprintf(stderr, "bench_peers: %s\n", failure.sentence);
		return 1;
	}
	printf("train_seconds %.4f\n", now(CLOCK_MONOTONIC) - start);
	printf("train_cpu %.4f\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	size_t rows = dataset_rows(fresh), single = rows < SINGLE_ROWS ? rows : SINGLE_ROWS;
	double *probabilities = calloc(rows * model_class_count(model), sizeof(*probabilities));
	if (probabilities == NULL) {
		return 1;
	}
	const double *matrix = dataset_matrix(fresh);
	printf("rows_per_second %.0f\n",
	       (double)rows / measure(model, matrix, rows, rows, probabilities));
	printf("single_us %.3f\n",
	       measure(model, matrix, single, 1, probabilities) / (double)single * 1e6);
	print_f(fresh, probabilities);
	free(probabilities);
	model_destroy(model);
	dataset_destroy(known);
	dataset_destroy(fresh);
	return 0;
}
