/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets in words. */
#include "tests/unit/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word and the packet that it stands for. */
typedef struct {
	const char *name;
	packet_t packet;
	packet_kind_t kind;
	uint8_t type6;      /* ICMP type in IPv6, where that differs. */
} kind_row_t;

#define TCP(flags) .packet = { .protocol = PROTOCOL_TCP, .transport = true, .tcp_flags = (flags), \
                               .source_port = 40000, .identification = 7, .tcp_sequence = 9 }
#define UDP(port)  .packet = { .protocol = PROTOCOL_UDP, .transport = true, \
                               .source_port = (port), .identification = 7 }
#define ICMP(type) .packet = { .protocol = PROTOCOL_ICMP, .transport = true, \
                               .icmp_type = (type), .identification = 7 }

static const kind_row_t kinds[] = {
	{ "syn", TCP(TCP_SYN) },
	{ "syn-ece", TCP(TCP_SYN | 0x40) },
	{ "syn-fin", TCP(TCP_SYN | TCP_FIN) },
	{ "synack", TCP(TCP_SYN | TCP_ACK) },
	{ "rst", TCP(TCP_RST) },
	{ "rstack", TCP(TCP_RST | TCP_ACK) },
	{ "synrst", TCP(TCP_SYN | TCP_RST) },
	{ "ack", TCP(TCP_ACK) },
	{ "fin", TCP(TCP_FIN) },
	{ "null", TCP(0) },
	{ "udp", UDP(40000) },
	{ "udp53", UDP(53) },
	{ "udp123", UDP(123) },
	{ "udp11211", UDP(11211) },
	{ "ping", ICMP(8), .type6 = 128 },
	{ "pong", ICMP(0), .type6 = 129 },
	{ "unreach", ICMP(3), .type6 = 1 },
	{ "timexc", ICMP(11), .type6 = 3 },
	{ "timestamp", ICMP(13), .type6 = 139 },
	{ "gre", .packet = { .protocol = 47 } },
	{ "frag", .packet = { .protocol = PROTOCOL_UDP, .fragment_offset = 1480 },
	  .kind = PACKET_FRAGMENT },
	{ "firstfrag", .packet = { .protocol = PROTOCOL_UDP, .source_port = 40000, .transport = true,
	                           .more_fragments = true } },
	{ "firstfrag53", .packet = { .protocol = PROTOCOL_UDP, .source_port = 53, .transport = true,
	                             .more_fragments = true } },
	{ "cuttcp", .packet = { .protocol = PROTOCOL_TCP }, .kind = PACKET_TRUNCATED },
	{ "cutudp", .packet = { .protocol = PROTOCOL_UDP }, .kind = PACKET_TRUNCATED },
	{ "zmap", .packet = { .protocol = PROTOCOL_TCP, .transport = true, .tcp_flags = TCP_SYN,
	                      .identification = 54321, .tcp_sequence = 9 } },
	{ "zmapudp", .packet = { .protocol = PROTOCOL_UDP, .transport = true, .source_port = 40000,
	                         .identification = 54321 } },
	{ "masscan", TCP(TCP_SYN) },
	{ "mirai", TCP(TCP_SYN) },
};

/* An item under way. */
typedef struct {
	char kind[16];
	unsigned target_first, target_last, port_first, port_last, times, source;
} item_t;

prefix_t scenario_darknet(bool ipv6)
{
	prefix_t prefix;
	(void)prefix_parse(ipv6 ? "2001:db8:1::/48" : "198.51.0.0/16", &prefix);
	return prefix;
}

static address_t numbered(const char *text, uint32_t number)
{
	address_t address;
	(void)address_parse(text, &address);
	address.bytes[15] = (uint8_t)number;
	address.bytes[14] = (uint8_t)(number >> 8);
	if (!address_is_ipv4(&address)) {
		address.bytes[13] = (uint8_t)(number >> 16);
	}
	return address;
}

address_t scenario_target(bool ipv6, uint32_t number)
{
	return numbered(ipv6 ? "2001:db8:1::" : "198.51.0.0", number);
}

