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
enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5,
       WIRE_ANY = 0xff };

/* Fields of the outermost level ("Dnstap"). */
enum { FRAME_IDENTITY = 1, FRAME_VERSION, FRAME_EXTRA, FRAME_MESSAGE = 14, FRAME_TYPE,
       FRAME_FIELDS };
#define TYPE_MESSAGE 1

/* How they are encoded. */
static const uint8_t frame_wires[FRAME_FIELDS] = {
	[FRAME_IDENTITY] = WIRE_BYTES,
	[FRAME_VERSION] = WIRE_BYTES,
	[FRAME_EXTRA] = WIRE_BYTES,
	[FRAME_EXTRA + 1 ... FRAME_MESSAGE - 1] = WIRE_ANY,
	[FRAME_MESSAGE] = WIRE_BYTES,
	[FRAME_TYPE] = WIRE_VARINT,
};

/* Fields of "Message" up to the last that is needed. */
enum {
	FIELD_TYPE = 1, FIELD_FAMILY, FIELD_PROTOCOL, FIELD_QUERY_ADDRESS, FIELD_RESPONSE_ADDRESS,
	FIELD_QUERY_PORT, FIELD_RESPONSE_PORT, FIELD_SECONDS, FIELD_NANOSECONDS, FIELD_QUERY_MESSAGE,
	FIELD_ZONE, FIELD_RESPONSE_SECONDS, FIELD_RESPONSE_NANOSECONDS, FIELDS
};

#define BIT(field) (UINT32_C(1) << (field))

enum { MESSAGE_AUTH_QUERY = 1, MESSAGE_CLIENT_QUERY = 5 };
enum { FAMILY_INET = 1, FAMILY_INET6 = 2 };

/* SocketProtocol: those that need a handshake, which proves the address. */
enum { SOCKET_TCP = 2, SOCKET_DOT = 3, SOCKET_DOH = 4, SOCKET_DNSCRYPT_TCP = 6, SOCKET_DOQ = 7 };
#define STREAMS (BIT(SOCKET_TCP) | BIT(SOCKET_DOT) | BIT(SOCKET_DOH) | \
                 BIT(SOCKET_DNSCRYPT_TCP) | BIT(SOCKET_DOQ))

/* What a field holds. */
typedef struct {
	uint64_t number;      /* Or how many bytes. */
	const uint8_t *data;  /* WIRE_BYTES. */
} value_t;

/* What was found of a message. */
typedef struct {
	uint32_t present;       /* A bit for each field. */
	value_t values[FIELDS]; /* Set if its bit is. */
} message_t;

/* Seven bits a byte, the lowest first; the high bit says that there are more. */
static inline uint64_t varint_take(cursor_t *cursor, unsigned bytes_max)
{
	uint64_t value = 0;
	const uint8_t *at = cursor->at;
	size_t left = cursor_left(cursor);
	for (unsigned i = 0; i < bytes_max && i < left; i++) {
		value |= (uint64_t)(at[i] & 0x7f) << (7 * i);
		if (at[i] < 0x80) {
			cursor->at = at + i + 1;
			return value;
		}
	}
	cursor->failed = true;
	return 0;
}

/*
 * Takes one field; returns its tag, or 0 if it is wrongly encoded (there is no field 0). In
 * line, so that the cursor stays in registers: a frame has some fifteen fields.
 */
static inline __attribute__((always_inline)) uint64_t field_take(cursor_t *cursor, value_t *value)
{
	uint64_t tag = varint_take(cursor, TAG_MAX);
	switch (tag & 7) {
	case WIRE_VARINT:
		value->number = varint_take(cursor, VARINT_MAX);
		break;
	case WIRE_BYTES:
		value->number = varint_take(cursor, TAG_MAX);
		value->data = cursor_take(cursor, value->number);
		break;
	case WIRE_FIXED32:
		value->number = cursor_le32(cursor);
		break;
	case WIRE_FIXED64:
		value->number = cursor_le64(cursor);
		break;
	default:
		return 0;
	}
	return cursor->failed || tag >> 3 == 0 ? 0 : tag;
}

/* Adds the fields of a message to those that are there; false if it is wrongly encoded. */
static bool message_take(const value_t *bytes, message_t *message)
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
		[FIELD_ZONE] = WIRE_BYTES,
		[FIELD_RESPONSE_SECONDS] = WIRE_VARINT,
		[FIELD_RESPONSE_NANOSECONDS] = WIRE_FIXED32,
	};
	cursor_t cursor = cursor_make(bytes->data, bytes->number);
	uint32_t present = 0;
	while (cursor_left(&cursor) > 0) {
		value_t value = { 0 };
		uint64_t tag = field_take(&cursor, &value), field = tag >> 3;
		if (tag == 0 || (field < FIELDS && (tag & 7) != wires[field])) {
			return false;
		}
		if (field < FIELDS) {
			message->values[field] = value;
			present |= BIT(field);
		}
	}
	message->present |= present;
	return present & BIT(FIELD_TYPE);
}

