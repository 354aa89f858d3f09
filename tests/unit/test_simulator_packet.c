/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames byte by byte, checksums by the definition, questions by the parser of reverse names. */
#include "common/reverse_name.h"
#include "simulator/packet.h"
#include "simulator/question.h"
#include "tests/tap.h"

/* The sum of RFC 1071 over a pseudo-header and a datagram; 0xffff if the checksum is right. */
static unsigned fold(const uint8_t *addresses, size_t size, unsigned extra, const uint8_t *data,
                     size_t data_size)
{
	unsigned long sum = extra;
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

static packet_t packet_of(const char *querier, const char *authority)
{
	static const uint8_t name[] = "\3www\7example";
	packet_t packet = { .name = name, .name_size = sizeof(name), .qtype = QTYPE_PTR,
	                    .port = 40000, .id = 0x1234, .ip_id = 7, .hops = 55 };
	address_parse(querier, &packet.querier);
	address_parse(authority, &packet.authority);
	return packet;
}

static void test_ipv4(void)
{
	packet_t packet = packet_of("198.51.100.7", "192.0.2.53");
	uint8_t frame[PACKET_MAX];
	bool right = true, there = true;
	for (unsigned id = 0; id < 65536; id++) {
		packet.id = (uint16_t)id;
		packet.edns_size = id % 2 == 0 ? 0 : 1232;
		size_t size = packet_write(&packet, frame);
		unsigned udp_size = (unsigned)size - 34;
		right = right && fold(frame + 26, 8, 17 + udp_size, frame + 34, udp_size) == 0xffff;
		there = there && (frame[40] != 0 || frame[41] != 0);
	}
	ok(right, "IPv4: UDP checksum right for all message IDs");
	ok(there, "IPv4: the UDP checksum is never 0, which would mean none");
	packet.edns_size = 0;
	size_t size = packet_write(&packet, frame);
	is_int(size, 14 + 20 + 8 + 12 + 13 + 4, "IPv4: size of the frame");
	is_int(fold(frame + 14, 20, 0, NULL, 0), 0xffff, "IPv4: header checksum");
	is_int(frame[12] << 8 | frame[13], 0x0800, "IPv4: type of the frame");
	is_int(frame[16] << 8 | frame[17], size - 14, "IPv4: total length");
	is_int(frame[36] << 8 | frame[37], 53, "IPv4: to port 53");
	is_int(frame[38] << 8 | frame[39], size - 34, "IPv4: UDP length");
	is_int(frame[22], 55, "IPv4: TTL");
}

static void test_ipv6(void)
{
	packet_t packet = packet_of("2001:db8:1::7", "2001:db8::53");
	uint8_t frame[PACKET_MAX];
	packet.edns_size = 4096;
	packet.dnssec_ok = true;
	size_t size = packet_write(&packet, frame);
	is_int(size, 14 + 40 + 8 + 12 + 13 + 4 + 11, "IPv6: size of the frame");
	is_int(frame[12] << 8 | frame[13], 0x86dd, "IPv6: type of the frame");
	is_int(frame[18] << 8 | frame[19], size - 54, "IPv6: payload length");
	is_int(fold(frame + 22, 32, 17 + (unsigned)size - 54, frame + 54, size - 54), 0xffff,
	       "IPv6: UDP checksum");
	const uint8_t *dns = frame + 62, *option = frame + size - 11;
	is_int(dns[5], 1, "one question");
	is_int(dns[11], 1, "one additional record");
	ok(dns[2] == 0 && dns[3] == 0, "a query without recursion");
	is_int(option[1] << 8 | option[2], 41, "it is OPT");
	is_int(option[3] << 8 | option[4], 4096, "its UDP size");
	is_int(option[7], 0x80, "its DO flag");
}

static reverse_name_t ask(event_kind_t kind, unsigned depth, const char *text, bool mixed,
                          question_t *question)
{
	generator_t generator = generator_make(5, kind);
	address_t address;
	address_parse(text, &address);
	question_make(kind, depth, &address, mixed, &generator, question);
	return reverse_name_parse(question->name, question->name_size);
}

static void test_questions(void)
{
	static const struct {
		event_kind_t kind;
		const char *address;
		reverse_kind_t wanted;
	} rows[] = {
		{ EVENT_PTR, "192.0.2.1", REVERSE_COMPLETE },
		{ EVENT_PTR, "2001:db8::1", REVERSE_COMPLETE },
		{ EVENT_RETRANSMISSION, "192.0.2.1", REVERSE_COMPLETE },
		{ EVENT_ANY, "192.0.2.1", REVERSE_COMPLETE },
		{ EVENT_SERVICE, "192.0.2.1", REVERSE_SERVICE },
		{ EVENT_SERVICE, "2001:db8::1", REVERSE_SERVICE },
		{ EVENT_CLASSLESS, "192.0.2.77", REVERSE_CLASSLESS },
		{ EVENT_CLASSLESS, "2001:db8::1", REVERSE_MALFORMED },
		{ EVENT_MALFORMED, "192.0.2.1", REVERSE_MALFORMED },
		{ EVENT_MALFORMED, "2001:db8::1", REVERSE_MALFORMED },
	};
	question_t question;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int mixed = 0; mixed < 2; mixed++) {
			reverse_name_t name = ask(rows[i].kind, 0, rows[i].address, mixed, &question);
			is_text(reverse_kind_name(name.kind), reverse_kind_name(rows[i].wanted),
			        "event %d for %s%s", rows[i].kind, rows[i].address,
			        mixed ? ", mixed case" : "");
			is_int(question.qtype, rows[i].kind == EVENT_ANY ? QTYPE_ANY : QTYPE_PTR, "its type");
		}
	}
	char text[ADDRESS_TEXT_MAX];
	reverse_name_t name = ask(EVENT_PTR, 0, "198.51.100.200", true, &question);
	is_text(address_format(&name.address, text), "198.51.100.200", "mixed case, same address");
	for (unsigned depth = 1; depth <= 3; depth++) {
		name = ask(EVENT_PARTIAL, depth, "198.51.100.200", false, &question);
		ok(name.kind == REVERSE_PARTIAL && name.length == 8 * depth, "partial, %u octets", depth);
		ok(question.qtype == QTYPE_NS || question.qtype == QTYPE_A, "asked with NS or A");
	}
	name = ask(EVENT_PARTIAL, 12, "2001:db8::1", false, &question);
	ok(name.kind == REVERSE_PARTIAL && name.length == 48, "partial, 12 nibbles");
}

int main(void)
{
	test_ipv4();
	test_ipv6();
	test_questions();
	return tap_done();
}
