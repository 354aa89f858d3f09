/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter train: features and labels in, a model file out. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifier/learner.h"
#include "classifier/limits.h"
#include "classifier/model.h"
#include "classifier/smote.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "common/moment.h"

#define THREADS_DEFAULT_MAX 64
/* Of a real number that must be above 0. */
#define POSITIVE_LEAST 1e-9

/* The command line. */
typedef struct {
	dataset_source_t source;
	const char *algorithm;
	const char *positive;   /* NULL: not given */
	bool two, all;          /* --classes; neither: by the labels */
	bool trees_given;
	bool vectors_given;     /* an option of the support vector machine */
	const char *output;
	training_t training;
} request_t;

/* Options that take a whole number, and where it goes. */
typedef struct {
	const char *name;
	uint64_t least, most;
	size_t offset;          /* of a uint32_t in training_t */
} number_t;

enum {
	OPTION_FEATURES = 1000, OPTION_LABELS, OPTION_LABEL, OPTION_ALGORITHM, OPTION_CLASSES,
	OPTION_POSITIVE, OPTION_SEED, OPTION_CLASS_WEIGHTS, OPTION_SPLITS, OPTION_GRID,
	OPTION_REACH, OPTION_THRESHOLD, OPTION_PRECISION, OPTION_SMOTE, OPTION_COST, OPTION_GAMMA,
	OPTION_NUMBERS,
};

/* Options that take a real number, and where it goes; in the order of their values above. */
typedef struct {
	const char *name;
	double least, most;
	size_t offset;          /* of a double in training_t */
} real_t;

#define FIELD(field) offsetof(training_t, field)
static const number_t numbers[] = {
	{ "--trees", 1, MODEL_TREES_MAX, FIELD(trees) },
	{ "--mtry", 1, MODEL_FEATURES_MAX, FIELD(mtry) },
	{ "--min-leaf", 1, DATASET_ROWS_MAX, FIELD(min_leaf) },
	{ "--max-depth", 1, TREE_DEPTH_MAX, FIELD(max_depth) },
	{ "--threads", 1, TRAINING_THREADS_MAX, FIELD(threads) },
	{ "--smote-k", 1, SMOTE_NEIGHBOURS_MAX, FIELD(smote_neighbours) },
};

static const real_t reals[] = {
	{ "--threshold", POSITIVE_LEAST, 1, FIELD(threshold) },
	{ "--precision", POSITIVE_LEAST, 1, FIELD(precision) },
	{ "--smote", 0, 1, FIELD(smote) },
	{ "--cost", POSITIVE_LEAST, 1e9, FIELD(cost) },
	{ "--gamma", POSITIVE_LEAST, 1e9, FIELD(gamma) },
};
_Static_assert(sizeof(reals) / sizeof(reals[0]) == OPTION_NUMBERS - OPTION_THRESHOLD,
               "an entry for each real number");
#undef FIELD

static const struct option options[] = {
	{ "features", required_argument, NULL, OPTION_FEATURES },
	{ "labels", required_argument, NULL, OPTION_LABELS },
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "label-reach", required_argument, NULL, OPTION_REACH },
	{ "algorithm", required_argument, NULL, OPTION_ALGORITHM },
	{ "classes", required_argument, NULL, OPTION_CLASSES },
	{ "positive", required_argument, NULL, OPTION_POSITIVE },
	{ "threshold", required_argument, NULL, OPTION_THRESHOLD },
	{ "precision", required_argument, NULL, OPTION_PRECISION },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "class-weights", required_argument, NULL, OPTION_CLASS_WEIGHTS },
	{ "splits", required_argument, NULL, OPTION_SPLITS },
	{ "smote", required_argument, NULL, OPTION_SMOTE },
	{ "cost", required_argument, NULL, OPTION_COST },
	{ "gamma", required_argument, NULL, OPTION_GAMMA },
	{ "grid", no_argument, NULL, OPTION_GRID },
	{ "trees", required_argument, NULL, OPTION_NUMBERS },
	{ "mtry", required_argument, NULL, OPTION_NUMBERS + 1 },
	{ "min-leaf", required_argument, NULL, OPTION_NUMBERS + 2 },
	{ "max-depth", required_argument, NULL, OPTION_NUMBERS + 3 },
	{ "threads", required_argument, NULL, OPTION_NUMBERS + 4 },
	{ "smote-k", required_argument, NULL, OPTION_NUMBERS + 5 },
	{ "output", required_argument, NULL, 'o' },
	{ 0 },
};

/* As many threads as there are processors, within reason. */
static uint32_t processors(void)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
	return count < 1 ? 1 : count > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : (uint32_t)count;
}

