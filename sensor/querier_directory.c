/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Querier directory: open addressing with linear probing, at most half full.
 * 24 bytes an entry, 48 to 96 bytes a querier; a lookup is one or two cache misses.
 */
#include "sensor/querier_directory.h"

#include <stdlib.h>

#include "common/keyed_hash.h"
#include "sensor/network_map.h"

#define SLOTS_FIRST 1024

typedef struct {
	address_t querier;
	querier_info_t info;
	uint8_t used;
} slot_t;

struct querier_directory {
	slot_t *slots;
	size_t mask;  /* slots - 1, a power of two less one */
	size_t count;
	const prefix_map_t *as_numbers, *countries;  /* borrowed; NULL: none */
};

/*
 * The key is fixed: entries come from the operator's own file or from the
 * resolver that he runs, and equal input gives an equal table.
 */
static const hash_key_t key = { { 0x71756572696572, 0x6469726563746f72 } };

static size_t home_of(size_t mask, const address_t *querier)
{
	return keyed_hash_address(&key, querier) & mask;
}

static slot_t *find(slot_t *slots, size_t mask, const address_t *querier)
{
	size_t at = home_of(mask, querier);
	while (slots[at].used && !address_equal(&slots[at].querier, querier)) {
		at = (at + 1) & mask;
	}
	return &slots[at];
}

querier_directory_t *querier_directory_create(void)
{
	querier_directory_t *directory = calloc(1, sizeof(*directory));
	slot_t *slots = calloc(SLOTS_FIRST, sizeof(*slots));
	if (directory == NULL || slots == NULL) {
		free(directory);
		free(slots);
		return NULL;
	}
	directory->slots = slots;
	directory->mask = SLOTS_FIRST - 1;
	return directory;
}

void querier_directory_destroy(querier_directory_t *directory)
{
	if (directory != NULL) {
		free(directory->slots);
		free(directory);
	}
}

static status_t grow(querier_directory_t *directory)
{
	size_t size = 2 * (directory->mask + 1);
	slot_t *slots = calloc(size, sizeof(*slots));
	if (slots == NULL) {
		return STATUS_NO_MEMORY;
	}
	for (size_t i = 0; i <= directory->mask; i++) {
		if (directory->slots[i].used) {
			*find(slots, size - 1, &directory->slots[i].querier) = directory->slots[i];
		}
	}
	free(directory->slots);
	directory->slots = slots;
	directory->mask = size - 1;
	return STATUS_OK;
}

status_t querier_directory_put(querier_directory_t *directory, const address_t *querier,
                               querier_info_t info)
{
	if (2 * (directory->count + 1) > directory->mask + 1 && grow(directory) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	slot_t *slot = find(directory->slots, directory->mask, querier);
	directory->count += !slot->used;
	*slot = (slot_t) { .querier = *querier, .info = info, .used = 1 };
	return STATUS_OK;
}

querier_info_t querier_directory_get(const querier_directory_t *directory,
                                     const address_t *querier)
{
	if (directory == NULL) {
		return QUERIER_INFO_UNKNOWN;
	}
	const slot_t *slot = find(directory->slots, directory->mask, querier);
	querier_info_t info = slot->used ? slot->info : QUERIER_INFO_UNKNOWN;
	if (info.as_number == 0) {
		info.as_number = network_map_find(directory->as_numbers, querier);
	}
	if (info.country == 0) {
		info.country = (uint16_t)network_map_find(directory->countries, querier);
	}
	return info;
}

void querier_directory_prefetch(const querier_directory_t *directory, const address_t *querier)
{
	if (directory != NULL) {
		__builtin_prefetch(&directory->slots[home_of(directory->mask, querier)]);
	}
}

void querier_directory_networks(querier_directory_t *directory, const prefix_map_t *as_numbers,
                                const prefix_map_t *countries)
{
	directory->as_numbers = as_numbers;
	directory->countries = countries;
}

size_t querier_directory_count(const querier_directory_t *directory)
{
	return directory->count;
}
