/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backscatter classify: a model and features in, verdicts out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/dataset.h"
#include "classifier/explain.h"
#include "classifier/model.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "common/csv.h"
#include "common/output.h"

/* Rows that are predicted at once. */
#define BATCH 1024

/* Reasons of a row, if they are asked for without a number; and the most. */
#define REASONS_DEFAULT 3
#define REASONS_MAX 64

/* Columns that the verdict adds; those of the input by these names give way to them. */
static const char *const verdict_columns[] = { "class", "probability", "threshold" };

/* Columns with reasons begin so. */
#define REASON_PREFIX "reason_"

/* The work on one file. */
typedef struct {
	const model_t *model;
	csv_reader_t *reader;
	FILE *out;
	size_t *columns;        /* column of each of the model's features */
	bool *echoed;           /* per column: goes to the output */
	double *matrix;         /* BATCH x features */
	double *probabilities;  /* BATCH x classes */
	size_t reasons;         /* per row; 0: none are asked for */
	explainer_t **explainers; /* per class, made when first needed */
	double *contributions;  /* of a row: a number for each feature */
	char *text;             /* of the batch's rows, each ended by a zero */
	size_t text_size;
	FILE *text_stream;
	size_t rows;            /* in the batch */
	progress_t progress;
	uint64_t done;
} job_t;

static bool is_verdict(const char *name)
{
	for (size_t i = 0; i < sizeof(verdict_columns) / sizeof(verdict_columns[0]); i++) {
		if (strcmp(name, verdict_columns[i]) == 0) {
			return true;
		}
	}
	return strncmp(name, REASON_PREFIX, strlen(REASON_PREFIX)) == 0;
}

/* Finds the model's features in the file, and the columns to echo. */
static status_t map_columns(job_t *job, failure_t *failure)
{
	size_t count = csv_reader_columns(job->reader);
	const char **names = calloc(count, sizeof(*names));
	job->columns = calloc(model_feature_count(job->model), sizeof(*job->columns));
	job->echoed = calloc(count, sizeof(*job->echoed));
	if (names == NULL || job->columns == NULL || job->echoed == NULL) {
		free(names);
		return failure_no_memory(failure, csv_reader_path(job->reader));
	}
	for (size_t i = 0; i < count; i++) {
		names[i] = csv_reader_column_name(job->reader, i);
		job->echoed[i] = !is_verdict(names[i]);
	}
	failure_t why;
	status_t status = model_map_features(job->model, names, count, job->columns, &why);
	free(names);
	return status == STATUS_OK ? status : csv_reader_lack(job->reader, failure, why.sentence);
}

static void write_header(const job_t *job)
{
	for (size_t i = 0; i < csv_reader_columns(job->reader); i++) {
		if (job->echoed[i]) {
			csv_write_field(job->out, csv_reader_column_name(job->reader, i));
			putc(',', job->out);
		}
	}
	fprintf(job->out, "%s,%s,%s", verdict_columns[0], verdict_columns[1], verdict_columns[2]);
	if (job->reasons > 0) {
		fputs("," REASON_PREFIX "base", job->out);
	}
	for (size_t i = 1; i <= job->reasons; i++) {
		fprintf(job->out, "," REASON_PREFIX "%zu," REASON_PREFIX "%zu_change", i, i);
	}
	putc('\n', job->out);
}

/* Writes the features that moved the probability of a class most, the strongest first. */
static status_t write_reasons(job_t *job, size_t class_index, const double *row,
                              failure_t *failure)
{
	explainer_t **explainer = &job->explainers[class_index];
	status_t status = *explainer != NULL ? STATUS_OK :
	                  explainer_create(job->model, class_index, explainer, failure);
	if (status != STATUS_OK) {
		return status;
	}
	putc(',', job->out);
	csv_write_double(job->out, model_explain(*explainer, row, job->contributions));
	for (size_t i = 0; i < job->reasons; i++) {
		size_t best = 0;
		for (size_t j = 1; j < model_feature_count(job->model); j++) {
			/* What is written already is NaN. */
			if (isnan(job->contributions[best]) ||
			    fabs(job->contributions[j]) > fabs(job->contributions[best])) {
				best = j;
			}
		}
		putc(',', job->out);
		csv_write_field(job->out, model_feature_name(job->model, best));
		putc(',', job->out);
		csv_write_double(job->out, job->contributions[best]);
		job->contributions[best] = NAN;
	}
	return STATUS_OK;
}

/* Writes what the model says about a row, and ends the line. */
static status_t write_verdict(job_t *job, size_t row, failure_t *failure)
{
	const double *probabilities = job->probabilities + row * model_class_count(job->model);
	size_t told = model_verdict(job->model, probabilities), positive = told;
	status_t status = STATUS_OK;
	csv_write_field(job->out, model_class_name(job->model, told));
	putc(',', job->out);
	csv_write_double(job->out, probabilities[told]);
	putc(',', job->out);
	double threshold = model_threshold(job->model, &positive);
	if (!isnan(threshold)) {
		csv_write_double(job->out, threshold);
	}
	if (job->reasons > 0) {
		status = write_reasons(job, positive,
		                       job->matrix + row * model_feature_count(job->model), failure);
	}
	putc('\n', job->out);
	return status;
}

