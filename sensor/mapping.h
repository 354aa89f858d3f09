/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Large zeroed ranges of memory that cost nothing until they are touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*!
 * Reserves a range of zeroes, on a page's border.
 *
 * \param size  Bytes.
 * \param huge  In pages of two megabytes, if the system has them. What is spread over the
 *              range is reached with fewer faults and translations, but each page is
 *              cleared and resident whole: for a process in which nobody waits for an answer.
 *
 * \return Its start, or NULL if the system refuses. Give back by mapping_destroy().
 */
void *mapping_create(size_t size, bool huge);

/*!
 * Asks for pages of two megabytes in memory that is about to be filled whole, from wherever it
 * comes: one fault instead of 512. Not in a hook: each page is cleared at once.
 */
void mapping_dense(void *start, size_t size);

/*! Gives a range back; NULL is allowed. */
void mapping_destroy(void *start, size_t size);
