/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter train: features and labels in, a model file out. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/model.h"
#include "classifier/portrait_make.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/training_options.h"
#include "common/moment.h"

/* Of a share that must be above 0. */
#define SHARE_LEAST 1e-9

/* The command line. */
typedef struct {
	training_options_t options;
	const char *algorithm;
} request_t;

enum { OPTION_ALGORITHM = TRAINING_OPTION_OWN, OPTION_CLASSES, OPTION_THRESHOLD, OPTION_PRECISION };

static const struct option own_options[] = {
	{ "algorithm", required_argument, NULL, OPTION_ALGORITHM },
	{ "classes", required_argument, NULL, OPTION_CLASSES },
	{ "threshold", required_argument, NULL, OPTION_THRESHOLD },
	{ "precision", required_argument, NULL, OPTION_PRECISION },
	{ 0 },
};

static bool parse_option(int option, request_t *request)
{
	training_options_t *options = &request->options;
	switch (option) {
	case OPTION_ALGORITHM:
		request->algorithm = optarg;
		if (strcmp(optarg, "forest") == 0 || strcmp(optarg, "tree") == 0 ||
		    strcmp(optarg, "svm") == 0) {
			return true;
		}
		command_usage(&command_train, "--algorithm takes forest, tree or svm, not '%s'", optarg);
		return false;
	case OPTION_CLASSES:
		options->two = options->all = false;
		return training_options_classes(&command_train, options, optarg);
	case OPTION_THRESHOLD:
		return command_real(&command_train, "--threshold", optarg, SHARE_LEAST, 1,
		                    &options->training.threshold);
	default:
		return command_real(&command_train, "--precision", optarg, SHARE_LEAST, 1,
		                    &options->training.precision);
	}
}

/* What must be there, and what excludes what. Returns NULL or the sentence. */
static const char *check(const request_t *request)
{
	const training_options_t *options = &request->options;
	const char *wrong = training_options_check(options);
	if (wrong != NULL) {
		return wrong;
	}
	if (options->output == NULL) {
		return "-o is missing";
	}
	if (options->trees_given && strcmp(request->algorithm, "forest") != 0) {
		return "--trees is for a forest";
	}
	if (options->svm_given && strcmp(request->algorithm, "svm") != 0) {
		return "--cost, --gamma and --grid go with --algorithm svm";
	}
	if (options->positive != NULL && options->all) {
		return "--positive goes with --classes two";
	}
	if (options->training.precision > 0 && options->training.threshold > 0) {
		return "--precision chooses a threshold and --threshold gives one: only one of them";
	}
	if (options->training.precision > 0 && strcmp(request->algorithm, "tree") == 0) {
		return "--precision is for a forest: a tree leaves no row out to choose by";
	}
	return NULL;
}

/*
 * The date in the model: SOURCE_DATE_EPOCH (seconds; reproducible-builds.org) if it is
 * set, else now.
 */
static bool find_date(uint64_t *moment)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	if (text == NULL || text[0] == '\0') {
		*moment = moment_now();
		return true;
	}
	uint64_t seconds;
	if (!command_number(&command_train, "SOURCE_DATE_EPOCH", text, 0, UINT64_MAX / MICROSECONDS,
	                    &seconds)) {
		return false;
	}
	*moment = seconds * MICROSECONDS;
	return true;
}

