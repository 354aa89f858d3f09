/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One trial: train, tell the rows that were held back, count.
 *
 * The training part is a dataset of its own: scales, medians, bins and new rows come
 * from it, since there is nothing else to see. A class that has no rows in it cannot be
 * told, and its rows in the test are told wrongly.
 *
 * Importance by permutation (L. Breiman: Random Forests, 2001, section 10, on the test
 * part here): the values of a feature are shuffled between the rows of the test, and the
 * macro F lost is what the learner had from it.
 */
#include "classifier/trial.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/model.h"
#include "common/generator.h"

/* First stream of a trial's seed for permutations, one for each feature. */
#define STREAMS (UINT64_C(2) << 32)

/* The test part, and the model's answers to it. */
typedef struct {
	const dataset_t *dataset;
	const model_t *model;
	bool threshold;
	size_t rows;
	size_t features;
	size_t classes;
	double *matrix;         /* rows x features */
	uint32_t *labels;
	uint32_t *class_of;     /* the dataset's class for each of the model's */
	double *probabilities;  /* rows x model's classes */
	uint64_t *confusion;    /* room for one */
} test_t;

static void test_clear(test_t *test)
{
	free(test->matrix);
	free(test->labels);
	free(test->class_of);
	free(test->probabilities);
	free(test->confusion);
}

static bool test_fill(test_t *test, const size_t *rows)
{
	size_t told = model_class_count(test->model);
	test->matrix = calloc(test->rows * test->features, sizeof(*test->matrix));
	test->labels = calloc(test->rows, sizeof(*test->labels));
	test->class_of = calloc(told, sizeof(*test->class_of));
	test->probabilities = calloc(test->rows * told, sizeof(*test->probabilities));
	test->confusion = calloc(test->classes * test->classes, sizeof(*test->confusion));
	if (test->matrix == NULL || test->labels == NULL || test->class_of == NULL ||
	    test->probabilities == NULL || test->confusion == NULL) {
		return false;
	}
	for (size_t i = 0; i < test->rows; i++) {
		memcpy(test->matrix + i * test->features,
		       dataset_matrix(test->dataset) + rows[i] * test->features,
		       test->features * sizeof(double));
		test->labels[i] = dataset_labels(test->dataset)[rows[i]];
	}
	for (size_t i = 0; i < told; i++) {
		test->class_of[i] = (uint32_t)dataset_class_index(test->dataset,
		                                                  model_class_name(test->model, i));
	}
	return true;
}

/* Tells the rows and counts verdicts into `confusion`. */
static void tell(test_t *test, uint64_t *confusion)
{
	size_t told = model_class_count(test->model);
	model_predict(test->model, test->matrix, test->rows, test->features, NULL,
	              test->probabilities);
	memset(confusion, 0, test->classes * test->classes * sizeof(*confusion));
	for (size_t row = 0; row < test->rows; row++) {
		const double *of_row = test->probabilities + row * told;
		size_t verdict = test->threshold ? model_verdict(test->model, of_row) :
		                 model_class_argmax(of_row, told);
		confusion[test->labels[row] * test->classes + test->class_of[verdict]]++;
	}
}

static status_t draw(const test_t *test, metrics_curves_t *curves)
{
	size_t told = model_class_count(test->model);
	double *scores = calloc(test->rows, sizeof(*scores));
	uint8_t *positive = calloc(test->rows, sizeof(*positive));
	status_t status = scores != NULL && positive != NULL ? STATUS_OK : STATUS_NO_MEMORY;
	for (size_t i = 0; i < told && status == STATUS_OK; i++) {
		for (size_t row = 0; row < test->rows; row++) {
			scores[row] = test->probabilities[row * told + i];
			positive[row] = test->labels[row] == test->class_of[i];
		}
		status = metrics_curves(scores, positive, test->rows, &curves[test->class_of[i]]);
	}
	free(scores);
	free(positive);
	return status;
}

