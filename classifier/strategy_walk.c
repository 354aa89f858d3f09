/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A walk over the days: learn, test, go on.
 *
 *     train-once    model of T;  test T and every other day with it
 *     re-extract    every day:   learn the day, test it
 *     self-train    T, T+1, ...  learn the day, test it, keep its verdicts; again T, T-1, ...
 *
 * Rows of a day stand together, so a day is predicted as one block.
 */
#include "classifier/strategy_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/generator.h"

/* First stream of the seeds of trainings, one for each trial and day. */
#define STREAM_SEEDS (UINT64_C(3) << 32)

/* Room for a number as text. */
#define NUMBER_TEXT 24

/* A trial at work. */
typedef struct {
	const strategy_course_t *course;
	const uint8_t *tested;
	size_t trial;
	strategy_score_t *scores;
	uint32_t *known;         /* of each originator: its class to learn, or DAYS_NONE */
	double *probabilities;   /* most rows of a day x classes */
	uint32_t *verdicts;      /* of each row of a day */
	uint64_t *confusion;
} walk_t;

/* Adds the rows of a day that may be learnt from. */
static status_t gather(const walk_t *walk, size_t day, dataset_t *dataset, failure_t *failure)
{
	const days_t *days = walk->course->days;
	status_t status = STATUS_OK;
	for (size_t i = 0; i < walk->course->class_count && status == STATUS_OK; i++) {
		uint32_t index;
		status = dataset_class(dataset, walk->course->classes[i], &index, failure);
	}
	for (size_t row = days->days[day].first; row < days_end(days, day) && status == STATUS_OK;
	     row++) {
		uint32_t originator = days->originators[row];
		if (walk->tested[originator] || walk->known[originator] == DAYS_NONE) {
			continue;
		}
		char group[NUMBER_TEXT];
		(void)snprintf(group, sizeof(group), "%u", (unsigned)originator);
		status = dataset_add(dataset, days->matrix + row * days->features,
		                     walk->known[originator], failure);
		status = status == STATUS_OK ? dataset_set_group(dataset, group, failure) : status;
	}
	return status;
}

/* Trains; a positive class that is not among the rows sets no threshold. */
static status_t train(const walk_t *walk, size_t day, const dataset_t *dataset, model_t **model,
                      failure_t *failure)
{
	const evaluation_plan_t *plan = &walk->course->plan->plan;
	generator_t generator = generator_make(plan->seed, STREAM_SEEDS + walk->trial * DAYS_MAX + day);
	training_t training = plan->training;
	training.seed = generator_next(&generator);
	training.threads = 1;
	training.progress = NULL;
	training.out_of_bag = NULL;
	if (training.positive != NULL && dataset_class_index(dataset, training.positive) < 0) {
		training.positive = NULL;
	}
	return learner_train(plan->algorithm, dataset, &training, model, failure);
}

