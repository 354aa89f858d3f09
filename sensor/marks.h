/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which pages of a sparse table have something: one bit for each.
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

/*! Bytes of a page. */
#define MARKS_PAGE 4096

/*! The bits; an array in `words`, to be freed. */
typedef struct {
	_Atomic uint64_t *words;
	size_t slots;
	size_t per_page;  /*!< Slots of one bit. */
} marks_t;

/*! Makes marks for so many slots, none set; `words` is NULL if memory is short. */
static inline marks_t marks_make(size_t slots, size_t per_page)
{
	return (marks_t) { calloc(slots / per_page / 64 + 1, sizeof(uint64_t)), slots, per_page };
}

/*! Marks the page of a slot. Any thread; cheap if it is marked already. */
static inline void marks_set(const marks_t *marks, size_t slot)
{
	size_t page = slot / marks->per_page;
	_Atomic uint64_t *word = &marks->words[page / 64];
	uint64_t bit = UINT64_C(1) << (page % 64);
	if ((atomic_load_explicit(word, memory_order_relaxed) & bit) == 0) {
		atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
	}
}

/*! The slot itself if its page is marked, or the first one of the next page that is; or `slots`. */
static inline size_t marks_next(const marks_t *marks, size_t slot)
{
	size_t first = slot / marks->per_page, page = first;
	while (page * marks->per_page < marks->slots) {
		uint64_t word = atomic_load_explicit(&marks->words[page / 64], memory_order_relaxed);
		uint64_t rest = word >> (page % 64);
		if (rest & 1) {
			return page == first ? slot : page * marks->per_page;
		}
		page += rest != 0 ? (size_t)__builtin_ctzll(rest) : 64 - page % 64;
	}
	return marks->slots;
}

/*! Whether the page of a slot is marked. */
static inline bool marks_has(const marks_t *marks, size_t slot)
{
	size_t page = slot / marks->per_page;
	uint64_t word = atomic_load_explicit(&marks->words[page / 64], memory_order_acquire);
	return (word >> (page % 64) & 1) != 0;
}

/*! How many pages are marked. */
static inline size_t marks_pages(const marks_t *marks)
{
	size_t pages = 0;
	for (size_t i = 0; i <= marks->slots / marks->per_page / 64; i++) {
		pages += (size_t)__builtin_popcountll(
			atomic_load_explicit(&marks->words[i], memory_order_relaxed));
	}
	return pages;
}
