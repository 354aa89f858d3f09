/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefixes and their queriers: see the picture in the header. */
#include "sensor/prefix_table.h"

#include <endian.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/distinct.h"
#include "sensor/mapping.h"
#include "sensor/marks.h"

/* Slots that a prefix may stand in. */
#define PROBES 8

/* Cells for each slot. */
#define CELLS 4

/* Parts of an id and of a cell. */
#define KIND_MASK   UINT64_C(7)
#define TAG_SHIFT   24
#define MARK_SHIFT  12
#define CHECK_MASK  UINT64_C(0xfff)

/* Behind the last slot or cell in a file. */
#define NO_INDEX UINT64_MAX

typedef struct {
	_Alignas(64) _Atomic uint64_t id;
	_Atomic uint64_t bits;
	_Atomic uint64_t words[DISTINCT_WORDS];
} slot_t;
_Static_assert(sizeof(slot_t) + CELLS * sizeof(uint64_t) == PREFIX_ENTRY_SIZE, "as the header says");

struct prefix_table {
	slot_t *slots;
	_Atomic uint64_t *cells;
	size_t slot_count, cell_count;
	size_t size;  /* bytes of both */
	marks_t slot_marks, cell_marks;
	hash_key_t key;
};

#define PAGE_SLOTS (MARKS_PAGE / sizeof(slot_t))

/* By kind, from 1 on; bits of the 128. */
static const uint8_t lengths[] = {
	0, ADDRESS_IPV4_OFFSET + 8, ADDRESS_IPV4_OFFSET + 16, ADDRESS_IPV4_OFFSET + 24, 32, 48, 64,
};
#define KINDS      (sizeof(lengths) / sizeof(lengths[0]))
#define FIRST_IPV6 4
_Static_assert(KINDS <= KIND_MASK + 1, "kinds fit in an id");

prefix_table_t *prefix_table_create(size_t memory, bool huge, const hash_key_t *key)
{
	prefix_table_t *table = calloc(1, sizeof(*table));
	if (table == NULL) {
		return NULL;
	}
	/* Whole pages, so that the cells begin on one. */
	table->slot_count = memory / PREFIX_ENTRY_SIZE / PAGE_SLOTS * PAGE_SLOTS;
	table->cell_count = CELLS * table->slot_count;
	table->size = table->slot_count * PREFIX_ENTRY_SIZE;
	table->slots = mapping_create(table->size, huge);
	table->slot_marks = marks_make(table->slot_count, PAGE_SLOTS);
	table->cell_marks = marks_make(table->cell_count, MARKS_PAGE / sizeof(uint64_t));
	/* Another one than for originators: a prefix has the address of one. */
	table->key = (hash_key_t) { { key->words[0], ~key->words[1] } };
	if (table->slots == NULL || table->slot_marks.words == NULL ||
	    table->cell_marks.words == NULL) {
		prefix_table_destroy(table);
		return NULL;
	}
	table->cells = (_Atomic uint64_t *)(table->slots + table->slot_count);
	return table;
}

void prefix_table_destroy(prefix_table_t *table)
{
	if (table != NULL) {
		mapping_destroy(table->slots, table->size);
		free(table->slot_marks.words);
		free(table->cell_marks.words);
		free(table);
	}
}

bool prefix_of_name(const query_judgement_t *judgement, prefix_t *prefix)
{
	unsigned given = judgement->length + (judgement->ipv6 ? 0u : ADDRESS_IPV4_OFFSET);
	size_t first = judgement->ipv6 ? FIRST_IPV6 : 1;
	size_t kind = judgement->ipv6 ? KINDS - 1 : FIRST_IPV6 - 1;
	while (kind >= first && lengths[kind] > given) {
		kind--;
	}
	if (kind < first) {
		return false;
	}
	*prefix = (prefix_t) {
		address_network(&judgement->originator, lengths[kind]), lengths[kind],
	};
	return true;
}

static uint64_t kind_of(const prefix_t *prefix)
{
	uint64_t kind = 1;
	while (kind < KINDS - 1 && lengths[kind] != prefix->length) {
		kind++;
	}
	return kind;
}

