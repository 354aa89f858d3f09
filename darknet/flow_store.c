/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of flows. */
#include "darknet/flow_store.h"

#include <string.h>

/* A port's value in the sample; what has no port is one more. */
#define PORT_NONE 65536u

/* Order below which a table is small. */
#define ORDER_SMALL 3

/* Lines that are asked for before flows are moved. */
#define LINES_AHEAD 16

static uint32_t hash_of(const flow_store_t *store, const flow_t *flow)
{
	/* Multiply and fold with secret words: enough against who cannot see the result. */
	unsigned __int128 product = (unsigned __int128)(flow_place(flow) ^ store->secret.words[0]) *
	                            (store->secret.words[1] | 1);
	return (uint32_t)((uint64_t)(product >> 64) ^ (uint64_t)product);
}

static size_t home_of(uint32_t hash, unsigned order)
{
	return order > 0 ? hash >> (32 - order) : 0;
}

/* Flows that a table takes before it grows: a single line may be full. */
static uint32_t limit_of(unsigned order)
{
	return order == 0 ? FLOWS_PER_LINE : (FLOWS_PER_LINE - 1) << order;
}

static void count_packet(flow_t *place, const flow_t *flow)
{
	place->packets += place->packets < UINT32_MAX;
	place->flags |= flow->flags;
}

/* Bits of the places of a line whose packets go where `wanted` says: no branch to be guessed. */
static unsigned matches(const flow_line_t *line, uint64_t wanted)
{
	unsigned bits = 0;
	for (unsigned i = 0; i < FLOWS_PER_LINE; i++) {
		bits |= (unsigned)(flow_place(&line->flows[i]) == wanted) << i;
	}
	return bits & ((1u << line->filled) - 1);
}

/* Finds a flow from its home on; else NULL. */
static flow_t *find(flow_line_t *lines, unsigned order, size_t home, const flow_t *flow)
{
	size_t mask = ((size_t)1 << order) - 1, at = home;
	uint64_t wanted = flow_place(flow);
	do {
		unsigned bits = matches(&lines[at], wanted);
		if (bits != 0) {
			return &lines[at].flows[__builtin_ctz(bits)];
		}
		if (!lines[at].passed) {
			return NULL;
		}
		at = (at + 1) & mask;
	} while (at != home);
	return NULL;
}

/* Puts a flow that is not there into the first line with room. There is one. */
static void insert(flow_line_t *lines, unsigned order, size_t home, const flow_t *flow)
{
	size_t mask = ((size_t)1 << order) - 1, at = home;
	while (lines[at].filled == FLOWS_PER_LINE) {
		lines[at].passed = 1;
		at = (at + 1) & mask;
	}
	lines[at].flows[lines[at].filled++] = *flow;
}

static bool in_sample(const flow_store_t *store, const unit_t *unit, const flow_t *flow)
{
	if (unit->address_level > 0) {
		const uint8_t octets[4] = { (uint8_t)(flow->address >> 24), (uint8_t)(flow->address >> 16),
		                            (uint8_t)(flow->address >> 8), (uint8_t)flow->address };
		address_t address = address_is_ipv4(&unit->source)
		                    ? address_from_ipv4(octets)
		                    : *destinations_address(store->destinations, flow->address);
		uint64_t hash = keyed_hash_address(&store->level_key, &address);
		if ((unsigned)__builtin_clzll(hash | 1) < unit->address_level) {
			return false;
		}
	}
	if (unit->port_level > 0) {
		uint32_t port = htole32(flow->flags & FLOW_PORTLESS ? PORT_NONE : flow->port);
		uint64_t hash = keyed_hash(&store->level_key, &port, sizeof(port), 1, 3);
		if ((unsigned)__builtin_clzll(hash | 1) < unit->port_level) {
			return false;
		}
	}
	return true;
}

