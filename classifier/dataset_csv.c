/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datasets from CSV files. The labels of a separate file are sorted by address
 * once and then searched for each row; the cost is that of reading the files.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/dataset.h"
#include "common/address.h"

/* Columns that are no features. Names that end with a star match by their beginning. */
static const char *const meta_columns[] = {
	"window_start", "window_seconds", "originator", "queriers", "queries", "known_*",
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

/* An address with its class. */
typedef struct {
	address_t address;
	uint32_t class_index;
	uint64_t line;
} label_t;

/* The labels of a file, in order of their addresses. */
typedef struct {
	label_t *items;
	size_t count;
	size_t capacity;
} labels_t;

/* What a row of features needs to become a row of the dataset. */
typedef struct {
	csv_reader_t *reader;
	size_t *columns;      /* column of each feature */
	size_t features;
	int key;              /* column of the class, or of the originator if there are labels */
	int group;            /* column of what belongs together, or -1 */
	const labels_t *labels;
	double *values;
	dataset_t *dataset;
} join_t;

static int label_compare(const void *a, const void *b)
{
	const label_t *x = a, *y = b;
	int order = address_compare(&x->address, &y->address);
	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static int label_search(const void *key, const void *item)
{
	return address_compare(key, &((const label_t *)item)->address);
}

/* A class of the last record; a sentence about it gets file and line. */
static status_t intern(const csv_reader_t *reader, dataset_t *dataset, const char *name,
                       uint32_t *index, failure_t *failure)
{
	failure_t why;
	status_t status = dataset_class(dataset, name, index, &why);
	if (status == STATUS_BAD_DATA) {
		return csv_reader_fail(reader, failure, "%s", why.sentence);
	}
	return status == STATUS_OK ? status : failure_no_memory(failure, csv_reader_path(reader));
}

static status_t labels_add(labels_t *labels, const csv_reader_t *reader, const char *address,
                           uint32_t class_index, failure_t *failure)
{
	if (labels->count == labels->capacity) {
		size_t capacity = labels->capacity != 0 ? labels->capacity * 2 : 256;
		label_t *items = reallocarray(labels->items, capacity, sizeof(*items));
		if (items == NULL) {
			return failure_no_memory(failure, csv_reader_path(reader));
		}
		labels->items = items;
		labels->capacity = capacity;
	}
	label_t *label = &labels->items[labels->count];
	*label = (label_t) { .class_index = class_index, .line = csv_reader_line(reader) };
	if (!address_parse(address, &label->address)) {
		return csv_reader_fail(reader, failure, "'%s' is no address", address);
	}
	labels->count++;
	return STATUS_OK;
}

/* One address may have several lines, but one class. */
static status_t labels_sort(labels_t *labels, const char *path, const dataset_t *dataset,
                            failure_t *failure)
{
	if (labels->count > 0) {
		qsort(labels->items, labels->count, sizeof(*labels->items), label_compare);
	}
	for (size_t i = 1; i < labels->count; i++) {
		const label_t *a = &labels->items[i - 1], *b = &labels->items[i];
		if (address_equal(&a->address, &b->address) && a->class_index != b->class_index) {
			char text[ADDRESS_TEXT_MAX];
			return failure_set(failure, STATUS_BAD_DATA, "%s:%" PRIu64 ": %s has the class "
			                   "'%s', but '%s' in line %" PRIu64, path, b->line,
			                   address_format(&b->address, text),
			                   dataset_class_name(dataset, b->class_index),
			                   dataset_class_name(dataset, a->class_index), a->line);
		}
	}
	return STATUS_OK;
}

static status_t labels_read_records(csv_reader_t *reader, dataset_t *dataset, labels_t *labels,
                                    failure_t *failure)
{
	int address, class;
	status_t status = csv_reader_require(reader, "address", &address, failure);
	if (status == STATUS_OK) {
		status = csv_reader_require(reader, "class", &class, failure);
	}
	char **fields;
	while (status == STATUS_OK &&
	       (status = csv_reader_next(reader, &fields, failure)) == STATUS_OK) {
		uint32_t index;
		if (fields[class][0] == '\0') {
			continue;
		}
		status = intern(reader, dataset, fields[class], &index, failure);
		if (status == STATUS_OK) {
			status = labels_add(labels, reader, fields[address], index, failure);
		}
	}
	return status == STATUS_END ? STATUS_OK : status;
}

static status_t labels_read(const char *path, dataset_t *dataset, labels_t *labels,
                            failure_t *failure)
{
	csv_reader_t *reader;
	status_t status = csv_reader_open(path, &reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = labels_read_records(reader, dataset, labels, failure);
	csv_reader_close(reader);
	return status == STATUS_OK ? labels_sort(labels, path, dataset, failure) : status;
}

/* Finds the class of a record; `found` is false if it has none. */
static status_t join_class(const join_t *join, const char *key, uint32_t *class_index, bool *found,
                           failure_t *failure)
{
	*found = key[0] != '\0';
	if (join->labels == NULL) {
		return *found ? intern(join->reader, join->dataset, key, class_index, failure) : STATUS_OK;
	}
	address_t address;
	if (!address_parse(key, &address)) {
		return csv_reader_fail(join->reader, failure, "originator '%s' is no address", key);
	}
	const label_t *label = join->labels->count == 0 ? NULL :
		bsearch(&address, join->labels->items, join->labels->count, sizeof(*label), label_search);
	*found = label != NULL;
	*class_index = label != NULL ? label->class_index : 0;
	return STATUS_OK;
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
	if (address_parse(group, &address)) {
		group = address_format(&address, text);
	}
	return dataset_set_group(join->dataset, group, failure);
}

/* One record: a row, or left out. */
static status_t join_record(join_t *join, char **fields, failure_t *failure)
{
	uint32_t class_index;
	bool found;
	status_t status = join_class(join, fields[join->key], &class_index, &found, failure);
	if (status == STATUS_OK && !found) {
		dataset_leave_out(join->dataset);
		return STATUS_OK;
	}
	for (size_t i = 0; i < join->features && status == STATUS_OK; i++) {
		size_t column = join->columns[i];
		status = dataset_parse_field(join->reader, column, fields[column], &join->values[i],
		                             failure);
	}
	return status == STATUS_OK ? join_add(join, fields, class_index, failure) : status;
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

static status_t join_run(join_t *join, const dataset_source_t *source, labels_t *labels,
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
	if (status == STATUS_OK && source->labels != NULL) {
		join->labels = labels;
		status = labels_read(source->labels, join->dataset, labels, failure);
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
	join_t join = { 0 };
	labels_t labels = { 0 };
	status_t status = csv_reader_open(source->features, &join.reader, failure);
	if (status == STATUS_OK) {
		status = join_run(&join, source, &labels, failure);
		csv_reader_close(join.reader);
	}
	free(labels.items);
	free(join.columns);
	free(join.values);
	if (status != STATUS_OK) {
		dataset_destroy(join.dataset);
		return status;
	}
	*dataset = join.dataset;
	return STATUS_OK;
}
