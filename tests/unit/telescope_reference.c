/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The taxonomy by counting over and over. */
#include "tests/unit/telescope_reference.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>

#include "darknet/bogon.h"

#define NO_PORT (-1)

/* What a packet is. */
typedef enum { SORT_BACKSCATTER, SORT_FRAGMENT, SORT_REST } sort_t;

/* A flow in the sample of a source's flows. */
typedef struct {
	address_t address;
	int port;          /* NO_PORT: none */
	uint64_t packets;
	bool only_probes;
} sampled_t;

/* All that one source sent by one protocol in one window, of one sort. */
typedef struct {
	const telescope_options_t *options;
	address_t source;
	protocol_group_t group;
	sort_t sort;
	uint64_t packets;
	sampled_t *flows;
	size_t count;
	unsigned address_level, port_level;
	size_t most_ports, most_addresses;
	bool port_0;
	unsigned probes, masscan, zmap, mirai, conficker;
} pile_t;

static bool in_darknet(const telescope_options_t *options, const address_t *address)
{
	for (size_t i = 0; i < options->prefix_count; i++) {
		if (prefix_contains(&options->prefixes[i], address)) {
			return true;
		}
	}
	return false;
}

static protocol_group_t group_of(const packet_t *packet)
{
	if (packet->protocol == 6) {
		return GROUP_TCP;
	}
	if (packet->protocol == 17) {
		return GROUP_UDP;
	}
	return packet->protocol == (packet->ipv6 ? 58 : 1) ? GROUP_ICMP : GROUP_OTHER;
}

static sort_t sort_of(const packet_t *packet)
{
	protocol_group_t group = group_of(packet);
	bool syn = packet->tcp_flags & 2, rst = packet->tcp_flags & 4, ack = packet->tcp_flags & 16;
	int type = packet->icmp_type;
	bool answer = false;
	if (packet->transport && group == GROUP_TCP) {
		answer = rst || (syn && ack);
	} else if (packet->transport && group == GROUP_UDP) {
		answer = taxonomy_is_service_port(packet->source_port) &&
		         packet->destination_port > 1023 &&
		         !taxonomy_is_service_port(packet->destination_port);
	} else if (packet->transport && group == GROUP_ICMP) {
		answer = packet->ipv6 ? type < 128 || type == 129
		                      : type == 0 || type == 3 || type == 4 || type == 5 || type == 11 ||
		                        type == 12 || type == 14 || type == 16 || type == 18;
	}
	if (answer) {
		return SORT_BACKSCATTER;
	}
	return packet->more_fragments || packet->fragment_offset > 0 ? SORT_FRAGMENT : SORT_REST;
}

static bool is_echo(const packet_t *packet)
{
	return packet->transport && group_of(packet) == GROUP_ICMP &&
	       packet->icmp_type == (packet->ipv6 ? 128 : 8);
}

static bool is_probe(const packet_t *packet)
{
	bool syn = (packet->tcp_flags & 2) && !(packet->tcp_flags & 4) && !(packet->tcp_flags & 16);
	return (packet->transport && group_of(packet) == GROUP_TCP && syn) ||
	       (packet->transport && group_of(packet) == GROUP_UDP) || is_echo(packet);
}

/* The port that makes a flow; echo requests have port 0. */
static int port_of(const packet_t *packet, sort_t sort)
{
	protocol_group_t group = group_of(packet);
	if (packet->transport && (group == GROUP_TCP || group == GROUP_UDP)) {
		return packet->destination_port;
	}
	return sort == SORT_REST && is_echo(packet) ? 0 : NO_PORT;
}

static unsigned leading_zeros(uint64_t hash)
{
	unsigned zeros = 0;
	while (zeros < 63 && !(hash >> (63 - zeros) & 1)) {
		zeros++;
	}
	return zeros;
}

static bool sampled(const pile_t *pile, const address_t *address, int port)
{
	uint32_t bytes = htole32(port == NO_PORT ? 65536u : (uint32_t)port);
	const hash_key_t *key = &pile->options->key;
	return leading_zeros(keyed_hash(key, address->bytes, 16, 1, 3)) >= pile->address_level &&
	       leading_zeros(keyed_hash(key, &bytes, sizeof(bytes), 1, 3)) >= pile->port_level;
}

