/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A file, pipe or standard input as a run of bytes, decompressed on the way.
 *
 * What the input is compressed by is told by its first bytes, never by its name
 * (compression.h has the table). Several compressed pieces behind each other, as gzip,
 * zstd, xz and lz4 files may have them, are one run. Compressed data inside of
 * compressed data are refused.
 *
 *   file --read()--> raw block --decompressor--> | taken | ready ......... | free |
 *                                                        ^at               ^end
 *
 * A compressed input of some size is decompressed by a thread, some blocks ahead, if there
 * is a second processor. What is read is the same.
 *
 * A reader works in place: it asks by byte_source_need() that so many bytes are ready,
 * parses them where they lie (byte_source_t::ready is a cursor), and moves the cursor on.
 * Only then is anything copied that a record crosses the end of the block: its first part.
 *
 *     while (byte_source_need(source, HEADER)) {
 *             ... cursor_be32(&source->ready) ...
 *     }
 *     status_t status = byte_source_status(source, failure);  (STATUS_END: nothing went wrong)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/cursor.h"
#include "common/failure.h"

/*! Bytes that are made ready at a time, where the input has them at hand. */
#define BYTE_SOURCE_BLOCK ((size_t)256 << 10)

/*! The most that byte_source_need() can be asked for. */
#define BYTE_SOURCE_NEED_MAX ((size_t)64 << 20)

/*! The front of an open source. Not thread-safe; different ones are independent. */
typedef struct {
	/*! What is ready and not yet taken: read here. Never set \a end. */
	cursor_t ready;
} byte_source_t;

/*!
 * Opens an input and reads its first bytes (of a pipe: waits for them).
 *
 * \param path     File, device, pipe, or "-" for standard input.
 * \param source   Out; free with byte_source_close(). NULL on failure.
 * \param failure  Out, a sentence with the path.
 *
 * \return STATUS_OK, also for an empty file and for one whose first bytes are damaged:
 *         that is told when they are needed; STATUS_UNSUPPORTED for a compression that is
 *         known by name only, or inside of another one; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t byte_source_open(const char *path, byte_source_t **source, failure_t *failure);

/*! Closes the input; NULL is allowed. Standard input stays open. */
void byte_source_close(byte_source_t *source);

/*! What byte_source_need() does when too little is ready; call that. */
bool byte_source_fill(byte_source_t *source, size_t wanted);

/*!
 * Makes \a wanted bytes ready in one piece at ready.at. Pointers to what lies before that
 * become invalid when it has to read.
 *
 * \param wanted  1 to BYTE_SOURCE_NEED_MAX.
 *
 * \return false if the input has fewer left: these are ready, and byte_source_status()
 *         says why there are no more.
 */
static inline bool byte_source_need(byte_source_t *source, size_t wanted)
{
	return cursor_left(&source->ready) >= wanted || byte_source_fill(source, wanted);
}

/*! A cursor over the next \a size bytes alone, which must be ready. Takes nothing. */
static inline cursor_t byte_source_front(const byte_source_t *source, size_t size)
{
	return (cursor_t) { .at = source->ready.at, .end = source->ready.at + size };
}

/*!
 * Steps over any number of bytes, more than can be made ready, too.
 *
 * \return false if the input has fewer left, all of which are then taken.
 */
bool byte_source_pass(byte_source_t *source, uint64_t size);

/*!
 * Why there are no more bytes than are ready.
 *
 * Of an input that is cut or damaged in the middle, all bytes before that place come
 * first. The answer then stays. Damage that only a check sum shows is found behind the
 * bytes that it covers.
 *
 * \param failure  Out, a sentence with the path, unless the answer is STATUS_OK or STATUS_END.
 *
 * \return STATUS_OK if there may be more; STATUS_END behind the last byte; STATUS_BAD_DATA
 *         if the compressed data are cut or wrong; STATUS_UNSUPPORTED if they use what the
 *         decompressor does not have; STATUS_NO_MEMORY also if they need more memory than
 *         COMPRESSION_MEMORY_MAX; STATUS_SYSTEM; STATUS_CALLER for too large a need.
 */
status_t byte_source_status(const byte_source_t *source, failure_t *failure);

/*! The reason of that failure alone, for a sentence of the caller's; "" if there is none. */
const char *byte_source_reason(const byte_source_t *source);

/*! The path, for messages; lives as long as the source. */
const char *byte_source_path(const byte_source_t *source);

/*! What the input is compressed by ("gzip", ...), or NULL; lives for ever. */
const char *byte_source_compression(const byte_source_t *source);

/*! Bytes of the input read so far, as they are in the file: of its size, for progress. */
uint64_t byte_source_position(const byte_source_t *source);

/*! Bytes of the whole file, compressed as it is, or 0 if that is not known (a pipe). */
uint64_t byte_source_size(const byte_source_t *source);
