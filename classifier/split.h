/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Best split of a node's rows by one feature, among all there are; for classifier/ only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/limits.h"
#include "classifier/ranks.h"

/*!
 * A row of a bag in 32 bits: its class below, how often it was drawn above. The weight
 * stays at the most that fits; a row drawn four million times is not to be expected.
 */
typedef uint32_t item_t;

#define ITEM_CLASS_BITS 10
#define ITEM_WEIGHT_MAX (UINT32_MAX >> ITEM_CLASS_BITS)

_Static_assert(MODEL_CLASSES_MAX == 1 << ITEM_CLASS_BITS, "an item holds any class");

static inline item_t item_make(uint32_t class_index, uint32_t weight)
{
	return (weight < ITEM_WEIGHT_MAX ? weight : ITEM_WEIGHT_MAX) << ITEM_CLASS_BITS | class_index;
}

static inline uint32_t item_class(item_t item)
{
	return item & (MODEL_CLASSES_MAX - 1);
}

static inline uint32_t item_weight(item_t item)
{
	return item >> ITEM_CLASS_BITS;
}

/*! A row of a node. */
typedef struct {
	uint32_t row;
	item_t item;
} node_row_t;

/*! A split: values up to \a threshold go left. */
typedef struct {
	double score;       /*!< Purity; see split_search(). Below 0: no split yet. */
	double threshold;   /*!< Midway between two values; +infinity parts present from missing. */
	uint32_t feature;
	uint32_t rank;      /*!< Highest rank, or bin, that goes left. */
	bool missing_right;
} split_t;

/*! No split yet. */
#define SPLIT_NONE ((split_t) { .score = -1 })

/*! Rooms for the exact search; one owner at a time. */
typedef struct splitter splitter_t;

/*!
 * Makes a splitter.
 *
 * \param ranks     Must outlive it.
 * \param weights   One for each class, or NULL for 1 throughout; must outlive it.
 * \param min_leaf  Least weight of either side, classes counting the same.
 *
 * \return NULL if memory is short. Free with splitter_destroy().
 */
splitter_t *splitter_create(const ranks_t *ranks, size_t classes, const double *weights,
                            uint32_t min_leaf);

/*! Frees; NULL is allowed. */
void splitter_destroy(splitter_t *splitter);

/*!
 * Searches the best split of some rows by a feature.
 *
 * The score of a split is the sum over its two sides of (sum over classes of
 * weight^2) / (weight of the side). The weighted Gini impurity of the sides is a
 * constant of the node minus this score, so the highest score is the purest
 * split (Breiman et al., 1984, section 4.3). Of equal scores the feature that is searched
 * first wins, then the lowest threshold, then missing values to the left. With class
 * weights, the weight of a class in a sum is multiplied with that of the class.
 *
 * \param rows    \a count rows of the node.
 * \param totals  Weight of each class in \a rows.
 * \param best    In and out: replaced if a better split is found.
 *
 * \return true if the feature has any split that leaves both sides their least weight.
 */
bool split_search(splitter_t *splitter, uint32_t feature, const node_row_t *rows, size_t count,
                  const int64_t *totals, split_t *best);

/*! A number a <= x < b, midway if such a double exists: parts \a a from \a b for a < b. */
double split_threshold(double a, double b);

/*! Tells whether a row of that rank goes right; \a missing is the rank of missing values. */
static inline bool split_goes_right(const split_t *split, uint32_t rank, uint32_t missing)
{
	return rank > split->rank && (rank != missing || split->missing_right);
}
