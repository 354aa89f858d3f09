/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief SMOTE: new rows for classes that have too few.
 *
 * Only ever for rows that are learnt from: a new row in a test would ask for what was
 * made up.
 */
#pragma once

#include <stdint.h>

#include "classifier/dataset.h"

/*! Neighbours by default, as in the paper. */
#define SMOTE_NEIGHBOURS 5

/*! Most neighbours. */
#define SMOTE_NEIGHBOURS_MAX 1000

/*! What to make. */
typedef struct {
	double ratio;         /*!< Above 0 to 1: rows of each class over those of the largest. */
	uint32_t neighbours;  /*!< 1 to SMOTE_NEIGHBOURS_MAX. */
	uint64_t seed;
} smote_t;

/*!
 * Copies a dataset and grows each class that has less than \a ratio times the rows of the
 * largest one to that many (rounded up). The new rows follow the old ones.
 *
 * A new row lies between a row of the class and one of its nearest neighbours of the class
 * (see smote.c). Where a class has fewer neighbours than asked for, all of it are; a class
 * of one row is copied. A feature missing in the row is missing in the new one; missing
 * in the neighbour only, it is the row's.
 *
 * \param dataset  Finished.
 * \param grown    Out: finished, without groups; free with dataset_destroy(). Untouched on
 *                 failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a ratio or number of neighbours out of range;
 *         STATUS_NO_MEMORY, also where there would be more than DATASET_ROWS_MAX rows.
 */
status_t smote_apply(const dataset_t *dataset, const smote_t *smote, dataset_t **grown,
                     failure_t *failure);
