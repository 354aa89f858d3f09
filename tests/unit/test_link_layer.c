/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands before the IP header: links, tags, labels, sessions, in each other and cut. */
#include "capture/link_layer.h"

#include "common/generator.h"
#include "tests/unit/packet_builder.h"

static void test_links(void)
{
	builder_t plain = { 0 }, tags = { 0 }, cooked = { .link = LINK_LINUX_COOKED };
	put_ethernet(&plain, 0x0800);
	put_ipv4_udp(&plain);
	check_whole(&plain, false, PROTOCOL_UDP, "Ethernet");
	check_cuts(&plain, 14 + 28, "Ethernet");

	put_ethernet(&tags, 0x88a8);
	PUT(&tags, 0, 1, 0x91, 0, 0, 2, 0x81, 0, 0, 3, 0x86, 0xdd);
	put_ipv6_udp(&tags);
	check_whole(&tags, true, PROTOCOL_UDP, "three tags");
	check_cuts(&tags, 14 + 12 + 48, "three tags");

	PUT(&cooked, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0);
	put_ipv4_udp(&cooked);
	check_whole(&cooked, false, PROTOCOL_UDP, "Linux cooked");
	check_cuts(&cooked, 16 + 28, "Linux cooked");

	builder_t cooked2 = { .link = LINK_LINUX_COOKED2 };
	PUT(&cooked2, 0x86, 0xdd, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0);
	put_ipv6_udp(&cooked2);
	check_whole(&cooked2, true, PROTOCOL_UDP, "Linux cooked, version 2");
	check_cuts(&cooked2, 20 + 48, "Linux cooked, version 2");
}

static void test_loopback_links(void)
{
	builder_t raw4 = { .link = LINK_RAW }, raw6 = { .link = LINK_RAW };
	put_ipv4_udp(&raw4);
	check_whole(&raw4, false, PROTOCOL_UDP, "raw IPv4");
	check_cuts(&raw4, 28, "raw IPv4");
	put_ipv6_udp(&raw6);
	check_whole(&raw6, true, PROTOCOL_UDP, "raw IPv6");
	check_cuts(&raw6, 48, "raw IPv6");

	static const uint8_t families[] = { 10, 24, 28, 30 };
	for (size_t i = 0; i < sizeof(families); i++) {
		builder_t little = { .link = LINK_NULL }, big = { .link = LINK_NULL };
		PUT(&little, families[i], 0, 0, 0);
		put_ipv6_udp(&little);
		check_whole(&little, true, PROTOCOL_UDP, "null, little end first");
		PUT(&big, 0, 0, 0, families[i]);
		put_ipv6_udp(&big);
		check_whole(&big, true, PROTOCOL_UDP, "null, big end first");
	}
	builder_t loop = { .link = LINK_LOOP };
	PUT(&loop, 0, 0, 0, 2);
	put_ipv4_udp(&loop);
	check_whole(&loop, false, PROTOCOL_UDP, "loop");
	check_cuts(&loop, 4 + 28, "loop");
}

static void test_not_ip(void)
{
	packet_t packet;
	static const unsigned types[] = { 0x0806, 0x8847, 0x8863, 0x8864, 0x0026 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		builder_t frame = { 0 };
		put_ethernet(&frame, types[i]);
		PUT(&frame, 0, 0, 1, 64); /* for MPLS: the bottom, and then a pseudowire */
		put(&frame, (const uint8_t[20]) { 0 }, 20);
		is_int(decode(&frame, &packet), PACKET_NOT_IP, "Ethernet type 0x%04x is not IP",
		       types[i]);
	}
	builder_t raw = { .link = LINK_RAW }, loop = { .link = LINK_LOOP };
	PUT(&raw, 0x50, 0, 0, 0);
	is_int(decode(&raw, &packet), PACKET_NOT_IP, "raw version 5 is not IP");
	PUT(&loop, 2, 0, 0, 0);
	is_int(decode(&loop, &packet), PACKET_NOT_IP, "loop is in network order only");
}

static void check_stack(const char *what, const uint8_t *bytes, size_t size, bool ipv6)
{
	builder_t frame = { 0 };
	put_ethernet(&frame, 0);
	frame.size -= 2;
	put(&frame, bytes, size);
	if (ipv6) {
		put_ipv6_udp(&frame);
	} else {
		put_ipv4_udp(&frame);
	}
	check_whole(&frame, ipv6, PROTOCOL_UDP, what);
	check_cuts(&frame, 12 + size + (ipv6 ? 48 : 28), what);
}

#define CHECK_STACK(what, ipv6, ...) do { \
	const uint8_t stack_[] = { __VA_ARGS__ }; \
	check_stack((what), stack_, sizeof(stack_), (ipv6)); \
} while (0)

#define LABEL        0x00, 0x10, 0x20, 64
#define LABEL_BOTTOM 0x00, 0x10, 0x21, 64
#define SESSION      0x11, 0, 0, 7, 0, 99

