/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets from the outside in: link headers, IP header, extension headers, transport.
 *
 *   | link, tags, labels | IP | extensions ... | UDP, TCP or ICMP | payload | padding |
 *   ^ frame              ^ IP's own length ends here ----------------------^
 *
 * One cursor runs through all of it. At the IP header its end is drawn in to the length
 * that IP states, so that padding is never taken for payload. When a read then fails,
 * there are two reasons, told apart by `missing`: the capture kept less than the packet
 * has (truncated), or the packet has less than its headers need (malformed).
 */
#include "capture/packet.h"

#include "capture/link_layer.h"
#include "common/cursor.h"

#define ETHERNET_HEADER 14
#define IPV4_HEADER_MIN 20
#define IPV6_HEADER     40
#define UDP_HEADER      8
#define TCP_HEADER_MIN  20
#define FRAGMENT_UNIT   8   /* Extension headers and fragment offsets count in these. */

enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_ECHO = 8,
	ICMPV6_ECHO = 128,
	ICMPV6_ECHO_REPLY = 129,
};

enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_AUTHENTICATION = 51,
	NEXT_DESTINATION = 60,
};

/* A decoding under way. */
typedef struct {
	cursor_t cursor;
	packet_t *packet;
	size_t missing;  /* Bytes of the IP packet that the capture did not keep. */
	bool jumbo;      /* Its length is not stated. */
} decoding_t;

/* Why a read failed. */
static packet_kind_t shortness(const decoding_t *decoding)
{
	return decoding->missing > 0 ? PACKET_TRUNCATED : PACKET_MALFORMED;
}

/* Draws the end in to `length` bytes from here; 0 is up to the end of the frame. */
static void limit(decoding_t *decoding, size_t length, const frame_t *frame)
{
	cursor_t *cursor = &decoding->cursor;
	size_t left = cursor_left(cursor);
	if (length == 0) {
		decoding->jumbo = true;
		decoding->missing = frame->wire_size - frame->size;
	} else if (length <= left) {
		cursor->end = cursor->at + length;
	} else {
		decoding->missing = length - left;
	}
	decoding->packet->ip_length = (uint32_t)(cursor_left(cursor) + decoding->missing);
}

static packet_kind_t payload(decoding_t *decoding, packet_kind_t kind)
{
	packet_t *packet = decoding->packet;
	packet->payload = decoding->cursor.at;
	packet->payload_size = cursor_left(&decoding->cursor);
	packet->payload_wire_size = packet->payload_size + decoding->missing;
	return kind;
}

/* The transport header did not fit: it may go on in the next fragment. */
static packet_kind_t transport_short(const decoding_t *decoding)
{
	return decoding->missing == 0 && decoding->packet->more_fragments ? PACKET_FRAGMENT
	                                                                  : shortness(decoding);
}

static packet_kind_t decode_udp(decoding_t *decoding)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	size_t announced = cursor_left(cursor) + decoding->missing;
	packet->source_port = cursor_be16(cursor);
	packet->destination_port = cursor_be16(cursor);
	packet->transport = !cursor->failed;
	size_t length = cursor_be16(cursor);
	(void)cursor_be16(cursor);
	if (cursor->failed) {
		return transport_short(decoding);
	}
	if (length == 0 && decoding->jumbo) {
		return payload(decoding, PACKET_WHOLE);
	}
	/* A host drops datagrams longer than their packet (but one in fragments is). */
	if (length < UDP_HEADER || (length > announced && !packet->more_fragments)) {
		return PACKET_MALFORMED;
	}
	length -= UDP_HEADER;
	if (length < cursor_left(cursor)) {
		cursor->end = cursor->at + length;
	}
	payload(decoding, PACKET_WHOLE);
	packet->payload_wire_size = length;
	return PACKET_WHOLE;
}

