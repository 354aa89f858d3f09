/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datasets from CSV files. The labels of a separate file are sorted once and then
 * searched for each row; the cost is that of reading the files.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/dataset.h"
#include "classifier/dataset_labels.h"
#include "common/address.h"
#include "common/window_columns.h"

/* Columns that are no features. Names that end with a star match by their beginning. */
static const char *const meta_columns[] = {
	"window_start", "window_seconds", "originator", "queriers", "queries", "verified", "known_*",
};

bool dataset_column_is_meta(const char *name)
{
	for (size_t i = 0; i < sizeof(meta_columns) / sizeof(meta_columns[0]); i++) {
		const char *meta = meta_columns[i];
		size_t stem = strcspn(meta, "*");
		if (meta[stem] == '*' ? strncmp(name, meta, stem) == 0 : strcmp(name, meta) == 0) {
			return true;
		}
	}
	return false;
}

status_t dataset_parse_field(const csv_reader_t *reader, size_t column, const char *text,
                             double *value, failure_t *failure)
{
	if (text[0] == '\0') {
		*value = NAN;
		return STATUS_OK;
	}
	char *end;
	*value = strtod(text, &end);
	const char *name = csv_reader_column_name(reader, column);
	if (*end == '\0' && isinf(*value)) {
		return csv_reader_fail(reader, failure, "column '%s': '%s' is infinite", name, text);
	}
	/* strtod() also takes blanks, hexadecimal digits and names. */
	if (*end != '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
		return csv_reader_fail(reader, failure, "column '%s': '%s' is no number", name, text);
	}
	return STATUS_OK;
}

/* What a row of features needs to become a row of the dataset. */
typedef struct {
	csv_reader_t *reader;
	size_t *columns;      /* column of each feature */
	size_t features;
	int key;              /* column of the class, or of the originator if there are labels */
	int group;            /* column of what belongs together, or -1 */
	const label_table_t *labels;  /* NULL: the class stands in the row */
	window_columns_t window;  /* both or none, if somebody asks for it */
	const dataset_source_t *source;
	uint64_t reach;
	double *values;
	dataset_t *dataset;
} join_t;

/* Finds the class of a record that labels of another file may have. */
static status_t join_label(const join_t *join, char **fields, const time_window_t *window,
                           uint32_t *class_index, label_answer_t *answer, failure_t *failure)
{
	const char *originator = fields[join->key];
	address_t address;
	if (!address_parse_originator(originator, &address)) {
		return csv_reader_fail(join->reader, failure, "originator '%s' is no address and no /64",
		                       originator);
	}
	*answer = label_table_find(join->labels, &address, window, join->reach, class_index);
	return STATUS_OK;
}

static status_t join_class(const join_t *join, char **fields, const time_window_t *window,
                           uint32_t *class_index, label_answer_t *answer, failure_t *failure)
{
	if (join->labels != NULL) {
		return join_label(join, fields, window, class_index, answer, failure);
	}
	const char *name = fields[join->key];
	*answer = name[0] != '\0' ? LABEL_FOUND : LABEL_NONE;
	return *answer == LABEL_NONE ? STATUS_OK :
	       dataset_labels_intern(join->reader, join->dataset, name, class_index, failure);
}

/* Adds the row of a record. Addresses are put into one spelling before they are compared. */
static status_t join_add(join_t *join, char **fields, uint32_t class_index, failure_t *failure)
{
	status_t status = dataset_add(join->dataset, join->values, class_index, failure);
	if (status != STATUS_OK || join->group < 0 || fields[join->group][0] == '\0') {
		return status;
	}
	const char *group = fields[join->group];
	char text[ADDRESS_TEXT_MAX];
	address_t address;
	if (address_parse_originator(group, &address)) {
		group = address_format(&address, text);
	}
	return dataset_set_group(join->dataset, group, failure);
}

/* One record: a row, or left out. */
static status_t join_record(join_t *join, char **fields, failure_t *failure)
{
	uint32_t class_index;
	label_answer_t answer = LABEL_NONE;
	time_window_t window = TIME_WINDOW_ALWAYS;
	status_t status = window_columns_read(join->reader, &join->window, fields, &window, failure);
	if (status == STATUS_OK) {
		status = join_class(join, fields, &window, &class_index, &answer, failure);
	}
	bool labelled = answer == LABEL_FOUND;
	if (status == STATUS_OK && !labelled) {
		dataset_leave_out(join->dataset, answer == LABEL_DISAGREED);
		if (join->source->visit == NULL) {
			return STATUS_OK;
		}
	}
	for (size_t i = 0; i < join->features && status == STATUS_OK; i++) {
		size_t column = join->columns[i];
		status = dataset_parse_field(join->reader, column, fields[column], &join->values[i],
		                             failure);
	}
	if (status == STATUS_OK && labelled) {
		status = join_add(join, fields, class_index, failure);
	}
	if (status == STATUS_OK && join->source->visit != NULL) {
		join->source->visit(join->source->visit_context, join->values, join->features, &window,
		                    labelled);
	}
	return status;
}

