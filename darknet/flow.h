/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A flow, and a cache line of them. Internal to darknet/.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*! All packets of a unit to one address and one port. */
typedef struct {
	uint32_t address;  /*!< IPv4 in host order, or the window's number of an IPv6 address. */
	uint16_t port;     /*!< 0 for echo requests and what has no port. */
	uint16_t flags;    /*!< FLOW_*. */
	uint32_t packets;  /*!< Stops at the highest number. */
} flow_t;

/*! Flags of a flow. */
enum {
	FLOW_PORTLESS = 1, /*!< No port: a place of its own beside port 0, and in no scan. */
	FLOW_MIXED = 2,    /*!< Some packets are no probes. */
};

/*! Flows of a line. */
#define FLOWS_PER_LINE 5

/*! One line of a table of flows. */
typedef struct {
	flow_t flows[FLOWS_PER_LINE]; /*!< The first \a filled are in use. */
	uint16_t filled;
	uint16_t passed;              /*!< Not 0: flows that belong here or before are behind. */
} flow_line_t;
_Static_assert(sizeof(flow_line_t) == 64, "a cache line");

/*! Address, port and FLOW_PORTLESS as one word, for comparison: where a flow's packets go. */
static inline uint64_t flow_place(const flow_t *flow)
{
	static const flow_t counts = { UINT32_MAX, UINT16_MAX, FLOW_PORTLESS, 0 };
	uint64_t word, mask;
	memcpy(&word, flow, sizeof(word));
	memcpy(&mask, &counts, sizeof(mask));
	return word & mask;
}
