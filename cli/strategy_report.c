/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of strategies, block by block as it is found, and the report.
 *
 * One table says which figures a line has, by name; CSV and JSON are written from it, so that
 * they cannot differ. The same bytes for the same rows, plan and seed.
 */
#include "cli/strategy_report.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"
#include "common/moment.h"
#include "common/output.h"

#define DIGITS 10
#define DAY (86400 * MICROSECONDS)

/* What was tried in one run. */
typedef struct {
	strategy_plan_t plan;
	strategy_figures_t *figures;
} block_t;

struct strategy_report {
	const char *output;
	bool csv;
	const days_t *days;
	FILE *table;
	block_t *blocks;
	size_t count;
};

/* When a figure is there. */
typedef enum { ALWAYS, TESTED, POSITIVE } needs_t;

/* A figure of a line. */
typedef struct {
	const char *name;
	needs_t needs;
	size_t offset;   /* in strategy_figures_t */
	bool whole;      /* a size_t; else a double */
} column_t;

#define PLACE(field) offsetof(strategy_figures_t, field)
static const column_t columns[] = {
	{ "rows", ALWAYS, PLACE(rows), true },
	{ "learnt", TESTED, PLACE(learnt), false },
	{ "trials", ALWAYS, PLACE(trials), true },
	{ "f", TESTED, PLACE(f.mean), false },
	{ "f_deviation", TESTED, PLACE(f.deviation), false },
	{ "precision", TESTED, PLACE(precision.mean), false },
	{ "recall", TESTED, PLACE(recall.mean), false },
	{ "accuracy", TESTED, PLACE(accuracy.mean), false },
	{ "positive_rows", ALWAYS, PLACE(positive_rows), true },
	{ "positive_f", POSITIVE, PLACE(positive_f.mean), false },
	{ "positive_f_deviation", POSITIVE, PLACE(positive_f.deviation), false },
	{ "positive_precision", POSITIVE, PLACE(positive_precision.mean), false },
	{ "positive_recall", POSITIVE, PLACE(positive_recall.mean), false },
};
#undef PLACE

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool is_there(const column_t *column, const strategy_figures_t *figures)
{
	return column->needs == ALWAYS || (column->needs == TESTED ? figures->trials > 0 :
	                                   figures->positive_trials > 0);
}

static size_t whole_of(const column_t *column, const strategy_figures_t *figures)
{
	size_t value;
	memcpy(&value, (const char *)figures + column->offset, sizeof(value));
	return value;
}

static double real_of(const column_t *column, const strategy_figures_t *figures)
{
	double value;
	memcpy(&value, (const char *)figures + column->offset, sizeof(value));
	return value;
}

/* "2026-11-23" of a day. */
static const char *day_text(const days_t *days, size_t day, char text[MOMENT_TEXT_MAX])
{
	moment_format(days->days[day].moment, text);
	text[strcspn(text, "T")] = '\0';
	return text;
}

/* In days from the training day. */
static int64_t offset_of(const days_t *days, const strategy_plan_t *plan, size_t day)
{
	return (int64_t)(days->days[day].moment / DAY) -
	       (int64_t)(days->days[plan->train_on].moment / DAY);
}

status_t strategy_report_create(const char *output, bool csv, const days_t *days,
                                const strategy_plan_t *plan, strategy_report_t **out,
                                failure_t *failure)
{
	strategy_report_t *report = calloc(1, sizeof(*report));
	if (report == NULL) {
		return failure_no_memory(failure, "the report");
	}
	*report = (strategy_report_t) {
		.output = output, .csv = csv, .days = days,
		.table = output != NULL && strcmp(output, "-") == 0 ? stderr : stdout,
	};
	size_t labelled = 0;
	for (size_t day = 0; day < days->count; day++) {
		labelled += days->days[day].labelled;
	}
	char text[MOMENT_TEXT_MAX];
	fprintf(report->table, "%zu rows of %zu days, %zu originators, %zu features; %zu rows have a "
	        "label", days->rows, days->count, days->originator_count, days->features, labelled);
	if (days->disagreed > 0) {
		fprintf(report->table, ", of %zu they disagree", days->disagreed);
	}
	if (days->longer > 0) {
		fprintf(report->table, "; %zu rows of windows longer than a day are left out", days->longer);
	}
	fprintf(report->table, "\nlabels learnt from are of %s; ",
	        day_text(days, plan->train_on, text));
	if (plan->plan.folds > 0) {
		fprintf(report->table, "%zu folds of originators\n", plan->plan.folds);
	} else {
		fprintf(report->table, "%zu times %.0f %% of the originators to train\n",
		        plan->plan.repetitions, 100 * plan->plan.train);
	}
	*out = report;
	return STATUS_OK;
}

