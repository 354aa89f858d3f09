/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The sample of distinct queriers of one originator; lock-free, insert only.
 *
 * Up to k distinct queriers the sample is exact. Above, it is Gibbons' distinct
 * sampling (P. Gibbons: Distinct sampling for highly-accurate answers to distinct
 * values queries, VLDB 2001): a querier has level l with probability 2^-(l+1), by
 * its keyed hash; the sample holds the queriers of level >= L, with the least L
 * for which they are at most k. That set depends only on which queriers came,
 * not on their order or on threads, so samples can be compared and merged. The
 * relative error of a share over n sampled queriers is about 1/sqrt(n), n > k/2.
 *
 *     entry (64 bits)   | querier number 26 | tick of last 22 | count 16 |
 *
 *     record            | originator … | inline entries |
 *                                      | more
 *                                      v
 *     block 0           | next, tally of levels | 4 buckets of 8 entries  |
 *     block 1           | next                  | 16 buckets of 8 entries |
 *     block d           | next                  | 4^(d+1) buckets …       |
 *
 * A querier lives in the first place with room: the inline entries, then its
 * bucket (one cache line, chosen by its hash) in block 0, 1, … An entry is never
 * moved or removed, and a place once full stays full; so two threads that add the
 * same querier meet in the same entry, and one of them finds it there. When L
 * rises, entries below it are left where they are and ignored: at most k/2 more
 * for each doubling of the queriers. An update costs one cache line per block on
 * the way; ten queriers need none, 1024 about four.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/state_file.h"
#include "sensor/arena.h"
#include "sensor/querier_table.h"

/*! Bits of an entry. */
#define SAMPLE_COUNT_BITS 16
#define SAMPLE_TICK_BITS  22
_Static_assert(QUERIER_NUMBER_BITS + SAMPLE_TICK_BITS + SAMPLE_COUNT_BITS == 64, "one word");

/*! Counts stop there. */
#define SAMPLE_COUNT_MAX ((1u << SAMPLE_COUNT_BITS) - 1)
/*! Most ticks of a window. */
#define SAMPLE_TICKS_MAX (1u << SAMPLE_TICK_BITS)
/*! Levels above are counted as this one: 2^31 times k queriers. */
#define SAMPLE_LEVEL_MAX 31

/*! What became of an observation. */
typedef enum {
	SAMPLE_COUNTED,    /*!< Counted (also if the querier is not in the sample). */
	SAMPLE_SUPPRESSED, /*!< Repeated too soon after the last counted one. */
	SAMPLE_REFUSED,    /*!< There is no room. */
	SAMPLE_CAPPED,     /*!< The querier asks for too many originators. */
	SAMPLE_RESULTS     /*!< How many there are. */
} sample_result_t;

/*! The sample's part of an originator's record. All zero is the empty sample. */
typedef struct {
	_Atomic uint32_t more;   /*!< Line of block 0; 0: none yet. */
	_Atomic uint32_t level;  /*!< L. */
} sample_t;

/*! Where a sample lives, and its rules. */
typedef struct {
	sample_t *sample;
	_Atomic uint64_t *entries; /*!< The inline ones. */
	unsigned entry_count;
	arena_t *arena;
	uint32_t size;             /*!< k, the most queriers that are kept. */
	uint32_t dedup;            /*!< Ticks within which a repetition is not counted; 0: none. */
} sample_place_t;

/*! Who asks. */
typedef struct {
	uint32_t number;           /*!< From querier_table_intern(). */
	uint64_t hash;             /*!< The keyed hash, the same for all originators. */
	_Atomic uint32_t *fan_out; /*!< Word with the originators that it was recorded with. */
	uint32_t fan_out_max;      /*!< Of so many it is let into no other sample; 0: no limit. */
} sample_querier_t;

/*! Takes an entry apart. */
static inline uint32_t sample_entry_number(uint64_t entry)
{
	return (uint32_t)(entry >> (SAMPLE_TICK_BITS + SAMPLE_COUNT_BITS));
}

