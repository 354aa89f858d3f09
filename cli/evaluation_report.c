/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of an evaluation, line by line as it is found, and the report as JSON.
 *
 * The JSON has the same bytes for the same data, plan and seed: members stand in the
 * order in which they are added, numbers have a fixed number of digits, and no date.
 */
#include "cli/evaluation_report.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "classifier/partition.h"
#include "common/output.h"

/* Digits of a number: more would show rounding. */
#define DIGITS 10

struct report {
	report_head_t head;
	FILE *table;
	json_t *root;
	json_t *results;
};

static json_t *figure(evaluation_figure_t value)
{
	return json_pack("{s:f, s:f}", "mean", value.mean, "deviation", value.deviation);
}

/* Text that JSON takes: names from CSV files need not be UTF-8. */
static json_t *text(const char *name)
{
	json_t *string = name != NULL ? json_string(name) : json_null();
	return string != NULL ? string : json_string("(not UTF-8)");
}

static json_t *describe_protocol(const evaluation_plan_t *plan)
{
	return plan->folds > 0 ? json_pack("{s:I}", "folds", (json_int_t)plan->folds) :
	       json_pack("{s:I, s:f}", "repeat", (json_int_t)plan->repetitions, "train", plan->train);
}

/* JSON's whole numbers end at 2^63 here; a seed need not. */
static json_t *whole(uint64_t number)
{
	return number <= INT64_MAX ? json_integer((json_int_t)number) : json_real((double)number);
}

/* What was asked for; a gamma of 0 is 1 over the number of features. */
static json_t *describe_training(const training_t *training)
{
	return json_pack("{s:I, s:I, s:f, s:f, s:b}", "trees", (json_int_t)training->trees,
	                 "smote_k", (json_int_t)training->smote_neighbours, "cost", training->cost,
	                 "gamma", training->gamma, "grid", training->grid);
}

status_t report_create(const report_head_t *head, report_t **out, failure_t *failure)
{
	report_t *report = calloc(1, sizeof(*report));
	if (report == NULL) {
		return failure_no_memory(failure, "the report");
	}
	report->head = *head;
	report->table = head->output != NULL && head->output[0] == '-' && head->output[1] == '\0' ?
	                stderr : stdout;
	report->results = json_array();
	report->root = json_pack("{s:o, s:o, s:o, s:o, s:b, s:o}", "features", text(head->features),
	                         "labels", text(head->labels),
	                         "protocol", describe_protocol(head->plan),
	                         "seed", whole(head->plan->seed),
	                         "threshold", head->plan->threshold,
	                         "parameters", describe_training(&head->plan->training));
	if (report->root == NULL || report->results == NULL) {
		report_destroy(report);
		return failure_no_memory(failure, "the report");
	}
	*out = report;
	return STATUS_OK;
}

void report_destroy(report_t *report)
{
	if (report == NULL) {
		return;
	}
	json_decref(report->root);
	json_decref(report->results);
	free(report);
}

/* Classes that no trial, or not every one, can both learn from and test. */
static void warn_of_few(const report_t *report, const dataset_t *dataset,
                        const partition_t *partition)
{
	size_t folds = report->head.plan->folds, least = folds > 0 ? folds : 2;
	for (size_t i = 0; i < dataset_classes(dataset); i++) {
		size_t groups = partition_class_groups(partition, i);
		if (groups < least) {
			fprintf(stderr, "backscatter evaluate: note: class '%s' has %zu row%s or group%s, "
			        "fewer than %zu: not every trial can test it\n",
			        dataset_class_name(dataset, i), groups, groups == 1 ? "" : "s",
			        groups == 1 ? "" : "s", least);
		}
	}
}

void report_begin(report_t *report, const dataset_t *dataset)
{
	partition_t *partition = partition_create(dataset);
	const evaluation_plan_t *plan = report->head.plan;
	size_t groups = partition != NULL ? partition_groups(partition) : 0;
	fprintf(report->table, "%zu rows of %zu groups, %zu features, %zu classes; ",
	        dataset_rows(dataset), groups, dataset_features(dataset), dataset_classes(dataset));
	if (plan->folds > 0) {
		fprintf(report->table, "%zu folds\n", plan->folds);
	} else {
		fprintf(report->table, "%zu times %.0f %% to train\n", plan->repetitions,
		        100 * plan->train);
	}
	if (partition != NULL) {
		warn_of_few(report, dataset, partition);
	}
	partition_destroy(partition);
	fprintf(report->table, "%-8s %-7s %5s %15s %15s %15s %15s", "learner", "classes", "SMOTE",
	        "accuracy", "precision", "recall", "F");
	if (dataset_class_index(dataset, report->head.positive) >= 0) {
		fprintf(report->table, "  F of %s", report->head.positive);
	}
	putc('\n', report->table);
	fflush(report->table);
	json_object_set_new(report->root, "rows", json_integer((json_int_t)dataset_rows(dataset)));
	json_object_set_new(report->root, "groups", json_integer((json_int_t)groups));
}

static void print_figure(const report_t *report, evaluation_figure_t value)
{
	fprintf(report->table, "   %.4f %.4f", value.mean, value.deviation);
}

