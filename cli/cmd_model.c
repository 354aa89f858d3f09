/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter model: what a model file says about itself. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/model.h"
#include "cli/command.h"
#include "common/moment.h"

/* By model_rule_t. */
static const char *const rule_names[] = { "fixed", "F", "precision" };
_Static_assert(sizeof(rule_names) / sizeof(rule_names[0]) == MODEL_RULES, "a name for each rule");

/* Figures of a class, or of all. */
typedef struct {
	double precision, recall, f;
} figures_t;

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static figures_t class_figures(const model_t *model, size_t class_index)
{
	model_tally_t tally = model_class_tally(model, class_index);
	return (figures_t) {
		.precision = ratio(tally.right, tally.predicted),
		.recall = ratio(tally.right, tally.rows),
		.f = ratio(2 * tally.right, tally.predicted + tally.rows),
	};
}

/* Rows with an out-of-bag verdict, and how many of them are right. */
static uint64_t sum_tallies(const model_t *model, uint64_t *right)
{
	uint64_t rows = 0;
	*right = 0;
	for (size_t i = 0; i < model_class_count(model); i++) {
		model_tally_t tally = model_class_tally(model, i);
		rows += tally.rows;
		*right += tally.right;
	}
	return rows;
}

/* Means of the classes' figures. */
static figures_t macro_figures(const model_t *model)
{
	figures_t mean = { 0 };
	double classes = (double)model_class_count(model);
	for (size_t i = 0; i < model_class_count(model); i++) {
		figures_t figures = class_figures(model, i);
		mean.precision += figures.precision / classes;
		mean.recall += figures.recall / classes;
		mean.f += figures.f / classes;
	}
	return mean;
}

static void print_head(const model_t *model, const char *path)
{
	char date[MOMENT_TEXT_MAX];
	size_t positive;
	double precision, threshold = model_threshold(model, &positive);
	printf("model:      %s\nkind:       %s\ntrained:    %s\nchecksum:   %016" PRIx64 "\n", path,
	       model_kind_name(model), moment_format(model_created(model), date),
	       model_checksum(model));
	fputs("parameters:", stdout);
	for (size_t i = 0; i < model_parameter_count(model); i++) {
		printf("%s %s %s", i > 0 ? "," : "", model_parameter_key(model, i),
		       model_parameter_value(model, i));
	}
	if (isnan(threshold)) {
		puts("\nthreshold:  none: the verdict is the most probable class");
		return;
	}
	model_rule_t rule = model_threshold_rule(model, &precision);
	printf("\nthreshold:  %.6g for %s, ", threshold, model_class_name(model, positive));
	if (rule == MODEL_RULE_PRECISION) {
		printf("the least with precision %g out of bag\n", precision);
	} else {
		puts(rule == MODEL_RULE_F ? "the highest F out of bag" : "fixed");
	}
}

static void print_classes(const model_t *model)
{
	uint64_t right, rows = sum_tallies(model, &right);
	printf("\n%-24s %10s%s\n", "class", "rows",
	       rows > 0 ? "  out of bag: precision     recall          F" : "");
	for (size_t i = 0; i < model_class_count(model); i++) {
		figures_t figures = class_figures(model, i);
		printf("%-24s %10" PRIu64, model_class_name(model, i), model_class_rows(model, i));
		if (rows > 0) {
			printf("             %10.4f %10.4f %10.4f", figures.precision, figures.recall,
			       figures.f);
		}
		putchar('\n');
	}
	if (rows > 0) {
		printf("accuracy out of bag %.4f over %" PRIu64 " rows, macro F %.4f\n",
		       ratio(right, rows), rows, macro_figures(model).f);
	}
}

/* Features by importance, the greatest first; equal ones in the model's order. */
static size_t *sort_features(const model_t *model)
{
	size_t count = model_feature_count(model);
	size_t *order = calloc(count, sizeof(*order));
	for (size_t i = 0; i < count && order != NULL; i++) {
		size_t at = i;
		double importance = model_feature_importance(model, i);
		for (; at > 0 && model_feature_importance(model, order[at - 1]) < importance; at--) {
			order[at] = order[at - 1];
		}
		order[at] = i;
	}
	return order;
}

static status_t print_text(const model_t *model, const char *path, failure_t *failure)
{
	size_t *order = sort_features(model);
	if (order == NULL) {
		return failure_no_memory(failure, path);
	}
	print_head(model, path);
	print_classes(model);
	printf("\n%-24s %10s\n", "feature", "importance");
	/* Zero for the first is zero for all: nothing is known. */
	bool known = model_feature_importance(model, order[0]) > 0;
	for (size_t i = 0; i < model_feature_count(model); i++) {
		const char *name = model_feature_name(model, order[i]);
		if (known) {
			printf("%-24s %10.4f\n", name, model_feature_importance(model, order[i]));
		} else {
			printf("%-24s %10s\n", name, "-");
		}
	}
	free(order);
	return STATUS_OK;
}

