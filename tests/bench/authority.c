/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One query after the other, each drawn by a generator; see authority.h. */
#include "tests/bench/authority.h"

#include <string.h>

#include "common/generator.h"
#include "common/moment.h"
#include "simulator/packet.h"
#include "simulator/pcap_writer.h"
#include "simulator/question.h"
#include "tests/dnstap_write.h"

/* A Thursday: windows of a day and of a week begin with it. */
#define DAY_START UINT64_C(1789603200)
#define DAY       UINT64_C(86400)

#define DNS_OFFSET_IPV4 (14 + 20 + 8)
#define DNS_OFFSET_IPV6 (14 + 40 + 8)

/* Out of a hundred. */
#define SHARE_IPV6_ORIGINATORS 15
#define SHARE_IPV6_QUERIERS    25
#define SHARE_EDNS             85

/* What is asked, out of a hundred. */
static const struct { event_kind_t kind; unsigned share; } kinds[] = {
	{ EVENT_PTR, 80 }, { EVENT_PARTIAL, 14 }, { EVENT_SERVICE, 2 }, { EVENT_ANY, 2 },
	{ EVENT_CLASSLESS, 1 }, { EVENT_MALFORMED, 1 },
};

/* A number spread over 64 bits (the finalizer of SplitMix64). */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
	return value ^ value >> 31;
}

/* The address of a number: always the same, and of the other family for some. */
static address_t address_of(uint64_t kind, uint64_t number, unsigned share_ipv6)
{
	uint64_t bits = mix(kind << 56 | number);
	uint8_t bytes[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	for (int i = 0; i < 8; i++) {
		bytes[8 + i] = (uint8_t)(bits >> (8 * i));
	}
	if (bits % 100 < share_ipv6) {
		return address_from_ipv6(bytes);
	}
	/* Public addresses begin with anything but the ends of the range. */
	bytes[12] = (uint8_t)(1 + bytes[12] % 223);
	return address_from_ipv4(bytes + 12);
}

/* Few are busy, many are seen once: the share of the first n of N is the cube root of n/N. */
static uint64_t rank_draw(generator_t *generator, uint64_t count)
{
	double u = generator_uniform(generator);
	return (uint64_t)(u * u * u * (double)count);
}

/* An originator is asked for by queriers of its own, the busy ones by more of them. */
static uint64_t querier_draw(generator_t *generator, uint64_t originator)
{
	uint64_t own = 3 + AUTHORITY_QUERIERS / (4 * (originator + 1));
	return mix(originator << 24 ^ generator_below(generator, own)) % AUTHORITY_QUERIERS;
}

static event_kind_t kind_draw(generator_t *generator)
{
	unsigned draw = (unsigned)generator_below(generator, 100), i = 0;
	while (draw >= kinds[i].share) {
		draw -= kinds[i++].share;
	}
	return kinds[i].kind;
}

/* The next query as a frame of Ethernet; returns its size. */
static size_t query_draw(generator_t *generator, packet_t *packet, uint8_t frame[PACKET_MAX])
{
	static const uint8_t server4[4] = { 192, 0, 2, 53 };
	static const uint8_t server6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 53 };
	uint64_t number = rank_draw(generator, AUTHORITY_ORIGINATORS);
	address_t originator = address_of(1, number, SHARE_IPV6_ORIGINATORS);
	bool ipv4 = address_is_ipv4(&originator);
	event_kind_t kind = kind_draw(generator);
	unsigned depth = (unsigned)generator_below(generator, ipv4 ? 4 : 32);
	question_t question;
	question_make(kind, depth, &originator, false, generator, &question);
	*packet = (packet_t) {
		.querier = address_of(2, querier_draw(generator, number), SHARE_IPV6_QUERIERS),
		.name = question.name, .name_size = question.name_size, .qtype = question.qtype,
		.port = (uint16_t)(1024 + generator_below(generator, 64512)),
		.id = (uint16_t)generator_next(generator), .hops = 55,
		.edns_size = generator_below(generator, 100) < SHARE_EDNS ? 1232 : 0,
		.dnssec_ok = true,
	};
	packet->authority = address_is_ipv4(&packet->querier) ? address_from_ipv4(server4)
	                                                      : address_from_ipv6(server6);
	return packet_write(packet, frame);
}

static void dnstap_write(FILE *file, const packet_t *packet, const uint8_t *frame, size_t size,
                         uint64_t moment, buffer_t buffers[2])
{
	bool ipv4 = address_is_ipv4(&packet->querier);
	size_t offset = ipv4 ? 12 : 0, dns = ipv4 ? DNS_OFFSET_IPV4 : DNS_OFFSET_IPV6;
	dnstap_spec_t spec = {
		.type = 1, .family = ipv4 ? 1 : 2, .protocol = 1,
		.querier = packet->querier.bytes + offset, .querier_size = 16 - offset,
		.server = packet->authority.bytes + offset, .server_size = 16 - offset,
		.querier_port = packet->port, .server_port = 53,
		.seconds = moment / MICROSECONDS,
		.nanoseconds = (uint32_t)(moment % MICROSECONDS) * 1000,
		.query = frame + dns, .query_size = size - dns,
	};
	buffer_t *message = &buffers[0], *out = &buffers[1];
	message->size = out->size = 0;
	dnstap_put_message(message, &spec);
	dnstap_put_frame(out, message);
	uint32_t length = __builtin_bswap32((uint32_t)out->size);
	fwrite(&length, sizeof(length), 1, file);
	fwrite(out->data, out->size, 1, file);
}

static void control_write(FILE *file, uint32_t type, const char *content)
{
	buffer_t control = { 0 };
	fstrm_put_control(&control, type, content);
	fwrite(control.data, control.size, 1, file);
	buffer_clear(&control);
}

void authority_write(FILE *file, authority_format_t format, uint64_t queries, uint64_t seed)
{
	generator_t generator = generator_make(seed, 0);
	buffer_t buffers[2] = { 0 };
	if (format == AUTHORITY_PCAP) {
		pcap_write_header(file);
	} else {
		control_write(file, FSTRM_START, DNSTAP_CONTENT);
	}
	for (uint64_t i = 0; i < queries; i++) {
		uint64_t moment = DAY_START * MICROSECONDS + DAY * MICROSECONDS / queries * i;
		uint8_t frame[PACKET_MAX];
		packet_t packet;
		size_t size = query_draw(&generator, &packet, frame);
		if (format == AUTHORITY_PCAP) {
			pcap_write_packet(file, moment, frame, size);
		} else {
			dnstap_write(file, &packet, frame, size, moment, buffers);
		}
	}
	if (format == AUTHORITY_DNSTAP) {
		control_write(file, FSTRM_STOP, NULL);
	}
	buffer_clear(&buffers[0]);
	buffer_clear(&buffers[1]);
}