static status_t permute_features(test_t *test, uint64_t seed, double f, double *permutation)
{
	double *column = calloc(test->rows, sizeof(*column));
	if (column == NULL) {
		return STATUS_NO_MEMORY;
	}
	for (size_t feature = 0; feature < test->features; feature++) {
		double *first = test->matrix + feature;
		generator_t generator = generator_make(seed, STREAMS + feature);
		for (size_t row = 0; row < test->rows; row++) {
			column[row] = first[row * test->features];
		}
		for (size_t i = test->rows; i > 1; i--) {
			size_t j = generator_below(&generator, i);
			double value = first[(i - 1) * test->features];
			first[(i - 1) * test->features] = first[j * test->features];
			first[j * test->features] = value;
		}
		tell(test, test->confusion);
		permutation[feature] = f - metrics_summary(test->confusion, test->classes).f;
		for (size_t row = 0; row < test->rows; row++) {
			first[row * test->features] = column[row];
		}
	}
	free(column);
	return STATUS_OK;
}

static status_t examine(test_t *test, const size_t *rows, uint64_t seed, bool permute,
                        trial_t *trial)
{
	if (!test_fill(test, rows)) {
		return STATUS_NO_MEMORY;
	}
	tell(test, trial->confusion);
	for (size_t i = 0; i < test->features; i++) {
		trial->gini[i] = model_feature_importance(test->model, i);
	}
	status_t status = draw(test, trial->curves);
	if (status == STATUS_OK && permute) {
		double f = metrics_summary(trial->confusion, test->classes).f;
		status = permute_features(test, seed, f, trial->permutation);
	}
	return status;
}

/* Trains on the rows alone, with one thread: the trials are what runs at once. */
static status_t learn(const dataset_t *dataset, const evaluation_plan_t *plan, uint64_t seed,
                      const size_t *rows, size_t count, model_t **model, failure_t *failure)
{
	dataset_t *part;
	failure_t why;
	status_t status = dataset_subset(dataset, rows, count, &part, &why);
	if (status != STATUS_OK) {
		return failure_set(failure, status, "the training part: %s", why.sentence);
	}
	training_t training = plan->training;
	training.seed = seed;
	training.threads = 1;
	training.progress = NULL;
	training.out_of_bag = NULL;
	status = learner_train(plan->algorithm, part, &training, model, failure);
	dataset_destroy(part);
	return status;
}

status_t trial_run(const dataset_t *dataset, const evaluation_plan_t *plan, uint64_t seed,
                   const size_t *learnt, size_t learnt_count, const size_t *tested,
                   size_t tested_count, bool permute, trial_t *trial, failure_t *failure)
{
	size_t classes = dataset_classes(dataset), features = dataset_features(dataset);
	trial->confusion = calloc(classes * classes, sizeof(*trial->confusion));
	trial->curves = calloc(classes, sizeof(*trial->curves));
	trial->gini = calloc(features, sizeof(*trial->gini));
	trial->permutation = calloc(features, sizeof(*trial->permutation));
	if (trial->confusion == NULL || trial->curves == NULL || trial->gini == NULL ||
	    trial->permutation == NULL) {
		return failure_no_memory(failure, "a trial");
	}
	model_t *model;
	status_t status = learn(dataset, plan, seed, learnt, learnt_count, &model, failure);
	if (status != STATUS_OK) {
		return status;
	}
	test_t test = {
		.dataset = dataset, .model = model, .threshold = plan->threshold, .rows = tested_count,
		.features = features, .classes = classes,
	};
	status = examine(&test, tested, seed, permute, trial);
	test_clear(&test);
	model_destroy(model);
	return status == STATUS_OK ? status : failure_no_memory(failure, "a trial");
}

void trial_clear(trial_t *trial)
{
	free(trial->confusion);
	free(trial->curves);
	free(trial->gini);
	free(trial->permutation);
	*trial = (trial_t) { 0 };
}
