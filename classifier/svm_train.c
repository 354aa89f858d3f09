/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Training of a support vector machine with probabilities.
 *
 * The machine learns from all rows. Its own decision values on them are too good to
 * fit Platt's sigmoid to, so five more machines are trained, each without a fifth
 * of the rows, and the sigmoid of each pair of classes is fitted to the decision
 * values of the rows left out (Platt 1999, section 2.2.1).
 *
 * Piece 0 of the work is the machine itself, the others are pair x fold. Folds are
 * dealt before from the seed, and each piece writes its own places, so threads change
 * nothing. Cost: between rows^2 and rows^3 for each piece.
 */
#include "classifier/svm_train.h"

#include <libsvm/svm.h>
#include <math.h>
#include <stdlib.h>

#include "classifier/sigmoid.h"
#include "classifier/svm_problem.h"
#include "classifier/workers.h"

#define STREAM 1  /* of the seed; the grid has another */

/* What the threads share. */
typedef struct {
	svm_problem_t *problem;
	const training_t *training;
	size_t rows;
	size_t classes;
	uint16_t *fold_of;
	double *decisions;       /* rows x (classes - 1): against each other class */
	svm_machine_t *machine;
} course_t;

/* The classes of a pair by its number. */
static void pair_classes(size_t pair, size_t classes, size_t *a, size_t *b)
{
	for (*a = 0; pair >= classes - 1 - *a; ++*a) {
		pair -= classes - 1 - *a;
	}
	*b = *a + 1 + pair;
}

/* Place of the decision value of a row for a pair that its class is in. */
static double *decision_of(const course_t *course, size_t row, size_t a, size_t b)
{
	size_t own = dataset_labels(course->problem->dataset)[row], other = own == a ? b : a;
	return course->decisions + row * (course->classes - 1) + (other < own ? other : other - 1);
}

static bool in_pair(const course_t *course, size_t row, size_t a, size_t b)
{
	uint32_t own = dataset_labels(course->problem->dataset)[row];
	return own == a || own == b;
}

static status_t train_whole(course_t *course)
{
	struct svm_model *model;
	status_t status = svm_problem_train(course->problem, NULL, course->training, &model);
	if (status != STATUS_OK) {
		return status;
	}
	course->machine = svm_machine_take(model, course->problem->scales,
	                                   dataset_features(course->problem->dataset));
	svm_free_and_destroy_model(&model);
	return course->machine != NULL ? STATUS_OK : STATUS_NO_MEMORY;
}

/* Decides the rows of a fold by a machine that learnt from those of the others. */
static status_t decide_fold(course_t *course, uint8_t *kept, size_t a, size_t b, unsigned fold)
{
	struct svm_model *model;
	size_t counts[2] = { 0 };
	for (size_t row = 0; row < course->rows; row++) {
		kept[row] = course->fold_of[row] != fold && in_pair(course, row, a, b);
		if (kept[row]) {
			counts[dataset_labels(course->problem->dataset)[row] == b]++;
		}
	}
	bool both = counts[0] > 0 && counts[1] > 0;
	status_t status = both ? svm_problem_train(course->problem, kept, course->training, &model) :
	                  STATUS_OK;
	for (size_t row = 0; row < course->rows && status == STATUS_OK; row++) {
		if (course->fold_of[row] != fold || !in_pair(course, row, a, b)) {
			continue;
		}
		/* Whoever has seen one class only decides for it; without any, for none. */
		double decision = (counts[0] > 0) - (double)(counts[1] > 0);
		if (both) {
			svm_predict_values(model, svm_problem_row(course->problem, row), &decision);
		}
		*decision_of(course, row, a, b) = decision;
	}
	if (both && status == STATUS_OK) {
		svm_free_and_destroy_model(&model);
	}
	return status;
}

static void *begin(void *context)
{
	return calloc(((const course_t *)context)->rows, sizeof(uint8_t));
}

static status_t work(void *context, void *rooms, size_t piece)
{
	course_t *course = context;
	if (piece == 0) {
		return train_whole(course);
	}
	size_t a, b;
	pair_classes((piece - 1) / SVM_FOLDS, course->classes, &a, &b);
	return decide_fold(course, rooms, a, b, (unsigned)((piece - 1) % SVM_FOLDS));
}

/* With two classes, the decision values of rows left out are probabilities too. */
static void fill_out_of_bag(const course_t *course, double *probabilities)
{
	const svm_pair_t *pair = &course->machine->pairs[0];
	for (size_t row = 0; row < course->rows; row++) {
		double *of_row = probabilities + row * course->classes;
		double first = 1 / (1 + exp(pair->slope * course->decisions[row]));
		for (size_t i = 0; i < course->classes; i++) {
			of_row[i] = course->classes > 2 ? NAN : i == 0 ? first : 1 - first;
		}
	}
}

static status_t fit_sigmoids(course_t *course)
{
	double *decisions = calloc(course->rows, sizeof(*decisions));
	uint8_t *positive = calloc(course->rows, sizeof(*positive));
	if (decisions == NULL || positive == NULL) {
		free(decisions);
		free(positive);
		return STATUS_NO_MEMORY;
	}
	for (size_t pair = 0; pair < SVM_PAIRS(course->classes); pair++) {
		size_t a, b, count = 0;
		pair_classes(pair, course->classes, &a, &b);
		for (size_t row = 0; row < course->rows; row++) {
			if (in_pair(course, row, a, b)) {
				decisions[count] = *decision_of(course, row, a, b);
				positive[count++] = dataset_labels(course->problem->dataset)[row] == a;
			}
		}
		course->machine->pairs[pair].slope = sigmoid_fit(decisions, positive, count);
	}
	free(decisions);
	free(positive);
	return STATUS_OK;
}

static status_t train(course_t *course)
{
	const work_t job = {
		.begin = begin, .work = work, .end = free,
		.progress = course->training->progress,
		.progress_context = course->training->progress_context,
	};
	status_t status = svm_problem_deal(course->problem, course->training->seed, STREAM,
	                                   course->fold_of);
	if (status == STATUS_OK) {
		status = workers_run(&job, course, 1 + SVM_PAIRS(course->classes) * SVM_FOLDS,
		                     course->training->threads);
	}
	return status == STATUS_OK ? fit_sigmoids(course) : status;
}

status_t svm_machine_train(const dataset_t *dataset, const training_t *training, void **machine,
                           model_tally_t *tallies)
{
	(void)tallies;
	size_t rows = dataset_rows(dataset), classes = dataset_classes(dataset);
	course_t course = {
		.problem = svm_problem_create(dataset), .training = training,
		.rows = rows, .classes = classes,
		.fold_of = calloc(rows, sizeof(*course.fold_of)),
		.decisions = calloc(rows * (classes - 1), sizeof(*course.decisions)),
	};
	status_t status = STATUS_NO_MEMORY;
	if (course.problem != NULL && course.fold_of != NULL && course.decisions != NULL) {
		status = train(&course);
	}
	if (status == STATUS_OK && training->out_of_bag != NULL) {
		fill_out_of_bag(&course, training->out_of_bag);
	}
	svm_problem_destroy(course.problem);
	free(course.fold_of);
	free(course.decisions);
	if (status != STATUS_OK) {
		svm_machine_destroy(course.machine);
		return status;
	}
	*machine = course.machine;
	return STATUS_OK;
}
