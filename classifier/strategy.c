/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trials of strategies, and what they come to.
 *
 * A piece of work is one trial of one strategy. Trial t deals from stream t of the seed, for
 * each strategy alike, and writes into its own place; means are taken over the places in
 * order. So threads change nothing.
 */
#include "classifier/strategy.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/partition.h"
#include "classifier/strategy_walk.h"
#include "classifier/workers.h"
#include "common/generator.h"

/* First stream of the lots of originators without a label on the training day. */
#define STREAM_LOTS (UINT64_C(4) << 32)

/* The figures of a day that are taken over trials. */
#define FIGURES 4
#define POSITIVE_FIGURES 3

/* What the threads share. */
typedef struct {
	strategy_course_t course;
	strategy_t strategies[STRATEGIES];  /* those chosen */
	size_t strategy_count;
	size_t trials;
	dataset_t *labelled;      /* a row for each originator known on the training day */
	uint32_t *originators;    /* of these rows */
	uint8_t *anywhere;        /* of each originator: it has a label on some day */
	partition_t *partition;
	strategy_score_t *scores; /* pieces x days */
	pthread_mutex_t lock;     /* of what follows */
	failure_t failure;        /* of the first piece that failed */
	size_t failed;            /* its number */
} trials_t;

const char *strategy_name(strategy_t strategy)
{
	static const char *const names[STRATEGIES] = {
		[STRATEGY_TRAIN_ONCE] = "train-once", [STRATEGY_RE_EXTRACT] = "re-extract",
		[STRATEGY_SELF_TRAIN] = "self-train",
	};
	return names[strategy];
}

/* Deals the originators of a trial. */
static status_t deal(const trials_t *trials, size_t trial, uint16_t *part_of, uint8_t *tested)
{
	const evaluation_plan_t *plan = &trials->course.plan->plan;
	const double halves[] = { 1 - plan->train, plan->train };
	double shares[PARTITION_PARTS_MAX];
	size_t stream = plan->folds > 0 ? 0 : trial, part = plan->folds > 0 ? trial : 0;
	for (size_t i = 0; i < plan->folds; i++) {
		shares[i] = 1 / (double)plan->folds;
	}
	status_t status = partition_deal(trials->partition, plan->seed, stream,
	                                 plan->folds > 0 ? shares : halves,
	                                 plan->folds > 0 ? plan->folds : 2, part_of);
	if (status != STATUS_OK) {
		return status;
	}
	generator_t lots = generator_make(plan->seed, STREAM_LOTS + stream);
	for (size_t i = 0; i < trials->course.days->originator_count; i++) {
		/* One is drawn for everybody: labels of other days then change nobody else's lot. */
		double lot = generator_uniform(&lots);
		size_t drawn = plan->folds > 0 ? (size_t)(lot * (double)plan->folds) : lot < plan->train;
		tested[i] = trials->anywhere[i] && drawn == part;
	}
	for (size_t row = 0; row < dataset_rows(trials->labelled); row++) {
		tested[trials->originators[row]] = part_of[row] == part;
	}
	return STATUS_OK;
}

/* Keeps the sentence of the lowest piece that failed. */
static status_t fail(trials_t *trials, size_t piece, const failure_t *failure)
{
	pthread_mutex_lock(&trials->lock);
	if (piece < trials->failed) {
		trials->failed = piece;
		trials->failure = *failure;
	}
	pthread_mutex_unlock(&trials->lock);
	return failure->status;
}

static status_t work(void *context, void *rooms, size_t piece)
{
	(void)rooms;
	trials_t *trials = context;
	const days_t *days = trials->course.days;
	size_t trial = piece / trials->strategy_count;
	strategy_t strategy = trials->strategies[piece % trials->strategy_count];
	failure_t failure;
	uint16_t *part_of = calloc(dataset_rows(trials->labelled), sizeof(*part_of));
	uint8_t *tested = calloc(days->originator_count, sizeof(*tested));
	status_t status = part_of != NULL && tested != NULL ?
	                  deal(trials, trial, part_of, tested) : STATUS_NO_MEMORY;
	if (status != STATUS_OK) {
		failure_no_memory(&failure, "the parts of a trial");
	} else {
		status = strategy_walk(&trials->course, strategy, trial, tested,
		                       trials->scores + piece * days->count, &failure);
	}
	free(part_of);
	free(tested);
	return status == STATUS_OK ? status : fail(trials, piece, &failure);
}

static evaluation_figure_t figure(const double *values, size_t count)
{
	return (evaluation_figure_t) {
		.mean = metrics_mean(values, count), .deviation = metrics_deviation(values, count),
	};
}