/*
 * Puts all flows of a table where they belong, in place. A flow stands in its home or
 * behind it, so when lines are emptied and put back from the first to the last, none
 * comes further behind than it was.
 */
static void settle(const flow_store_t *store, flow_line_t *lines, unsigned order)
{
	size_t count = (size_t)1 << order;
	for (size_t at = 0; at < count; at++) {
		lines[at].passed = 0;
	}
	for (size_t at = 0; at < count; at++) {
		flow_line_t line = lines[at];
		lines[at].filled = 0;
		for (unsigned i = 0; i < line.filled; i++) {
			insert(lines, order, home_of(hash_of(store, &line.flows[i]), order), &line.flows[i]);
		}
	}
}

/* Takes away what the levels leave out. */
static void leave_out(const flow_store_t *store, unit_t *unit, flow_line_t *lines)
{
	size_t count = (size_t)1 << unit->order;
	unit->flow_count = 0;
	for (flow_line_t *line = lines; line < lines + count; line++) {
		uint16_t kept = 0;
		for (unsigned i = 0; i < line->filled; i++) {
			if (in_sample(store, unit, &line->flows[i])) {
				line->flows[kept++] = line->flows[i];
			}
		}
		line->filled = kept;
		unit->flow_count += kept;
	}
	settle(store, lines, unit->order);
}

/* Halves the larger dimension of a table until fewer than `bound` flows are left. */
static void thin(const flow_store_t *store, unit_t *unit, uint32_t bound)
{
	flow_line_t *lines = pool_at(store->pool, unit->table);
	while (unit->flow_count >= bound) {
		tally_extent_t extent = tally_extent(store->tally, lines, (size_t)1 << unit->order);
		if (extent.most_ports > unit->seen.most_ports) {
			unit->seen.most_ports = extent.most_ports;
		}
		if (extent.most_addresses > unit->seen.most_addresses) {
			unit->seen.most_addresses = extent.most_addresses;
		}
		uint8_t *level = extent.addresses >= extent.ports ? &unit->address_level
		                                                  : &unit->port_level;
		*level = *level < UNIT_LEVEL_MAX ? *level + 1 : UNIT_LEVEL_MAX;
		leave_out(store, unit, lines);
	}
}

/* Asks for lines that lie in a row: whoever reads on behind them will not wait. */
static void ask_for(const flow_line_t *lines, size_t count)
{
	for (size_t i = 0; i < count && i < LINES_AHEAD; i++) {
		__builtin_prefetch(&lines[i], 1);
	}
}

static void move_all(const flow_store_t *store, const flow_line_t *old, size_t count,
                     flow_line_t *lines, unsigned order)
{
	ask_for(old, count);
	ask_for(lines, (size_t)1 << order);
	for (const flow_line_t *line = old; line < old + count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			insert(lines, order, home_of(hash_of(store, &line->flows[i]), order), &line->flows[i]);
		}
	}
}

/*
 * Small tables become four times as large, since most of them go on growing, and moving
 * costs more than the room; large ones twice.
 */
static bool grow(const flow_store_t *store, unit_t *unit)
{
	unsigned order = unit->order + (unit->order < ORDER_SMALL ? 2u : 1u);
	uint32_t table = order < POOL_ORDERS ? pool_take(store->pool, order) : 0;
	if (table == 0) {
		return false;
	}
	move_all(store, pool_at(store->pool, unit->table), (size_t)1 << unit->order,
	         pool_at(store->pool, table), order);
	pool_give(store->pool, unit->table, unit->order);
	unit->table = table;
	unit->order = (uint8_t)order;
	return true;
}

/* Moves the flows of the record to a table of one line. */
static bool move_out(const flow_store_t *store, unit_t *unit)
{
	uint32_t table = pool_take(store->pool, 0);
	if (table == 0) {
		return false;
	}
	flow_line_t *line = pool_at(store->pool, table);
	memcpy(line->flows, unit->flows, sizeof(unit->flows));
	line->filled = UNIT_INLINE;
	memset(unit->flows, 0, sizeof(unit->flows));
	unit->table = table;
	unit->order = 0;
	return true;
}

