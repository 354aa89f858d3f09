/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Set of addresses by open addressing; the addresses are our own, so the key is no secret. */
#include "simulator/address_set.h"

#include <stdlib.h>

#include "common/keyed_hash.h"

#define PLACES_MIN 1024u

struct address_set {
	address_t *places;
	size_t size;  /* a power of two */
	size_t count;
};

address_set_t *address_set_create(void)
{
	address_set_t *set = calloc(1, sizeof(*set));
	if (set == NULL || (set->places = calloc(PLACES_MIN, sizeof(*set->places))) == NULL) {
		free(set);
		return NULL;
	}
	set->size = PLACES_MIN;
	return set;
}

void address_set_destroy(address_set_t *set)
{
	if (set != NULL) {
		free(set->places);
		free(set);
	}
}

/* The place where the address is or would be. */
static address_t *find(address_t *places, size_t size, const address_t *address)
{
	static const hash_key_t key = { { 0, 0 } };
	static const address_t none = { .words = { 0, 0 } };
	size_t at = (size_t)keyed_hash_address(&key, address) & (size - 1);
	while (!address_equal(&places[at], &none) && !address_equal(&places[at], address)) {
		at = (at + 1) & (size - 1);
	}
	return &places[at];
}

static bool grow(address_set_t *set)
{
	address_t *places = calloc(set->size * 2, sizeof(*places));
	if (places == NULL) {
		return false;
	}
	for (size_t i = 0; i < set->size; i++) {
		*find(places, set->size * 2, &set->places[i]) = set->places[i];
	}
	free(set->places);
	set->places = places;
	set->size *= 2;
	return true;
}

status_t address_set_add(address_set_t *set, const address_t *address, bool *added,
                         failure_t *failure)
{
	address_t *place = find(set->places, set->size, address);
	*added = !address_equal(place, address);
	if (!*added) {
		return STATUS_OK;
	}
	*place = *address;
	set->count++;
	if (set->count * 2 > set->size && !grow(set)) {
		return failure_no_memory(failure, "the addresses of the simulation");
	}
	return STATUS_OK;
}