/* Without an estimate out of bag the figures are null. */
static json_t *figures_object(figures_t figures, bool known)
{
	return known ? json_pack("{s:f, s:f, s:f}", "precision", figures.precision, "recall",
	                         figures.recall, "f", figures.f) : json_null();
}

static json_t *class_array(const model_t *model, bool known)
{
	json_t *array = json_array();
	for (size_t i = 0; i < model_class_count(model); i++) {
		(void)json_array_append_new(array, json_pack("{s:s, s:I, s:o}", "name",
			model_class_name(model, i), "rows", (json_int_t)model_class_rows(model, i),
			"out_of_bag", figures_object(class_figures(model, i), known)));
	}
	return array;
}

static json_t *feature_array(const model_t *model)
{
	json_t *array = json_array();
	double sum = 0;
	for (size_t i = 0; i < model_feature_count(model); i++) {
		sum += model_feature_importance(model, i);
	}
	for (size_t i = 0; i < model_feature_count(model); i++) {
		double importance = model_feature_importance(model, i);
		(void)json_array_append_new(array, json_pack("{s:s, s:o}", "name",
			model_feature_name(model, i), "importance",
			sum > 0 ? json_real(importance) : json_null()));
	}
	return array;
}

static json_t *parameter_object(const model_t *model)
{
	json_t *object = json_object();
	for (size_t i = 0; i < model_parameter_count(model); i++) {
		(void)json_object_set_new(object, model_parameter_key(model, i),
		                          json_string(model_parameter_value(model, i)));
	}
	return object;
}

static json_t *threshold_object(const model_t *model)
{
	size_t positive;
	double precision, value = model_threshold(model, &positive);
	if (isnan(value)) {
		return json_null();
	}
	model_rule_t rule = model_threshold_rule(model, &precision);
	return json_pack("{s:s, s:f, s:s, s:o}", "class", model_class_name(model, positive), "value",
	                 value, "rule", rule_names[rule], "precision",
	                 rule == MODEL_RULE_PRECISION ? json_real(precision) : json_null());
}

static json_t *evaluation_object(const model_t *model)
{
	uint64_t right, rows = sum_tallies(model, &right);
	return rows == 0 ? json_null() :
		json_pack("{s:I, s:f, s:o}", "rows", (json_int_t)rows, "accuracy", ratio(right, rows),
		          "macro", figures_object(macro_figures(model), true));
}

static status_t print_json(const model_t *model, const char *path, failure_t *failure)
{
	char date[MOMENT_TEXT_MAX], sum[17];
	uint64_t right;
	(void)snprintf(sum, sizeof(sum), "%016" PRIx64, model_checksum(model));
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
		"model", path, "kind", model_kind_name(model),
		"trained", moment_format(model_created(model), date), "checksum", sum,
		"parameters", parameter_object(model), "threshold", threshold_object(model),
		"out_of_bag", evaluation_object(model),
		"classes", class_array(model, sum_tallies(model, &right) > 0),
		"features", feature_array(model));
	bool good = object != NULL &&
	            json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0;
	json_decref(object);
	putchar('\n');
	/* A name may be bytes that are no UTF-8, which JSON cannot hold. */
	return good ? STATUS_OK : failure_set(failure, STATUS_UNSUPPORTED, "model '%s' cannot be "
	                                      "written as JSON: short memory, or a name is no UTF-8",
	                                      path);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	bool json = false;
	while (command_option(&command_model, argc, argv, "", options) != -1) {
		json = true;
	}
	if (argc - optind < 1 || strcmp(argv[optind], "info") != 0) {
		return command_usage(&command_model, "what to do is missing: info FILE");
	}
	if (argc - optind != 2) {
		return command_usage(&command_model, "one model file is needed, %d are given",
		                     argc - optind - 1);
	}
	failure_t failure;
	model_t *model;
	const char *path = argv[optind + 1];
	status_t status = model_load(path, &model, &failure);
	if (status == STATUS_OK) {
		status = json ? print_json(model, path, &failure) : print_text(model, path, &failure);
		model_destroy(model);
	}
	if (status == STATUS_OK && fflush(stdout) != 0) {
		status = failure_system(&failure, errno, "cannot write standard output", NULL);
	}
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_model, &failure);
}

const command_t command_model = {
	.name = "model",
	.arguments = "info FILE [--json]",
	.summary = "tell what a model file holds and how good it is",
	.options =
		"  --json  as one JSON object\n",
	.run = run,
};
