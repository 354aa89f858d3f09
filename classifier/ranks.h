/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Values of a dataset as ranks among the distinct values of their feature; for classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "classifier/dataset.h"

/*! All columns of a dataset as ranks. Read-only once made. */
typedef struct {
	size_t rows;
	size_t features;
	uint32_t *ranks;  /*!< features x rows; see ranks_column(). */
	double *values;   /*!< Distinct values, ascending, one feature behind the other. */
	size_t *starts;   /*!< features + 1 indices in \a values. */
} ranks_t;

/*! Ranks every column; NULL if memory is short. Cost: one sort per feature. */
ranks_t *ranks_create(const dataset_t *dataset);

/*! Frees; NULL is allowed. */
void ranks_destroy(ranks_t *ranks);

/*! Ranks of a feature's rows, 0 for the lowest value; ranks_missing() for a missing one. */
static inline const uint32_t *ranks_column(const ranks_t *ranks, size_t feature)
{
	return ranks->ranks + feature * ranks->rows;
}

/*! Distinct values of a feature, by rank. */
static inline const double *ranks_values(const ranks_t *ranks, size_t feature)
{
	return ranks->values + ranks->starts[feature];
}

/*! The rank that stands for a missing value: one above the highest. */
static inline uint32_t ranks_missing(const ranks_t *ranks, size_t feature)
{
	return (uint32_t)(ranks->starts[feature + 1] - ranks->starts[feature]);
}
