/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What arrives at the authority on one day, as a sorted list of events.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/profile.h"

/*! What a query is. Only the first two are PTR queries for a complete reverse name. */
typedef enum {
	EVENT_PTR = 0,         /*!< Counts as an observation. */
	EVENT_RETRANSMISSION,  /*!< The same again within seconds. */
	EVENT_PARTIAL,         /*!< NS or A for the front part of a reverse name (RFC 9156). */
	EVENT_ANY,             /*!< ANY for a complete reverse name. */
	EVENT_SERVICE,         /*!< PTR for b._dns-sd._udp below a reverse name (RFC 6763). */
	EVENT_CLASSLESS,       /*!< PTR for a name of RFC 2317. */
	EVENT_MALFORMED,       /*!< PTR for a reverse name with a label too many. */
	EVENT_KINDS,
} event_kind_t;

/*! A query that arrives. */
typedef struct {
	uint64_t moment;       /*!< Microseconds since 1970. */
	uint32_t originator;   /*!< Index in the population. */
	uint32_t querier;      /*!< Index in the world. */
	uint8_t kind;          /*!< event_kind_t. */
	uint8_t depth;         /*!< EVENT_PARTIAL: labels of the address that are given. */
} event_t;

/*! A day's events. */
typedef struct {
	event_t *events;       /*!< Sorted by moment. */
	size_t count;
	size_t originators;    /*!< How many originators were asked for. */
} traffic_t;

/*!
 * Makes the events of a day.
 *
 * Sets first_seen and last_seen of the originators asked for.
 *
 * \param day      Number of the day, from 1.
 * \param traffic  Out; free with traffic_clear(). 24 bytes an event.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t traffic_make(population_t *population, unsigned day, traffic_t *traffic,
                      failure_t *failure);

/*! Frees the events. */
void traffic_clear(traffic_t *traffic);
