/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One training and one test of an evaluation; for classifier/ only.
 */
#pragma once

#include "classifier/evaluation.h"

/*! What a trial found out. */
typedef struct {
	uint64_t *confusion;       /*!< classes x classes. */
	metrics_curves_t *curves;  /*!< Of each class. */
	double *gini;              /*!< Of each feature. */
	double *permutation;       /*!< Of each feature, if it was asked for. */
} trial_t;

/*!
 * Learns from some rows and tests with others.
 *
 * \param seed     Of the training and the permutations.
 * \param learnt   Row numbers to learn from.
 * \param tested   Row numbers to test with.
 * \param permute  Fill in \a permutation.
 * \param trial    Out; clear with trial_clear() in any case.
 *
 * \return As evaluation_run().
 */
status_t trial_run(const dataset_t *dataset, const evaluation_plan_t *plan, uint64_t seed,
                   const size_t *learnt, size_t learnt_count, const size_t *tested,
                   size_t tested_count, bool permute, trial_t *trial, failure_t *failure);

/*! Frees what a trial holds. */
void trial_clear(trial_t *trial);
