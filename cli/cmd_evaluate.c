/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter evaluate: features and labels in, a table of how well the learners do out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/evaluation.h"
#include "classifier/partition.h"
#include "cli/evaluate_strategies.h"
#include "cli/evaluation_report.h"
#include "cli/memory.h"
#include "cli/progress.h"
#include "cli/training_options.h"
#include "common/moment.h"

/* The research's protocol, and its share of made-up rows. */
#define REPETITIONS 50
#define TRAIN 0.6
#define SMOTE_RATIO 0.5

/* Of strategies, where each repetition trains once a day and more. */
#define STRATEGY_REPETITIONS 10

static const char *const algorithms[] = { "tree", "forest", "svm" };

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))
#define FOREST 1

/* The command line. */
typedef struct {
	training_options_t options;
	bool chosen[ALGORITHMS];
	bool chosen_given, protocol_given;
	evaluation_plan_t plan;   /* without what is in the options */
	strategies_t strategies;
} request_t;

enum {
	OPTION_ALGORITHM = TRAINING_OPTION_OWN, OPTION_CLASSES, OPTION_CSV, OPTION_FEATURES,
	OPTION_PROTOCOL, OPTION_STRATEGY, OPTION_THRESHOLD, OPTION_TRAIN_ON,
};

static const struct option own_options[] = {
	{ "algorithm", required_argument, NULL, OPTION_ALGORITHM },
	{ "classes", required_argument, NULL, OPTION_CLASSES },
	{ "csv", no_argument, NULL, OPTION_CSV },
	{ "features", required_argument, NULL, OPTION_FEATURES },
	{ "protocol", required_argument, NULL, OPTION_PROTOCOL },
	{ "strategy", required_argument, NULL, OPTION_STRATEGY },
	{ "train-on", required_argument, NULL, OPTION_TRAIN_ON },
	{ "use-threshold", no_argument, NULL, OPTION_THRESHOLD },
	{ 0 },
};

/* Calls `take` for each word between commas; false if it is for one. */
static bool each_word(const char *text, bool (*take)(request_t *, const char *), request_t *request)
{
	char *copy = strdup(text), *rest = copy, *word;
	bool good = copy != NULL;
	while (good && (word = strsep(&rest, ",")) != NULL) {
		good = take(request, word);
	}
	free(copy);
	return good;
}

static bool take_algorithm(request_t *request, const char *word)
{
	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (strcmp(algorithms[i], word) == 0) {
			request->chosen[i] = true;
			return true;
		}
	}
	command_usage(&command_evaluate, "--algorithm takes tree, forest and svm, not '%s'", word);
	return false;
}

static bool take_strategy(request_t *request, const char *word)
{
	for (strategy_t i = 0; i < STRATEGIES; i++) {
		if (strcmp(strategy_name(i), word) == 0) {
			return request->strategies.chosen[i] = request->strategies.given = true;
		}
	}
	command_usage(&command_evaluate, "--strategy takes train-once, re-extract and self-train, not "
	              "'%s'", word);
	return false;
}

static bool take_train_on(request_t *request)
{
	if (moment_parse(optarg, &request->strategies.train_on)) {
		request->strategies.train_on_text = optarg;
		return true;
	}
	command_usage(&command_evaluate, "--train-on takes a day such as 2026-11-23, not '%s'", optarg);
	return false;
}

static bool take_classes(request_t *request, const char *word)
{
	return training_options_classes(&command_evaluate, &request->options, word);
}

/* A word of the protocol: repeat=N, train=SHARE, folds=K. */
static bool take_protocol(request_t *request, const char *word)
{
	uint64_t number;
	if (strncmp(word, "repeat=", 7) == 0) {
		if (!command_number(&command_evaluate, "repeat", word + 7, 1, EVALUATION_TRIALS_MAX,
		                    &number)) {
			return false;
		}
		request->plan.repetitions = number;
	} else if (strncmp(word, "folds=", 6) == 0) {
		if (!command_number(&command_evaluate, "folds", word + 6, 2, PARTITION_PARTS_MAX,
		                    &number)) {
			return false;
		}
		request->plan.folds = number;
	} else if (strncmp(word, "train=", 6) == 0) {
		return command_real(&command_evaluate, "train", word + 6, 0.01, 0.99,
		                    &request->plan.train);
	} else {
		command_usage(&command_evaluate, "--protocol takes repeat=N,train=SHARE or folds=K, not "
		              "'%s'", word);
		return false;
	}
	return true;
}