/* The record is full and there is no memory for a table. */
static void thin_inline(const flow_store_t *store, unit_t *unit)
{
	while (unit->flow_count == UNIT_INLINE) {
		bool by_address = unit->flows[0].address != unit->flows[1].address;
		uint8_t *level = by_address ? &unit->address_level : &unit->port_level;
		*level = *level < UNIT_LEVEL_MAX ? *level + 1 : UNIT_LEVEL_MAX;
		unit->flow_count = 0;
		for (unsigned i = 0; i < UNIT_INLINE; i++) {
			flow_t flow = unit->flows[i];
			unit->flows[i] = (flow_t) { 0 };
			if (in_sample(store, unit, &flow)) {
				unit->flows[unit->flow_count++] = flow;
			}
		}
	}
}

/* Makes room for one more flow in the table. Returns whether flows may have been left out. */
static bool make_room(const flow_store_t *store, unit_t *unit)
{
	uint32_t limit = limit_of(unit->order);
	if (unit->flow_count < limit && unit->flow_count < store->flows_max) {
		return false;
	}
	if (unit->flow_count >= store->flows_max) {
		thin(store, unit, store->flows_max);
	}
	if (unit->flow_count >= limit && !grow(store, unit)) {
		thin(store, unit, limit);
	}
	return true;
}

static void add_to_table(const flow_store_t *store, unit_t *unit, const flow_t *flow)
{
	uint32_t hash = hash_of(store, flow);
	flow_t *place = find(pool_at(store->pool, unit->table), unit->order,
	                     home_of(hash, unit->order), flow);
	if (place != NULL) {
		count_packet(place, flow);
		return;
	}
	if (!in_sample(store, unit, flow) ||
	    (make_room(store, unit) && !in_sample(store, unit, flow))) {
		return;
	}
	unit->flow_count++;
	insert(pool_at(store->pool, unit->table), unit->order, home_of(hash, unit->order), flow);
}

/* Returns false if the flow is to go to the table, which there is now. */
static bool add_to_record(const flow_store_t *store, unit_t *unit, const flow_t *flow)
{
	uint64_t wanted = flow_place(flow);
	for (unsigned i = 0; i < unit->flow_count; i++) {
		if (flow_place(&unit->flows[i]) == wanted) {
			count_packet(&unit->flows[i], flow);
			return true;
		}
	}
	if (unit->flow_count == UNIT_INLINE && in_sample(store, unit, flow)) {
		if (move_out(store, unit)) {
			return false;
		}
		thin_inline(store, unit);
	}
	if (in_sample(store, unit, flow)) {
		unit->flows[unit->flow_count++] = *flow;
	}
	return true;
}

void flow_store_add(const flow_store_t *store, unit_t *unit, const flow_t *flow)
{
	if (unit->table != 0 || !add_to_record(store, unit, flow)) {
		add_to_table(store, unit, flow);
	}
}

void flow_store_prefetch(const flow_store_t *store, const unit_t *unit, const flow_t *flow)
{
	if (unit->table != 0) {
		const flow_line_t *lines = pool_at(store->pool, unit->table);
		__builtin_prefetch(&lines[home_of(hash_of(store, flow), unit->order)], 1);
	}
}

const flow_line_t *flow_store_lines(const flow_store_t *store, const unit_t *unit,
                                    flow_line_t *room, size_t *lines)
{
	if (unit->table != 0) {
		*lines = (size_t)1 << unit->order;
		return pool_at(store->pool, unit->table);
	}
	*room = (flow_line_t) { 0 };
	memcpy(room->flows, unit->flows, sizeof(unit->flows));
	room->filled = (uint16_t)unit->flow_count;
	*lines = 1;
	return room;
}
