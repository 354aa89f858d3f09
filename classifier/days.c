/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the rows of many days.
 *
 * Rows are read as they come, with what they are sorted by beside them; then they are
 * sorted once and the matrix is put in that order. Memory: 8 bytes per value and 56 per row,
 * twice the values while they are sorted.
 */
#include "classifier/days.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classifier/dataset_labels.h"
#include "classifier/limits.h"
#include "common/address.h"
#include "common/window_columns.h"

#define DAY (86400 * MICROSECONDS)

/* Room for rows to begin with. */
#define ROWS_FIRST 1024

/* What a row is sorted by, and where it stands while it is not. */
typedef struct {
	address_t originator;
	time_window_t window;
	uint32_t label;
	uint32_t row;
} row_key_t;

/* Files while they are read. */
typedef struct {
	days_t *days;
	label_table_t *labels;
	uint64_t reach;
	row_key_t *keys;
	size_t capacity;
	/* Of the file at hand: */
	csv_reader_t *reader;
	int originator;
	window_columns_t window;
	size_t *columns;      /* column of each feature */
} reading_t;

size_t days_end(const days_t *days, size_t day)
{
	return day + 1 < days->count ? days->days[day + 1].first : days->rows;
}

void days_destroy(days_t *days)
{
	if (days == NULL) {
		return;
	}
	dataset_destroy(days->names);
	free(days->matrix);
	free(days->labels);
	free(days->originators);
	free(days);
}

/* The first file says what the features are. */
static status_t begin(reading_t *reading, const char *labels, failure_t *failure)
{
	days_t *days = reading->days;
	size_t count = csv_reader_columns(reading->reader), features = 0;
	const char **names = calloc(count, sizeof(*names));
	if (names == NULL) {
		return failure_no_memory(failure, csv_reader_path(reading->reader));
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = csv_reader_column_name(reading->reader, i);
		if (!dataset_column_is_meta(name)) {
			names[features++] = name;
		}
	}
	failure_t why;
	status_t status = dataset_create(names, features, &days->names, &why);
	free(names);
	if (status != STATUS_OK) {
		return failure_set(failure, status, "%s: %s", csv_reader_path(reading->reader),
		                   why.sentence);
	}
	days->features = features;
	return dataset_labels_read(labels, days->names, &reading->labels, failure);
}

/* Finds the features of the first file in the file at hand, which must have no other. */
static status_t find_columns(reading_t *reading, failure_t *failure)
{
	const csv_reader_t *reader = reading->reader;
	const days_t *days = reading->days;
	size_t features = 0;
	for (size_t i = 0; i < csv_reader_columns(reader); i++) {
		features += !dataset_column_is_meta(csv_reader_column_name(reader, i));
	}
	status_t status = features == days->features ? STATUS_OK :
	                  failure_set(failure, STATUS_BAD_DATA, "%s: %zu features, the first file has "
	                              "%zu", csv_reader_path(reader), features, days->features);
	for (size_t i = 0; i < days->features && status == STATUS_OK; i++) {
		int column;
		status = csv_reader_require(reader, dataset_feature_name(days->names, i), &column, failure);
		reading->columns[i] = (size_t)column;
	}
	if (status == STATUS_OK) {
		status = csv_reader_require(reader, "originator", &reading->originator, failure);
	}
	if (status == STATUS_OK) {
		status = csv_reader_require(reader, "window_start", &reading->window.start, failure);
	}
	return status == STATUS_OK ? csv_reader_require(reader, "window_seconds",
	                                                &reading->window.seconds, failure) : status;
}

static status_t make_room(reading_t *reading, failure_t *failure)
{
	days_t *days = reading->days;
	if (days->rows < reading->capacity) {
		return STATUS_OK;
	}
	size_t capacity = reading->capacity + reading->capacity / 2 + ROWS_FIRST;
	double *matrix = reallocarray(days->matrix, capacity, days->features * sizeof(*matrix));
	days->matrix = matrix != NULL ? matrix : days->matrix;
	row_key_t *keys = reallocarray(reading->keys, capacity, sizeof(*keys));
	reading->keys = keys != NULL ? keys : reading->keys;
	if (matrix == NULL || keys == NULL || days->rows >= DATASET_ROWS_MAX) {
		return failure_set(failure, STATUS_NO_MEMORY, "%s:%" PRIu64 ": not enough memory for more "
		                   "than %zu rows of %zu features", csv_reader_path(reading->reader),
		                   csv_reader_line(reading->reader), days->rows, days->features);
	}
	reading->capacity = capacity;
	return STATUS_OK;
}

