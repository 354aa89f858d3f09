/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging the flows of one unit.
 *
 *   flows ─► tally: flows of each port, flows of each address
 *         ─► sort into: port scan, network scan (or both), one flow, left
 *         ─► sum up each: packets, flows, distinct addresses, distinct ports
 *
 * Distinct values are counted by a byte of bits in the tallies, one bit for each part; the
 * bytes of the ports and addresses that occur are cleared again for the next set.
 */
#include "darknet/judge.h"

#include <stdlib.h>
#include <string.h>

#define PORTS 65536

/* The parts that flows are sorted into. */
enum { PART_PORT_SCAN, PART_NETWORK_SCAN, PART_ONE_FLOW, PART_LEFT, PARTS };
_Static_assert(PARTS == JUDGEMENTS_MAX, "an event for each part");

typedef struct {
	uint32_t count;  /* Flows with it that have a port. */
	uint8_t seen;    /* Bits of parts. */
} tally_t;

typedef struct {
	uint32_t address;
	tally_t tally;   /* count and taken == 0: an empty slot */
	bool taken;
} address_slot_t;

struct judge {
	tally_t ports[PORTS];
	address_slot_t *addresses;
	size_t room;     /* Slots there are. */
	size_t slots;    /* Slots used for this unit, a power of two. */
};

/* One part of a unit. */
typedef struct {
	uint64_t packets, flows, targets, ports;
	bool mixed;      /* There is more in it than probes. */
} part_t;

judge_t *judge_create(void)
{
	return calloc(1, sizeof(judge_t));
}

void judge_destroy(judge_t *judge)
{
	if (judge != NULL) {
		free(judge->addresses);
		free(judge);
	}
}

