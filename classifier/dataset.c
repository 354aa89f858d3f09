/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The matrix to learn from, in memory: 8 bytes per value, row after row, and 4
 * bytes per row for its class; with groups 8 more.
 */
#include "classifier/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/limits.h"
#include "common/keyed_hash.h"

/* Room for rows to begin with. */
#define ROWS_FIRST 256

struct dataset {
	char **names;          /* of the features */
	size_t features;
	char **class_names;
	uint64_t *class_rows;
	size_t classes;
	double *matrix;
	uint32_t *labels;
	uint64_t *groups;      /* NULL while no row has one */
	size_t rows;
	size_t capacity;       /* in rows */
	size_t left_out;
	size_t disagreed;  /* of these */
};

status_t dataset_create(const char *const *names, size_t features, dataset_t **out,
                        failure_t *failure)
{
	if (features == 0 || features > MODEL_FEATURES_MAX) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu features; there must be 1 to %d",
		                   features, MODEL_FEATURES_MAX);
	}
	dataset_t *dataset = calloc(1, sizeof(*dataset));
	if (dataset == NULL || (dataset->names = calloc(features, sizeof(char *))) == NULL) {
		dataset_destroy(dataset);
		return failure_no_memory(failure, "the dataset");
	}
	for (; dataset->features < features; dataset->features++) {
		const char *name = names[dataset->features];
		if (!model_name_is_valid(name, strlen(name))) {
			status_t status = failure_set(failure, STATUS_BAD_DATA, "the name of feature %zu "
			                              "is empty, above %d bytes or has control characters",
			                              dataset->features + 1, MODEL_NAME_MAX);
			dataset_destroy(dataset);
			return status;
		}
		dataset->names[dataset->features] = strdup(name);
		if (dataset->names[dataset->features] == NULL) {
			dataset_destroy(dataset);
			return failure_no_memory(failure, "the dataset");
		}
	}
	*out = dataset;
	return STATUS_OK;
}

void dataset_destroy(dataset_t *dataset)
{
	if (dataset == NULL) {
		return;
	}
	for (size_t i = 0; i < dataset->features; i++) {
		free(dataset->names[i]);
	}
	for (size_t i = 0; i < dataset->classes; i++) {
		free(dataset->class_names[i]);
	}
	free(dataset->names);
	free(dataset->class_names);
	free(dataset->class_rows);
	free(dataset->matrix);
	free(dataset->labels);
	free(dataset->groups);
	free(dataset);
}

/* The first class makes room for all: they are few. */
static status_t room_for_classes(dataset_t *dataset, failure_t *failure)
{
	if (dataset->class_names == NULL) {
		dataset->class_names = calloc(MODEL_CLASSES_MAX, sizeof(*dataset->class_names));
	}
	if (dataset->class_rows == NULL) {
		dataset->class_rows = calloc(MODEL_CLASSES_MAX, sizeof(*dataset->class_rows));
	}
	if (dataset->class_names == NULL || dataset->class_rows == NULL) {
		return failure_no_memory(failure, "the classes");
	}
	return STATUS_OK;
}

status_t dataset_class(dataset_t *dataset, const char *name, uint32_t *index, failure_t *failure)
{
	int known = dataset_class_index(dataset, name);
	if (known >= 0) {
		*index = (uint32_t)known;
		return STATUS_OK;
	}
	if (!model_name_is_valid(name, strlen(name))) {
		return failure_set(failure, STATUS_BAD_DATA, "the name of a class is empty, above %d "
		                   "bytes or has control characters", MODEL_NAME_MAX);
	}
	if (dataset->classes == MODEL_CLASSES_MAX) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "more than %d classes: this is no column of classes",
		                   MODEL_CLASSES_MAX);
	}
	status_t status = room_for_classes(dataset, failure);
	if (status != STATUS_OK) {
		return status;
	}
	char *copy = strdup(name);
	if (copy == NULL) {
		return failure_no_memory(failure, "the classes");
	}
	*index = (uint32_t)dataset->classes++;
	dataset->class_names[*index] = copy;
	return STATUS_OK;
}

/* Makes room for so many rows. */
static status_t make_room(dataset_t *dataset, size_t capacity, failure_t *failure)
{
	double *matrix = reallocarray(dataset->matrix, capacity,
	                              dataset->features * sizeof(*matrix));
	if (matrix != NULL) {
		dataset->matrix = matrix;
	}
	uint32_t *labels = reallocarray(dataset->labels, capacity, sizeof(*labels));
	if (labels != NULL) {
		dataset->labels = labels;
	}
	uint64_t *groups = NULL;
	if (dataset->groups != NULL) {
		groups = reallocarray(dataset->groups, capacity, sizeof(*groups));
		dataset->groups = groups != NULL ? groups : dataset->groups;
	}
	if (matrix == NULL || labels == NULL || (dataset->groups != NULL && groups == NULL)) {
		return failure_no_memory(failure, "the dataset");
	}
	dataset->capacity = capacity;
	return STATUS_OK;
}