/* Predicts and writes the rows of the batch, and begins the next one. */
static status_t flush_batch(job_t *job, failure_t *failure)
{
	status_t status = STATUS_OK;
	if (fflush(job->text_stream) != 0 || ferror(job->text_stream)) {
		return failure_no_memory(failure, "the rows");
	}
	model_predict(job->model, job->matrix, job->rows, model_feature_count(job->model), NULL,
	              job->probabilities);
	const char *text = job->text;
	for (size_t row = 0; row < job->rows && status == STATUS_OK; row++) {
		fputs(text, job->out);
		text += strlen(text) + 1;
		status = write_verdict(job, row, failure);
	}
	job->done += job->rows;
	job->rows = 0;
	rewind(job->text_stream);
	progress_update(&job->progress, job->done);
	return status;
}

/* Takes one record into the batch: its text, and its numbers in the model's order. */
static status_t take_record(job_t *job, char **fields, failure_t *failure)
{
	size_t features = model_feature_count(job->model);
	double *values = job->matrix + job->rows * features;
	status_t status = STATUS_OK;
	for (size_t i = 0; i < features && status == STATUS_OK; i++) {
		size_t column = job->columns[i];
		status = dataset_parse_field(job->reader, column, fields[column], &values[i], failure);
	}
	for (size_t i = 0; i < csv_reader_columns(job->reader); i++) {
		if (job->echoed[i]) {
			csv_write_field(job->text_stream, fields[i]);
			putc(',', job->text_stream);
		}
	}
	putc('\0', job->text_stream);
	job->rows++;
	return status;
}

static status_t classify_rows(job_t *job, failure_t *failure)
{
	status_t status = map_columns(job, failure);
	if (status != STATUS_OK) {
		return status;
	}
	job->matrix = calloc(BATCH * model_feature_count(job->model), sizeof(*job->matrix));
	job->probabilities = calloc(BATCH * model_class_count(job->model),
	                            sizeof(*job->probabilities));
	job->text_stream = open_memstream(&job->text, &job->text_size);
	job->explainers = calloc(model_class_count(job->model), sizeof(*job->explainers));
	job->contributions = calloc(model_feature_count(job->model), sizeof(*job->contributions));
	if (job->matrix == NULL || job->probabilities == NULL || job->text_stream == NULL ||
	    job->explainers == NULL || job->contributions == NULL) {
		return failure_no_memory(failure, csv_reader_path(job->reader));
	}
	write_header(job);
	char **fields;
	while ((status = csv_reader_next(job->reader, &fields, failure)) == STATUS_OK) {
		status = take_record(job, fields, failure);
		if (status == STATUS_OK && job->rows == BATCH) {
			status = flush_batch(job, failure);
		}
		if (status != STATUS_OK) {
			return status;
		}
	}
	return status == STATUS_END ? flush_batch(job, failure) : status;
}

static void job_clear(job_t *job)
{
	if (job->text_stream != NULL) {
		fclose(job->text_stream);
	}
	csv_reader_close(job->reader);
	free(job->text);
	free(job->columns);
	free(job->echoed);
	free(job->matrix);
	free(job->probabilities);
	for (size_t i = 0; i < model_class_count(job->model) && job->explainers != NULL; i++) {
		explainer_destroy(job->explainers[i]);
	}
	free(job->explainers);
	free(job->contributions);
}

static status_t classify_file(job_t *job, const char *path, const char *output_path,
                              failure_t *failure)
{
	output_t *output;
	status_t status = csv_reader_open(path, &job->reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = output_open(output_path, &output, failure);
	if (status == STATUS_OK) {
		job->out = output_stream(output);
		job->progress = progress_begin("classifying", "rows", 0);
		status = classify_rows(job, failure);
		progress_end(&job->progress);
		if (status == STATUS_OK) {
			status = output_commit(output, failure);
		} else {
			output_abandon(output);
		}
	}
	job_clear(job);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "model", required_argument, NULL, 'm' },
		{ "output", required_argument, NULL, 'o' },
		{ "explain", optional_argument, NULL, 'e' },
		{ 0 },
	};
	const char *model_path = NULL, *output_path = NULL;
	uint64_t reasons = 0;
	int option;
	while ((option = command_option(&command_classify, argc, argv, "m:o:", options)) != -1) {
		if (option != 'e') {
			*(option == 'm' ? &model_path : &output_path) = optarg;
			continue;
		}
		reasons = REASONS_DEFAULT;
		if (optarg != NULL && !command_number(&command_classify, "--explain", optarg, 1,
		                                      REASONS_MAX, &reasons)) {
			return EXIT_USAGE;
		}
	}
	if (model_path == NULL) {
		return command_usage(&command_classify, "--model is missing");
	}
	if (optind + 1 != argc) {
		return command_usage(&command_classify, "one features file is needed, %d are given",
		                     argc - optind);
	}
	failure_t failure;
	model_t *model;
	status_t status = model_load(model_path, &model, &failure);
	if (status == STATUS_OK) {
		size_t features = model_feature_count(model);
		job_t job = { .model = model, .reasons = reasons < features ? reasons : features };
		status = classify_file(&job, argv[optind], output_path, &failure);
		model_destroy(model);
	}
	return status == STATUS_OK ? EXIT_GOOD : command_fail(&command_classify, &failure);
}

const command_t command_classify = {
	.name = "classify",
	.arguments = "--model MODEL FEATURES.csv [OPTION]... [-o VERDICTS.csv]",
	.summary = "classify originators with a trained model",
	.options =
		"  -m, --model FILE   model file, as 'backscatter train' writes it\n"
		"  --explain[=N]      name the N features (default 3) that moved the verdict most\n"
		"  -o, --output FILE  verdicts to write (default: standard output)\n",
	.run = run,
};