/* Reads the outermost level; DNSTAP_QUERY if there is a message to look into. */
static dnstap_kind_t frame_take(const uint8_t *frame, size_t size, message_t *message)
{
	cursor_t cursor = cursor_make(frame, size);
	uint32_t type = 0;
	bool typed = false;
	while (cursor_left(&cursor) > 0) {
		value_t value = { 0 };
		uint64_t tag = field_take(&cursor, &value), field = tag >> 3;
		bool known = field < FRAME_FIELDS && frame_wires[field] != WIRE_ANY;
		if (tag == 0 || (known && (tag & 7) != frame_wires[field]) ||
		    (field == FRAME_MESSAGE && !message_take(&value, message))) {
			return DNSTAP_MALFORMED;
		}
		if (field == FRAME_TYPE) {
			type = (uint32_t)value.number;
			typed = true;
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
	return message->present & BIT(field) ? (uint32_t)message->values[field].number : 0;
}

static bool address_make(const value_t *value, address_t *address)
{
	if (value->number == 4) {
		*address = address_from_ipv4(value->data);
		return true;
	}
	if (value->number == 16) {
		*address = address_from_ipv6(value->data);
		return true;
	}
	return false;
}

/* The server's address is of use only if it is of the querier's family. */
static void server_set(const message_t *message, dnstap_query_t *query)
{
	static const uint8_t unspecified[16];
	bool ipv4 = address_is_ipv4(&query->querier);
	if (!(message->present & BIT(FIELD_RESPONSE_ADDRESS)) ||
	    !address_make(&message->values[FIELD_RESPONSE_ADDRESS], &query->server) ||
	    address_is_ipv4(&query->server) != ipv4) {
		query->server = ipv4 ? address_from_ipv4(unspecified) : address_from_ipv6(unspecified);
	}
}

static bool querier_set(const message_t *message, dnstap_query_t *query)
{
	const value_t *querier = &message->values[FIELD_QUERY_ADDRESS];
	uint32_t family = number_of(message, FIELD_FAMILY);
	bool fits = !(message->present & BIT(FIELD_FAMILY)) ||
	            (family == FAMILY_INET && querier->number == 4) ||
	            (family == FAMILY_INET6 && querier->number == 16);
	return fits && address_make(querier, &query->querier);
}

/* Reads a time of two fields; false if it is none that can be. */
static bool moment_make(const message_t *message, unsigned seconds_field, uint64_t *moment)
{
	uint64_t seconds = message->values[seconds_field].number;
	uint32_t nanoseconds = number_of(message, seconds_field + 1);
	if (!(message->present & BIT(seconds_field)) || seconds > DNSTAP_SECONDS_MAX ||
	    nanoseconds > NANOSECONDS_MAX) {
		return false;
	}
	*moment = seconds * MICROSECONDS + nanoseconds / 1000;
	return true;
}

/* Judges a message that is well encoded. */
static dnstap_kind_t message_judge(const message_t *message, dnstap_query_t *query)
{
	const uint32_t needed = BIT(FIELD_QUERY_ADDRESS) | BIT(FIELD_SECONDS) |
	                        BIT(FIELD_QUERY_MESSAGE);
	uint32_t type = number_of(message, FIELD_TYPE), port = number_of(message, FIELD_QUERY_PORT);
	uint32_t protocol = number_of(message, FIELD_PROTOCOL);
	if (type != MESSAGE_AUTH_QUERY && type != MESSAGE_CLIENT_QUERY) {
		return DNSTAP_OTHER;
	}
	if ((message->present & needed) != needed ||
	    message->values[FIELD_QUERY_ADDRESS].number == 0) {
		return DNSTAP_WITHOUT;
	}
	if (!moment_make(message, FIELD_SECONDS, &query->moment) || port > UINT16_MAX ||
	    !querier_set(message, query)) {
		return DNSTAP_MALFORMED;
	}
	server_set(message, query);
	query->querier_port = (uint16_t)port;
	query->stream = protocol < 32 && (STREAMS & BIT(protocol));
	query->message = message->values[FIELD_QUERY_MESSAGE].data;
	query->message_size = message->values[FIELD_QUERY_MESSAGE].number;
	return DNSTAP_QUERY;
}

dnstap_kind_t dnstap_message_parse(const uint8_t *frame, size_t size, dnstap_query_t *query)
{
	message_t message;
	message.present = 0;
	*query = (dnstap_query_t) { 0 };
	dnstap_kind_t kind = frame_take(frame, size, &message);
	if (kind == DNSTAP_QUERY) {
		kind = message_judge(&message, query);
	}
	if (kind != DNSTAP_QUERY) {
		(void)moment_make(&message, FIELD_SECONDS, &query->moment);
		if (query->moment == 0) {
			(void)moment_make(&message, FIELD_RESPONSE_SECONDS, &query->moment);
		}
	}
	return kind;
}

bool dnstap_message_bare(const uint8_t *data, size_t size)
{
	cursor_t cursor = cursor_make(data, size);
	unsigned fields = 0;
	while (cursor_left(&cursor) > 0) {
		cursor_t ahead = cursor;
		uint64_t tag = varint_take(&ahead, TAG_MAX), field = tag >> 3;
		bool known = field >= FRAME_IDENTITY && field < FRAME_FIELDS &&
		             frame_wires[field] != WIRE_ANY && (tag & 7) == frame_wires[field];
		if (ahead.failed || !known) {
			return false;
		}
		fields++;
		value_t value;
		if (field_take(&cursor, &value) == 0) {
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
