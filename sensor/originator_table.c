/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots of originators: first sightings and records. */
#include "sensor/originator_table.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/mapping.h"
#include "sensor/marks.h"

#define TAG_SHIFT (2 * ORIGINATOR_PERIOD_BITS)

#define PERIOD_MASK ((1u << ORIGINATOR_PERIOD_BITS) - 1)

/* A slot whose first sighting is just giving way to another: it is nobody's. */
#define VALUE_BUSY (UINT64_C(1) << 32)

/* So many first sightings are compared when one is to give way: two cache lines. */
#define CANDIDATES 8

#define LOCKS 64

_Static_assert(sizeof(originator_slot_t) == ORIGINATOR_SLOT_SIZE, "as the header says");

struct originator_table {
	originator_slot_t *slots;
	levels_t levels;
	void *base;
	uint32_t ticks_per_period;
	marks_t marks;
	levels_use_t use;
	_Alignas(LINE_SIZE) atomic_flag locks[LOCKS];  /* of displacing, by hash */
};

originator_table_t *originator_table_create(size_t expected, size_t slots, bool huge, void *base,
                                            uint32_t ticks_per_period)
{
	originator_table_t *table = aligned_alloc(LINE_SIZE, sizeof(*table));
	if (table == NULL) {
		return NULL;
	}
	memset(table, 0, sizeof(*table));
	table->levels = levels_plan(expected, slots, LINE_SIZE / ORIGINATOR_SLOT_SIZE);
	table->base = base;
	table->ticks_per_period = ticks_per_period;
	table->slots = mapping_create(table->levels.slots * sizeof(*table->slots), huge);
	table->marks = marks_make(table->levels.slots, MARKS_PAGE / ORIGINATOR_SLOT_SIZE);
	if (table->slots == NULL || table->marks.words == NULL) {
		originator_table_destroy(table);
		return NULL;
	}
	return table;
}

void originator_table_destroy(originator_table_t *table)
{
	if (table != NULL) {
		mapping_destroy(table->slots, table->levels.slots * sizeof(*table->slots));
		free(table->marks.words);
		free(table);
	}
}

static uint64_t tag_of(uint64_t hash)
{
	uint64_t tag = hash >> TAG_SHIFT;
	return tag != 0 ? tag : 1;
}

static bool is_record(uint64_t value)
{
	return sample_entry_number(value) == 0 && value != VALUE_BUSY;
}

void originator_table_prefetch(const originator_table_t *table, uint64_t hash)
{
	unsigned preferred = levels_preferred(&table->use);
	for (unsigned level = table->levels.ahead[preferred]; level <= preferred; level++) {
		/* One in four is found in the second line; its address is translated with the first. */
		const originator_slot_t *home = &table->slots[levels_home(&table->levels, level, hash)];
		__builtin_prefetch(home);
		__builtin_prefetch((const char *)home + LINE_SIZE);
	}
}

uint32_t originator_table_peek(const originator_table_t *table, uint64_t hash)
{
	unsigned preferred = levels_preferred(&table->use);
	uint64_t tag = tag_of(hash);
	for (unsigned level = preferred; level <= preferred; level--) {
		const originator_slot_t *slot = &table->slots[levels_home(&table->levels, level, hash)];
		for (unsigned probe = 0; probe < LEVELS_PROBES; probe++, slot++) {
			uint64_t key = atomic_load_explicit(&slot->key, memory_order_relaxed);
			if (key == 0) {
				break;
			}
			if (key >> TAG_SHIFT == tag) {
				uint64_t value = atomic_load_explicit(&slot->value, memory_order_relaxed);
				return is_record(value) ? (uint32_t)value : 0;
			}
		}
	}
	return 0;
}

typedef struct {
	originator_table_t *table;
	const address_t *originator;
	uint64_t tag;
	const originator_sighting_t *sighting;  /* NULL: only look */
	originator_place_t *place;
} search_t;

/* Asked only when the originator is new: the fan-out lies in a cache line of its own. */
static bool may_add(const search_t *search)
{
	return search->sighting != NULL && sample_querier_welcome(search->sighting->querier);
}

/* Claims a slot that was free when it was read; returns its key then. */
static uint64_t claim(const search_t *search, originator_slot_t *slot)
{
	uint64_t key = 0, period = search->sighting->period;
	uint64_t mine = search->tag << TAG_SHIFT | period << ORIGINATOR_PERIOD_BITS | period;
	return atomic_compare_exchange_strong_explicit(&slot->key, &key, mine, memory_order_acq_rel,
	                                               memory_order_acquire) ? mine : key;
}

/*
 * Looks at a slot with the right tag; false if it is another's nevertheless. A slot without
 * a value has been claimed by a thread for the same originator: whoever sets the value first
 * has made the first sighting.
 */
