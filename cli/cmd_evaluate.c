/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter evaluate: features and labels in, a table of how well the learners do out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classifier/evaluation.h"
#include "classifier/limits.h"
#include "classifier/partition.h"
#include "classifier/smote.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/progress.h"
#include "common/moment.h"

#define THREADS_DEFAULT_MAX 64

/* The research's protocol, and its share of made-up rows. */
#define REPETITIONS 50
#define TRAIN 0.6
#define SMOTE_RATIO 0.5

static const char *const algorithms[] = { "tree", "forest", "svm" };

#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

/* The command line. */
typedef struct {
	dataset_source_t source;
	bool chosen[ALGORITHMS];
	bool two, all;            /* --classes; neither: by the labels */
	const char *positive;     /* NULL: not given */
	double smote;
	bool smote_given;
	const char *output;       /* NULL: no report */
	evaluation_plan_t plan;
} request_t;

enum {
	OPTION_FEATURES = 1000, OPTION_LABELS, OPTION_LABEL, OPTION_ALGORITHM, OPTION_CLASSES,
	OPTION_POSITIVE, OPTION_SMOTE, OPTION_SMOTE_K, OPTION_PROTOCOL, OPTION_TREES, OPTION_COST,
	OPTION_GAMMA, OPTION_GRID, OPTION_GROUP, OPTION_REACH, OPTION_THRESHOLD, OPTION_THREADS,
	OPTION_SEED,
};

static const struct option options[] = {
	{ "features", required_argument, NULL, OPTION_FEATURES },
	{ "labels", required_argument, NULL, OPTION_LABELS },
	{ "label", required_argument, NULL, OPTION_LABEL },
	{ "label-reach", required_argument, NULL, OPTION_REACH },
	{ "algorithm", required_argument, NULL, OPTION_ALGORITHM },
	{ "classes", required_argument, NULL, OPTION_CLASSES },
	{ "positive", required_argument, NULL, OPTION_POSITIVE },
	{ "smote", required_argument, NULL, OPTION_SMOTE },
	{ "smote-k", required_argument, NULL, OPTION_SMOTE_K },
	{ "protocol", required_argument, NULL, OPTION_PROTOCOL },
	{ "trees", required_argument, NULL, OPTION_TREES },
	{ "cost", required_argument, NULL, OPTION_COST },
	{ "gamma", required_argument, NULL, OPTION_GAMMA },
	{ "grid", no_argument, NULL, OPTION_GRID },
	{ "group", required_argument, NULL, OPTION_GROUP },
	{ "use-threshold", no_argument, NULL, OPTION_THRESHOLD },
	{ "threads", required_argument, NULL, OPTION_THREADS },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "output", required_argument, NULL, 'o' },
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

