/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes of the levels of a table. */
#include "sensor/levels.h"

levels_t levels_plan(size_t expected, size_t most)
{
	levels_t levels = { .slots = (uint32_t)most };
	size_t padding = LEVELS_PROBES - 1;
	size_t front = expected + expected / 5 * 3;
	if (front < LEVELS_LEAST) {
		front = LEVELS_LEAST;
	}
	/* A level that holds most of the table already is better alone. */
	if (expected != 0 && front < most / 4 * 3) {
		levels.size[levels.count++] = (uint32_t)front;
		levels.first[1] = (uint32_t)(front + padding);
	}
	levels.size[levels.count] = (uint32_t)(most - levels.first[levels.count] - padding);
	levels.count++;
	return levels;
}

void levels_added(const levels_t *levels, levels_use_t *use, unsigned level)
{
	if (level > 0 && levels_preferred(use) == 0 &&
	    atomic_fetch_add_explicit(&use->strays, 1, memory_order_relaxed) >= levels->size[0] / 8) {
		atomic_store_explicit(&use->preferred, level, memory_order_relaxed);
	}
}
