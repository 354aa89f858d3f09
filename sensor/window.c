/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Window: see the picture in the header. */
#include "sensor/window.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/window_internal.h"

/* A record has room for at least so many queriers before it needs a block. */
#define INLINE_MIN 8

/* What is not in one of the parts: the window itself, counts, the last pages of the parts. */
#define OVERHEAD ((size_t)1 << 16)

/* Each attempt but the last fails because another thread got ahead; so many never do. */
#define ATTEMPTS_MAX 64

static uint32_t periods_of(const window_options_t *options)
{
	return (uint32_t)((options->length + options->period - 1) / options->period);
}

static uint32_t ticks_per_period(const window_options_t *options)
{
	return SAMPLE_TICKS_MAX / periods_of(options);
}

static uint32_t tick_of(uint64_t offset, uint64_t period, uint32_t ticks)
{
	return (uint32_t)(offset / period) * ticks + (uint32_t)(offset % period * ticks / period);
}

uint32_t window_tick(const window_options_t *options, uint64_t start, uint64_t moment)
{
	return tick_of(moment - start, options->period, ticks_per_period(options));
}

uint32_t window_dedup_ticks(const window_options_t *options)
{
	double ticks = (double)options->dedup / (double)options->period * ticks_per_period(options);
	return ticks < SAMPLE_TICKS_MAX ? (uint32_t)(ticks + 0.5) : SAMPLE_TICKS_MAX;
}

uint64_t window_querier_hash(const window_options_t *options, const address_t *querier)
{
	/* Another key than for originators: an address may be both. */
	hash_key_t key = { { ~options->key.words[0], options->key.words[1] } };
	return keyed_hash_address(&key, querier);
}

window_sizes_t window_sizes(size_t memory)
{
	window_sizes_t sizes = {
		.originators = memory / 5 / ORIGINATOR_SLOT_SIZE,
		.queriers = memory / 20 * 3 / LINE_SIZE * QUERIER_LINE_SLOTS,
	};
	if (sizes.queriers >= (size_t)1 << QUERIER_NUMBER_BITS) {
		sizes.queriers = ((size_t)1 << QUERIER_NUMBER_BITS) - 1;
	}
	sizes.prefixes = memory / 32;
	sizes.arena = memory - sizes.prefixes - sizes.originators * ORIGINATOR_SLOT_SIZE -
	              sizes.queriers / QUERIER_LINE_SLOTS * LINE_SIZE - OVERHEAD;
	return sizes;
}

static void lay_out(window_t *window)
{
	const window_options_t *options = &window->options;
	window->ticks_per_period = ticks_per_period(options);
	window->dedup_ticks = window_dedup_ticks(options);
	window->bitmap_words = (window_periods(window) + 63) / 64;
	size_t least = sizeof(record_t) + (window->bitmap_words + INLINE_MIN) * sizeof(uint64_t);
	window->record_lines = (uint32_t)((least + LINE_SIZE - 1) / LINE_SIZE);
	size_t words = (window->record_lines * LINE_SIZE - sizeof(record_t)) / sizeof(uint64_t);
	window->record_entries = (uint32_t)words - window->bitmap_words;
}

static status_t make_parts(window_t *window)
{
	const window_options_t *options = &window->options;
	window_sizes_t sizes = window_sizes(options->memory);
	window->arena = arena_create(sizes.arena, options->threads, options->huge_pages);
	if (window->arena == NULL) {
		return STATUS_NO_MEMORY;
	}
	window->base = arena_base(window->arena);
	window->originators = originator_table_create(options->originators, sizes.originators,
	                                              options->huge_pages, window->base,
	                                              window->ticks_per_period);
	window->queriers = querier_table_create(options->queriers, sizes.queriers,
	                                        options->huge_pages);
	window->counts = aligned_alloc(LINE_SIZE, options->threads * sizeof(*window->counts));
	window->prefixes = prefix_table_create(sizes.prefixes, options->huge_pages, &options->key);
	if (window->originators == NULL || window->queriers == NULL || window->counts == NULL ||
	    window->prefixes == NULL) {
		return STATUS_NO_MEMORY;
	}
	memset(window->counts, 0, options->threads * sizeof(*window->counts));
	return STATUS_OK;
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
	if (make_parts(window) != STATUS_OK) {
		window_destroy(window);
		return NULL;
	}
	return window;
}

void window_destroy(window_t *window)
{
	if (window != NULL) {
		originator_table_destroy(window->originators);
		arena_destroy(window->arena);
		querier_table_destroy(window->queriers);
		prefix_table_destroy(window->prefixes);
		free(window->counts);
		free(window);
	}
}

