/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging the flows of one unit.
 *
 * Distinct addresses and ports of a part are counted by a byte of bits in the tallies, one
 * bit for each part, cleared again for the next set of parameters.
 */
#include "darknet/judge.h"

#include <stdint.h>

#define PORTS 65536

/* The parts that flows are sorted into. */
enum { PART_PORT_SCAN, PART_NETWORK_SCAN, PART_ONE_FLOW, PART_LEFT, PARTS };
_Static_assert(PARTS == JUDGEMENTS_MAX, "an event for each part");

/* One part of a unit. */
typedef struct {
	uint64_t packets, flows, targets, ports;
	bool mixed;      /* There is more in it than probes. */
	bool heavy;
} part_t;

/* A unit's parts and all of its flows. */
typedef struct {
	part_t parts[PARTS];
	uint64_t packets;   /* Of all flows, each counted once. */
} sorted_t;

static void part_add(part_t *part, const flow_t *flow)
{
	part->packets += flow->packets;
	part->flows++;
	part->mixed |= (flow->flags & (FLOW_MIXED | FLOW_PORTLESS)) != 0;
}

/* Adds a flow, and its address and port if they are new to the part. */
static void part_add_distinct(part_t *part, unsigned number, const flow_t *flow,
                              tally_count_t *address, tally_count_t *port)
{
	uint8_t bit = (uint8_t)(1u << number);
	part_add(part, flow);
	part->targets += !(address->seen & bit);
	address->seen |= bit;
	if (!(flow->flags & FLOW_PORTLESS)) {
		part->ports += !(port->seen & bit);
		port->seen |= bit;
	}
}

static void sort_flow(tally_t *tally, const flow_t *flow, const double *values, sorted_t *sorted)
{
	tally_count_t *port = tally_port(tally, flow->port);
	tally_count_t *address = tally_address(tally, flow->address);
	part_t *parts = sorted->parts;
	bool has_port = !(flow->flags & FLOW_PORTLESS), scan = false;
	sorted->packets += flow->packets;
	if (has_port && address->flows >= values[PARAMETER_N1]) {
		part_add_distinct(&parts[PART_PORT_SCAN], PART_PORT_SCAN, flow, address, port);
		scan = true;
	}
	if (has_port && port->flows >= values[PARAMETER_N2]) {
		part_add_distinct(&parts[PART_NETWORK_SCAN], PART_NETWORK_SCAN, flow, address, port);
		scan = true;
	}
	if (!scan) {
		unsigned part = has_port && flow->packets > values[PARAMETER_N3] ? PART_ONE_FLOW
		                                                                 : PART_LEFT;
		part_add_distinct(&parts[part], part, flow, address, port);
	}
}

static void sort_flows(tally_t *tally, const judge_unit_t *unit, const double *values,
                       sorted_t *sorted)
{
	for (const flow_line_t *line = unit->lines; line < unit->lines + unit->line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			sort_flow(tally, &line->flows[i], values, sorted);
		}
	}
}

static void seen_clear(tally_t *tally, const judge_unit_t *unit)
{
	for (const flow_line_t *line = unit->lines; line < unit->lines + unit->line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			tally_port(tally, line->flows[i].port)->seen = 0;
			tally_address(tally, line->flows[i].address)->seen = 0;
		}
	}
}

/* Whether all flows have one and the same port; how many there are. */
static bool one_port(const judge_unit_t *unit, uint64_t *flows)
{
	const flow_t *first = NULL;
	*flows = 0;
	for (const flow_line_t *line = unit->lines; line < unit->lines + unit->line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			const flow_t *flow = &line->flows[i];
			first = first != NULL ? first : flow;
			if (flow->port != first->port || (flow->flags & FLOW_PORTLESS)) {
				return false;
			}
			++*flows;
		}
	}
	return true;
}

/* As sort_flows(), when one_port(): each flow has an address of its own. */
static void sort_one_port(const judge_unit_t *unit, uint64_t flows, const double *values,
                          sorted_t *sorted)
{
	bool scan = (double)flows >= values[PARAMETER_N2];
	for (const flow_line_t *line = unit->lines; line < unit->lines + unit->line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			const flow_t *flow = &line->flows[i];
			unsigned few = flow->packets > values[PARAMETER_N3] ? PART_ONE_FLOW : PART_LEFT;
			part_add(&sorted->parts[scan ? PART_NETWORK_SCAN : few], flow);
			sorted->packets += flow->packets;
		}
	}
	for (unsigned i = 0; i < PARTS; i++) {
		sorted->parts[i].targets = sorted->parts[i].flows;
		sorted->parts[i].ports = sorted->parts[i].flows > 0;
	}
}

/* More than M packets per target, which is an address with a port: a flow. */
static void weigh(const double *values, sorted_t *sorted)
{
	for (unsigned i = 0; i < PARTS; i++) {
		part_t *part = &sorted->parts[i];
		part->heavy = (double)part->packets > values[PARAMETER_M] * (double)part->flows;
	}
}

