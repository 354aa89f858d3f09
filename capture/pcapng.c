/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pcapng, draft-ietf-opsawg-pcapng.
 *
 *   file     | section | section | ...
 *   section  | section header | interface | interface | packet | ... | interface | packet | ...
 *   block    | type 4 | length 4 | body, padded to 4 | length 4 |
 *
 * Each section has its own byte order and its own interfaces; each interface its link
 * type, snapshot length, and unit and origin of its times. Packets are parsed where they
 * lie in the source's block; blocks of other types are stepped over whatever they are.
 */
#include <stdlib.h>

#include "capture/format.h"
#include "capture/link_type.h"
#include "common/moment.h"

#define BLOCK_HEAD     8
#define BLOCK_FRAME    12          /* Type and both lengths. */
#define INTERFACES_MAX 65536       /* Of one section. */

/* A block that is looked into; libpcap has the same limit. Others may be of any size. */
#define BLOCK_MAX ((size_t)16 << 20)
_Static_assert(BLOCK_MAX <= BYTE_SOURCE_NEED_MAX, "such a block can be had in one piece");

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,    /* The same in both orders. */
};

enum {
	ORDER_MAGIC = 0x1a2b3c4d,
	OPTION_END = 0,
	OPTION_RESOLUTION = 9,
	OPTION_OFFSET = 14,
};

typedef struct {
	link_type_t link;
	uint32_t number;      /* Its link type in the file. */
	uint32_t snap;        /* 0 is without limit. */
	int64_t offset;       /* Seconds that are added to all times. */
	uint8_t resolution;   /* Times are in 10^-n seconds, or with the high bit in 2^-n. */
} interface_t;

typedef struct {
	bool big;             /* The order of the section's numbers. */
	interface_t *interfaces;
	size_t count;
	size_t room;
	uint64_t moment;      /* Of the last packet. */
} pcapng_t;

/* A block type that is looked into. */
typedef struct {
	uint32_t type;
	size_t body_min;
	bool packet;
	/* Reads the body; a packet sets the frame. */
	status_t (*take)(capture_t *capture, cursor_t *body, frame_t *frame, failure_t *failure);
} block_kind_t;

/* A block whose head was read; all of it is still to be taken. */
typedef struct {
	const block_kind_t *kind; /* NULL: to be stepped over. */
	uint32_t length;
} block_t;

static status_t damaged(const capture_t *capture, failure_t *failure, const char *what)
{
	return format_failure(capture, failure, STATUS_BAD_DATA, "%s", what);
}

/* Any resolution and offset. */
static __attribute__((noinline)) uint64_t moment_convert(const interface_t *interface, uint64_t units)
{
	static const uint64_t powers[] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
		10000000000000000000u,
	};
	enum { POWERS = sizeof(powers) / sizeof(powers[0]), MICRO = 6 };
	unsigned exponent = interface->resolution & 0x7f;
	unsigned __int128 time = units;
	if (interface->resolution & 0x80) {
		/* Below 2^84 times 10^6: nothing of it is left behind 84 bits. */
		time = exponent < 84 ? time * MICROSECONDS >> exponent : 0;
	} else if (exponent <= MICRO) {
		time *= powers[MICRO - exponent];
	} else {
		time = exponent - MICRO < POWERS ? units / powers[exponent - MICRO] : 0;
	}
	/* Both are below 2^84: no overflow. */
	__int128 moment = (__int128)time + (__int128)interface->offset * (__int128)MICROSECONDS;
	return moment < 0 ? 0 : moment > UINT64_MAX ? UINT64_MAX : (uint64_t)moment;
}

/* A time in units of the interface as microseconds since 1970. */
static uint64_t moment_of(const interface_t *interface, uint64_t units)
{
	/* What nearly all programs write, without a division by a variable. */
	if (interface->offset == 0 && interface->resolution == 6) {
		return units;
	}
	if (interface->offset == 0 && interface->resolution == 9) {
		return units / 1000;
	}
	return moment_convert(interface, units);
}

static status_t section_take(capture_t *capture, cursor_t *body, frame_t *frame, failure_t *failure)
{
	(void)frame;
	pcapng_t *file = capture->state;
	(void)cursor_be32(body); /* Its order; block_peek() has looked. */
	unsigned major = format_u16(body, file->big), minor = format_u16(body, file->big);
	file->count = 0;
	if (major != 1) {
		return format_failure(capture, failure, STATUS_UNSUPPORTED,
		                      "it is pcapng of version %u.%u, only 1 is supported", major, minor);
	}
	return STATUS_OK;
}