/* Takes a day's figures over the trials. \a values has room for a figure of all trials each. */
static void sum_up_day(const trials_t *trials, size_t chosen, size_t day, double *values,
                       strategy_figures_t *out)
{
	size_t days = trials->course.days->count, most = trials->trials;
	double *of_all = values, *of_positive = values + FIGURES * most;
	double learnt = 0;
	for (size_t i = 0; i < most; i++) {
		const strategy_score_t *score =
			&trials->scores[(i * trials->strategy_count + chosen) * days + day];
		if (!score->tested) {
			continue;
		}
		size_t place = out->trials++;
		learnt += (double)score->learnt;
		of_all[place] = score->summary.f;
		of_all[most + place] = score->summary.precision;
		of_all[2 * most + place] = score->summary.recall;
		of_all[3 * most + place] = score->summary.accuracy;
		if (score->positive.rows > 0) {
			place = out->positive_trials++;
			of_positive[place] = score->positive.f;
			of_positive[most + place] = score->positive.precision;
			of_positive[2 * most + place] = score->positive.recall;
		}
	}
	out->learnt = out->trials > 0 ? learnt / (double)out->trials : 0;
	out->f = figure(of_all, out->trials);
	out->precision = figure(of_all + most, out->trials);
	out->recall = figure(of_all + 2 * most, out->trials);
	out->accuracy = figure(of_all + 3 * most, out->trials);
	out->positive_f = figure(of_positive, out->positive_trials);
	out->positive_precision = figure(of_positive + most, out->positive_trials);
	out->positive_recall = figure(of_positive + 2 * most, out->positive_trials);
}

static status_t sum_up(const trials_t *trials, strategy_figures_t *figures, failure_t *failure)
{
	const strategy_course_t *course = &trials->course;
	const days_t *days = course->days;
	double *values = calloc((FIGURES + POSITIVE_FIGURES) * trials->trials, sizeof(*values));
	if (values == NULL) {
		return failure_no_memory(failure, "the figures");
	}
	memset(figures, 0, STRATEGIES * days->count * sizeof(*figures));
	for (size_t chosen = 0; chosen < trials->strategy_count; chosen++) {
		for (size_t day = 0; day < days->count; day++) {
			strategy_figures_t *out = &figures[trials->strategies[chosen] * days->count + day];
			out->rows = days->days[day].labelled;
			for (size_t row = days->days[day].first; row < days_end(days, day); row++) {
				out->positive_rows += course->positive != DAYS_NONE &&
				                      course->labels[row] == course->positive;
			}
			sum_up_day(trials, chosen, day, values, out);
		}
	}
	free(values);
	return STATUS_OK;
}

static status_t run(trials_t *trials, strategy_figures_t *figures, failure_t *failure)
{
	const evaluation_plan_t *plan = &trials->course.plan->plan;
	const work_t job = {
		.work = work, .progress = plan->progress, .progress_context = plan->progress_context,
	};
	size_t pieces = trials->trials * trials->strategy_count;
	size_t rows = dataset_rows(trials->labelled), parts = plan->folds > 0 ? plan->folds : 2;
	if (rows < parts) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu originators with labels on the training "
		                   "day are too few for %zu parts", rows, parts);
	}
	trials->failed = pieces;
	trials->partition = partition_create(trials->labelled);
	trials->scores = calloc(pieces * trials->course.days->count, sizeof(*trials->scores));
	if (trials->partition == NULL || trials->scores == NULL) {
		return failure_no_memory(failure, "the trials");
	}
	status_t status = workers_run(&job, trials, pieces, plan->threads);
	if (status != STATUS_OK) {
		return trials->failed < pieces ?
		       failure_set(failure, status, "%s", trials->failure.sentence) :
		       failure_no_memory(failure, "the trials");
	}
	return sum_up(trials, figures, failure);
}