/* What has been seen before flows were left out is not forgotten: the least that it was. */
static void remember(const judge_unit_t *unit, const double *values, sorted_t *sorted)
{
	part_t *ports = &sorted->parts[PART_PORT_SCAN];
	part_t *network = &sorted->parts[PART_NETWORK_SCAN];
	if (ports->flows == 0 && unit->most_ports >= values[PARAMETER_N1]) {
		*ports = (part_t) {
			.packets = unit->most_ports, .flows = unit->most_ports, .targets = 1,
			.ports = unit->most_ports,
		};
	}
	if (network->flows == 0 && unit->most_addresses >= values[PARAMETER_N2]) {
		*network = (part_t) {
			.packets = unit->most_addresses, .flows = unit->most_addresses,
			.targets = unit->most_addresses, .ports = 1,
		};
	}
}

/* part * whole / sum, rounded. */
static uint64_t proportion(uint64_t whole, uint64_t part, uint64_t sum)
{
	return (uint64_t)(((unsigned __int128)whole * part + sum / 2) / sum);
}

static uint64_t scale_ports(const judge_unit_t *unit, uint64_t ports)
{
	ports <<= unit->port_level;
	return ports < PORTS ? ports : PORTS;
}

/* Turns the sums of a sample into estimates of the unit. */
static void scale(const judge_unit_t *unit, const double *values, sorted_t *sorted)
{
	for (unsigned i = 0; i < PARTS && sorted->packets > 0; i++) {
		part_t *part = &sorted->parts[i];
		part->packets = proportion(unit->packets, part->packets, sorted->packets);
		part->targets <<= unit->address_level;
		part->ports = scale_ports(unit, part->ports);
	}
	if (sorted->packets == 0) {
		/* Nothing is in the sample: all is left, and of unknown kind. */
		sorted->parts[PART_LEFT] = (part_t) {
			.packets = unit->packets, .flows = 1, .targets = 1, .ports = 1, .mixed = true,
		};
	}
	remember(unit, values, sorted);
}

static event_kind_t part_kind(unsigned number, const part_t *part, protocol_group_t group)
{
	static const event_kind_t small[GROUPS] = {
		[GROUP_TCP] = EVENT_SMALL_SYN, [GROUP_UDP] = EVENT_SMALL_UDP,
		[GROUP_ICMP] = EVENT_SMALL_PING, [GROUP_OTHER] = EVENT_OTHER,
	};
	switch (number) {
	case PART_PORT_SCAN:
		return part->heavy ? EVENT_PORT_SCAN_HEAVY : EVENT_PORT_SCAN_LIGHT;
	case PART_NETWORK_SCAN:
		return part->heavy ? EVENT_NETWORK_SCAN_HEAVY : EVENT_NETWORK_SCAN_LIGHT;
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

static size_t judgements_make(const judge_unit_t *unit, const sorted_t *sorted,
                              judgement_t *judgements)
{
	size_t count = 0;
	for (unsigned i = 0; i < PARTS; i++) {
		const part_t *part = &sorted->parts[i];
		if (part->flows > 0) {
			judgements[count++] = (judgement_t) {
				.kind = part_kind(i, part, unit->group), .packets = part->packets,
				.targets = part->targets, .ports = ports_of(part, unit->group),
			};
		}
	}
	return count;
}

static bool is_thinned(const judge_unit_t *unit)
{
	return (unit->address_level | unit->port_level) != 0;
}

status_t judge_rest(tally_t *tally, const judge_unit_t *unit, const taxonomy_parameters_t *sets,
                    size_t set_count, judgement_t *judgements, size_t *counts)
{
	uint64_t flows;
	bool simple = one_port(unit, &flows);
	if (!simple && tally_begin(tally, unit->lines, unit->line_count) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	for (size_t set = 0; set < set_count; set++) {
		const double *values = sets[set].values;
		sorted_t sorted = { .packets = 0 };
		if (simple) {
			sort_one_port(unit, flows, values, &sorted);
		} else {
			sort_flows(tally, unit, values, &sorted);
		}
		if (!simple && set + 1 < set_count) {
			seen_clear(tally, unit);
		}
		weigh(values, &sorted);
		if (is_thinned(unit)) {
			scale(unit, values, &sorted);
		}
		counts[set] = judgements_make(unit, &sorted, judgements + set * JUDGEMENTS_MAX);
	}
	if (!simple) {
		tally_end(tally, unit->lines, unit->line_count);
	}
	return STATUS_OK;
}

static void sum_distinct(tally_t *tally, const judge_unit_t *unit, part_t *part)
{
	for (const flow_line_t *line = unit->lines; line < unit->lines + unit->line_count; line++) {
		for (unsigned i = 0; i < line->filled; i++) {
			const flow_t *flow = &line->flows[i];
			part_add_distinct(part, 0, flow, tally_address(tally, flow->address),
			                  tally_port(tally, flow->port));
		}
	}
}

status_t judge_aside(tally_t *tally, const judge_unit_t *unit, event_kind_t kind,
                     judgement_t *judgement)
{
	uint64_t flows;
	part_t part = { .targets = 0 };
	if (one_port(unit, &flows)) {
		part = (part_t) { .targets = flows, .ports = flows > 0 };
	} else {
		if (tally_begin(tally, unit->lines, unit->line_count) != STATUS_OK) {
			return STATUS_NO_MEMORY;
		}
		sum_distinct(tally, unit, &part);
		tally_end(tally, unit->lines, unit->line_count);
	}
	part.targets <<= unit->address_level;
	part.ports = scale_ports(unit, part.ports);
	*judgement = (judgement_t) {
		.kind = kind, .packets = unit->packets, .targets = part.targets,
		.ports = ports_of(&part, unit->group),
	};
	return STATUS_OK;
}
