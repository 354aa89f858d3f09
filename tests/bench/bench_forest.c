/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Training and prediction of a forest of 100 trees: seconds with one and two
 * threads, rows per second of each way to walk beside a naive walk in the same
 * run, microseconds of a single row, peak memory. One line per figure: name,
 * value, unit. Training sizes may be given as arguments; without, 10000 and 100000.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "classifier/forest_walk.h"
#include "classifier/learner.h"
#include "classifier/model_kind.h"
#include "common/generator.h"

#define TREES 100
#define FRESH_ROWS 20000
#define FEATURES 22
#define CLASSES_MAX 12
#define SCAN_SHARE 0.04
#define ROUNDS 5

static double now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static dataset_t *begin_dataset(size_t classes, uint32_t *class_indices)
{
	char text[FEATURES][24], name[24];
	const char *names[FEATURES];
	for (size_t i = 0; i < FEATURES; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "f%zu", i);
		names[i] = text[i];
	}
	dataset_t *dataset;
	if (dataset_create(names, FEATURES, &dataset, NULL) != STATUS_OK) {
		abort();
	}
	for (size_t i = 0; i < classes; i++) {
		(void)snprintf(name, sizeof(name), "c%02zu", i);
		if (dataset_class(dataset, name, &class_indices[i], NULL) != STATUS_OK) {
			abort();
		}
	}
	return dataset;
}

/* Shares, many of them zero, and a few wider columns; each class differs a little in some.
 * Two classes: the second is rare. More: skewed. */
static dataset_t *make_dataset(uint64_t seed, size_t rows, size_t classes)
{
	uint32_t class_indices[CLASSES_MAX];
	dataset_t *dataset = begin_dataset(classes, class_indices);
	generator_t generator = generator_make(seed, 0);
	for (size_t row = 0; row < rows; row++) {
		double share = generator_uniform(&generator), values[FEATURES];
		size_t class = classes == 2 ? share < SCAN_SHARE :
		               (size_t)(share * share * (double)classes);
		for (size_t i = 0; i < FEATURES; i++) {
			bool moved = classes == 2 ? class == 1 && i % 3 == 0 :
			             i % classes == class || (i + 5) % classes == class;
			double x = generator_normal(&generator) + (moved ? 0.8 : 0);
			values[i] = i >= 14 ? x : x > 0.5 ? (double)(int)(x * 20) / 100 : 0;
		}
		if (dataset_add(dataset, values, class_indices[class], NULL) != STATUS_OK) {
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
static void naive(const forest_t *forest, const double *matrix, double *probabilities)
{
	size_t classes = forest->classes;
	memset(probabilities, 0, FRESH_ROWS * classes * sizeof(*probabilities));
	for (size_t row = 0; row < FRESH_ROWS; row++) {
		double *sums = probabilities + row * classes;
		for (size_t tree = 0; tree < forest->trees; tree++) {
			const tree_node_t *root = forest->nodes + forest->starts[tree];
			const double *leaf = naive_walk(forest, root, 0, matrix + row * FEATURES);
			for (size_t i = 0; i < classes; i++) {
				sums[i] += leaf[i];
			}
		}
		for (size_t i = 0; i < classes; i++) {
			sums[i] /= (double)forest->trees;
		}
	}
}

static void batch(const forest_t *forest, const double *matrix, double *probabilities)
{
	forest_predict(forest, matrix, FRESH_ROWS, probabilities);
}

static void single(const forest_t *forest, const double *matrix, double *probabilities)
{
	for (size_t row = 0; row < FRESH_ROWS; row++) {
		forest_predict(forest, matrix + row * FEATURES, 1, probabilities + forest->classes * row);
	}
}

typedef void (*predict_t)(const forest_t *, const double *, double *);

/* Seconds of this thread in the fastest of some rounds over all rows. */
static double measure(predict_t predict, const forest_t *forest, const double *matrix,
                      double *probabilities)
{
	double best = 1e9;
	for (int i = 0; i < ROUNDS; i++) {
		double start = now(CLOCK_THREAD_CPUTIME_ID);
		predict(forest, matrix, probabilities);
		double seconds = now(CLOCK_THREAD_CPUTIME_ID) - start;
		best = seconds < best ? seconds : best;
	}
	return best;
}

static model_t *train(const dataset_t *known, uint32_t threads, double *seconds)
{
	training_t training = training_default();
	model_t *model;
	failure_t failure;
	training.trees = TREES;
	training.threads = threads;
	double start = now(CLOCK_MONOTONIC);
	if (learner_train("forest", known, &training, &model, &failure) != STATUS_OK) {
		fprintf(stderr, "bench_forest: %s\n", failure.sentence);
		exit(1);
	}
	*seconds = now(CLOCK_MONOTONIC) - start;
	return model;
}

static void bench_prediction(const char *what, forest_t *forest, const double *matrix)
{
	size_t count = FRESH_ROWS * forest->classes;
	double *wanted = calloc(count, sizeof(*wanted)), *got = calloc(count, sizeof(*got));
	if (wanted == NULL || got == NULL) {
		abort();
	}
	double slow = measure(naive, forest, matrix, wanted);
	printf("%s prediction, naive walk: %.0f rows/s\n", what, FRESH_ROWS / slow);
	const walker_t *in_use = forest->walker;
	for (size_t i = 0; i < walker_count; i++) {
		if (!walkers[i]->is_available() || !forest_compile(forest, walkers[i], 1)) {
			continue;
		}
		double fast = measure(batch, forest, matrix, got);
		printf("%s prediction, %s%s: %.0f rows/s, %.2f times the naive walk\n", what,
		       walkers[i]->name, walkers[i] == in_use ? " (in use)" : "", FRESH_ROWS / fast, slow / fast);
		double alone = measure(single, forest, matrix, got);
		printf("%s single row, %s: %.2f us\n", what, walkers[i]->name, alone / FRESH_ROWS * 1e6);
		if (memcmp(wanted, got, count * sizeof(*got)) != 0) {
			fprintf(stderr, "bench_forest: %s differs from the naive walk\n", walkers[i]->name);
			exit(1);
		}
	}
	free(wanted);
	free(got);
}

static void bench(size_t rows, size_t classes)
{
	char what[64];
	(void)snprintf(what, sizeof(what), "%zu rows, %zu classes,", rows, classes);
	dataset_t *known = make_dataset(1, rows, classes);
	dataset_t *fresh = make_dataset(2, FRESH_ROWS, classes);
	double one, two;
	model_destroy(train(known, 1, &one));
	model_t *model = train(known, 2, &two);
	forest_t *forest = model->learned;
	printf("%s training, 1 thread: %.3f s\n", what, one);
	printf("%s training, 2 threads: %.3f s, %.2f times one\n", what, two, one / two);
	printf("%s nodes: %zu\n", what, forest->starts[TREES]);
	bench_prediction(what, forest, dataset_matrix(fresh));
	struct rusage usage;
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("%s peak memory until here: %.0f MiB\n", what, (double)usage.ru_maxrss / 1024);
	model_destroy(model);
	dataset_destroy(known);
	dataset_destroy(fresh);
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		bench(10000, 2);
		bench(100000, 2);
		bench(100000, CLASSES_MAX);
	}
	for (int i = 1; i < argc; i++) {
		bench(strtoul(argv[i], NULL, 10), 2);
	}
	return 0;
}