/* Names, and labels of rows with the classes folded if the plan says so. */
static status_t make_labels(strategy_course_t *course, failure_t *failure)
{
	const days_t *days = course->days;
	bool two = course->plan->two;
	size_t classes = two ? 2 : dataset_classes(days->names);
	int positive = dataset_class_index(days->names, course->plan->positive);
	if (two && strcmp(course->plan->positive, DATASET_REST) == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "the class '%s' cannot be told from the "
		                   "rest, which gets that name", DATASET_REST);
	}
	course->features = calloc(days->features, sizeof(*course->features));
	course->classes = calloc(classes, sizeof(*course->classes));
	course->labels = calloc(days->rows, sizeof(*course->labels));
	if (course->features == NULL || course->classes == NULL || course->labels == NULL) {
		return failure_no_memory(failure, "the labels of the rows");
	}
	for (size_t i = 0; i < days->features; i++) {
		course->features[i] = dataset_feature_name(days->names, i);
	}
	for (size_t i = 0; i < classes; i++) {
		course->classes[i] = !two ? dataset_class_name(days->names, i) :
		                     i == 0 ? course->plan->positive : DATASET_REST;
	}
	course->class_count = classes;
	course->positive = positive < 0 ? DAYS_NONE : two ? 0 : (uint32_t)positive;
	for (size_t row = 0; row < days->rows; row++) {
		uint32_t label = days->labels[row];
		course->labels[row] = !two || label == DAYS_NONE ? label : label != (uint32_t)positive;
	}
	return STATUS_OK;
}

/* What is known on the training day, and who has a label anywhere. */
static status_t make_known(trials_t *trials, failure_t *failure)
{
	strategy_course_t *course = &trials->course;
	const days_t *days = course->days;
	size_t day = course->plan->train_on;
	course->known = calloc(days->originator_count, sizeof(*course->known));
	trials->anywhere = calloc(days->originator_count, sizeof(*trials->anywhere));
	trials->originators = calloc(days->originator_count, sizeof(*trials->originators));
	if (course->known == NULL || trials->anywhere == NULL || trials->originators == NULL) {
		return failure_no_memory(failure, "the labels of the training day");
	}
	memset(course->known, 0xff, days->originator_count * sizeof(*course->known));
	for (size_t row = 0; row < days->rows; row++) {
		trials->anywhere[days->originators[row]] |= course->labels[row] != DAYS_NONE;
	}
	/* Rows of an originator follow each other; UINT32_MAX - 1 says that they disagree. */
	const uint32_t disagreed = DAYS_NONE - 1;
	for (size_t row = days->days[day].first; row < days_end(days, day); row++) {
		uint32_t *known = &course->known[days->originators[row]], label = course->labels[row];
		if (label != DAYS_NONE) {
			*known = *known == DAYS_NONE || *known == label ? label : disagreed;
		}
	}
	for (size_t i = 0; i < days->originator_count; i++) {
		course->known[i] = course->known[i] == disagreed ? DAYS_NONE : course->known[i];
	}
	return STATUS_OK;
}

/* A row without a meaning for each originator that is known: only their classes are dealt. */
static status_t list_known(trials_t *trials, failure_t *failure)
{
	const strategy_course_t *course = &trials->course;
	size_t count = 0;
	failure_t why;
	status_t status = dataset_create(&(const char *) { "originator" }, 1, &trials->labelled, &why);
	for (size_t i = 0; i < course->class_count && status == STATUS_OK; i++) {
		uint32_t index;
		status = dataset_class(trials->labelled, course->classes[i], &index, &why);
	}
	for (size_t i = 0; i < course->days->originator_count && status == STATUS_OK; i++) {
		if (course->known[i] != DAYS_NONE) {
			trials->originators[count++] = (uint32_t)i;
			status = dataset_add(trials->labelled, &(double) { 0 }, course->known[i], &why);
		}
	}
	if (status == STATUS_OK) {
		status = dataset_finish(trials->labelled, &why);
	}
	return status == STATUS_OK ? status :
	       failure_set(failure, status, "the labels of the training day: %s", why.sentence);
}

status_t strategy_run(const days_t *days, const strategy_plan_t *plan,
                      strategy_figures_t *figures, failure_t *failure)
{
	trials_t trials = {
		.course = { .days = days, .plan = plan },
		.trials = plan->plan.folds > 0 ? plan->plan.folds : plan->plan.repetitions,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	for (strategy_t i = 0; i < STRATEGIES; i++) {
		if (plan->chosen[i]) {
			trials.strategies[trials.strategy_count++] = i;
		}
	}
	status_t status = make_labels(&trials.course, failure);
	if (status == STATUS_OK) {
		status = make_known(&trials, failure);
	}
	if (status == STATUS_OK) {
		status = list_known(&trials, failure);
	}
	if (status == STATUS_OK) {
		status = run(&trials, figures, failure);
	}
	free(trials.course.features);
	free(trials.course.classes);
	free(trials.course.labels);
	free(trials.course.known);
	free(trials.anywhere);
	free(trials.originators);
	free(trials.scores);
	partition_destroy(trials.partition);
	dataset_destroy(trials.labelled);
	pthread_mutex_destroy(&trials.lock);
	return status;
}
