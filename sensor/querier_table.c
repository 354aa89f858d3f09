/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queriers of a window and their numbers. */
#include "sensor/querier_table.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/arena.h"
#include "sensor/levels.h"
#include "sensor/mapping.h"
#include "sensor/marks.h"

typedef struct {
	_Atomic uint64_t low;   /* inverted; 0: free */
	_Atomic uint64_t high;  /* inverted; 0: not written yet */
} slot_t;

/* Whoever asks for one more originator changes the fan-out: it is there with the address. */
typedef struct {
	_Alignas(LINE_SIZE) slot_t slots[QUERIER_LINE_SLOTS];
	_Atomic uint32_t fan_outs[QUERIER_LINE_SLOTS];
} line_t;

_Static_assert(sizeof(line_t) == LINE_SIZE, "as the header says");

struct querier_table {
	line_t *lines;
	levels_t levels;
	marks_t marks;
	levels_use_t use;
};

static size_t bytes_of(const querier_table_t *table)
{
	return (table->levels.slots / QUERIER_LINE_SLOTS + 1) * sizeof(*table->lines);
}

static slot_t *slot_of(const querier_table_t *table, size_t index)
{
	return &table->lines[index / QUERIER_LINE_SLOTS].slots[index % QUERIER_LINE_SLOTS];
}

querier_table_t *querier_table_create(size_t expected, size_t slots, bool huge)
{
	size_t most = ((size_t)1 << QUERIER_NUMBER_BITS) - 1;
	querier_table_t *table = aligned_alloc(LINE_SIZE, sizeof(*table));
	if (table == NULL) {
		return NULL;
	}
	memset(table, 0, sizeof(*table));
	table->levels = levels_plan(expected, slots < most ? slots : most, QUERIER_LINE_SLOTS);
	table->lines = mapping_create(bytes_of(table), huge);
	table->marks = marks_make(table->levels.slots, MARKS_PAGE / LINE_SIZE * QUERIER_LINE_SLOTS);
	if (table->lines == NULL || table->marks.words == NULL) {
		querier_table_destroy(table);
		return NULL;
	}
	return table;
}

void querier_table_destroy(querier_table_t *table)
{
	if (table != NULL) {
		mapping_destroy(table->lines, bytes_of(table));
		free(table->marks.words);
		free(table);
	}
}

void querier_table_prefetch(const querier_table_t *table, uint64_t hash)
{
	unsigned preferred = levels_preferred(&table->use);
	for (unsigned level = table->levels.ahead[preferred]; level <= preferred; level++) {
		__builtin_prefetch(slot_of(table, levels_home(&table->levels, level, hash)));
	}
}

/* Number of a querier that is there whole in a level; 0: not seen. */
static uint32_t look(const querier_table_t *table, unsigned level, uint64_t hash, uint64_t low,
                     uint64_t high)
{
	uint32_t home = levels_home(&table->levels, level, hash);
	for (uint32_t index = home; index < home + LEVELS_PROBES; index++) {
		const slot_t *slot = slot_of(table, index);
		uint64_t value = atomic_load_explicit(&slot->low, memory_order_acquire);
		if (value == low && atomic_load_explicit(&slot->high, memory_order_acquire) == high) {
			return index + 1;
		}
		if (value == 0) {
			break;
		}
	}
	return 0;
}

/* Sets a half that is not set; returns what it is then. */
static uint64_t settle(_Atomic uint64_t *half, uint64_t wanted, bool *mine)
{
	uint64_t value = atomic_load_explicit(half, memory_order_acquire);
	*mine = value == 0 && atomic_compare_exchange_strong_explicit(
		half, &value, wanted, memory_order_acq_rel, memory_order_acquire);
	return *mine ? wanted : value;
}

/* Number of a querier in a level, where it is added if there is room; 0: there is none. */
static uint32_t settle_in_level(querier_table_t *table, unsigned level, uint64_t hash,
                                uint64_t low, uint64_t high, bool *added)
{
	uint32_t home = levels_home(&table->levels, level, hash);
	for (uint32_t index = home; index < home + LEVELS_PROBES; index++) {
		slot_t *slot = slot_of(table, index);
		bool first;
		if (atomic_load_explicit(&slot->low, memory_order_relaxed) == 0) {
			marks_set(&table->marks, index);
		}
		if (settle(&slot->low, low, &first) == low &&
		    settle(&slot->high, high, added) == high) {
			return index + 1;
		}
	}
	return 0;
}

