/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets to a telescope: checksums by their definition, the rest by our own reader and marks. */
#include "capture/packet.h"
#include "darknet/fingerprint.h"
#include "darknet/taxonomy.h"
#include "simulator/dark_packet.h"
#include "tests/tap.h"

/* The sum of RFC 1071 over a pseudo-header and what follows; 0xffff if the checksum is right. */
static unsigned fold(const uint8_t *addresses, size_t size, unsigned long sum,
                     const uint8_t *data, size_t data_size)
{
	for (size_t i = 0; i < size; i++) {
		sum += addresses[i] * (i % 2 == 0 ? 256ul : 1ul);
	}
	for (size_t i = 0; i < data_size; i++) {
		sum += data[i] * (i % 2 == 0 ? 256ul : 1ul);
	}
	while (sum > 0xffff) {
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (unsigned)sum;
}

/* Whether the checksums of a frame with a known transport are right. */
static bool sums_right(const dark_packet_t *packet, const uint8_t *frame, size_t size)
{
	bool ipv4 = frame[12] == 0x08;
	size_t start = 14 + (ipv4 ? 20 : 40), rest = size - start;
	const uint8_t *addresses = frame + (ipv4 ? 26 : 22);
	bool pseudo = packet->ip.protocol != DARK_ICMP;
	return (!ipv4 || fold(NULL, 0, 0, frame + 14, 20) == 0xffff) &&
	       fold(addresses, pseudo ? (ipv4 ? 8 : 32) : 0, pseudo ? packet->ip.protocol + rest : 0,
	            frame + start, rest) == 0xffff;
}

static packet_t decode(const uint8_t *frame, size_t size, packet_kind_t *kind)
{
	packet_t packet;
	frame_t from = { .link = LINK_ETHERNET, .data = frame, .size = size, .wire_size = size };
	*kind = packet_decode(&from, &packet);
	return packet;
}

static dark_packet_t make(uint8_t protocol, const char *source, const char *destination)
{
	static const uint8_t payload[] = { 1, 2, 3, 4, 5 };
	dark_packet_t packet = {
		.ip = { .protocol = protocol, .hops = 55, .id = 4660 },
		.source_port = 50123, .destination_port = 8081, .sequence = 0xdeadbeef, .window = 1024,
		.flags = DARK_SYN, .icmp_type = protocol == DARK_ICMP ? 8 : 128, .icmp_rest = 0x12340001,
		.payload = payload, .payload_size = protocol == DARK_TCP ? 0 : sizeof(payload),
	};
	address_parse(source, &packet.ip.source);
	address_parse(destination, &packet.ip.destination);
	return packet;
}

static void test_protocol(uint8_t protocol, bool ipv6)
{
	dark_packet_t packet = ipv6 ? make(protocol, "2001:db8:1::7", "2001:db8:2::9") :
	                       make(protocol, "192.0.2.7", "198.18.3.4");
	uint8_t frame[DARK_PACKET_MAX];
	bool right = true;
	size_t size = 0;
	for (unsigned i = 0; i < 65536; i++) {
		packet.sequence = i * 65537;
		packet.icmp_rest = i;
		packet.source_port = (uint16_t)i;
		size = dark_packet_write(&packet, frame);
		right = right && sums_right(&packet, frame, size);
	}
	ok(right, "protocol %d: checksums right for 65536 values", protocol);
	packet_kind_t kind;
	packet_t read = decode(frame, size, &kind);
	is_int(kind, PACKET_WHOLE, "protocol %d: whole", protocol);
	ok(address_equal(&read.source, &packet.ip.source) &&
	   address_equal(&read.destination, &packet.ip.destination) && read.protocol == protocol &&
	   read.time_to_live == 55, "the fields of IP");
	is_int(read.payload_size, packet.payload_size + (read.icmp_type != 0 ? 4 : 0), "the payload");
	if (protocol == DARK_TCP || protocol == DARK_UDP) {
		ok(read.source_port == 65535 && read.destination_port == 8081, "the ports");
	}
	if (protocol == DARK_TCP) {
		is_int(read.tcp_sequence, packet.sequence, "the sequence");
		ok(read.tcp_flags == TCP_SYN && read.tcp_window == 1024, "flags and window");
	}
	if (protocol == DARK_ICMP || protocol == DARK_ICMPV6) {
		is_int(read.icmp_type, packet.icmp_type, "the type");
	}
}

/* The tool that two packets of a mark make. */
static tool_t tool_of(void (*mark)(dark_packet_t *packet), unsigned port)
{
	tool_set_t set = TOOL_SET_ALL;
	for (int i = 0; i < 2; i++) {
		dark_packet_t packet = make(DARK_TCP, "192.0.2.7", i == 0 ? "198.18.3.4" : "198.19.77.1");
		packet.destination_port = (uint16_t)port;
		packet.sequence += (uint32_t)i * 7919;
		if (mark != NULL) {
			mark(&packet);
		}
		uint8_t frame[DARK_PACKET_MAX];
		packet_kind_t kind;
		packet_t read = decode(frame, dark_packet_write(&packet, frame), &kind);
		set &= fingerprint_packet(&read);
	}
	return fingerprint_tool(set, 2, EVENT_NETWORK_SCAN_LIGHT);
}

static void test_marks(void)
{
	is_int(tool_of(NULL, 22), TOOL_NONE, "no mark");
	is_int(tool_of(dark_mark_zmap, 443), TOOL_ZMAP, "ZMap");
	is_int(tool_of(dark_mark_masscan, 6379), TOOL_MASSCAN, "masscan");
	is_int(tool_of(dark_mark_mirai, 2323), TOOL_MIRAI, "Mirai");
	is_int(tool_of(NULL, 445), TOOL_CONFICKER, "Conficker");
	dark_packet_t packet = make(DARK_UDP, "192.0.2.7", "198.18.3.4");
	dark_mark_zmap(&packet);
	is_int(packet.ip.id, 54321, "ZMap's number");
}

static packet_nature_t nature_of(const dark_packet_t *packet, packet_kind_t *kind)
{
	uint8_t frame[DARK_PACKET_MAX];
	packet_t read = decode(frame, dark_packet_write(packet, frame), kind);
	packet_nature_t nature;
	taxonomy_nature(&read, &nature);
	return nature;
}

static void test_aside(void)
{
	packet_kind_t kind;
	dark_packet_t packet = make(DARK_UDP, "192.0.2.7", "198.18.3.4");
	packet.ip.fragment = 185;
	is_int(nature_of(&packet, &kind).aside, ASIDE_FRAGMENT, "a later fragment");
	is_int(kind, PACKET_FRAGMENT, "has no transport header");
	packet.ip.fragment = DARK_MORE_FRAGMENTS;
	is_int(nature_of(&packet, &kind).aside, ASIDE_FRAGMENT, "a first fragment");
	is_int(kind, PACKET_WHOLE, "has one");
	packet = make(47, "192.0.2.7", "198.18.3.4");
	is_int(nature_of(&packet, &kind).group, GROUP_OTHER, "another protocol");

	/* The answer of a router to a forged SYN. */
	dark_packet_t forged = make(DARK_TCP, "198.18.3.4", "192.0.2.7");
	uint8_t quote[DARK_QUOTE_SIZE];
	dark_packet_quote(&forged, quote);
	packet = make(DARK_ICMP, "192.0.2.7", "198.18.3.4");
	packet.icmp_type = 3;
	packet.icmp_code = 1;
	packet.icmp_rest = 0;
	packet.payload = quote;
	packet.payload_size = sizeof(quote);
	is_int(nature_of(&packet, &kind).aside, ASIDE_BACKSCATTER, "an ICMP error is backscatter");
	is_int(fold(NULL, 0, 0, quote, 20), 0xffff, "the header that it quotes has its checksum");
	ok(memcmp(quote + 12, forged.ip.source.bytes + 12, 4) == 0 &&
	   memcmp(quote + 16, forged.ip.destination.bytes + 12, 4) == 0 &&
	   (quote[22] << 8 | quote[23]) == forged.destination_port, "it is the forged packet's");
}

int main(void)
{
	test_protocol(DARK_TCP, false);
	test_protocol(DARK_UDP, false);
	test_protocol(DARK_ICMP, false);
	test_protocol(DARK_TCP, true);
	test_protocol(DARK_UDP, true);
	test_protocol(DARK_ICMPV6, true);
	test_marks();
	test_aside();
	return tap_done();
}
