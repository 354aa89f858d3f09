/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting of numbers, held against qsort(). */
#include <stdlib.h>
#include <string.h>

#include "common/generator.h"
#include "sensor/sort.h"
#include "tests/tap.h"

#define COUNT_MAX 600

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

/* All sizes up to some hundred, of numbers below `most`: with few, many are equal. */
static unsigned count_different(uint64_t most, uint64_t seed)
{
	uint64_t keys[COUNT_MAX + 1], wanted[COUNT_MAX + 1], scratch[COUNT_MAX];
	generator_t generator = generator_make(seed, 0);
	unsigned different = 0;
	for (size_t count = 0; count <= COUNT_MAX; count++) {
		for (size_t i = 0; i < count; i++) {
			keys[i] = most != 0 ? generator_below(&generator, most) : generator_next(&generator);
		}
		/* The number behind must not be touched. */
		keys[count] = seed;
		memcpy(wanted, keys, (count + 1) * sizeof(*keys));
		qsort(wanted, count, sizeof(*wanted), compare);
		sort_keys(keys, scratch, count);
		different += memcmp(keys, wanted, (count + 1) * sizeof(*keys)) != 0;
	}
	return different;
}

int main(void)
{
	is_int(count_different(0, 1), 0, "any numbers");
	is_int(count_different(UINT64_C(1) << 32, 2), 0, "small ones");
	is_int(count_different(5, 3), 0, "many equal ones");
	is_int(count_different(1, 4), 0, "all equal");
	return tap_done();
}
