/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cost and gamma from a grid.
 *
 * C.-W. Hsu, C.-C. Chang, C.-J. Lin: A Practical Guide to Support Vector
 * Classification, 2003: exponentially growing sequences, five-fold cross-validation.
 * The best point is the one with the highest macro F, and not accuracy: where
 * scanners are few, nobody is told as a scanner by the most accurate machine. Of equal
 * points the one with the lowest cost, then the lowest gamma wins: the smoothest.
 *
 * The scales are those of all rows of the training part; only the choice of the point
 * sees that. Cost: points x folds trainings.
 */
#include <libsvm/svm.h>
#include <stdlib.h>

#include "classifier/metrics.h"
#include "classifier/svm_problem.h"
#include "classifier/svm_train.h"
#include "classifier/workers.h"

#define STREAM 2  /* of the seed */

static const double costs[] = { 0.125, 0.5, 2, 8, 32, 128, 512 };
static const double gammas[] = {
	1.0 / 512, 1.0 / 128, 1.0 / 32, 1.0 / 8, 0.5, 2,
};

#define COSTS (sizeof(costs) / sizeof(costs[0]))
#define GAMMAS (sizeof(gammas) / sizeof(gammas[0]))
#define POINTS (COSTS * GAMMAS)

/* What the threads share. */
typedef struct {
	svm_problem_t *problem;
	const training_t *training;
	size_t rows;
	size_t classes;
	uint16_t *fold_of;
	uint8_t *told;   /* POINTS x rows: classes, of which there are at most SVM_CLASSES_MAX */
} search_t;

static void *begin(void *context)
{
	return calloc(((const search_t *)context)->rows, sizeof(uint8_t));
}

static status_t work(void *context, void *rooms, size_t piece)
{
	search_t *search = context;
	uint8_t *kept = rooms;
	size_t point = piece / SVM_FOLDS;
	unsigned fold = (unsigned)(piece % SVM_FOLDS);
	bool any = false;
	for (size_t row = 0; row < search->rows; row++) {
		kept[row] = search->fold_of[row] != fold;
		any = any || kept[row];
	}
	if (!any) {
		return STATUS_OK;
	}
	struct svm_model *model;
	training_t training = *search->training;
	training.cost = costs[point / GAMMAS];
	training.gamma = gammas[point % GAMMAS];
	status_t status = svm_problem_train(search->problem, kept, &training, &model);
	if (status != STATUS_OK) {
		return status;
	}
	for (size_t row = 0; row < search->rows; row++) {
		if (!kept[row]) {
			search->told[point * search->rows + row] =
				(uint8_t)svm_predict(model, svm_problem_row(search->problem, row));
		}
	}
	svm_free_and_destroy_model(&model);
	return STATUS_OK;
}

static double judge(const search_t *search, size_t point)
{
	uint64_t confusion[SVM_CLASSES_MAX * SVM_CLASSES_MAX] = { 0 };
	const uint32_t *labels = dataset_labels(search->problem->dataset);
	for (size_t row = 0; row < search->rows; row++) {
		confusion[labels[row] * search->classes + search->told[point * search->rows + row]]++;
	}
	return metrics_summary(confusion, search->classes).f;
}

static status_t run(search_t *search, training_t *training)
{
	const work_t job = {
		.begin = begin, .work = work, .end = free,
		.progress = training->progress, .progress_context = training->progress_context,
	};
	status_t status = svm_problem_deal(search->problem, training->seed, STREAM,
	                                   search->fold_of);
	if (status == STATUS_OK) {
		status = workers_run(&job, search, POINTS * SVM_FOLDS, training->threads);
	}
	double best = -1;
	for (size_t point = 0; point < POINTS && status == STATUS_OK; point++) {
		double f = judge(search, point);
		if (f > best) {
			best = f;
			training->cost = costs[point / GAMMAS];
			training->gamma = gammas[point % GAMMAS];
		}
	}
	return status;
}

status_t svm_machine_refuse(const dataset_t *dataset, failure_t *failure)
{
	size_t rows = dataset_rows(dataset), classes = dataset_classes(dataset);
	if (classes > SVM_CLASSES_MAX) {
		return failure_set(failure, STATUS_UNSUPPORTED, "%zu classes: a support vector machine "
		                   "tells at most %d apart", classes, SVM_CLASSES_MAX);
	}
	if (rows > SVM_ROWS_MAX) {
		return failure_set(failure, STATUS_UNSUPPORTED, "%zu rows: a support vector machine learns "
		                   "from at most %d, as its time grows with their square", rows,
		                   SVM_ROWS_MAX);
	}
	return STATUS_OK;
}

status_t svm_machine_choose(const dataset_t *dataset, training_t *training, failure_t *failure)
{
	size_t rows = dataset_rows(dataset), classes = dataset_classes(dataset);
	if (!training->grid) {
		return STATUS_OK;
	}
	search_t search = {
		.problem = svm_problem_create(dataset), .training = training,
		.rows = rows, .classes = classes,
		.fold_of = calloc(rows, sizeof(*search.fold_of)),
		.told = calloc(POINTS * rows, sizeof(*search.told)),
	};
	status_t status = STATUS_NO_MEMORY;
	if (search.problem != NULL && search.fold_of != NULL && search.told != NULL) {
		status = run(&search, training);
	}
	svm_problem_destroy(search.problem);
	free(search.fold_of);
	free(search.told);
	return status == STATUS_OK ? status : failure_no_memory(failure, "the grid");
}
