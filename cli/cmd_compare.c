/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter compare: is a new model worse than the old one, on rows that neither knows? */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/portrait.h"
#include "cli/command.h"
#include "cli/labelled_rows.h"
#include "common/moment.h"

/* Exit status of a new model that is worse. */
#define EXIT_WORSE 3

#define MARGIN_DEFAULT 0.01

enum { OLD, NEW, MODELS };

/* The command line. */
typedef struct {
	const char *features, *labels, *positive;
	const char *paths[MODELS];
	uint64_t reach;
	double margin;
	bool json;
} request_t;

/* A model, and how it does. */
typedef struct {
	model_t *model;
	size_t positive;           /* its class */
	double *probabilities;
	uint64_t predicted, right; /* rows told as the positive class, and rightly so */
} contestant_t;

/* The rows. */
typedef struct {
	contestant_t models[MODELS];
	uint64_t rows, positive, known, unlabelled;
} contest_t;

/*
 * Whether a model may have learnt from a row. One that does not say of which time its rows were,
 * as those of older builds, may know all that had begun when it was trained.
 */
static bool knows(const model_t *model, const time_window_t *window)
{
	const portrait_t *portrait = model_portrait(model);
	return portrait != NULL && portrait->span_count > 0 ? portrait_knows(portrait, window) :
	       window->start < model_created(model);
}

static status_t load(const request_t *request, size_t i, contestant_t *out, failure_t *failure)
{
	status_t status = model_load(request->paths[i], &out->model, failure);
	if (status != STATUS_OK) {
		return status;
	}
	size_t classes = model_class_count(out->model);
	while (out->positive < classes &&
	       strcmp(model_class_name(out->model, out->positive), request->positive) != 0) {
		out->positive++;
	}
	if (out->positive == classes) {
		return failure_set(failure, STATUS_BAD_DATA, "model '%s' has no class '%s'",
		                   request->paths[i], request->positive);
	}
	out->probabilities = calloc(classes, sizeof(*out->probabilities));
	return out->probabilities != NULL ? STATUS_OK : failure_no_memory(failure, "the models");
}

static void judge(contest_t *contest, const request_t *request, const labelled_row_t *row)
{
	if (row->class_name == NULL) {
		contest->unlabelled++;
		return;
	}
	if (knows(contest->models[OLD].model, &row->window) ||
	    knows(contest->models[NEW].model, &row->window)) {
		contest->known++;
		return;
	}
	bool positive = strcmp(row->class_name, request->positive) == 0;
	const double *values = row->values;
	contest->rows++;
	contest->positive += positive;
	for (size_t i = 0; i < MODELS; i++) {
		contestant_t *of = &contest->models[i];
		size_t features = model_feature_count(of->model);
		model_predict(of->model, values, 1, features, NULL, of->probabilities);
		bool told = model_verdict(of->model, of->probabilities) == of->positive;
		of->predicted += told;
		of->right += told && positive;
		values += features;
	}
}