/* Reads the options of an interface; false if they pass their block. */
static bool options_take(cursor_t *body, bool big, interface_t *interface)
{
	while (cursor_left(body) > 0) {
		unsigned code = format_u16(body, big);
		size_t length = format_u16(body, big);
		const uint8_t *value = cursor_take(body, (length + 3) & ~(size_t)3);
		if (body->failed || code == OPTION_END) {
			break;
		}
		cursor_t cursor = cursor_make(value, length);
		if (code == OPTION_RESOLUTION && length == 1) {
			interface->resolution = cursor_u8(&cursor);
		} else if (code == OPTION_OFFSET && length == 8) {
			uint64_t offset = cursor_be64(&cursor);
			interface->offset = (int64_t)(big ? offset : __builtin_bswap64(offset));
		}
	}
	return !body->failed;
}

static bool interfaces_grow(pcapng_t *file)
{
	if (file->count < file->room) {
		return true;
	}
	size_t room = file->room > 0 ? 2 * file->room : 4;
	interface_t *interfaces = realloc(file->interfaces, room * sizeof(*interfaces));
	if (interfaces == NULL) {
		return false;
	}
	file->interfaces = interfaces;
	file->room = room;
	return true;
}

static status_t interface_take(capture_t *capture, cursor_t *body, frame_t *frame,
                               failure_t *failure)
{
	(void)frame;
	pcapng_t *file = capture->state;
	if (file->count == INTERFACES_MAX) {
		return damaged(capture, failure, "more than 65536 interfaces in a section");
	}
	if (!interfaces_grow(file)) {
		return failure_no_memory(failure, "the interfaces of a capture");
	}
	interface_t interface = { .number = format_u16(body, file->big), .resolution = 6 };
	(void)cursor_be16(body);
	interface.snap = format_u32(body, file->big);
	(void)link_type_find(interface.number, &interface.link);
	if (!options_take(body, file->big, &interface)) {
		return damaged(capture, failure, "an interface with options that pass its block");
	}
	file->interfaces[file->count++] = interface;
	return STATUS_OK;
}

static status_t frame_set(capture_t *capture, const interface_t *interface, const uint8_t *data,
                          uint32_t kept, uint32_t wire, frame_t *frame, failure_t *failure)
{
	if (data == NULL) {
		return damaged(capture, failure, "a packet that is longer than its block");
	}
	*frame = (frame_t) {
		.moment = ((const pcapng_t *)capture->state)->moment, .link = interface->link,
		.data = data, .size = kept, .wire_size = wire > kept ? wire : kept,
	};
	return STATUS_OK;
}

/* What enhanced and old packet blocks have behind the number of their interface. */
static status_t packet_take(capture_t *capture, size_t number, cursor_t *body, frame_t *frame,
                            failure_t *failure)
{
	pcapng_t *file = capture->state;
	if (number >= file->count) {
		return damaged(capture, failure, "a packet of an interface that was not described");
	}
	uint64_t high = format_u32(body, file->big), low = format_u32(body, file->big);
	uint32_t kept = format_u32(body, file->big), wire = format_u32(body, file->big);
	const interface_t *interface = &file->interfaces[number];
	file->moment = moment_of(interface, high << 32 | low);
	return frame_set(capture, interface, cursor_take(body, kept), kept, wire, frame, failure);
}

static status_t enhanced_take(capture_t *capture, cursor_t *body, frame_t *frame, failure_t *failure)
{
	const pcapng_t *file = capture->state;
	return packet_take(capture, format_u32(body, file->big), body, frame, failure);
}

static status_t old_take(capture_t *capture, cursor_t *body, frame_t *frame, failure_t *failure)
{
	const pcapng_t *file = capture->state;
	size_t number = format_u16(body, file->big);
	(void)cursor_be16(body); /* Packets lost before it. */
	return packet_take(capture, number, body, frame, failure);
}

/* Always of the first interface; has no time and does not say how much was kept. */
static status_t simple_take(capture_t *capture, cursor_t *body, frame_t *frame, failure_t *failure)
{
	const pcapng_t *file = capture->state;
	if (file->count == 0) {
		return damaged(capture, failure, "a packet of an interface that was not described");
	}
	const interface_t *interface = &file->interfaces[0];
	uint32_t wire = format_u32(body, file->big), kept = wire;
	if (interface->snap != 0 && kept > interface->snap) {
		kept = interface->snap;
	}
	return frame_set(capture, interface, cursor_take(body, kept), kept, wire, frame, failure);
}

static const block_kind_t kinds[] = {
	{ BLOCK_ENHANCED_PACKET, 20, true, enhanced_take },
	{ BLOCK_SIMPLE_PACKET, 4, true, simple_take },
	{ BLOCK_OLD_PACKET, 20, true, old_take },
	{ BLOCK_INTERFACE, 8, false, interface_take },
	{ BLOCK_SECTION, 16, false, section_take },
};

static const block_kind_t *kind_find(uint32_t type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == type) {
			return &kinds[i];
		}
	}
	return NULL;
}