/* Distinct ports of the flows to an address (NULL: of all). */
static size_t ports_of(const pile_t *pile, const address_t *address, bool with_none)
{
	size_t distinct = 0;
	for (size_t i = 0; i < pile->count; i++) {
		const sampled_t *flow = &pile->flows[i];
		bool again = (address != NULL && !address_equal(&flow->address, address)) ||
		             (flow->port == NO_PORT && !with_none);
		for (size_t j = 0; j < i && !again; j++) {
			again = pile->flows[j].port == flow->port &&
			        (address == NULL || address_equal(&pile->flows[j].address, address));
		}
		distinct += !again;
	}
	return distinct;
}

/* Distinct addresses of the flows to a port (NULL: of all). */
static size_t addresses_of(const pile_t *pile, const int *port)
{
	size_t distinct = 0;
	for (size_t i = 0; i < pile->count; i++) {
		const sampled_t *flow = &pile->flows[i];
		bool again = port != NULL && flow->port != *port;
		for (size_t j = 0; j < i && !again; j++) {
			again = address_equal(&pile->flows[j].address, &flow->address) &&
			        (port == NULL || pile->flows[j].port == *port);
		}
		distinct += !again;
	}
	return distinct;
}

static void thin(pile_t *pile)
{
	for (size_t i = 0; i < pile->count; i++) {
		const sampled_t *flow = &pile->flows[i];
		size_t ports = ports_of(pile, &flow->address, false);
		size_t addresses = flow->port != NO_PORT ? addresses_of(pile, &flow->port) : 0;
		pile->most_ports = ports > pile->most_ports ? ports : pile->most_ports;
		pile->most_addresses = addresses > pile->most_addresses ? addresses
		                                                        : pile->most_addresses;
	}
	if (addresses_of(pile, NULL) >= ports_of(pile, NULL, true)) {
		pile->address_level++;
	} else {
		pile->port_level++;
	}
	size_t kept = 0;
	for (size_t i = 0; i < pile->count; i++) {
		if (sampled(pile, &pile->flows[i].address, pile->flows[i].port)) {
			pile->flows[kept++] = pile->flows[i];
		}
	}
	pile->count = kept;
}

static void pile_flow(pile_t *pile, const address_t *address, int port, bool probe)
{
	for (size_t i = 0; i < pile->count; i++) {
		if (pile->flows[i].port == port && address_equal(&pile->flows[i].address, address)) {
			pile->flows[i].packets++;
			pile->flows[i].only_probes &= probe;
			return;
		}
	}
	if (!sampled(pile, address, port)) {
		return;
	}
	while (pile->count >= pile->options->flows) {
		thin(pile);
	}
	if (sampled(pile, address, port)) {
		pile->flows[pile->count++] = (sampled_t) { *address, port, 1, probe };
	}
}

static void pile_marks(pile_t *pile, const packet_t *packet)
{
	const uint8_t *to = packet->destination.bytes + 12;
	uint32_t number = (uint32_t)to[0] << 24 | (uint32_t)to[1] << 16 | (uint32_t)to[2] << 8 | to[3];
	bool tcp = packet->protocol == 6 && !packet->ipv6;
	pile->probes++;
	pile->zmap += !packet->ipv6 && packet->identification == 54321;
	pile->masscan += tcp && packet->identification ==
	                 ((number ^ packet->destination_port ^ packet->tcp_sequence) & 0xffff);
	pile->mirai += tcp && packet->tcp_sequence == number;
	pile->conficker += tcp && packet->destination_port == 445;
}

static void pile_packet(pile_t *pile, const packet_t *packet)
{
	int port = port_of(packet, pile->sort);
	pile->packets++;
	if (pile->sort == SORT_REST) {
		pile->port_0 |= port == 0 && pile->group != GROUP_ICMP;
		if (is_probe(packet)) {
			pile_marks(pile, packet);
		}
	}
	pile_flow(pile, &packet->destination, port, pile->sort == SORT_REST && is_probe(packet));
}

