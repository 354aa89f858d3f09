/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Numbers distinct values 1, 2, 3, … in order of appearance.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*! Start with `grouping_t grouping = { 0 };`. Not thread-safe. */
typedef struct {
	uint64_t *slots;  /*!< value 32 | number 32 */
	size_t size;      /*!< A power of two, or 0. */
	uint32_t count;   /*!< Distinct values so far. */
} grouping_t;

/*! Number of a value other than 0; 0 if memory is short. */
uint32_t grouping_number(grouping_t *grouping, uint32_t value);

/*! Frees the table; the grouping is then empty. */
void grouping_clear(grouping_t *grouping);
