/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What a scanner sends on a day: for whoever makes its packets.
 *
 * The queries at the authority and the packets at a telescope have one cause. What
 * is told here belongs to the same campaigns, days and hours as the queries of
 * traffic.h, and follows from the seed alone.
 *
 * How many probes: the queriers of a scan are in proportion to its probes to the
 * power of `probes_exponent`, and `probes_whole` of them stand for a scan of the
 * whole IPv4 space; see the parameters.
 */
#pragma once

#include "simulator/profile.h"

/*! Addresses of the IPv4 space, among which the probes are spread evenly. */
#define CAMPAIGN_SPACE 4294967296.0

/*! Most ports of a campaign. */
#define CAMPAIGN_PORTS_MAX 64

/*! How an originator touches hosts that did not ask for it. */
typedef enum {
	TOUCH_NONE = 0,       /*!< Not at all: it is asked for, or knows whom it sends to. */
	TOUCH_NETWORK_SCAN,   /*!< A few ports of many hosts. */
	TOUCH_PORT_SCAN,      /*!< Many ports of each host that it comes to. */
	TOUCH_STRAY,          /*!< Packets that went astray, as p2p sends to homes that are gone. */
} touch_t;

/*! A day of a scanner. */
typedef struct {
	uint64_t campaign;    /*!< The same for all addresses of a campaign. */
	species_id_t species; /*!< SPECIES if it is no scanner. */
	scan_tool_t tool;     /*!< TOOL_NONE if it is no scanner. */
	touch_t touch;
	uint8_t protocol;     /*!< IANA number: 1 ICMP, 6 TCP, 17 UDP. */
	unsigned port_count;  /*!< 0 for ICMP. */
	uint16_t ports[CAMPAIGN_PORTS_MAX];
	double probes;        /*!< Packets to the whole IPv4 space on this day; 0 if over IPv6. */
	activity_t activity;  /*!< When: its intervals' shares sum to 1. */
} campaign_day_t;

/*!
 * Tells what an originator sends on a day. Thread-safe for different \a out.
 *
 * \param index  Of the originator, below population_count().
 * \param day    From 1.
 * \param out    Out.
 *
 * \return false if it does not live on that day; \a out is then undefined.
 */
bool campaign_day(const population_t *population, size_t index, unsigned day,
                  campaign_day_t *out);

/*! The tool of an originator's campaign; TOOL_NONE if it is no scanner. Thread-safe. */
scan_tool_t campaign_tool(const population_t *population, const originator_t *originator);
