/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the taxonomy needs of one packet. Internal to darknet/.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "darknet/fingerprint.h"
#include "darknet/taxonomy.h"

/*! A packet for the darknet. */
typedef struct {
	address_t source;
	address_t destination;
	uint16_t port;         /*!< Destination port; 0 for echo and where there is none. */
	bool has_port;         /*!< Of the rest: in a flow. Set aside: \a port is a port. */
	bool probe;            /*!< taxonomy_is_probe(), of the rest only. */
	uint8_t group;         /*!< protocol_group_t */
	uint8_t aside;         /*!< aside_t */
	tool_set_t tools;      /*!< Of a probe. */
} observation_t;

/*! Looks at a packet whose addresses are filled in. */
observation_t observation_make(const packet_t *packet);
