/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief About how many distinct things there were: a HyperLogLog of 48 bytes, lock-free.
 *
 *     word   | the caller's 4 | register 5 | register 5 | … 12 of them |     6 words
 *
 * Each thing has one of the 72 registers, by a part of its keyed hash, and a rank: one more than
 * the zeros that another part begins with. A register keeps the highest rank (P. Flajolet, É.
 * Fusy, O. Gandouet, F. Meunier: HyperLogLog, AofA 2007). The estimate is O. Ertl's (New
 * cardinality estimation algorithms for HyperLogLog sketches, arXiv:1702.01284, algorithm 6),
 * which needs no tables for small numbers.
 *
 * Standard error: 1.04 / sqrt(72) = 12 % of the number, less for numbers below some 70; 1 is
 * always exact. It ends at some 10^11. Adding what is there already writes nothing, and registers
 * rise about 72 * log2(number / 72) times: a sketch of many is only read.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/*! Words of a sketch, and registers in each. */
#define DISTINCT_WORDS    6
#define DISTINCT_PER_WORD 12

/*! Registers; bits of one; bits of a word that are left to the caller, the highest. */
#define DISTINCT_REGISTERS (DISTINCT_WORDS * DISTINCT_PER_WORD)
#define DISTINCT_BITS      5
#define DISTINCT_RANK_MAX  ((1u << DISTINCT_BITS) - 1)

/*! What a thing adds: a register and a rank. */
typedef struct {
	uint8_t index;
	uint8_t rank;  /*!< 1 to DISTINCT_RANK_MAX. */
} distinct_mark_t;

/*! The mark of a keyed hash. */
static inline distinct_mark_t distinct_mark(uint64_t hash)
{
	unsigned rank = (unsigned)__builtin_clzll(hash | 1) + 1;
	return (distinct_mark_t) {
		.index = (uint8_t)((hash & UINT32_MAX) * DISTINCT_REGISTERS >> 32),
		.rank = (uint8_t)(rank < DISTINCT_RANK_MAX ? rank : DISTINCT_RANK_MAX),
	};
}

/*! Adds a mark. Lock-free, any number of threads; all zero is the empty sketch. */
static inline void distinct_add(_Atomic uint64_t words[DISTINCT_WORDS], distinct_mark_t mark)
{
	_Atomic uint64_t *word = &words[mark.index / DISTINCT_PER_WORD];
	unsigned shift = mark.index % DISTINCT_PER_WORD * DISTINCT_BITS;
	uint64_t mask = (uint64_t)DISTINCT_RANK_MAX << shift;
	uint64_t old = atomic_load_explicit(word, memory_order_relaxed);
	while ((old & mask) >> shift < mark.rank &&
	       !atomic_compare_exchange_weak_explicit(word, &old,
	                                              (old & ~mask) | (uint64_t)mark.rank << shift,
	                                              memory_order_relaxed, memory_order_relaxed)) {
	}
}

/*! The estimate, rounded. \param words  A copy, or one that nobody adds to. */
uint64_t distinct_estimate(const uint64_t words[DISTINCT_WORDS]);
