/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample of distinct queriers: see the picture in the header. */
#include "sensor/sample.h"

#include <stdatomic.h>

#define BUCKET_ENTRIES (LINE_SIZE / sizeof(uint64_t))
#define BLOCK_BUCKETS_FIRST 4
/* Blocks grow fourfold: the eleventh would have 2^22 buckets. */
#define BLOCKS_MAX 11

/* Head of a block; the buckets begin on the next line after it. */
typedef struct {
	_Alignas(LINE_SIZE) _Atomic uint32_t next;  /* line of the next block; 0: none yet */
	uint32_t buckets;
	/* Of block 0: how many entries of each level are in blocks (not inline). */
	_Atomic uint32_t tally[SAMPLE_LEVEL_MAX + 1];
} block_t;

static _Atomic uint64_t *block_bucket(block_t *block, uint32_t bucket)
{
	return (_Atomic uint64_t *)(block + 1) + (size_t)bucket * BUCKET_ENTRIES;
}

/* Bits of the hash that neither the slot in the querier table nor the level takes first. */
static uint32_t bucket_of(uint64_t hash, uint32_t buckets)
{
	return (uint32_t)(hash >> 16) & (buckets - 1);
}

/* One more query of a querier that is there. */
static sample_result_t update(_Atomic uint64_t *place, uint64_t entry, uint32_t tick,
                              uint32_t dedup)
{
	uint64_t changed;
	do {
		changed = entry;
		if (!sample_entry_repeat(&changed, tick, dedup)) {
			return SAMPLE_SUPPRESSED;
		}
	} while (!atomic_compare_exchange_weak_explicit(place, &entry, changed,
	                                                memory_order_relaxed,
	                                                memory_order_relaxed));
	return SAMPLE_COUNTED;
}

typedef enum { PLACE_DONE, PLACE_ADDED, PLACE_FULL } place_t;

/* Updates or adds the querier among `count` entries, if it is there or there is room. */
static place_t observe_among(_Atomic uint64_t *entries, unsigned count,
                             const sample_querier_t *querier, uint32_t tick, uint32_t dedup,
                             sample_result_t *result)
{
	for (unsigned i = 0; i < count; i++) {
		/* Acquire: who reads the number may read the querier's address. */
		uint64_t entry = atomic_load_explicit(&entries[i], memory_order_acquire);
		if (entry == 0 && !sample_querier_welcome(querier)) {
			*result = SAMPLE_CAPPED;
			return PLACE_DONE;
		}
		if (entry == 0 &&
		    atomic_compare_exchange_strong_explicit(&entries[i], &entry,
		                                            sample_entry_make(querier->number, tick, 1),
		                                            memory_order_release,
		                                            memory_order_acquire)) {
			atomic_fetch_add_explicit(querier->fan_out, 1, memory_order_relaxed);
			*result = SAMPLE_COUNTED;
			return PLACE_ADDED;
		}
		if (sample_entry_number(entry) == querier->number) {
			*result = update(&entries[i], entry, tick, dedup);
			return PLACE_DONE;
		}
	}
	return PLACE_FULL;
}

/* The block that a reference leads to, made if it is not there; NULL if memory is out. */
static block_t *follow(arena_t *arena, unsigned thread, _Atomic uint32_t *reference,
                       uint32_t buckets)
{
	void *base = arena_base(arena);
	uint32_t line = atomic_load_explicit(reference, memory_order_acquire);
	if (line != 0) {
		return arena_at(base, line);
	}
	uint32_t lines = (uint32_t)(sizeof(block_t) / LINE_SIZE) + buckets;
	uint32_t mine = arena_take(arena, thread, lines);
	if (mine == 0) {
		return NULL;
	}
	((block_t *)arena_at(base, mine))->buckets = buckets;
	if (atomic_compare_exchange_strong_explicit(reference, &line, mine, memory_order_acq_rel,
	                                            memory_order_acquire)) {
		return arena_at(base, mine);
	}
	arena_untake(arena, thread, mine, lines);
	return arena_at(base, line);
}

