/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A unit's record: what one source sent by one protocol in a window. Internal to darknet/.
 *
 *     record, 64 bytes   | source 16 | packets 8 | table 4 | flows 4 | kind, marks, levels 8
 *                        | two flows, or behind the second what was seen before thinning |
 *     table, 2^order lines of 64 bytes   | 5 flows | 5 flows | …
 *
 * Two flows stand in the record: most sources of a telescope have no more. The third
 * moves them to a table of one line, which doubles when it is 4/5 full. A flow's line is
 * given by the first bits of its hash; when that is full, the next ones are tried.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/address.h"
#include "darknet/fingerprint.h"
#include "darknet/flow.h"
#include "darknet/taxonomy.h"

/*! Flows in the record. */
#define UNIT_INLINE 2

/*! Highest level of a sample: nothing reaches more. */
#define UNIT_LEVEL_MAX 63

/*! A unit. */
typedef struct {
	address_t source;
	uint64_t packets;
	uint32_t table;        /*!< First line; 0: the flows stand here. */
	uint32_t flow_count;
	uint8_t kind;          /*!< unit_kind(). */
	tool_set_t tools;      /*!< Of all probes. */
	uint8_t probes;        /*!< Stops at 255. */
	uint8_t flags;         /*!< EVENT_FLAG_PORT_0 */
	uint8_t order;         /*!< The table has 2^order lines. */
	uint8_t address_level; /*!< La and Lp of telescope.h; both 0: all flows are here. */
	uint8_t port_level;
	uint8_t spare;
	union {
		flow_t flows[UNIT_INLINE]; /*!< If there is no table. */
		struct {
			uint32_t most_ports;     /*!< Of one address, before flows were left out. */
			uint32_t most_addresses; /*!< Of one port. */
		} seen;                    /*!< If there is one. */
	};
} unit_t;
_Static_assert(sizeof(unit_t) == 64, "a cache line");

/*! Kinds of units of one source. */
#define UNIT_KINDS (GROUPS * ASIDES)

/*! Number of a kind; ascends by group. */
static inline uint8_t unit_kind(unsigned group, unsigned aside)
{
	return (uint8_t)(group * ASIDES + aside);
}

/*! Takes a kind apart. */
static inline protocol_group_t unit_group(const unit_t *unit)
{
	return unit->kind / ASIDES;
}

static inline aside_t unit_aside(const unit_t *unit)
{
	return unit->kind % ASIDES;
}

/*! Whether flows have been left out. */
static inline bool unit_is_thinned(const unit_t *unit)
{
	return (unit->address_level | unit->port_level) != 0;
}
