/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marks of scanning tools. */
#include "darknet/fingerprint.h"

#include <endian.h>
#include <string.h>

/* Bits that have to agree before a mark counts. */
#define BITS_LEAST 32

#define ZMAP_IDENTIFICATION 54321
#define CONFICKER_PORT      445

static const tool_info_t tools[] = {
	[TOOL_NONE] = { "", NULL, NULL, 0 },
	[TOOL_MIRAI] = {
		"mirai", "the TCP sequence number is the destination address",
		"M. Antonakakis et al.: Understanding the Mirai Botnet, USENIX Security 2017", 32,
	},
	[TOOL_MASSCAN] = {
		"masscan", "the IP identification is the low 16 bits of destination address xor "
		"destination port xor TCP sequence number",
		"Z. Durumeric et al.: An Internet-Wide View of Internet-Wide Scanning, "
		"USENIX Security 2014", 16,
	},
	[TOOL_ZMAP] = {
		"zmap before 4.1", "the IP identification is 54321 (ZMap 4.1.0 of 2024 draws it)",
		"Z. Durumeric et al.: An Internet-Wide View of Internet-Wide Scanning, "
		"USENIX Security 2014", 16,
	},
	[TOOL_CONFICKER] = {
		"conficker", "all TCP SYN go to port 445, in a light network scan or as small SYN",
		"Liu & Fukuda, TRAC 2014", 0,
	},
};
_Static_assert(sizeof(tools) / sizeof(tools[0]) == TOOLS, "one row for each tool");
_Static_assert(TOOLS <= 8, "a set is one byte");

const tool_info_t *tool_info(tool_t tool)
{
	return &tools[tool];
}

tool_t tool_find(const char *name)
{
	tool_t tool = 0;
	while (tool < TOOLS && strcmp(tools[tool].name, name) != 0) {
		tool++;
	}
	return tool;
}

static uint32_t ipv4_number(const address_t *address)
{
	uint32_t number;
	memcpy(&number, address->bytes + 12, sizeof(number));
	return be32toh(number);
}

tool_set_t fingerprint_packet(const packet_t *packet)
{
	if (packet->ipv6) {
		return 0;
	}
	unsigned zmap = packet->identification == ZMAP_IDENTIFICATION;
	if (packet->protocol != PROTOCOL_TCP) {
		return (tool_set_t)(zmap << TOOL_ZMAP);
	}
	uint32_t destination = ipv4_number(&packet->destination);
	uint32_t masscan = destination ^ packet->destination_port ^ packet->tcp_sequence;
	unsigned set = zmap << TOOL_ZMAP;
	set |= (unsigned)(packet->identification == (masscan & 0xffff)) << TOOL_MASSCAN;
	set |= (unsigned)(packet->tcp_sequence == destination) << TOOL_MIRAI;
	set |= (unsigned)(packet->destination_port == CONFICKER_PORT) << TOOL_CONFICKER;
	return (tool_set_t)set;
}

tool_t fingerprint_tool(tool_set_t set, unsigned probes, event_kind_t kind)
{
	for (tool_t tool = TOOL_NONE + 1; tool < TOOLS && probes > 0; tool++) {
		if ((set >> tool & 1) == 0 ||
		    (tools[tool].bits != 0 && tools[tool].bits * probes < BITS_LEAST)) {
			continue;
		}
		if (tool != TOOL_CONFICKER || kind == EVENT_NETWORK_SCAN_LIGHT ||
		    kind == EVENT_SMALL_SYN) {
			return tool;
		}
	}
	return TOOL_NONE;
}
