/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merge sort from the bottom up. */
#include "sensor/sort.h"

#include <stdbool.h>
#include <string.h>

#define RUN 8

static void sort_run(uint64_t *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint64_t key = keys[i];
		size_t at = i;
		while (at > 0 && keys[at - 1] > key) {
			keys[at] = keys[at - 1];
			at--;
		}
		keys[at] = key;
	}
}

/* Merges the first `half` of `count` numbers with the others. */
static void merge(const uint64_t *from, size_t half, size_t count, uint64_t *to)
{
	const uint64_t *a = from, *b = from + half, *end = from + count;
	while (a < from + half && b < end) {
		bool second = *b < *a;
		*to++ = second ? *b : *a;
		a += !second;
		b += second;
	}
	memcpy(to, a, (size_t)(from + half - a) * sizeof(*a));
	to += from + half - a;
	memcpy(to, b, (size_t)(end - b) * sizeof(*b));
}

void sort_keys(uint64_t *keys, uint64_t *scratch, size_t count)
{
	uint64_t *from = keys, *to = scratch;
	for (size_t i = 0; i < count; i += RUN) {
		sort_run(keys + i, count - i < RUN ? count - i : RUN);
	}
	for (size_t half = RUN; half < count; half *= 2) {
		for (size_t i = 0; i < count; i += 2 * half) {
			size_t left = count - i;
			merge(from + i, left < half ? left : half, left < 2 * half ? left : 2 * half, to + i);
		}
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	if (from != keys) {
		memcpy(keys, from, count * sizeof(*keys));
	}
}
