/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Observations that wait for the sensor, and go to it in the order of its tables.
 *
 *     arrivals  | 0 | 1 | 2 | …            as they came, each with its hashes: a cache line
 *     order     | 7 | 90 | 3 | 41 | …      by the home of their originators, then as they came
 *
 * Tables of originators are much larger than caches, and who observes in the order of time
 * touches another place with each query. So observations are gathered, some hundred thousand at
 * a time, and handed over by the place where their originators stand (a radix sort by the bits
 * that choose it): neighbours share cache lines and translations of addresses, and all queries
 * for one originator come in a row.
 *
 * The order of the queries for one originator is that of their arrival. Between originators none is
 * told in any result, as long as nothing is full and nobody is at the bound of his fan-out: then
 * it matters who comes first. A batch in which that could be is handed over as it came. So
 * the results are always those of sensor_observe() in the order of arrival.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "sensor/sensor.h"

/*! Most observations that wait. */
#define EXTRACT_BATCH_MAX ((size_t)1 << 17)

/*! Observations that wait. Of one thread. */
typedef struct extract_batch extract_batch_t;

/*! Makes a batch with nothing in it; NULL if memory is short. */
extract_batch_t *extract_batch_create(void);

/*! Frees a batch, and what waits in it; NULL is allowed. */
void extract_batch_destroy(extract_batch_t *batch);

/*! Whether extract_batch_record() must come before anything else can be added. */
bool extract_batch_full(const extract_batch_t *batch);

/*!
 * Adds an observation to one that is not full.
 *
 * \param sensor  That it will be handed to: its key is for the hashes.
 */
void extract_batch_add(extract_batch_t *batch, const sensor_t *sensor, uint64_t moment,
                       const address_t *originator, const address_t *querier, bool proven);

/*!
 * Hands all that wait to the sensor, and empties the batch. Call it before a page is turned. The
 * calling thread is number 0 of the sensor, the only one that observes, and registered with
 * liburcu.
 *
 * \param results  Counts what became of them.
 */
void extract_batch_record(extract_batch_t *batch, sensor_t *sensor,
                          uint64_t results[OBSERVE_RESULTS]);