static inline uint32_t sample_entry_tick(uint64_t entry)
{
	return (uint32_t)(entry >> SAMPLE_COUNT_BITS) & (SAMPLE_TICKS_MAX - 1);
}

static inline uint32_t sample_entry_count(uint64_t entry)
{
	return (uint32_t)entry & SAMPLE_COUNT_MAX;
}

/*! Puts one together. */
static inline uint64_t sample_entry_make(uint32_t number, uint32_t tick, uint32_t count)
{
	return (uint64_t)number << (SAMPLE_TICK_BITS + SAMPLE_COUNT_BITS) |
	       (uint64_t)tick << SAMPLE_COUNT_BITS | count;
}

/*!
 * An entry after one more query of its querier.
 *
 * \param entry  In and out.
 * \param dedup  Ticks within which a repetition is not counted.
 *
 * \return false, and \a entry untouched, if the query is such a repetition.
 */
static inline bool sample_entry_repeat(uint64_t *entry, uint32_t tick, uint32_t dedup)
{
	uint32_t last = sample_entry_tick(*entry), count = sample_entry_count(*entry);
	/* In both directions: captures and clocks run backwards at times. */
	if ((tick > last ? tick - last : last - tick) < dedup) {
		return false;
	}
	*entry = sample_entry_make(sample_entry_number(*entry), tick > last ? tick : last,
	                           count + (count < SAMPLE_COUNT_MAX));
	return true;
}

/*! Level of a querier, from the leading zeros of its keyed hash. */
static inline unsigned sample_level_of(uint64_t hash)
{
	unsigned zeros = (unsigned)__builtin_clzll(hash | 1);
	return zeros < SAMPLE_LEVEL_MAX ? zeros : SAMPLE_LEVEL_MAX;
}

/*! Tells whether a querier may get into a further sample. */
static inline bool sample_querier_welcome(const sample_querier_t *querier)
{
	return querier->fan_out_max == 0 ||
	       querier_fan_out(querier->fan_out) < querier->fan_out_max;
}

/*!
 * Records one observation. Lock-free; any number of threads, each with its own
 * \a thread of the arena.
 *
 * \param tick  Time in the window, below SAMPLE_TICKS_MAX.
 */
sample_result_t sample_observe(const sample_place_t *place, unsigned thread,
                               const sample_querier_t *querier, uint32_t tick);

/*! Line of the first block of a sample, or 0; for asking ahead. */
static inline uint32_t sample_block(const sample_t *sample)
{
	return atomic_load_explicit(&sample->more, memory_order_acquire);
}

/*! Line of the block after one, or 0; 0 after 0. */
uint32_t sample_block_after(const arena_t *arena, uint32_t line);

/*!
 * Copies all entries out, also those below the level: sample_trim() comes next. May
 * run while others observe.
 *
 * \param entries   Out: room for \a room entries.
 *
 * \return How many entries there are; if more than \a room, the rest is not copied.
 */
uint32_t sample_collect(const sample_place_t *place, uint64_t *entries, uint32_t room);

/*!
 * Applies the rule of the least level to collected entries: keeps, in place, those
 * of level >= L, with the least L that leaves at most \a size.
 *
 * \param levels  Level of each entry's querier; kept in step with \a entries.
 * \param level   In: the sample's level; out: L.
 *
 * \return How many entries are left.
 */
uint32_t sample_trim(uint64_t *entries, uint8_t *levels, uint32_t count, uint32_t size,
                     unsigned *level);

/*! Keeps a sample: its level, its inline entries and its blocks. May run while others observe. */
void sample_save(const sample_place_t *place, state_writer_t *writer);

/*!
 * Brings a sample back into a place that is all zero and that nobody uses yet.
 *
 * \param number_end  Numbers of queriers in entries must be below.
 *
 * \return false if it was damaged, or if the arena is full.
 */
bool sample_restore(const sample_place_t *place, state_reader_t *reader, uint32_t number_end);