static bool examine(const search_t *search, originator_slot_t *slot, originator_found_t *found)
{
	uint64_t value = atomic_load_explicit(&slot->value, memory_order_acquire);
	if (value == 0) {
		if (!may_add(search)) {
			*found = ORIGINATOR_ABSENT;
			return true;
		}
		if (atomic_compare_exchange_strong_explicit(&slot->value, &value, search->sighting->entry,
		                                            memory_order_acq_rel,
		                                            memory_order_acquire)) {
			*found = ORIGINATOR_ADDED;
			return true;
		}
	}
	/* Once more, behind the value: the slot may have changed hands between the two. */
	uint64_t key = atomic_load_explicit(&slot->key, memory_order_acquire);
	if (value == VALUE_BUSY || key >> TAG_SHIFT != search->tag) {
		return false;
	}
	*found = is_record(value) ? ORIGINATOR_RECORD : ORIGINATOR_FIRST;
	*search->place = (originator_place_t) { slot, key, value };
	return *found == ORIGINATOR_FIRST ||
	       address_equal(arena_at(search->table->base, (uint32_t)value), search->originator);
}

/* Adds the originator where the first free slot is, unless it is only looked for. */
static originator_found_t seek_in_level(const search_t *search, unsigned level, uint64_t hash)
{
	originator_table_t *table = search->table;
	originator_slot_t *slot = &table->slots[levels_home(&table->levels, level, hash)];
	for (unsigned probe = 0; probe < LEVELS_PROBES; probe++, slot++) {
		uint64_t key = atomic_load_explicit(&slot->key, memory_order_acquire);
		if (key == 0) {
			if (!may_add(search)) {
				return ORIGINATOR_ABSENT;
			}
			marks_set(&table->marks, (size_t)(slot - table->slots));
			key = claim(search, slot);
		}
		originator_found_t found;
		if (key >> TAG_SHIFT == search->tag && examine(search, slot, &found)) {
			return found;
		}
	}
	return ORIGINATOR_FULL;
}

originator_found_t originator_table_seek(originator_table_t *table, const address_t *originator,
                                         uint64_t hash, const originator_sighting_t *sighting,
                                         originator_place_t *place)
{
	const search_t search = { table, originator, tag_of(hash), sighting, place };
	originator_found_t found = ORIGINATOR_FULL;
	unsigned preferred = levels_preferred(&table->use);
	/* Only a look: what it does not find is sought by the rule below, from level 0 on. */
	const search_t look = { table, originator, search.tag, NULL, place };
	for (unsigned level = preferred; level > 0; level--) {
		found = seek_in_level(&look, level, hash);
		if (found == ORIGINATOR_RECORD || found == ORIGINATOR_FIRST) {
			return found;
		}
	}
	found = ORIGINATOR_FULL;
	for (unsigned level = 0; level < table->levels.count && found == ORIGINATOR_FULL; level++) {
		found = seek_in_level(&search, level, hash);
		if (found == ORIGINATOR_ADDED) {
			levels_added(&table->levels, &table->use, level);
		}
	}
	return found;
}

/*
 * The first sighting that is to give way to another one, of those at the home of that one in
 * the last level; NULL: none. A later one never gives way to an earlier one of the
 * same fan-out: so no slot has the same value twice.
 */
static originator_slot_t *choose_victim(const originator_table_t *table, uint64_t hash,
                                        const originator_sighting_t *sighting,
                                        const querier_table_t *queriers, uint64_t *value)
{
	uint32_t tick = sample_entry_tick(sighting->entry);
	uint32_t fan_out = querier_fan_out(sighting->querier->fan_out);
	uint32_t home = levels_home(&table->levels, table->levels.count - 1, hash);
	originator_slot_t *victim = NULL;
	for (unsigned i = 0; i < CANDIDATES; i++) {
		originator_slot_t *slot = &table->slots[home + i];
		uint64_t entry = atomic_load_explicit(&slot->value, memory_order_acquire);
		if (sample_entry_number(entry) == 0) {
			continue;
		}
		uint32_t others = querier_fan_out(
			querier_table_fan_out(queriers, sample_entry_number(entry)));
		if (others > fan_out || (others == fan_out && sample_entry_tick(entry) < tick)) {
			victim = slot;
			*value = entry;
			fan_out = others;
			tick = sample_entry_tick(entry);
		}
	}
	return victim;
}

originator_found_t originator_table_displace(originator_table_t *table,
                                             const address_t *originator, uint64_t hash,
                                             const originator_sighting_t *sighting,
                                             const querier_table_t *queriers,
                                             originator_place_t *place)
{
	atomic_flag *lock = &table->locks[hash % LOCKS];
	if (atomic_flag_test_and_set_explicit(lock, memory_order_acquire)) {
		return ORIGINATOR_FULL;
	}
	/* There is no free slot any more: with the lock held nobody else can add this originator. */
	originator_found_t found = originator_table_seek(table, originator, hash, NULL, place);
	uint64_t value, tag = tag_of(hash), period = sighting->period;
	originator_slot_t *slot = found != ORIGINATOR_FULL ? NULL :
		choose_victim(table, hash, sighting, queriers, &value);
	if (slot != NULL &&
	    atomic_compare_exchange_strong_explicit(&slot->value, &value, VALUE_BUSY,
	                                            memory_order_acq_rel, memory_order_relaxed)) {
		atomic_store_explicit(&slot->key, tag << TAG_SHIFT | period << ORIGINATOR_PERIOD_BITS |
		                      period, memory_order_release);
		atomic_store_explicit(&slot->value, sighting->entry, memory_order_release);
		found = ORIGINATOR_ADDED;
	}
	atomic_flag_clear_explicit(lock, memory_order_release);
	return found;
}

