/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queriers of a window and their numbers. */
#include "sensor/querier_table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/arena.h"
#include "sensor/mapping.h"

/* With half of the slots free a run of this length means that the table is as good as full. */
#define PROBES_MAX 128

/* So many slots are looked at ahead: half of the slots are free, and eight lie in one line. */
#define PROBES_AHEAD 8

struct querier_table {
	_Atomic uint64_t *slots;
	size_t mask;
	address_t *entries;  /* by number */
	uint32_t capacity;  /* entries, with the unused number 0 */
	_Alignas(LINE_SIZE) _Atomic uint32_t next;
};

querier_table_t *querier_table_create(size_t capacity)
{
	size_t entries = 16;
	while (entries < capacity + 1 && entries < (size_t)1 << QUERIER_NUMBER_BITS) {
		entries *= 2;
	}
	querier_table_t *table = aligned_alloc(LINE_SIZE, sizeof(*table));
	if (table == NULL) {
		return NULL;
	}
	memset(table, 0, sizeof(*table));
	table->capacity = (uint32_t)entries;
	table->mask = 2 * entries - 1;
	table->slots = mapping_create((table->mask + 1) * sizeof(*table->slots));
	table->entries = mapping_create(entries * sizeof(*table->entries));
	if (table->slots == NULL || table->entries == NULL) {
		querier_table_destroy(table);
		return NULL;
	}
	atomic_init(&table->next, 1);
	return table;
}

void querier_table_destroy(querier_table_t *table)
{
	if (table != NULL) {
		mapping_destroy(table->slots, (table->mask + 1) * sizeof(*table->slots));
		mapping_destroy(table->entries, table->capacity * sizeof(*table->entries));
		free(table);
	}
}

void querier_table_prefetch_slot(const querier_table_t *table, uint64_t hash)
{
	__builtin_prefetch(&table->slots[hash & table->mask]);
}

void querier_table_prefetch_address(const querier_table_t *table, uint64_t hash)
{
	for (size_t probe = 0; probe < PROBES_AHEAD; probe++) {
		uint64_t value = atomic_load_explicit(&table->slots[(hash + probe) & table->mask],
		                                      memory_order_relaxed);
		if (value == 0) {
			return;
		}
		if (value >> 32 == hash >> 32) {
			__builtin_prefetch(&table->entries[(uint32_t)value]);
			return;
		}
	}
}

/* Writes the address under a fresh number; 0 when there is none. */
static uint32_t add_entry(querier_table_t *table, const address_t *querier)
{
	if (atomic_load_explicit(&table->next, memory_order_relaxed) >= table->capacity) {
		return 0;
	}
	uint32_t number = atomic_fetch_add_explicit(&table->next, 1, memory_order_relaxed);
	if (number >= table->capacity) {
		return 0;
	}
	table->entries[number] = *querier;
	return number;
}

uint32_t querier_table_intern(querier_table_t *table, const address_t *querier, uint64_t hash)
{
	uint32_t tag = (uint32_t)(hash >> 32), number = 0;
	for (size_t probe = 0; probe < PROBES_MAX; probe++) {
		_Atomic uint64_t *slot = &table->slots[(hash + probe) & table->mask];
		uint64_t value = atomic_load_explicit(slot, memory_order_acquire);
		if (value == 0) {
			if (number == 0 && (number = add_entry(table, querier)) == 0) {
				return 0;
			}
			uint64_t mine = (uint64_t)tag << 32 | number;
			if (atomic_compare_exchange_strong_explicit(slot, &value, mine,
			                                            memory_order_release,
			                                            memory_order_acquire)) {
				return number;
			}
			/* Another thread took the slot; value is now what it wrote. */
		}
		/* If the same querier was added twice at once, the loser's number stays unused. */
		if (value >> 32 == tag && address_equal(&table->entries[(uint32_t)value], querier)) {
			return (uint32_t)value;
		}
	}
	return 0;
}

uint32_t querier_table_end(const querier_table_t *table)
{
	uint32_t next = atomic_load_explicit(&table->next, memory_order_acquire);
	return next < table->capacity ? next : table->capacity;
}

const address_t *querier_table_address(const querier_table_t *table, uint32_t number)
{
	return &table->entries[number];
}

size_t querier_table_slots(const querier_table_t *table)
{
	return table->mask + 1;
}

uint32_t querier_table_slot(const querier_table_t *table, size_t slot)
{
	/* Acquire: the address was written before the slot. */
	return (uint32_t)atomic_load_explicit(&table->slots[slot], memory_order_acquire);
}
