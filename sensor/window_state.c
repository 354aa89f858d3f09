/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows in files. */
#include "sensor/window_state.h"

#include <string.h>

#include "sensor/window_internal.h"

/* Behind the last slot of a table. */
#define NO_SLOT UINT64_MAX

/* What shapes a window, without padding. */
typedef struct {
	uint64_t start;
	uint64_t since;
	uint64_t length;
	uint64_t period;
	uint64_t dedup;
	uint64_t sample_size;
	uint64_t fan_out_max;
	uint64_t record_at_once;
	uint64_t memory;
	uint64_t originators;
	uint64_t queriers;
	hash_key_t key;
	uint64_t results[SAMPLE_RESULTS];
	uint64_t displaced;
	uint64_t originator_count;
	uint64_t querier_count;
	uint64_t full;
	uint64_t partial[QUERY_LABELS];
} window_head_t;

typedef struct {
	uint64_t slot;
	uint64_t key;
	uint64_t value;
} kept_slot_t;

static window_head_t make_head(const window_t *window)
{
	const window_options_t *options = &window->options;
	window_counts_t counts = window_counts(window);
	window_head_t head = {
		.start = window->start, .since = window->since, .length = options->length,
		.period = options->period, .dedup = options->dedup,
		.sample_size = options->sample_size, .fan_out_max = options->fan_out_max,
		.record_at_once = options->record_at_once, .memory = options->memory,
		.originators = options->originators, .queriers = options->queriers,
		.key = options->key,
		.results = {
			[SAMPLE_COUNTED] = counts.observations, [SAMPLE_SUPPRESSED] = counts.suppressed,
			[SAMPLE_REFUSED] = counts.refused, [SAMPLE_CAPPED] = counts.capped,
		},
		.displaced = counts.displaced, .originator_count = counts.originators,
		.querier_count = counts.queriers, .full = counts.full,
	};
	memcpy(head.partial, counts.partial, sizeof(head.partial));
	return head;
}

static void save_record(const window_t *window, uint32_t line, state_writer_t *writer)
{
	record_t *record = arena_at(window->base, line);
	state_put(writer, &record->originator, sizeof(record->originator));
	for (uint32_t i = 0; i < window->bitmap_words; i++) {
		uint64_t word = atomic_load_explicit(&record->words[i], memory_order_relaxed);
		state_put(writer, &word, sizeof(word));
	}
	sample_place_t place = window_place(window, record);
	sample_save(&place, writer);
}

void window_save(const window_t *window, state_writer_t *writer)
{
	window_head_t head = make_head(window);
	state_put(writer, &head, sizeof(head));
	kept_slot_t kept = { NO_SLOT, 0, 0 };
	for (size_t slot = originator_table_slots(window->originators); slot-- > 0;) {
		if (originator_table_copy(window->originators, slot, &kept.key, &kept.value)) {
			kept.slot = slot;
			state_put(writer, &kept, sizeof(kept));
			if (originator_value_is_record(kept.value)) {
				save_record(window, (uint32_t)kept.value, writer);
			}
		}
	}
	kept.slot = NO_SLOT;
	state_put(writer, &kept, sizeof(kept));
	uint32_t number = querier_table_end(window->queriers);
	querier_slot_t querier = { 0 };
	while (--number > 0) {
		if (querier_table_copy(window->queriers, number, &querier)) {
			state_put(writer, &number, sizeof(number));
			state_put(writer, &querier, sizeof(querier));
		}
	}
	state_put(writer, &number, sizeof(number));
	prefix_table_save(window->prefixes, writer);
}

static bool same_shape(const window_head_t *head, const window_options_t *options)
{
	return head->length == options->length && head->period == options->period &&
	       head->dedup == options->dedup && head->sample_size == options->sample_size &&
	       head->fan_out_max == options->fan_out_max &&
	       head->record_at_once == options->record_at_once && head->memory == options->memory &&
	       head->key.words[0] == options->key.words[0] &&
	       head->key.words[1] == options->key.words[1];
}