/* The key with one more period; false if there is no room. */
static bool add_period(uint64_t *key, uint64_t period)
{
	uint64_t first = *key >> ORIGINATOR_PERIOD_BITS & PERIOD_MASK, second = *key & PERIOD_MASK;
	if (period == first || period == second) {
		return true;
	}
	if (first != second) {
		return false;
	}
	*key = (*key & ~(uint64_t)PERIOD_MASK) | period;
	return true;
}

sighting_result_t originator_table_repeat(const originator_table_t *table,
                                          const originator_place_t *place,
                                          const originator_sighting_t *sighting, uint32_t dedup)
{
	uint64_t value = place->value, key = place->key, changed = value, wanted = key;
	uint32_t tick = sample_entry_tick(sighting->entry), last = sample_entry_tick(value);
	if (!sample_entry_repeat(&changed, tick, dedup)) {
		return SIGHTING_SUPPRESSED;
	}
	/* The entry keeps the later tick and with it its period; the other period goes to the key. */
	uint32_t kept = sample_entry_tick(changed) / table->ticks_per_period;
	uint32_t other = tick > last ? last / table->ticks_per_period : sighting->period;
	if (other != kept && !add_period(&wanted, other)) {
		return SIGHTING_CROWDED;
	}
	if (wanted != key &&
	    !atomic_compare_exchange_strong_explicit(&place->slot->key, &key, wanted,
	                                             memory_order_acq_rel, memory_order_relaxed)) {
		return SIGHTING_CHANGED;
	}
	return atomic_compare_exchange_strong_explicit(&place->slot->value, &value, changed,
	                                               memory_order_acq_rel,
	                                               memory_order_relaxed) ?
	       SIGHTING_COUNTED : SIGHTING_CHANGED;
}

bool originator_table_promote(const originator_place_t *place, uint32_t line)
{
	uint64_t value = place->value;
	return atomic_compare_exchange_strong_explicit(&place->slot->value, &value, line,
	                                               memory_order_acq_rel, memory_order_relaxed);
}

void originator_place_periods(const originator_table_t *table, const originator_place_t *place,
                              uint32_t periods[3])
{
	periods[0] = (uint32_t)(place->key >> ORIGINATOR_PERIOD_BITS) & PERIOD_MASK;
	periods[1] = (uint32_t)place->key & PERIOD_MASK;
	periods[2] = sample_entry_tick(place->value) / table->ticks_per_period;
}

uint32_t originator_table_next(const originator_table_t *table, originator_walk_t *walk)
{
	while ((walk->slot = marks_next(&table->marks, walk->slot)) < table->levels.slots) {
		originator_slot_t *slot = &table->slots[walk->slot++];
		uint64_t value = atomic_load_explicit(&slot->value, memory_order_acquire);
		if (value != 0 && is_record(value)) {
			return (uint32_t)value;
		}
		walk->first_sightings += value != 0;
	}
	return 0;
}

size_t originator_table_memory(const originator_table_t *table)
{
	size_t touched = marks_pages(&table->marks) * MARKS_PAGE;
	size_t all = table->levels.slots * sizeof(*table->slots);
	return touched < all ? touched : all;
}

size_t originator_table_slots(const originator_table_t *table)
{
	return table->levels.slots;
}

bool originator_table_copy(const originator_table_t *table, size_t slot, uint64_t *key,
                           uint64_t *value)
{
	originator_slot_t *from = &table->slots[slot];
	uint64_t before;
	if (!marks_has(&table->marks, slot)) {
		return false;
	}
	/* Behind a value that stays the same, the key is that of the value: none comes twice. */
	do {
		before = atomic_load_explicit(&from->value, memory_order_acquire);
		*key = atomic_load_explicit(&from->key, memory_order_acquire);
		*value = atomic_load_explicit(&from->value, memory_order_acquire);
	} while (before != *value);
	if (*value == VALUE_BUSY) {
		*value = 0;
	}
	return *key != 0;
}

bool originator_value_is_record(uint64_t value)
{
	return value != 0 && is_record(value);
}

void originator_table_restore(originator_table_t *table, size_t slot, uint64_t key, uint64_t value)
{
	marks_set(&table->marks, slot);
	atomic_store_explicit(&table->slots[slot].key, key, memory_order_relaxed);
	atomic_store_explicit(&table->slots[slot].value, value, memory_order_relaxed);
	levels_added(&table->levels, &table->use, levels_of(&table->levels, slot));
}
