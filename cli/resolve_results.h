/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What was found out and is not in the store yet.
 */
#pragma once

#include "cli/ptr_answer.h"
#include "sensor/category.h"
#include "sensor/wanted.h"
#include "store/store.h"

/*! Most results that wait; when they cannot be written nothing more is asked. */
#define RESOLVE_RESULTS_MAX 4096

/*! How long answers hold and failures rest, in microseconds. */
typedef struct {
	uint64_t ttl_min, ttl_max, retry;
} resolve_times_t;

/*! One result. */
typedef struct {
	address_t querier;
	char *name;            /*!< As in the store; owned. */
	uint64_t learned, due; /*!< Moments. */
	uint8_t failures;
} resolve_result_t;

/*! Results. Start with zeroes. Not thread-safe. */
typedef struct {
	resolve_result_t results[RESOLVE_RESULTS_MAX];
	size_t count;
} resolve_results_t;

/*!
 * Moment from which on a querier is to be looked up again: after the TTL, within its bounds,
 * a negative one at most a day (RFC 2308, section 5, asks for a bound of that kind); after a
 * failure `retry`, doubled with each further one up to a day.
 *
 * \param failures  In a row, with this one; 0: there was an answer.
 */
uint64_t resolve_due(const resolve_times_t *times, const ptr_answer_t *answer, unsigned failures,
                     uint64_t now);

/*!
 * Adds a result.
 *
 * \param answer  PTR_NAME and PTR_NONE are what they say, anything else is unreachable.
 * \param now     Moment.
 *
 * \return STATUS_OK; STATUS_NO_MEMORY, also beyond RESOLVE_RESULTS_MAX.
 */
status_t resolve_results_add(resolve_results_t *results, const resolve_times_t *times,
                             const wanted_querier_t *querier, const ptr_answer_t *answer,
                             uint64_t now);

/*! Writes all in one transaction; what could not be written stays for the next time. */
status_t resolve_results_write(resolve_results_t *results, store_t *store,
                               const category_rules_t *rules, failure_t *failure);

/*! Drops all. */
void resolve_results_clear(resolve_results_t *results);
