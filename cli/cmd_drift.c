/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter drift: do the rows of today still look like those that the model learnt from? */
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

/* Exit status of rows that have moved. */
#define EXIT_MOVED 3

#define DAY (86400.0 * (double)MICROSECONDS)

/* The line of the verdicts' probability. */
#define PROBABILITY "(probability)"

/* The command line. */
typedef struct {
	const char *model, *features, *labels;
	uint64_t reach;
	bool json;
} request_t;

/* Now beside then. */
typedef struct {
	model_t *model;
	const portrait_t *portrait;
	const portrait_sample_t *then;
	portrait_column_t *now;  /* as many as then */
	double *probabilities;   /* of a row */
	uint64_t rows, unlabelled;
	uint64_t newest;         /* end of the newest window; 0: none has one */
	size_t positive;         /* class; number of classes: the model has no positive one */
	uint64_t of_class, predicted, right; /* with labels: rows */
} drift_t;

/* What an index means. */
typedef enum { STABLE, SHIFTED, MOVED, UNKNOWN } state_t;

static const char *const state_names[] = { "stable", "shifted", "moved", "not known" };

/* By custom, and only if it is more than chance; see portrait.h. */
static state_t state_of(const drift_t *drift, size_t column, double *psi, double *chance)
{
	const portrait_column_t *then = &drift->then->columns[column], *now = &drift->now[column];
	*psi = *chance = 0;
	if (then->missing == drift->then->rows && column == model_feature_count(drift->model)) {
		return UNKNOWN;
	}
	*psi = portrait_psi(then, now);
	*chance = portrait_chance(then, now);
	if (*psi < PORTRAIT_SHIFTED || *psi < *chance) {
		return STABLE;
	}
	return *psi < PORTRAIT_MOVED ? SHIFTED : MOVED;
}

static const char *name_of(const drift_t *drift, size_t column)
{
	return column < model_feature_count(drift->model) ? model_feature_name(drift->model, column) :
	       PROBABILITY;
}

static status_t begin(const request_t *request, drift_t *drift, failure_t *failure)
{
	status_t status = model_load(request->model, &drift->model, failure);
	if (status != STATUS_OK) {
		return status;
	}
	drift->portrait = model_portrait(drift->model);
	if (drift->portrait != NULL) {
		drift->then = &drift->portrait->samples[request->labels != NULL ? PORTRAIT_LEARNT :
		                                        PORTRAIT_ALL];
	}
	if (drift->then == NULL || drift->then->rows == 0) {
		return failure_set(failure, STATUS_UNSUPPORTED, "model '%s' does not say what its training "
		                   "data looked like: train it anew", request->model);
	}
	size_t columns = drift->portrait->columns;
	drift->positive = model_class_count(drift->model);
	(void)model_threshold(drift->model, &drift->positive);
	drift->now = calloc(columns, sizeof(*drift->now));
	drift->probabilities = calloc(model_class_count(drift->model), sizeof(double));
	if (drift->now == NULL || drift->probabilities == NULL) {
		return failure_no_memory(failure, "the distributions");
	}
	for (size_t i = 0; i < columns; i++) {
		drift->now[i] = portrait_empty(&drift->then->columns[i]);
	}
	return STATUS_OK;
}

static void take(drift_t *drift, const labelled_row_t *row)
{
	size_t features = model_feature_count(drift->model);
	model_predict(drift->model, row->values, 1, features, NULL, drift->probabilities);
	for (size_t i = 0; i < features; i++) {
		portrait_count(&drift->now[i], row->values[i]);
	}
	portrait_count(&drift->now[features],
	               portrait_probability(drift->model, drift->probabilities));
	drift->rows++;
	if (!time_window_is_always(&row->window) && row->window.end > drift->newest) {
		drift->newest = row->window.end;
	}
	if (row->class_name != NULL && drift->positive < model_class_count(drift->model)) {
		bool is = strcmp(row->class_name, model_class_name(drift->model, drift->positive)) == 0;
		bool told = model_verdict(drift->model, drift->probabilities) == drift->positive;
		drift->of_class += is;
		drift->predicted += told;
		drift->right += is && told;
	}
}

