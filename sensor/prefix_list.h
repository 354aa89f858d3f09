/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The prefixes of a window with the most queriers.
 *
 * Of each length so many are kept as are asked for; what has fewer queriers is dropped as in
 * wanted.h, so a list takes 2 * 3 * most entries of 32 bytes, whatever the table has.
 */
#pragma once

#include "common/failure.h"
#include "sensor/prefix_table.h"

/*! Prefixes of each length that are told and stored. */
#define PREFIX_LIST_MOST 1000

/*! A prefix and about how many queriers asked for its name. */
typedef struct {
	prefix_t prefix;
	uint64_t queriers;
} prefix_activity_t;

/*! A list: by length, then by queriers, the most first, then by address. */
typedef struct {
	prefix_activity_t *entries;
	size_t count;
	uint64_t prefixes;  /*!< With two queriers or more, in the list or not. */
} prefix_list_t;

/*!
 * Makes the list of a table. May run while others count.
 *
 * \param most  Prefixes of each length, at least 1.
 * \param list  Out; free with prefix_list_clear().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY (then nothing is to be freed).
 */
status_t prefix_list_make(const prefix_table_t *table, size_t most, prefix_list_t *list);

/*! Frees the list. */
void prefix_list_clear(prefix_list_t *list);
