/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Seeded traffic of a telescope: 200 thousand sources, their packets in random order.
 *
 * Sources are drawn by profile (scans of networks and ports, pings, answers to forged
 * packets, fragments, strays), with sizes that fall off as they do in darknets. All of a
 * window's sources are awake all the time: the worst case for caches.
 */
#pragma once

#include "capture/packet.h"

/*! One packet, drawn. */
typedef struct {
	uint32_t source, target;    /*!< IPv4, host order. */
	uint32_t sequence;
	uint16_t source_port, port;
	uint16_t identification;
	uint8_t profile;
} traffic_packet_t;

/*! Traffic. */
typedef struct {
	traffic_packet_t *drawn;
	size_t packets;
	size_t next;
	uint32_t sources;
} traffic_t;

/*! The darknet that it goes to. */
#define TRAFFIC_DARKNET "198.18.0.0/16"
#define TRAFFIC_NETWORK 0xc6120000u

/*! First moment and length, microseconds. */
#define TRAFFIC_START  UINT64_C(1767225600000000)
#define TRAFFIC_LENGTH (UINT64_C(86000) * 1000000)

/*!
 * Draws all packets.
 *
 * \param scale  1000 is 8 million packets of 200 thousand sources.
 *
 * \return false if there is no memory.
 */
bool traffic_create(traffic_t *traffic, unsigned scale, uint64_t seed);

/*! Frees it. */
void traffic_clear(traffic_t *traffic);

/*! Next packet, unfolded. \return false behind the last. */
bool traffic_next(traffic_t *traffic, uint64_t *moment, packet_t *packet);