static status_t read_rows(const request_t *request, drift_t *drift, failure_t *failure)
{
	labelled_rows_t *rows = NULL;
	labelled_row_t row;
	status_t status = labelled_rows_open(request->features, request->labels, request->reach,
	                                     &rows, failure);
	if (status == STATUS_OK) {
		status = labelled_rows_map(rows, drift->model, failure);
	}
	while (status == STATUS_OK &&
	       (status = labelled_rows_next(rows, &row, failure)) == STATUS_OK) {
		if (request->labels != NULL && row.class_name == NULL) {
			drift->unlabelled++;
		} else {
			take(drift, &row);
		}
	}
	labelled_rows_close(rows);
	if (status == STATUS_END && drift->rows == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "%s: there are no rows%s", request->features,
		                   request->labels != NULL ? " with a label" : "");
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
}

/* In days, at the time of the rows; at the time of asking if they have none. */
static double age(const drift_t *drift, uint64_t moment)
{
	uint64_t now = drift->newest > 0 ? drift->newest : moment_now();
	return ((double)now - (double)moment) / DAY;
}

/* F of the positive class out of bag, when the model was trained; NaN if it is not known. */
static double f_then(const drift_t *drift)
{
	if (drift->positive == model_class_count(drift->model)) {
		return NAN;
	}
	model_tally_t tally = model_class_tally(drift->model, drift->positive);
	return tally.rows > 0 ? ratio(2 * tally.right, tally.rows + tally.predicted) : NAN;
}

static double f_now(const drift_t *drift)
{
	return ratio(2 * drift->right, drift->predicted + drift->of_class);
}

static void print_head(const request_t *request, const drift_t *drift)
{
	char text[MOMENT_TEXT_MAX];
	printf("model trained at %s", moment_format(model_created(drift->model), text));
	time_window_t time;
	if (portrait_time(drift->portrait, &time)) {
		printf(" with labels of %s", moment_format(time.start, text));
		printf(" to %s, %.1f days before the end of the rows", moment_format(time.end, text),
		       age(drift, time.end));
	}
	printf("\n%" PRIu64 " rows%s beside %" PRIu64 " of the training", drift->rows,
	       request->labels != NULL ? " with labels" : "", drift->then->rows);
	if (drift->unlabelled > 0) {
		printf(", %" PRIu64 " without a label left out", drift->unlabelled);
	}
	putchar('\n');
	if (request->labels != NULL && drift->positive < model_class_count(drift->model)) {
		printf("F of %s: %.4f now, %.4f out of bag in training\n",
		       model_class_name(drift->model, drift->positive), f_now(drift), f_then(drift));
	}
}

static void print_table(const request_t *request, const drift_t *drift)
{
	print_head(request, drift);
	printf("%-22s %9s %9s  %s\n", "FEATURE", "PSI", "BY CHANCE", "STATE");
	for (size_t i = 0; i < drift->portrait->columns; i++) {
		double psi, chance;
		state_t state = state_of(drift, i, &psi, &chance);
		printf("%-22s %9.4f %9.4f  %s\n", name_of(drift, i), psi, chance, state_names[state]);
	}
}

static json_t *real_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

/* Text that JSON takes: names of features come from CSV files. */
static json_t *text(const char *name)
{
	json_t *string = json_string(name);
	return string != NULL ? string : json_string("(not UTF-8)");
}