static packet_kind_t decode_tcp(decoding_t *decoding)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	packet->source_port = cursor_be16(cursor);
	packet->destination_port = cursor_be16(cursor);
	uint32_t sequence = cursor_be32(cursor);
	packet->tcp_sequence = cursor->failed ? 0 : sequence;
	(void)cursor_be32(cursor);
	size_t length = (size_t)(cursor_u8(cursor) >> 4) * 4;
	packet->tcp_flags = cursor_u8(cursor);
	packet->transport = !cursor->failed;
	packet->tcp_window = cursor_be16(cursor);
	(void)cursor_take(cursor, TCP_HEADER_MIN - 16);
	if (!cursor->failed && length < TCP_HEADER_MIN) {
		return PACKET_MALFORMED;
	}
	if (cursor->failed || cursor_take(cursor, length - TCP_HEADER_MIN) == NULL) {
		return transport_short(decoding);
	}
	return payload(decoding, PACKET_WHOLE);
}

static bool is_echo(const packet_t *packet)
{
	unsigned type = packet->icmp_type;
	return packet->ipv6 ? type == ICMPV6_ECHO || type == ICMPV6_ECHO_REPLY
	                    : type == ICMP_ECHO || type == ICMP_ECHO_REPLY;
}

/* Only what all types have; what comes then differs by type, and is payload. */
static packet_kind_t decode_icmp(decoding_t *decoding)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	const uint8_t *bytes = cursor_take(cursor, 2);
	if (bytes != NULL) {
		packet->icmp_type = bytes[0];
		packet->icmp_code = bytes[1];
		packet->transport = true;
	}
	(void)cursor_be16(cursor);
	if (cursor->failed) {
		return transport_short(decoding);
	}
	if (is_echo(packet)) {
		cursor_t ahead = *cursor;
		packet->icmp_id = cursor_be16(&ahead);
	}
	return payload(decoding, PACKET_WHOLE);
}

static packet_kind_t decode_transport(decoding_t *decoding)
{
	packet_t *packet = decoding->packet;
	if (packet->fragment_offset != 0) {
		return payload(decoding, PACKET_FRAGMENT);
	}
	switch (packet->protocol) {
	case PROTOCOL_UDP:
		return decode_udp(decoding);
	case PROTOCOL_TCP:
		return decode_tcp(decoding);
	case PROTOCOL_ICMP:
		return packet->ipv6 ? payload(decoding, PACKET_WHOLE) : decode_icmp(decoding);
	case PROTOCOL_ICMPV6:
		return packet->ipv6 ? decode_icmp(decoding) : payload(decoding, PACKET_WHOLE);
	default:
		return payload(decoding, PACKET_WHOLE);
	}
}

static void fragment_set(packet_t *packet, unsigned units, bool more)
{
	packet->fragment_offset = (uint16_t)(units * FRAGMENT_UNIT);
	packet->more_fragments = more;
}

static packet_kind_t decode_ipv4(decoding_t *decoding, const frame_t *frame)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	cursor_t ahead = *cursor;
	uint8_t first = cursor_u8(&ahead);
	(void)cursor_u8(&ahead);
	size_t total = cursor_be16(&ahead), header = (size_t)(first & 0x0f) * 4;
	if (ahead.failed) {
		return PACKET_TRUNCATED;
	}
	if (first >> 4 != 4 || header < IPV4_HEADER_MIN || (total != 0 && total < header)) {
		return PACKET_MALFORMED;
	}
	limit(decoding, total, frame);
	(void)cursor_take(cursor, 4);
	packet->identification = cursor_be16(cursor);
	unsigned fragment = cursor_be16(cursor);
	packet->time_to_live = cursor_u8(cursor);
	packet->protocol = cursor_u8(cursor);
	(void)cursor_be16(cursor);
	const uint8_t *addresses = cursor_take(cursor, 8);
	if (addresses == NULL) {
		return shortness(decoding);
	}
	packet->source = address_from_ipv4(addresses);
	packet->destination = address_from_ipv4(addresses + 4);
	fragment_set(packet, fragment & 0x1fff, fragment & 0x2000);
	packet->dont_fragment = fragment & 0x4000;
	if (cursor_take(cursor, header - IPV4_HEADER_MIN) == NULL) {
		return shortness(decoding);
	}
	return decode_transport(decoding);
}

