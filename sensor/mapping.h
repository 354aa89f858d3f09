/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Large zeroed ranges of memory that cost nothing until they are touched.
 */
#pragma once

#include <stddef.h>

/*!
 * Reserves a range of zeroes, on a page's border.
 *
 * \param size  Bytes.
 *
 * \return Its start, or NULL if the system refuses. Give back by mapping_destroy().
 */
void *mapping_create(size_t size);

/*! Gives a range back; NULL is allowed. */
void mapping_destroy(void *start, size_t size);
