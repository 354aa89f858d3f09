/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How much memory a window may take. Internal to darknet/.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*! Bytes. */
typedef struct {
	uint64_t limit;
	uint64_t used;
} budget_t;

/*! Parts of 8 of the limit that new units may fill; the last part is for known ones to grow. */
#define BUDGET_NEW_EIGHTHS 7

/*! Takes bytes. \return false, and nothing is taken, if they pass the limit. */
static inline bool budget_take(budget_t *budget, uint64_t bytes)
{
	if (bytes > budget->limit - budget->used) {
		return false;
	}
	budget->used += bytes;
	return true;
}

/*! Gives bytes back. */
static inline void budget_give(budget_t *budget, uint64_t bytes)
{
	budget->used -= bytes;
}

/*! Whether there is room for things that are new. */
static inline bool budget_has_room(const budget_t *budget)
{
	return budget->used < budget->limit / 8 * BUDGET_NEW_EIGHTHS;
}
