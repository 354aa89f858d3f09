/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a source's packets look like, by act and tool. */
#include "simulator/dark_emit.h"

#include "common/moment.h"

/* Between two ports of one address: 64 of them end before a SYN is repeated. */
#define PORT_GAP 10000
/* Bytes of a fragment that is not the last one, in units of 8. */
#define FRAGMENT_UNITS 185
/* Ports from which clients ask: no service that answers has one of these. */
#define CLIENT_PORT_FIRST 40000
#define CLIENT_PORTS 20000

static const uint8_t payload[32] = "0123456789abcdefghijklmnopqrstuv";

uint32_t dark_emit_steps(const dark_source_t *source)
{
	return source->tries * (source->all_ports && source->port_count > 0 ? source->port_count : 1);
}

uint64_t dark_emit_delay(const dark_source_t *source, uint32_t step)
{
	uint32_t ports = dark_emit_steps(source) / source->tries;
	uint64_t try = step / ports, port = step % ports;
	if (source->gap > 0) {
		return try * source->gap + port * PORT_GAP;
	}
	/* 1, 3, 7, 15, … seconds behind the first: each wait is twice the one before. */
	return ((UINT64_C(1) << (try < 32 ? try : 32)) - 1) * MICROSECONDS + port * PORT_GAP;
}

static uint16_t client_port(uint64_t key)
{
	return (uint16_t)(CLIENT_PORT_FIRST + key % CLIENT_PORTS);
}

static void set_probe(const dark_source_t *source, const dark_visit_t *visit,
                      dark_packet_t *packet)
{
	uint32_t ports = dark_emit_steps(source) / source->tries;
	packet->source_port = client_port(visit->key);
	packet->destination_port = source->all_ports && source->port_count > 0 ?
	                           source->ports[visit->step % ports] : visit->port;
	packet->flags = DARK_SYN;
	packet->window = source->tool == TOOL_ZMAP ? 65535 : source->tool == TOOL_MASSCAN ? 1024 :
	                 source->tool == TOOL_MIRAI ? (uint16_t)(visit->key >> 5) : 64240;
	packet->icmp_type = source->protocol == DARK_ICMPV6 ? 128 : 8;
	packet->icmp_rest = (uint32_t)(visit->key & 0xffff0000) | visit->step;
	if (source->protocol != DARK_TCP) {
		packet->payload = payload;
		packet->payload_size = sizeof(payload);
	}
	if (!address_is_ipv4(&source->address)) {
		return;
	}
	if (source->tool == TOOL_ZMAP) {
		dark_mark_zmap(packet);
	} else if (source->tool == TOOL_MASSCAN && source->protocol == DARK_TCP) {
		dark_mark_masscan(packet);
	} else if (source->tool == TOOL_MIRAI && source->protocol == DARK_TCP) {
		dark_mark_mirai(packet);
	}
}

/* An answer to a packet that bore the target's address. */
static void set_answer(const dark_source_t *source, const dark_visit_t *visit,
                       dark_packet_t *packet, uint8_t *quote)
{
	packet->source_port = source->ports[0];
	packet->destination_port = client_port(visit->key);
	packet->acknowledgement = (uint32_t)(visit->key >> 17) + 1;
	packet->window = source->act == ACT_RESET ? 0 : 29200;
	packet->flags = DARK_ACK | (source->act == ACT_RESET ? DARK_RST : DARK_SYN);
	if (source->act == ACT_UDP_ANSWER) {
		packet->payload = payload;
		packet->payload_size = sizeof(payload);
	} else if (source->act != ACT_SYN_ACK && source->act != ACT_RESET) {
		dark_packet_t forged = {
			.ip = { .source = visit->target, .destination = source->address,
			        .protocol = DARK_TCP, .hops = 1, .id = (uint16_t)visit->key },
			.source_port = client_port(visit->key), .destination_port = source->ports[0],
			.sequence = (uint32_t)(visit->key >> 17), .flags = DARK_SYN, .window = 29200,
		};
		dark_packet_quote(&forged, quote);
		packet->icmp_type = source->act == ACT_UNREACHABLE ? 3 : 11;
		packet->icmp_code = source->act == ACT_UNREACHABLE ? 1 : 0;
		packet->payload = quote;
		packet->payload_size = DARK_QUOTE_SIZE;
	}
}

static void set_fragment(const dark_source_t *source, const dark_visit_t *visit,
                         dark_packet_t *packet)
{
	bool last = visit->step + 1 == dark_emit_steps(source);
	packet->ip.id = (uint16_t)visit->key;
	packet->ip.fragment = (uint16_t)(visit->step * FRAGMENT_UNITS |
	                                 (last ? 0 : DARK_MORE_FRAGMENTS));
	packet->source_port = client_port(visit->key);
	packet->destination_port = source->ports[0];
	packet->payload = payload;
	packet->payload_size = sizeof(payload);
}

/* A SYN, and behind it what only a connection could carry. */
static void set_connection(const dark_source_t *source, const dark_visit_t *visit,
                           dark_packet_t *packet)
{
	set_probe(source, visit, packet);
	if (visit->step > 0) {
		packet->flags = DARK_ACK;
		packet->sequence += visit->step;
		packet->acknowledgement = (uint32_t)(visit->key >> 11);
		packet->payload = payload;
		packet->payload_size = sizeof(payload);
	}
}

void dark_emit_packet(const dark_source_t *source, const dark_visit_t *visit,
                      dark_packet_t *packet, uint8_t *quote)
{
	*packet = (dark_packet_t) {
		.ip = { .source = source->address, .destination = visit->target,
		        .protocol = source->protocol, .hops = source->hops,
		        .id = (uint16_t)((visit->key >> 40) + visit->step * 257u) },
		.sequence = (uint32_t)(visit->key >> 32),
	};
	switch (source->act) {
	case ACT_PROBE:
		set_probe(source, visit, packet);
		break;
	case ACT_FRAGMENTS:
		set_fragment(source, visit, packet);
		break;
	case ACT_CONNECTION:
		set_connection(source, visit, packet);
		break;
	case ACT_RAW:
		packet->payload = payload;
		packet->payload_size = sizeof(payload);
		break;
	default:
		set_answer(source, visit, packet, quote);
		break;
	}
}
