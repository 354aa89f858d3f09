/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rows to learn from: a matrix of doubles with named features and a class per row.
 *
 * This is where the DNS side and the learning side meet: column names and
 * numbers, nothing else. A missing value is NaN; no value is infinite.
 *
 * A dataset is filled (dataset_create(), dataset_class(), dataset_add()),
 * finished (dataset_finish()) and from then on only read, by any number of
 * threads. dataset_read() does all of that from CSV files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/csv.h"
#include "common/failure.h"
#include "common/moment.h"

/*! Rows with classes. */
typedef struct dataset dataset_t;

/*! The class that takes in all others when classes are folded to two. */
#define DATASET_REST "other"

/*! Where rows and classes come from; exactly one of label_column and labels is not NULL. */
typedef struct {
	const char *features;     /*!< CSV file of rows. */
	const char *label_column; /*!< Column of that file with the class, or */
	const char *labels;       /*!< CSV file with columns address and class. */
	uint64_t label_reach;     /*!< By how much label_table_find() widens windows, microseconds. */
	/*!
	 * Column of the features file that says which rows belong together; NULL: the
	 * column originator, if there is one. It is no feature.
	 */
	const char *group_column;
	/*!
	 * Told of each row in their order, with or without a label, after the dataset has taken
	 * it; window is TIME_WINDOW_ALWAYS where the file has none. NULL for nobody: then the
	 * values of rows without a label are not looked at.
	 */
	void (*visit)(void *context, const double *values, size_t features,
	              const time_window_t *window, bool labelled);
	void *visit_context;
} dataset_source_t;

/*!
 * Tells columns that describe a row from features: window_start, window_seconds,
 * originator, queriers, queries and all that begin with "known_".
 */
bool dataset_column_is_meta(const char *name);

/*!
 * Reads a field of the last CSV record as a number; an empty field is NaN.
 *
 * \return STATUS_OK, or STATUS_BAD_DATA with file, line, column and text of what is no
 *         finite decimal number.
 */
status_t dataset_parse_field(const csv_reader_t *reader, size_t column, const char *text,
                             double *value, failure_t *failure);

/*!
 * Reads rows and their classes from CSV files.
 *
 * With a label column all other columns but the meta columns are features, and a row
 * with an empty label is left out. With a labels file, rows are joined to it by their
 * column originator, addresses compared as addresses, and, where both files have the
 * columns window_start and window_seconds, by their windows; label_table.h has the rules.
 * A row without a label is left out, also one whose labels disagree. Rows of the labels
 * file with an empty class and its further columns are ignored.
 *
 * \param dataset  Out: finished; free with dataset_destroy(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line for a field that is no finite
 *         number or address, contradicting labels, no rows, one class only, or rows that
 *         are each a class of their own; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t dataset_read(const dataset_source_t *source, dataset_t **dataset, failure_t *failure);

/*!
 * Begins a dataset without rows.
 *
 * \param names  \a features names, copied.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for no or too many features or a name that a
 *         model cannot carry; STATUS_NO_MEMORY.
 */
status_t dataset_create(const char *const *names, size_t features, dataset_t **dataset,
                        failure_t *failure);

/*! Frees a dataset; NULL is allowed. */
void dataset_destroy(dataset_t *dataset);

/*!
 * Finds or adds a class while the dataset is filled.
 *
 * \param index  Out: index of the class, good for dataset_add() until dataset_finish().
 *
 * \return STATUS_OK; STATUS_BAD_DATA for too many classes or a name that a model cannot
 *         carry; STATUS_NO_MEMORY.
 */
status_t dataset_class(dataset_t *dataset, const char *name, uint32_t *index, failure_t *failure);

/*! Adds a row of as many doubles as there are features; a row counts only with its class. */
status_t dataset_add(dataset_t *dataset, const double *values, uint32_t class_index,
                     failure_t *failure);

/*!
 * Puts the last row that was added into a group: what belongs together is never parted
 * between learning and testing. Rows that were not put into one are alone.
 *
 * \param group  Any name. It is kept as 64 bits of a hash; were two names ever to share
 *               them, their rows would stay together too.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t dataset_set_group(dataset_t *dataset, const char *group, failure_t *failure);

/*!
 * Ends the filling: drops classes without rows and sorts the others by name, so that their
 * order does not depend on that of the rows.
 *
 * \return STATUS_OK, or STATUS_BAD_DATA if there are no rows, fewer than two classes, or
 *         no class has two rows.
 */
status_t dataset_finish(dataset_t *dataset, failure_t *failure);

/*!
 * Folds the classes of a finished dataset to two: \a positive and DATASET_REST.
 *
 * \return STATUS_OK; STATUS_BAD_DATA, and nothing changed, if \a positive is none of the
 *         classes or is DATASET_REST itself; STATUS_NO_MEMORY.
 */
status_t dataset_fold(dataset_t *dataset, const char *positive, failure_t *failure);

/*!
 * Makes a finished dataset of some rows of a finished one, in the order given, with their
 * groups. Its classes are those that have rows.
 *
 * \param rows    \a count row numbers; one may come several times.
 * \param subset  Out; free with dataset_destroy(). Untouched on failure.
 *
 * \return As dataset_finish().
 */
status_t dataset_subset(const dataset_t *dataset, const size_t *rows, size_t count,
                        dataset_t **subset, failure_t *failure);

/*! Number of rows. */
size_t dataset_rows(const dataset_t *dataset);

/*! Number of features. */
size_t dataset_features(const dataset_t *dataset);

/*! Name of a feature; lives as long as the dataset. */
const char *dataset_feature_name(const dataset_t *dataset, size_t feature);

/*! Number of classes. */
size_t dataset_classes(const dataset_t *dataset);

/*! Name of a class; lives until dataset_fold() or dataset_destroy(). */
const char *dataset_class_name(const dataset_t *dataset, size_t class_index);

/*! Number of rows of a class. */
uint64_t dataset_class_rows(const dataset_t *dataset, size_t class_index);

/*! Index of the class of that name, or -1. */
int dataset_class_index(const dataset_t *dataset, const char *name);

/*! All values: rows x features doubles, row after row. */
const double *dataset_matrix(const dataset_t *dataset);

/*! Class index of each row. */
const uint32_t *dataset_labels(const dataset_t *dataset);

/*! Group of each row: equal numbers belong together; NULL if no row was put into a group. */
const uint64_t *dataset_groups(const dataset_t *dataset);

/*! Number of rows that dataset_read() left out because they had no label. */
size_t dataset_left_out(const dataset_t *dataset);

/*! Of dataset_left_out(), rows whose labels disagree: see label_table.h. */
size_t dataset_disagreed(const dataset_t *dataset);

/*! Counts a row that had no label, or labels that disagree. */
void dataset_leave_out(dataset_t *dataset, bool disagreed);