void strategy_report_destroy(strategy_report_t *report)
{
	if (report == NULL) {
		return;
	}
	for (size_t i = 0; i < report->count; i++) {
		free(report->blocks[i].figures);
	}
	free(report->blocks);
	free(report);
}

static void print_figure(FILE *table, bool there, double value)
{
	if (there) {
		fprintf(table, " %6.4f", value);
	} else {
		fprintf(table, " %6s", "-");
	}
}

static void print_line(const strategy_report_t *report, const strategy_plan_t *plan,
                       strategy_t strategy, size_t day, const strategy_figures_t *figures)
{
	FILE *table = report->table;
	char text[MOMENT_TEXT_MAX];
	bool tested = figures->trials > 0, positive = figures->positive_trials > 0;
	fprintf(table, "%-10s %s %6" PRId64 " %6zu %8.1f", strategy_name(strategy),
	        day_text(report->days, day, text), offset_of(report->days, plan, day), figures->rows,
	        figures->learnt);
	print_figure(table, tested, figures->f.mean);
	print_figure(table, tested, figures->f.deviation);
	print_figure(table, tested, figures->precision.mean);
	print_figure(table, tested, figures->recall.mean);
	fprintf(table, "  %6zu", figures->positive_rows);
	print_figure(table, positive, figures->positive_f.mean);
	print_figure(table, positive, figures->positive_f.deviation);
	print_figure(table, positive, figures->positive_precision.mean);
	print_figure(table, positive, figures->positive_recall.mean);
	putc('\n', table);
}

static void print_block(const strategy_report_t *report, const block_t *block)
{
	const strategy_plan_t *plan = &block->plan;
	fprintf(report->table, "\n%s, %s classes", plan->plan.algorithm, plan->two ? "two" : "all");
	if (plan->plan.training.smote > 0) {
		fprintf(report->table, ", SMOTE %g", plan->plan.training.smote);
	}
	fprintf(report->table, "; macro, then of %s\n%-10s %-10s %6s %6s %8s %6s %6s %6s %6s  %6s %6s "
	        "%6s %6s %6s\n", plan->positive, "STRATEGY", "DAY", "OFFSET", "ROWS", "LEARNT", "F",
	        "+-", "PREC", "RECALL", "ROWS", "F", "+-", "PREC", "RECALL");
	for (strategy_t i = 0; i < STRATEGIES; i++) {
		for (size_t day = 0; day < report->days->count && plan->chosen[i]; day++) {
			print_line(report, plan, i, day, &block->figures[i * report->days->count + day]);
		}
	}
	fflush(report->table);
}

status_t strategy_report_add(strategy_report_t *report, const strategy_plan_t *plan,
                             const strategy_figures_t *figures, failure_t *failure)
{
	size_t lines = STRATEGIES * report->days->count;
	block_t *blocks = reallocarray(report->blocks, report->count + 1, sizeof(*blocks));
	report->blocks = blocks != NULL ? blocks : report->blocks;
	strategy_figures_t *copy = calloc(lines, sizeof(*copy));
	if (blocks == NULL || copy == NULL) {
		free(copy);
		return failure_no_memory(failure, "the report");
	}
	memcpy(copy, figures, lines * sizeof(*copy));
	blocks[report->count] = (block_t) { .plan = *plan, .figures = copy };
	print_block(report, &blocks[report->count++]);
	return STATUS_OK;
}