static status_t hold(const request_t *request, contest_t *contest, failure_t *failure)
{
	labelled_rows_t *rows = NULL;
	labelled_row_t row;
	status_t status = STATUS_OK;
	for (size_t i = 0; i < MODELS && status == STATUS_OK; i++) {
		status = load(request, i, &contest->models[i], failure);
	}
	if (status == STATUS_OK) {
		status = labelled_rows_open(request->features, request->labels, request->reach, &rows,
		                            failure);
	}
	for (size_t i = 0; i < MODELS && status == STATUS_OK; i++) {
		status = labelled_rows_map(rows, contest->models[i].model, failure);
	}
	while (status == STATUS_OK &&
	       (status = labelled_rows_next(rows, &row, failure)) == STATUS_OK) {
		judge(contest, request, &row);
	}
	labelled_rows_close(rows);
	if (status == STATUS_END && contest->positive == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "%s: of %" PRIu64 " rows that neither model may "
		                   "have learnt from none has the label '%s' (%" PRIu64 " more rows with a "
		                   "label are of times that one of them knows)", request->features,
		                   contest->rows, request->positive, contest->known);
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

static double f_of(const contest_t *contest, size_t i)
{
	const contestant_t *of = &contest->models[i];
	return ratio(2 * of->right, of->predicted + contest->positive);
}

static json_t *describe(const contest_t *contest, size_t i, const char *path)
{
	const contestant_t *of = &contest->models[i];
	json_t *name = json_string(path);
	return json_pack("{s:o, s:f, s:f, s:f}", "model", name != NULL ? name : json_string("(not UTF-8)"),
	                 "f", f_of(contest, i), "precision", ratio(of->right, of->predicted),
	                 "recall", ratio(of->right, contest->positive));
}

static bool print_json(const request_t *request, const contest_t *contest, bool worse)
{
	json_t *root = json_pack("{s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:f, s:b}", "class",
	                         request->positive, "rows", (json_int_t)contest->rows,
	                         "rows_of_class", (json_int_t)contest->positive,
	                         "rows_known", (json_int_t)contest->known,
	                         "rows_without_label", (json_int_t)contest->unlabelled,
	                         "old", describe(contest, OLD, request->paths[OLD]),
	                         "new", describe(contest, NEW, request->paths[NEW]),
	                         "margin", request->margin, "worse", worse);
	bool good = root != NULL && json_dumpf(root, stdout, JSON_REAL_PRECISION(10)) == 0;
	putchar('\n');
	json_decref(root);
	return good;
}

static void print_table(const request_t *request, const contest_t *contest, bool worse)
{
	printf("%" PRIu64 " rows with labels, %" PRIu64 " of them %s; left out: %" PRIu64 " of times that "
	       "a model learnt from, %" PRIu64 " without a label\n", contest->rows, contest->positive,
	       request->positive, contest->known, contest->unlabelled);
	printf("%-4s %9s %9s %9s\n", "", "F", "PRECISION", "RECALL");
	for (size_t i = 0; i < MODELS; i++) {
		const contestant_t *of = &contest->models[i];
		printf("%-4s %9.4f %9.4f %9.4f  %s\n", i == OLD ? "old" : "new", f_of(contest, i),
		       ratio(of->right, of->predicted), ratio(of->right, contest->positive),
		       request->paths[i]);
	}
	printf("the new model is %s\n", worse ? "worse" : "not worse");
}

static bool parse_option(int option, request_t *request)
{
	switch (option) {
	case 'f':
		request->features = optarg;
		return true;
	case 'l':
		request->labels = optarg;
		return true;
	case 'r':
		if (!command_duration(&command_compare, "--label-reach", optarg, 0, UINT32_MAX,
		                      &request->reach)) {
			return false;
		}
		request->reach *= MICROSECONDS;
		return true;
	case 'p':
		request->positive = optarg;
		return true;
	case 'm':
		return command_real(&command_compare, "--margin", optarg, 0, 1, &request->margin);
	default:
		return request->json = true;
	}
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "features", required_argument, NULL, 'f' },
		{ "labels", required_argument, NULL, 'l' },
		{ "label-reach", required_argument, NULL, 'r' },
		{ "positive", required_argument, NULL, 'p' },
		{ "margin", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	request_t request = { .positive = "scan", .margin = MARGIN_DEFAULT };
	int option;
	while ((option = command_option(&command_compare, argc, argv, "", known)) != -1) {
		if (!parse_option(option, &request)) {
			return EXIT_USAGE;
		}
	}
	if (request.features == NULL || request.labels == NULL || argc - optind != MODELS) {
		return command_usage(&command_compare, "--features, --labels and two models, the old and the "
		                     "new one, are needed");
	}
	request.paths[OLD] = argv[optind];
	request.paths[NEW] = argv[optind + 1];
	contest_t contest = { 0 };
	failure_t failure;
	status_t status = hold(&request, &contest, &failure);
	/* What is equal but for rounding is not worse. */
	bool worse = f_of(&contest, NEW) < f_of(&contest, OLD) - request.margin - 1e-12;
	if (status == STATUS_OK && request.json && !print_json(&request, &contest, worse)) {
		status = failure_no_memory(&failure, "JSON");
	} else if (status == STATUS_OK && !request.json) {
		print_table(&request, &contest, worse);
	}
	for (size_t i = 0; i < MODELS; i++) {
		model_destroy(contest.models[i].model);
		free(contest.models[i].probabilities);
	}
	if (status != STATUS_OK) {
		return command_fail(&command_compare, &failure);
	}
	return fflush(stdout) != 0 ? EXIT_FAILED : worse ? EXIT_WORSE : EXIT_GOOD;
}

const command_t command_compare = {
	.name = "compare",
	.arguments = "--features CSV --labels CSV [OPTION]... OLD-MODEL NEW-MODEL",
	.summary = "tell whether a new model is worse than the old one",
	.options =
		"  --features CSV          rows that neither model has learnt from; those of times that\n"
		"                          one of them learnt from are left out\n"
		"  --labels CSV            their classes by address and window\n"
		"  --label-reach DURATION  as for train\n"
		"  --positive CLASS        the class whose F is compared (default scan)\n"
		"  --margin F              by so much the new one may be below the old one (default 0.01)\n"
		"  --json                  one JSON object\n"
		"      --help              show this\n"
		"Exit status: 0 not worse, 3 worse, 1 it cannot be told, 2 wrong command line.\n",
	.run = run,
};
