/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The distinct queriers of one window, each with a small number.
 *
 * The sample of an originator stores this number and not the address: 26 bits
 * instead of 128. The table is also the list of all queriers of the window, from
 * which the denominators of unique_as and unique_country are counted.
 *
 *     slot number - 1  | ~ low half 64 | ~ high half 64 |   the address; 0: not set yet
 *                      | verified 1 | fan-out 31 |          in the same cache line
 *
 *     line             | address | address | address | fan-out | fan-out | fan-out | 4 unused |
 *
 * Open addressing (levels.h), insert only: a look-up is one cache miss, and the slot is the
 * number. An address is written by two compare-and-swaps, first the low half, then the
 * high one; a slot belongs to whoever completes it, and whoever finds another half in
 * the way goes on to the next one. So there is nothing to wait for, and no address stands
 * in two slots. Halves are kept inverted, so that those of IPv4 are not zero. An address
 * with a half of ones only cannot be kept: the high one is multicast, the low one is
 * reserved (RFC 2526), neither is a source. Memory: 64 bytes for three slots.
 *
 * The fan-out is the number of originators that a querier was recorded with. Whoever
 * asks for everything, as crawlers of the reverse tree do, is not let into further
 * samples beyond a limit.
 *
 * A querier is verified when somebody knows that it is where it says (sensor.h). The mark
 * stands in the word of the fan-out and is never taken back.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! Numbers fit in so many bits, so that a sample's entry fits in 64. */
#define QUERIER_NUMBER_BITS 26

/*! Slots of a cache line. */
#define QUERIER_LINE_SLOTS 3

/*! A table of queriers. */
typedef struct querier_table querier_table_t;

/*!
 * Makes a table.
 *
 * \param expected  Queriers, about; 0: not known.
 * \param slots     Most slots, as levels_plan() has it; of these, some 85 % can be used. At
 *                  most 2^QUERIER_NUMBER_BITS - 1 are made.
 * \param huge      As mapping_create() has it.
 *
 * \return The table, or NULL if the system refuses the memory.
 */
querier_table_t *querier_table_create(size_t expected, size_t slots, bool huge);

/*! Frees a table; NULL is allowed. No other thread may use it any more. */
void querier_table_destroy(querier_table_t *table);

/*! Begins to bring the slot of a hash into the cache. */
void querier_table_prefetch(const querier_table_t *table, uint64_t hash);

/*!
 * Finds or adds a querier. Lock-free, any number of threads.
 *
 * \param hash   Keyed hash of \a querier; the same for the same querier always.
 * \param added  Out: whether it was not there.
 *
 * \return Its number, from 1; 0 if it is new and there is no room.
 */
uint32_t querier_table_intern(querier_table_t *table, const address_t *querier, uint64_t hash,
                              bool *added);

/*! One more than the highest number that can be given out. */
uint32_t querier_table_end(const querier_table_t *table);

/*! Begins to bring the address of a number into the cache. */
void querier_table_fetch(const querier_table_t *table, uint32_t number);

/*! The next higher number that is a querier's, from 0 on; 0: there is none. Any thread. */
uint32_t querier_table_next(const querier_table_t *table, uint32_t number);

/*! Address of a number that querier_table_intern() returned. */
address_t querier_table_address(const querier_table_t *table, uint32_t number);

/*! The bit of the mark in the word of the fan-out. */
#define QUERIER_VERIFIED (1u << 31)

/*! Marks a querier as verified. Any thread; cheap if it is already. */
void querier_table_verify(const querier_table_t *table, uint32_t number);

/*! Whether a querier is verified. Any thread. */
bool querier_table_verified(const querier_table_t *table, uint32_t number);

/*! The fan-out in such a word. */
static inline uint32_t querier_fan_out(const _Atomic uint32_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed) & ~QUERIER_VERIFIED;
}

/*! The word of a number that querier_table_intern() returned: to add to, by one. */
_Atomic uint32_t *querier_table_fan_out(const querier_table_t *table, uint32_t number);

/*! A slot as it is kept: halves of the address, inverted, and the fan-out. */
typedef struct {
	uint64_t low;
	uint64_t high;    /*!< 0: not written yet. */
	uint32_t fan_out;
} querier_slot_t;

/*!
 * Copies the slot of a number, for keeping the table; as originator_table_copy(), from the
 * highest number to the lowest.
 *
 * \return false if the slot is free.
 */
bool querier_table_copy(const querier_table_t *table, uint32_t number, querier_slot_t *slot);

/*! Sets a slot in a table that nobody uses yet, of the same expectations and slots. */
void querier_table_restore(querier_table_t *table, uint32_t number, const querier_slot_t *slot);

/*! Bytes that the table takes as it is now. */
size_t querier_table_memory(const querier_table_t *table);
