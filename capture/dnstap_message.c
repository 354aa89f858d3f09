/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The few fields of dnstap that say who asked what and when.
 *
 *   frame:   | tag | identity | tag | version | tag | length | message ... | tag | type |
 *   message: | tag | type | tag | family | ... | tag | query_address | ... | tag | query_message |
 *
 * A tag is a varint of field number << 3 | wire type, and the wire type alone says how long
 * the value is: so fields that we do not know, or do not need, are stepped over unseen.
 *
 * Why not protobuf-c. What it generates makes an allocation for each frame, for each message
 * in it and for each run of bytes, and copies them: a quarter of a microsecond a frame, which
 * is nearly all of the time that a query may cost. Here a frame is one pass over its tags with
 * no memory but a slot for each field. The tests generate the decoder of protobuf-c and hold
 * this one against it, frame by frame, whole and damaged.
 */
#include "capture/dnstap_message.h"

#include "common/cursor.h"
#include "common/moment.h"

#define VARINT_MAX      10  /* Bytes of a varint of 64 bits. */
#define TAG_MAX         5   /* Bytes of a tag or a length: they have 32 bits. */
#define NANOSECONDS_MAX 999999999

/* How a value is encoded. 3 and 4 are the groups of old, which no decoder need know. */
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Fields of the outermost level ("Dnstap"). */
enum { FRAME_IDENTITY = 1, FRAME_VERSION, FRAME_EXTRA, FRAME_MESSAGE = 14, FRAME_TYPE };
#define TYPE_MESSAGE 1

/* Fields of "Message" up to the last that is needed. */
enum {
	FIELD_TYPE = 1, FIELD_FAMILY, FIELD_PROTOCOL, FIELD_QUERY_ADDRESS, FIELD_RESPONSE_ADDRESS,
	FIELD_QUERY_PORT, FIELD_RESPONSE_PORT, FIELD_SECONDS, FIELD_NANOSECONDS, FIELD_QUERY_MESSAGE,
	FIELDS
};

#define BIT(field) (UINT32_C(1) << (field))

enum { MESSAGE_AUTH_QUERY = 1, MESSAGE_CLIENT_QUERY = 5 };
enum { FAMILY_INET = 1, FAMILY_INET6 = 2 };

/* SocketProtocol: those that need a handshake, which proves the address. */
enum { SOCKET_TCP = 2, SOCKET_DOT = 3, SOCKET_DOH = 4, SOCKET_DNSCRYPT_TCP = 6, SOCKET_DOQ = 7 };
#define STREAMS (BIT(SOCKET_TCP) | BIT(SOCKET_DOT) | BIT(SOCKET_DOH) | \
                 BIT(SOCKET_DNSCRYPT_TCP) | BIT(SOCKET_DOQ))

/* One value. */
typedef struct {
	uint32_t number;      /* Of its field. */
	uint8_t wire;
	const uint8_t *data;  /* WIRE_BYTES. */
	uint64_t value;       /* Of a number, or how many bytes. */
} field_t;

/* What was found of a message. */
typedef struct {
	uint32_t present;       /* A bit for each field. */
	field_t fields[FIELDS]; /* Set if its bit is. */
} message_t;

/* Seven bits a byte, the lowest first; the high bit says that there are more. */
static inline uint64_t varint_take(cursor_t *cursor, unsigned bytes_max)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes_max; i++) {
		/* A failed cursor gives a zero, which is an end. */
		uint8_t byte = cursor_u8(cursor);
		value |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			return value;
		}
	}
	cursor->failed = true;
	return 0;
}