static tally_t *tally_of_address(judge_t *judge, uint32_t address)
{
	size_t mask = judge->slots - 1;
	size_t at = (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
	while (judge->addresses[at].taken && judge->addresses[at].address != address) {
		at = (at + 1) & mask;
	}
	judge->addresses[at].taken = true;
	judge->addresses[at].address = address;
	return &judge->addresses[at].tally;
}

/* Makes clean room for as many addresses as there are places. Those of the ports are clean. */
static status_t tallies_begin(judge_t *judge, const judge_unit_t *unit)
{
	size_t slots = 16;
	while (slots < 2 * unit->places) {
		slots *= 2;
	}
	if (slots > judge->room) {
		address_slot_t *addresses = realloc(judge->addresses, slots * sizeof(*addresses));
		if (addresses == NULL) {
			return STATUS_NO_MEMORY;
		}
		judge->addresses = addresses;
		judge->room = slots;
	}
	judge->slots = slots;
	memset(judge->addresses, 0, slots * sizeof(*judge->addresses));
	return STATUS_OK;
}

static void tallies_end(judge_t *judge, const judge_unit_t *unit)
{
	for (size_t i = 0; i < unit->places; i++) {
		judge->ports[unit->flows[i].port] = (tally_t) { 0 };
	}
}

static void tally(judge_t *judge, const judge_unit_t *unit)
{
	for (size_t i = 0; i < unit->places; i++) {
		const flow_t *flow = &unit->flows[i];
		if (flow->packets > 0 && !(flow->flags & FLOW_PORTLESS)) {
			judge->ports[flow->port].count++;
			tally_of_address(judge, flow->address)->count++;
		}
	}
}

static void part_add(part_t *part, unsigned bit, const flow_t *flow, tally_t *address,
                     tally_t *port)
{
	part->packets += flow->packets;
	part->flows++;
	part->targets += !(address->seen & bit);
	address->seen |= (uint8_t)bit;
	if (!(flow->flags & FLOW_PORTLESS)) {
		part->ports += !(port->seen & bit);
		port->seen |= (uint8_t)bit;
	}
	part->mixed |= (flow->flags & (FLOW_MIXED | FLOW_PORTLESS)) != 0;
}

/* Sorts all flows into parts and sums the parts up. */
static void sort_flows(judge_t *judge, const judge_unit_t *unit, const double *values,
                       part_t parts[PARTS])
{
	for (size_t i = 0; i < unit->places; i++) {
		const flow_t *flow = &unit->flows[i];
		if (flow->packets == 0) {
			continue;
		}
		tally_t *port = &judge->ports[flow->port];
		tally_t *address = tally_of_address(judge, flow->address);
		bool has_port = !(flow->flags & FLOW_PORTLESS), scan = false;
		if (has_port && address->count >= values[PARAMETER_N1]) {
			part_add(&parts[PART_PORT_SCAN], 1u << PART_PORT_SCAN, flow, address, port);
			scan = true;
		}
		if (has_port && port->count >= values[PARAMETER_N2]) {
			part_add(&parts[PART_NETWORK_SCAN], 1u << PART_NETWORK_SCAN, flow, address, port);
			scan = true;
		}
		if (!scan) {
			unsigned part = has_port && flow->packets > values[PARAMETER_N3] ? PART_ONE_FLOW
			                                                                 : PART_LEFT;
			part_add(&parts[part], 1u << part, flow, address, port);
		}
	}
}

static void seen_clear(judge_t *judge, const judge_unit_t *unit)
{
	for (size_t i = 0; i < unit->places; i++) {
		if (unit->flows[i].packets > 0) {
			judge->ports[unit->flows[i].port].seen = 0;
			tally_of_address(judge, unit->flows[i].address)->seen = 0;
		}
	}
}

static event_kind_t part_kind(unsigned number, const part_t *part, protocol_group_t group,
                              const double *values)
{
	static const event_kind_t small[GROUPS] = {
		[GROUP_TCP] = EVENT_SMALL_SYN, [GROUP_UDP] = EVENT_SMALL_UDP,
		[GROUP_ICMP] = EVENT_SMALL_PING, [GROUP_OTHER] = EVENT_OTHER,
	};
	bool heavy = (double)part->packets > values[PARAMETER_M] * (double)part->flows;
	switch (number) {
	case PART_PORT_SCAN:
		return heavy ? EVENT_PORT_SCAN_HEAVY : EVENT_PORT_SCAN_LIGHT;
	case PART_NETWORK_SCAN:
		return heavy ? EVENT_NETWORK_SCAN_HEAVY : EVENT_NETWORK_SCAN_LIGHT;
	case PART_ONE_FLOW:
		return EVENT_ONE_FLOW;
	default:
		return part->mixed ? EVENT_OTHER : small[group];
	}
}

static uint64_t ports_of(const part_t *part, protocol_group_t group)
{
	return group == GROUP_TCP || group == GROUP_UDP ? part->ports : 0;
}

status_t judge_rest(judge_t *judge, const judge_unit_t *unit, const taxonomy_parameters_t *sets,
                    size_t set_count, judgement_t *judgements, size_t *counts)
{
	if (tallies_begin(judge, unit) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	tally(judge, unit);
	for (size_t set = 0; set < set_count; set++) {
		const double *values = sets[set].values;
		part_t parts[PARTS] = { 0 };
		sort_flows(judge, unit, values, parts);
		seen_clear(judge, unit);
		counts[set] = 0;
		for (unsigned i = 0; i < PARTS; i++) {
			if (parts[i].flows > 0) {
				judgements[set * JUDGEMENTS_MAX + counts[set]++] = (judgement_t) {
					.kind = part_kind(i, &parts[i], unit->group, values),
					.packets = parts[i].packets, .targets = parts[i].targets,
					.ports = ports_of(&parts[i], unit->group),
				};
			}
		}
	}
	tallies_end(judge, unit);
	return STATUS_OK;
}

status_t judge_aside(judge_t *judge, const judge_unit_t *unit, event_kind_t kind,
                     judgement_t *judgement)
{
	if (tallies_begin(judge, unit) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	part_t part = { 0 };
	for (size_t i = 0; i < unit->places; i++) {
		const flow_t *flow = &unit->flows[i];
		if (flow->packets > 0) {
			part_add(&part, 1, flow, tally_of_address(judge, flow->address),
			         &judge->ports[flow->port]);
		}
	}
	tallies_end(judge, unit);
	*judgement = (judgement_t) {
		.kind = kind, .packets = part.packets, .targets = part.targets,
		.ports = ports_of(&part, unit->group),
	};
	return STATUS_OK;
}
