/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Repeated trials and what they come to.
 *
 * Trial t deals from stream t of the seed (k-fold: all from stream 0, each part in turn
 * is the test) and writes into place t; means are taken over the places in order. So
 * threads, which take trials from a counter, change nothing.
 *
 * Memory: for each thread a copy of the rows; for each trial its confusion and curves.
 */
#include "classifier/evaluation.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/partition.h"
#include "classifier/trial.h"
#include "classifier/workers.h"
#include "common/generator.h"

/* Stream of the trials' own seeds; deals have those below. */
#define STREAM_SEEDS (UINT64_C(1) << 32)

/* What the threads share. */
typedef struct {
	const dataset_t *dataset;
	const evaluation_plan_t *plan;
	partition_t *partition;
	uint16_t *fold_of;        /* k-fold: the part of each row */
	trial_t *trials;
	size_t count;
	pthread_mutex_t lock;     /* of what follows */
	failure_t failure;        /* of the first trial that failed */
	size_t failed;            /* its number; `count`: none */
} course_t;

/* What a thread has for itself. */
typedef struct {
	uint16_t *part_of;
	size_t *learnt;
	size_t *tested;
} rooms_t;

static void end(void *given)
{
	rooms_t *rooms = given;
	free(rooms->part_of);
	free(rooms->learnt);
	free(rooms->tested);
	free(rooms);
}

static void *begin(void *context)
{
	size_t rows = dataset_rows(((const course_t *)context)->dataset);
	rooms_t *rooms = calloc(1, sizeof(*rooms));
	if (rooms == NULL) {
		return NULL;
	}
	rooms->part_of = calloc(rows, sizeof(*rooms->part_of));
	rooms->learnt = calloc(rows, sizeof(*rooms->learnt));
	rooms->tested = calloc(rows, sizeof(*rooms->tested));
	if (rooms->part_of == NULL || rooms->learnt == NULL || rooms->tested == NULL) {
		end(rooms);
		return NULL;
	}
	return rooms;
}

/* Keeps the sentence of the lowest trial that failed. */
static status_t fail(course_t *course, size_t number, const failure_t *failure)
{
	pthread_mutex_lock(&course->lock);
	if (number < course->failed) {
		course->failed = number;
		course->failure = *failure;
	}
	pthread_mutex_unlock(&course->lock);
	return failure->status;
}

static status_t work(void *context, void *given, size_t number)
{
	course_t *course = context;
	const evaluation_plan_t *plan = course->plan;
	rooms_t *rooms = given;
	failure_t failure;
	const double shares[] = { 1 - plan->train, plan->train };
	const uint16_t *part_of = course->fold_of;
	size_t test_part = number, learnt = 0, tested = 0;
	if (plan->folds == 0) {
		part_of = rooms->part_of;
		test_part = 0;
		if (partition_deal(course->partition, plan->seed, number, shares, 2, rooms->part_of) !=
		    STATUS_OK) {
			failure_no_memory(&failure, "the parts of a trial");
			return fail(course, number, &failure);
		}
	}
	for (size_t row = 0; row < dataset_rows(course->dataset); row++) {
		if (part_of[row] == test_part) {
			rooms->tested[tested++] = row;
		} else {
			rooms->learnt[learnt++] = row;
		}
	}
	generator_t generator = generator_make(plan->seed, STREAM_SEEDS + number);
	status_t status = trial_run(course->dataset, plan, generator_next(&generator), rooms->learnt,
	                            learnt, rooms->tested, tested,
	                            number < EVALUATION_PERMUTED_TRIALS, &course->trials[number],
	                            &failure);
	return status == STATUS_OK ? status : fail(course, number, &failure);
}

