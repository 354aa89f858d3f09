/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Open addressing from a hash to the number of something kept elsewhere. Internal to darknet/.
 *
 *     slot (64 bits)   | tag: 32 bits of a keyed hash | number, 0: empty |
 *
 * A slot's place is given by the first bits of its tag, so the table grows without a look
 * at what the numbers stand for. Linear probing; at most half full; nothing is removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "darknet/budget.h"

/*! A slot. */
typedef struct {
	uint32_t tag;
	uint32_t number;
} slot_t;

/*! A table. Zero it, set the budget. */
typedef struct {
	slot_t *slots;      /*!< NULL before the first is added. */
	unsigned bits;      /*!< 2^bits slots. */
	uint32_t count;
	budget_t *budget;
} slots_t;

/*! Least size, as a power of two. */
#define SLOTS_BITS_MIN 10

/*! Frees a table and gives its bytes back. */
void slots_clear(slots_t *table);

/*!
 * Makes room for one more. Pointers into the table are void afterwards.
 *
 * \return false if there is no memory for it: then slots_add() must not be called.
 */
bool slots_reserve(slots_t *table);

/*! Adds a number, for which slots_reserve() has made room. */
void slots_add(slots_t *table, uint32_t tag, uint32_t number);

/*! Where a tag's search begins. The table must not be empty. */
static inline size_t slots_first(const slots_t *table, uint32_t tag)
{
	return tag >> (32 - table->bits);
}

/*! Where it goes on. */
static inline size_t slots_next(const slots_t *table, size_t at)
{
	return (at + 1) & (((size_t)1 << table->bits) - 1);
}
