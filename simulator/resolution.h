/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A lookup of a target, and what of it comes to which height.
 *
 * A target asks its resolver. If the resolver has the name in its cache, or can
 * prove by a gap of a signed zone that it does not exist (RFC 8198), nobody else
 * hears of it. Else it begins at the lowest zone whose servers it knows and goes
 * down: whoever is asked above the name's own zone answers with a delegation,
 * which is cached, too. A resolver that minimises (RFC 9156) asks for one more
 * label at a time, and shows the complete name only to the servers of the zone
 * that holds it.
 *
 * Resolvers have other clients, of whom nothing is simulated but that they keep
 * delegations warm: with b lookups a second under a zone and a time to live T, an
 * entry that we did not put in is there with probability b T / (1 + b T).
 */
#pragma once

#include "simulator/cache.h"
#include "simulator/event.h"
#include "simulator/zone_path.h"

/*! Most queries of one lookup. */
#define RESOLUTION_MAX 24

/*! A query that an authority hears. */
typedef struct {
	uint64_t moment;
	uint8_t height;      /*!< height_t: who hears it. */
	uint8_t kind;        /*!< EVENT_PTR or EVENT_PARTIAL. */
	uint8_t depth;       /*!< EVENT_PARTIAL: labels of the address that are given. */
} ask_t;

/*! What became of a lookup. */
typedef enum {
	LOOKUP_ASKED = 0,    /*!< Somebody was asked. */
	LOOKUP_CACHED,       /*!< The answer was in the cache. */
	LOOKUP_PROVEN,       /*!< A gap in the cache proved that there is no such name. */
	LOOKUP_OUTCOMES,
} lookup_outcome_t;

/*! Asks for the memory that a lookup soon after will need. */
void resolution_prefetch(const world_t *world, const cache_t *cache, uint32_t querier,
                         const zone_path_t *path);

/*!
 * Looks a name up.
 *
 * \param world      For the resolver.
 * \param cache      Read and changed.
 * \param querier    Index of the querier, by whom its cache is known.
 * \param path       Way to the name.
 * \param moment     Never earlier than in the call before.
 * \param generator  For what is left to chance.
 * \param asks       Out: queries in the order of time.
 * \param count      Out: how many.
 * \param outcome    Out.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t resolution_make(const world_t *world, cache_t *cache, uint32_t querier,
                         const zone_path_t *path, uint64_t moment, generator_t *generator,
                         ask_t asks[RESOLUTION_MAX], unsigned *count, lookup_outcome_t *outcome,
                         failure_t *failure);
