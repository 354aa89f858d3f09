/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The sweep of a node's rows from the right side of a cut to the left; for classifier/ only.
 *
 * It sees ranks in rising order and does not know where they come from: exact
 * splits have one rank per value, binned ones a rank per bin. Scores are sums over
 * counts in integers (or, with class weights, in the order of the classes), so they
 * do not depend on the order of the rows within a rank.
 */
#pragma once

#include <math.h>

#include "classifier/split.h"

/*! Rows per class on both sides of a cut, and the sums of their squares. */
typedef struct {
	int64_t *left, *right;
	int64_t left_weight, right_weight;
	int64_t left_square, right_square;
} sides_t;

/*! The sweep of one feature. */
typedef struct {
	uint32_t feature;
	const double *lows, *highs; /*!< Lowest and highest value of each rank. */
	const double *weights;      /*!< Of classes; NULL: all 1. */
	size_t classes;
	int64_t min_leaf;
	bool missing;               /*!< Some rows have no value. */
	sides_t right;              /*!< Missing values on the right; also the one if there are none. */
	sides_t left;               /*!< Missing values on the left. */
	bool found;
	split_t *best;
} sweep_t;

static inline void sides_move(sides_t *sides, uint32_t class_index, int64_t weight)
{
	int64_t *left = &sides->left[class_index], *right = &sides->right[class_index];
	sides->left_square += weight * (2 * *left + weight);
	sides->right_square -= weight * (2 * *right - weight);
	sides->left_weight += weight;
	sides->right_weight -= weight;
	*left += weight;
	*right -= weight;
}

/*! All on the right side. \a counts has room for two sides of all classes. */
static inline sides_t sides_make(int64_t *counts, const int64_t *totals, size_t classes)
{
	sides_t sides = { .left = counts, .right = counts + classes };
	for (size_t i = 0; i < classes; i++) {
		sides.left[i] = 0;
		sides.right[i] = totals[i];
		sides.right_weight += totals[i];
		sides.right_square += totals[i] * totals[i];
	}
	return sides;
}

/*! A side's share of the score under class weights. */
static inline double side_weigh(const int64_t *counts, const double *weights, size_t classes)
{
	double square = 0, weight = 0;
	for (size_t i = 0; i < classes; i++) {
		double of_class = weights[i] * (double)counts[i];
		square += of_class * of_class;
		weight += of_class;
	}
	return square / weight;
}

/*!
 * Takes the split above \a rank if it is better than the best one; see split_search() for what
 * is better. \a next is the next rank that has rows, UINT32_MAX behind the last.
 */
static inline void split_offer(split_t *best, double score, uint32_t feature, const double *lows,
                               const double *highs, uint32_t rank, uint32_t next,
                               bool missing_right)
{
	if (score > best->score) {
		*best = (split_t) {
			.score = score, .feature = feature, .rank = rank, .missing_right = missing_right,
			.threshold = next == UINT32_MAX ? INFINITY : split_threshold(highs[rank], lows[next]),
		};
	}
}

/*! Scores a cut above \a rank, \a next being the next rank that has rows. */
static inline void sweep_consider(sweep_t *sweep, const sides_t *sides, uint32_t rank,
                                  uint32_t next, bool missing_right)
{
	if (sides->left_weight < sweep->min_leaf || sides->right_weight < sweep->min_leaf) {
		return;
	}
	double score;
	if (sweep->weights != NULL) {
		score = side_weigh(sides->left, sweep->weights, sweep->classes) +
		        side_weigh(sides->right, sweep->weights, sweep->classes);
	} else {
		score = (double)sides->left_square / (double)sides->left_weight +
		        (double)sides->right_square / (double)sides->right_weight;
	}
	sweep->found = true;
	split_offer(sweep->best, score, sweep->feature, sweep->lows, sweep->highs, rank, next,
	            missing_right);
}

/*! Begins a sweep: all on the right. \a counts has room for four sides of all classes. */
static inline void sweep_begin(sweep_t *sweep, int64_t *counts, const int64_t *totals)
{
	sweep->right = sides_make(counts, totals, sweep->classes);
	sweep->left = sides_make(counts + 2 * sweep->classes, totals, sweep->classes);
}

/*! Tells, before anything is moved, of rows without a value. */
static inline void sweep_miss(sweep_t *sweep, uint32_t class_index, int64_t weight)
{
	sweep->missing = true;
	sides_move(&sweep->left, class_index, weight);
}

/*! Moves rows of a class to the left. */
static inline void sweep_move(sweep_t *sweep, uint32_t class_index, int64_t weight)
{
	sides_move(&sweep->right, class_index, weight);
	if (sweep->missing) {
		sides_move(&sweep->left, class_index, weight);
	}
}

/*! Considers the cut between two ranks that have rows, all up to \a rank having been moved. */
static inline void sweep_cut(sweep_t *sweep, uint32_t rank, uint32_t next)
{
	if (sweep->missing) {
		sweep_consider(sweep, &sweep->left, rank, next, false);
	}
	sweep_consider(sweep, &sweep->right, rank, next,
	               sweep->missing || sweep->right.right_weight > sweep->right.left_weight);
}

/*! Ends a sweep, all that has a value having been moved; \a rank is the highest. */
static inline void sweep_end(sweep_t *sweep, uint32_t rank)
{
	if (sweep->missing) {
		sweep_consider(sweep, &sweep->right, rank, UINT32_MAX, true);
	}
}
