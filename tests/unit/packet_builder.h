/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Packets built by hand, and how they are decoded whole and cut.
 */
#pragma once

#include <stdlib.h>

#include "capture/packet.h"
#include "tests/tap.h"

#define FRAME_MAX 512

/*! A frame that grows. */
typedef struct {
	uint8_t bytes[FRAME_MAX];
	size_t size;
	link_type_t link;
} builder_t;

/*! Appends bytes. */
__attribute__((unused))
static void put(builder_t *builder, const void *bytes, size_t size)
{
	memcpy(builder->bytes + builder->size, bytes, size);
	builder->size += size;
}

#define PUT(builder, ...) do { \
	const uint8_t put_[] = { __VA_ARGS__ }; \
	put((builder), put_, sizeof(put_)); \
} while (0)

#define HIGH_LOW(value) (uint8_t)((value) >> 8), (uint8_t)(value)

/*! An Ethernet header. */
__attribute__((unused))
static void put_ethernet(builder_t *builder, unsigned type)
{
	builder->link = LINK_ETHERNET;
	PUT(builder, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, HIGH_LOW(type));
}

/*! An IPv4 header. `fragment`: flags and offset as on the wire. `options`: bytes, a multiple of 4. */
__attribute__((unused))
static void put_ipv4(builder_t *builder, unsigned protocol, size_t payload, unsigned fragment,
                     size_t options)
{
	PUT(builder, (uint8_t)(0x45 + options / 4), 0, HIGH_LOW(20 + options + payload),
	    HIGH_LOW(54321), HIGH_LOW(fragment), 61, (uint8_t)protocol, 0, 0, 198, 51, 100, 7, 192, 0, 2, 53);
	memset(builder->bytes + builder->size, 1, options);
	builder->size += options;
}

/*! An IPv6 header. */
__attribute__((unused))
static void put_ipv6(builder_t *builder, unsigned next, size_t payload)
{
	PUT(builder, 0x60, 0, 0, 0, HIGH_LOW(payload), (uint8_t)next, 61,
	    0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7,
	    0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53);
}

/*! A UDP header. */
__attribute__((unused))
static void put_udp(builder_t *builder, size_t payload)
{
	PUT(builder, HIGH_LOW(40000), HIGH_LOW(53), HIGH_LOW(8 + payload), 0, 0);
}

/*! A TCP header with `options` bytes of options. */
__attribute__((unused))
static void put_tcp(builder_t *builder, size_t options)
{
	PUT(builder, HIGH_LOW(40000), HIGH_LOW(53), 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0,
	    (uint8_t)((5 + options / 4) << 4), TCP_PSH | TCP_ACK, 1, 0, 0, 0, 0, 0);
	memset(builder->bytes + builder->size, 1, options);
	builder->size += options;
}

/*! Bytes a, b, c, ... */
__attribute__((unused))
static void put_payload(builder_t *builder, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		PUT(builder, (uint8_t)('a' + i));
	}
}

/*! Decodes the first bytes of a frame out of memory that ends with them. */
__attribute__((unused))
static packet_kind_t decode_cut(const builder_t *builder, size_t size, packet_t *packet)
{
	uint8_t *bytes = malloc(size + 1);
	memcpy(bytes + 1, builder->bytes, size);
	frame_t frame = {
		.link = builder->link, .data = bytes + 1, .size = size, .wire_size = builder->size,
	};
	packet_kind_t kind = packet_decode(&frame, packet);
	/* The payload goes away with the frame; keep where it was. */
	if (packet->payload != NULL) {
		packet->payload = builder->bytes + (packet->payload - frame.data);
	}
	free(bytes);
	return kind;
}

/*! Decodes the frame whole. */
__attribute__((unused))
static packet_kind_t decode(const builder_t *builder, packet_t *packet)
{
	return decode_cut(builder, builder->size, packet);
}

/*! At which payload the cut frame must give what, for all lengths. */
__attribute__((unused))
static void check_cuts(const builder_t *builder, size_t headers, const char *what)
{
	packet_t packet;
	size_t wrong = 0;
	for (size_t size = 0; size <= builder->size; size++) {
		packet_kind_t kind = decode_cut(builder, size, &packet);
		if (size < headers) {
			wrong += kind != PACKET_TRUNCATED;
		} else {
			wrong += kind != PACKET_WHOLE || packet.payload_size != size - headers ||
			         packet.payload_wire_size != builder->size - headers ||
			         packet.payload != builder->bytes + headers;
		}
	}
	is_int(wrong, 0, "%s: cut at each length, truncated before byte %zu", what, headers);
}

/*! Checks what all the packets made here have. */
__attribute__((unused))
static void check_whole(const builder_t *builder, bool ipv6, unsigned protocol, const char *what)
{
	packet_t packet;
	char text[ADDRESS_TEXT_MAX];
	is_int(decode(builder, &packet), PACKET_WHOLE, "%s: whole", what);
	is_text(address_format(&packet.source, text), ipv6 ? "2001:db8::7" : "198.51.100.7",
	        "%s: source", what);
	is_text(address_format(&packet.destination, text), ipv6 ? "2001:db8::53" : "192.0.2.53",
	        "%s: destination", what);
	is_int(packet.ipv6, ipv6, "%s: family", what);
	is_int(packet.protocol, protocol, "%s: protocol", what);
	is_int(packet.source_port, 40000, "%s: source port", what);
	is_int(packet.destination_port, 53, "%s: destination port", what);
	is_int(packet.time_to_live, 61, "%s: time to live", what);
	ok(packet.payload_size == 5 && memcmp(packet.payload, "abcde", 5) == 0,
	   "%s: payload", what);
	is_int(packet.payload_wire_size, 5, "%s: announced payload", what);
}

/*! IPv4 and UDP with five bytes. */
__attribute__((unused))
static void put_ipv4_udp(builder_t *builder)
{
	put_ipv4(builder, PROTOCOL_UDP, 13, 0, 0);
	put_udp(builder, 5);
	put_payload(builder, 5);
}

/*! The same over IPv6. */
__attribute__((unused))
static void put_ipv6_udp(builder_t *builder)
{
	put_ipv6(builder, PROTOCOL_UDP, 13);
	put_udp(builder, 5);
	put_payload(builder, 5);
}