uint32_t querier_table_intern(querier_table_t *table, const address_t *querier, uint64_t hash,
                              bool *added)
{
	uint64_t low = ~querier->words[1], high = ~querier->words[0];
	unsigned preferred = levels_preferred(&table->use);
	uint32_t number = 0;
	*added = false;
	if (low == 0 || high == 0) {
		return 0;
	}
	/* Only a look: what it does not find is sought by the rule below, from level 0 on. */
	for (unsigned level = preferred; level > 0 && number == 0; level--) {
		number = look(table, level, hash, low, high);
	}
	for (unsigned level = 0; level < table->levels.count && number == 0; level++) {
		number = settle_in_level(table, level, hash, low, high, added);
		if (*added) {
			levels_added(&table->levels, &table->use, level);
		}
	}
	return number;
}

uint32_t querier_table_end(const querier_table_t *table)
{
	return table->levels.slots + 1;
}

uint32_t querier_table_next(const querier_table_t *table, uint32_t number)
{
	size_t index = number;
	while ((index = marks_next(&table->marks, index)) < table->levels.slots) {
		slot_t *slot = slot_of(table, index++);
		if (atomic_load_explicit(&slot->low, memory_order_acquire) != 0 &&
		    atomic_load_explicit(&slot->high, memory_order_acquire) != 0) {
			return (uint32_t)index;
		}
	}
	return 0;
}

void querier_table_fetch(const querier_table_t *table, uint32_t number)
{
	__builtin_prefetch(slot_of(table, number - 1));
}

address_t querier_table_address(const querier_table_t *table, uint32_t number)
{
	slot_t *slot = slot_of(table, number - 1);
	return (address_t) { .words = {
		~atomic_load_explicit(&slot->high, memory_order_relaxed),
		~atomic_load_explicit(&slot->low, memory_order_relaxed),
	} };
}

_Atomic uint32_t *querier_table_fan_out(const querier_table_t *table, uint32_t number)
{
	size_t index = number - 1;
	return &table->lines[index / QUERIER_LINE_SLOTS].fan_outs[index % QUERIER_LINE_SLOTS];
}

void querier_table_verify(const querier_table_t *table, uint32_t number)
{
	_Atomic uint32_t *word = querier_table_fan_out(table, number);
	if ((atomic_load_explicit(word, memory_order_relaxed) & QUERIER_VERIFIED) == 0) {
		atomic_fetch_or_explicit(word, QUERIER_VERIFIED, memory_order_relaxed);
	}
}

bool querier_table_verified(const querier_table_t *table, uint32_t number)
{
	return (atomic_load_explicit(querier_table_fan_out(table, number), memory_order_relaxed) &
	        QUERIER_VERIFIED) != 0;
}

size_t querier_table_memory(const querier_table_t *table)
{
	size_t touched = marks_pages(&table->marks) * MARKS_PAGE, all = bytes_of(table);
	return touched < all ? touched : all;
}

bool querier_table_copy(const querier_table_t *table, uint32_t number, querier_slot_t *slot)
{
	size_t index = number - 1;
	if (!marks_has(&table->marks, index)) {
		return false;
	}
	const slot_t *from = slot_of(table, index);
	slot->low = atomic_load_explicit(&from->low, memory_order_acquire);
	slot->high = atomic_load_explicit(&from->high, memory_order_acquire);
	slot->fan_out = atomic_load_explicit(querier_table_fan_out(table, number),
	                                     memory_order_relaxed);
	return slot->low != 0;
}

void querier_table_restore(querier_table_t *table, uint32_t number, const querier_slot_t *slot)
{
	size_t index = number - 1;
	slot_t *to = slot_of(table, index);
	marks_set(&table->marks, index);
	atomic_store_explicit(&to->low, slot->low, memory_order_relaxed);
	atomic_store_explicit(&to->high, slot->high, memory_order_relaxed);
	atomic_store_explicit(querier_table_fan_out(table, number), slot->fan_out,
	                      memory_order_relaxed);
	levels_added(&table->levels, &table->use, levels_of(&table->levels, index));
}