address_t scenario_source(bool ipv6, uint32_t number)
{
	return numbered(ipv6 ? "2a00:1::" : "45.0.0.0", number);
}

static void die(const char *text)
{
	printf("Bail out! no scenario: '%s'\n", text);
	exit(1);
}

/* "3" or "3-7" or "-" (which is 0). */
static bool range_parse(const char *word, unsigned *first, unsigned *last)
{
	if (strcmp(word, "-") == 0) {
		*first = *last = 0;
		return true;
	}
	char *end;
	*first = *last = (unsigned)strtoul(word, &end, 10);
	if (*end == '-') {
		*last = (unsigned)strtoul(end + 1, &end, 10);
	}
	return *end == '\0' && *first <= *last;
}

static void item_parse(char *text, item_t *item)
{
	char copy[256], *rest = text, *words[8];
	unsigned count = 0;
	(void)snprintf(copy, sizeof(copy), "%s", text);
	for (char *word; (word = strsep(&rest, " ")) != NULL && count < 8; ) {
		if (*word != '\0') {
			words[count++] = word;
		}
	}
	*item = (item_t) { .times = 1, .source = 1 };
	if (count < 3 || !range_parse(words[1], &item->target_first, &item->target_last) ||
	    !range_parse(words[2], &item->port_first, &item->port_last)) {
		die(copy);
	}
	(void)snprintf(item->kind, sizeof(item->kind), "%s", words[0]);
	for (unsigned i = 3; i < count; i++) {
		if (words[i][0] == 'x') {
			item->times = (unsigned)strtoul(words[i] + 1, NULL, 10);
		} else if (strcmp(words[i], "from") == 0 && i + 1 < count) {
			item->source = (unsigned)strtoul(words[++i], NULL, 10);
		} else {
			die(copy);
		}
	}
}

const char *scenario_kind(size_t number)
{
	return number < sizeof(kinds) / sizeof(kinds[0]) ? kinds[number].name : NULL;
}

static const kind_row_t *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			return &kinds[i];
		}
	}
	die(name);
	return NULL;
}

/* The marks that depend on where a packet goes. */
static void mark(packet_t *packet, const char *kind)
{
	const uint8_t *last = packet->destination.bytes + 12;
	uint32_t number = (uint32_t)last[0] << 24 | (uint32_t)last[1] << 16 | (uint32_t)last[2] << 8 |
	                  last[3];
	if (strcmp(kind, "mirai") == 0) {
		packet->tcp_sequence = number;
	}
	if (strcmp(kind, "masscan") == 0) {
		packet->identification = (number ^ packet->destination_port ^ packet->tcp_sequence) & 0xffff;
	}
}

static void item_play(const item_t *item, bool ipv6, scenario_take_t take, void *context)
{
	const kind_row_t *row = kind_find(item->kind);
	packet_t packet = row->packet;
	packet.ipv6 = ipv6;
	packet.source = scenario_source(ipv6, item->source);
	if (ipv6 && packet.protocol == PROTOCOL_ICMP) {
		packet.protocol = PROTOCOL_ICMPV6;
		packet.icmp_type = row->type6;
	}
	bool ports = packet.transport &&
	             (packet.protocol == PROTOCOL_TCP || packet.protocol == PROTOCOL_UDP);
	for (unsigned target = item->target_first; target <= item->target_last; target++) {
		packet.destination = scenario_target(ipv6, target);
		for (unsigned port = item->port_first; port <= item->port_last; port++) {
			packet.destination_port = ports ? (uint16_t)port : 0;
			mark(&packet, item->kind);
			for (unsigned i = 0; i < item->times; i++) {
				take(context, &packet, row->kind);
			}
		}
	}
}

void scenario_play(const char *text, bool ipv6, scenario_take_t take, void *context)
{
	char *copy = strdup(text), *rest = copy;
	for (char *part; (part = strsep(&rest, ";")) != NULL; ) {
		item_t item;
		item_parse(part, &item);
		item_play(&item, ipv6, take, context);
	}
	free(copy);
}
