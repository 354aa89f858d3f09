/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP packets built by hand: each kind of header, cut at each length, and damaged at random. */
#include "common/generator.h"
#include "tests/unit/packet_builder.h"

static void test_ipv4(void)
{
	packet_t packet;
	builder_t options = { .link = LINK_RAW };
	put_ipv4(&options, PROTOCOL_TCP, 20 + 12 + 5, 0, 40);
	put_tcp(&options, 12);
	put_payload(&options, 5);
	check_whole(&options, false, PROTOCOL_TCP, "IPv4 and TCP with options");
	check_cuts(&options, 20 + 40 + 20 + 12, "IPv4 and TCP with options");
	(void)decode(&options, &packet);
	is_int(packet.tcp_sequence, 0xdeadbeef, "TCP sequence");
	is_int(packet.tcp_flags, TCP_PSH | TCP_ACK, "TCP flags");
	is_int(packet.tcp_window, 256, "TCP window");
	is_int(packet.ip_length, 20 + 40 + 20 + 12 + 5, "length of the IP packet");
	is_int(packet.identification, 54321, "IPv4 identification");
	/* The ports of a cut TCP header count, its sequence only if it is there whole. */
	is_int(decode_cut(&options, 60 + 6, &packet), PACKET_TRUNCATED, "cut in the sequence");
	is_int(packet.destination_port, 53, "cut in the sequence: port");
	is_int(packet.tcp_sequence, 0, "cut in the sequence: none");

	builder_t padded = { 0 };
	put_ethernet(&padded, 0x0800);
	put_ipv4_udp(&padded);
	put_payload(&padded, 6);
	check_whole(&padded, false, PROTOCOL_UDP, "Ethernet padding is no payload");

	builder_t offload = { .link = LINK_RAW };
	put_ipv4_udp(&offload);
	offload.bytes[2] = offload.bytes[3] = 0;
	check_whole(&offload, false, PROTOCOL_UDP, "total length 0");
	check_cuts(&offload, 28, "total length 0");

	builder_t gre = { .link = LINK_RAW };
	put_ipv4(&gre, 47, 5, 0, 0);
	put_payload(&gre, 5);
	check_cuts(&gre, 20, "another protocol");
	(void)decode(&gre, &packet);
	is_int(packet.source_port, 0, "another protocol has no ports");
}

static void test_ipv4_malformed(void)
{
	static const struct { size_t offset; uint8_t value; const char *what; } changes[] = {
		{ 0, 0x65, "version 6 behind type 0x0800" },
		{ 0, 0x44, "header of 16 bytes" },
		{ 0, 0x4f, "header beyond the packet" },
		{ 3, 19, "total length below the header" },
		{ 3, 27, "total length within the UDP header" },
		{ 25, 7, "UDP length below its header" },
		{ 25, 14, "UDP length beyond the packet" },
		{ 25, 0, "UDP length 0" },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		packet_t packet;
		builder_t frame = { 0 };
		put_ethernet(&frame, 0x0800);
		put_ipv4_udp(&frame);
		frame.bytes[14 + changes[i].offset] = changes[i].value;
		is_int(decode(&frame, &packet), PACKET_MALFORMED, "IPv4: %s", changes[i].what);
	}
	packet_t packet;
	builder_t tcp = { .link = LINK_RAW };
	put_ipv4(&tcp, PROTOCOL_TCP, 25, 0, 0);
	put_tcp(&tcp, 0);
	put_payload(&tcp, 5);
	tcp.bytes[32] = 4 << 4;
	is_int(decode(&tcp, &packet), PACKET_MALFORMED, "TCP header of 16 bytes");
	tcp.bytes[32] = 7 << 4;
	is_int(decode(&tcp, &packet), PACKET_MALFORMED, "TCP header beyond the packet");
	builder_t shorter = { .link = LINK_RAW };
	put_ipv4_udp(&shorter);
	shorter.bytes[25] = 8 + 3;
	is_int(decode(&shorter, &packet), PACKET_WHOLE, "UDP length below the packet's is allowed");
	is_int(packet.payload_size, 3, "and trims the payload");
}

static void test_ipv4_fragments(void)
{
	packet_t packet;
	builder_t first = { .link = LINK_RAW }, later = { .link = LINK_RAW };
	put_ipv4(&first, PROTOCOL_UDP, 16, 0x2000, 0);
	put_udp(&first, 1000);
	put_payload(&first, 8);
	is_int(decode(&first, &packet), PACKET_WHOLE, "a first fragment with the whole header");
	is_int(packet.destination_port, 53, "first fragment: port");
	is_int(packet.more_fragments, true, "first fragment: more");
	is_int(packet.payload_size, 8, "first fragment: payload here");
	is_int(packet.payload_wire_size, 1000, "first fragment: payload announced");

	put_ipv4(&later, PROTOCOL_UDP, 16, 0x2000 | 185, 0);
	put_payload(&later, 16);
	is_int(decode(&later, &packet), PACKET_FRAGMENT, "a later fragment");
	is_int(packet.fragment_offset, 1480, "later fragment: offset in bytes");
	is_int(packet.destination_port, 0, "later fragment: no port");
	is_int(packet.payload_size, 16, "later fragment: its bytes");

	builder_t tiny = { .link = LINK_RAW };
	put_ipv4(&tiny, PROTOCOL_TCP, 8, 0x2000, 0);
	PUT(&tiny, HIGH_LOW(40000), HIGH_LOW(53), 0xde, 0xad, 0xbe, 0xef);
	is_int(decode(&tiny, &packet), PACKET_FRAGMENT, "a first fragment with half a header");
	is_int(packet.destination_port, 53, "tiny fragment: the port it has");
	is_int(packet.tcp_sequence, 0xdeadbeef, "tiny fragment: the sequence it has");
	is_int(decode_cut(&tiny, 27, &packet), PACKET_TRUNCATED, "a tiny fragment that is cut");
}

