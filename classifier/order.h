/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Doubles as whole numbers of the same order, and their sorting; for classifier/ only.
 *
 * A double's bits, all of them turned over if it is negative and else the sign only, are
 * in the order of the numbers (IEEE 754), and are sorted byte by byte.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ORDER_SIGN (UINT64_C(1) << 63)

/*! The key of a number that is not NaN; -0 has that of 0. */
static inline uint64_t order_key(double value)
{
	uint64_t bits;
	value += 0.0;
	memcpy(&bits, &value, sizeof(bits));
	return (bits & ORDER_SIGN) != 0 ? ~bits : bits | ORDER_SIGN;
}

/*! The number of a key. */
static inline double order_value(uint64_t key)
{
	uint64_t bits = (key & ORDER_SIGN) != 0 ? key & ~ORDER_SIGN : ~key;
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

/*!
 * Sorts keys, from the lowest byte to the highest. Cost: a pass per byte that differs.
 *
 * \param scratch  Room for \a count keys.
 *
 * \return Where the sorted keys are: \a keys or \a scratch.
 */
uint64_t *order_sort(uint64_t *keys, uint64_t *scratch, size_t count);

/*! Moves each of some sorted keys once to the front; returns how many there are. */
size_t order_distinct(uint64_t *keys, size_t count);