static bool parse_number(const number_t *number, const char *text, training_t *training)
{
	uint64_t value;
	if (!command_number(&command_train, number->name, text, number->least, number->most, &value)) {
		return false;
	}
	uint32_t narrow = (uint32_t)value;
	memcpy((char *)training + number->offset, &narrow, sizeof(narrow));
	return true;
}

static bool parse_classes(const char *text, request_t *request)
{
	request->two = strcmp(text, "two") == 0;
	request->all = strcmp(text, "all") == 0;
	if (!request->two && !request->all) {
		command_usage(&command_train, "--classes takes two or all, not '%s'", text);
		return false;
	}
	return true;
}

static bool parse_algorithm(const char *text, request_t *request)
{
	request->algorithm = text;
	if (strcmp(text, "forest") != 0 && strcmp(text, "tree") != 0 && strcmp(text, "svm") != 0) {
		command_usage(&command_train, "--algorithm takes forest, tree or svm, not '%s'", text);
		return false;
	}
	return true;
}

static bool parse_splits(const char *text, training_t *training)
{
	training->splits = strcmp(text, "exact") == 0 ? SPLITS_EXACT : SPLITS_BINNED;
	if (training->splits == SPLITS_BINNED && strcmp(text, "binned") != 0) {
		command_usage(&command_train, "--splits takes binned or exact, not '%s'", text);
		return false;
	}
	return true;
}

static bool parse_real(int option, request_t *request)
{
	const real_t *real = &reals[option - OPTION_THRESHOLD];
	double value;
	if (!command_real(&command_train, real->name, optarg, real->least, real->most, &value)) {
		return false;
	}
	memcpy((char *)&request->training + real->offset, &value, sizeof(value));
	request->vectors_given |= option == OPTION_COST || option == OPTION_GAMMA;
	return true;
}

static bool parse_reach(dataset_source_t *source)
{
	uint64_t seconds;
	if (!command_duration(&command_train, "--label-reach", optarg, 0, UINT32_MAX, &seconds)) {
		return false;
	}
	source->label_reach = seconds * MICROSECONDS;
	return true;
}

static bool parse_option(int option, request_t *request)
{
	switch (option) {
	case OPTION_FEATURES:
		request->source.features = optarg;
		return true;
	case OPTION_LABELS:
		request->source.labels = optarg;
		return true;
	case OPTION_LABEL:
		request->source.label_column = optarg;
		return true;
	case OPTION_REACH:
		return parse_reach(&request->source);
	case OPTION_ALGORITHM:
		return parse_algorithm(optarg, request);
	case OPTION_CLASSES:
		return parse_classes(optarg, request);
	case OPTION_POSITIVE:
		request->positive = optarg;
		return true;
	case OPTION_SEED:
		return command_number(&command_train, "--seed", optarg, 0, UINT64_MAX,
		                      &request->training.seed);
	case OPTION_GRID:
		request->vectors_given = request->training.grid = true;
		return true;
	case OPTION_SPLITS:
		return parse_splits(optarg, &request->training);
	case OPTION_CLASS_WEIGHTS:
		request->training.class_weights = optarg;
		return true;
	case 'o':
		request->output = optarg;
		return true;
	default:
		if (option < OPTION_NUMBERS) {
			return parse_real(option, request);
		}
		request->trees_given |= option == OPTION_NUMBERS;
		return parse_number(&numbers[option - OPTION_NUMBERS], optarg, &request->training);
	}
}