status_t dataset_add(dataset_t *dataset, const double *values, uint32_t class_index,
                     failure_t *failure)
{
	if (dataset->rows == DATASET_ROWS_MAX) {
		return failure_set(failure, STATUS_NO_MEMORY, "more than %d rows", DATASET_ROWS_MAX);
	}
	if (dataset->rows == dataset->capacity) {
		/* Twice the room would be too much of a matrix of gigabytes. */
		status_t status = make_room(dataset, dataset->capacity + dataset->capacity / 2 +
		                            ROWS_FIRST, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	memcpy(dataset->matrix + dataset->rows * dataset->features, values,
	       dataset->features * sizeof(*values));
	if (dataset->groups != NULL) {
		dataset->groups[dataset->rows] = dataset->rows;
	}
	dataset->labels[dataset->rows++] = class_index;
	dataset->class_rows[class_index]++;
	return STATUS_OK;
}

status_t dataset_set_group(dataset_t *dataset, const char *group, failure_t *failure)
{
	if (dataset->groups == NULL) {
		dataset->groups = calloc(dataset->capacity, sizeof(*dataset->groups));
		if (dataset->groups == NULL) {
			return failure_no_memory(failure, "the groups of rows");
		}
		for (size_t row = 0; row < dataset->rows; row++) {
			dataset->groups[row] = row;
		}
	}
	/* Row numbers are the groups of rows that are alone: a bit keeps names apart from them. */
	dataset->groups[dataset->rows - 1] = checksum(group, strlen(group)) | UINT64_C(1) << 63;
	return STATUS_OK;
}

/* A class while it is sorted. */
typedef struct {
	char *name;
	uint64_t rows;
	size_t before; /* index before sorting */
} entry_t;

static int entry_compare(const void *a, const void *b)
{
	return strcmp(((const entry_t *)a)->name, ((const entry_t *)b)->name);
}

/* Takes the classes that have rows, in order; frees the names of the others. */
static size_t take_classes(dataset_t *dataset, entry_t *entries)
{
	size_t count = 0;
	for (size_t i = 0; i < dataset->classes; i++) {
		if (dataset->class_rows[i] == 0) {
			free(dataset->class_names[i]);
			continue;
		}
		entries[count++] = (entry_t) {
			.name = dataset->class_names[i], .rows = dataset->class_rows[i], .before = i,
		};
	}
	if (count > 0) {
		qsort(entries, count, sizeof(*entries), entry_compare);
	}
	return count;
}

static status_t sort_classes(dataset_t *dataset, failure_t *failure)
{
	entry_t *entries = calloc(MODEL_CLASSES_MAX, sizeof(*entries));
	uint32_t *after = calloc(MODEL_CLASSES_MAX, sizeof(*after));
	if (entries == NULL || after == NULL) {
		free(entries);
		free(after);
		return failure_no_memory(failure, "the classes");
	}
	dataset->classes = take_classes(dataset, entries);
	for (size_t i = 0; i < dataset->classes; i++) {
		dataset->class_names[i] = entries[i].name;
		dataset->class_rows[i] = entries[i].rows;
		after[entries[i].before] = (uint32_t)i;
	}
	for (size_t row = 0; row < dataset->rows; row++) {
		dataset->labels[row] = after[dataset->labels[row]];
	}
	free(entries);
	free(after);
	return STATUS_OK;
}

/* Gives back the room that no row has taken. If that is refused, nothing is lost. */
static void trim(dataset_t *dataset)
{
	size_t row_size = dataset->features * sizeof(*dataset->matrix);
	double *matrix = dataset->rows > 0 ?
	                 reallocarray(dataset->matrix, dataset->rows, row_size) : NULL;
	if (matrix != NULL) {
		dataset->matrix = matrix;
		dataset->capacity = dataset->rows;
	}
}

status_t dataset_finish(dataset_t *dataset, failure_t *failure)
{
	trim(dataset);
	status_t status = sort_classes(dataset, failure);
	if (status != STATUS_OK) {
		return status;
	}
	if (dataset->rows == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "there are no rows");
	}
	if (dataset->classes == 1) {
		return failure_set(failure, STATUS_BAD_DATA, "all %zu rows have the class '%s': "
		                   "there is nothing to tell apart", dataset->rows,
		                   dataset->class_names[0]);
	}
	if (dataset->classes == dataset->rows) {
		return failure_set(failure, STATUS_BAD_DATA, "each of the %zu rows has a class of its "
		                   "own: there is nothing to learn from", dataset->rows);
	}
	return STATUS_OK;
}

status_t dataset_fold(dataset_t *dataset, const char *positive, failure_t *failure)
{
	int index = dataset_class_index(dataset, positive);
	if (index < 0) {
		return failure_set(failure, STATUS_BAD_DATA, "no row has the class '%s'", positive);
	}
	if (strcmp(positive, DATASET_REST) == 0) {
		return failure_set(failure, STATUS_BAD_DATA, "the class '%s' cannot be told from the "
		                   "rest, which gets that name", positive);
	}
	char *names[2] = { strdup(positive), strdup(DATASET_REST) };
	if (names[0] == NULL || names[1] == NULL) {
		free(names[0]);
		free(names[1]);
		return failure_no_memory(failure, "the classes");
	}
	/* Folded classes are in order of their names too. */
	uint32_t yes = strcmp(positive, DATASET_REST) > 0;
	uint64_t rows = dataset->class_rows[index];
	for (size_t i = 0; i < dataset->classes; i++) {
		free(dataset->class_names[i]);
	}
	dataset->classes = 2;
	dataset->class_names[yes] = names[0];
	dataset->class_names[!yes] = names[1];
	dataset->class_rows[yes] = rows;
	dataset->class_rows[!yes] = dataset->rows - rows;
	for (size_t row = 0; row < dataset->rows; row++) {
		dataset->labels[row] = dataset->labels[row] == (uint32_t)index ? yes : !yes;
	}
	return STATUS_OK;
}

/* Fills a subset that knows its features only. */
static status_t subset_fill(dataset_t *subset, const dataset_t *dataset, const size_t *rows,
                            size_t count, failure_t *failure)
{
	status_t status = count > 0 ? make_room(subset, count, failure) : STATUS_OK;
	for (size_t i = 0; i < dataset->classes && status == STATUS_OK; i++) {
		uint32_t index;
		status = dataset_class(subset, dataset->class_names[i], &index, failure);
	}
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		status = dataset_add(subset, dataset->matrix + rows[i] * dataset->features,
		                     dataset->labels[rows[i]], failure);
	}
	if (status == STATUS_OK && dataset->groups != NULL && count > 0) {
		subset->groups = calloc(subset->capacity, sizeof(*subset->groups));
		if (subset->groups == NULL) {
			return failure_no_memory(failure, "the groups of rows");
		}
		for (size_t i = 0; i < count; i++) {
			subset->groups[i] = dataset->groups[rows[i]];
		}
	}
	return status == STATUS_OK ? dataset_finish(subset, failure) : status;
}

