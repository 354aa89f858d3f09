/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The distinct queriers of one window, each with a small number.
 *
 * The sample of an originator stores this number and not the address: 26 bits
 * instead of 128. The table is also the list of all queriers of the window, from
 * which the denominators of unique_as and unique_country are counted.
 *
 *     slots  | tag 32 | number 32 |   open addressing, linear probing, insert only
 *     list   number → address         dense, in order of first sighting
 *
 * Lookup: one cache miss for the slot, one for the address. Memory: 16 bytes
 * a querier in the list, 16 to 32 in the slots. Nothing is ever removed, so no
 * reader can be surprised; a window dies as a whole.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"

/*! Numbers fit in so many bits, so that a sample's entry fits in 64. */
#define QUERIER_NUMBER_BITS 26

/*! A table of queriers. */
typedef struct querier_table querier_table_t;

/*!
 * Makes a table.
 *
 * \param capacity  Most queriers; rounded up to a power of two less one, at
 *                  most 2^QUERIER_NUMBER_BITS - 1.
 *
 * \return The table, or NULL if the system refuses the memory.
 */
querier_table_t *querier_table_create(size_t capacity);

/*! Frees a table; NULL is allowed. No other thread may use it any more. */
void querier_table_destroy(querier_table_t *table);

/*! Begins to bring the slot of a hash into the cache. */
void querier_table_prefetch_slot(const querier_table_t *table, uint64_t hash);

/*! Reads the slot of a hash and begins to bring the address that it leads to. */
void querier_table_prefetch_address(const querier_table_t *table, uint64_t hash);

/*!
 * Finds or adds a querier. Lock-free, any number of threads.
 *
 * \param hash  Keyed hash of \a querier; the same for the same querier always.
 *
 * \return Its number, from 1; 0 if it is new and the table is full.
 */
uint32_t querier_table_intern(querier_table_t *table, const address_t *querier, uint64_t hash);

/*! One more than the highest number given out so far. Numbers that lost a race stay unused. */
uint32_t querier_table_end(const querier_table_t *table);

/*! Address of a number that querier_table_intern() returned. */
const address_t *querier_table_address(const querier_table_t *table, uint32_t number);

/*! Number of slots, for walking over all queriers with querier_table_slot(). */
size_t querier_table_slots(const querier_table_t *table);

/*! Number of the querier in a slot, or 0 if the slot is empty. Safe while others add. */
uint32_t querier_table_slot(const querier_table_t *table, size_t slot);
