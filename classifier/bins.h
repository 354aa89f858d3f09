/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Values of a dataset as bytes: the group of neighbouring values; for classifier/ only.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "classifier/dataset.h"

/*! Bins of a feature, that for missing values among them if there is one. */
#define BINS 256

/*! All rows of a dataset in bins. Read-only once made. */
typedef struct {
	size_t rows;
	size_t features;
	uint8_t *matrix;    /*!< rows x features bins, row after row. */
	double *lows;       /*!< features x BINS: lowest value of each bin, +infinity behind the last. */
	double *highs;      /*!< features x BINS: highest value of each bin. */
	uint32_t *missing;  /*!< Per feature: bin of missing values, behind the last; BINS: none. */
} bins_t;

/*!
 * Bins every column: by one value per bin where they are few enough, else so that all bins
 * have the same number of distinct values, but for one.
 *
 * \param threads  At most so many do it; changes the time only.
 *
 * \return NULL if memory is short. Free with bins_destroy(). Cost: a radix sort per feature
 *         and eight steps per value.
 */
bins_t *bins_create(const dataset_t *dataset, size_t threads);

/*! Frees; NULL is allowed. */
void bins_destroy(bins_t *bins);