static tool_t tool_of(const pile_t *pile, event_kind_t kind)
{
	if (pile->sort != SORT_REST || pile->probes == 0) {
		return TOOL_NONE;
	}
	if (pile->mirai == pile->probes) {
		return TOOL_MIRAI;
	}
	if (pile->masscan == pile->probes && pile->probes >= 2) {
		return TOOL_MASSCAN;
	}
	if (pile->zmap == pile->probes && pile->probes >= 2) {
		return TOOL_ZMAP;
	}
	bool light = kind == EVENT_NETWORK_SCAN_LIGHT || kind == EVENT_SMALL_SYN;
	return pile->conficker == pile->probes && light ? TOOL_CONFICKER : TOOL_NONE;
}

void reference_write_event(const event_t *event, FILE *out)
{
	char source[ADDRESS_TEXT_MAX];
	fprintf(out, "%" PRIu64 " %" PRIu64 " %s %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " '%s' %u %s\n",
	        event->window_start, event->window_length, address_format(&event->source, source),
	        protocol_group_name(event->protocol), event_info(event->kind)->name, event->packets,
	        event->targets, event->ports, tool_info(event->tool)->name, event->flags,
	        event->exact ? "exact" : "about");
}

static void pile_tell(const pile_t *pile, uint64_t start, event_kind_t kind, uint64_t packets,
                      uint64_t targets, uint64_t ports, FILE *out)
{
	bool has_ports = pile->group == GROUP_TCP || pile->group == GROUP_UDP;
	bool bogon = bogon_source(&pile->source) || in_darknet(pile->options, &pile->source);
	event_t event = {
		.window_start = start, .window_length = pile->options->window, .source = pile->source,
		.kind = kind, .protocol = pile->group, .packets = packets, .targets = targets,
		.ports = has_ports ? ports : 0, .tool = tool_of(pile, kind),
		.flags = (pile->port_0 ? EVENT_FLAG_PORT_0 : 0) | (bogon ? EVENT_FLAG_BOGON : 0),
		.exact = pile->address_level == 0 && pile->port_level == 0,
	};
	reference_write_event(&event, out);
}

/* Flows of a pile that are chosen, summed up. */
typedef struct {
	uint64_t packets, flows, targets, ports;
	bool only_probes;
} sum_t;

static sum_t sum_up(const pile_t *pile, const bool *chosen)
{
	sum_t sum = { .only_probes = true };
	for (size_t i = 0; i < pile->count; i++) {
		const sampled_t *flow = &pile->flows[i];
		bool new_target = true, new_port = flow->port != NO_PORT;
		for (size_t j = 0; j < i; j++) {
			bool other = chosen[j];
			new_target &= !(other && address_equal(&pile->flows[j].address, &flow->address));
			new_port &= !(other && pile->flows[j].port == flow->port);
		}
		if (chosen[i]) {
			sum.packets += flow->packets;
			sum.flows++;
			sum.targets += new_target;
			sum.ports += new_port;
			sum.only_probes &= flow->only_probes && flow->port != NO_PORT;
		}
	}
	return sum;
}

/* From the sample to all: packets by proportion, rounded; the others by level. */
static void sum_scale(const pile_t *pile, sum_t *sum)
{
	uint64_t all = 0;
	for (size_t i = 0; i < pile->count; i++) {
		all += pile->flows[i].packets;
	}
	if (pile->address_level > 0 || pile->port_level > 0) {
		sum->packets = all > 0 ? (2 * pile->packets * sum->packets + all) / (2 * all) : 0;
		sum->targets <<= pile->address_level;
		sum->ports <<= pile->port_level;
		sum->ports = sum->ports > 65536 ? 65536 : sum->ports;
	}
}

/* Sorts the flows as the rules say; each array of bool is one event. */
static void choose(const pile_t *pile, const double *values, bool *chosen[4])
{
	for (size_t i = 0; i < pile->count; i++) {
		const sampled_t *flow = &pile->flows[i];
		bool has_port = flow->port != NO_PORT;
		bool port_scan = has_port &&
		                 (double)ports_of(pile, &flow->address, false) >= values[PARAMETER_N1];
		bool network_scan = has_port &&
		                    (double)addresses_of(pile, &flow->port) >= values[PARAMETER_N2];
		bool many = has_port && (double)flow->packets > values[PARAMETER_N3];
		chosen[0][i] = port_scan;
		chosen[1][i] = network_scan;
		chosen[2][i] = !port_scan && !network_scan && many;
		chosen[3][i] = !port_scan && !network_scan && !many;
	}
}

