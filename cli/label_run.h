/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One run of `backscatter label`: captures through the telescope, and on from a state.
 */
#pragma once

#include "cli/label_options.h"
#include "cli/label_outputs.h"

/*! What is left of a run, for the report. */
typedef struct {
	label_totals_t totals;
	uint64_t frames;
	uint64_t counts[TELESCOPE_COUNTS];  /*!< What became of them, those of all windows together. */
	size_t captures, damaged;
	sweep_t *sweeps[LABEL_SWEEPS_MAX];  /*!< NULL behind the last; owned. */
} label_result_t;

/*!
 * Reads all captures and writes all files. Captures that are cut or damaged are told on
 * standard error, and what comes before that place counts.
 *
 * \param result  Out; end with label_result_clear() in every case.
 *
 * \return STATUS_OK, also with damaged captures; else the failure that ended the run. What was
 *         saved up to then stays in the folder of the state.
 */
status_t label_run(const command_t *command, const label_options_t *options,
                   label_result_t *result, failure_t *failure);

/*! Frees what a result holds. */
void label_result_clear(label_result_t *result);
