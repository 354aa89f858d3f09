/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Training of one tree and of a forest; for classifier/ only.
 */
#pragma once

#include "classifier/forest.h"
#include "classifier/learner.h"

/*!
 * Trains a random forest.
 *
 * \param training  Checked, mtry not 0.
 * \param forest    Out; free with forest_destroy().
 * \param tallies   Out: the out-of-bag tally of each class.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED if the trees are larger than MODEL_SIZE_MAX, told as
 *         soon as they are; STATUS_NO_MEMORY.
 */
status_t forest_train(const dataset_t *dataset, const training_t *training, void **forest,
                      model_tally_t *tallies);

/*! Like forest_train(): one tree that learns from each row once; \a tallies stays as it is. */
status_t forest_train_single(const dataset_t *dataset, const training_t *training, void **forest,
                             model_tally_t *tallies);
