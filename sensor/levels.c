/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes of the levels of a table. */
#include "sensor/levels.h"

/*
 * A level in the middle pays when memory has room for so many times what is expected, and
 * takes so much of it. A window has room for 0.41 records for each slot (window_sizes(), records of
 * two lines), so at 45 % all that get a record find a slot there, nine in ten in use.
 */
#define MIDDLE_FROM    8
#define MIDDLE_PERCENT 45

/* Levels smaller by this factor are not worth asking ahead for. */
#define FAR_SMALLER 4

/* \param slots  Of the level, those behind the last home included. */
static void add_level(levels_t *levels, size_t slots)
{
	unsigned level = levels->count++;
	/* So many lines lie behind the last home that LEVELS_PROBES slots follow each. */
	uint32_t behind = (LEVELS_PROBES - 1) / levels->line;
	levels->lines[level] = (uint32_t)slots / levels->line - behind;
	levels->ahead[level] = level;
	while (levels->ahead[level] > 0 &&
	       levels->lines[levels->ahead[level] - 1] >= levels->lines[level] / FAR_SMALLER) {
		levels->ahead[level]--;
	}
	if (level + 1 < LEVELS_MAX) {
		levels->first[level + 1] = levels->first[level] +
		                           (levels->lines[level] + behind) * levels->line;
	}
}

levels_t levels_plan(size_t expected, size_t most, unsigned line)
{
	levels_t levels = { .slots = (uint32_t)most, .line = line };
	size_t front = expected + expected / 5 * 3;
	if (front < LEVELS_LEAST) {
		front = LEVELS_LEAST;
	}
	/* A level that holds most of the table already is better alone. */
	if (expected != 0 && front < most / 4 * 3) {
		add_level(&levels, front + LEVELS_PROBES);
	}
	if (expected != 0 && front < most / MIDDLE_FROM) {
		add_level(&levels, most / 100 * MIDDLE_PERCENT);
	}
	add_level(&levels, most - levels.first[levels.count]);
	return levels;
}

void levels_added(const levels_t *levels, levels_use_t *use, unsigned level)
{
	if (level > levels_preferred(use) &&
	    atomic_fetch_add_explicit(&use->strays[level], 1, memory_order_relaxed) >=
	    levels->lines[level - 1] * levels->line / 8) {
		atomic_store_explicit(&use->preferred, level, memory_order_relaxed);
	}
}

unsigned levels_of(const levels_t *levels, size_t slot)
{
	unsigned level = levels->count - 1;
	while (slot < levels->first[level]) {
		level--;
	}
	return level;
}
