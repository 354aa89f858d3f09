/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The naive window: one thread, plain arrays, linear search.
 *
 * What window.c and extraction.c do fast, written once more as the definitions
 * say it, for the tests to compare. It shares the rounding of time and the keyed
 * hash of queriers with the window, and no other code.
 */
#pragma once

#include "sensor/extraction.h"

/*! A naive window. */
typedef struct reference reference_t;

/*! A querier of an originator. */
typedef struct {
	address_t querier;
	uint64_t count;
	uint32_t tick;  /*!< Of the last counted query. */
} reference_entry_t;

/*! Makes a naive window; NULL if memory is short. */
reference_t *reference_create(uint64_t start, const window_options_t *options);

/*! Frees it; NULL is allowed. */
void reference_destroy(reference_t *reference);

/*! Records an observation. \return As window_observe(), but for SAMPLE_REFUSED. */
sample_result_t reference_observe(reference_t *reference, uint64_t moment,
                                  const address_t *originator, const address_t *querier);

/*! Number of originators with at least so many queriers. */
size_t reference_originators(const reference_t *reference, size_t least);

/*!
 * The sample of an originator by the rule of least level.
 *
 * \param entries  Out: room for options.sample_size entries, in no order.
 *
 * \return How many entries; 0 if there is no such originator.
 */
uint32_t reference_sample(const reference_t *reference, const address_t *originator,
                          reference_entry_t *entries, unsigned *level, uint32_t *periods);

/*! Distinct ASes and countries of all queriers of the window. */
typedef struct {
	uint32_t as_numbers;
	uint32_t countries;
} reference_totals_t;

/*! Counts them. */
reference_totals_t reference_totals(const reference_t *reference,
                                    const querier_directory_t *directory);

/*!
 * The features of an originator, for the whole window.
 *
 * \param totals  From reference_totals(), with the same directory.
 *
 * \return false if it is not there.
 */
bool reference_features(const reference_t *reference, const address_t *originator,
                        const querier_directory_t *directory, const reference_totals_t *totals,
                        originator_features_t *features);
