/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Window: see the picture in the header. */
#include "sensor/window.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/mapping.h"

/* With half of the slots free a run of this length means that the table is as good as full. */
#define PROBES_MAX 128

/* So many slots are looked at ahead: half of the slots are free, and eight lie in one line. */
#define PROBES_AHEAD 8

/* A record has room for at least so many queriers before it needs a block. */
#define INLINE_MIN 8

typedef struct {
	address_t originator;
	sample_t sample;
	_Atomic uint64_t words[];  /* period bitmap, then inline entries */
} record_t;

typedef struct {
	_Alignas(LINE_SIZE) _Atomic uint64_t observations;
	_Atomic uint64_t suppressed;
	_Atomic uint64_t refused;
} thread_counts_t;

struct window {
	uint64_t start;
	uint64_t since;
	window_options_t options;
	uint64_t tick;           /* microseconds */
	uint32_t dedup_ticks;
	uint32_t bitmap_words;
	uint32_t record_lines;
	uint32_t record_entries; /* inline */
	_Atomic uint64_t *slots;
	size_t mask;
	arena_t *arena;
	void *base;              /* of the arena */
	querier_table_t *queriers;
	thread_counts_t *counts; /* one per thread */
};

static uint64_t tick_length(const window_options_t *options)
{
	return (options->length + SAMPLE_TICKS_MAX - 1) / SAMPLE_TICKS_MAX;
}

uint32_t window_tick(const window_options_t *options, uint64_t start, uint64_t moment)
{
	return (uint32_t)((moment - start) / tick_length(options));
}

uint32_t window_dedup_ticks(const window_options_t *options)
{
	uint64_t tick = tick_length(options);
	uint64_t ticks = (options->dedup + tick / 2) / tick;
	return ticks < SAMPLE_TICKS_MAX ? (uint32_t)ticks : SAMPLE_TICKS_MAX;
}

uint64_t window_querier_hash(const window_options_t *options, const address_t *querier)
{
	/* Another key than for originators: an address may be both. */
	hash_key_t key = { { ~options->key.words[0], options->key.words[1] } };
	return keyed_hash_address(&key, querier);
}

static void lay_out(window_t *window)
{
	const window_options_t *options = &window->options;
	window->tick = tick_length(options);
	window->dedup_ticks = window_dedup_ticks(options);
	window->bitmap_words = (window_periods(window) + 63) / 64;
	size_t least = sizeof(record_t) + (window->bitmap_words + INLINE_MIN) * sizeof(uint64_t);
	window->record_lines = (uint32_t)((least + LINE_SIZE - 1) / LINE_SIZE);
	size_t words = (window->record_lines * LINE_SIZE - sizeof(record_t)) / sizeof(uint64_t);
	window->record_entries = (uint32_t)words - window->bitmap_words;
}

window_t *window_create(uint64_t start, uint64_t since, const window_options_t *options)
{
	window_t *window = calloc(1, sizeof(*window));
	if (window == NULL) {
		return NULL;
	}
	window->start = start;
	window->since = since;
	window->options = *options;
	lay_out(window);
	size_t slots = 64;
	while (slots < 2 * options->originators_max) {
		slots *= 2;
	}
	window->mask = slots - 1;
	window->slots = mapping_create(slots * sizeof(*window->slots));
	window->arena = arena_create(options->memory, options->threads);
	window->queriers = querier_table_create(options->queriers_max);
	window->counts = aligned_alloc(LINE_SIZE, options->threads * sizeof(*window->counts));
	if (window->slots == NULL || window->arena == NULL || window->queriers == NULL ||
	    window->counts == NULL) {
		window_destroy(window);
		return NULL;
	}
	memset(window->counts, 0, options->threads * sizeof(*window->counts));
	window->base = arena_base(window->arena);
	return window;
}

void window_destroy(window_t *window)
{
	if (window != NULL) {
		mapping_destroy(window->slots, (window->mask + 1) * sizeof(*window->slots));
		arena_destroy(window->arena);
		querier_table_destroy(window->queriers);
		free(window->counts);
		free(window);
	}
}

