/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbering of distinct values: open addressing, at most half full. */
#include "sensor/grouping.h"

#include <stdbool.h>
#include <stdlib.h>

static uint64_t *find(uint64_t *slots, size_t size, uint32_t value)
{
	/* Fibonacci hashing: AS numbers and countries are no secret and not hostile. */
	size_t at = (value * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (size - 1);
	while (slots[at] != 0 && slots[at] >> 32 != value) {
		at = (at + 1) & (size - 1);
	}
	return &slots[at];
}

static bool grow(grouping_t *grouping)
{
	size_t size = grouping->size != 0 ? 2 * grouping->size : 256;
	uint64_t *slots = calloc(size, sizeof(*slots));
	if (slots == NULL) {
		return false;
	}
	for (size_t i = 0; i < grouping->size; i++) {
		if (grouping->slots[i] != 0) {
			*find(slots, size, (uint32_t)(grouping->slots[i] >> 32)) = grouping->slots[i];
		}
	}
	free(grouping->slots);
	grouping->slots = slots;
	grouping->size = size;
	return true;
}

uint32_t grouping_number(grouping_t *grouping, uint32_t value)
{
	if (2 * ((size_t)grouping->count + 1) > grouping->size && !grow(grouping)) {
		return 0;
	}
	uint64_t *slot = find(grouping->slots, grouping->size, value);
	if (*slot == 0) {
		*slot = (uint64_t)value << 32 | ++grouping->count;
	}
	return (uint32_t)*slot;
}

void grouping_clear(grouping_t *grouping)
{
	free(grouping->slots);
	*grouping = (grouping_t) { 0 };
}
