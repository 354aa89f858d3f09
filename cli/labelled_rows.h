/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rows of a features file one after the other, each with its window and its label.
 */
#pragma once

#include <stdint.h>

#include "classifier/model.h"
#include "common/failure.h"
#include "common/moment.h"

/*! A features file, and perhaps its labels. Not thread-safe. */
typedef struct labelled_rows labelled_rows_t;

/*! A row. */
typedef struct {
	const double *values;   /*!< Of the columns that labelled_rows_map() was asked for. */
	time_window_t window;   /*!< TIME_WINDOW_ALWAYS: the file has none. */
	const char *class_name; /*!< By the labels; NULL: none, or they disagree. */
} labelled_row_t;

/*!
 * Opens both files.
 *
 * \param features  CSV file, or "-".
 * \param labels    CSV file as for dataset_labels_read(), or NULL.
 * \param reach     As in \ref dataset_source_t.
 * \param rows      Out; close with labelled_rows_close(). Untouched on failure.
 *
 * \return As dataset_read().
 */
status_t labelled_rows_open(const char *features, const char *labels, uint64_t reach,
                            labelled_rows_t **rows, failure_t *failure);

/*! Closes; NULL is allowed. */
void labelled_rows_close(labelled_rows_t *rows);

/*!
 * Asks for a model's features; before the first row. Those of several models stand behind each
 * other in a row's values.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and feature if one is missing; STATUS_NO_MEMORY.
 */
status_t labelled_rows_map(labelled_rows_t *rows, const model_t *model, failure_t *failure);

/*!
 * Reads the next row.
 *
 * \param row  Out; what it points at is good until the next call.
 *
 * \return STATUS_OK; STATUS_END; STATUS_BAD_DATA with file and line; STATUS_SYSTEM.
 */
status_t labelled_rows_next(labelled_rows_t *rows, labelled_row_t *row, failure_t *failure);
