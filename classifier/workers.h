/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Numbered pieces of work, taken by threads from one counter; for classifier/ only.
 */
#pragma once

#include <stddef.h>

#include "common/failure.h"

/*! A worker's own rooms, and the work. */
typedef struct {
	/*! Makes the rooms of one thread; NULL if memory is short. May be NULL: no rooms. */
	void *(*begin)(void *context);
	/*! Does piece \a piece; what it writes must depend on the number alone. */
	status_t (*work)(void *context, void *rooms, size_t piece);
	/*! Frees the rooms of one thread; NULL if there are none. */
	void (*end)(void *rooms);
	/*! Told how many pieces are done, from the calling thread only; may be NULL. */
	void (*progress)(void *progress_context, size_t done, size_t total);
	void *progress_context;
} work_t;

/*!
 * Does pieces 0 to \a pieces - 1 with up to \a threads threads, the calling one among them.
 * Where the system gives fewer threads, fewer do the work.
 *
 * \return STATUS_OK, or the first status that was none; then not all pieces are done.
 */
status_t workers_run(const work_t *work, void *context, size_t pieces, size_t threads);
