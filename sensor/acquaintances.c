/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bloom filter of queriers. */
#include "sensor/acquaintances.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BITS  (ACQUAINTANCES_MEMORY * 8)
#define WORDS (BITS / 64)

/* Words that are written and read at once. */
#define WORDS_AT_ONCE 512

struct acquaintances {
	_Atomic uint64_t *words;
	_Atomic uint32_t set;  /* bits */
};

acquaintances_t *acquaintances_create(void)
{
	acquaintances_t *acquaintances = calloc(1, sizeof(*acquaintances));
	if (acquaintances == NULL) {
		return NULL;
	}
	acquaintances->words = calloc(WORDS, sizeof(*acquaintances->words));
	if (acquaintances->words == NULL) {
		free(acquaintances);
		return NULL;
	}
	return acquaintances;
}

void acquaintances_destroy(acquaintances_t *acquaintances)
{
	if (acquaintances != NULL) {
		free(acquaintances->words);
		free(acquaintances);
	}
}

void acquaintances_clear(acquaintances_t *acquaintances)
{
	/* One that nobody used takes no memory but addresses, and that may stay so. */
	if (atomic_load_explicit(&acquaintances->set, memory_order_relaxed) == 0) {
		return;
	}
	for (size_t i = 0; i < WORDS; i++) {
		atomic_store_explicit(&acquaintances->words[i], 0, memory_order_relaxed);
	}
	atomic_store_explicit(&acquaintances->set, 0, memory_order_relaxed);
}

static size_t bit_of(uint64_t hash, unsigned which)
{
	return (size_t)(which == 0 ? hash : hash >> 32) % BITS;
}

static bool is_set(const acquaintances_t *acquaintances, size_t bit)
{
	uint64_t word = atomic_load_explicit(&acquaintances->words[bit / 64], memory_order_relaxed);
	return (word >> (bit % 64) & 1) != 0;
}

bool acquaintances_has(const acquaintances_t *acquaintances, uint64_t hash)
{
	return is_set(acquaintances, bit_of(hash, 0)) && is_set(acquaintances, bit_of(hash, 1));
}

bool acquaintances_add(acquaintances_t *acquaintances, uint64_t hash)
{
	/* Mostly it is there: plain reads keep the lines shared. */
	if (acquaintances_has(acquaintances, hash)) {
		return true;
	}
	if (atomic_load_explicit(&acquaintances->set, memory_order_relaxed) >= BITS / 4) {
		return false;
	}
	for (unsigned which = 0; which < 2; which++) {
		size_t bit = bit_of(hash, which);
		uint64_t mask = UINT64_C(1) << (bit % 64);
		uint64_t old = atomic_fetch_or_explicit(&acquaintances->words[bit / 64], mask,
		                                        memory_order_relaxed);
		if ((old & mask) == 0) {
			atomic_fetch_add_explicit(&acquaintances->set, 1, memory_order_relaxed);
		}
	}
	return true;
}

void acquaintances_save(const acquaintances_t *acquaintances, state_writer_t *writer)
{
	uint64_t words[WORDS_AT_ONCE];
	for (size_t from = 0; from < WORDS; from += WORDS_AT_ONCE) {
		for (size_t i = 0; i < WORDS_AT_ONCE; i++) {
			words[i] = atomic_load_explicit(&acquaintances->words[from + i], memory_order_relaxed);
		}
		state_put(writer, words, sizeof(words));
	}
}

bool acquaintances_restore(acquaintances_t *acquaintances, state_reader_t *reader)
{
	uint64_t words[WORDS_AT_ONCE];
	uint32_t set = 0;
	for (size_t from = 0; from < WORDS; from += WORDS_AT_ONCE) {
		if (!state_get(reader, words, sizeof(words))) {
			return false;
		}
		for (size_t i = 0; i < WORDS_AT_ONCE; i++) {
			atomic_store_explicit(&acquaintances->words[from + i], words[i], memory_order_relaxed);
			set += (uint32_t)__builtin_popcountll(words[i]);
		}
	}
	atomic_store_explicit(&acquaintances->set, set, memory_order_relaxed);
	return true;
}
