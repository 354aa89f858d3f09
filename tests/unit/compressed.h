/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Compresses bytes in each way that can be read, for tests and benchmarks.
 */
#pragma once

#include <stddef.h>

#include "common/buffer.h"

/*! Ways of compressing. */
typedef enum {
	COMPRESSED_GZIP,
	COMPRESSED_ZSTD,
	COMPRESSED_XZ,
	COMPRESSED_LZ4,
	COMPRESSED_KINDS
} compressed_t;

/*! The name that byte_source_compression() gives, and the least bytes that it is told by. */
extern const struct compressed_kind {
	const char *name;
	size_t magic;
} compressed_kinds[COMPRESSED_KINDS];

/*! Appends \a size bytes compressed as one piece with check sums; ends the program if it cannot. */
void compressed_append(buffer_t *out, compressed_t kind, const void *data, size_t size);
