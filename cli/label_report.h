/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What `backscatter label` prints: the summary and sweeps, as text or JSON.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cli/label_run.h"

/*!
 * Prints the summary of a run.
 *
 * \return false if memory is short. Errors of the stream: ferror().
 */
bool label_report_summary(FILE *file, const label_result_t *result, bool json);

/*! Prints a sweep, likewise. */
bool label_report_sweep(FILE *file, const sweep_plan_t *plan, const sweep_t *sweep, bool json);
