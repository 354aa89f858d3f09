/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What strategies over days came to, as a table, as CSV and as JSON.
 */
#pragma once

#include "classifier/strategy.h"

/*! A table that is being printed and a report that grows with it. Not thread-safe. */
typedef struct strategy_report strategy_report_t;

/*!
 * Makes a report, and prints the head of the table: to standard output, or to standard error
 * if the report goes there.
 *
 * \param output  File to be, "-", or NULL for none.
 * \param csv     It is CSV; else JSON.
 * \param days    Must outlive the report; also the plans that follow are about them.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY. Free with strategy_report_destroy().
 */
status_t strategy_report_create(const char *output, bool csv, const days_t *days,
                                const strategy_plan_t *plan, strategy_report_t **report,
                                failure_t *failure);

/*! Frees; NULL is allowed. */
void strategy_report_destroy(strategy_report_t *report);

/*!
 * Prints the lines of one learner on one choice of classes, and keeps them for the report.
 *
 * \param plan     As it was tried.
 * \param figures  Of strategy_run(), which are copied.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t strategy_report_add(strategy_report_t *report, const strategy_plan_t *plan,
                             const strategy_figures_t *figures, failure_t *failure);

/*! Writes the report, if it has a file; it appears whole or not at all. */
status_t strategy_report_save(strategy_report_t *report, failure_t *failure);