static inline bool field_take(cursor_t *cursor, field_t *field)
{
	uint64_t tag = varint_take(cursor, TAG_MAX);
	field->number = (uint32_t)(tag >> 3);
	field->wire = tag & 7;
	switch (field->wire) {
	case WIRE_VARINT:
		field->value = varint_take(cursor, VARINT_MAX);
		break;
	case WIRE_FIXED64:
		field->value = cursor_le64(cursor);
		break;
	case WIRE_BYTES:
		field->value = varint_take(cursor, TAG_MAX);
		field->data = cursor_take(cursor, field->value);
		break;
	case WIRE_FIXED32:
		field->value = cursor_le32(cursor);
		break;
	default:
		cursor->failed = true;
	}
	/* There is no field 0. */
	return !cursor->failed && field->number != 0;
}

/* Adds the fields of a message to those that are there; false if it is wrongly encoded. */
static bool message_take(const field_t *bytes, message_t *message)
{
	static const uint8_t wires[FIELDS] = {
		[FIELD_TYPE] = WIRE_VARINT,
		[FIELD_FAMILY] = WIRE_VARINT,
		[FIELD_PROTOCOL] = WIRE_VARINT,
		[FIELD_QUERY_ADDRESS] = WIRE_BYTES,
		[FIELD_RESPONSE_ADDRESS] = WIRE_BYTES,
		[FIELD_QUERY_PORT] = WIRE_VARINT,
		[FIELD_RESPONSE_PORT] = WIRE_VARINT,
		[FIELD_SECONDS] = WIRE_VARINT,
		[FIELD_NANOSECONDS] = WIRE_FIXED32,
		[FIELD_QUERY_MESSAGE] = WIRE_BYTES,
	};
	cursor_t cursor = cursor_make(bytes->data, bytes->value);
	uint32_t present = 0;
	while (cursor_left(&cursor) > 0) {
		field_t field;
		if (!field_take(&cursor, &field)) {
			return false;
		}
		if (field.number >= FIELDS) {
			continue;
		}
		if (field.wire != wires[field.number]) {
			return false;
		}
		message->fields[field.number] = field;
		present |= BIT(field.number);
	}
	message->present |= present;
	return present & BIT(FIELD_TYPE);
}

/* Reads the outermost level; DNSTAP_QUERY if there is a message to look into. */
static dnstap_kind_t frame_take(const uint8_t *frame, size_t size, message_t *message)
{
	cursor_t cursor = cursor_make(frame, size);
	uint64_t type = 0;
	bool typed = false;
	while (cursor_left(&cursor) > 0) {
		field_t field;
		if (!field_take(&cursor, &field)) {
			return DNSTAP_MALFORMED;
		}
		if (field.number == FRAME_MESSAGE) {
			if (field.wire != WIRE_BYTES || !message_take(&field, message)) {
				return DNSTAP_MALFORMED;
			}
		} else if (field.number == FRAME_TYPE) {
			if (field.wire != WIRE_VARINT) {
				return DNSTAP_MALFORMED;
			}
			type = (uint32_t)field.value;
			typed = true;
		} else if (field.number >= FRAME_IDENTITY && field.number <= FRAME_EXTRA &&
		           field.wire != WIRE_BYTES) {
			return DNSTAP_MALFORMED;
		}
	}
	if (!typed) {
		return DNSTAP_MALFORMED;
	}
	if (type != TYPE_MESSAGE) {
		return DNSTAP_OTHER;
	}
	return message->present != 0 ? DNSTAP_QUERY : DNSTAP_WITHOUT;
}

/* A number of 32 bits: what is above them is cut off, as all decoders do. */
static uint32_t number_of(const message_t *message, unsigned field)
{
	return message->present & BIT(field) ? (uint32_t)message->fields[field].value : 0;
}

static bool address_make(const field_t *field, address_t *address)
{
	if (field->value == 4) {
		*address = address_from_ipv4(field->data);
		return true;
	}
	if (field->value == 16) {
		*address = address_from_ipv6(field->data);
		return true;
	}
	return false;
}

