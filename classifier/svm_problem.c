/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way to libsvm and back (C.-C. Chang, C.-J. Lin: LIBSVM: A library for support
 * vector machines, ACM TIST 2(3), 2011).
 *
 * Only what draws no random numbers is taken from it: training of decision
 * functions. Its own cross-validation and its probabilities call rand(), which other
 * threads share, so these two are done here with our generator. Features are
 * centred and brought to a standard deviation of 1, with figures of the rows that
 * are learnt from.
 *
 * Memory: 16 bytes per value, and the kernel's cache. libsvm allocates without
 * asking whether it got anything: what it needs grows with rows, not their square.
 */
#include "classifier/svm_problem.h"

#include <libsvm/svm.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/partition.h"

/* libsvm's defaults: kernel cache in MB, end of the optimisation. */
#define CACHE_MEGABYTES 100
#define PRECISION 1e-3

static void say_nothing(const char *text)
{
	(void)text;
}

static void silence(void)
{
	svm_set_print_string_function(say_nothing);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Figures of a column; `column` has room for all rows. */
static svm_scale_t learn_scale(const dataset_t *dataset, size_t feature, double *column)
{
	static const svm_scale_t plain = { .median = 0, .centre = 0, .factor = 1 };
	size_t rows = dataset_rows(dataset), features = dataset_features(dataset), present = 0;
	const double *matrix = dataset_matrix(dataset) + feature;
	for (size_t row = 0; row < rows; row++) {
		double value;
		/* Within the machine's bounds, as it will see them. */
		svm_machine_scale(&plain, 1, &matrix[row * features], &value);
		if (!isnan(matrix[row * features])) {
			column[present++] = value;
		}
	}
	if (present == 0) {
		return (svm_scale_t) { 0 };
	}
	qsort(column, present, sizeof(*column), compare);
	double median = (column[(present - 1) / 2] + column[present / 2]) / 2;
	double sum = (double)(rows - present) * median, squares = 0;
	for (size_t i = 0; i < present; i++) {
		sum += column[i];
	}
	double mean = sum / (double)rows;
	for (size_t i = 0; i < present; i++) {
		squares += (column[i] - mean) * (column[i] - mean);
	}
	squares += (double)(rows - present) * (median - mean) * (median - mean);
	double factor = 1 / sqrt(squares / (double)rows);
	/* Equal values leave a rest of rounding, which is no deviation. */
	bool constant = column[0] == column[present - 1] || !(factor <= SVM_NUMBER_MAX);
	return (svm_scale_t) { .median = median, .centre = mean, .factor = constant ? 0 : factor };
}

static bool learn_scales(svm_problem_t *problem)
{
	size_t features = dataset_features(problem->dataset);
	double *column = calloc(dataset_rows(problem->dataset), sizeof(*column));
	if (column == NULL) {
		return false;
	}
	for (size_t i = 0; i < features; i++) {
		problem->scales[i] = learn_scale(problem->dataset, i, column);
	}
	free(column);
	return true;
}

static bool scale_rows(svm_problem_t *problem)
{
	size_t features = dataset_features(problem->dataset);
	double *scaled = calloc(features, sizeof(*scaled));
	if (scaled == NULL) {
		return false;
	}
	for (size_t row = 0; row < dataset_rows(problem->dataset); row++) {
		struct svm_node *nodes = problem->nodes + row * (features + 1);
		svm_machine_scale(problem->scales, features,
		                  dataset_matrix(problem->dataset) + row * features, scaled);
		for (size_t i = 0; i < features; i++) {
			nodes[i] = (struct svm_node) { .index = (int)i + 1, .value = scaled[i] };
		}
		nodes[features].index = -1;
	}
	free(scaled);
	return true;
}

static void sort_rows(svm_problem_t *problem)
{
	const uint32_t *labels = dataset_labels(problem->dataset);
	size_t count = 0;
	for (size_t class = 0; class < dataset_classes(problem->dataset); class++) {
		for (size_t row = 0; row < dataset_rows(problem->dataset); row++) {
			if (labels[row] == class) {
				problem->by_class[count++] = row;
			}
		}
	}
}

svm_problem_t *svm_problem_create(const dataset_t *dataset)
{
	size_t rows = dataset_rows(dataset), features = dataset_features(dataset);
	svm_problem_t *problem = calloc(1, sizeof(*problem));
	if (problem == NULL) {
		return NULL;
	}
	problem->dataset = dataset;
	problem->scales = calloc(features, sizeof(*problem->scales));
	problem->nodes = calloc(rows * (features + 1), sizeof(*problem->nodes));
	problem->by_class = calloc(rows, sizeof(*problem->by_class));
	if (problem->scales == NULL || problem->nodes == NULL || problem->by_class == NULL ||
	    !learn_scales(problem) || !scale_rows(problem)) {
		svm_problem_destroy(problem);
		return NULL;
	}
	sort_rows(problem);
	return problem;
}

void svm_problem_destroy(svm_problem_t *problem)
{
	if (problem == NULL) {
		return;
	}
	free(problem->scales);
	free(problem->nodes);
	free(problem->by_class);
	free(problem);
}

const struct svm_node *svm_problem_row(const svm_problem_t *problem, size_t row)
{
	return problem->nodes + row * (dataset_features(problem->dataset) + 1);
}

/* Rows, labels and weights as libsvm takes them. */
typedef struct {
	struct svm_node **rows;
	double *labels;
	int *weight_labels;
	double *weights;
	int count;
} part_t;

static void part_clear(part_t *part)
{
	free(part->rows);
	free(part->labels);
	free(part->weight_labels);
	free(part->weights);
}

static bool part_fill(part_t *part, const svm_problem_t *problem, const uint8_t *kept,
                      const training_t *training)
{
	size_t rows = dataset_rows(problem->dataset), classes = dataset_classes(problem->dataset);
	part->labels = calloc(rows, sizeof(*part->labels));
	part->rows = calloc(rows, sizeof(*part->rows));
	part->weight_labels = calloc(classes, sizeof(*part->weight_labels));
	part->weights = calloc(classes, sizeof(*part->weights));
	if (part->labels == NULL || part->rows == NULL || part->weight_labels == NULL ||
	    part->weights == NULL) {
		return false;
	}
	for (size_t i = 0; i < rows; i++) {
		size_t row = problem->by_class[i];
		if (kept == NULL || kept[row]) {
			part->labels[part->count] = dataset_labels(problem->dataset)[row];
			part->rows[part->count++] =
				problem->nodes + row * (dataset_features(problem->dataset) + 1);
		}
	}
	for (size_t i = 0; i < classes; i++) {
		part->weight_labels[i] = (int)i;
		part->weights[i] = training->weights != NULL ? training->weights[i] : 1;
	}
	return true;
}

status_t svm_problem_train(const svm_problem_t *problem, const uint8_t *kept,
                           const training_t *training, struct svm_model **model)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, silence);
	part_t part = { 0 };
	if (!part_fill(&part, problem, kept, training)) {
		part_clear(&part);
		return STATUS_NO_MEMORY;
	}
	bool weighted = training->weights != NULL;
	const struct svm_problem rows = { .l = part.count, .y = part.labels, .x = part.rows };
	const struct svm_parameter parameter = {
		.svm_type = C_SVC, .kernel_type = RBF, .gamma = training->gamma, .C = training->cost,
		.cache_size = CACHE_MEGABYTES, .eps = PRECISION, .shrinking = 1,
		.nr_weight = weighted ? (int)dataset_classes(problem->dataset) : 0,
		.weight_label = part.weight_labels, .weight = part.weights,
	};
	*model = svm_train(&rows, &parameter);
	/* The model keeps a copy of the parameters with pointers to what goes now. */
	(*model)->param.weight_label = NULL;
	(*model)->param.weight = NULL;
	part_clear(&part);
	return STATUS_OK;
}

