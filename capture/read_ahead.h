/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Decompresses in a thread of its own, some blocks ahead of the reader.
 *
 *   thread: input -> | block | block | block |  ring of READ_AHEAD_BLOCKS
 *   reader:             ^ current: is its reader's until the next one is taken
 *
 * Whoever decodes packets while a second processor decompresses needs the time of the slower
 * of the two, and not of both. What is read does not depend on it.
 *
 * Each block has free bytes in front (READ_AHEAD_FRONT): what is left of a record moves
 * there, so that a record over the border of two blocks is in one piece.
 */
#pragma once

#include "capture/byte_input.h"

/*! Blocks of the ring. */
#define READ_AHEAD_BLOCKS 8

/*! Bytes in front of a block. */
#define READ_AHEAD_FRONT ((size_t)64 << 10)

/*! Bytes of a block. */
#define READ_AHEAD_BLOCK BYTE_INPUT_BLOCK

/*! A run of bytes. */
typedef struct {
	uint8_t *data;       /*!< READ_AHEAD_FRONT more are before, READ_AHEAD_BLOCK are here. */
	size_t size;
	uint64_t position;   /*!< Of the input, behind it. */
	status_t status;     /*!< Behind it; STATUS_OK if more blocks come. */
} read_ahead_block_t;

/*! A running thread. Of one reader. */
typedef struct read_ahead read_ahead_t;

/*!
 * Starts.
 *
 * \param input  Belongs to the thread from now on: nobody else may touch it, but read its
 *               path, size, compression and, behind the last block, its reason.
 *
 * \return NULL if there is no second processor for it, no memory or no thread: then the
 *         input is left as it was.
 */
read_ahead_t *read_ahead_start(byte_input_t *input);

/*!
 * Waits for the next block. The one that was given before goes back to the thread.
 *
 * \return Valid until the next call. Behind a block whose status is not STATUS_OK there are
 *         no more.
 */
const read_ahead_block_t *read_ahead_next(read_ahead_t *ahead);

/*! Ends the thread, also one that waits for its input; NULL is allowed. */
void read_ahead_stop(read_ahead_t *ahead);
