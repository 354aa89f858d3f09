/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prefixes in order, each with a link to the next wider one. */
#include "config.h"

#include "common/prefix_map.h"

#include <stdbool.h>
#include <stdlib.h>

/* Prefixes nest at most this deep: one of each length. */
#define DEPTH_MAX 129

typedef struct {
	prefix_t prefix;
	uint32_t value;
	uint32_t first;  /* The first one of this prefix; while the map is filled, its own turn. */
	uint32_t wider;  /* The first one of the next wider prefix. */
} entry_t;

struct prefix_map {
	entry_t *entries;
	uint32_t count;
	size_t capacity;
	bool finished;
};

prefix_map_t *prefix_map_create(void)
{
	return calloc(1, sizeof(prefix_map_t));
}

void prefix_map_destroy(prefix_map_t *map)
{
	if (map != NULL) {
		free(map->entries);
		free(map);
	}
}

status_t prefix_map_add(prefix_map_t *map, const prefix_t *prefix, uint32_t value)
{
	if (map->finished) {
		return STATUS_CALLER;
	}
	if (map->count == PREFIX_MAP_NONE - 1) {
		return STATUS_NO_MEMORY;
	}
	if (map->count == map->capacity) {
		size_t capacity = map->capacity != 0 ? map->capacity * 2 : 64;
		entry_t *entries = reallocarray(map->entries, capacity, sizeof(*entries));
		if (entries == NULL) {
			return STATUS_NO_MEMORY;
		}
		map->entries = entries;
		map->capacity = capacity;
	}
	map->entries[map->count] = (entry_t) { *prefix, value, map->count, PREFIX_MAP_NONE };
	map->count++;
	return STATUS_OK;
}

static int prefix_compare(const prefix_t *a, const prefix_t *b)
{
	int order = address_compare(&a->address, &b->address);
	return order != 0 ? order : (int)a->length - (int)b->length;
}

static int entry_compare(const void *a, const void *b)
{
	const entry_t *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);
	return order != 0 ? order : (x->first > y->first) - (x->first < y->first);
}

/* As prefix_contains(), but by bits alone: "::/0" holds what stands below it, mapped or not. */
static bool holds_bits(const prefix_t *prefix, const address_t *address)
{
	address_t network = address_network(address, prefix->length);
	return address_equal(&network, &prefix->address);
}

void prefix_map_finish(prefix_map_t *map)
{
	uint32_t stack[DEPTH_MAX];
	size_t depth = 0;
	if (map->count > 0) {
		qsort(map->entries, map->count, sizeof(*map->entries), entry_compare);
	}
	for (uint32_t i = 0; i < map->count; i++) {
		entry_t *entry = &map->entries[i];
		if (i > 0 && prefix_compare(&entry->prefix, &entry[-1].prefix) == 0) {
			entry->first = entry[-1].first;
			entry->wider = entry[-1].wider;
			continue;
		}
		while (depth > 0 && !holds_bits(&map->entries[stack[depth - 1]].prefix,
		                                &entry->prefix.address)) {
			depth--;
		}
		entry->first = i;
		entry->wider = depth > 0 ? stack[depth - 1] : PREFIX_MAP_NONE;
		stack[depth++] = i;
	}
	map->finished = true;
}

uint32_t prefix_map_count(const prefix_map_t *map)
{
	return map->count;
}

/* The first entry at or above `entry` that holds the address. */
static uint32_t climb(const prefix_map_t *map, uint32_t entry, const address_t *address)
{
	while (entry != PREFIX_MAP_NONE && !prefix_contains(&map->entries[entry].prefix, address)) {
		entry = map->entries[entry].wider;
	}
	return entry;
}

uint32_t prefix_map_find(const prefix_map_t *map, const address_t *address)
{
	if (!map->finished) {
		return PREFIX_MAP_NONE;
	}
	/* Of the entries that do not stand behind the address itself, the last one. */
	const prefix_t itself = { *address, 128 };
	uint32_t from = 0, to = map->count;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (prefix_compare(&map->entries[middle].prefix, &itself) <= 0) {
			from = middle + 1;
		} else {
			to = middle;
		}
	}
	uint32_t entry = climb(map, from > 0 ? from - 1 : PREFIX_MAP_NONE, address);
	return entry != PREFIX_MAP_NONE ? map->entries[entry].first : PREFIX_MAP_NONE;
}

uint32_t prefix_map_next(const prefix_map_t *map, uint32_t entry, const address_t *address)
{
	const entry_t *entries = map->entries;
	if (entry + 1 < map->count && entries[entry + 1].first == entries[entry].first) {
		return entry + 1;
	}
	return climb(map, entries[entry].wider, address);
}

uint32_t prefix_map_first(const prefix_map_t *map, uint32_t entry)
{
	return map->entries[entry].first;
}

uint32_t prefix_map_wider(const prefix_map_t *map, uint32_t entry)
{
	return climb(map, map->entries[entry].wider, &map->entries[entry].prefix.address);
}

const prefix_t *prefix_map_prefix(const prefix_map_t *map, uint32_t entry)
{
	return &map->entries[entry].prefix;
}

uint32_t prefix_map_value(const prefix_map_t *map, uint32_t entry)
{
	return map->entries[entry].value;
}