/* The byte order of a section, behind type and length of its header; false if there is none. */
static bool order_take(cursor_t *cursor, bool *big)
{
	uint32_t magic = cursor_be32(cursor);
	*big = magic == ORDER_MAGIC;
	return *big || magic == __builtin_bswap32(ORDER_MAGIC);
}

/* Reads the head of the next block, and takes nothing. A new section sets the order. */
static status_t block_peek(capture_t *capture, block_t *block, failure_t *failure)
{
	pcapng_t *file = capture->state;
	if (!byte_source_need(capture->source, BLOCK_FRAME)) {
		return format_end(capture, true, failure);
	}
	cursor_t head = byte_source_front(capture->source, BLOCK_FRAME), order = head;
	uint32_t type = format_u32(&head, file->big);
	(void)cursor_take(&order, BLOCK_HEAD);
	if (type == BLOCK_SECTION && !order_take(&order, &file->big)) {
		return damaged(capture, failure, "a section without a byte order");
	}
	block->kind = kind_find(type);
	block->length = format_u32(&head, file->big);
	size_t least = BLOCK_FRAME + (block->kind != NULL ? block->kind->body_min : 0);
	if (block->length < least || block->length % 4 != 0) {
		return format_failure(capture, failure, STATUS_BAD_DATA,
		                      "a block of type %u with the length %u", type, block->length);
	}
	if (block->kind != NULL && block->length > BLOCK_MAX) {
		return format_failure(capture, failure, STATUS_BAD_DATA,
		                      "a block of %u bytes, above the limit of %zu", block->length,
		                      BLOCK_MAX);
	}
	return STATUS_OK;
}

/* Takes a block that was peeked at. */
static status_t block_take(capture_t *capture, const block_t *block, frame_t *frame,
                           failure_t *failure)
{
	const pcapng_t *file = capture->state;
	byte_source_t *source = capture->source;
	const uint8_t *start = NULL;
	if (block->kind == NULL) {
		(void)byte_source_pass(source, block->length - 4);
		if (!byte_source_need(source, 4)) {
			return format_end(capture, false, failure);
		}
	} else {
		if (!byte_source_need(source, block->length)) {
			return format_end(capture, false, failure);
		}
		start = source->ready.at;
		source->ready.at += block->length - 4;
	}
	const uint8_t *end = source->ready.at;
	if (format_u32(&source->ready, file->big) != block->length) {
		return damaged(capture, failure, "a block whose two lengths differ");
	}
	if (block->kind == NULL) {
		return STATUS_OK;
	}
	cursor_t body = cursor_make(start + BLOCK_HEAD, (size_t)(end - start) - BLOCK_HEAD);
	return block->kind->take(capture, &body, frame, failure);
}

static bool pcapng_probe(const uint8_t *head, size_t size)
{
	cursor_t cursor = cursor_make(head, size);
	bool big, section = cursor_be32(&cursor) == BLOCK_SECTION;
	(void)cursor_be32(&cursor);
	return section && order_take(&cursor, &big);
}

/* Whether a packet of any interface described so far can be decoded. */
static status_t links_check(const capture_t *capture, failure_t *failure)
{
	const pcapng_t *file = capture->state;
	for (size_t i = 0; i < file->count; i++) {
		if (file->interfaces[i].link != LINK_OTHER) {
			return STATUS_OK;
		}
	}
	if (file->count == 0) {
		return STATUS_OK;
	}
	uint32_t number = file->interfaces[0].number;
	return format_failure(capture, failure, STATUS_UNSUPPORTED,
	                      "its link type is %s (%u), which is not supported",
	                      link_type_name(number), number);
}

/* Reads all that stands before the first packet. */
static status_t pcapng_open(capture_t *capture, failure_t *failure)
{
	capture->state = calloc(1, sizeof(pcapng_t));
	if (capture->state == NULL) {
		return failure_no_memory(failure, "a capture");
	}
	for (;;) {
		block_t block;
		status_t status = block_peek(capture, &block, failure);
		if (status == STATUS_END || (status == STATUS_OK && block.kind != NULL &&
		                             block.kind->packet)) {
			return links_check(capture, failure);
		}
		if (status == STATUS_OK) {
			status = block_take(capture, &block, NULL, failure);
		}
		if (status != STATUS_OK) {
			return status;
		}
	}
}

static status_t pcapng_next(capture_t *capture, frame_t *frame, failure_t *failure)
{
	for (;;) {
		block_t block;
		status_t status = block_peek(capture, &block, failure);
		if (status == STATUS_OK) {
			status = block_take(capture, &block, frame, failure);
		}
		if (status != STATUS_OK || (block.kind != NULL && block.kind->packet)) {
			return status;
		}
	}
}

static void pcapng_close(capture_t *capture)
{
	pcapng_t *file = capture->state;
	if (file != NULL) {
		free(file->interfaces);
		free(file);
	}
}

const capture_format_t format_pcapng = {
	"pcapng", pcapng_probe, pcapng_open, pcapng_next, pcapng_close,
};
