/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Reading what says something of addresses in windows: labels, features, verdicts.
 */
#pragma once

#include "common/address.h"
#include "common/failure.h"
#include "common/moment.h"

/*! A row. */
typedef struct {
	prefix_t prefix;         /*!< Mostly of one address. */
	time_window_t window;    /*!< TIME_WINDOW_ALWAYS: it names none. */
	const char *class_name;  /*!< "" if it has none; valid until the next call. */
} label_line_t;

/*! An open file. Not thread-safe. */
typedef struct label_file label_file_t;

/*!
 * Opens a CSV file with the column address or originator, and perhaps class, window_start
 * and window_seconds.
 *
 * \param file  Out; free with label_file_close(). NULL on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with the path; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t label_file_open(const char *path, label_file_t **file, failure_t *failure);

/*! Closes it; NULL is allowed. */
void label_file_close(label_file_t *file);

/*!
 * Reads the next row.
 *
 * \return STATUS_OK; STATUS_END; STATUS_BAD_DATA with file and line; STATUS_SYSTEM.
 */
status_t label_file_next(label_file_t *file, label_line_t *line, failure_t *failure);
