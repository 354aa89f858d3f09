/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Memory of one window: taken in cache lines by many threads, given back whole.
 *
 *     reserved range, one mmap, touched only as it is used
 *     | unused line | chunk of thread 0 | chunk of thread 1 | big block | chunk … |  →  limit
 *
 * A piece is named by the number of its first line (64 bytes) in 32 bits, so
 * tables store four bytes and not eight. Line 0 is never handed out: 0 means
 * none. Each thread cuts from a chunk of its own; only taking a new chunk
 * touches a shared counter, once per CHUNK_LINES lines. Memory is zero.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

/*! Bytes of a cache line, the unit of everything here. */
#define LINE_SIZE 64

/*! Lines that a thread takes at a time. */
#define CHUNK_LINES 256

/*! An arena. */
typedef struct arena arena_t;

/*!
 * Reserves the range. No memory is used before it is written.
 *
 * \param bytes    Limit; rounded down to lines; at most 2^38.
 * \param threads  Number of threads that will take pieces.
 * \param huge     As mapping_create() has it.
 *
 * \return The arena, or NULL if the system refuses.
 */
arena_t *arena_create(size_t bytes, unsigned threads, bool huge);

/*! Gives everything back; NULL is allowed. No other thread may use it any more. */
void arena_destroy(arena_t *arena);

/*!
 * Takes lines. Lock-free; may be called by different threads at once with
 * different \a thread.
 *
 * \param lines  1 or more.
 *
 * \return Number of the first line, or 0 when the limit is reached.
 */
uint32_t arena_take(arena_t *arena, unsigned thread, uint32_t lines);

/*!
 * Gives back what the same thread took last, if that can be done: for a piece
 * that lost a race. Clears it. Otherwise the piece stays unused until the end.
 */
void arena_untake(arena_t *arena, unsigned thread, uint32_t line, uint32_t lines);

/*! Address of a line. */
static inline void *arena_at(void *base, uint32_t line)
{
	return (char *)base + (size_t)line * LINE_SIZE;
}

/*! Base for arena_at(). */
void *arena_base(const arena_t *arena);

/*! Bytes handed out to threads so far, a chunk counted whole. Any thread. */
size_t arena_used(const arena_t *arena);
