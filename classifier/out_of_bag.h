/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How a forest does on the rows that each tree did not see; for classifier/ only.
 */
#pragma once

#include "classifier/dataset.h"
#include "classifier/forest.h"
#include "classifier/learner.h"

/*! Rows in a word of a bag, and words that \a rows need. */
#define BAG_WORD 64
#define BAG_WORDS(rows) (((rows) + BAG_WORD - 1) / BAG_WORD)

/*!
 * Predicts each row with the trees that did not learn from it, and counts per class.
 *
 * \param bags      BAG_WORDS(rows) words for each tree; bit r % 64 of word r / 64 is set if
 *                  the tree learnt from row r.
 * \param training  Its threads and out_of_bag.
 * \param tallies   Out: one for each class.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t out_of_bag_tally(const forest_t *forest, const dataset_t *dataset, const uint64_t *bags,
                          const training_t *training, model_tally_t *tallies);
