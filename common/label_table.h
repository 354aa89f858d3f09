/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Labels of addresses in windows of time, and the one that holds for a row of features.
 *
 * A label says which class the addresses of a prefix (mostly a single one) have, in a
 * window or at any time. Of those that hold an address, one decides, by these rules:
 *
 *  1. Labels of windows come before labels of any time: what was seen at the time says
 *     more than what is known in general.
 *  2. Of them the longest prefix decides.
 *  3. Of its labels the nearest in time, those whose windows overlap with the row's before
 *     all others. The others count only as far as they overlap with the row's window when
 *     that is widened, at either end, by a reach that the caller gives.
 *  4. If several are equally near and their classes differ, the row has no label: it is
 *     told apart from a row that nothing is known of.
 *
 * A row may be that of a subnet (address.h): then only prefixes hold it that hold all of its
 * addresses.
 *
 * A table is filled, finished once, and then only read, by any number of threads. It takes
 * 56 bytes for each label and, for each prefix, an entry of prefix_map.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "common/moment.h"

/*! A label. */
typedef struct {
	prefix_t prefix;
	uint32_t class_index;  /*!< Of the caller's classes. */
	time_window_t window;  /*!< When; TIME_WINDOW_ALWAYS: at any time. */
	uint64_t line;         /*!< Where it was read, for messages. */
} label_t;

/*! What is known of a row. */
typedef enum {
	LABEL_NONE,      /*!< Nothing. */
	LABEL_FOUND,     /*!< Its class. */
	LABEL_DISAGREED, /*!< Labels that are equally near name different classes. */
} label_answer_t;

/*! Labels by address and window. */
typedef struct label_table label_table_t;

/*! Begins an empty table; NULL if memory is short. Free with label_table_destroy(). */
label_table_t *label_table_create(void);

/*! Frees a table; NULL is allowed. */
void label_table_destroy(label_table_t *table);

/*!
 * Adds a label, which is copied.
 *
 * \return STATUS_OK; STATUS_NO_MEMORY, also beyond 2^32 - 1 labels; STATUS_CALLER if the
 *         table is finished.
 */
status_t label_table_add(label_table_t *table, const label_t *label);

/*!
 * Ends the filling.
 *
 * \param first, second  Out, with STATUS_BAD_DATA: two labels of the same prefix and window
 *                       whose classes differ, the one with the lower line first. They live
 *                       as long as the table.
 *
 * \return STATUS_OK; STATUS_BAD_DATA; STATUS_NO_MEMORY.
 */
status_t label_table_finish(label_table_t *table, const label_t **first, const label_t **second);

/*! Number of labels, doubles of one window not counted again; of a finished table. */
size_t label_table_count(const label_table_t *table);

/*! Tells whether any label of a finished table has a window. */
bool label_table_has_windows(const label_table_t *table);

/*!
 * Finds the class of an address, or of a subnet.
 *
 * \param window       That of the row; TIME_WINDOW_ALWAYS overlaps with all.
 * \param reach        By how much the window is widened at either end, microseconds.
 * \param class_index  Out, with LABEL_FOUND.
 */
label_answer_t label_table_find(const label_table_t *table, const address_t *originator,
                                const time_window_t *window, uint64_t reach,
                                uint32_t *class_index);
