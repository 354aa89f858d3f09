/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking packets into units. */
#include "darknet/census.h"

#include <endian.h>
#include <stdlib.h>

#include "darknet/census_internal.h"

census_t *census_create(uint64_t start, const census_common_t *common)
{
	census_t *census = calloc(1, sizeof(*census));
	if (census == NULL) {
		return NULL;
	}
	census->budget.limit = common->options->memory / TELESCOPE_OPEN_MAX;
	if (!pool_open(&census->pool, &census->budget)) {
		free(census);
		return NULL;
	}
	census->common = common;
	census->window.start = start;
	census->window.length = common->options->window;
	census->units.budget = &census->budget;
	destinations_open(&census->destinations, &census->pool, &common->secret);
	census->flows = (flow_store_t) {
		.pool = &census->pool, .tally = common->tally, .destinations = &census->destinations,
		.secret = common->secret, .level_key = common->options->key,
		.flows_max = common->options->flows,
	};
	return census;
}

void census_destroy(census_t *census)
{
	if (census != NULL) {
		destinations_close(&census->destinations);
		slots_clear(&census->units);
		pool_close(&census->pool);
		free(census);
	}
}

static uint32_t ipv4_number(const address_t *address)
{
	return (uint32_t)be64toh(address->words[1]);
}

/*
 * Whether a unit with the tag of a packet is the packet's: another source may have the tag, but
 * not another kind of the same source (wait()).
 */
static bool unit_is_of(const unit_t *unit, const waiting_t *waiting)
{
	return address_equal(&unit->source, &waiting->source);
}

static unit_t *unit_find(const census_t *census, const waiting_t *waiting)
{
	const slots_t *units = &census->units;
	if (waiting->guess != NULL && unit_is_of(waiting->guess, waiting)) {
		return waiting->guess;
	}
	if (units->slots == NULL) {
		return NULL;
	}
	for (size_t at = slots_first(units, waiting->tag); units->slots[at].number != 0;
	     at = slots_next(units, at)) {
		if (units->slots[at].tag == waiting->tag) {
			unit_t *unit = pool_at(&census->pool, units->slots[at].number);
			if (unit_is_of(unit, waiting)) {
				return unit;
			}
		}
	}
	return NULL;
}

static unit_t *unit_add(census_t *census, const waiting_t *waiting)
{
	budget_t *budget = &census->budget;
	if (!budget_has_room(budget) || !slots_reserve(&census->units) ||
	    !budget_take(budget, CENSUS_CLOSING)) {
		return NULL;
	}
	uint32_t line = pool_take(&census->pool, 0);
	if (line == 0) {
		budget_give(budget, CENSUS_CLOSING);
		return NULL;
	}
	unit_t *unit = pool_at(&census->pool, line);
	unit->source = waiting->source;
	unit->kind = waiting->kind;
	unit->tools = TOOL_SET_ALL;
	slots_add(&census->units, waiting->tag, line);
	return unit;
}

/* The record of a packet's unit, most likely, if there is one: the first with the same tag. */
static unit_t *unit_guess(const census_t *census, const waiting_t *waiting)
{
	const slots_t *units = &census->units;
	size_t at = slots_first(units, waiting->tag);
	while (units->slots[at].number != 0 && units->slots[at].tag != waiting->tag) {
		at = slots_next(units, at);
	}
	return units->slots[at].number != 0 ? pool_at(&census->pool, units->slots[at].number) : NULL;
}

static void count(census_t *census, waiting_t *waiting)
{
	unit_t *unit = unit_find(census, waiting);
	bool good = address_is_ipv4(&waiting->source) ||
	            (waiting->flow.address = destinations_number(&census->destinations,
	                                                         &waiting->destination)) != 0;
	if (!good || (unit == NULL && (unit = unit_add(census, waiting)) == NULL)) {
		census->window.refused_packets++;
		return;
	}
	census->window.packets++;
	unit->packets++;
	unit->flags |= waiting->flags;
	if (waiting->probe) {
		unit->tools &= waiting->tools;
		unit->probes += unit->probes < UINT8_MAX;
	}
	flow_store_add(&census->flows, unit, &waiting->flow);
}

static void wait(const census_t *census, const packet_t *packet, waiting_t *waiting)
{
	packet_nature_t nature;
	taxonomy_nature(packet, &nature);
	bool rest = nature.aside == ASIDE_NOT, has_place = rest ? nature.in_flow : nature.has_port;
	uint16_t port = nature.has_port ? packet->destination_port : 0;
	uint64_t hash = keyed_hash_address(&census->common->secret, &packet->source);
	uint8_t kind = unit_kind(nature.group, nature.aside);
	waiting->source = packet->source;
	waiting->destination = packet->destination;
	waiting->flow.address = ipv4_number(&packet->destination);
	waiting->flow.port = port;
	waiting->flow.flags = (uint16_t)((has_place ? 0 : FLOW_PORTLESS) |
	                                 (nature.probe ? 0 : FLOW_MIXED));
	waiting->flow.packets = 1;
	/* An odd step: the kinds of one source never have the same tag. */
	waiting->tag = (uint32_t)(hash >> 32) + kind * (uint32_t)(hash | 1);
	waiting->kind = kind;
	waiting->flags = rest && nature.has_port && port == 0 ? EVENT_FLAG_PORT_0 : 0;
	waiting->probe = nature.probe;
	waiting->tools = nature.probe ? fingerprint_packet(packet) : 0;
}

void census_take(census_t *census, const packet_t *packet)
{
	wait(census, packet, &census->waiting[census->waiting_count++]);
	if (census->waiting_count == CENSUS_BATCH) {
		census_flush(census);
	}
}

/* Asks the cache for all that the packets that wait will need. */
static void ask_ahead(census_t *census)
{
	waiting_t *end = census->waiting + census->waiting_count;
	for (waiting_t *waiting = census->waiting; waiting < end; waiting++) {
		__builtin_prefetch(&census->units.slots[slots_first(&census->units, waiting->tag)]);
	}
	for (waiting_t *waiting = census->waiting; waiting < end; waiting++) {
		waiting->guess = unit_guess(census, waiting);
		__builtin_prefetch(waiting->guess, 1);
	}
	for (waiting_t *waiting = census->waiting; waiting < end; waiting++) {
		if (waiting->guess != NULL) {
			flow_store_prefetch(&census->flows, waiting->guess, &waiting->flow);
		}
	}
}

void census_flush(census_t *census)
{
	if (census->units.slots != NULL) {
		ask_ahead(census);
	}
	for (unsigned i = 0; i < census->waiting_count; i++) {
		count(census, &census->waiting[i]);
	}
	census->waiting_count = 0;
}

const telescope_window_t *census_window(const census_t *census)
{
	return &census->window;
}

uint64_t census_memory(const census_t *census)
{
	return census->budget.used;
}