/* Finds the feature columns and begins the dataset. */
static status_t join_begin(join_t *join, failure_t *failure)
{
	size_t count = csv_reader_columns(join->reader);
	join->columns = calloc(count, sizeof(*join->columns));
	join->values = calloc(count, sizeof(*join->values));
	const char **names = calloc(count, sizeof(*names));
	if (join->columns == NULL || join->values == NULL || names == NULL) {
		free(names);
		return failure_no_memory(failure, csv_reader_path(join->reader));
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = csv_reader_column_name(join->reader, i);
		if ((int)i != join->key && (int)i != join->group && !dataset_column_is_meta(name)) {
			names[join->features] = name;
			join->columns[join->features++] = i;
		}
	}
	failure_t why;
	status_t status = dataset_create(names, join->features, &join->dataset, &why);
	free(names);
	return status == STATUS_OK ? status :
	       failure_set(failure, status, "%s: %s", csv_reader_path(join->reader), why.sentence);
}

static status_t join_rows(join_t *join, failure_t *failure)
{
	char **fields;
	status_t status = STATUS_OK;
	while (status == STATUS_OK &&
	       (status = csv_reader_next(join->reader, &fields, failure)) == STATUS_OK) {
		status = join_record(join, fields, failure);
	}
	if (status == STATUS_NO_MEMORY) {
		return failure_set(failure, status, "%s:%" PRIu64 ": not enough memory for more than %zu "
		                   "rows of %zu features", csv_reader_path(join->reader),
		                   csv_reader_line(join->reader), dataset_rows(join->dataset),
		                   join->features);
	}
	return status == STATUS_END ? STATUS_OK : status;
}

/* Ends the dataset with a sentence that fits what was missing. */
static status_t join_finish(join_t *join, const dataset_source_t *source, failure_t *failure)
{
	if (dataset_rows(join->dataset) == 0 && dataset_left_out(join->dataset) > 0) {
		return source->labels == NULL ?
		       failure_set(failure, STATUS_BAD_DATA, "%s: no row has a label in column '%s'",
		                   source->features, source->label_column) :
		       failure_set(failure, STATUS_BAD_DATA, "%s: no originator has a label in %s",
		                   source->features, source->labels);
	}
	failure_t why;
	status_t status = dataset_finish(join->dataset, &why);
	return status == STATUS_OK ? status :
	       failure_set(failure, status, "%s: %s", source->features, why.sentence);
}

/* Reads the labels, and looks for what they are joined by. */
static status_t join_labels(join_t *join, const char *path, label_table_t **labels,
                            failure_t *failure)
{
	status_t status = dataset_labels_read(path, join->dataset, labels, failure);
	if (status == STATUS_OK && label_table_has_windows(*labels)) {
		status = window_columns_find(join->reader, &join->window, failure);
	}
	join->labels = *labels;
	return status;
}

static status_t join_run(join_t *join, const dataset_source_t *source, label_table_t **labels,
                         failure_t *failure)
{
	const char *key = source->labels != NULL ? "originator" : source->label_column;
	status_t status = csv_reader_require(join->reader, key, &join->key, failure);
	if (status == STATUS_OK && source->group_column != NULL) {
		status = csv_reader_require(join->reader, source->group_column, &join->group, failure);
	} else {
		join->group = csv_reader_column(join->reader, "originator");
	}
	if (status == STATUS_OK) {
		status = join_begin(join, failure);
	}
	/* Who only looks on needs no windows, so half of a window is none here. */
	if (status == STATUS_OK && source->visit != NULL &&
	    csv_reader_column(join->reader, "window_start") >= 0 &&
	    csv_reader_column(join->reader, "window_seconds") >= 0) {
		status = window_columns_find(join->reader, &join->window, failure);
	}
	if (status == STATUS_OK && source->labels != NULL) {
		status = join_labels(join, source->labels, labels, failure);
	}
	if (status == STATUS_OK) {
		status = join_rows(join, failure);
	}
	return status == STATUS_OK ? join_finish(join, source, failure) : status;
}

status_t dataset_read(const dataset_source_t *source, dataset_t **dataset, failure_t *failure)
{
	if ((source->labels == NULL) == (source->label_column == NULL)) {
		return failure_set(failure, STATUS_CALLER, "either labels or a label column is needed");
	}
	join_t join = { .reach = source->label_reach, .source = source, .window = { -1, -1 } };
	label_table_t *labels = NULL;
	status_t status = csv_reader_open(source->features, &join.reader, failure);
	if (status == STATUS_OK) {
		status = join_run(&join, source, &labels, failure);
		csv_reader_close(join.reader);
	}
	label_table_destroy(labels);
	free(join.columns);
	free(join.values);
	if (status != STATUS_OK) {
		dataset_destroy(join.dataset);
		return status;
	}
	*dataset = join.dataset;
	return STATUS_OK;
}
