/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One packet of a visit to a darknet.
 */
#pragma once

#include "simulator/dark_packet.h"
#include "simulator/dark_source.h"

/*! A visit that has begun. */
typedef struct {
	address_t target;
	uint64_t begin;   /*!< Moment of its first packet. */
	uint64_t key;     /*!< Random: ports and numbers that stay the same in a visit. */
	uint32_t step;    /*!< Packets that were sent. */
	uint16_t port;    /*!< Of the target; unless the source goes to all. */
} dark_visit_t;

/*! Number of packets of each visit of a source. */
uint32_t dark_emit_steps(const dark_source_t *source);

/*! How long after its begin a visit's packet number \a step (from 0) comes, microseconds. */
uint64_t dark_emit_delay(const dark_source_t *source, uint32_t step);

/*!
 * Makes the packet of a visit's step. Thread-safe.
 *
 * \param packet  Out.
 * \param quote   DARK_QUOTE_SIZE bytes to which the packet may point.
 */
void dark_emit_packet(const dark_source_t *source, const dark_visit_t *visit,
                      dark_packet_t *packet, uint8_t *quote);
