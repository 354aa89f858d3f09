/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Where a run over many captures can go on after it was interrupted.
 *
 * Nothing of an open window is kept. Whenever a window is closed and its rows are written,
 * this is: how long the outputs are, which windows are in them, and the first capture
 * that has packets of a window that is still open, with what is known at its front:
 *
 *     captures     | 0 | 1 | 2 | 3 | 4 | 5 …
 *     window A     |=======|·                     closed and written ◄─ kept: now
 *     window B           |=========|              open: began within capture 1
 *                      ▲ goes on at the front of 1; what comes of A is left out
 *
 * So an interrupt costs reading the open windows again. The alternative, to keep the open
 * windows themselves, would write hundreds of megabytes and would have to trust them.
 *
 *     backscatter-label-state 1
 *     capture 1
 *     damaged 0
 *     ...
 *     end
 */
#pragma once

#include "darknet/labeller.h"

/*! What is kept. */
typedef struct {
	uint64_t capture;   /*!< Number of the capture to go on with. */
	uint64_t damaged;   /*!< Captures before it that are cut or damaged. */
	uint64_t frames;    /*!< Frames before it. */
	uint64_t done;      /*!< Windows that begin before are written; microseconds. */
	telescope_mark_t mark;           /*!< At the front of that capture. */
	label_totals_t totals;           /*!< Of the windows that are written. */
	uint64_t sizes[LABEL_OUTPUTS];   /*!< Bytes of each output with exactly these windows. */
} label_state_t;

/*!
 * Writes a state, in place of an older one, so that one of both is there whatever happens.
 *
 * \return STATUS_OK; STATUS_SYSTEM or STATUS_NO_MEMORY with the path.
 */
status_t label_state_save(const char *path, const label_state_t *state, failure_t *failure);

/*!
 * Reads a state.
 *
 * \param state  Out; numbers as they stand there: telescope_resume() judges the mark, the
 *               caller the others.
 *
 * \return STATUS_OK; STATUS_END if there is no such file; STATUS_BAD_DATA with path and line if
 *         it is none; STATUS_SYSTEM.
 */
status_t label_state_load(const char *path, label_state_t *state, failure_t *failure);
