/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which observations the operator does not want: addresses that are ignored, and
 *        the originators outside of a sample.
 *
 * A filter is made with an instance of the module and then only read, by any number of
 * threads: another configuration is another instance with a filter of its own.
 *
 * The sample is of originators, one in `sample_rate`, chosen by a keyed hash of the address:
 * an originator is in it with all of its queries or with none, so its own features are what
 * they would be without. The key is that of the sensor, so the choice outlives a reload.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "common/keyed_hash.h"
#include "common/prefix_map.h"

/*! What a filter says of an observation; those after the first are reasons to ignore it. */
typedef enum {
	FILTER_PASS = 0,
	FILTER_QUERIER,
	FILTER_ORIGINATOR,
	FILTER_SAMPLE,
	FILTER_RESULTS
} filter_result_t;

/*! A filter. All zeroes: everything passes. */
typedef struct {
	prefix_map_t *queriers;     /*!< Ignored; NULL: none. Owned, as the next. */
	prefix_map_t *originators;
	uint32_t sample_rate;       /*!< One originator in so many; 0 and 1: all. */
	hash_key_t key;             /*!< For the sample. */
} filter_t;

/*! "querier", "originator", "sample"; for FILTER_PASS "". */
const char *filter_result_name(filter_result_t result);

/*! Frees the maps. */
void filter_clear(filter_t *filter);

/*!
 * Adds all addresses of a range, both ends included, as the fewest prefixes that make it up
 * (at most 254).
 *
 * \param map   Not finished.
 * \param from  Lowest address, in the family of \a to; if above \a to, nothing is added.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t filter_add_range(prefix_map_t *map, const address_t *from, const address_t *to);

/*! Sets rate and key of the sample. \param key  The sensor's; another one is made of it. */
void filter_sample(filter_t *filter, uint32_t rate, const hash_key_t *key);

/*! Whether a querier is ignored, whatever it asks for. */
bool filter_ignores(const filter_t *filter, const address_t *querier);

/*! Whether the sample has an originator: some nanoseconds. */
bool filter_samples(const filter_t *filter, const address_t *originator);

/*! Judges an observation: some nanoseconds, and a bisection for each map that is there. */
filter_result_t filter_judge(const filter_t *filter, const address_t *originator,
                             const address_t *querier);
