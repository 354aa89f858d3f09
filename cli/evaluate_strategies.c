/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strategies of training over days: rows in, a line for each strategy and day out. */
#include "cli/evaluate_strategies.h"

#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/strategy_report.h"
#include "common/moment.h"

const char *evaluate_strategies_check(const strategies_t *strategies,
                                      const training_options_t *options)
{
	if (options->source.labels == NULL) {
		return "--strategy needs --labels: a column has no days of its own";
	}
	if (options->source.group_column != NULL) {
		return "--group does not go with --strategy, which keeps originators together";
	}
	if (strategies->train_on_text == NULL) {
		return "--strategy needs --train-on, the day whose labels are learnt from";
	}
	if (strategies->csv && options->output == NULL) {
		return "--csv goes with -o";
	}
	if (strategies->feature_files > DAYS_MAX) {
		return "there are more files of rows than days can be";
	}
	for (size_t i = 0; i < strategies->feature_files; i++) {
		if (strategies->feature_files > 1 && strcmp(strategies->features[i], "-") == 0) {
			return "standard input can only be the one file of rows";
		}
	}
	return NULL;
}

/* Trials of all learners together. */
typedef struct {
	progress_t line;
	size_t before;
} tally_t;

static void show_progress(void *context, size_t done, size_t total)
{
	(void)total;
	tally_t *tally = context;
	progress_update(&tally->line, tally->before + done);
}

static status_t find_day(const strategies_t *strategies, const days_t *days, size_t *day,
                         failure_t *failure)
{
	for (*day = 0; *day < days->count; ++*day) {
		uint64_t begin = days->days[*day].moment;
		if (strategies->train_on >= begin && strategies->train_on - begin < 86400 * MICROSECONDS) {
			return STATUS_OK;
		}
	}
	return failure_set(failure, STATUS_BAD_DATA, "there are no rows of %s, the day to train on",
	                   strategies->train_on_text);
}

/* What is tried with one learner after the other. */
typedef struct {
	const days_t *days;
	strategy_plan_t plan;
	const char *const *learners;
	size_t count;
	tally_t tally;
	size_t pieces;              /* trials of all strategies of one learner */
	strategy_figures_t *figures;
	strategy_report_t *report;
} course_t;

static status_t try_learners(course_t *course, bool two, failure_t *failure)
{
	status_t status = STATUS_OK;
	course->plan.two = two;
	for (size_t i = 0; i < course->count && status == STATUS_OK; i++) {
		course->plan.plan.algorithm = course->learners[i];
		course->plan.plan.progress = show_progress;
		course->plan.plan.progress_context = &course->tally;
		status = strategy_run(course->days, &course->plan, course->figures, failure);
		if (status == STATUS_OK) {
			course->tally.before += course->pieces;
			progress_end(&course->tally.line);
			status = strategy_report_add(course->report, &course->plan, course->figures, failure);
		}
	}
	return status;
}

static status_t try_classes(course_t *course, const training_options_t *options,
                            failure_t *failure)
{
	bool known = dataset_class_index(course->days->names, course->plan.positive) >= 0;
	bool two = options->two || (!options->all && (known || options->positive != NULL));
	bool all = options->all || !options->two;
	const evaluation_plan_t *plan = &course->plan.plan;
	size_t strategies = 0;
	for (strategy_t i = 0; i < STRATEGIES; i++) {
		strategies += course->plan.chosen[i];
	}
	course->pieces = strategies * (plan->folds > 0 ? plan->folds : plan->repetitions);
	course->tally.line = progress_begin("evaluating", "trials",
	                                    course->pieces * course->count * (all + two));
	status_t status = all ? try_learners(course, false, failure) : STATUS_OK;
	if (status == STATUS_OK && two) {
		status = try_learners(course, true, failure);
	}
	progress_end(&course->tally.line);
	return status;
}

status_t evaluate_strategies(const strategies_t *strategies, const training_options_t *options,
                             const evaluation_plan_t *plan, const char *const *learners,
                             size_t count, failure_t *failure)
{
	const days_source_t source = {
		.features = strategies->features, .feature_files = strategies->feature_files,
		.labels = options->source.labels, .label_reach = options->source.label_reach,
	};
	days_t *days;
	status_t status = days_read(&source, &days, failure);
	if (status != STATUS_OK) {
		return status;
	}
	course_t course = {
		.days = days, .learners = learners, .count = count,
		.plan = { .plan = *plan, .positive = training_options_positive(options) },
		.figures = calloc(STRATEGIES * days->count, sizeof(*course.figures)),
	};
	course.plan.plan.training.positive = options->positive;
	memcpy(course.plan.chosen, strategies->chosen, sizeof(course.plan.chosen));
	status = course.figures != NULL ? find_day(strategies, days, &course.plan.train_on, failure) :
	         failure_no_memory(failure, "the figures");
	if (status == STATUS_OK) {
		status = strategy_report_create(options->output, strategies->csv, days, &course.plan,
		                                &course.report, failure);
	}
	if (status == STATUS_OK) {
		status = try_classes(&course, options, failure);
	}
	if (status == STATUS_OK) {
		status = strategy_report_save(course.report, failure);
	}
	strategy_report_destroy(course.report);
	free(course.figures);
	days_destroy(days);
	return status;
}
