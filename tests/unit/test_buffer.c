/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The growing buffer: bytes, growth, the sticky error, and its twin the cursor. */
#include "common/buffer.h"
#include "common/cursor.h"
#include "tests/tap.h"

/* The sanitizers would otherwise end the program at an allocation that must fail. */
#define SANITIZER_OPTIONS __attribute__((visibility("default")))
SANITIZER_OPTIONS const char *__asan_default_options(void);
SANITIZER_OPTIONS const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_bytes(void)
{
	static const uint8_t wanted[] = {
		0x7f, 0x04, 0x03, 0x02, 0x01, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,
		0, 0, 0, 0, 0, 0, 0xf0, 0xbf, 'e', 'n', 'd',
	};
	buffer_t buffer = { 0 };
	buffer_u8(&buffer, 0x7f);
	buffer_le32(&buffer, 0x01020304);
	buffer_le64(&buffer, 0x0102030405060708);
	buffer_double(&buffer, -1.0);
	buffer_append(&buffer, "end", 3);
	buffer_append(&buffer, NULL, 0);
	is_int(buffer.size, sizeof(wanted), "size");
	ok(memcmp(buffer.data, wanted, sizeof(wanted)) == 0, "bytes, the little end first");
	ok(!buffer.failed, "no failure");
	buffer_clear(&buffer);
	ok(buffer.data == NULL && buffer.size == 0 && buffer.capacity == 0, "cleared");
	buffer_u8(&buffer, 1);
	ok(buffer.size == 1 && buffer.data[0] == 1, "used again after that");
	buffer_clear(&buffer);
}

static void test_growth(void)
{
	buffer_t buffer = { 0 };
	for (uint32_t i = 0; i < 50000; i++) {
		if (i % 3 == 0) {
			buffer_u8(&buffer, (uint8_t)i);
		}
		buffer_le32(&buffer, i);
		buffer_le64(&buffer, ~(uint64_t)i);
	}
	cursor_t cursor = cursor_make(buffer.data, buffer.size);
	int wrong = 0;
	for (uint32_t i = 0; i < 50000; i++) {
		wrong += i % 3 == 0 && cursor_u8(&cursor) != (uint8_t)i;
		wrong += cursor_le32(&cursor) != i || cursor_le64(&cursor) != ~(uint64_t)i;
	}
	ok(wrong == 0 && !cursor.failed && cursor_left(&cursor) == 0,
	   "%zu bytes come back through the cursor", buffer.size);
	ok(buffer.capacity >= buffer.size && buffer.capacity < 2 * buffer.size + 256,
	   "no more than twice the room");
	buffer_clear(&buffer);
}

static void test_doubles(void)
{
	static const double values[] = { 0.0, -0.0, 1.5, -1e308, 5e-324, INFINITY, -INFINITY, NAN };
	buffer_t buffer = { 0 };
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buffer_double(&buffer, values[i]);
	}
	cursor_t cursor = cursor_make(buffer.data, buffer.size);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		double got = cursor_double(&cursor);
		ok(memcmp(&got, &values[i], sizeof(got)) == 0, "the double %g keeps every bit", values[i]);
	}
	buffer_clear(&buffer);
}

static void test_failure(void)
{
	buffer_t buffer = { 0 };
	buffer_append(&buffer, "abc", 3);
	buffer_append(&buffer, "abc", SIZE_MAX - 1);
	ok(buffer.failed, "more than the memory can hold fails");
	ok(buffer.size == 3 && memcmp(buffer.data, "abc", 3) == 0, "what was there stays");
	buffer_u8(&buffer, 'd');
	ok(buffer.failed && buffer.size == 3, "what follows is dropped");
	buffer_clear(&buffer);
	ok(!buffer.failed, "cleared, it is good again");

	buffer_append(&buffer, "abc", SIZE_MAX / 4);
	ok(buffer.failed && buffer.size == 0, "an allocation that fails is seen");
	buffer_clear(&buffer);
}

int main(void)
{
	test_bytes();
	test_growth();
	test_doubles();
	test_failure();
	return tap_done();
}
