/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Best split of a node's rows between the bins of some features; for classifier/ only.
 */
#pragma once

#include "classifier/bins.h"
#include "classifier/split.h"

/*! Rooms for the binned search; one owner at a time. */
typedef struct histogram histogram_t;

/*!
 * Makes rooms for the search.
 *
 * \param bins      Must outlive it.
 * \param weights   One for each class, or NULL for 1 throughout; must outlive it.
 * \param min_leaf  Least weight of either side, classes counting the same.
 *
 * \return NULL if memory is short. Free with histogram_destroy().
 */
histogram_t *histogram_create(const bins_t *bins, size_t classes, const double *weights,
                              uint32_t min_leaf);

/*! Frees; NULL is allowed. */
void histogram_destroy(histogram_t *histogram);

/*!
 * Searches the best split of some rows by several features. Like split_search() for each of
 * them, with the bins for ranks; a threshold is the middle between the highest value in
 * training of the last bin on the left and the lowest of the first on the right that has
 * rows of the node. The same split where every bin has one value.
 *
 * \param features  \a feature_count different ones.
 * \param rows      \a count rows of the node.
 * \param totals    Weight of each class in \a rows.
 * \param best      In and out: replaced if a better split is found.
 *
 * \return true if any of the features has a split that leaves both sides their least weight.
 */
bool histogram_search(histogram_t *histogram, const uint32_t *features, size_t feature_count,
                      const node_row_t *rows, size_t count, const int64_t *totals, split_t *best);
