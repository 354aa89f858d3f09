/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What window.c and window_state.c share: the layout of a window.
 */
#pragma once

#include <stdatomic.h>

#include "sensor/window.h"

/*! A record in the arena; see the picture in window.h. */
typedef struct {
	address_t originator;
	sample_t sample;
	_Atomic uint64_t words[];  /* period bitmap, then inline entries */
} record_t;

/*! Counts of one thread, on cache lines of its own. */
typedef struct {
	_Alignas(LINE_SIZE) _Atomic uint64_t results[SAMPLE_RESULTS];
	_Atomic uint64_t displaced;
	_Atomic uint64_t originators;
	_Atomic uint64_t queriers;
	_Atomic uint64_t subnets;  /* of results, those of subnets */
	_Atomic uint64_t partial[QUERY_LABELS];
} thread_counts_t;

/*! A window. */
struct window {
	uint64_t start;
	uint64_t since;
	window_options_t options;
	uint32_t ticks_per_period;
	uint32_t dedup_ticks;
	uint32_t bitmap_words;
	uint32_t record_lines;
	uint32_t record_entries; /* inline */
	originator_table_t *originators;
	arena_t *arena;
	void *base;              /* of the arena */
	querier_table_t *queriers;
	prefix_table_t *prefixes;
	thread_counts_t *counts; /* one per thread */
};

/*! Where the sample of a record lives. */
sample_place_t window_place(const window_t *window, record_t *record);
