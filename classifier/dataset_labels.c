/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels files, as `backscatter label` and `backscatter simulate` write them and as hands do. */
#include <inttypes.h>

#include "classifier/dataset_labels.h"
#include "common/window_columns.h"

/* Where what stands. */
typedef struct {
	int address;
	int class;
	window_columns_t window;
	int first_seen, last_seen;  /* -1: the file has windows, or nothing about time */
} columns_t;

status_t dataset_labels_intern(const csv_reader_t *reader, dataset_t *dataset, const char *name,
                               uint32_t *index, failure_t *failure)
{
	failure_t why;
	status_t status = dataset_class(dataset, name, index, &why);
	if (status == STATUS_BAD_DATA) {
		return csv_reader_fail(reader, failure, "%s", why.sentence);
	}
	return status == STATUS_OK ? status : failure_no_memory(failure, csv_reader_path(reader));
}

static status_t find_columns(const csv_reader_t *reader, columns_t *columns, failure_t *failure)
{
	status_t status = csv_reader_require(reader, "address", &columns->address, failure);
	if (status == STATUS_OK) {
		status = csv_reader_require(reader, "class", &columns->class, failure);
	}
	if (status == STATUS_OK) {
		status = window_columns_find(reader, &columns->window, failure);
	}
	columns->first_seen = columns->last_seen = -1;
	if (status == STATUS_OK && columns->window.start < 0) {
		columns->first_seen = csv_reader_column(reader, "first_seen");
		columns->last_seen = csv_reader_column(reader, "last_seen");
	}
	if (columns->first_seen < 0 || columns->last_seen < 0) {
		columns->first_seen = columns->last_seen = -1;
	}
	return status;
}

/* Reads a moment of the columns above; an empty field leaves that end open. */
static status_t read_end(const csv_reader_t *reader, char **fields, int column, uint64_t *moment,
                         failure_t *failure)
{
	if (fields[column][0] == '\0' || moment_parse(fields[column], moment)) {
		return STATUS_OK;
	}
	return csv_reader_fail(reader, failure, "%s '%s' is no moment",
	                       csv_reader_column_name(reader, (size_t)column), fields[column]);
}

/* The time of a label: its window, or from first_seen to last_seen, both of them included. */
static status_t read_window(const csv_reader_t *reader, const columns_t *columns, char **fields,
                            time_window_t *window, failure_t *failure)
{
	if (columns->first_seen < 0) {
		return window_columns_read(reader, &columns->window, fields, window, failure);
	}
	*window = TIME_WINDOW_ALWAYS;
	status_t status = read_end(reader, fields, columns->first_seen, &window->start, failure);
	if (status == STATUS_OK) {
		status = read_end(reader, fields, columns->last_seen, &window->end, failure);
	}
	window->end += window->end < UINT64_MAX;
	if (status == STATUS_OK && window->start >= window->end) {
		return csv_reader_fail(reader, failure, "first_seen '%s' is after last_seen '%s'",
		                       fields[columns->first_seen], fields[columns->last_seen]);
	}
	return status;
}

static status_t read_record(const csv_reader_t *reader, const columns_t *columns, char **fields,
                            dataset_t *dataset, label_table_t *labels, failure_t *failure)
{
	label_t label = { .line = csv_reader_line(reader) };
	status_t status = dataset_labels_intern(reader, dataset, fields[columns->class],
	                                        &label.class_index, failure);
	if (status == STATUS_OK && !prefix_parse(fields[columns->address], &label.prefix)) {
		status = csv_reader_fail(reader, failure, "'%s' is no address or prefix",
		                         fields[columns->address]);
	}
	if (status == STATUS_OK) {
		status = read_window(reader, columns, fields, &label.window, failure);
	}
	if (status == STATUS_OK && label_table_add(labels, &label) != STATUS_OK) {
		status = failure_no_memory(failure, csv_reader_path(reader));
	}
	return status;
}

/* One address may have several lines, but in one window only one class. */
static status_t finish(label_table_t *labels, const csv_reader_t *reader,
                       const dataset_t *dataset, failure_t *failure)
{
	const label_t *first, *second;
	status_t status = label_table_finish(labels, &first, &second);
	if (status != STATUS_BAD_DATA) {
		return status == STATUS_OK ? status :
		       failure_no_memory(failure, csv_reader_path(reader));
	}
	char text[PREFIX_TEXT_MAX];
	bool single = second->prefix.length == 128;
	return failure_set(failure, status, "%s:%" PRIu64 ": %s has the class '%s', but '%s' in line "
	                   "%" PRIu64, csv_reader_path(reader), second->line,
	                   single ? address_format(&second->prefix.address, text) :
	                   prefix_format(&second->prefix, text),
	                   dataset_class_name(dataset, second->class_index),
	                   dataset_class_name(dataset, first->class_index), first->line);
}

static status_t read_records(csv_reader_t *reader, dataset_t *dataset, label_table_t *labels,
                             failure_t *failure)
{
	columns_t columns;
	char **fields;
	status_t status = find_columns(reader, &columns, failure);
	while (status == STATUS_OK &&
	       (status = csv_reader_next(reader, &fields, failure)) == STATUS_OK) {
		if (fields[columns.class][0] != '\0') {
			status = read_record(reader, &columns, fields, dataset, labels, failure);
		}
	}
	return status == STATUS_END ? finish(labels, reader, dataset, failure) : status;
}

status_t dataset_labels_read(const char *path, dataset_t *dataset, label_table_t **out,
                             failure_t *failure)
{
	csv_reader_t *reader;
	*out = NULL;
	status_t status = csv_reader_open(path, &reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	label_table_t *labels = label_table_create();
	status = labels != NULL ? read_records(reader, dataset, labels, failure) :
	         failure_no_memory(failure, path);
	csv_reader_close(reader);
	if (status != STATUS_OK) {
		label_table_destroy(labels);
		return status;
	}
	*out = labels;
	return STATUS_OK;
}
