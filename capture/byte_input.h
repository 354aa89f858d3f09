/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The raw side of a byte source: a descriptor that is read and decompressed.
 *
 * Bytes are put where the caller wants them; who keeps them is not known here. Internal to
 * byte_source.c and read_ahead.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/compression.h"

/*! Bytes that are read at a time. */
#define BYTE_INPUT_BLOCK ((size_t)256 << 10)

/*! Room for a reason with its final zero. */
#define BYTE_INPUT_REASON_MAX 256

/*! An open input. Of one thread at a time. */
typedef struct {
	int descriptor;
	char *path;
	uint64_t size;         /*!< Of a regular file; else 0. */
	uint64_t position;     /*!< Bytes read. */
	int stop;              /*!< A descriptor; when it can be read, the input ends. -1: none. */
	const compression_t *compression; /*!< NULL: plain. */
	void *state;           /*!< The decompressor's. */
	uint8_t *raw;          /*!< Compressed bytes, BYTE_INPUT_BLOCK. */
	const uint8_t *raw_at;
	size_t raw_size;       /*!< Bytes at \a raw_at that are not decompressed. */
	bool raw_end;
	status_t status;       /*!< STATUS_OK: there may be more. */
	char reason[BYTE_INPUT_REASON_MAX]; /*!< Of a failure. */
} byte_input_t;

/*!
 * Opens an input, without reading. byte_input_close() is needed also after a failure.
 *
 * \param path  File, or "-" for standard input.
 *
 * \return STATUS_OK; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t byte_input_open(byte_input_t *input, const char *path, failure_t *failure);

/*!
 * Turns a plain input into a compressed one.
 *
 * \param head  What was read of it so far.
 * \param size  How many bytes, at most BYTE_INPUT_BLOCK.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY.
 */
status_t byte_input_decompress(byte_input_t *input, const compression_t *compression,
                               const uint8_t *head, size_t size, failure_t *failure);

/*!
 * Reads some bytes: as many as are at hand, but waits for the first.
 *
 * \param room  Bytes at \a out, not 0.
 *
 * \return How many; 0 only if byte_input_t::status says that there are no more.
 */
size_t byte_input_read(byte_input_t *input, uint8_t *out, size_t room);

/*! Whether the next read has to ask the system and may have to wait. */
static inline bool byte_input_waits(const byte_input_t *input)
{
	return input->compression == NULL || input->raw_size == 0;
}

/*! Closes and frees what the input holds, but standard input stays open. */
void byte_input_close(byte_input_t *input);
