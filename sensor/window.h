/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief One window: the originators of one address family over a stretch of time.
 *
 *     slots   | key 64 | first sighting, or line of the record |   originator_table.h
 *                                               |
 *                                               v  arena
 *     record  | originator 16 | sample 8 | period bitmap 8·w | inline entries 8·n |
 *
 * An originator with one querier takes a slot of 16 bytes; the second querier makes a
 * record. A record is a whole number of cache lines: with 144 periods (10 minutes of a
 * day) two of them, with ten inline entries. Looking an originator up costs a
 * miss for the slot and one or two for the record. A record is written before
 * its slot leads to it and never moves; no record is removed before the whole
 * window goes, so hooks need no lock and no reference counts.
 *
 * All memory of a window is bounded by one number; a fixed share of it is for each part
 * (window_sizes()). It is reserved at once and used as it fills. When a part is full, what
 * needs a new piece of it is refused and counted, and all that is known goes on.
 *
 * The naive version that the tests hold it against is sensor/reference.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "common/keyed_hash.h"
#include "sensor/acquaintances.h"
#include "sensor/originator_table.h"
#include "sensor/prefix_table.h"
#include "sensor/sample.h"

/*! Most periods of a window: the bitmap is part of every record. */
#define WINDOW_PERIODS_MAX 4096
_Static_assert(WINDOW_PERIODS_MAX == 1 << ORIGINATOR_PERIOD_BITS, "their numbers fit");

/*! What a window is like. */
typedef struct {
	uint64_t length;        /*!< Microseconds. */
	uint64_t period;        /*!< Microseconds; the window has ceil(length / period) of them. */
	uint64_t dedup;         /*!< Microseconds; a repetition within is not counted; 0: all count. */
	uint32_t sample_size;   /*!< k of sample.h. */
	uint32_t fan_out_max;   /*!< A querier is recorded with so many originators; 0: with all. */
	bool record_at_once;    /*!< Records for originators with one querier, too. */
	size_t memory;          /*!< Most bytes of the window; at least WINDOW_MEMORY_MIN. */
	size_t originators;     /*!< So many are expected; 0: not known. Matters for speed only. */
	size_t queriers;        /*!< Likewise. */
	bool huge_pages;        /*!< Likewise; see mapping_create(). */
	unsigned threads;       /*!< Threads that observe. */
	hash_key_t key;         /*!< For all hashes of the window, so also for the samples. */
} window_options_t;

/*! Least memory of a window, and what it has when nothing else is asked for. */
#define WINDOW_MEMORY_MIN     ((size_t)1 << 20)
#define WINDOW_MEMORY_DEFAULT ((size_t)1 << 28)

/*! What a window has room for. */
typedef struct {
	size_t originators;  /*!< Slots, for records and first sightings. */
	size_t queriers;     /*!< Slots. */
	size_t prefixes;     /*!< Bytes of the table of prefixes. */
	size_t arena;        /*!< Bytes for records and samples. */
} window_sizes_t;

/*!
 * Divides the memory of a window: a fifth for the slots of originators, three twentieths for
 * queriers, a 32nd for prefixes, the rest for records and samples.
 */
window_sizes_t window_sizes(size_t memory);

/*! What happened in a window; all are sums over threads. */
typedef struct {
	uint64_t observations;    /*!< Counted. */
	uint64_t suppressed;      /*!< Repetitions, not counted. */
	uint64_t refused;         /*!< Not recorded because a part was full. */
	uint64_t capped;          /*!< Not recorded because the querier asks for too many. */
	uint64_t displaced;       /*!< First sightings that gave way to others. */
	uint64_t originators;     /*!< Distinct ones; those that gave way each time they came. */
	uint64_t queriers;        /*!< Distinct ones. */
	uint64_t full;            /*!< Queries for full names: those above, but for subnets. */
	uint64_t partial[QUERY_LABELS]; /*!< For partial names, by query_labels(). */
} window_counts_t;

/*! Share of full names in all reverse names, 0 to 1; NaN without any. */
double window_full_share(const window_counts_t *counts);

/*! Who asked for whom, with the keyed hashes of both. Made by window_pair(). */
typedef struct {
	address_t originator;
	address_t querier;
	uint64_t originator_hash;
	uint64_t querier_hash;
	bool proven;            /*!< The querier is where it says; false from window_pair(). */
} window_pair_t;

/*! A window. */
typedef struct window window_t;

/*!
 * Makes a window.
 *
 * \param start    Moment of its begin.
 * \param since    Moment from which on it is filled: \a start, or later if the sensor
 *                 itself began in the middle of the window.
 * \param options  Copied.
 *
 * \return The window, or NULL if the system refuses the memory.
 */
window_t *window_create(uint64_t start, uint64_t since, const window_options_t *options);