static uint32_t add_record(window_t *window, unsigned thread, const address_t *originator)
{
	uint32_t line = arena_take(window->arena, thread, window->record_lines);
	if (line != 0) {
		record_t *record = arena_at(window->base, line);
		record->originator = *originator;
	}
	return line;
}

/* The record of an originator, made if it is not there; NULL if there is no room. */
static record_t *find_or_add(window_t *window, unsigned thread, const address_t *originator,
                             uint64_t hash)
{
	uint64_t tag = hash >> 32;
	uint32_t mine = 0;
	record_t *record = NULL;
	for (size_t probe = 0; probe < PROBES_MAX; probe++) {
		_Atomic uint64_t *slot = &window->slots[(hash + probe) & window->mask];
		uint64_t value = atomic_load_explicit(slot, memory_order_acquire);
		if (value == 0) {
			if (mine == 0 && (mine = add_record(window, thread, originator)) == 0) {
				return NULL;
			}
			if (atomic_compare_exchange_strong_explicit(slot, &value, tag << 32 | mine,
			                                            memory_order_release,
			                                            memory_order_acquire)) {
				return arena_at(window->base, mine);
			}
			/* Another thread took the slot; value is now what it wrote. */
		}
		record = value >> 32 == tag ? arena_at(window->base, (uint32_t)value) : NULL;
		if (record != NULL && address_equal(&record->originator, originator)) {
			break;
		}
		record = NULL;
	}
	if (mine != 0) {
		arena_untake(window->arena, thread, mine, window->record_lines);
	}
	return record;
}

static void mark_period(const window_t *window, record_t *record, uint64_t moment)
{
	uint64_t period = (moment - window->start) / window->options.period;
	uint64_t bit = UINT64_C(1) << (period % 64);
	_Atomic uint64_t *word = &record->words[period / 64];
	/* Mostly it is set already: a plain read keeps the line shared. */
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0) {
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
	}
}

static sample_place_t place_of(const window_t *window, record_t *record)
{
	return (sample_place_t) {
		.sample = &record->sample,
		.entries = record->words + window->bitmap_words,
		.entry_count = window->record_entries,
		.arena = window->arena,
		.size = window->options.sample_size,
		.dedup = window->dedup_ticks,
	};
}

window_pair_t window_pair(const window_options_t *options, const address_t *originator,
                          const address_t *querier)
{
	return (window_pair_t) {
		.originator = *originator,
		.querier = *querier,
		.originator_hash = keyed_hash_address(&options->key, originator),
		.querier_hash = window_querier_hash(options, querier),
	};
}

void window_prefetch_slots(const window_t *window, const window_pair_t *pair)
{
	/* Two independent misses at once instead of one after the other. */
	__builtin_prefetch(&window->slots[pair->originator_hash & window->mask]);
	querier_table_prefetch_slot(window->queriers, pair->querier_hash);
}

void window_prefetch_records(const window_t *window, const window_pair_t *pair)
{
	uint64_t hash = pair->originator_hash;
	for (size_t probe = 0; probe < PROBES_AHEAD; probe++) {
		uint64_t value = atomic_load_explicit(&window->slots[(hash + probe) & window->mask],
		                                      memory_order_relaxed);
		if (value == 0) {
			break;
		}
		if (value >> 32 == hash >> 32) {
			const record_t *record = arena_at(window->base, (uint32_t)value);
			const void *entries = record->words + window->bitmap_words;
			__builtin_prefetch(record);
			__builtin_prefetch(entries);
			__builtin_prefetch((const char *)entries + LINE_SIZE);
			break;
		}
	}
	querier_table_prefetch_address(window->queriers, pair->querier_hash);
}

