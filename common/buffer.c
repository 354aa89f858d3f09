/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing run of bytes. */
#include "common/buffer.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(buffer_t *buffer, size_t more)
{
	if (buffer->failed || more > SIZE_MAX / 4 - buffer->size) {
		buffer->failed = true;
		return false;
	}
	if (buffer->size + more <= buffer->capacity) {
		return true;
	}
	size_t capacity = buffer->capacity != 0 ? buffer->capacity : 256;
	while (capacity < buffer->size + more) {
		capacity *= 2;
	}
	uint8_t *data = realloc(buffer->data, capacity);
	if (data == NULL) {
		buffer->failed = true;
		return false;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

void buffer_append(buffer_t *buffer, const void *data, size_t size)
{
	if (size > 0 && reserve(buffer, size)) {
		memcpy(buffer->data + buffer->size, data, size);
		buffer->size += size;
	}
}

void buffer_u8(buffer_t *buffer, uint8_t value)
{
	buffer_append(buffer, &value, 1);
}

void buffer_le32(buffer_t *buffer, uint32_t value)
{
	value = htole32(value);
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_le64(buffer_t *buffer, uint64_t value)
{
	value = htole64(value);
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_double(buffer_t *buffer, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	buffer_le64(buffer, bits);
}

void buffer_clear(buffer_t *buffer)
{
	free(buffer->data);
	*buffer = (buffer_t) { 0 };
}