static void mark_period(record_t *record, uint32_t period)
{
	uint64_t bit = UINT64_C(1) << (period % 64);
	_Atomic uint64_t *word = &record->words[period / 64];
	/* Mostly it is set already: a plain read keeps the line shared. */
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0) {
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
	}
}

sample_place_t window_place(const window_t *window, record_t *record)
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
	originator_table_prefetch(window->originators, pair->originator_hash);
	querier_table_prefetch(window->queriers, pair->querier_hash);
}

void window_prefetch_records(const window_t *window, const window_pair_t *pair)
{
	uint32_t line = originator_table_peek(window->originators, pair->originator_hash);
	if (line != 0) {
		const record_t *record = arena_at(window->base, line);
		const void *entries = record->words + window->bitmap_words;
		__builtin_prefetch(record);
		__builtin_prefetch(entries);
		__builtin_prefetch((const char *)entries + LINE_SIZE);
	}
}

/* Who asks for whom, and when: what the steps of one observation share. */
typedef struct {
	window_t *window;
	unsigned thread;
	const window_pair_t *pair;
	sample_querier_t querier;
	uint32_t tick;
	originator_sighting_t sighting;
} occasion_t;

/* Only this thread writes it: no locked instruction is needed. */
static void count(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
	                      memory_order_relaxed);
}

/* Makes the record of an originator that has been seen with one querier; false: no room. */
static bool make_record(const occasion_t *occasion, const originator_place_t *place)
{
	window_t *window = occasion->window;
	uint32_t line = arena_take(window->arena, occasion->thread, window->record_lines);
	if (line == 0) {
		return false;
	}
	record_t *record = arena_at(window->base, line);
	uint32_t periods[3];
	record->originator = occasion->pair->originator;
	originator_place_periods(window->originators, place, periods);
	for (int i = 0; i < 3; i++) {
		mark_period(record, periods[i]);
	}
	atomic_store_explicit(&record->words[window->bitmap_words], place->value,
	                      memory_order_relaxed);
	if (!originator_table_promote(place, line)) {
		arena_untake(window->arena, occasion->thread, line, window->record_lines);
	}
	return true;
}

static sample_result_t observe_record(const occasion_t *occasion, const originator_place_t *place)
{
	window_t *window = occasion->window;
	record_t *record = arena_at(window->base, originator_place_line(place));
	sample_place_t sample = window_place(window, record);
	sample_result_t result = sample_observe(&sample, occasion->thread, &occasion->querier,
	                                        occasion->tick);
	if (result == SAMPLE_COUNTED) {
		mark_period(record, occasion->sighting.period);
	}
	return result;
}

/* An originator that has been seen with one querier; false: it has to be sought anew. */
static bool observe_first(const occasion_t *occasion, const originator_place_t *place,
                          sample_result_t *result)
{
	if (sample_entry_number(place->value) == occasion->querier.number) {
		switch (originator_table_repeat(occasion->window->originators, place,
		                                &occasion->sighting, occasion->window->dedup_ticks)) {
		case SIGHTING_COUNTED:
			*result = SAMPLE_COUNTED;
			return true;
		case SIGHTING_SUPPRESSED:
			*result = SAMPLE_SUPPRESSED;
			return true;
		case SIGHTING_CHANGED:
			return false;
		case SIGHTING_CROWDED:
			break;
		}
	} else if (!sample_querier_welcome(&occasion->querier)) {
		*result = SAMPLE_CAPPED;
		return true;
	}
	*result = SAMPLE_REFUSED;
	return !make_record(occasion, place);
}

/* A new originator has got its slot. */
static sample_result_t welcome(const occasion_t *occasion)
{
	window_t *window = occasion->window;
	originator_place_t place;
	atomic_fetch_add_explicit(occasion->querier.fan_out, 1, memory_order_relaxed);
	count(&window->counts[occasion->thread].originators);
	/* If it is no first sighting any more, another thread has made the record. */
	if (window->options.record_at_once &&
	    originator_table_seek(window->originators, &occasion->pair->originator,
	                          occasion->pair->originator_hash, NULL,
	                          &place) == ORIGINATOR_FIRST && !make_record(occasion, &place)) {
		return SAMPLE_REFUSED;
	}
	return SAMPLE_COUNTED;
}