static void print_line(const report_t *report, const dataset_t *dataset,
                       const evaluation_plan_t *plan, const char *classes,
                       const evaluation_t *evaluation)
{
	char smote[16] = "-";
	if (plan->training.smote > 0) {
		(void)snprintf(smote, sizeof(smote), "%g", plan->training.smote);
	}
	fprintf(report->table, "%-8s %-7s %5s", plan->algorithm, classes, smote);
	print_figure(report, evaluation->accuracy);
	print_figure(report, evaluation->precision);
	print_figure(report, evaluation->recall);
	print_figure(report, evaluation->f);
	int positive = dataset_class_index(dataset, report->head.positive);
	if (positive >= 0) {
		print_figure(report, evaluation->classes[positive].f);
	}
	putc('\n', report->table);
	fflush(report->table);
}

/* Points of a curve as pairs. */
static json_t *curve(const double values[METRICS_CURVE_POINTS])
{
	json_t *points = json_array();
	for (size_t i = 0; i < METRICS_CURVE_POINTS; i++) {
		json_array_append_new(points, json_pack("[f, f]", (double)i / (METRICS_CURVE_POINTS - 1),
		                                        values[i]));
	}
	return points;
}

static json_t *describe_class(const dataset_t *dataset, size_t index,
                              const evaluation_class_t *of_class)
{
	json_t *object = json_pack("{s:o, s:I, s:I, s:o, s:o, s:o}", "class",
	                           text(dataset_class_name(dataset, index)),
	                           "rows", (json_int_t)dataset_class_rows(dataset, index),
	                           "trials", (json_int_t)of_class->trials,
	                           "precision", figure(of_class->precision),
	                           "recall", figure(of_class->recall), "f", figure(of_class->f));
	if (of_class->drawn > 0) {
		json_object_set_new(object, "roc_area", figure(of_class->roc_area));
		json_object_set_new(object, "average_precision", figure(of_class->average_precision));
		json_object_set_new(object, "roc", curve(of_class->roc));
		json_object_set_new(object, "precision_recall", curve(of_class->precisions));
	}
	return object;
}

static json_t *describe_confusion(const evaluation_t *evaluation)
{
	json_t *matrix = json_array();
	for (size_t i = 0; i < evaluation->class_count; i++) {
		json_t *row = json_array();
		for (size_t j = 0; j < evaluation->class_count; j++) {
			uint64_t count = evaluation->confusion[i * evaluation->class_count + j];
			json_array_append_new(row, json_integer((json_int_t)count));
		}
		json_array_append_new(matrix, row);
	}
	return matrix;
}

static json_t *describe_features(const dataset_t *dataset, const evaluation_t *evaluation)
{
	json_t *features = json_array();
	for (size_t i = 0; i < evaluation->feature_count; i++) {
		const evaluation_feature_t *feature = &evaluation->features[i];
		json_array_append_new(features, json_pack("{s:o, s:o, s:o}", "feature",
		                                          text(dataset_feature_name(dataset, i)),
		                                          "gini", figure(feature->gini),
		                                          "permutation", figure(feature->permutation)));
	}
	return features;
}

status_t report_add(report_t *report, const dataset_t *dataset, const evaluation_plan_t *plan,
                    const char *classes, const evaluation_t *evaluation, failure_t *failure)
{
	print_line(report, dataset, plan, classes, evaluation);
	json_t *of_classes = json_array();
	for (size_t i = 0; i < evaluation->class_count; i++) {
		json_array_append_new(of_classes, describe_class(dataset, i, &evaluation->classes[i]));
	}
	json_t *result = json_pack("{s:s, s:s, s:f, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	                           "learner", plan->algorithm, "classes", classes,
	                           "smote", plan->training.smote,
	                           "trials", (json_int_t)evaluation->trials,
	                           "accuracy", figure(evaluation->accuracy),
	                           "precision", figure(evaluation->precision),
	                           "recall", figure(evaluation->recall), "f", figure(evaluation->f),
	                           "of_classes", of_classes,
	                           "confusion", describe_confusion(evaluation),
	                           "features", describe_features(dataset, evaluation));
	return result != NULL && json_array_append_new(report->results, result) == 0 ? STATUS_OK :
	       failure_no_memory(failure, "the report");
}

status_t report_save(report_t *report, failure_t *failure)
{
	if (fflush(report->table) != 0 || ferror(report->table)) {
		return failure_system(failure, errno, "cannot write the table", NULL);
	}
	if (report->head.output == NULL) {
		return STATUS_OK;
	}
	output_t *output;
	json_object_set(report->root, "results", report->results);
	status_t status = output_open(report->head.output, &output, failure);
	if (status != STATUS_OK) {
		return status;
	}
	FILE *file = output_stream(output);
	/* A write error stays with the stream; output_commit() finds it. */
	if (json_dumpf(report->root, file, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) != 0 &&
	    !ferror(file)) {
		output_abandon(output);
		return failure_no_memory(failure, "the report");
	}
	putc('\n', file);
	return output_commit(output, failure);
}