/*
 * Raises the level when the blocks alone hold more than k entries of it. The
 * inline ones are left out, so the stored level is never above the exact one,
 * which sample_trim() finds at the end.
 */
static void raise_level(const sample_place_t *place, block_t *first, unsigned level)
{
	uint32_t live = 0;
	for (unsigned i = level; i <= SAMPLE_LEVEL_MAX; i++) {
		live += atomic_load_explicit(&first->tally[i], memory_order_relaxed);
	}
	if (live > place->size && level < SAMPLE_LEVEL_MAX) {
		uint32_t expected = level;
		(void)atomic_compare_exchange_strong_explicit(&place->sample->level, &expected,
		                                              level + 1, memory_order_relaxed,
		                                              memory_order_relaxed);
	}
}

sample_result_t sample_observe(const sample_place_t *place, unsigned thread,
                               const sample_querier_t *querier, uint32_t tick)
{
	sample_t *sample = place->sample;
	unsigned mine = sample_level_of(querier->hash);
	unsigned level = atomic_load_explicit(&sample->level, memory_order_relaxed);
	if (mine < level) {
		return SAMPLE_COUNTED;
	}
	sample_result_t result = SAMPLE_REFUSED;
	if (observe_among(place->entries, place->entry_count, querier, tick, place->dedup,
	                  &result) != PLACE_FULL) {
		return result;
	}
	_Atomic uint32_t *reference = &sample->more;
	uint32_t buckets = BLOCK_BUCKETS_FIRST;
	block_t *first = NULL;
	for (unsigned i = 0; i < BLOCKS_MAX; i++, buckets *= 4) {
		if (atomic_load_explicit(reference, memory_order_relaxed) == 0 &&
		    !sample_querier_welcome(querier)) {
			return SAMPLE_CAPPED;
		}
		block_t *block = follow(place->arena, thread, reference, buckets);
		if (block == NULL) {
			return SAMPLE_REFUSED;
		}
		first = first != NULL ? first : block;
		place_t found = observe_among(block_bucket(block, bucket_of(querier->hash, buckets)),
		                              BUCKET_ENTRIES, querier, tick, place->dedup, &result);
		if (found == PLACE_ADDED) {
			atomic_fetch_add_explicit(&first->tally[mine], 1, memory_order_relaxed);
			raise_level(place, first, level);
		}
		if (found != PLACE_FULL) {
			return result;
		}
		reference = &block->next;
	}
	return SAMPLE_REFUSED;
}

typedef struct {
	uint64_t *entries;
	uint32_t count;
	uint32_t room;
} collection_t;

static void collect_among(_Atomic uint64_t *entries, size_t count, collection_t *collection)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t entry = atomic_load_explicit(&entries[i], memory_order_acquire);
		if (entry == 0) {
			continue;
		}
		if (collection->count < collection->room) {
			collection->entries[collection->count] = entry;
		}
		collection->count++;
	}
}

uint32_t sample_block_after(const arena_t *arena, uint32_t line)
{
	const block_t *block = arena_at(arena_base(arena), line);
	return line == 0 ? 0 : atomic_load_explicit(&block->next, memory_order_acquire);
}

uint32_t sample_collect(const sample_place_t *place, uint64_t *entries, uint32_t room)
{
	collection_t collection = { .entries = entries, .room = room };
	collect_among(place->entries, place->entry_count, &collection);
	void *base = arena_base(place->arena);
	uint32_t line = atomic_load_explicit(&place->sample->more, memory_order_acquire);
	while (line != 0) {
		block_t *block = arena_at(base, line);
		collect_among(block_bucket(block, 0), (size_t)block->buckets * BUCKET_ENTRIES,
		              &collection);
		line = atomic_load_explicit(&block->next, memory_order_acquire);
	}
	return collection.count;
}