/* The bits of a prefix that its kind does not tell, and back. */
static uint64_t bits_of(const prefix_t *prefix, uint64_t kind)
{
	return be64toh(prefix->address.words[kind < FIRST_IPV6 ? 1 : 0]);
}

static prefix_t make_prefix(uint64_t bits, uint64_t kind)
{
	prefix_t prefix = { .length = lengths[kind] };
	/* The mapped form begins the half that is kept, so the other one is zero in both families. */
	prefix.address.words[kind < FIRST_IPV6 ? 1 : 0] = htobe64(bits);
	return prefix;
}

/* Scales 32 bits to 0 … size - 1 (D. Lemire, ACM TOMACS 29(1), 2019). */
static size_t scale(uint64_t hash, size_t size)
{
	return (size_t)((hash & UINT32_MAX) * size >> 32);
}

/* The slot of an id among those from its home on, or the first free one; NULL: neither. */
static slot_t *seek(const prefix_table_t *table, uint64_t id, size_t home, bool *found)
{
	for (size_t i = home; i < home + PROBES; i++) {
		slot_t *slot = &table->slots[i];
		uint64_t there = atomic_load_explicit(&slot->id, memory_order_acquire);
		if (there == id || there == 0) {
			*found = there == id;
			return slot;
		}
	}
	return NULL;
}

/* Takes a slot for a prefix; NULL: there is none. */
static slot_t *take(const prefix_table_t *table, uint64_t id, size_t home)
{
	bool found;
	slot_t *slot;
	while ((slot = seek(table, id, home, &found)) != NULL && !found) {
		uint64_t none = 0;
		if (atomic_compare_exchange_strong_explicit(&slot->id, &none, id, memory_order_acq_rel,
		                                            memory_order_acquire)) {
			marks_set(&table->slot_marks, (size_t)(slot - table->slots));
			break;
		}
	}
	return slot;
}

static void fill(slot_t *slot, uint64_t bits, distinct_mark_t mark)
{
	if (atomic_load_explicit(&slot->bits, memory_order_relaxed) == 0) {
		atomic_store_explicit(&slot->bits, ~bits, memory_order_release);
	}
	distinct_add(slot->words, mark);
}

/* What stands in a cell for a querier, behind the tag of the prefix. */
static uint64_t make_cell(uint64_t id, distinct_mark_t mark, uint64_t querier)
{
	uint64_t both = (uint64_t)mark.index << DISTINCT_BITS | mark.rank;
	/* Bits of the hash that have the least to do with the mark. */
	return id >> TAG_SHIFT << TAG_SHIFT | both << MARK_SHIFT | (querier >> 8 & CHECK_MASK);
}

static distinct_mark_t mark_of_cell(uint64_t cell)
{
	return (distinct_mark_t) {
		.index = (uint8_t)(cell >> (MARK_SHIFT + DISTINCT_BITS) & 0x7f),
		.rank = (uint8_t)(cell >> MARK_SHIFT & DISTINCT_RANK_MAX),
	};
}

bool prefix_table_observe(prefix_table_t *table, const prefix_t *prefix, uint64_t querier)
{
	uint64_t kind = kind_of(prefix);
	hash_key_t key = { { table->key.words[0] ^ kind, table->key.words[1] } };
	uint64_t hash = keyed_hash_address(&key, &prefix->address);
	uint64_t id = (hash & ~KIND_MASK) | kind, bits = bits_of(prefix, kind);
	size_t home = scale(hash >> 3, table->slot_count - PROBES + 1);
	_Atomic uint64_t *cell = &table->cells[scale(hash >> 32, table->cell_count)];
	distinct_mark_t mark = distinct_mark(querier);
	bool found = false;
	__builtin_prefetch(cell);
	slot_t *slot = seek(table, id, home, &found);
	if (found) {
		fill(slot, bits, mark);
		return true;
	}
	uint64_t wanted = make_cell(id, mark, querier);
	uint64_t there = atomic_load_explicit(cell, memory_order_relaxed);
	if (there == wanted) {
		return true;
	}
	if (there >> TAG_SHIFT != wanted >> TAG_SHIFT) {
		atomic_store_explicit(cell, wanted, memory_order_relaxed);
		marks_set(&table->cell_marks, (size_t)(cell - table->cells));
		return true;
	}
	if ((slot = take(table, id, home)) == NULL) {
		return false;
	}
	fill(slot, bits, mark_of_cell(there));
	fill(slot, bits, mark);
	return true;
}

