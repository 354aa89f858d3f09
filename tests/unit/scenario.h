/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Packets of a telescope in words, for tests of the taxonomy.
 *
 * A scenario is a list of items divided by "; ", each
 *
 *     KIND TARGETS PORTS [xN] [from S]
 *
 * KIND one of the names in scenario.c ("syn", "synack", "udp", "udp53": from port 53,
 * "ping", "frag", ...). TARGETS a number or a range of last parts of addresses in the
 * darknet, PORTS a number or a range of destination ports ("-" where there are none), N
 * packets to each (default 1), S the last part of the source's address (default 1).
 * The darknet is 198.51.0.0/16 or 2001:db8:1::/48, sources are in 45.0.0.0/16 or 2a00:1::/48.
 */
#pragma once

#include "darknet/telescope.h"

/*! Called for each packet of a scenario, in order. */
typedef void (*scenario_take_t)(void *context, const packet_t *packet, packet_kind_t kind);

/*!
 * Makes the packets of a scenario.
 *
 * Ends the program if the text is none: a test with a typing error is no test.
 */
void scenario_play(const char *text, bool ipv6, scenario_take_t take, void *context);

/*! Name of a kind of packet; NULL from the number on that is none. */
const char *scenario_kind(size_t number);

/*! The darknet of a family. */
prefix_t scenario_darknet(bool ipv6);

/*! Address number \a number in the darknet. */
address_t scenario_target(bool ipv6, uint32_t number);

/*! Address number \a number outside. */
address_t scenario_source(bool ipv6, uint32_t number);
