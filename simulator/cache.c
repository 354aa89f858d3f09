/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/cache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ROOM_MIN 4096u

/* Of x86-64 and most others; a power of two, as the room is. */
#define LARGE_PAGE ((size_t)2 << 20)

typedef struct {
	uint64_t key;      /* 0: free */
	uint64_t expires;
} entry_t;

struct cache {
	entry_t *entries;
	size_t room;       /* a power of two */
	size_t count;
};

cache_t *cache_create(void)
{
	cache_t *cache = calloc(1, sizeof(*cache));
	if (cache == NULL || (cache->entries = calloc(ROOM_MIN, sizeof(entry_t))) == NULL) {
		free(cache);
		return NULL;
	}
	cache->room = ROOM_MIN;
	return cache;
}

void cache_destroy(cache_t *cache)
{
	if (cache != NULL) {
		free(cache->entries);
		free(cache);
	}
}

/* Where a key begins to look. The keys are our own: no secret is needed, only that neighbours
 * part (multiplication by the golden ratio, upper bits). */
static size_t first_place(size_t room, uint64_t key)
{
	uint64_t mixed = key * UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(mixed ^ mixed >> 32) & (room - 1);
}

/* The place where the key is or would be. */
static size_t place(const entry_t *entries, size_t room, uint64_t key)
{
	size_t at = first_place(room, key);
	while (entries[at].key != 0 && entries[at].key != key) {
		at = (at + 1) & (room - 1);
	}
	return at;
}

uint64_t cache_find(const cache_t *cache, uint64_t key)
{
	const entry_t *entry = &cache->entries[place(cache->entries, cache->room, key)];
	return entry->key == key ? entry->expires : 0;
}

void cache_prefetch(const cache_t *cache, uint64_t key)
{
	__builtin_prefetch(&cache->entries[first_place(cache->room, key)]);
}

/* A table of free places, in large pages where it is large: every find is a jump in it. */
static entry_t *make_entries(size_t room)
{
	size_t size = room * sizeof(entry_t);
	if (size < LARGE_PAGE) {
		return calloc(room, sizeof(entry_t));
	}
	entry_t *entries = aligned_alloc(LARGE_PAGE, size);
	if (entries != NULL) {
		/* Only a wish. */
		(void)madvise(entries, size, MADV_HUGEPAGE);
		memset(entries, 0, size);
	}
	return entries;
}

/* Makes a table of what lives, with twice the room if that is more than a quarter. */
static status_t renew(cache_t *cache, uint64_t now, failure_t *failure)
{
	size_t living = 0, room = ROOM_MIN;
	for (size_t i = 0; i < cache->room; i++) {
		living += cache->entries[i].key != 0 && cache->entries[i].expires > now;
	}
	while (room < living * 4) {
		room *= 2;
	}
	entry_t *entries = make_entries(room);
	if (entries == NULL) {
		return failure_no_memory(failure, "the caches of the simulation");
	}
	for (size_t i = 0; i < cache->room; i++) {
		const entry_t *entry = &cache->entries[i];
		if (entry->key != 0 && entry->expires > now) {
			entries[place(entries, room, entry->key)] = *entry;
		}
	}
	free(cache->entries);
	cache->entries = entries;
	cache->room = room;
	cache->count = living;
	return STATUS_OK;
}

status_t cache_put(cache_t *cache, uint64_t key, uint64_t now, uint64_t expires,
                   failure_t *failure)
{
	entry_t *entry = &cache->entries[place(cache->entries, cache->room, key)];
	if (entry->key == 0) {
		if ((cache->count + 1) * 2 > cache->room) {
			status_t status = renew(cache, now, failure);
			if (status != STATUS_OK) {
				return status;
			}
			entry = &cache->entries[place(cache->entries, cache->room, key)];
		}
		cache->count++;
	}
	*entry = (entry_t) { .key = key, .expires = expires };
	return STATUS_OK;
}

size_t cache_room(const cache_t *cache)
{
	return cache->room;
}
