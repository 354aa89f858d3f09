/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Making the portrait of training data while and after it is read.
 */
#pragma once

#include "classifier/dataset.h"
#include "classifier/portrait.h"
#include "common/generator.h"
#include "common/moment.h"

/*! Most rows without a label that are remembered. */
#define WITNESS_ROWS 50000

/*!
 * What is remembered of the rows of a features file: of those without a label a uniform
 * sample (J. S. Vitter: Random sampling with a reservoir, 1985, algorithm R), and the time
 * of those with one. Begin with witness_begin(), end with witness_clear().
 */
typedef struct {
	double *matrix;    /*!< Rows without a label; grows up to WITNESS_ROWS. */
	size_t features;
	size_t rows;
	size_t capacity;
	uint64_t seen;     /*!< Rows without a label. */
	portrait_span_t spans[PORTRAIT_SPANS]; /*!< Of the windows of rows with a label. */
	uint32_t span_count;
	bool failed;       /*!< Memory was short: what is remembered is of no use. */
	generator_t generator;
} witness_t;

/*! Begins; \a seed chooses the sample. */
witness_t witness_begin(uint64_t seed);

/*! Takes a row: a \ref dataset_source_t visitor, its context being the witness. */
void witness_see(void *context, const double *values, size_t features,
                 const time_window_t *window, bool labelled);

/*! Frees what was remembered. */
void witness_clear(witness_t *witness);

/*!
 * Gives a model the portrait of what it learnt from.
 *
 * \param dataset     Rows that it learnt from.
 * \param out_of_bag  rows x classes probabilities by what did not learn from the row, NaN where
 *                    there are none; NULL: for none.
 * \param witness     Of the same file.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t portrait_make(model_t *model, const dataset_t *dataset, const double *out_of_bag,
                      const witness_t *witness, failure_t *failure);
