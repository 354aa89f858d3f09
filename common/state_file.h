/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A large state in a file, for the same program on the same machine: written and read
 *        in one pass with little memory, whole or not at all.
 *
 *     magic 8 | order 8 | block | block | … | empty block
 *     block     size 8 | check 8 | bytes
 *
 * `order` is a number in the order of bytes of the machine: a file of a machine with another
 * one is refused. `check` is a keyed hash of the bytes; the key is the number of the
 * block, so blocks that are missing, doubled or in another order are seen, and the empty
 * block tells that nothing is cut off. It is against damage, not against malice: whoever
 * reads checks what the bytes say. No byte of a block is given out before all were checked.
 *
 * A file is written beside its final name (".new" behind it), with mode 0600, reaches the disk
 * and then takes the place of the old one: a full disk or a kill leaves the old one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/failure.h"

/*! Most bytes of a block, and the memory that a writer or a reader takes. */
#define STATE_BLOCK_MAX ((size_t)1 << 18)

/*! Bytes of the magic: what kind of state it is, and in which version. */
#define STATE_MAGIC_SIZE 8

/*! A file that is being written; one thread. */
typedef struct state_writer state_writer_t;

/*! A file that is being read; one thread. */
typedef struct state_reader state_reader_t;

/*!
 * Begins a file.
 *
 * \param path    Where it is to be at the end.
 * \param magic   STATE_MAGIC_SIZE bytes.
 * \param writer  Out; end with state_writer_commit() or state_writer_abandon().
 *
 * \return STATUS_OK, STATUS_SYSTEM or STATUS_NO_MEMORY.
 */
status_t state_writer_open(const char *path, const char *magic, state_writer_t **writer,
                           failure_t *failure);

/*! Appends bytes. An error is kept for state_writer_commit(). */
void state_put(state_writer_t *writer, const void *data, size_t size);

/*! Ends the file and puts it in its place. Frees \a writer in every case. */
status_t state_writer_commit(state_writer_t *writer, failure_t *failure);

/*! Drops what was written; NULL is allowed. */
void state_writer_abandon(state_writer_t *writer);

/*!
 * Opens a file.
 *
 * \param absent  Out: whether there is none, which is STATUS_SYSTEM as well.
 *
 * \return STATUS_OK; STATUS_UNSUPPORTED for another magic or order of bytes; STATUS_SYSTEM,
 *         STATUS_NO_MEMORY.
 */
status_t state_reader_open(const char *path, const char *magic, state_reader_t **reader,
                           bool *absent, failure_t *failure);

/*!
 * Takes the next bytes.
 *
 * \return false if there are not so many, or if they are damaged; \a data is then undefined,
 *         and all later calls fail.
 */
bool state_get(state_reader_t *reader, void *data, size_t size);

/*! Whether all was read and the file ends here as it should. */
bool state_reader_at_end(state_reader_t *reader);

/*! Closes; NULL is allowed. */
void state_reader_close(state_reader_t *reader);
