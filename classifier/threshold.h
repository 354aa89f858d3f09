/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Choice of the threshold of a model's positive class; for classifier/ only.
 */
#pragma once

#include "classifier/dataset.h"
#include "classifier/learner.h"
#include "classifier/model_kind.h"

/*! Without anything to choose by. */
#define THRESHOLD_DEFAULT 0.5

/*!
 * Finds the positive class that a training wants: the one it names, else "scan".
 *
 * \param threshold  Out: `exists` and `class_index`, the rest zero.
 *
 * \return STATUS_OK; STATUS_BAD_DATA if a class is named that is none, or if a threshold or
 *         precision is wanted and there is no positive class.
 */
status_t threshold_find_class(const dataset_t *dataset, const training_t *training,
                              model_threshold_t *threshold, failure_t *failure);

/*!
 * Chooses the threshold.
 *
 * \param probabilities  rows x classes by what did not learn from the row; NaN: there is none.
 * \param threshold      In: its class, which exists. Out: rule, value, precision.
 *
 * \return STATUS_OK; STATUS_BAD_DATA if the wanted precision cannot be had; STATUS_NO_MEMORY.
 */
status_t threshold_choose(const dataset_t *dataset, const training_t *training,
                          const double *probabilities, model_threshold_t *threshold,
                          failure_t *failure);

/*! Counts the model's verdicts on such probabilities anew into the tallies of its classes. */
void threshold_tally(model_t *model, const dataset_t *dataset, const double *probabilities);
