/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Where a key may stand in a hash table that is sized by what is expected.
 *
 *     level 0 | 1.6 slots for each key that is expected   | 63 |
 *     level 1 | 45 % of what memory allows, if that is far more | 63 |
 *     level 2 | all other slots                           | 63 |
 *                      home ► □ □ □ … 64 slots in a row
 *
 * A home is the first slot of a cache line, so that most look-ups take one line.
 *
 * A key stands in the first slot that was free, when it came, of the 64 from its home
 * in level 0; if none was, of the 64 from its home in level 1, and so on. Nothing is ever
 * removed or moved, so who looks for a key may stop at the first free slot, and two
 * threads that add the same key meet at the same slot.
 *
 * When there are as many keys as expected, what is behind level 0 is as good as untouched: it
 * costs address space and no memory, a look-up is one or two cache lines, and what is in use
 * lies close together, which spares the translation of addresses. When there are many more,
 * level 0 fills up; then (levels_use_t) a key is looked for in level 1 first, where most of
 * them are and where a free slot comes soon. A new key has to be sought in each, 16 lines in a
 * row in one that is full. Without expectations all is one level.
 *
 * Keys spread over all pages of the level that they come to. So the level in the middle: where
 * far more come than expected, as in the first window of a server, it has the size that
 * suits as many originators as there is room for records, and the last one is touched only by a
 * sweep of names that get no record.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/*! Slots that are looked at in each level. */
#define LEVELS_PROBES 64

/*! Most levels. */
#define LEVELS_MAX 3

/*! The levels of a table. */
typedef struct {
	unsigned count;
	uint32_t line;              /*!< Slots of a cache line. */
	uint32_t first[LEVELS_MAX]; /*!< Index of the first slot, which begins a line. */
	uint32_t lines[LEVELS_MAX]; /*!< Homes; the slots behind the last one belong to the level. */
	uint32_t slots;             /*!< Of all levels together. */
	/*!
	 * By the level that is looked at first: the lowest level that is as well worth asking the
	 * memory for ahead. A level far smaller holds few of the keys, and mostly is in the cache.
	 */
	unsigned ahead[LEVELS_MAX];
} levels_t;

/*! How full the levels are; zero at the begin. */
typedef struct {
	_Alignas(64) _Atomic unsigned preferred; /*!< Level that is looked at first. */
	/*! Keys behind each level: apart from what every query reads, as new keys add to it. */
	_Alignas(64) _Atomic uint32_t strays[LEVELS_MAX];
} levels_use_t;

/*!
 * Plans the levels of a table.
 *
 * \param expected  Keys, about; 0: not known.
 * \param most      Slots in all; at least LEVELS_LEAST, at most 2^31.
 * \param line      Slots of a cache line, if slot 0 begins one.
 */
levels_t levels_plan(size_t expected, size_t most, unsigned line);

/*! Least slots of a table. */
#define LEVELS_LEAST (4 * LEVELS_PROBES)

/*!
 * Where a key stands in any level, as a share of it in units of 2^-32. Takes the low 32 bits of
 * its hash, the lowest 24 of them first: what is above may tell keys apart.
 */
static inline uint32_t levels_share(uint64_t hash)
{
	return (uint32_t)hash << 8 | (uint32_t)hash >> 24;
}

/*! Index of the first slot of a key in a level. */
static inline uint32_t levels_home(const levels_t *levels, unsigned level, uint64_t hash)
{
	/* Scales to 0 … lines - 1 without a division (D. Lemire, ACM TOMACS 29(1), 2019). */
	uint64_t home = (uint64_t)levels_share(hash) * levels->lines[level] >> 32;
	return levels->first[level] + (uint32_t)home * levels->line;
}

/*!
 * Says that a key was added in a level. When an eighth of what the level before has room for
 * stands there, it pays to look there first.
 */
void levels_added(const levels_t *levels, levels_use_t *use, unsigned level);

/*! The level of a slot. */
unsigned levels_of(const levels_t *levels, size_t slot);

/*! The level to be looked at first, then those before it; then all are gone through from 0 on. */
static inline unsigned levels_preferred(const levels_use_t *use)
{
	return atomic_load_explicit(&use->preferred, memory_order_relaxed);
}
