/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A data frame is its length and a message of Protocol Buffers:
 *
 *   length 4 | identity | version | message { type, family, ..., addresses, time, query } | type
 *
 * The message is made first and then copied, as each level begins with its length.
 */
#include "simulator/dnstap_writer.h"

#include "common/moment.h"
#include "simulator/wire.h"

/* Room for all but the DNS message. */
#define FIELDS_MAX 128

/* Numbers of dnstap.proto. */
enum {
	DNSTAP_IDENTITY = 1, DNSTAP_VERSION = 2, DNSTAP_MESSAGE = 14, DNSTAP_TYPE = 15,
	MESSAGE_TYPE = 1, MESSAGE_FAMILY = 2, MESSAGE_PROTOCOL = 3, MESSAGE_QUERIER = 4,
	MESSAGE_SERVER = 5, MESSAGE_QUERIER_PORT = 6, MESSAGE_SERVER_PORT = 7, MESSAGE_SECONDS = 8,
	MESSAGE_NANOSECONDS = 9, MESSAGE_QUERY = 10,
};
enum { AUTH_QUERY = 1, FAMILY_INET = 1, FAMILY_INET6 = 2, PROTOCOL_UDP = 1, TYPE_MESSAGE = 1 };
enum { WIRE_VARINT = 0, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };
enum { CONTROL_START = 2, CONTROL_STOP = 3, CONTROL_CONTENT_TYPE = 1 };

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
	for (; value >= 0x80; value >>= 7) {
		at = wire_put8(at, (unsigned)(value & 0x7f) | 0x80);
	}
	return wire_put8(at, (unsigned)value);
}

static uint8_t *put_number(uint8_t *at, unsigned field, uint64_t value)
{
	return put_varint(put_varint(at, field << 3 | WIRE_VARINT), value);
}

static uint8_t *put_run(uint8_t *at, unsigned field, const void *bytes, size_t size)
{
	at = put_varint(put_varint(at, field << 3 | WIRE_BYTES), size);
	return wire_put_bytes(at, bytes, size);
}

static uint8_t *put_fixed32(uint8_t *at, unsigned field, uint32_t value)
{
	at = put_varint(at, field << 3 | WIRE_FIXED32);
	for (int i = 0; i < 4; i++) {
		at = wire_put8(at, value >> (8 * i) & 0xff);
	}
	return at;
}

static size_t write_message(uint8_t *start, uint64_t moment, const packet_t *packet,
                            const uint8_t *message, size_t size)
{
	size_t offset = address_is_ipv4(&packet->querier) ? 12 : 0;
	uint8_t *at = put_number(start, MESSAGE_TYPE, AUTH_QUERY);
	at = put_number(at, MESSAGE_FAMILY, offset > 0 ? FAMILY_INET : FAMILY_INET6);
	at = put_number(at, MESSAGE_PROTOCOL, PROTOCOL_UDP);
	at = put_run(at, MESSAGE_QUERIER, packet->querier.bytes + offset, 16 - offset);
	at = put_run(at, MESSAGE_SERVER, packet->authority.bytes + offset, 16 - offset);
	at = put_number(at, MESSAGE_QUERIER_PORT, packet->port);
	at = put_number(at, MESSAGE_SERVER_PORT, 53);
	at = put_number(at, MESSAGE_SECONDS, moment / MICROSECONDS);
	at = put_fixed32(at, MESSAGE_NANOSECONDS, (uint32_t)(moment % MICROSECONDS) * 1000);
	return (size_t)(put_run(at, MESSAGE_QUERY, message, size) - start);
}

void dnstap_write_query(FILE *file, uint64_t moment, const packet_t *packet,
                        const uint8_t *message, size_t size)
{
	static const char identity[] = "authority", version[] = "simulation";
	uint8_t inner[PACKET_MAX + FIELDS_MAX], outer[PACKET_MAX + 2 * FIELDS_MAX];
	size_t inner_size = write_message(inner, moment, packet, message, size);
	uint8_t *at = put_run(outer + 4, DNSTAP_IDENTITY, identity, sizeof(identity) - 1);
	at = put_run(at, DNSTAP_VERSION, version, sizeof(version) - 1);
	at = put_run(at, DNSTAP_MESSAGE, inner, inner_size);
	at = put_number(at, DNSTAP_TYPE, TYPE_MESSAGE);
	wire_put32(outer, (uint32_t)(at - outer - 4));
	fwrite(outer, (size_t)(at - outer), 1, file);
}

void dnstap_write_start(FILE *file)
{
	static const char content[] = "protobuf:dnstap.Dnstap";
	uint8_t frame[64], *at = wire_put32(frame, 0);
	at = wire_put32(at, 4 + 8 + sizeof(content) - 1);
	at = wire_put32(at, CONTROL_START);
	at = wire_put32(at, CONTROL_CONTENT_TYPE);
	at = wire_put32(at, sizeof(content) - 1);
	at = wire_put_bytes(at, content, sizeof(content) - 1);
	fwrite(frame, (size_t)(at - frame), 1, file);
}

void dnstap_write_stop(FILE *file)
{
	uint8_t frame[12];
	wire_put32(wire_put32(wire_put32(frame, 0), 4), CONTROL_STOP);
	fwrite(frame, sizeof(frame), 1, file);
}