static bool parse_protocol(const char *text, request_t *request)
{
	request->protocol_given = true;
	request->plan.folds = request->plan.repetitions = 0;
	request->plan.train = 0;
	if (!each_word(text, take_protocol, request)) {
		return false;
	}
	bool splits = request->plan.repetitions > 0 || request->plan.train > 0;
	if (splits && request->plan.folds > 0) {
		command_usage(&command_evaluate, "--protocol is repeat=N,train=SHARE or folds=K, not both");
		return false;
	}
	request->plan.repetitions = request->plan.repetitions > 0 ? request->plan.repetitions :
	                            REPETITIONS;
	request->plan.train = request->plan.train > 0 ? request->plan.train : TRAIN;
	return true;
}

static bool parse_option(int option, request_t *request)
{
	switch (option) {
	case OPTION_ALGORITHM:
		memset(request->chosen, 0, sizeof(request->chosen));
		request->chosen_given = true;
		return each_word(optarg, take_algorithm, request);
	case OPTION_CLASSES:
		return each_word(optarg, take_classes, request);
	case OPTION_CSV:
		return request->strategies.csv = true;
	case OPTION_FEATURES:
		request->options.source.features = optarg;
		request->strategies.features[request->strategies.feature_files++] = optarg;
		return true;
	case OPTION_PROTOCOL:
		return parse_protocol(optarg, request);
	case OPTION_STRATEGY:
		return each_word(optarg, take_strategy, request);
	case OPTION_TRAIN_ON:
		return take_train_on(request);
	default:
		request->plan.threshold = true;
		return true;
	}
}

/* Trials of all evaluations together. */
typedef struct {
	progress_t line;
	size_t before;  /* trials of the evaluations that are done */
} tally_t;

static void show_progress(void *context, size_t done, size_t total)
{
	(void)total;
	tally_t *tally = context;
	progress_update(&tally->line, tally->before + done);
}

/* Evaluates all chosen learners on the classes as they are now. */
static status_t evaluate_learners(const request_t *request, const dataset_t *dataset,
                                  const char *classes, double smote, tally_t *tally,
                                  report_t *report, failure_t *failure)
{
	status_t status = STATUS_OK;
	/* Before any of them learns, which may take hours. */
	for (size_t i = 0; i < ALGORITHMS && status == STATUS_OK; i++) {
		status = request->chosen[i] ? learner_check(algorithms[i], dataset,
		                                            &request->plan.training, failure) : STATUS_OK;
	}
	for (size_t i = 0; i < ALGORITHMS && status == STATUS_OK; i++) {
		if (!request->chosen[i]) {
			continue;
		}
		evaluation_plan_t plan = request->plan;
		plan.algorithm = algorithms[i];
		plan.training.smote = smote;
		plan.training.positive = request->options.positive;
		plan.progress = show_progress;
		plan.progress_context = tally;
		evaluation_t *evaluation;
		status = evaluation_run(dataset, &plan, &evaluation, failure);
		if (status == STATUS_OK) {
			progress_end(&tally->line);
			status = report_add(report, dataset, &plan, classes, evaluation, failure);
			tally->before += evaluation->trials;
			evaluation_destroy(evaluation);
		}
	}
	return status;
}

/* The rows of the table: all classes, two, two with SMOTE. */
static status_t evaluate_classes(const request_t *request, dataset_t *dataset, report_t *report,
                                 failure_t *failure)
{
	const training_options_t *options = &request->options;
	const char *positive = training_options_positive(options);
	bool two = training_options_fold(options, dataset);
	/* Two classes of which one is positive are two already. */
	bool all = options->all || (!options->two && (!two || dataset_classes(dataset) > 2));
	double ratio = options->smote_given ? options->training.smote : two ? SMOTE_RATIO : 0;
	bool smote = ratio > 0;
	size_t runs = 0, trials = request->plan.folds > 0 ? request->plan.folds :
	                          request->plan.repetitions;
	for (size_t i = 0; i < ALGORITHMS; i++) {
		runs += request->chosen[i] ? all + two + smote : 0;
	}
	tally_t tally = { .line = progress_begin("evaluating", "trials", runs * trials) };
	status_t status = STATUS_OK;
	report_begin(report, dataset);
	if (all) {
		status = evaluate_learners(request, dataset, "all", 0, &tally, report, failure);
	}
	if (status == STATUS_OK && two) {
		status = dataset_fold(dataset, positive, failure);
	}
	if (status == STATUS_OK && two) {
		status = evaluate_learners(request, dataset, "two", 0, &tally, report, failure);
	}
	if (status == STATUS_OK && smote) {
		status = evaluate_learners(request, dataset, two ? "two" : "all", ratio, &tally, report,
		                           failure);
	}
	progress_end(&tally.line);
	return status;
}

