/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a window: the walk over its records, and their samples. */
#include "sensor/window_internal.h"

/* Lines of a block that are asked for ahead: all of the first one. */
#define BLOCK_LINES 7

/* So many addresses of queriers are asked for ahead. */
#define ADDRESSES_AHEAD 16

bool window_next(const window_t *window, originator_walk_t *walk,
                 window_originator_t *originator)
{
	originator->line = originator_table_next(window->originators, walk);
	if (originator->line == 0) {
		return false;
	}
	const record_t *record = arena_at(window->base, originator->line);
	originator->originator = record->originator;
	return true;
}

/* In line always: GCC leaves out the call of a function that only asks ahead. */
static inline __attribute__((always_inline)) void prefetch_block(const window_t *window,
                                                                 uint32_t line)
{
	if (line != 0) {
		const char *block = arena_at(window->base, line);
		for (unsigned i = 0; i < BLOCK_LINES; i++) {
			__builtin_prefetch(block + i * LINE_SIZE);
		}
	}
}

size_t window_next_batch(const window_t *window, originator_walk_t *walk,
                         window_originator_t originators[WINDOW_BATCH])
{
	size_t count = 0;
	uint32_t line;
	while (count < WINDOW_BATCH &&
	       (line = originator_table_next(window->originators, walk)) != 0) {
		const char *record = arena_at(window->base, line);
		for (uint32_t i = 0; i < window->record_lines; i++) {
			__builtin_prefetch(record + i * LINE_SIZE);
		}
		originators[count++].line = line;
	}
	for (size_t i = 0; i < count; i++) {
		const record_t *record = arena_at(window->base, originators[i].line);
		originators[i].originator = record->originator;
		prefetch_block(window, sample_block(&record->sample));
	}
	for (size_t i = 0; i < count; i++) {
		const record_t *record = arena_at(window->base, originators[i].line);
		prefetch_block(window, sample_block_after(window->arena, sample_block(&record->sample)));
	}
	return count;
}

/* The levels of the queriers of entries, whose addresses lie scattered. */
static void find_levels(const window_t *window, const uint64_t *entries, uint32_t count,
                        uint8_t *levels)
{
	for (uint32_t i = 0; i < count; i++) {
		if (i + ADDRESSES_AHEAD < count) {
			querier_table_fetch(window->queriers, sample_entry_number(entries[i + ADDRESSES_AHEAD]));
		}
		address_t querier = querier_table_address(window->queriers,
		                                          sample_entry_number(entries[i]));
		levels[i] = (uint8_t)sample_level_of(window_querier_hash(&window->options, &querier));
	}
}

void window_sample(const window_t *window, const window_originator_t *originator,
                   uint64_t *entries, uint8_t *levels, uint32_t room, uint32_t *count,
                   unsigned *level, uint32_t *periods)
{
	record_t *record = arena_at(window->base, originator->line);
	sample_place_t place = window_place(window, record);
	*level = atomic_load_explicit(&record->sample.level, memory_order_relaxed);
	*periods = 0;
	for (uint32_t i = 0; i < window->bitmap_words; i++) {
		*periods += (uint32_t)__builtin_popcountll(
			atomic_load_explicit(&record->words[i], memory_order_relaxed));
	}
	*count = sample_collect(&place, entries, room);
	if (*count > room) {
		return;
	}
	/* Levels matter only when something is to be left out. */
	if (*level > 0 || *count > window->options.sample_size) {
		find_levels(window, entries, *count, levels);
		*count = sample_trim(entries, levels, *count, window->options.sample_size, level);
	}
}
