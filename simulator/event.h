/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A query that arrives at the authority.
 */
#pragma once

#include <stdint.h>

/*! What a query is. Only the first two are PTR queries for a complete reverse name. */
typedef enum {
	EVENT_PTR = 0,         /*!< Counts as an observation. */
	EVENT_RETRANSMISSION,  /*!< The same again within seconds. */
	EVENT_PARTIAL,         /*!< NS or A for the front part of a reverse name (RFC 9156). */
	EVENT_ANY,             /*!< ANY for a complete reverse name. */
	EVENT_SERVICE,         /*!< PTR for b._dns-sd._udp below a reverse name (RFC 6763). */
	EVENT_CLASSLESS,       /*!< PTR for a name of RFC 2317. */
	EVENT_MALFORMED,       /*!< PTR for a reverse name with a label too many. */
	EVENT_ORDINARY,        /*!< A for the name of the server itself. */
	EVENT_KINDS,
} event_kind_t;

/*! Kinds that come beside the lookups, from EVENT_ANY on. */
#define EVENT_OTHERS (EVENT_KINDS - EVENT_ANY)

/*! The originator of a query with a forged source. */
#define EVENT_VICTIM UINT32_MAX

/*! A query that arrives. */
typedef struct {
	uint64_t moment;       /*!< Microseconds since 1970. */
	uint32_t originator;   /*!< Index in the population; EVENT_VICTIM: that of the forgery. */
	uint32_t querier;      /*!< Index in the world; behind its last, in the forgery. */
	uint8_t kind;          /*!< event_kind_t. */
	uint8_t depth;         /*!< EVENT_PARTIAL: labels of the address that are given. */
} event_t;