/*! Frees a window; NULL is allowed. No other thread may use it any more. */
void window_destroy(window_t *window);

/*! Hashes a pair. The same for all windows with the same key. */
window_pair_t window_pair(const window_options_t *options, const address_t *originator,
                          const address_t *querier);

/*!
 * First step before window_observe_pair(), some hundred nanoseconds ahead if possible: begins
 * to bring the slots of a pair into the cache. Changes nothing, waits for nothing; may be
 * left out.
 */
void window_prefetch_slots(const window_t *window, const window_pair_t *pair);

/*!
 * Second step, when the slots have come: begins to bring what they lead to. Reads the
 * slots, so it waits for memory if the first step is not done yet; changes nothing.
 */
void window_prefetch_records(const window_t *window, const window_pair_t *pair);

/*!
 * Records one observation. Lock-free and bounded; any number of threads, each
 * with its own \a thread below options.threads.
 *
 * \param moment  Must lie in the window.
 * \param pair    Hashed with the window's key.
 *
 * \return What became of it.
 */
sample_result_t window_observe_pair(window_t *window, unsigned thread, uint64_t moment,
                                    const window_pair_t *pair);

/*! All steps in one. */
sample_result_t window_observe(window_t *window, unsigned thread, uint64_t moment,
                               const address_t *originator, const address_t *querier);

/*!
 * Counts a partial name, and its querier for its prefix. As window_observe_pair().
 *
 * \param judgement  Of a QUERY_PARTIAL.
 *
 * \return false if there is no room for the prefix.
 */
bool window_observe_partial(window_t *window, unsigned thread, const query_judgement_t *judgement,
                            const address_t *querier);

/*! Marks those queriers as verified that are among the acquaintances. One thread at a time. */
void window_recognise(window_t *window, const acquaintances_t *acquaintances);

/*! Begin, microseconds since 1970. */
uint64_t window_start(const window_t *window);

/*! Moment from which on it was filled. */
uint64_t window_since(const window_t *window);

/*! First moment after the window. */
uint64_t window_end(const window_t *window);

/*! Tells whether a moment lies in the window. */
bool window_has(const window_t *window, uint64_t moment);

/*! Its options. */
const window_options_t *window_options(const window_t *window);

/*! Sums of the counts so far. Any thread. */
window_counts_t window_counts(const window_t *window);

/*! Number of periods. */
uint32_t window_periods(const window_t *window);

/*! Its queriers. */
const querier_table_t *window_queriers(const window_t *window);

/*! What partial names were asked for, by prefix. */
const prefix_table_t *window_prefixes(const window_t *window);

/*! Most bytes that the window takes as it is now; never more than options.memory. */
size_t window_memory_used(const window_t *window);

/*! An originator on the walk. */
typedef struct {
	address_t originator;
	uint32_t line;          /*!< For window_sample(). */
} window_originator_t;

/*!
 * Next originator with a record, in no order. May run while others observe; those that come
 * meanwhile are seen or not.
 *
 * \param walk  Begin with zero; counts those that it passes which have no record.
 *
 * \return false at the end.
 */
bool window_next(const window_t *window, originator_walk_t *walk,
                 window_originator_t *originator);

/*! Originators of a batch. */
#define WINDOW_BATCH 32

/*!
 * The next originators, as window_next() has them one by one. Asks ahead for the memory of
 * their samples, which are to be looked at then.
 *
 * \return How many; 0 at the end.
 */
size_t window_next_batch(const window_t *window, originator_walk_t *walk,
                         window_originator_t originators[WINDOW_BATCH]);

/*!
 * The sample of an originator, exact by the rule of sample_trim(), and the number
 * of periods in which it appeared.
 *
 * \param entries  Out: room for \a room entries. Needed: at least options.sample_size.
 * \param levels   Scratch of \a room bytes.
 * \param count    Out: entries of the sample; if above \a room, nothing is
 *                 valid and the call is to be repeated with more room.
 * \param level    Out: each entry stands for 2^level queriers.
 * \param periods  Out.
 */
void window_sample(const window_t *window, const window_originator_t *originator,
                   uint64_t *entries, uint8_t *levels, uint32_t room, uint32_t *count,
                   unsigned *level, uint32_t *periods);

/*! Keyed hash of a querier, as the samples use it. */
uint64_t window_querier_hash(const window_options_t *options, const address_t *querier);

/*!
 * Tick of a moment in a window that begins at \a start: the resolution of samples. Each period
 * has the same number of ticks, so that a tick tells its period.
 */
uint32_t window_tick(const window_options_t *options, uint64_t start, uint64_t moment);

/*! The suppression time in ticks, rounded to the nearest. */
uint32_t window_dedup_ticks(const window_options_t *options);
