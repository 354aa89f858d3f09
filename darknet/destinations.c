/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbered addresses. */
#include "darknet/destinations.h"

void destinations_open(destinations_t *destinations, pool_t *pool, const hash_key_t *secret)
{
	*destinations = (destinations_t) {
		.pool = pool, .slots = { .budget = pool->budget }, .secret = *secret,
		.filled = DESTINATIONS_PER_LINE,
	};
}

void destinations_close(destinations_t *destinations)
{
	slots_clear(&destinations->slots);
}

static uint32_t destinations_add(destinations_t *destinations, const address_t *address,
                                 uint32_t tag)
{
	if (!budget_has_room(destinations->pool->budget) || !slots_reserve(&destinations->slots)) {
		return 0;
	}
	if (destinations->filled == DESTINATIONS_PER_LINE) {
		uint32_t line = pool_take(destinations->pool, 0);
		/* Numbers have 32 bits, too. */
		if (line == 0 || line > UINT32_MAX / DESTINATIONS_PER_LINE - 1) {
			return 0;
		}
		destinations->line = line;
		destinations->filled = 0;
	}
	uint32_t number = destinations->line * (uint32_t)DESTINATIONS_PER_LINE +
	                  destinations->filled++;
	address_t *place = (address_t *)pool_at(destinations->pool, destinations->line) +
	                   number % DESTINATIONS_PER_LINE;
	*place = *address;
	slots_add(&destinations->slots, tag, number);
	return number;
}

uint32_t destinations_number(destinations_t *destinations, const address_t *address)
{
	const slots_t *slots = &destinations->slots;
	uint32_t tag = (uint32_t)keyed_hash_address(&destinations->secret, address);
	if (slots->slots != NULL) {
		for (size_t at = slots_first(slots, tag); slots->slots[at].number != 0;
		     at = slots_next(slots, at)) {
			if (slots->slots[at].tag == tag &&
			    address_equal(destinations_address(destinations, slots->slots[at].number),
			                  address)) {
				return slots->slots[at].number;
			}
		}
	}
	return destinations_add(destinations, address, tag);
}
