/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Growing run of bytes for writing formats, with a sticky error; the twin of cursor.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Start with `buffer_t buffer = { 0 };`, end with buffer_clear(). Not thread-safe. */
typedef struct {
	uint8_t *data;
	size_t size;
	size_t capacity;
	bool failed;  /*!< Memory was short; what follows is dropped. */
} buffer_t;

/*! Appends \a size bytes, which must not lie in the buffer itself. */
void buffer_append(buffer_t *buffer, const void *data, size_t size);
/*! Appends one byte. */
void buffer_u8(buffer_t *buffer, uint8_t value);
/*! Appends 32 bits, little end first. */
void buffer_le32(buffer_t *buffer, uint32_t value);
/*! Appends 64 bits, little end first. */
void buffer_le64(buffer_t *buffer, uint64_t value);
/*! Appends an IEEE 754 double, little end first. */
void buffer_double(buffer_t *buffer, double value);
/*! Frees the bytes; the buffer can be used again. */
void buffer_clear(buffer_t *buffer);
