/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Sorting of numbers: a merge sort, n log n whatever the order they come in.
 *
 * qsort() calls a function for each comparison, and its branches are guessed wrongly half of the
 * time. Here runs of eight are sorted by insertion, and runs are merged without branches.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*!
 * Sorts numbers, the least first.
 *
 * \param keys     \a count of them.
 * \param scratch  Room for \a count, not overlapping.
 */
void sort_keys(uint64_t *keys, uint64_t *scratch, size_t count);