/* Deals the folds. The last part gets what rounding leaves: shares need not be exact. */
static status_t deal_folds(course_t *course)
{
	double shares[EVALUATION_TRIALS_MAX];
	for (size_t i = 0; i < course->plan->folds; i++) {
		shares[i] = 1 / (double)course->plan->folds;
	}
	course->fold_of = calloc(dataset_rows(course->dataset), sizeof(*course->fold_of));
	return course->fold_of == NULL ? STATUS_NO_MEMORY :
	       partition_deal(course->partition, course->plan->seed, 0, shares, course->plan->folds,
	                      course->fold_of);
}

static evaluation_figure_t figure(const double *values, size_t count)
{
	return (evaluation_figure_t) {
		.mean = metrics_mean(values, count), .deviation = metrics_deviation(values, count),
	};
}

static void sum_up_class(const course_t *course, size_t class_index, double *values,
                         evaluation_class_t *answer)
{
	size_t classes = dataset_classes(course->dataset), count = course->count;
	double *columns[5];
	for (size_t i = 0; i < 5; i++) {
		columns[i] = values + i * count;
	}
	for (size_t i = 0; i < count; i++) {
		const trial_t *trial = &course->trials[i];
		metrics_class_t of_class = metrics_class(trial->confusion, classes, class_index);
		const metrics_curves_t *curves = &trial->curves[class_index];
		if (of_class.rows > 0) {
			columns[0][answer->trials] = of_class.precision;
			columns[1][answer->trials] = of_class.recall;
			columns[2][answer->trials++] = of_class.f;
		}
		if (curves->defined) {
			columns[3][answer->drawn] = curves->roc_area;
			columns[4][answer->drawn++] = curves->average_precision;
			for (size_t j = 0; j < METRICS_CURVE_POINTS; j++) {
				answer->roc[j] += curves->roc[j];
				answer->precisions[j] += curves->precision[j];
			}
		}
	}
	answer->precision = figure(columns[0], answer->trials);
	answer->recall = figure(columns[1], answer->trials);
	answer->f = figure(columns[2], answer->trials);
	answer->roc_area = figure(columns[3], answer->drawn);
	answer->average_precision = figure(columns[4], answer->drawn);
	for (size_t j = 0; j < METRICS_CURVE_POINTS && answer->drawn > 0; j++) {
		answer->roc[j] /= (double)answer->drawn;
		answer->precisions[j] /= (double)answer->drawn;
	}
}

static void sum_up_features(const course_t *course, double *values, evaluation_t *answer)
{
	size_t count = course->count, permuted = count < EVALUATION_PERMUTED_TRIALS ? count :
	                                         EVALUATION_PERMUTED_TRIALS;
	for (size_t feature = 0; feature < answer->feature_count; feature++) {
		for (size_t i = 0; i < count; i++) {
			values[i] = course->trials[i].gini[feature];
		}
		answer->features[feature].gini = figure(values, count);
		for (size_t i = 0; i < permuted; i++) {
			values[i] = course->trials[i].permutation[feature];
		}
		answer->features[feature].permutation = figure(values, permuted);
	}
}

static void sum_up_all(const course_t *course, double *values, evaluation_t *answer)
{
	size_t classes = answer->class_count, count = course->count;
	for (size_t i = 0; i < count; i++) {
		const uint64_t *confusion = course->trials[i].confusion;
		metrics_summary_t summary = metrics_summary(confusion, classes);
		values[i] = summary.accuracy;
		values[count + i] = summary.precision;
		values[2 * count + i] = summary.recall;
		values[3 * count + i] = summary.f;
		for (size_t j = 0; j < classes * classes; j++) {
			answer->confusion[j] += confusion[j];
		}
	}
	answer->accuracy = figure(values, count);
	answer->precision = figure(values + count, count);
	answer->recall = figure(values + 2 * count, count);
	answer->f = figure(values + 3 * count, count);
}

