/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One line of progress on a terminal, nothing anywhere else.
 */
#pragma once

#include <stdint.h>

/*! State of a progress line. Not thread-safe. */
typedef struct {
	const char *what;     /*!< Verb, as in "reading". */
	const char *unit;     /*!< What is counted, as in "packets". */
	uint64_t total;       /*!< 0 if not known. */
	uint64_t skipped;     /*!< Done before the begin: it counts for no rate. */
	uint64_t start;       /*!< Moment of the begin. */
	uint64_t shown;       /*!< Moment of the last line; 0 if none yet. */
	int on;
} progress_t;

/*! Begins; shows nothing unless standard error is a terminal. */
progress_t progress_begin(const char *what, const char *unit, uint64_t total);

/*! Tells how many units an earlier run has done. */
void progress_skip(progress_t *progress, uint64_t done);

/*! Tells how many units are done; cheap, draws at most five times a second. */
void progress_update(progress_t *progress, uint64_t done);

/*! Wipes the line. */
void progress_end(progress_t *progress);
