/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bounded reading: values, bounds, the sticky error. */
#include "common/cursor.h"
#include "tests/tap.h"

static const uint8_t bytes[] = {
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x80,
};

typedef uint64_t read_t(cursor_t *cursor);

static uint64_t read_u8(cursor_t *cursor)
{
	return cursor_u8(cursor);
}

static uint64_t read_be16(cursor_t *cursor)
{
	return cursor_be16(cursor);
}

static uint64_t read_be32(cursor_t *cursor)
{
	return cursor_be32(cursor);
}

static uint64_t read_le32(cursor_t *cursor)
{
	return cursor_le32(cursor);
}

static uint64_t read_double(cursor_t *cursor)
{
	double value = cursor_double(cursor);
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static const struct {
	const char *name;
	read_t *read;
	size_t size;
	uint64_t front, back;  /* What stands at bytes + 0 and at the end of bytes. */
} readers[] = {
	{ "u8", read_u8, 1, 0x01, 0x80 },
	{ "be16", read_be16, 2, 0x0102, 0xff80 },
	{ "be32", read_be32, 4, 0x01020304, 0xfdfeff80 },
	{ "le32", read_le32, 4, 0x04030201, 0x80fffefd },
	{ "le64", cursor_le64, 8, 0x0807060504030201, 0x80fffefdfcfbfaf9 },
	{ "double", read_double, 8, 0x0807060504030201, 0x80fffefdfcfbfaf9 },
};

#define READERS (sizeof(readers) / sizeof(readers[0]))

static void test_values(void)
{
	for (size_t i = 0; i < READERS; i++) {
		cursor_t cursor = cursor_make(bytes, sizeof(bytes));
		ok(readers[i].read(&cursor) == readers[i].front, "%s: value", readers[i].name);
		is_int(cursor_left(&cursor), sizeof(bytes) - readers[i].size, "%s: moves", readers[i].name);
		cursor = cursor_make(bytes + sizeof(bytes) - readers[i].size, readers[i].size);
		ok(readers[i].read(&cursor) == readers[i].back && !cursor.failed &&
		   cursor_left(&cursor) == 0, "%s: the last bytes, at an odd place", readers[i].name);
	}
}

static void test_bounds(void)
{
	for (size_t i = 0; i < READERS; i++) {
		for (size_t size = 0; size < readers[i].size; size++) {
			/* Of exact size, for the sanitizer. */
			uint8_t *copy = malloc(size + (size == 0));
			memset(copy, 0xff, size);
			cursor_t cursor = cursor_make(copy, size);
			ok(readers[i].read(&cursor) == 0 && cursor.failed && cursor_left(&cursor) == size,
			   "%s of %zu bytes: zero, failed, not moved", readers[i].name, size);
			free(copy);
		}
	}
}

static void test_sticky(void)
{
	cursor_t cursor = cursor_make(bytes, 3);
	is_int(cursor_be32(&cursor), 0, "3 bytes are no 32 bits");
	for (size_t i = 0; i < READERS; i++) {
		ok(readers[i].read(&cursor) == 0, "%s after the failure is zero", readers[i].name);
	}
	ok(cursor_take(&cursor, 1) == NULL && cursor_take(&cursor, 0) == NULL, "nothing to take, either");
	ok(cursor.failed, "and it stays failed");
}

static void test_take(void)
{
	cursor_t cursor = cursor_make(bytes, sizeof(bytes));
	ok(cursor_take(&cursor, 0) == bytes && !cursor.failed, "no bytes can be taken");
	ok(cursor_take(&cursor, 5) == bytes, "what is taken is where it stood");
	ok(cursor_take(&cursor, 11) == bytes + 5 && cursor_left(&cursor) == 0, "up to the end");
	ok(cursor_take(&cursor, 0) == bytes + 16 && !cursor.failed,
	   "at the end no bytes are left to take");
	ok(cursor_take(&cursor, 1) == NULL && cursor.failed, "one more fails");

	cursor = cursor_make(bytes, sizeof(bytes));
	ok(cursor_take(&cursor, SIZE_MAX) == NULL && cursor.failed, "a size from hell wraps nothing");

	cursor = cursor_make(NULL, 0);
	ok(cursor_left(&cursor) == 0 && cursor_take(&cursor, 0) != NULL && !cursor.failed,
	   "an empty run may be NULL");
	ok(cursor_u8(&cursor) == 0 && cursor.failed, "and holds nothing");
}

int main(void)
{
	test_values();
	test_bounds();
	test_sticky();
	test_take();
	return tap_done();
}