static event_kind_t small_kind(const pile_t *pile, const sum_t *sum)
{
	if (!sum->only_probes || pile->group == GROUP_OTHER) {
		return EVENT_OTHER;
	}
	return pile->group == GROUP_TCP ? EVENT_SMALL_SYN
	       : pile->group == GROUP_UDP ? EVENT_SMALL_UDP : EVENT_SMALL_PING;
}

/* Tells the events number `first` to `last` of the rest: two scans, one flow, what is left. */
static void judge_rest(const pile_t *pile, uint64_t start, const double *values, unsigned first,
                       unsigned last, FILE *out)
{
	bool *chosen[4];
	sum_t sums[4];
	bool heavy[4];
	for (unsigned i = 0; i < 4; i++) {
		chosen[i] = calloc(pile->count + 1, sizeof(bool));
	}
	choose(pile, values, chosen);
	for (unsigned i = 0; i < 4; i++) {
		sums[i] = sum_up(pile, chosen[i]);
		heavy[i] = (double)sums[i].packets > values[PARAMETER_M] * (double)sums[i].flows;
		sum_scale(pile, &sums[i]);
		free(chosen[i]);
	}
	/* What was seen before flows were left out. */
	if (sums[0].flows == 0 && (double)pile->most_ports >= values[PARAMETER_N1]) {
		sums[0] = (sum_t) { pile->most_ports, 1, 1, pile->most_ports, true };
	}
	if (sums[1].flows == 0 && (double)pile->most_addresses >= values[PARAMETER_N2]) {
		sums[1] = (sum_t) { pile->most_addresses, 1, pile->most_addresses, 1, true };
	}
	if (pile->count == 0) {
		sums[3] = (sum_t) { pile->packets, 1, 1, 1, false };
	}
	const event_kind_t kinds[4] = {
		heavy[0] ? EVENT_PORT_SCAN_HEAVY : EVENT_PORT_SCAN_LIGHT,
		heavy[1] ? EVENT_NETWORK_SCAN_HEAVY : EVENT_NETWORK_SCAN_LIGHT,
		EVENT_ONE_FLOW, small_kind(pile, &sums[3]),
	};
	for (unsigned i = first; i <= last; i++) {
		if (sums[i].flows > 0) {
			pile_tell(pile, start, kinds[i], sums[i].packets, sums[i].targets, sums[i].ports, out);
		}
	}
}

static void judge_aside(const pile_t *pile, uint64_t start, event_kind_t kind, FILE *out)
{
	bool *all = calloc(pile->count + 1, sizeof(bool));
	for (size_t i = 0; i < pile->count; i++) {
		all[i] = true;
	}
	sum_t sum = sum_up(pile, all);
	sum_scale(pile, &sum);
	free(all);
	pile_tell(pile, start, kind, pile->packets, sum.targets, sum.ports, out);
}

/* The pile of one source, protocol and sort out of the packets of a window. */
static pile_t pile_make(const reference_packet_t *const *taken, size_t count,
                        const telescope_options_t *options, const address_t *source,
                        protocol_group_t group, sort_t sort)
{
	pile_t pile = {
		.options = options, .source = *source, .group = group, .sort = sort,
		.flows = calloc(count + 1, sizeof(sampled_t)),
	};
	for (size_t i = 0; i < count; i++) {
		const packet_t *packet = &taken[i]->packet;
		if (address_equal(&packet->source, source) && group_of(packet) == group &&
		    sort_of(packet) == sort) {
			pile_packet(&pile, packet);
		}
	}
	return pile;
}

static void source_write(const reference_packet_t *const *taken, size_t count,
                         const telescope_options_t *options, const address_t *source,
                         uint64_t start, const double *values, FILE *out)
{
	for (protocol_group_t group = 0; group < GROUPS; group++) {
		pile_t piles[3];
		for (sort_t sort = 0; sort < 3; sort++) {
			piles[sort] = pile_make(taken, count, options, source, group, sort);
		}
		if (piles[SORT_REST].packets > 0) {
			judge_rest(&piles[SORT_REST], start, values, 0, 2, out);
		}
		if (piles[SORT_BACKSCATTER].packets > 0) {
			judge_aside(&piles[SORT_BACKSCATTER], start, EVENT_BACKSCATTER, out);
		}
		if (piles[SORT_FRAGMENT].packets > 0) {
			judge_aside(&piles[SORT_FRAGMENT], start, EVENT_IP_FRAGMENT, out);
		}
		if (piles[SORT_REST].packets > 0) {
			judge_rest(&piles[SORT_REST], start, values, 3, 3, out);
		}
		for (sort_t sort = 0; sort < 3; sort++) {
			free(piles[sort].flows);
		}
	}
}