static evaluation_t *sum_up(const course_t *course)
{
	size_t classes = dataset_classes(course->dataset);
	size_t features = dataset_features(course->dataset);
	evaluation_t *answer = calloc(1, sizeof(*answer));
	double *values = calloc(5 * course->count, sizeof(*values));
	if (answer != NULL) {
		*answer = (evaluation_t) {
			.trials = course->count, .class_count = classes, .feature_count = features,
			.confusion = calloc(classes * classes, sizeof(*answer->confusion)),
			.classes = calloc(classes, sizeof(*answer->classes)),
			.features = calloc(features, sizeof(*answer->features)),
		};
	}
	if (answer == NULL || values == NULL || answer->confusion == NULL ||
	    answer->classes == NULL || answer->features == NULL) {
		free(values);
		evaluation_destroy(answer);
		return NULL;
	}
	sum_up_all(course, values, answer);
	for (size_t i = 0; i < classes; i++) {
		sum_up_class(course, i, values, &answer->classes[i]);
	}
	sum_up_features(course, values, answer);
	free(values);
	return answer;
}

static status_t run(course_t *course, evaluation_t **answer, failure_t *failure)
{
	const evaluation_plan_t *plan = course->plan;
	const work_t job = {
		.begin = begin, .work = work, .end = end,
		.progress = plan->progress, .progress_context = plan->progress_context,
	};
	size_t groups = partition_groups(course->partition), parts = plan->folds > 0 ? plan->folds : 2;
	if (groups < parts) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu rows or groups of rows are too few for "
		                   "%zu parts", groups, parts);
	}
	if (plan->folds > 0 && deal_folds(course) != STATUS_OK) {
		return failure_no_memory(failure, "the folds");
	}
	status_t status = workers_run(&job, course, course->count, plan->threads);
	if (status != STATUS_OK) {
		return course->failed < course->count ?
		       failure_set(failure, status, "%s", course->failure.sentence) :
		       failure_no_memory(failure, "the trials");
	}
	*answer = sum_up(course);
	return *answer != NULL ? STATUS_OK : failure_no_memory(failure, "the figures");
}

static status_t check(const evaluation_plan_t *plan, failure_t *failure)
{
	if (plan->folds == 0 && (plan->repetitions < 1 || plan->repetitions > EVALUATION_TRIALS_MAX)) {
		return failure_set(failure, STATUS_BAD_DATA, "repetitions must be 1 to %d, not %zu",
		                   EVALUATION_TRIALS_MAX, plan->repetitions);
	}
	if (plan->folds == 0 && !(plan->train > 0 && plan->train < 1)) {
		return failure_set(failure, STATUS_BAD_DATA, "the share to train with must be between 0 "
		                   "and 1, not %g", plan->train);
	}
	if (plan->folds == 1 || plan->folds > PARTITION_PARTS_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "folds must be 2 to %d, not %zu",
		                   PARTITION_PARTS_MAX, plan->folds);
	}
	return STATUS_OK;
}

status_t evaluation_run(const dataset_t *dataset, const evaluation_plan_t *plan,
                        evaluation_t **evaluation, failure_t *failure)
{
	status_t status = check(plan, failure);
	if (status != STATUS_OK) {
		return status;
	}
	size_t count = plan->folds > 0 ? plan->folds : plan->repetitions;
	course_t course = {
		.dataset = dataset, .plan = plan, .count = count, .failed = count,
		.partition = partition_create(dataset), .trials = calloc(count, sizeof(*course.trials)),
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	status = course.partition != NULL && course.trials != NULL ?
	         run(&course, evaluation, failure) : failure_no_memory(failure, "the trials");
	for (size_t i = 0; i < count && course.trials != NULL; i++) {
		trial_clear(&course.trials[i]);
	}
	free(course.trials);
	free(course.fold_of);
	partition_destroy(course.partition);
	pthread_mutex_destroy(&course.lock);
	return status;
}

void evaluation_destroy(evaluation_t *evaluation)
{
	if (evaluation == NULL) {
		return;
	}
	free(evaluation->confusion);
	free(evaluation->classes);
	free(evaluation->features);
	free(evaluation);
}