/* Learns a day. The model is NULL where its rows are of fewer than two classes. */
static status_t learn(const walk_t *walk, size_t day, model_t **model, size_t *learnt,
                      failure_t *failure)
{
	dataset_t *dataset;
	*model = NULL;
	*learnt = 0;
	status_t status = dataset_create(walk->course->features, walk->course->days->features,
	                                 &dataset, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = gather(walk, day, dataset, failure);
	if (status == STATUS_OK) {
		status = dataset_finish(dataset, failure);
		if (status == STATUS_OK) {
			*learnt = dataset_rows(dataset);
			status = train(walk, day, dataset, model, failure);
		} else if (status == STATUS_BAD_DATA) {
			status = STATUS_OK;
		}
	}
	dataset_destroy(dataset);
	return status;
}

/* Index of a model's class in the course. */
static uint32_t class_of(const strategy_course_t *course, const char *name)
{
	uint32_t index = 0;
	while (strcmp(course->classes[index], name) != 0) {
		index++;
	}
	return index;
}

/* What a model says of each row of a day. */
static void tell(const walk_t *walk, size_t day, const model_t *model)
{
	const days_t *days = walk->course->days;
	size_t first = days->days[day].first, count = days_end(days, day) - first;
	size_t classes = model_class_count(model);
	model_predict(model, days->matrix + first * days->features, count, days->features, NULL,
	              walk->probabilities);
	for (size_t i = 0; i < count; i++) {
		const double *of_row = walk->probabilities + i * classes;
		size_t verdict = walk->course->plan->plan.threshold ? model_verdict(model, of_row) :
		                 model_class_argmax(of_row, classes);
		walk->verdicts[i] = class_of(walk->course, model_class_name(model, verdict));
	}
}

/* Holds the verdicts of a day against its labels. */
static void score(const walk_t *walk, size_t day, size_t learnt)
{
	const strategy_course_t *course = walk->course;
	const days_t *days = course->days;
	size_t first = days->days[day].first, classes = course->class_count, rows = 0;
	memset(walk->confusion, 0, classes * classes * sizeof(*walk->confusion));
	for (size_t row = first; row < days_end(days, day); row++) {
		if (walk->tested[days->originators[row]] && course->labels[row] != DAYS_NONE) {
			walk->confusion[course->labels[row] * classes + walk->verdicts[row - first]]++;
			rows++;
		}
	}
	strategy_score_t *out = &walk->scores[day];
	*out = (strategy_score_t) { .learnt = learnt, .tested = rows > 0 };
	if (rows > 0) {
		out->summary = metrics_summary(walk->confusion, classes);
		out->positive = course->positive == DAYS_NONE ? (metrics_class_t) { 0 } :
		                metrics_class(walk->confusion, classes, course->positive);
	}
}

/* Takes the verdicts of a day for labels, where there is neither a label nor a test. */
static void believe(const walk_t *walk, size_t day)
{
	const days_t *days = walk->course->days;
	size_t first = days->days[day].first;
	for (size_t row = first; row < days_end(days, day); row++) {
		uint32_t originator = days->originators[row];
		if (!walk->tested[originator] && walk->course->known[originator] == DAYS_NONE) {
			walk->known[originator] = walk->verdicts[row - first];
		}
	}
}

/* Learns a day and tests it. */
static status_t visit(const walk_t *walk, size_t day, bool keep, failure_t *failure)
{
	model_t *model;
	size_t learnt;
	status_t status = learn(walk, day, &model, &learnt, failure);
	if (status != STATUS_OK || model == NULL) {
		return status;
	}
	tell(walk, day, model);
	score(walk, day, learnt);
	if (keep) {
		believe(walk, day);
	}
	model_destroy(model);
	return STATUS_OK;
}

static void forget(const walk_t *walk)
{
	memcpy(walk->known, walk->course->known,
	       walk->course->days->originator_count * sizeof(*walk->known));
}

static status_t train_once(const walk_t *walk, failure_t *failure)
{
	model_t *model;
	size_t learnt;
	status_t status = learn(walk, walk->course->plan->train_on, &model, &learnt, failure);
	for (size_t day = 0; day < walk->course->days->count && model != NULL; day++) {
		tell(walk, day, model);
		score(walk, day, learnt);
	}
	model_destroy(model);
	return status;
}

static status_t re_extract(const walk_t *walk, failure_t *failure)
{
	status_t status = STATUS_OK;
	for (size_t day = 0; day < walk->course->days->count && status == STATUS_OK; day++) {
		status = visit(walk, day, false, failure);
	}
	return status;
}

static status_t self_train(const walk_t *walk, failure_t *failure)
{
	size_t train_on = walk->course->plan->train_on;
	status_t status = STATUS_OK;
	for (size_t day = train_on; day < walk->course->days->count && status == STATUS_OK; day++) {
		status = visit(walk, day, true, failure);
	}
	forget(walk);
	for (size_t day = train_on + 1; day > 0 && status == STATUS_OK; day--) {
		status = visit(walk, day - 1, true, failure);
	}
	return status;
}

static status_t run(const walk_t *walk, strategy_t strategy, failure_t *failure)
{
	static status_t (*const runs[STRATEGIES])(const walk_t *, failure_t *) = {
		[STRATEGY_TRAIN_ONCE] = train_once, [STRATEGY_RE_EXTRACT] = re_extract,
		[STRATEGY_SELF_TRAIN] = self_train,
	};
	if (walk->known == NULL || walk->probabilities == NULL || walk->verdicts == NULL ||
	    walk->confusion == NULL) {
		return failure_no_memory(failure, "a trial");
	}
	forget(walk);
	return runs[strategy](walk, failure);
}

status_t strategy_walk(const strategy_course_t *course, strategy_t strategy, size_t trial,
                       const uint8_t *tested, strategy_score_t *scores, failure_t *failure)
{
	const days_t *days = course->days;
	size_t most = 0;
	for (size_t day = 0; day < days->count; day++) {
		size_t rows = days_end(days, day) - days->days[day].first;
		most = rows > most ? rows : most;
	}
	walk_t walk = {
		.course = course, .tested = tested, .trial = trial, .scores = scores,
		.known = calloc(days->originator_count, sizeof(*walk.known)),
		.probabilities = calloc(most * course->class_count, sizeof(*walk.probabilities)),
		.verdicts = calloc(most, sizeof(*walk.verdicts)),
		.confusion = calloc(course->class_count * course->class_count, sizeof(*walk.confusion)),
	};
	status_t status = run(&walk, strategy, failure);
	free(walk.known);
	free(walk.probabilities);
	free(walk.verdicts);
	free(walk.confusion);
	return status;
}