static void put_extensions(builder_t *builder, size_t *headers)
{
	size_t start = builder->size;
	static const uint8_t zeros[22];
	put_ipv6(builder, 0, 0);
	PUT(builder, 43, 0, 1, 4, 0, 0, 0, 0); /* hop-by-hop */
	PUT(builder, 60, 2);                   /* routing */
	put(builder, zeros, sizeof(zeros));
	PUT(builder, 44, 0, 1, 4, 0, 0, 0, 0); /* destination */
	PUT(builder, 51, 0, 0, 0, 1, 2, 3, 4); /* atomic fragment */
	PUT(builder, 17, 4);                   /* AH */
	put(builder, zeros, sizeof(zeros));
	put_udp(builder, 5);
	*headers = builder->size;
	put_payload(builder, 5);
	builder->bytes[start + 5] = (uint8_t)(builder->size - start - 40);
}

static void test_ipv6(void)
{
	packet_t packet;
	size_t headers;
	builder_t all = { .link = LINK_RAW };
	put_extensions(&all, &headers);
	check_whole(&all, true, PROTOCOL_UDP, "all extension headers");
	check_cuts(&all, headers, "all extension headers");
	(void)decode(&all, &packet);
	is_int(packet.identification, 0x01020304, "identification of the fragment header");
	is_int(packet.more_fragments, false, "an atomic fragment is whole");

	builder_t padded = { 0 };
	put_ethernet(&padded, 0x86dd);
	put_ipv6_udp(&padded);
	put_payload(&padded, 9);
	check_whole(&padded, true, PROTOCOL_UDP, "IPv6 in padding");

	builder_t jumbo = { .link = LINK_RAW };
	put_ipv6_udp(&jumbo);
	jumbo.bytes[5] = jumbo.bytes[45] = 0;
	check_whole(&jumbo, true, PROTOCOL_UDP, "payload length 0, UDP length 0");
	check_cuts(&jumbo, 48, "payload length 0, UDP length 0");

	builder_t over = { .link = LINK_RAW };
	put_ipv6(&over, 60, 16);
	PUT(&over, 17, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	is_int(decode(&over, &packet), PACKET_MALFORMED, "an extension header beyond the packet");
	over.bytes[0] = 0x40;
	builder_t version = { 0 };
	put_ethernet(&version, 0x86dd);
	put(&version, over.bytes, over.size);
	is_int(decode(&version, &packet), PACKET_MALFORMED, "version 4 behind type 0x86dd");
	builder_t esp = { .link = LINK_RAW };
	put_ipv6(&esp, 50, 5);
	put_payload(&esp, 5);
	check_cuts(&esp, 40, "ESP is payload");
}

static void test_ipv6_fragments(void)
{
	packet_t packet;
	builder_t first = { .link = LINK_RAW }, later = { .link = LINK_RAW };
	put_ipv6(&first, 44, 8 + 16);
	PUT(&first, PROTOCOL_UDP, 0, 0, 1, 1, 2, 3, 4);
	put_udp(&first, 1000);
	put_payload(&first, 8);
	is_int(decode(&first, &packet), PACKET_WHOLE, "IPv6: first fragment");
	is_int(packet.destination_port, 53, "IPv6: first fragment has ports");
	is_int(packet.more_fragments, true, "IPv6: more");

	/* Next header 0: what follows must not be read as a hop-by-hop header. */
	put_ipv6(&later, 44, 8 + 16);
	PUT(&later, 0, 0, HIGH_LOW(185 << 3), 1, 2, 3, 4);
	put_payload(&later, 16);
	is_int(decode(&later, &packet), PACKET_FRAGMENT, "IPv6: later fragment");
	is_int(packet.fragment_offset, 1480, "IPv6: offset in bytes");
	is_int(packet.more_fragments, false, "IPv6: the last");
	is_int(packet.payload_size, 16, "IPv6: its bytes are payload");
}

/* Any damage: the payload stays inside the frame, and a sanitizer sees each wrong read. */
/* From which byte on a cut frame has its `transport`: `wanted`. */
static void check_transport(const builder_t *builder, size_t wanted, const char *what)
{
	packet_t packet;
	size_t wrong = 0;
	for (size_t size = 0; size <= builder->size; size++) {
		(void)decode_cut(builder, size, &packet);
		wrong += packet.transport != (size >= wanted);
	}
	is_int(wrong, 0, "%s: what it needs of the header is there from byte %zu on", what, wanted);
}

static void check_icmp(const builder_t *builder, unsigned type, unsigned code, size_t headers,
                       const char *what)
{
	packet_t packet;
	is_int(decode(builder, &packet), PACKET_WHOLE, "%s: whole", what);
	is_int(packet.icmp_type, type, "%s: type", what);
	is_int(packet.icmp_code, code, "%s: code", what);
	check_cuts(builder, headers, what);
	check_transport(builder, headers - 2, what);
}

static void test_echo(void)
{
	packet_t packet;
	builder_t echo = { .link = LINK_RAW };
	put_ipv4(&echo, PROTOCOL_ICMP, 8, 0x4000, 0);
	PUT(&echo, 8, 0, 0, 0, 0x12, 0x34, 0, 1);
	(void)decode(&echo, &packet);
	is_int(packet.icmp_id, 0x1234, "identifier of an echo");
	ok(packet.dont_fragment && !packet.more_fragments, "not to be fragmented");
	is_int(packet.ip_length, 28, "length of the IP packet");
	is_int(packet.payload_size, 4, "identifier and number are payload, too");
	is_int(decode_cut(&echo, 25, &packet), PACKET_WHOLE, "an echo cut in its identifier");
	ok(packet.icmp_id == 0 && packet.ip_length == 28, "has none");
	echo.bytes[20] = 3;
	(void)decode(&echo, &packet);
	is_int(packet.icmp_id, 0, "nor has another type");
	builder_t reply = { .link = LINK_RAW };
	put_ipv6(&reply, PROTOCOL_ICMPV6, 8);
	PUT(&reply, 129, 0, 0, 0, 0x0a, 0x0b, 0, 0);
	(void)decode(&reply, &packet);
	is_int(packet.icmp_id, 0x0a0b, "identifier of an echo reply of ICMPv6");
}

static void test_icmp(void)
{
	builder_t icmp = { .link = LINK_RAW };
	put_ipv4(&icmp, PROTOCOL_ICMP, 8, 0, 0);
	PUT(&icmp, 3, 13, 0, 0, 0, 0, 0, 0);
	check_icmp(&icmp, 3, 13, 24, "ICMP");
	builder_t icmpv6 = { .link = LINK_RAW };
	put_ipv6(&icmpv6, PROTOCOL_ICMPV6, 8);
	PUT(&icmpv6, 129, 1, 0, 0, 0, 0, 0, 0);
	check_icmp(&icmpv6, 129, 1, 44, "ICMPv6");

	builder_t udp = { .link = LINK_RAW }, tcp = { .link = LINK_RAW }, other = { .link = LINK_RAW };
	put_ipv4_udp(&udp);
	check_transport(&udp, 24, "UDP");
	put_ipv4(&tcp, PROTOCOL_TCP, 20, 0, 0);
	put_tcp(&tcp, 0);
	check_transport(&tcp, 34, "TCP");
	/* Each family has its own. */
	put_ipv4(&other, PROTOCOL_ICMPV6, 8, 0, 0);
	PUT(&other, 129, 1, 0, 0, 0, 0, 0, 0);
	packet_t packet;
	is_int(decode(&other, &packet), PACKET_WHOLE, "ICMPv6 in IPv4: a packet");
	ok(!packet.transport && packet.icmp_type == 0, "but none of ICMP");
}

static void test_damage(void)
{
	generator_t generator = generator_make(1, 0);
	size_t wrong = 0, headers, seen[PACKET_KINDS] = { 0 };
	for (int i = 0; i < 50000; i++) {
		builder_t frame = { 0 };
		put_ethernet(&frame, i % 2 != 0 ? 0x86dd : 0x0800);
		if (i % 2 != 0) {
			put_extensions(&frame, &headers);
		} else {
			put_ipv4_udp(&frame);
		}
		for (uint64_t hits = 1 + generator_below(&generator, 4); hits > 0; hits--) {
			size_t at = generator_below(&generator, frame.size);
			frame.bytes[at] = (uint8_t)generator_next(&generator);
		}
		packet_t packet;
		size_t size = generator_below(&generator, frame.size + 1);
		packet_kind_t kind = decode_cut(&frame, i % 3 == 0 ? size : frame.size, &packet);
		seen[kind]++;
		wrong += packet.payload_size > packet.payload_wire_size ||
		         (packet.payload != NULL && (packet.payload < frame.bytes ||
		          packet.payload + packet.payload_size > frame.bytes + frame.size)) ||
		         (kind == PACKET_WHOLE && packet.payload == NULL);
	}
	is_int(wrong, 0, "50000 damaged frames: payload inside the frame");
	for (packet_kind_t kind = 0; kind < PACKET_KINDS; kind++) {
		ok(seen[kind] > 0, "some of them are: %s", packet_kind_name(kind));
	}
}

int main(void)
{
	test_ipv4();
	test_ipv4_malformed();
	test_ipv4_fragments();
	test_ipv6();
	test_ipv6_fragments();
	test_icmp();
	test_echo();
	test_damage();
	return tap_done();
}