bool prefix_table_next(const prefix_table_t *table, size_t *at, prefix_t *prefix,
                       uint64_t *queriers)
{
	while ((*at = marks_next(&table->slot_marks, *at)) < table->slot_count) {
		slot_t *slot = &table->slots[(*at)++];
		uint64_t id = atomic_load_explicit(&slot->id, memory_order_acquire);
		uint64_t bits = atomic_load_explicit(&slot->bits, memory_order_acquire);
		if (id == 0 || bits == 0) {
			continue;
		}
		uint64_t words[DISTINCT_WORDS];
		for (unsigned i = 0; i < DISTINCT_WORDS; i++) {
			words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
		}
		*prefix = make_prefix(~bits, id & KIND_MASK);
		*queriers = distinct_estimate(words);
		return true;
	}
	return false;
}

size_t prefix_table_memory(const prefix_table_t *table)
{
	return (marks_pages(&table->slot_marks) + marks_pages(&table->cell_marks)) * MARKS_PAGE;
}

void prefix_table_save(const prefix_table_t *table, state_writer_t *writer)
{
	uint64_t kept[3 + DISTINCT_WORDS];
	/* From the last to the first, as window_state.h says. */
	for (size_t i = table->slot_count; i-- > 0;) {
		slot_t *slot = &table->slots[i];
		if (!marks_has(&table->slot_marks, i) ||
		    (kept[1] = atomic_load_explicit(&slot->id, memory_order_acquire)) == 0) {
			continue;
		}
		kept[0] = i;
		kept[2] = atomic_load_explicit(&slot->bits, memory_order_acquire);
		for (unsigned word = 0; word < DISTINCT_WORDS; word++) {
			kept[3 + word] = atomic_load_explicit(&slot->words[word], memory_order_relaxed);
		}
		state_put(writer, kept, sizeof(kept));
	}
	const uint64_t end[2] = { NO_INDEX, 0 };
	state_put(writer, end, sizeof(end[0]));
	for (size_t i = 0; (i = marks_next(&table->cell_marks, i)) < table->cell_count; i++) {
		const uint64_t cell[2] = { i, atomic_load_explicit(&table->cells[i], memory_order_relaxed) };
		if (cell[1] != 0) {
			state_put(writer, cell, sizeof(cell));
		}
	}
	state_put(writer, end, sizeof(end));
}

static bool restore_cells(prefix_table_t *table, state_reader_t *reader)
{
	uint64_t cell[2];
	while (state_get(reader, cell, sizeof(cell))) {
		if (cell[0] == NO_INDEX) {
			return true;
		}
		if (cell[0] >= table->cell_count || mark_of_cell(cell[1]).index >= DISTINCT_REGISTERS) {
			return false;
		}
		atomic_store_explicit(&table->cells[cell[0]], cell[1], memory_order_relaxed);
		marks_set(&table->cell_marks, cell[0]);
	}
	return false;
}

bool prefix_table_restore(prefix_table_t *table, state_reader_t *reader)
{
	uint64_t index, kept[2 + DISTINCT_WORDS], end = table->slot_count;
	while (state_get(reader, &index, sizeof(index))) {
		if (index == NO_INDEX) {
			return restore_cells(table, reader);
		}
		if (index >= end || !state_get(reader, kept, sizeof(kept)) ||
		    (kept[0] & KIND_MASK) == 0 || (kept[0] & KIND_MASK) >= KINDS) {
			return false;
		}
		end = index;
		slot_t *slot = &table->slots[index];
		atomic_store_explicit(&slot->id, kept[0], memory_order_relaxed);
		atomic_store_explicit(&slot->bits, kept[1], memory_order_relaxed);
		for (unsigned i = 0; i < DISTINCT_WORDS; i++) {
			atomic_store_explicit(&slot->words[i], kept[2 + i], memory_order_relaxed);
		}
		marks_set(&table->slot_marks, index);
	}
	return false;
}
