/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What evaluations found, as a table and as JSON.
 */
#pragma once

#include "classifier/evaluation.h"
#include "common/failure.h"

/*! A table that is being printed and a report that grows with it. Not thread-safe. */
typedef struct report report_t;

/*! What the report is about; all must outlive it. */
typedef struct {
	const char *features;           /*!< Path. */
	const char *labels;             /*!< Path or NULL. */
	const char *positive;           /*!< Class of which the table shows F, if it is there. */
	const evaluation_plan_t *plan;
	const char *output;             /*!< JSON file to be, "-", or NULL for none. */
} report_head_t;

/*!
 * Makes a report. The table goes to standard output, or to standard error if the JSON goes
 * to standard output.
 *
 * \param report  Out; free with report_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t report_create(const report_head_t *head, report_t **report, failure_t *failure);

/*! Frees; NULL is allowed. */
void report_destroy(report_t *report);

/*! Prints the head of the table: rows, groups, classes, and what cannot be tested well. */
void report_begin(report_t *report, const dataset_t *dataset);

/*!
 * Prints a line of the table and adds a result to the report.
 *
 * \param plan     As it was evaluated.
 * \param classes  "all" or "two".
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t report_add(report_t *report, const dataset_t *dataset, const evaluation_plan_t *plan,
                    const char *classes, const evaluation_t *evaluation, failure_t *failure);

/*! Writes the report, if it has a file; it appears whole or not at all. */
status_t report_save(report_t *report, failure_t *failure);