static void show_progress(void *context, size_t done, size_t total)
{
	/* The kinds count different things: trees, parts of a cross-validation. */
	((progress_t *)context)->total = total;
	progress_update(context, done);
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

/* One line for each class: rows and, for a forest, what it does out of bag. */
static void print_classes(const model_t *model, bool out_of_bag)
{
	fprintf(stderr, "%-16s %10s%s\n", "class", "rows",
	        out_of_bag ? "  out of bag: precision     recall          F" : "");
	for (size_t i = 0; i < model_class_count(model); i++) {
		fprintf(stderr, "%-16s %10" PRIu64, model_class_name(model, i),
		        model_class_rows(model, i));
		if (out_of_bag) {
			model_tally_t tally = model_class_tally(model, i);
			fprintf(stderr, "             %10.3f %10.3f %10.3f",
			        ratio(tally.right, tally.predicted), ratio(tally.right, tally.rows),
			        ratio(2 * tally.right, tally.predicted + tally.rows));
		}
		putc('\n', stderr);
	}
}

static void print_threshold(const model_t *model)
{
	static const char *const rules[MODEL_RULES] = {
		[MODEL_RULE_FIXED] = "fixed", [MODEL_RULE_F] = "the highest F out of bag",
		[MODEL_RULE_PRECISION] = "the least of precision",
	};
	size_t positive;
	double precision, threshold = model_threshold(model, &positive);
	if (isnan(threshold)) {
		return;
	}
	model_rule_t rule = model_threshold_rule(model, &precision);
	fprintf(stderr, "threshold of class %s: %.4f, %s", model_class_name(model, positive),
	        threshold, rules[rule]);
	if (rule == MODEL_RULE_PRECISION) {
		fprintf(stderr, " %g out of bag", precision);
	}
	putc('\n', stderr);
}

static void print_summary(const dataset_t *dataset, const model_t *model, const char *path,
                          double seconds)
{
	uint64_t rows = 0, right = 0;
	for (size_t i = 0; i < model_class_count(model); i++) {
		model_tally_t tally = model_class_tally(model, i);
		rows += tally.rows;
		right += tally.right;
	}
	fprintf(stderr, "%zu rows of %zu features learnt from, %zu without a label left out",
	        dataset_rows(dataset), dataset_features(dataset),
	        dataset_left_out(dataset) - dataset_disagreed(dataset));
	if (dataset_disagreed(dataset) > 0) {
		fprintf(stderr, ", and %zu whose labels disagree", dataset_disagreed(dataset));
	}
	putc('\n', stderr);
	print_classes(model, rows > 0);
	if (rows > 0) {
		fprintf(stderr, "accuracy out of bag %.4f over %" PRIu64 " rows\n", ratio(right, rows),
		        rows);
	}
	print_threshold(model);
	fprintf(stderr, "%s trained in %.2f s and written to %s\n", model_kind_name(model), seconds,
	        path);
}

/* Trains, and keeps in the model what it was trained on. */
static status_t learn(const request_t *request, const dataset_t *dataset, training_t *training,
                      const witness_t *witness, model_t **model, failure_t *failure)
{
	size_t values = dataset_rows(dataset) * dataset_classes(dataset);
	/* A machine for more than two classes has none, and would take long to find that out. */
	bool forest = strcmp(request->algorithm, "forest") == 0;
	bool asked = forest || dataset_classes(dataset) == 2;
	double *out_of_bag = asked ? calloc(values, sizeof(*out_of_bag)) : NULL;
	if (asked && out_of_bag == NULL) {
		return failure_no_memory(failure, "the probabilities out of bag");
	}
	for (size_t i = 0; i < values && asked; i++) {
		out_of_bag[i] = NAN;
	}
	training->out_of_bag = out_of_bag;
	status_t status = learner_train(request->algorithm, dataset, training, model, failure);
	if (status == STATUS_OK) {
		status = portrait_make(*model, dataset, out_of_bag, witness, failure);
	}
	free(out_of_bag);
	return status;
}

static status_t train(request_t *request, failure_t *failure)
{
	dataset_t *dataset = NULL;
	model_t *model = NULL;
	training_options_t *options = &request->options;
	training_t *training = &options->training;
	witness_t witness = witness_begin(training->seed);
	options->source.visit = witness_see;
	options->source.visit_context = &witness;
	status_t status = dataset_read(&options->source, &dataset, failure);
	if (status == STATUS_OK && training_options_fold(options, dataset)) {
		status = dataset_fold(dataset, training_options_positive(options), failure);
	}
	/* What the classes were folded to is the positive one; else learner_train() looks for it. */
	training->positive = options->positive;
	uint64_t start = moment_now();
	if (status == STATUS_OK) {
		bool forest = strcmp(request->algorithm, "forest") == 0;
		progress_t progress = progress_begin("training", forest ? "trees" : "parts", 0);
		training->progress = show_progress;
		training->progress_context = &progress;
		status = learn(request, dataset, training, &witness, &model, failure);
		progress_end(&progress);
	}
	double seconds = (double)(moment_now() - start) / (double)MICROSECONDS;
	if (status == STATUS_OK) {
		status = model_save(model, options->output, failure);
	}
	if (status == STATUS_OK) {
		print_summary(dataset, model, options->output, seconds);
	}
	witness_clear(&witness);
	model_destroy(model);
	dataset_destroy(dataset);
	return status;
}

static int run(int argc, char **argv)
{
	request_t request = { .algorithm = "forest", .options = training_options_default() };
	int option;
	while ((option = training_options_next(&command_train, argc, argv, own_options,
	                                       &request.options)) >= 0) {
		if (!parse_option(option, &request)) {
			return EXIT_USAGE;
		}
	}
	const char *wrong = option == TRAINING_OPTION_WRONG ? NULL : check(&request);
	if (wrong != NULL) {
		return command_usage(&command_train, "%s", wrong);
	}
	if (option == TRAINING_OPTION_WRONG || !find_date(&request.options.training.created)) {
		return EXIT_USAGE;
	}
	memory_bound();
	failure_t failure;
	return train(&request, &failure) == STATUS_OK ? EXIT_GOOD :
	       command_fail(&command_train, &failure);
}

const command_t command_train = {
	.name = "train",
	.arguments = "--features CSV (--labels CSV | --label COLUMN) [OPTION]... -o MODEL",
	.summary = "train a model that tells scanners from others",
	.options =
		TRAINING_HELP_FILES
		"  --algorithm KIND   forest (default), tree or svm\n"
		"  --classes WHICH    two: one class against the rest; all: as labelled\n"
		"                     (default: two if there is a class scan, else all)\n"
		"  --positive CLASS   the one class of two (default scan)\n"
		"  --precision P      take the least threshold whose verdicts of that class are\n"
		"                     right with this share out of bag (default: the threshold\n"
		"                     with the highest F)\n"
		"  --threshold P      take this threshold\n"
		"  --smote RATIO      grow classes with less than RATIO times the rows of the\n"
		"                     largest one to that, by SMOTE (default 0: none)\n"
		TRAINING_HELP_LEARNERS
		"  --threads N        threads (default: one for each processor); the model\n"
		"                     does not depend on them\n"
		"  --seed N           seed of the random choices (default 1)\n"
		"  -o, --output FILE  model file to write; '-' is standard output\n",
	.run = run,
};
