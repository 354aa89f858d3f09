/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The thresholds of a forest by feature, and the ranks of values among them; for
 * classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "classifier/forest.h"

/*! The distinct thresholds of one feature, and a grid that leads near a value's place. */
typedef struct {
	const double *values; /*!< Ascending. */
	size_t count;
	const uint32_t *grid; /*!< For each cell the rank of its begin, counted from \a values. */
	size_t cells;         /*!< A power of two; 0: there is no grid. */
	double low;           /*!< Cell of x: (x - low) * scale, within 0 and cells - 1. */
	double scale;
	size_t most;          /*!< Thresholds of the fullest cell. */
} feature_cuts_t;

/*! The thresholds of all features. Read-only once made. */
typedef struct forest_cuts {
	double *values;
	uint32_t *grids;
	size_t features;
	size_t most;               /*!< Thresholds of the feature that has the most. */
	feature_cuts_t feature[];  /*!< \a features of them. */
} forest_cuts_t;

/*!
 * Collects the thresholds of a forest's nodes.
 *
 * \param threads  At most so many sort, the calling one among them.
 *
 * \return To be freed with forest_cuts_destroy(); NULL if memory is short.
 */
forest_cuts_t *forest_cuts_create(const forest_t *forest, size_t threads);

/*! Frees; NULL is allowed. */
void forest_cuts_destroy(forest_cuts_t *cuts);

/*!
 * Ranks a feature's values: the rank of a value is the number of thresholds below it, so
 * "x > threshold number k" is "rank > k". The rank of NaN is 0.
 *
 * \param values  \a count values, \a stride doubles apart.
 * \param ranks   Out: \a count ranks.
 */
void feature_cuts_rank(const feature_cuts_t *cuts, const double *values, size_t stride,
                       size_t count, uint32_t *ranks);
