/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows with windows and labels, in no more memory than the labels take. */
#include "cli/labelled_rows.h"

#include <stdlib.h>

#include "classifier/dataset.h"
#include "classifier/dataset_labels.h"
#include "common/address.h"
#include "common/window_columns.h"

struct labelled_rows {
	csv_reader_t *reader;
	window_columns_t window;
	int originator;          /* -1: nobody asks */
	dataset_t *classes;      /* by index; it has no rows. NULL without labels */
	label_table_t *labels;
	uint64_t reach;
	size_t *columns;         /* of each value */
	double *values;
	size_t count;
};

static status_t open_labels(labelled_rows_t *rows, const char *labels, failure_t *failure)
{
	status_t status = csv_reader_require(rows->reader, "originator", &rows->originator, failure);
	if (status == STATUS_OK) {
		status = dataset_create(&(const char *) { "class" }, 1, &rows->classes, failure);
	}
	return status == STATUS_OK ? dataset_labels_read(labels, rows->classes, &rows->labels,
	                                                 failure) : status;
}

status_t labelled_rows_open(const char *features, const char *labels, uint64_t reach,
                            labelled_rows_t **out, failure_t *failure)
{
	labelled_rows_t *rows = calloc(1, sizeof(*rows));
	if (rows == NULL) {
		return failure_no_memory(failure, features);
	}
	rows->reach = reach;
	rows->originator = -1;
	status_t status = csv_reader_open(features, &rows->reader, failure);
	if (status == STATUS_OK) {
		status = window_columns_find(rows->reader, &rows->window, failure);
	}
	if (status == STATUS_OK && labels != NULL) {
		status = open_labels(rows, labels, failure);
	}
	if (status != STATUS_OK) {
		labelled_rows_close(rows);
		return status;
	}
	*out = rows;
	return STATUS_OK;
}

void labelled_rows_close(labelled_rows_t *rows)
{
	if (rows == NULL) {
		return;
	}
	csv_reader_close(rows->reader);
	dataset_destroy(rows->classes);
	label_table_destroy(rows->labels);
	free(rows->columns);
	free(rows->values);
	free(rows);
}

status_t labelled_rows_map(labelled_rows_t *rows, const model_t *model, failure_t *failure)
{
	size_t have = csv_reader_columns(rows->reader), more = model_feature_count(model);
	size_t *columns = reallocarray(rows->columns, rows->count + more, sizeof(*columns));
	rows->columns = columns != NULL ? columns : rows->columns;
	double *values = reallocarray(rows->values, rows->count + more, sizeof(*values));
	rows->values = values != NULL ? values : rows->values;
	const char **names = calloc(have, sizeof(*names));
	if (columns == NULL || values == NULL || names == NULL) {
		free(names);
		return failure_no_memory(failure, csv_reader_path(rows->reader));
	}
	for (size_t i = 0; i < have; i++) {
		names[i] = csv_reader_column_name(rows->reader, i);
	}
	failure_t why;
	status_t status = model_map_features(model, names, have, columns + rows->count, &why);
	free(names);
	if (status != STATUS_OK) {
		return csv_reader_lack(rows->reader, failure, why.sentence);
	}
	rows->count += more;
	return STATUS_OK;
}

/* Finds the class of the record. */
static status_t find_class(const labelled_rows_t *rows, char **fields, labelled_row_t *row,
                           failure_t *failure)
{
	address_t address;
	uint32_t index;
	row->class_name = NULL;
	if (rows->labels == NULL) {
		return STATUS_OK;
	}
	const char *originator = fields[rows->originator];
	if (!address_parse_originator(originator, &address)) {
		return csv_reader_fail(rows->reader, failure, "originator '%s' is no address and no /64",
		                       originator);
	}
	if (label_table_find(rows->labels, &address, &row->window, rows->reach, &index) == LABEL_FOUND) {
		row->class_name = dataset_class_name(rows->classes, index);
	}
	return STATUS_OK;
}

status_t labelled_rows_next(labelled_rows_t *rows, labelled_row_t *row, failure_t *failure)
{
	char **fields;
	status_t status = csv_reader_next(rows->reader, &fields, failure);
	if (status == STATUS_OK) {
		status = window_columns_read(rows->reader, &rows->window, fields, &row->window, failure);
	}
	if (status == STATUS_OK) {
		status = find_class(rows, fields, row, failure);
	}
	for (size_t i = 0; i < rows->count && status == STATUS_OK; i++) {
		size_t column = rows->columns[i];
		status = dataset_parse_field(rows->reader, column, fields[column], &rows->values[i], failure);
	}
	row->values = rows->values;
	return status;
}
