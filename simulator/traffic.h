/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What arrives at the authority of choice, one query after another.
 *
 *     lookups.h ── lookups, in order ──► resolution.h ── queries ──► those that the authority
 *     of targets, slice by slice         caches of the resolvers     hears, put in order again
 *
 * In memory are a slice of lookups, the caches, and the queries of lookups that
 * have begun (a few seconds). Days follow each other in one stream: what a day holds
 * does not hang on the days that come after it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/event.h"
#include "simulator/forgery.h"
#include "simulator/resolution.h"

/*! Who hears the queries. */
typedef enum {
	AUTHORITY_LEAF = 0,    /*!< The zones that hold the names: heights /16 and /24. */
	AUTHORITY_NATIONAL,    /*!< The zones of the registries: height /8. */
	AUTHORITY_ROOT,        /*!< The zone of the whole reverse tree. */
	AUTHORITIES,
} authority_t;

/*! Names of the authorities: "leaf", "national", "root". */
extern const char *const authority_names[AUTHORITIES];

/*! What there was, at all heights whatever the authority of choice is. */
typedef struct {
	uint64_t outcomes[LOOKUP_OUTCOMES];   /*!< Lookups by what became of them. */
	uint64_t queries[HEIGHTS];            /*!< Queries that the authorities of a height hear, */
	uint64_t complete[HEIGHTS];           /*!< and those of them for a complete name. */
} attenuation_t;

/*! The stream of queries. Not thread-safe. */
typedef struct traffic traffic_t;

/*!
 * Makes the stream.
 *
 * \param population  Must outlive the stream; first_seen and last_seen of the originators
 *                    that are asked for are set.
 * \param forgery     Likewise.
 * \param country     Only queries for originators in ASes of this country; below 0: of all.
 * \param traffic     Out; free with traffic_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t traffic_create(population_t *population, const forgery_t *forgery,
                        authority_t authority, int country, traffic_t **traffic,
                        failure_t *failure);

/*! Frees it; NULL is allowed. */
void traffic_destroy(traffic_t *traffic);

/*!
 * Begins the next day, which population and forgery must have made.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t traffic_begin_day(traffic_t *traffic, failure_t *failure);

/*!
 * Gives the next query of the day.
 *
 * \param event  Out.
 *
 * \return STATUS_OK; STATUS_END behind the day's last; STATUS_NO_MEMORY.
 */
status_t traffic_next(traffic_t *traffic, event_t *event, failure_t *failure);

/*! Originators asked for on this day so far. */
uint64_t traffic_originators(const traffic_t *traffic);

/*! What there was since the first day. */
const attenuation_t *traffic_attenuation(const traffic_t *traffic);