static status_t read_key(reading_t *reading, char **fields, row_key_t *key, bool *disagreed,
                         failure_t *failure)
{
	const char *originator = fields[reading->originator];
	status_t status = window_columns_read(reading->reader, &reading->window, fields, &key->window,
	                                      failure);
	if (status == STATUS_OK && time_window_is_always(&key->window)) {
		status = csv_reader_fail(reading->reader, failure, "the row has no window: it is of no day");
	}
	if (status == STATUS_OK && !address_parse_originator(originator, &key->originator)) {
		status = csv_reader_fail(reading->reader, failure, "originator '%s' is no address and no "
		                         "/64", originator);
	}
	if (status != STATUS_OK) {
		return status;
	}
	key->row = (uint32_t)reading->days->rows;
	label_answer_t answer = label_table_find(reading->labels, &key->originator, &key->window,
	                                         reading->reach, &key->label);
	*disagreed = answer == LABEL_DISAGREED;
	key->label = answer == LABEL_FOUND ? key->label : DAYS_NONE;
	return STATUS_OK;
}

static status_t read_row(reading_t *reading, char **fields, failure_t *failure)
{
	days_t *days = reading->days;
	status_t status = make_room(reading, failure);
	if (status != STATUS_OK) {
		return status;
	}
	bool disagreed = false;
	status = read_key(reading, fields, &reading->keys[days->rows], &disagreed, failure);
	const time_window_t *window = &reading->keys[days->rows].window;
	if (status == STATUS_OK && window->end - window->start > DAY) {
		days->longer++;
		return STATUS_OK;
	}
	for (size_t i = 0; i < days->features && status == STATUS_OK; i++) {
		status = dataset_parse_field(reading->reader, reading->columns[i],
		                             fields[reading->columns[i]],
		                             &days->matrix[days->rows * days->features + i], failure);
	}
	days->rows += status == STATUS_OK;
	days->disagreed += status == STATUS_OK && disagreed;
	return status;
}

static status_t read_file(reading_t *reading, const char *path, const char *labels,
                          failure_t *failure)
{
	char **fields;
	status_t status = csv_reader_open(path, &reading->reader, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (reading->labels == NULL) {
		status = begin(reading, labels, failure);
	}
	if (status == STATUS_OK && reading->columns == NULL) {
		reading->columns = calloc(reading->days->features, sizeof(*reading->columns));
		status = reading->columns != NULL ? STATUS_OK : failure_no_memory(failure, path);
	}
	if (status == STATUS_OK) {
		status = find_columns(reading, failure);
	}
	while (status == STATUS_OK &&
	       (status = csv_reader_next(reading->reader, &fields, failure)) == STATUS_OK) {
		status = read_row(reading, fields, failure);
	}
	csv_reader_close(reading->reader);
	return status == STATUS_END ? STATUS_OK : status;
}

static uint64_t day_of(const row_key_t *key)
{
	return key->window.start / DAY * DAY;
}

static int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* Without the row's place: two rows that are equal here are one row twice. */
static int key_compare(const void *a, const void *b)
{
	const row_key_t *x = a, *y = b;
	const int orders[] = {
		number_compare(day_of(x), day_of(y)),
		address_compare(&x->originator, &y->originator),
		number_compare(x->window.start, y->window.start),
		number_compare(x->window.end, y->window.end),
	};
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (orders[i] != 0) {
			return orders[i];
		}
	}
	return 0;
}

