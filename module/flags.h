/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which originators are flagged already, so that each is told once.
 *
 * A flag lives from the first verdict to the end of the first whole window in
 * which the originator is not flagged any more.
 */
#pragma once

#include <stddef.h>

#include "store/store_window.h"

/*! A flagged originator. */
typedef struct {
	address_t originator;
	uint64_t first;  /*!< Moment of the first verdict. */
	uint64_t window; /*!< Start of the last window in which it was flagged. */
} flag_t;

/*! The flags of one family, by address. Start with zeroes; one thread only. */
typedef struct {
	flag_t *flags;
	size_t count;
} flags_t;

/*!
 * Brings the flags up to date with the rows of a window, by one merge of two
 * sorted lists, and writes `flagged` into the rows.
 *
 * \param rows    \a count rows by address, with verdicts.
 * \param window  Start of their window.
 * \param now     Moment of the verdicts.
 * \param closed  The window is over: flags of older windows are dropped.
 * \param fresh   Out: indices of rows that were not flagged before; room for \a count.
 * \param found   Out: how many.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t flags_update(flags_t *flags, store_row_t *rows, size_t count, uint64_t window,
                      uint64_t now, bool closed, size_t *fresh, size_t *found);

/*! Frees all. */
void flags_clear(flags_t *flags);