/* Line of the record that comes next, or 0 if it is damaged or there is no room. */
static uint32_t restore_record(window_t *window, state_reader_t *reader)
{
	uint32_t line = arena_take(window->arena, 0, window->record_lines);
	if (line == 0) {
		return 0;
	}
	record_t *record = arena_at(window->base, line);
	bool good = state_get(reader, &record->originator, sizeof(record->originator));
	for (uint32_t i = 0; i < window->bitmap_words && good; i++) {
		uint64_t word;
		good = state_get(reader, &word, sizeof(word));
		if (good) {
			atomic_store_explicit(&record->words[i], word, memory_order_relaxed);
		}
	}
	sample_place_t place = window_place(window, record);
	return good && sample_restore(&place, reader, querier_table_end(window->queriers)) ? line : 0;
}

static bool restore_originators(window_t *window, state_reader_t *reader)
{
	size_t end = originator_table_slots(window->originators);
	kept_slot_t kept;
	while (state_get(reader, &kept, sizeof(kept))) {
		if (kept.slot == NO_SLOT) {
			return true;
		}
		/* In order, so none comes twice. */
		if (kept.slot >= end || kept.key == 0 ||
		    sample_entry_number(kept.value) >= querier_table_end(window->queriers)) {
			return false;
		}
		end = kept.slot;
		if (originator_value_is_record(kept.value) &&
		    (kept.value = restore_record(window, reader)) == 0) {
			return false;
		}
		originator_table_restore(window->originators, kept.slot, kept.key, kept.value);
	}
	return false;
}

static bool restore_queriers(window_t *window, state_reader_t *reader)
{
	uint32_t number, end = querier_table_end(window->queriers);
	querier_slot_t querier;
	while (state_get(reader, &number, sizeof(number))) {
		if (number == 0) {
			return true;
		}
		if (number >= end || !state_get(reader, &querier, sizeof(querier)) || querier.low == 0) {
			return false;
		}
		end = number;
		querier_table_restore(window->queriers, number, &querier);
	}
	return false;
}

static uint64_t sum_of(const uint64_t results[static SAMPLE_RESULTS])
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < SAMPLE_RESULTS; i++) {
		sum += results[i];
	}
	return sum;
}

static void restore_counts(window_t *window, const window_head_t *head)
{
	thread_counts_t *counts = &window->counts[0];
	for (unsigned i = 0; i < SAMPLE_RESULTS; i++) {
		atomic_store_explicit(&counts->results[i], head->results[i], memory_order_relaxed);
	}
	atomic_store_explicit(&counts->displaced, head->displaced, memory_order_relaxed);
	atomic_store_explicit(&counts->originators, head->originator_count, memory_order_relaxed);
	atomic_store_explicit(&counts->queriers, head->querier_count, memory_order_relaxed);
	atomic_store_explicit(&counts->subnets, sum_of(head->results) - head->full,
	                      memory_order_relaxed);
	for (unsigned i = 0; i < QUERY_LABELS; i++) {
		atomic_store_explicit(&counts->partial[i], head->partial[i], memory_order_relaxed);
	}
}

status_t window_restore(state_reader_t *reader, const window_options_t *options, window_t **out)
{
	window_head_t head;
	if (!state_get(reader, &head, sizeof(head))) {
		return STATUS_BAD_DATA;
	}
	if (!same_shape(&head, options)) {
		return STATUS_UNSUPPORTED;
	}
	if (head.start % head.length != 0 || head.since - head.start >= head.length ||
	    head.full > sum_of(head.results)) {
		return STATUS_BAD_DATA;
	}
	window_options_t same = *options;
	same.originators = head.originators;
	same.queriers = head.queriers;
	window_t *window = window_create(head.start, head.since, &same);
	if (window == NULL) {
		return STATUS_NO_MEMORY;
	}
	if (!restore_originators(window, reader) || !restore_queriers(window, reader) ||
	    !prefix_table_restore(window->prefixes, reader)) {
		window_destroy(window);
		return STATUS_BAD_DATA;
	}
	restore_counts(window, &head);
	*out = window;
	return STATUS_OK;
}
