/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which pages of a sparse table have something: one bit for 256 slots.
 *
 * Who walks over a table looks at these pages only. The others have never been touched, and
 * reading them would make the system provide them.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*! Slots of one bit; with 16 bytes each they are a page. */
#define MARKS_SLOTS 256

/*! The bits; an array in `words`, to be freed. */
typedef struct {
	_Atomic uint64_t *words;
	size_t slots;
} marks_t;

/*! Makes marks for so many slots, none set; `words` is NULL if memory is short. */
static inline marks_t marks_make(size_t slots)
{
	return (marks_t) { calloc(slots / MARKS_SLOTS / 64 + 1, sizeof(uint64_t)), slots };
}

/*! Marks the page of a slot. Any thread; cheap if it is marked already. */
static inline void marks_set(const marks_t *marks, size_t slot)
{
	_Atomic uint64_t *word = &marks->words[slot / MARKS_SLOTS / 64];
	uint64_t bit = UINT64_C(1) << (slot / MARKS_SLOTS % 64);
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0) {
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
	}
}

/*! The slot itself if its page is marked, or the first one of the next page that is; or `slots`. */
static inline size_t marks_next(const marks_t *marks, size_t slot)
{
	while (slot < marks->slots) {
		uint64_t word = atomic_load_explicit(&marks->words[slot / MARKS_SLOTS / 64],
		                                     memory_order_relaxed);
		uint64_t rest = word >> (slot / MARKS_SLOTS % 64);
		if (rest & 1) {
			return slot;
		}
		size_t pages = rest != 0 ? (size_t)__builtin_ctzll(rest) : 64 - slot / MARKS_SLOTS % 64;
		slot = (slot / MARKS_SLOTS + pages) * MARKS_SLOTS;
	}
	return marks->slots;
}

/*! Whether the page of a slot is marked. */
static inline bool marks_has(const marks_t *marks, size_t slot)
{
	uint64_t word = atomic_load_explicit(&marks->words[slot / MARKS_SLOTS / 64],
	                                     memory_order_acquire);
	return (word >> (slot / MARKS_SLOTS % 64) & 1) != 0;
}

/*! How many slots lie in marked pages. */
static inline size_t marks_count(const marks_t *marks)
{
	size_t pages = 0;
	for (size_t i = 0; i <= marks->slots / MARKS_SLOTS / 64; i++) {
		pages += (size_t)__builtin_popcountll(
			atomic_load_explicit(&marks->words[i], memory_order_relaxed));
	}
	return pages * MARKS_SLOTS < marks->slots ? pages * MARKS_SLOTS : marks->slots;
}