/* One window: its sources from the least address to the greatest. */
static void window_write(const reference_packet_t *const *taken, size_t count,
                         const telescope_options_t *options, uint64_t start,
                         const double *values, FILE *out)
{
	const address_t *last = NULL;
	for (;;) {
		const address_t *least = NULL;
		for (size_t i = 0; i < count; i++) {
			const address_t *source = &taken[i]->packet.source;
			if ((last == NULL || address_compare(source, last) > 0) &&
			    (least == NULL || address_compare(source, least) < 0)) {
				least = source;
			}
		}
		if (least == NULL) {
			return;
		}
		source_write(taken, count, options, least, start, values, out);
		last = least;
	}
}

static telescope_count_t fate_of(const reference_packet_t *packet,
                                 const telescope_options_t *options)
{
	static const address_t zero;
	if (packet->kind == PACKET_NOT_IP) {
		return TELESCOPE_NOT_IP;
	}
	if (address_equal(&packet->packet.source, &zero) &&
	    address_equal(&packet->packet.destination, &zero)) {
		return TELESCOPE_UNREADABLE;
	}
	if (in_darknet(options, &packet->packet.destination)) {
		return TELESCOPE_TAKEN;
	}
	return in_darknet(options, &packet->packet.source) ? TELESCOPE_SENT : TELESCOPE_OUTSIDE;
}

/* An open window. */
typedef struct {
	uint64_t start;
	size_t count;
	const reference_packet_t **taken;
} open_t;

/* What goes on. */
typedef struct {
	const telescope_options_t *options;
	const double *values;
	open_t open[2];
	unsigned open_count;
	uint64_t closed;     /* End of the last window that was closed. */
	size_t room;
	FILE *out;
} reading_t;

static void close_first(reading_t *reading)
{
	open_t *first = &reading->open[0];
	window_write(first->taken, first->count, reading->options, first->start, reading->values,
	             reading->out);
	reading->closed = first->start + reading->options->window;
	free(first->taken);
	reading->open[0] = reading->open[1];
	reading->open_count--;
}

static telescope_count_t take(reading_t *reading, const reference_packet_t *packet)
{
	uint64_t length = reading->options->window, start = packet->moment / length * length;
	while (reading->open_count > 0 &&
	       packet->moment >= reading->open[0].start + length + reading->options->slack) {
		close_first(reading);
	}
	unsigned at = 0;
	while (at < reading->open_count && reading->open[at].start != start) {
		at++;
	}
	if (at == reading->open_count) {
		if (start < reading->closed || reading->open_count == 2) {
			return TELESCOPE_LATE;
		}
		at = reading->open_count == 1 && reading->open[0].start < start ? 1 : 0;
		if (at == 0) {
			reading->open[1] = reading->open[0];
		}
		reading->open[at] = (open_t) {
			.start = start, .taken = calloc(reading->room, sizeof(reference_packet_t *)),
		};
		reading->open_count++;
	}
	reading->open[at].taken[reading->open[at].count++] = packet;
	return TELESCOPE_TAKEN;
}

void reference_write(const reference_packet_t *packets, size_t count,
                     const telescope_options_t *options, size_t set, uint64_t *counts, FILE *out)
{
	reading_t reading = {
		.options = options, .values = options->sets[set].values, .room = count + 1, .out = out,
	};
	for (telescope_count_t fate = 0; fate < TELESCOPE_COUNTS; fate++) {
		counts[fate] = 0;
	}
	for (size_t i = 0; i < count; i++) {
		telescope_count_t fate = fate_of(&packets[i], options);
		counts[fate == TELESCOPE_TAKEN ? take(&reading, &packets[i]) : fate]++;
	}
	while (reading.open_count > 0) {
		close_first(&reading);
	}
}
