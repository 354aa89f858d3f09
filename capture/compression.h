/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Ways of compressing a file, told by its first bytes, and their decompressors.
 *
 * One decompressor per file, each a thin layer on the library of its format: zlib for
 * gzip (RFC 1952), libzstd (RFC 8878), liblzma for xz, liblz4 for the LZ4 frame format.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

/*!
 * The most memory that a decompressor may take for one file, in bytes. What xz -9 and
 * zstd --long need fits; a header from outside cannot ask for more.
 */
#define COMPRESSION_MEMORY_MAX ((size_t)256 << 20)

/*! Bytes of a file's front that suffice to tell a compression. */
#define COMPRESSION_HEAD_MAX 64

/*! What goes in and out of a decompressor in one step; both are moved on by it. */
typedef struct {
	const uint8_t *in;
	size_t in_size;
	uint8_t *out;
	size_t out_size;
	bool last;            /*!< No input will come behind \a in. */
	const char *reason;   /*!< Out, with a failure: a few words that live for ever. */
} decompression_t;

/*! The decompressor of one format. A state is of one file, and not thread-safe. */
typedef struct {
	/*! Makes a state; NULL if memory is short. */
	void *(*create)(void);
	/*!
	 * Decompresses as much as input and room allow, over the borders of pieces.
	 *
	 * \return STATUS_OK, and with no move at all it needs more of \a in; STATUS_END if
	 *         there is no more input and it ended between two pieces; a failure, behind
	 *         which the state can only be destroyed.
	 */
	status_t (*step)(void *state, decompression_t *step);
	/*! Frees a state. */
	void (*destroy)(void *state);
} decompressor_t;

/*! A way of compressing. */
typedef struct {
	const char *name;                   /*!< As users know it. */
	const decompressor_t *decompressor; /*!< NULL: known by name, not read. */
} compression_t;

/*! RFC 1952, by zlib. */
extern const decompressor_t decompressor_gzip;
/*! RFC 8878, by libzstd. */
extern const decompressor_t decompressor_zstd;
/*! The .xz file format 1.2, by liblzma. */
extern const decompressor_t decompressor_xz;
/*! The LZ4 frame format 1.6, by liblz4. */
extern const decompressor_t decompressor_lz4;

/*!
 * Tells what a file is compressed by.
 *
 * \param head  The file's first bytes: COMPRESSION_HEAD_MAX, or all if it has fewer.
 * \param size  How many.
 *
 * \return NULL if it does not look compressed. Thread-safe.
 */
const compression_t *compression_find(const uint8_t *head, size_t size);