/* Seeks the originator and adds it if its querier is welcome; makes room for it if it must. */
static originator_found_t seek(const occasion_t *occasion, originator_place_t *place)
{
	window_t *window = occasion->window;
	const window_pair_t *pair = occasion->pair;
	originator_found_t found = originator_table_seek(window->originators, &pair->originator,
	                                                 pair->originator_hash,
	                                                 &occasion->sighting, place);
	if (found == ORIGINATOR_FULL && !sample_querier_welcome(&occasion->querier)) {
		return ORIGINATOR_ABSENT;
	}
	if (found == ORIGINATOR_FULL) {
		found = originator_table_displace(window->originators, &pair->originator,
		                                  pair->originator_hash, &occasion->sighting,
		                                  window->queriers, place);
		if (found == ORIGINATOR_ADDED) {
			count(&window->counts[occasion->thread].displaced);
		}
	}
	return found;
}

static sample_result_t observe(const occasion_t *occasion)
{
	for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
		originator_place_t place;
		sample_result_t result;
		switch (seek(occasion, &place)) {
		case ORIGINATOR_RECORD:
			return observe_record(occasion, &place);
		case ORIGINATOR_FIRST:
			if (observe_first(occasion, &place, &result)) {
				return result;
			}
			break;
		case ORIGINATOR_ADDED:
			return welcome(occasion);
		case ORIGINATOR_ABSENT:
			return SAMPLE_CAPPED;
		case ORIGINATOR_FULL:
			return SAMPLE_REFUSED;
		}
	}
	return SAMPLE_REFUSED;
}

sample_result_t window_observe_pair(window_t *window, unsigned thread, uint64_t moment,
                                    const window_pair_t *pair)
{
	thread_counts_t *counts = &window->counts[thread];
	bool added;
	uint32_t number = querier_table_intern(window->queriers, &pair->querier,
	                                       pair->querier_hash, &added);
	sample_result_t result = SAMPLE_REFUSED;
	if (number != 0 && pair->proven) {
		querier_table_verify(window->queriers, number);
	}
	if (number != 0) {
		uint32_t tick = tick_of(moment - window->start, window->options.period,
		                        window->ticks_per_period);
		occasion_t occasion = {
			.window = window, .thread = thread, .pair = pair, .tick = tick,
			.querier = {
				.number = number, .hash = pair->querier_hash,
				.fan_out = querier_table_fan_out(window->queriers, number),
				.fan_out_max = window->options.fan_out_max,
			},
			.sighting = {
				.entry = sample_entry_make(number, tick, 1),
				.period = tick / window->ticks_per_period,
			},
		};
		occasion.sighting.querier = &occasion.querier;
		result = observe(&occasion);
	}
	if (added) {
		count(&counts->queriers);
	}
	count(&counts->results[result]);
	if (address_is_subnet(&pair->originator)) {
		count(&counts->subnets);
	}
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

void window_recognise(window_t *window, const acquaintances_t *acquaintances)
{
	const querier_table_t *queriers = window->queriers;
	for (uint32_t number = 0; (number = querier_table_next(queriers, number)) != 0;) {
		address_t querier = querier_table_address(queriers, number);
		if (acquaintances_has(acquaintances, window_querier_hash(&window->options, &querier))) {
			querier_table_verify(queriers, number);
		}
	}
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

static uint64_t read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

window_counts_t window_counts(const window_t *window)
{
	window_counts_t sum = { 0 };
	for (unsigned i = 0; i < window->options.threads; i++) {
		const thread_counts_t *counts = &window->counts[i];
		sum.observations += read(&counts->results[SAMPLE_COUNTED]);
		sum.suppressed += read(&counts->results[SAMPLE_SUPPRESSED]);
		sum.refused += read(&counts->results[SAMPLE_REFUSED]);
		sum.capped += read(&counts->results[SAMPLE_CAPPED]);
		sum.displaced += read(&counts->displaced);
		sum.originators += read(&counts->originators);
		sum.queriers += read(&counts->queriers);
		sum.full -= read(&counts->subnets);
		for (unsigned j = 0; j < QUERY_LABELS; j++) {
			sum.partial[j] += read(&counts->partial[j]);
		}
	}
	sum.full += sum.observations + sum.suppressed + sum.refused + sum.capped;
	return sum;
}

uint32_t window_periods(const window_t *window)
{
	return periods_of(&window->options);
}

const querier_table_t *window_queriers(const window_t *window)
{
	return window->queriers;
}

size_t window_memory_used(const window_t *window)
{
	return arena_used(window->arena) + originator_table_memory(window->originators) +
	       querier_table_memory(window->queriers) + prefix_table_memory(window->prefixes) +
	       OVERHEAD;
}
