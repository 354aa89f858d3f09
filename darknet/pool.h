/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Memory of one window in cache lines: cut off one after the other, given back whole.
 *        Internal to darknet/.
 *
 *     one reserved range, touched only as it is used
 *     | line 0: none | record | table of 1 line | table of 4 lines | …  →  limit
 *
 * A piece is named by the number of its first line in 32 bits. Pieces are powers of two in
 * size; one that was given back goes into the list of its size and is used again. Where
 * the system has huge pages it is asked for them: access is random, and the table
 * of pages would cost as many misses as the data.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "darknet/budget.h"

/*! Bytes of a line. */
#define POOL_LINE 64
/*! Sizes are 2^0 to 2^(POOL_ORDERS - 1) lines. */
#define POOL_ORDERS 24

/*! A pool. Its fields are its own, but for \a base, which pool_at() reads. */
typedef struct {
	uint8_t *base;
	budget_t *budget;
	uint64_t next, limit;          /* lines */
	uint32_t given[POOL_ORDERS];   /* First of each list; 0: none. */
} pool_t;

/*!
 * Reserves the range.
 *
 * \param budget  What pieces are counted against; must outlive the pool.
 *
 * \return false if the system refuses.
 */
bool pool_open(pool_t *pool, budget_t *budget);

/*! Gives all back. A zeroed pool is allowed. */
void pool_close(pool_t *pool);

/*!
 * Takes 2^\a order lines, all zero.
 *
 * \return Number of the first, or 0 if the budget is used up.
 */
uint32_t pool_take(pool_t *pool, unsigned order);

/*! Gives a piece back. */
void pool_give(pool_t *pool, uint32_t line, unsigned order);

/*! Address of a line. */
static inline void *pool_at(const pool_t *pool, uint32_t line)
{
	return pool->base + (size_t)line * POOL_LINE;
}
