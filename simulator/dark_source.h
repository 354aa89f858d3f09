/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Who sends to a darknet on a day, and what.
 *
 * Of the originators: scanners and hosts whose packets go astray, at the hours and with the
 * ports and tools of campaign.h. Besides, what every telescope sees and what is no scan:
 * hosts that answer forged packets, misconfigured ones, fragments, single packets.
 *
 * A source comes in **visits** of one or more packets within seconds. Visits are a Poisson
 * process: of each address of the Internet in the same way, so that the darknet sees its share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "simulator/campaign.h"
#include "simulator/darknet.h"

/*! What a source is: the truth about it, in darknet-DAY.csv. */
typedef enum {
	DARK_NETWORK_SCAN = 0,
	DARK_PORT_SCAN,
	DARK_STRAY,        /*!< An originator whose packets go astray. */
	DARK_VICTIM,       /*!< Answers packets with forged sources. */
	DARK_ONE_FLOW,     /*!< Misconfigured: sends to one address and port, on and on. */
	DARK_FRAGMENT,
	DARK_SMALL_SYN,
	DARK_SMALL_UDP,
	DARK_SMALL_PING,
	DARK_OTHER,
	DARK_ACTIVITIES,
} dark_activity_t;

/*! Their names: "network-scan", ... */
extern const char *const dark_activity_names[DARK_ACTIVITIES];

/*! How the packets of a visit are made. */
typedef enum {
	ACT_PROBE = 0,     /*!< TCP SYN, UDP or echo request to ports. */
	ACT_SYN_ACK,       /*!< An answer to a forged SYN from ports[0]. */
	ACT_RESET,
	ACT_UNREACHABLE,   /*!< ICMP host unreachable. */
	ACT_EXCEEDED,      /*!< ICMP time exceeded. */
	ACT_UDP_ANSWER,    /*!< From the service of ports[0]. */
	ACT_FRAGMENTS,     /*!< The fragments of one UDP datagram. */
	ACT_CONNECTION,    /*!< SYN, then data: to one who would believe that there is a host. */
	ACT_RAW,           /*!< A protocol without ports. */
	ACTS,
} dark_act_t;

/*! Most different rates of a day: begins and ends of all intervals. */
#define DARK_SEGMENTS_MAX (2 * ACTIVITY_INTERVALS_MAX)

/*! A part of the day in which visits come at one rate. */
typedef struct {
	uint64_t begin;      /*!< [begin, end), microseconds since 1970. */
	uint64_t end;
	double before;       /*!< Share of the day's visits before it, */
	double share;        /*!< and in it. */
} dark_segment_t;

/*! A source on a day. */
typedef struct {
	address_t address;
	uint64_t stream;           /*!< Names its random numbers: below 2^40, no two alike. */
	dark_activity_t activity;
	dark_act_t act;
	scan_tool_t tool;
	uint8_t protocol;          /*!< IANA. */
	uint8_t hops;              /*!< TTL on arrival. */
	bool all_ports;            /*!< A visit goes to all ports; else to one of them. */
	bool in_turn;              /*!< No address twice before all had their turn; else at random. */
	bool once;                 /*!< One visit and no more, somewhere in the first segment. */
	unsigned tries;            /*!< Packets of a visit to each port; at least 1. */
	uint64_t gap;              /*!< Between tries, microseconds; 0: as TCP repeats a SYN. */
	unsigned port_count;       /*!< 0 where there are none. */
	uint16_t ports[CAMPAIGN_PORTS_MAX];
	double visits;             /*!< Expected number of visits to the darknet. */
	unsigned segment_count;
	dark_segment_t segments[DARK_SEGMENTS_MAX];
} dark_source_t;

/*!
 * Splits a day's activity, whose intervals may lie over each other, into segments that do not.
 *
 * \param segments  Out: DARK_SEGMENTS_MAX places, ascending; shares sum to 1.
 *
 * \return How many.
 */
unsigned dark_segments_make(const activity_t *activity, dark_segment_t *segments);

/*!
 * What an originator sends to a darknet on a day.
 *
 * \param index    Of the originator, below population_count().
 * \param assumed  Of the parameters.
 * \param source   Out.
 *
 * \return false if it sends nothing there: it does not live, or does not scan.
 */
bool dark_source_originator(const population_t *population, size_t index, unsigned day,
                            const darknet_t *darknet, const darknet_parameters_t *assumed,
                            dark_source_t *source);

/*! Takes a source; a status other than STATUS_OK ends the call that led here. */
typedef status_t (*dark_source_sink_t)(void *context, const dark_source_t *source,
                                       failure_t *failure);

/*! A day, for the sources that are no originators. */
typedef struct {
	const world_t *world;      /*!< Its networks have the addresses, whose last octet is 0 or 255:
	                                no originator and no querier has such a one. */
	const darknet_t *darknet;
	const darknet_parameters_t *assumed;
	uint64_t seed;
	unsigned day;              /*!< From 1. */
	uint64_t begin;            /*!< Its first moment. */
	double alive;              /*!< Originators alive on a day. */
} dark_day_t;

/*!
 * Makes all sources of a day that are no originators, in an order that is always the same.
 *
 * \return What the sink returned, or STATUS_OK.
 */
status_t dark_source_others(const dark_day_t *day, dark_source_sink_t sink, void *context,
                            failure_t *failure);