/* Steps over one extension header. Returns false if packet->protocol is none. */
static bool extension_skip(decoding_t *decoding)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	uint8_t kind = packet->protocol;
	if (kind != NEXT_HOP_BY_HOP && kind != NEXT_ROUTING && kind != NEXT_DESTINATION &&
	    kind != NEXT_FRAGMENT && kind != NEXT_AUTHENTICATION) {
		return false;
	}
	uint8_t next = cursor_u8(cursor), length = cursor_u8(cursor);
	if (kind == NEXT_FRAGMENT) {
		unsigned fragment = cursor_be16(cursor);
		uint32_t identification = cursor_be32(cursor);
		if (!cursor->failed) {
			fragment_set(packet, fragment >> 3, fragment & 1);
			packet->identification = identification;
		}
	} else if (kind == NEXT_AUTHENTICATION) {
		/* Counts words of four bytes less two (RFC 4302, section 2.2). */
		(void)cursor_take(cursor, (size_t)length * 4 + 6);
	} else {
		(void)cursor_take(cursor, (size_t)length * FRAGMENT_UNIT + 6);
	}
	if (!cursor->failed) {
		packet->protocol = next;
	}
	return true;
}

static packet_kind_t decode_ipv6(decoding_t *decoding, const frame_t *frame)
{
	packet_t *packet = decoding->packet;
	cursor_t *cursor = &decoding->cursor;
	cursor_t ahead = *cursor;
	uint32_t first = cursor_be32(&ahead);
	size_t length = cursor_be16(&ahead);
	if (ahead.failed) {
		return PACKET_TRUNCATED;
	}
	if (first >> 28 != 6) {
		return PACKET_MALFORMED;
	}
	limit(decoding, length != 0 ? length + IPV6_HEADER : 0, frame);
	(void)cursor_take(cursor, 6);
	packet->ipv6 = true;
	packet->protocol = cursor_u8(cursor);
	packet->time_to_live = cursor_u8(cursor);
	const uint8_t *addresses = cursor_take(cursor, 32);
	if (addresses == NULL) {
		return shortness(decoding);
	}
	packet->source = address_from_ipv6(addresses);
	packet->destination = address_from_ipv6(addresses + 16);
	/* Behind a later fragment's header is data, even where it looks like a header. */
	while (packet->fragment_offset == 0 && extension_skip(decoding)) {
		if (cursor->failed) {
			return transport_short(decoding);
		}
	}
	return decode_transport(decoding);
}

/* What most frames are: Ethernet, and then IPv4 at once. Taken as link_layer_take() would. */
static bool plain_take(cursor_t *cursor, const frame_t *frame)
{
	const uint8_t *data = frame->data;
	if (frame->link != LINK_ETHERNET || frame->size < ETHERNET_HEADER ||
	    data[12] != 0x08 || data[13] != 0x00) {
		return false;
	}
	cursor->at += ETHERNET_HEADER;
	return true;
}

packet_kind_t packet_decode(const frame_t *frame, packet_t *packet)
{
	*packet = (packet_t) { 0 };
	decoding_t decoding = {
		.cursor = cursor_make(frame->data, frame->size), .packet = packet,
	};
	link_content_t content = LINK_HOLDS_IPV4;
	if (!plain_take(&decoding.cursor, frame)) {
		content = link_layer_take(&decoding.cursor, frame->link);
	}
	switch (content) {
	case LINK_HOLDS_IPV4:
		return decode_ipv4(&decoding, frame);
	case LINK_HOLDS_IPV6:
		return decode_ipv6(&decoding, frame);
	case LINK_HOLDS_CUT:
		return PACKET_TRUNCATED;
	case LINK_HOLDS_OTHER:
		break;
	}
	return PACKET_NOT_IP;
}

const char *packet_kind_name(packet_kind_t kind)
{
	static const char *const names[] = {
		[PACKET_WHOLE] = "whole",
		[PACKET_FRAGMENT] = "fragment",
		[PACKET_TRUNCATED] = "truncated",
		[PACKET_MALFORMED] = "malformed",
		[PACKET_NOT_IP] = "not IP",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == PACKET_KINDS, "one name for each kind");
	return names[kind];
}