static bool print_json(const request_t *request, const drift_t *drift, bool moved)
{
	char trained[MOMENT_TEXT_MAX];
	json_t *features = json_array();
	for (size_t i = 0; i < drift->portrait->columns; i++) {
		double psi, chance;
		state_t state = state_of(drift, i, &psi, &chance);
		json_array_append_new(features, json_pack("{s:o, s:o, s:f, s:s}", "feature",
		                                          text(name_of(drift, i)), "psi",
		                                          real_or_null(state == UNKNOWN ? NAN : psi),
		                                          "by_chance", chance,
		                                          "state", state_names[state]));
	}
	time_window_t time;
	double labels_age = portrait_time(drift->portrait, &time) ? age(drift, time.end) : NAN;
	json_t *root = json_pack("{s:s, s:f, s:o, s:I, s:I, s:I, s:b, s:o}", "trained",
	                         moment_format(model_created(drift->model), trained),
	                         "model_days", age(drift, model_created(drift->model)),
	                         "labels_days", real_or_null(labels_age),
	                         "rows", (json_int_t)drift->rows,
	                         "rows_without_label", (json_int_t)drift->unlabelled,
	                         "training_rows", (json_int_t)drift->then->rows,
	                         "moved", moved, "features", features);
	if (root != NULL && request->labels != NULL) {
		json_object_set_new(root, "f_now", real_or_null(drift->of_class > 0 ? f_now(drift) : NAN));
		json_object_set_new(root, "f_out_of_bag", real_or_null(f_then(drift)));
	}
	bool good = root != NULL && json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) == 0;
	putchar('\n');
	json_decref(root);
	return good;
}

/* Any feature, or the verdicts. */
static bool has_moved(const drift_t *drift)
{
	double psi, chance;
	for (size_t i = 0; i < drift->portrait->columns; i++) {
		if (state_of(drift, i, &psi, &chance) == MOVED) {
			return true;
		}
	}
	return false;
}

static int drift_of(const request_t *request)
{
	drift_t drift = { 0 };
	failure_t failure;
	bool moved = false;
	status_t status = begin(request, &drift, &failure);
	if (status == STATUS_OK) {
		status = read_rows(request, &drift, &failure);
	}
	if (status == STATUS_OK) {
		moved = has_moved(&drift);
		if (!request->json) {
			print_table(request, &drift);
		} else if (!print_json(request, &drift, moved)) {
			status = failure_no_memory(&failure, "JSON");
		}
	}
	free(drift.now);
	free(drift.probabilities);
	model_destroy(drift.model);
	if (status != STATUS_OK) {
		return command_fail(&command_drift, &failure);
	}
	return fflush(stdout) != 0 ? EXIT_FAILED : moved ? EXIT_MOVED : EXIT_GOOD;
}

static int run(int argc, char **argv)
{
	static const struct option known[] = {
		{ "model", required_argument, NULL, 'm' },
		{ "features", required_argument, NULL, 'f' },
		{ "labels", required_argument, NULL, 'l' },
		{ "label-reach", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	request_t request = { 0 };
	const char **const texts[] = { &request.model, &request.features, &request.labels };
	int option;
	while ((option = command_option(&command_drift, argc, argv, "", known)) != -1) {
		if (option == 'r' && !command_duration(&command_drift, "--label-reach", optarg, 0, UINT32_MAX,
		                                       &request.reach)) {
			return EXIT_USAGE;
		}
		if (option == 'j') {
			request.json = true;
		} else if (option != 'r') {
			*texts[option == 'm' ? 0 : option == 'f' ? 1 : 2] = optarg;
		}
	}
	request.reach *= MICROSECONDS;
	if (request.model == NULL || request.features == NULL || optind < argc) {
		return command_usage(&command_drift, "--model and --features are needed, and no argument");
	}
	return drift_of(&request);
}

const command_t command_drift = {
	.name = "drift",
	.arguments = "--model MODEL --features CSV [--labels CSV] [OPTION]...",
	.summary = "tell whether rows have moved from those that a model learnt from",
	.options =
		"  --model MODEL           a model file of 'backscatter train'\n"
		"  --features CSV          rows, as 'backscatter extract' and 'export' write them\n"
		"  --labels CSV            hold only rows with a label against those that the model\n"
		"                          learnt from; and tell how well it does on them\n"
		"  --label-reach DURATION  as for train\n"
		"  --json                  one JSON object\n"
		"      --help              show this\n"
		"Exit status: 0 stable, 3 moved, 1 it cannot be told, 2 wrong command line.\n",
	.run = run,
};