static status_t evaluate(const request_t *request, failure_t *failure)
{
	dataset_t *dataset = NULL;
	report_t *report = NULL;
	const dataset_source_t *source = &request->options.source;
	status_t status = dataset_read(source, &dataset, failure);
	if (status == STATUS_OK) {
		const report_head_t head = {
			.features = source->features, .labels = source->labels,
			.positive = training_options_positive(&request->options),
			.plan = &request->plan, .output = request->options.output,
		};
		status = report_create(&head, &report, failure);
	}
	if (status == STATUS_OK) {
		status = evaluate_classes(request, dataset, report, failure);
	}
	if (status == STATUS_OK) {
		status = report_save(report, failure);
	}
	report_destroy(report);
	dataset_destroy(dataset);
	return status;
}

/* Strategies over days: their own defaults, each learner in turn. */
static status_t try_strategies(request_t *request, failure_t *failure)
{
	const char *learners[ALGORITHMS];
	size_t count = 0;
	for (size_t i = 0; i < ALGORITHMS; i++) {
		if (request->chosen_given ? request->chosen[i] : i == FOREST) {
			learners[count++] = algorithms[i];
		}
	}
	if (!request->protocol_given) {
		request->plan.repetitions = STRATEGY_REPETITIONS;
	}
	request->plan.progress = NULL;
	return evaluate_strategies(&request->strategies, &request->options, &request->plan, learners,
	                           count, failure);
}

/* What must be there, and what excludes what. Returns NULL or the sentence. */
static const char *check(request_t *request, int argc, char **argv)
{
	const char *wrong = training_options_check(&request->options);
	if (wrong != NULL || !request->strategies.given) {
		return wrong != NULL ? wrong : request->strategies.train_on_text != NULL ?
		       "--train-on goes with --strategy" : request->strategies.csv ?
		       "--csv goes with --strategy" : NULL;
	}
	for (int i = optind; i < argc; i++) {
		request->strategies.features[request->strategies.feature_files++] = argv[i];
	}
	return evaluate_strategies_check(&request->strategies, &request->options);
}

static int evaluate_all(request_t *request, int argc, char **argv)
{
	int option;
	while ((option = training_options_next(&command_evaluate, argc, argv, own_options,
	                                       &request->options)) >= 0) {
		if (!parse_option(option, request)) {
			return EXIT_USAGE;
		}
	}
	if (option == TRAINING_OPTION_WRONG) {
		return EXIT_USAGE;
	}
	if (optind < argc && !request->strategies.given) {
		return command_usage(&command_evaluate, "argument '%s' is not expected", argv[optind]);
	}
	const char *wrong = check(request, argc, argv);
	if (wrong != NULL) {
		return command_usage(&command_evaluate, "%s", wrong);
	}
	request->plan.training = request->options.training;
	request->plan.seed = request->options.training.seed;
	request->plan.threads = request->options.training.threads;
	memory_bound();
	failure_t failure;
	status_t status = request->strategies.given ? try_strategies(request, &failure) :
	                  evaluate(request, &failure);
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_evaluate, &failure);
}

static int run(int argc, char **argv)
{
	request_t request = {
		.options = training_options_default(), .chosen = { true, true, true },
		.plan = { .repetitions = REPETITIONS, .train = TRAIN },
		.strategies.features = calloc((size_t)argc, sizeof(*request.strategies.features)),
	};
	if (request.strategies.features == NULL) {
		return command_usage(&command_evaluate, "no memory for the options");
	}
	request.options.arguments = true;
	int status = evaluate_all(&request, argc, argv);
	free(request.strategies.features);
	return status;
}

const command_t command_evaluate = {
	.name = "evaluate",
	.arguments = "--features CSV... (--labels CSV | --label COLUMN) [OPTION]...",
	.summary = "tell how well the learners do on rows that they did not see",
	.options =
		TRAINING_HELP_FILES
		"  --algorithm LIST   of tree, forest and svm (default: all three)\n"
		"  --classes LIST     all: as labelled; two: one class against the rest\n"
		"                     (default: both if there is a class scan, else all)\n"
		"  --positive CLASS   the one class of two (default scan)\n"
		"  --smote RATIO      also with SMOTE on the training part (default 0.5 for two\n"
		"                     classes; 0: without)\n"
		"  --protocol WHICH   repeat=N,train=SHARE (default repeat=50,train=0.6) or folds=K\n"
		"  --strategy LIST    instead: of train-once, re-extract and self-train, how they do on\n"
		"                     the days of the rows; further files of rows are arguments\n"
		"  --train-on DAY     with it: the day whose labels are learnt from\n"
		"  --csv              with it: the report as CSV\n"
		"  --use-threshold    tell by the model's threshold, not the highest probability\n"
		TRAINING_HELP_LEARNERS
		"  --threads N        trials at once (default: one for each processor); the figures\n"
		"                     do not depend on them\n"
		"  --seed N           seed of the random choices (default 1)\n"
		"  -o, --output FILE  report to write, as JSON; '-' is standard output\n",
	.run = run,
};