static bool addresses_set(const message_t *message, dnstap_query_t *query)
{
	const field_t *querier = &message->fields[FIELD_QUERY_ADDRESS];
	const field_t *server = &message->fields[FIELD_RESPONSE_ADDRESS];
	uint32_t family = number_of(message, FIELD_FAMILY);
	bool fits = !(message->present & BIT(FIELD_FAMILY)) ||
	            (family == FAMILY_INET && querier->value == 4) ||
	            (family == FAMILY_INET6 && querier->value == 16);
	if (!fits || !address_make(querier, &query->querier)) {
		return false;
	}
	if (message->present & BIT(FIELD_RESPONSE_ADDRESS) && server->value == querier->value) {
		(void)address_make(server, &query->server);
	}
	return true;
}

static bool values_set(const message_t *message, dnstap_query_t *query)
{
	uint64_t seconds = message->fields[FIELD_SECONDS].value;
	uint32_t nanoseconds = number_of(message, FIELD_NANOSECONDS);
	uint32_t port = number_of(message, FIELD_QUERY_PORT);
	uint32_t protocol = number_of(message, FIELD_PROTOCOL);
	if (seconds > DNSTAP_SECONDS_MAX || nanoseconds > NANOSECONDS_MAX || port > UINT16_MAX) {
		return false;
	}
	query->moment = seconds * MICROSECONDS + nanoseconds / 1000;
	query->querier_port = (uint16_t)port;
	query->stream = protocol < 32 && (STREAMS & BIT(protocol));
	query->message = message->fields[FIELD_QUERY_MESSAGE].data;
	query->message_size = message->fields[FIELD_QUERY_MESSAGE].value;
	return addresses_set(message, query);
}

dnstap_kind_t dnstap_message_parse(const uint8_t *frame, size_t size, dnstap_query_t *query)
{
	const uint32_t needed = BIT(FIELD_QUERY_ADDRESS) | BIT(FIELD_SECONDS) |
	                        BIT(FIELD_QUERY_MESSAGE);
	message_t message;
	message.present = 0;
	dnstap_kind_t kind = frame_take(frame, size, &message);
	if (kind != DNSTAP_QUERY) {
		return kind;
	}
	uint32_t type = number_of(&message, FIELD_TYPE);
	if (type != MESSAGE_AUTH_QUERY && type != MESSAGE_CLIENT_QUERY) {
		return DNSTAP_OTHER;
	}
	if ((message.present & needed) != needed ||
	    message.fields[FIELD_QUERY_ADDRESS].value == 0) {
		return DNSTAP_WITHOUT;
	}
	dnstap_query_t read = { 0 };
	if (!values_set(&message, &read)) {
		return DNSTAP_MALFORMED;
	}
	*query = read;
	return DNSTAP_QUERY;
}

bool dnstap_message_bare(const uint8_t *data, size_t size)
{
	cursor_t cursor = cursor_make(data, size);
	unsigned fields = 0;
	while (cursor_left(&cursor) > 0) {
		cursor_t ahead = cursor;
		uint64_t tag = varint_take(&ahead, TAG_MAX);
		unsigned number = (unsigned)(tag >> 3), wire = tag & 7;
		bool known = (number >= FRAME_IDENTITY && number <= FRAME_EXTRA && wire == WIRE_BYTES) ||
		             (number == FRAME_MESSAGE && wire == WIRE_BYTES) ||
		             (number == FRAME_TYPE && wire == WIRE_VARINT);
		field_t field;
		if (ahead.failed || !known) {
			return false;
		}
		fields++;
		if (!field_take(&cursor, &field)) {
			break;
		}
	}
	/* A text file may begin with the byte of a tag ("\n", "r"), but hardly with two fields. */
	return fields >= 2;
}

const char *dnstap_kind_name(dnstap_kind_t kind)
{
	static const char *const names[] = {
		[DNSTAP_QUERY] = "query",
		[DNSTAP_OTHER] = "other",
		[DNSTAP_WITHOUT] = "without",
		[DNSTAP_MALFORMED] = "malformed",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == DNSTAP_KINDS, "one name for each kind");
	return names[kind];
}
