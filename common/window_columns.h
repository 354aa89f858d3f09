/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The columns window_start and window_seconds that features and labels share.
 */
#pragma once

#include "common/csv.h"
#include "common/moment.h"

/*! Where they stand; -1 if there are none. */
typedef struct {
	int start;
	int seconds;
} window_columns_t;

/*!
 * Looks for both columns.
 *
 * \return STATUS_OK, also if neither is there; STATUS_BAD_DATA with the file if one of
 *         them is missing.
 */
status_t window_columns_find(const csv_reader_t *reader, window_columns_t *columns,
                             failure_t *failure);

/*!
 * Reads the window of the last record.
 *
 * \param fields  Of csv_reader_next().
 * \param window  Out: TIME_WINDOW_ALWAYS if there are no such columns or both fields are empty.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line for a start that is no moment (a
 *         date is its midnight, UTC) or seconds that are no whole number from 1 to 2^32 - 1.
 */
status_t window_columns_read(const csv_reader_t *reader, const window_columns_t *columns,
                             char *const *fields, time_window_t *window, failure_t *failure);