static sample_result_t observe(window_t *window, unsigned thread, uint64_t moment,
                               const window_pair_t *pair)
{
	record_t *record = find_or_add(window, thread, &pair->originator, pair->originator_hash);
	if (record == NULL) {
		return SAMPLE_REFUSED;
	}
	uint32_t number = querier_table_intern(window->queriers, &pair->querier,
	                                       pair->querier_hash);
	if (number == 0) {
		return SAMPLE_REFUSED;
	}
	sample_place_t place = place_of(window, record);
	uint32_t tick = (uint32_t)((moment - window->start) / window->tick);
	sample_result_t result = sample_observe(&place, thread, number, pair->querier_hash, tick);
	if (result == SAMPLE_COUNTED) {
		mark_period(window, record, moment);
	}
	return result;
}

sample_result_t window_observe_pair(window_t *window, unsigned thread, uint64_t moment,
                                    const window_pair_t *pair)
{
	sample_result_t result = observe(window, thread, moment, pair);
	thread_counts_t *counts = &window->counts[thread];
	_Atomic uint64_t *count = result == SAMPLE_COUNTED ? &counts->observations :
	                          result == SAMPLE_SUPPRESSED ? &counts->suppressed :
	                          &counts->refused;
	/* Only this thread writes it: no locked instruction is needed. */
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
	                      memory_order_relaxed);
	return result;
}

sample_result_t window_observe(window_t *window, unsigned thread, uint64_t moment,
                               const address_t *originator, const address_t *querier)
{
	window_pair_t pair = window_pair(&window->options, originator, querier);
	window_prefetch_slots(window, &pair);
	window_prefetch_records(window, &pair);
	return window_observe_pair(window, thread, moment, &pair);
}

uint64_t window_start(const window_t *window)
{
	return window->start;
}

uint64_t window_since(const window_t *window)
{
	return window->since;
}

uint64_t window_end(const window_t *window)
{
	return window->start + window->options.length;
}

bool window_has(const window_t *window, uint64_t moment)
{
	/* Moments before the start wrap to huge values. */
	return moment - window->start < window->options.length;
}

const window_options_t *window_options(const window_t *window)
{
	return &window->options;
}

window_counts_t window_counts(const window_t *window)
{
	window_counts_t sum = { 0 };
	for (unsigned i = 0; i < window->options.threads; i++) {
		thread_counts_t *counts = &window->counts[i];
		sum.observations += atomic_load_explicit(&counts->observations, memory_order_relaxed);
		sum.suppressed += atomic_load_explicit(&counts->suppressed, memory_order_relaxed);
		sum.refused += atomic_load_explicit(&counts->refused, memory_order_relaxed);
	}
	return sum;
}

uint32_t window_periods(const window_t *window)
{
	const window_options_t *options = &window->options;
	return (uint32_t)((options->length + options->period - 1) / options->period);
}

const querier_table_t *window_queriers(const window_t *window)
{
	return window->queriers;
}

size_t window_memory_used(const window_t *window)
{
	return arena_used(window->arena);
}

bool window_next(const window_t *window, window_walk_t *walk, window_originator_t *originator)
{
	while (*walk <= window->mask) {
		uint64_t value = atomic_load_explicit(&window->slots[(*walk)++], memory_order_acquire);
		if (value != 0) {
			originator->line = (uint32_t)value;
			const record_t *record = arena_at(window->base, originator->line);
			originator->originator = record->originator;
			return true;
		}
	}
	return false;
}

void window_sample(const window_t *window, const window_originator_t *originator,
                   uint64_t *entries, uint8_t *levels, uint32_t room, uint32_t *count,
                   unsigned *level, uint32_t *periods)
{
	record_t *record = arena_at(window->base, originator->line);
	sample_place_t place = place_of(window, record);
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
		for (uint32_t i = 0; i < *count; i++) {
			const address_t *querier = querier_table_address(window->queriers,
			                                                 sample_entry_number(entries[i]));
			levels[i] = (uint8_t)sample_level_of(window_querier_hash(&window->options, querier));
		}
		*count = sample_trim(entries, levels, *count, window->options.sample_size, level);
	}
}
