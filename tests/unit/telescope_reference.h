/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The taxonomy said a second time, as plainly as possible: all packets stay in memory, and
 *        every count is made by looking at all of them again.
 *
 * Quadratic and worse. It shares with darknet/ the tables of names and ports and the
 * keyed hash, and no other line.
 */
#pragma once

#include <stdio.h>

#include "darknet/telescope.h"

/*! A packet of the capture. */
typedef struct {
	uint64_t moment;
	packet_t packet;
	packet_kind_t kind;
} reference_packet_t;

/*!
 * Writes the events that a telescope with these options gives for these packets.
 *
 * \param options  Its sink is not called, its memory has no bound.
 * \param set      Number of the set of parameters.
 * \param counts   Out: TELESCOPE_COUNTS numbers.
 */
void reference_write(const reference_packet_t *packets, size_t count,
                     const telescope_options_t *options, size_t set, uint64_t *counts, FILE *out);

/*! Writes one event as the above does: one line. */
void reference_write_event(const event_t *event, FILE *out);