static void test_stacks(void)
{
	CHECK_STACK("MPLS", false, 0x88, 0x47, LABEL_BOTTOM);
	CHECK_STACK("three labels", true, 0x88, 0x48, LABEL, LABEL, LABEL_BOTTOM);
	CHECK_STACK("PPPoE", false, 0x88, 0x64, SESSION, 0x00, 0x21);
	CHECK_STACK("PPPoE, IPv6", true, 0x88, 0x64, SESSION, 0x00, 0x57);
	CHECK_STACK("PPPoE, protocol of one byte", false, 0x88, 0x64, SESSION, 0x21);
	CHECK_STACK("PPPoE, MPLS", false, 0x88, 0x64, SESSION, 0x02, 0x81, LABEL_BOTTOM);
	CHECK_STACK("PPPoE, MPLS of the other kind", false, 0x88, 0x64, SESSION, 0x02, 0x83, LABEL,
	            LABEL_BOTTOM);
	CHECK_STACK("VN-Tag", false, 0x89, 0x26, 0x80, 0, 0, 1, 0x08, 0x00);
	CHECK_STACK("VN-Tag and a tag", true, 0x89, 0x26, 0x80, 0, 0, 1, 0x81, 0, 0, 5, 0x86, 0xdd);
	CHECK_STACK("tags, PPPoE, MPLS", true, 0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 0x88, 0x64, SESSION,
	            0x02, 0x81, LABEL, LABEL_BOTTOM);
	builder_t frame = { .link = LINK_LINUX_COOKED };
	PUT(&frame, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x47, LABEL_BOTTOM);
	put_ipv4_udp(&frame);
	check_whole(&frame, false, PROTOCOL_UDP, "MPLS in Linux cooked");

	packet_t packet;
	builder_t lcp = { 0 };
	put_ethernet(&lcp, 0x8864);
	PUT(&lcp, SESSION, 0xc0, 0x21);
	put_ipv4_udp(&lcp);
	is_int(decode(&lcp, &packet), PACKET_NOT_IP, "another protocol of PPP");
	frame.link = LINK_OTHER;
	is_int(decode(&frame, &packet), PACKET_NOT_IP, "a link that is not supported");
}

/* A header that is never the last: as deep as the frame is, and no deeper. */
static void test_depth(void)
{
	static const uint8_t fills[][4] = { { 0x81, 0, 0x81, 0 }, { 0x88, 0x47, 0, 0 }, { 0, 0, 0, 0 } };
	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		builder_t frame = { 0 };
		packet_t packet;
		put_ethernet(&frame, i == 0 ? 0x8100 : 0x8847);
		while (frame.size + 4 <= FRAME_MAX) {
			put(&frame, fills[i], 4);
		}
		is_int(decode(&frame, &packet), PACKET_TRUNCATED, "headers without an end");
	}
}

static bool packets_equal(const packet_t *a, const packet_t *b)
{
	return address_equal(&a->source, &b->source) &&
	       address_equal(&a->destination, &b->destination) &&
	       a->source_port == b->source_port && a->destination_port == b->destination_port &&
	       a->protocol == b->protocol && a->time_to_live == b->time_to_live &&
	       a->ipv6 == b->ipv6 && a->more_fragments == b->more_fragments &&
	       a->dont_fragment == b->dont_fragment && a->fragment_offset == b->fragment_offset &&
	       a->identification == b->identification && a->ip_length == b->ip_length &&
	       a->tcp_sequence == b->tcp_sequence && a->tcp_window == b->tcp_window &&
	       a->tcp_flags == b->tcp_flags && a->icmp_type == b->icmp_type &&
	       a->icmp_code == b->icmp_code && a->icmp_id == b->icmp_id &&
	       a->transport == b->transport && a->payload_size == b->payload_size &&
	       a->payload_wire_size == b->payload_wire_size;
}

/* Ethernet with IPv4 at once takes a shortcut: with a tag in between it must be the same. */
static void test_shortcut(void)
{
	generator_t generator = generator_make(2, 0);
	static const uint8_t protocols[] = { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_ICMP, 47 };
	size_t wrong = 0, whole = 0;
	for (int i = 0; i < 20000; i++) {
		builder_t plain = { 0 }, tagged = { 0 }, ip = { 0 };
		put_ipv4(&ip, protocols[i % 4], 28, 0, 0);
		for (size_t at = 0; at < 28; at++) {
			PUT(&ip, (uint8_t)(at == 12 ? 0x50 : at == 5 ? 28 : at == 4 ? 0 : 8 * at));
		}
		for (uint64_t hits = generator_below(&generator, 3); hits > 0; hits--) {
			ip.bytes[generator_below(&generator, ip.size)] = (uint8_t)generator_next(&generator);
		}
		size_t cut = i % 2 != 0 ? ip.size : generator_below(&generator, ip.size + 1);
		put_ethernet(&plain, 0x0800);
		put_ethernet(&tagged, 0x8100);
		PUT(&tagged, 0, 1, 0x08, 0x00);
		put(&plain, ip.bytes, ip.size);
		put(&tagged, ip.bytes, ip.size);
		packet_t packets[2];
		packet_kind_t kind = decode_cut(&plain, 14 + cut, &packets[0]);
		whole += kind == PACKET_WHOLE;
		wrong += decode_cut(&tagged, 18 + cut, &packets[1]) != kind ||
		         !packets_equal(&packets[0], &packets[1]);
	}
	is_int(wrong, 0, "20000 frames with and without a tag");
	ok(whole > 5000 && whole < 15000, "%zu of them are whole", whole);
}

int main(void)
{
	test_links();
	test_loopback_links();
	test_not_ip();
	test_stacks();
	test_depth();
	test_shortcut();
	return tap_done();
}