/* What must be there, and what excludes what. Returns NULL or the sentence. */
static const char *check(const request_t *request)
{
	if (request->source.features == NULL) {
		return "--features is missing";
	}
	if ((request->source.labels == NULL) == (request->source.label_column == NULL)) {
		return "either --labels or --label is needed, and not both";
	}
	if (request->source.label_reach > 0 && request->source.labels == NULL) {
		return "--label-reach goes with --labels";
	}
	if (request->output == NULL) {
		return "-o is missing";
	}
	if (request->trees_given && strcmp(request->algorithm, "forest") != 0) {
		return "--trees is for a forest";
	}
	if (request->vectors_given && strcmp(request->algorithm, "svm") != 0) {
		return "--cost, --gamma and --grid go with --algorithm svm";
	}
	if (request->positive != NULL && request->all) {
		return "--positive goes with --classes two";
	}
	if (request->training.precision > 0 && request->training.threshold > 0) {
		return "--precision chooses a threshold and --threshold gives one: only one of them";
	}
	if (request->training.precision > 0 && strcmp(request->algorithm, "tree") == 0) {
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

/* Folds the classes if that was asked for, or if it was left open and suits the labels. */
static status_t fold(dataset_t *dataset, const request_t *request, failure_t *failure)
{
	const char *positive = request->positive != NULL ? request->positive : "scan";
	bool wanted = request->two || request->positive != NULL;
	if (request->all || (!wanted && dataset_class_index(dataset, positive) < 0)) {
		return STATUS_OK;
	}
	return dataset_fold(dataset, positive, failure);
}

static status_t train(request_t *request, failure_t *failure)
{
	dataset_t *dataset = NULL;
	model_t *model = NULL;
	status_t status = dataset_read(&request->source, &dataset, failure);
	if (status == STATUS_OK) {
		status = fold(dataset, request, failure);
	}
	/* What the classes were folded to is the positive one; else learner_train() looks for it. */
	request->training.positive = request->positive;
	uint64_t start = moment_now();
	if (status == STATUS_OK) {
		bool forest = strcmp(request->algorithm, "forest") == 0;
		progress_t progress = progress_begin("training", forest ? "trees" : "parts", 0);
		request->training.progress = show_progress;
		request->training.progress_context = &progress;
		status = learner_train(request->algorithm, dataset, &request->training, &model, failure);
		progress_end(&progress);
	}
	double seconds = (double)(moment_now() - start) / (double)MICROSECONDS;
	if (status == STATUS_OK) {
		status = model_save(model, request->output, failure);
	}
	if (status == STATUS_OK) {
		print_summary(dataset, model, request->output, seconds);
	}
	model_destroy(model);
	dataset_destroy(dataset);
	return status;
}

static int run(int argc, char **argv)
{
	request_t request = { .algorithm = "forest", .training = training_default() };
	request.training.threads = processors();
	int option;
	while ((option = command_option(&command_train, argc, argv, "o:", options)) != -1) {
		if (!parse_option(option, &request)) {
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		return command_usage(&command_train, "argument '%s' is not expected", argv[optind]);
	}
	const char *wrong = check(&request);
	if (wrong != NULL) {
		return command_usage(&command_train, "%s", wrong);
	}
	if (!find_date(&request.training.created)) {
		return EXIT_USAGE;
	}
	failure_t failure;
	return train(&request, &failure) == STATUS_OK ? EXIT_GOOD :
	       command_fail(&command_train, &failure);
}

const command_t command_train = {
	.name = "train",
	.arguments = "--features CSV (--labels CSV | --label COLUMN) [OPTION]... -o MODEL",
	.summary = "train a model that tells scanners from others",
	.options =
		"  --features CSV     rows to learn from, as 'backscatter extract' writes them\n"
		"  --labels CSV       classes by address and window: columns address and class\n"
		"  --label COLUMN     the class is this column of the features file\n"
		"  --label-reach DURATION  a label also holds for windows so far before or after its\n"
		"                     own (default 0: for windows that overlap with it)\n"
		"  --algorithm KIND   forest (default), tree or svm\n"
		"  --classes WHICH    two: one class against the rest; all: as labelled\n"
		"                     (default: two if there is a class scan, else all)\n"
		"  --positive CLASS   the one class of two (default scan)\n"
		"  --precision P      take the least threshold whose verdicts of that class are\n"
		"                     right with this share out of bag (default: the threshold\n"
		"                     with the highest F)\n"
		"  --threshold P      take this threshold\n"
		"  --trees N          trees of a forest (default 500)\n"
		"  --mtry N           features tried at each split (default: forest the square\n"
		"                     root of their number, tree all)\n"
		"  --class-weights W  how much a row counts by its class: balanced, or\n"
		"                     NAME=W,... (default 1 for all)\n"
		"  --splits HOW       binned (default): between at most 256 groups of values of\n"
		"                     a feature; exact: between any two values, slower\n"
		"  --min-leaf N       least rows of a leaf (default 1)\n"
		"  --max-depth N      deepest leaf (default 1024)\n"
		"  --smote RATIO      grow classes with less than RATIO times the rows of the\n"
		"                     largest one to that, by SMOTE (default 0: none)\n"
		"  --smote-k K        neighbours of SMOTE (default 5)\n"
		"  --cost C           of svm: what a row on the wrong side costs (default 1)\n"
		"  --gamma G          of svm: reach of the kernel (default 1 / features)\n"
		"  --grid             of svm: choose cost and gamma by cross-validation\n"
		"  --threads N        threads (default: one for each processor); the model\n"
		"                     does not depend on them\n"
		"  --seed N           seed of the random choices (default 1)\n"
		"  -o, --output FILE  model file to write; '-' is standard output\n",
	.run = run,
};