static bool take_classes(request_t *request, const char *word)
{
	request->two |= strcmp(word, "two") == 0;
	request->all |= strcmp(word, "all") == 0;
	if (strcmp(word, "two") != 0 && strcmp(word, "all") != 0) {
		command_usage(&command_evaluate, "--classes takes all and two, not '%s'", word);
		return false;
	}
	return true;
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

/* Options with a whole number for 32 bits. */
static bool parse_number(const char *name, uint64_t most, uint32_t *value)
{
	uint64_t number;
	if (!command_number(&command_evaluate, name, optarg, 1, most, &number)) {
		return false;
	}
	*value = (uint32_t)number;
	return true;
}

/* Options of the training. */
static bool parse_training(int option, request_t *request)
{
	training_t *training = &request->plan.training;
	switch (option) {
	case OPTION_SMOTE:
		request->smote_given = true;
		return command_real(&command_evaluate, "--smote", optarg, 0, 1, &request->smote);
	case OPTION_SMOTE_K:
		return parse_number("--smote-k", SMOTE_NEIGHBOURS_MAX, &training->smote_neighbours);
	case OPTION_TREES:
		return parse_number("--trees", MODEL_TREES_MAX, &training->trees);
	case OPTION_COST:
		return command_real(&command_evaluate, "--cost", optarg, 1e-9, 1e9, &training->cost);
	case OPTION_GAMMA:
		return command_real(&command_evaluate, "--gamma", optarg, 1e-9, 1e9, &training->gamma);
	default:
		training->grid = true;
		return true;
	}
}

static bool parse_reach(dataset_source_t *source)
{
	uint64_t seconds;
	if (!command_duration(&command_evaluate, "--label-reach", optarg, 0, UINT32_MAX, &seconds)) {
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
	case OPTION_GROUP:
		request->source.group_column = optarg;
		return true;
	case OPTION_ALGORITHM:
		memset(request->chosen, 0, sizeof(request->chosen));
		return each_word(optarg, take_algorithm, request);
	case OPTION_CLASSES:
		return each_word(optarg, take_classes, request);
	case OPTION_POSITIVE:
		request->positive = optarg;
		return true;
	case OPTION_PROTOCOL:
		return parse_protocol(optarg, request);
	case OPTION_THRESHOLD:
		request->plan.threshold = true;
		return true;
	case OPTION_THREADS:
		return parse_number("--threads", TRAINING_THREADS_MAX, &request->plan.threads);
	case OPTION_SEED:
		return command_number(&command_evaluate, "--seed", optarg, 0, UINT64_MAX,
		                      &request->plan.seed);
	case 'o':
		request->output = optarg;
		return true;
	default:
		return parse_training(option, request);
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
	if (request->source.group_column != NULL && request->source.label_column != NULL &&
	    strcmp(request->source.group_column, request->source.label_column) == 0) {
		return "--group and --label cannot be the same column";
	}
	return NULL;
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
	for (size_t i = 0; i < ALGORITHMS && status == STATUS_OK; i++) {
		if (!request->chosen[i]) {
			continue;
		}
		evaluation_plan_t plan = request->plan;
		plan.algorithm = algorithms[i];
		plan.training.smote = smote;
		plan.training.positive = request->positive;
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
	const char *positive = request->positive != NULL ? request->positive : "scan";
	bool known = dataset_class_index(dataset, positive) >= 0;
	bool two = request->two || (!request->all && (known || request->positive != NULL));
	/* Two classes of which one is positive are two already. */
	bool all = request->all || (!request->two && (!two || dataset_classes(dataset) > 2));
	bool smote = request->smote > 0 && (two || request->smote_given);
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
		status = evaluate_learners(request, dataset, two ? "two" : "all", request->smote, &tally,
		                           report, failure);
	}
	progress_end(&tally.line);
	return status;
}

static status_t evaluate(const request_t *request, failure_t *failure)
{
	dataset_t *dataset = NULL;
	report_t *report = NULL;
	status_t status = dataset_read(&request->source, &dataset, failure);
	if (status == STATUS_OK) {
		const report_head_t head = {
			.features = request->source.features, .labels = request->source.labels,
			.positive = request->positive != NULL ? request->positive : "scan",
			.plan = &request->plan, .output = request->output,
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

static int run(int argc, char **argv)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	request_t request = {
		.chosen = { true, true, true }, .smote = SMOTE_RATIO,
		.plan = {
			.training = training_default(), .repetitions = REPETITIONS, .train = TRAIN, .seed = 1,
			.threads = processors < 1 ? 1 : processors > THREADS_DEFAULT_MAX ?
			           THREADS_DEFAULT_MAX : (uint32_t)processors,
		},
	};
	int option;
	while ((option = command_option(&command_evaluate, argc, argv, "o:", options)) != -1) {
		if (!parse_option(option, &request)) {
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		return command_usage(&command_evaluate, "argument '%s' is not expected", argv[optind]);
	}
	const char *wrong = check(&request);
	if (wrong != NULL) {
		return command_usage(&command_evaluate, "%s", wrong);
	}
	failure_t failure;
	return evaluate(&request, &failure) == STATUS_OK ? EXIT_GOOD :
	       command_fail(&command_evaluate, &failure);
}

const command_t command_evaluate = {
	.name = "evaluate",
	.arguments = "--features CSV (--labels CSV | --label COLUMN) [OPTION]...",
	.summary = "tell how well the learners do on rows that they did not see",
	.options =
		"  --features CSV     rows, as 'backscatter extract' writes them\n"
		"  --labels CSV       classes by address and window: columns address and class\n"
		"  --label COLUMN     the class is this column of the features file\n"
		"  --label-reach DURATION  a label also holds for windows so far before or after its\n"
		"                     own (default 0: for windows that overlap with it)\n"
		"  --algorithm LIST   of tree, forest and svm (default: all three)\n"
		"  --classes LIST     all: as labelled; two: one class against the rest\n"
		"                     (default: both if there is a class scan, else all)\n"
		"  --positive CLASS   the one class of two (default scan)\n"
		"  --smote RATIO      also with SMOTE on the training part (default 0.5 for two\n"
		"                     classes; 0: without)\n"
		"  --smote-k K        neighbours of SMOTE (default 5)\n"
		"  --protocol WHICH   repeat=N,train=SHARE (default repeat=50,train=0.6) or folds=K\n"
		"  --trees N          trees of a forest (default 500)\n"
		"  --cost C           of svm (default 1)\n"
		"  --gamma G          of svm (default 1 / features)\n"
		"  --grid             of svm: choose both by cross-validation in each training part\n"
		"  --group COLUMN     rows alike there stay on one side (default: originator, if\n"
		"                     there is that column)\n"
		"  --use-threshold    tell by the model's threshold, not the highest probability\n"
		"  --threads N        trials at once (default: one for each processor); the figures\n"
		"                     do not depend on them\n"
		"  --seed N           seed of the random choices (default 1)\n"
		"  -o, --output FILE  report to write, as JSON; '-' is standard output\n",
	.run = run,
};
