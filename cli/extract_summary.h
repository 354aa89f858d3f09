/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What `backscatter extract` saw, under the names that the module's counters have.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "capture/query_stream.h"
#include "sensor/query.h"
#include "sensor/sensor.h"

/*! Sums of a run; begin with zeros. Not thread-safe. */
typedef struct {
	uint64_t kinds[QUERY_KINDS];         /*!< Queries by what they are to the sensor. */
	uint64_t observations[FAMILIES];     /*!< Those of QUERY_OBSERVATION by their originator. */
	uint64_t subnets;                    /*!< Those of /64s, beside those of addresses. */
	uint64_t partial[QUERY_DEPTHS];      /*!< Those of QUERY_PARTIAL by query_depth(). */
	uint64_t results[OBSERVE_RESULTS];   /*!< Observations by what became of them. */
	uint64_t rows;                       /*!< Analyzable originators. */
} extract_summary_t;

/*! Counts a query. */
static inline void extract_summary_add(extract_summary_t *summary,
                                       const query_judgement_t *judgement)
{
	summary->kinds[judgement->kind]++;
	if (judgement->kind == QUERY_OBSERVATION) {
		summary->observations[judgement->ipv6 ? FAMILY_IPV6 : FAMILY_IPV4]++;
	} else if (judgement->kind == QUERY_PARTIAL) {
		summary->partial[query_depth(judgement)]++;
	}
}

/*!
 * Prints the sums, one "name = number" or "name[index] = number" per line: the names always,
 * indices only with a number other than 0, as `knotc stats` does.
 *
 * \param counts  What the reader saw.
 */
void extract_summary_print(FILE *file, const query_stream_counts_t *counts,
                           const extract_summary_t *summary);
