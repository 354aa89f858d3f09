/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The flows of a window's units: added to, grown, and thinned at the bound. Internal to
 *        darknet/.
 *
 * Cost of a packet: the line of its flow, which flow_store_prefetch() asks for beforehand.
 * Memory: 16 to 26 bytes per flow in large tables, none for the first two.
 */
#pragma once

#include "common/keyed_hash.h"
#include "darknet/destinations.h"
#include "darknet/pool.h"
#include "darknet/tally.h"
#include "darknet/unit.h"

/*! What the flows of a window need. */
typedef struct {
	pool_t *pool;
	tally_t *tally;
	const destinations_t *destinations;
	hash_key_t secret;       /*!< Of the tables: nobody can aim flows at one line. */
	hash_key_t level_key;    /*!< Of the samples. */
	uint32_t flows_max;
} flow_store_t;

/*!
 * Adds a packet to its flow. Always done: a unit that cannot grow is thinned.
 *
 * \param unit  Its \a packets are not touched.
 * \param flow  Address, port and flags of the packet; its packets are 1.
 */
void flow_store_add(const flow_store_t *store, unit_t *unit, const flow_t *flow);

/*! Asks the cache for the line where a flow would be. */
void flow_store_prefetch(const flow_store_t *store, const unit_t *unit, const flow_t *flow);

/*!
 * The flows of a unit as lines.
 *
 * \param room   A line to use if the flows stand in the record.
 * \param lines  Out: how many lines.
 */
const flow_line_t *flow_store_lines(const flow_store_t *store, const unit_t *unit,
                                    flow_line_t *room, size_t *lines);