status_t svm_problem_deal(const svm_problem_t *problem, uint64_t seed, uint64_t stream,
                          uint16_t *fold_of)
{
	double shares[SVM_FOLDS];
	for (size_t i = 0; i < SVM_FOLDS; i++) {
		shares[i] = 1.0 / SVM_FOLDS;
	}
	partition_t *partition = partition_create(problem->dataset);
	status_t status = partition == NULL ? STATUS_NO_MEMORY :
	                  partition_deal(partition, seed, stream, shares, SVM_FOLDS, fold_of);
	partition_destroy(partition);
	return status;
}

svm_machine_t *svm_machine_take(const struct svm_model *model, const svm_scale_t *scales,
                                size_t features)
{
	size_t classes = (size_t)model->nr_class, vectors = (size_t)model->l;
	svm_machine_t *machine = svm_machine_create(features, classes, vectors);
	if (machine == NULL) {
		return NULL;
	}
	machine->gamma = model->param.gamma;
	memcpy(machine->scales, scales, features * sizeof(*scales));
	for (size_t i = 0; i < classes; i++) {
		machine->counts[i] = (uint32_t)model->nSV[i];
	}
	for (size_t i = 0; i < SVM_PAIRS(classes); i++) {
		machine->pairs[i] = (svm_pair_t) {
			.rho = model->rho[i],
			.slope = model->probA != NULL ? model->probA[i] : 0,
			.offset = model->probB != NULL ? model->probB[i] : 0,
		};
	}
	for (size_t v = 0; v < vectors; v++) {
		for (size_t i = 0; i < features; i++) {
			machine->points[v * features + i] = model->SV[v][i].value;
		}
		for (size_t i = 0; i + 1 < classes; i++) {
			machine->weights[v * (classes - 1) + i] = model->sv_coef[i][v];
		}
	}
	return machine;
}