uint32_t sample_trim(uint64_t *entries, uint8_t *levels, uint32_t count, uint32_t size,
                     unsigned *level)
{
	uint32_t tally[SAMPLE_LEVEL_MAX + 1] = { 0 }, live = 0;
	for (uint32_t i = 0; i < count; i++) {
		tally[levels[i]]++;
	}
	for (unsigned i = *level; i <= SAMPLE_LEVEL_MAX; i++) {
		live += tally[i];
	}
	while (live > size && *level < SAMPLE_LEVEL_MAX) {
		live -= tally[(*level)++];
	}
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (levels[i] >= *level) {
			entries[kept] = entries[i];
			levels[kept++] = levels[i];
		}
	}
	return kept;
}

static void save_entries(_Atomic uint64_t *entries, size_t count, state_writer_t *writer)
{
	for (size_t i = 0; i < count; i++) {
		/* Acquire: the queriers, which come later, are there. */
		uint64_t entry = atomic_load_explicit(&entries[i], memory_order_acquire);
		state_put(writer, &entry, sizeof(entry));
	}
}

static bool restore_entries(_Atomic uint64_t *entries, size_t count, state_reader_t *reader,
                            uint32_t number_end)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t entry;
		if (!state_get(reader, &entry, sizeof(entry)) ||
		    sample_entry_number(entry) >= number_end ||
		    (entry != 0 && sample_entry_number(entry) == 0)) {
			return false;
		}
		atomic_store_explicit(&entries[i], entry, memory_order_relaxed);
	}
	return true;
}

void sample_save(const sample_place_t *place, state_writer_t *writer)
{
	void *base = arena_base(place->arena);
	uint32_t level = atomic_load_explicit(&place->sample->level, memory_order_relaxed);
	state_put(writer, &level, sizeof(level));
	save_entries(place->entries, place->entry_count, writer);
	uint32_t line = atomic_load_explicit(&place->sample->more, memory_order_acquire);
	uint32_t buckets = line != 0 ? BLOCK_BUCKETS_FIRST : 0;
	state_put(writer, &buckets, sizeof(buckets));
	while (line != 0) {
		block_t *block = arena_at(base, line);
		for (unsigned i = 0; i <= SAMPLE_LEVEL_MAX; i++) {
			uint32_t tally = atomic_load_explicit(&block->tally[i], memory_order_relaxed);
			state_put(writer, &tally, sizeof(tally));
		}
		save_entries(block_bucket(block, 0), (size_t)block->buckets * BUCKET_ENTRIES, writer);
		line = atomic_load_explicit(&block->next, memory_order_acquire);
		buckets = line != 0 ? block->buckets * 4 : 0;
		state_put(writer, &buckets, sizeof(buckets));
	}
}

bool sample_restore(const sample_place_t *place, state_reader_t *reader, uint32_t number_end)
{
	uint32_t level, buckets, expected = BLOCK_BUCKETS_FIRST;
	_Atomic uint32_t *reference = &place->sample->more;
	if (!state_get(reader, &level, sizeof(level)) || level > SAMPLE_LEVEL_MAX ||
	    !restore_entries(place->entries, place->entry_count, reader, number_end)) {
		return false;
	}
	atomic_store_explicit(&place->sample->level, level, memory_order_relaxed);
	for (unsigned i = 0; i <= BLOCKS_MAX; i++, expected *= 4) {
		if (!state_get(reader, &buckets, sizeof(buckets)) ||
		    (buckets != 0 && (buckets != expected || i == BLOCKS_MAX))) {
			return false;
		}
		if (buckets == 0) {
			return true;
		}
		block_t *block = follow(place->arena, 0, reference, buckets);
		if (block == NULL || !state_get(reader, block->tally, sizeof(block->tally)) ||
		    !restore_entries(block_bucket(block, 0), (size_t)buckets * BUCKET_ENTRIES, reader,
		                     number_end)) {
			return false;
		}
		reference = &block->next;
	}
	return false;
}