status_t dataset_subset(const dataset_t *dataset, const size_t *rows, size_t count,
                        dataset_t **out, failure_t *failure)
{
	dataset_t *subset;
	status_t status = dataset_create((const char *const *)dataset->names, dataset->features,
	                                 &subset, failure);
	if (status != STATUS_OK) {
		return status;
	}
	status = subset_fill(subset, dataset, rows, count, failure);
	if (status != STATUS_OK) {
		dataset_destroy(subset);
		return status;
	}
	*out = subset;
	return STATUS_OK;
}

size_t dataset_rows(const dataset_t *dataset)
{
	return dataset->rows;
}

size_t dataset_features(const dataset_t *dataset)
{
	return dataset->features;
}

const char *dataset_feature_name(const dataset_t *dataset, size_t feature)
{
	return dataset->names[feature];
}

size_t dataset_classes(const dataset_t *dataset)
{
	return dataset->classes;
}

const char *dataset_class_name(const dataset_t *dataset, size_t class_index)
{
	return dataset->class_names[class_index];
}

uint64_t dataset_class_rows(const dataset_t *dataset, size_t class_index)
{
	return dataset->class_rows[class_index];
}

int dataset_class_index(const dataset_t *dataset, const char *name)
{
	for (size_t i = 0; i < dataset->classes; i++) {
		if (strcmp(dataset->class_names[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

const double *dataset_matrix(const dataset_t *dataset)
{
	return dataset->matrix;
}

const uint32_t *dataset_labels(const dataset_t *dataset)
{
	return dataset->labels;
}

const uint64_t *dataset_groups(const dataset_t *dataset)
{
	return dataset->groups;
}

size_t dataset_left_out(const dataset_t *dataset)
{
	return dataset->left_out;
}

size_t dataset_disagreed(const dataset_t *dataset)
{
	return dataset->disagreed;
}

void dataset_leave_out(dataset_t *dataset, bool disagreed)
{
	dataset->left_out++;
	dataset->disagreed += disagreed;
}
