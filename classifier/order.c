/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "classifier/order.h"

#define DIGIT_BITS 8
#define DIGITS (64 / DIGIT_BITS)
#define DIGIT_VALUES (1 << DIGIT_BITS)

uint64_t *order_sort(uint64_t *keys, uint64_t *scratch, size_t count)
{
	uint32_t ends[DIGITS][DIGIT_VALUES] = { { 0 } };
	for (size_t i = 0; i < count; i++) {
		for (unsigned digit = 0; digit < DIGITS; digit++) {
			ends[digit][keys[i] >> digit * DIGIT_BITS & (DIGIT_VALUES - 1)]++;
		}
	}
	for (unsigned digit = 0; digit < DIGITS && count > 0; digit++) {
		unsigned shift = digit * DIGIT_BITS;
		uint32_t *end = ends[digit], start = 0;
		if (end[keys[0] >> shift & (DIGIT_VALUES - 1)] == count) {
			continue;
		}
		for (size_t i = 0; i < DIGIT_VALUES; i++) {
			uint32_t size = end[i];
			end[i] = start;
			start += size;
		}
		for (size_t i = 0; i < count; i++) {
			scratch[end[keys[i] >> shift & (DIGIT_VALUES - 1)]++] = keys[i];
		}
		uint64_t *sorted = scratch;
		scratch = keys;
		keys = sorted;
	}
	return keys;
}

size_t order_distinct(uint64_t *keys, size_t count)
{
	size_t distinct = 0;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || keys[i] != keys[distinct - 1]) {
			keys[distinct++] = keys[i];
		}
	}
	return distinct;
}