static void put_csv_line(FILE *file, const strategy_report_t *report, const block_t *block,
                         strategy_t strategy, size_t day)
{
	const strategy_plan_t *plan = &block->plan;
	const strategy_figures_t *figures = &block->figures[strategy * report->days->count + day];
	char text[MOMENT_TEXT_MAX];
	fprintf(file, "%s,%s,%g,%s,%s,%" PRId64, plan->plan.algorithm, plan->two ? "two" : "all",
	        plan->plan.training.smote, strategy_name(strategy), day_text(report->days, day, text),
	        offset_of(report->days, plan, day));
	for (size_t i = 0; i < COLUMNS; i++) {
		putc(',', file);
		if (columns[i].whole) {
			fprintf(file, "%zu", whole_of(&columns[i], figures));
		} else if (is_there(&columns[i], figures)) {
			csv_write_double(file, real_of(&columns[i], figures));
		}
	}
	putc('\n', file);
}

static json_t *line_of(const strategy_report_t *report, const block_t *block, strategy_t strategy,
                       size_t day)
{
	const strategy_plan_t *plan = &block->plan;
	const strategy_figures_t *figures = &block->figures[strategy * report->days->count + day];
	char text[MOMENT_TEXT_MAX];
	json_t *line = json_pack("{s:s, s:s, s:f, s:s, s:s, s:I}", "learner", plan->plan.algorithm,
	                         "classes", plan->two ? "two" : "all",
	                         "smote", plan->plan.training.smote,
	                         "strategy", strategy_name(strategy),
	                         "day", day_text(report->days, day, text),
	                         "offset", (json_int_t)offset_of(report->days, plan, day));
	for (size_t i = 0; i < COLUMNS && line != NULL; i++) {
		json_t *value = columns[i].whole ?
		                json_integer((json_int_t)whole_of(&columns[i], figures)) :
		                is_there(&columns[i], figures) ? json_real(real_of(&columns[i], figures)) :
		                json_null();
		json_object_set_new(line, columns[i].name, value);
	}
	return line;
}

static void put_csv(FILE *file, const strategy_report_t *report)
{
	fputs("learner,classes,smote,strategy,day,offset", file);
	for (size_t i = 0; i < COLUMNS; i++) {
		fprintf(file, ",%s", columns[i].name);
	}
	putc('\n', file);
	for (size_t i = 0; i < report->count; i++) {
		for (size_t line = 0; line < STRATEGIES * report->days->count; line++) {
			strategy_t strategy = (strategy_t)(line / report->days->count);
			if (report->blocks[i].plan.chosen[strategy]) {
				put_csv_line(file, report, &report->blocks[i], strategy, line % report->days->count);
			}
		}
	}
}

/* false if memory is short. */
static bool put_json(FILE *file, const strategy_report_t *report)
{
	json_t *lines = json_array();
	bool good = lines != NULL;
	for (size_t i = 0; i < report->count; i++) {
		for (size_t line = 0; line < STRATEGIES * report->days->count && good; line++) {
			strategy_t strategy = (strategy_t)(line / report->days->count);
			if (report->blocks[i].plan.chosen[strategy]) {
				good = json_array_append_new(lines, line_of(report, &report->blocks[i], strategy,
				                             line % report->days->count)) == 0;
			}
		}
	}
	/* A write error stays with the stream; output_commit() finds it. */
	good = good && (json_dumpf(lines, file, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS)) == 0 ||
	                ferror(file));
	putc('\n', file);
	json_decref(lines);
	return good;
}

status_t strategy_report_save(strategy_report_t *report, failure_t *failure)
{
	if (fflush(report->table) != 0 || ferror(report->table)) {
		return failure_system(failure, errno, "cannot write the table", NULL);
	}
	if (report->output == NULL) {
		return STATUS_OK;
	}
	output_t *output;
	status_t status = output_open(report->output, &output, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (report->csv) {
		put_csv(output_stream(output), report);
	} else if (!put_json(output_stream(output), report)) {
		output_abandon(output);
		return failure_no_memory(failure, "the report");
	}
	return output_commit(output, failure);
}