static status_t refuse_doubles(const row_key_t *keys, size_t rows, failure_t *failure)
{
	char address[ADDRESS_TEXT_MAX], moment[MOMENT_TEXT_MAX];
	for (size_t i = 1; i < rows; i++) {
		if (key_compare(&keys[i - 1], &keys[i]) == 0) {
			return failure_set(failure, STATUS_BAD_DATA, "the rows have %s twice in the window that "
			                   "begins at %s: is a file given twice?",
			                   address_format(&keys[i].originator, address),
			                   moment_format(keys[i].window.start, moment));
		}
	}
	return STATUS_OK;
}

/* Marks where days begin; keys are sorted. */
static status_t part_days(days_t *days, const row_key_t *keys, failure_t *failure)
{
	size_t labelled = 0;
	for (size_t i = 0; i < days->rows; i++) {
		if (i == 0 || day_of(&keys[i - 1]) != day_of(&keys[i])) {
			if (days->count == DAYS_MAX) {
				return failure_set(failure, STATUS_BAD_DATA, "the rows are of more than %d days",
				                   DAYS_MAX);
			}
			days->days[days->count++] = (day_t) { .moment = day_of(&keys[i]), .first = i };
		}
		days->days[days->count - 1].labelled += keys[i].label != DAYS_NONE;
		labelled += keys[i].label != DAYS_NONE;
	}
	return labelled > 0 ? STATUS_OK :
	       failure_set(failure, STATUS_BAD_DATA, days->rows > 0 ?
	                   "no originator of the rows has a label" : days->longer > 0 ?
	                   "there are no rows of windows of a day or less" : "there are no rows");
}

static int address_compare_keys(const void *a, const void *b)
{
	return address_compare(&((const row_key_t *)a)->originator,
	                       &((const row_key_t *)b)->originator);
}

/* Numbers the originators; leaves the keys sorted by addresses. */
static void number_originators(days_t *days, row_key_t *keys)
{
	/* From here on a key's row is its place among the sorted rows. */
	for (size_t i = 0; i < days->rows; i++) {
		keys[i].row = (uint32_t)i;
	}
	qsort(keys, days->rows, sizeof(*keys), address_compare_keys);
	for (size_t i = 0; i < days->rows; i++) {
		days->originator_count += i == 0 || address_compare_keys(&keys[i - 1], &keys[i]) != 0;
		days->originators[keys[i].row] = (uint32_t)(days->originator_count - 1);
	}
}

/* Puts all in order. */
static status_t arrange(days_t *days, row_key_t *keys, failure_t *failure)
{
	if (days->rows > 0) {
		qsort(keys, days->rows, sizeof(*keys), key_compare);
	}
	status_t status = refuse_doubles(keys, days->rows, failure);
	if (status == STATUS_OK) {
		status = part_days(days, keys, failure);
	}
	if (status != STATUS_OK) {
		return status;
	}
	double *matrix = reallocarray(NULL, days->rows, days->features * sizeof(*matrix));
	days->labels = calloc(days->rows, sizeof(*days->labels));
	days->originators = calloc(days->rows, sizeof(*days->originators));
	if (matrix == NULL || days->labels == NULL || days->originators == NULL) {
		free(matrix);
		return failure_no_memory(failure, "the rows in order");
	}
	for (size_t i = 0; i < days->rows; i++) {
		memcpy(matrix + i * days->features, days->matrix + keys[i].row * days->features,
		       days->features * sizeof(*matrix));
		days->labels[i] = keys[i].label;
	}
	free(days->matrix);
	days->matrix = matrix;
	number_originators(days, keys);
	return STATUS_OK;
}

status_t days_read(const days_source_t *source, days_t **days, failure_t *failure)
{
	reading_t reading = {
		.days = calloc(1, sizeof(*reading.days)), .reach = source->label_reach,
	};
	status_t status = reading.days != NULL ? STATUS_OK : failure_no_memory(failure, "the days");
	for (size_t i = 0; i < source->feature_files && status == STATUS_OK; i++) {
		status = read_file(&reading, source->features[i], source->labels, failure);
	}
	if (status == STATUS_OK) {
		status = arrange(reading.days, reading.keys, failure);
	}
	label_table_destroy(reading.labels);
	free(reading.keys);
	free(reading.columns);
	if (status != STATUS_OK) {
		days_destroy(reading.days);
		return status;
	}
	*days = reading.days;
	return STATUS_OK;
}
