/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Counts over the flows of one unit: flows of each port, flows of each address, distinct
 *        ones of both. Internal to darknet/.
 *
 * As flows are distinct, the addresses of a port are the flows that have it, and the other
 * way round. The 65536 ports have an array, addresses a small hash table. Both are cleared
 * for the ports and addresses that occur only, so the cost is linear in the flows.
 *
 *     tally_begin() ─► tally_port(), tally_address() ─► tally_end()
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "darknet/flow.h"

/*! What is counted of one address or port. */
typedef struct {
	uint32_t flows;  /*!< With it, that have a port. */
	uint8_t seen;    /*!< Bits for who counts distinct ones. */
	bool taken;      /*!< The slot of an address is in use. */
} tally_count_t;

/*! An address and its count. */
typedef struct {
	uint32_t address;
	tally_count_t count;
} tally_slot_t;

/*! Scratch memory; one per thread. It takes 48 bytes for each flow of the largest unit so far. */
typedef struct {
	tally_count_t ports[65536];
	tally_slot_t *slots;
	size_t room;      /*!< Slots there are. */
	size_t used;      /*!< Slots used for this unit, a power of two. */
} tally_t;

/*! The size of a unit's matrix. */
typedef struct {
	uint32_t addresses, ports;   /*!< Distinct; what has no port counts as one port more. */
	uint32_t most_ports;         /*!< Of one address. */
	uint32_t most_addresses;     /*!< Of one port. */
} tally_extent_t;

/*! Makes scratch memory; NULL if there is none. */
tally_t *tally_create(void);

/*! Frees it; NULL is allowed. */
void tally_destroy(tally_t *tally);

/*!
 * Counts the flows of each address and port.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY; then tally_end() must not be called.
 */
status_t tally_begin(tally_t *tally, const flow_line_t *lines, size_t line_count);

/*! Clears what tally_begin() and others have counted. */
void tally_end(tally_t *tally, const flow_line_t *lines, size_t line_count);

/*! Count of a port. */
static inline tally_count_t *tally_port(tally_t *tally, uint16_t port)
{
	return &tally->ports[port];
}

/*! Count of an address. */
static inline tally_count_t *tally_address(tally_t *tally, uint32_t address)
{
	size_t mask = tally->used - 1;
	size_t at = (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
	while (tally->slots[at].count.taken && tally->slots[at].address != address) {
		at = (at + 1) & mask;
	}
	tally->slots[at].address = address;
	tally->slots[at].count.taken = true;
	return &tally->slots[at].count;
}

/*! The size of a unit; all zero if there is no memory. */
tally_extent_t tally_extent(tally_t *tally, const flow_line_t *lines, size_t line_count);
