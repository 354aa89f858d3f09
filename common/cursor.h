/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Bounded reading of bytes from outside, with a sticky error.
 *
 * Every read checks the bound; the first that would pass it sets \a failed and
 * moves nothing, and it and all later reads give zero. So a parser reads a
 * whole header and asks once. All functions are inline: packets go through here.
 */
#pragma once

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*! A place in a run of bytes that somebody else owns. */
typedef struct {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
} cursor_t;

/*! Starts at the front of \a size bytes at \a data, which may be NULL if \a size is 0. */
static inline cursor_t cursor_make(const void *data, size_t size)
{
	/* Adding even 0 to a null pointer is undefined. */
	const uint8_t *at = data != NULL ? data : (const uint8_t *)"";
	return (cursor_t) { .at = at, .end = at + size };
}

/*! Bytes not yet read. */
static inline size_t cursor_left(const cursor_t *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/*! Steps over \a size bytes and returns their start, or NULL (and fails) if there are fewer. */
static inline const uint8_t *cursor_take(cursor_t *cursor, size_t size)
{
	if (cursor->failed || cursor_left(cursor) < size) {
		cursor->failed = true;
		return NULL;
	}
	const uint8_t *data = cursor->at;
	cursor->at += size;
	return data;
}

/*! Reads one byte. */
static inline uint8_t cursor_u8(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 1);
	return data != NULL ? data[0] : 0;
}

/*! Reads 16 bits in network order. */
static inline uint16_t cursor_be16(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 2);
	return data != NULL ? (uint16_t)(data[0] << 8 | data[1]) : 0;
}

/*! Reads 32 bits in network order. */
static inline uint32_t cursor_be32(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 4);
	return data != NULL ? (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	                      (uint32_t)data[2] << 8 | (uint32_t)data[3] : 0;
}

/*! Reads 64 bits in network order. */
static inline uint64_t cursor_be64(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 8);
	uint64_t value = 0;
	for (unsigned i = 0; data != NULL && i < 8; i++) {
		value = value << 8 | data[i];
	}
	return value;
}

/*! Reads 32 bits, little end first. */
static inline uint32_t cursor_le32(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 4);
	return data != NULL ? (uint32_t)data[0] | (uint32_t)data[1] << 8 |
	                      (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24 : 0;
}

/*! Reads 64 bits, little end first. */
static inline uint64_t cursor_le64(cursor_t *cursor)
{
	const uint8_t *data = cursor_take(cursor, 8);
	uint64_t value = 0;
	if (data != NULL) {
		memcpy(&value, data, sizeof(value));
	}
	return le64toh(value);
}

/*! Reads an IEEE 754 double, little end first. May be NaN: the caller decides. */
static inline double cursor_double(cursor_t *cursor)
{
	uint64_t bits = cursor_le64(cursor);
	double value;
	memcpy(&value, &bits, sizeof(value));
	return value;
}
