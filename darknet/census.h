/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief All units of one window. Internal to darknet/.
 *
 *     hash of (source, kind) ─► slot (tag 32 | line 32) ─► unit's record ─► its flows
 *
 * A packet costs three cache misses, one after the other: slot, record, line of its flow.
 * So packets wait until there are CENSUS_BATCH of them. Then all their slots are asked for,
 * then all their records, then the lines of all their flows, each in a short loop, so
 * that many requests (and walks through the table of pages) are under way at a time; and
 * at last they are counted one by one. Waiting changes no result.
 */
#pragma once

#include "darknet/budget.h"
#include "darknet/prefix_set.h"
#include "darknet/tally.h"
#include "darknet/telescope.h"

/*! Packets that wait. */
#define CENSUS_BATCH 64

/*! What all windows of a telescope have in common. */
typedef struct {
	const telescope_options_t *options;
	tally_t *tally;
	hash_key_t secret;  /*!< Of the tables. */
	prefix_set_t darknet;
} census_common_t;

/*! A window's units. */
typedef struct census census_t;

/*! Makes an empty one; NULL if there is no memory. \a common must outlive it. */
census_t *census_create(uint64_t start, const census_common_t *common);

/*! Frees it; NULL is allowed. */
void census_destroy(census_t *census);

/*! Takes a packet for the darknet. */
void census_take(census_t *census, const packet_t *packet);

/*! Counts what waits. */
void census_flush(census_t *census);

/*! What it holds; after census_flush(). Without the number of sources. */
const telescope_window_t *census_window(const census_t *census);

/*! Judges all units and tells the sink; then the window. Once, and nothing may come after. */
status_t census_close(census_t *census, failure_t *failure);

/*! Bytes in use, of its share of the telescope's memory. */
uint64_t census_memory(const census_t *census);
