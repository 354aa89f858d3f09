/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Classic pcap, draft-ietf-opsawg-pcap. All numbers are in the order of the machine that
 * wrote the file; the magic number tells which, and the unit of the times.
 *
 *   file    | magic 4 | major 2 | minor 2 | 8 reserved | snap length 4 | link type 4 | records
 *   record  | seconds 4 | fraction 4 | bytes kept 4 | bytes on the wire 4 | bytes kept
 *
 * A record is parsed where it lies in the source's block: no copy, no allocation.
 */
#include <stdlib.h>

#include "capture/format.h"
#include "capture/link_type.h"
#include "common/moment.h"

#define FILE_HEADER   24
#define RECORD_HEADER 16

/* More than any link type here can keep: a larger number is damage (as in libpcap). */
#define KEPT_MAX 262144

/* The link type has the low 26 bits; above them stands whether frames end with a check sum. */
#define LINK_TYPE_MASK 0x03ffffff

enum {
	MAGIC_MICROSECONDS = 0xa1b2c3d4,
	MAGIC_NANOSECONDS = 0xa1b23c4d,
	VERSION_MAJOR = 2,
	VERSION_MINOR = 4,
};

typedef struct {
	bool big;          /* The order of its numbers. */
	bool nanoseconds;
	link_type_t link;
} pcap_file_t;

/* Reads the magic number; false if it is none. */
static bool magic_take(cursor_t *cursor, pcap_file_t *file)
{
	uint32_t magic = cursor_le32(cursor), swapped = __builtin_bswap32(magic);
	file->nanoseconds = magic == MAGIC_NANOSECONDS || swapped == MAGIC_NANOSECONDS;
	file->big = swapped == MAGIC_MICROSECONDS || swapped == MAGIC_NANOSECONDS;
	return file->big || magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS;
}

static bool pcap_probe(const uint8_t *head, size_t size)
{
	cursor_t cursor = cursor_make(head, size);
	pcap_file_t file;
	return magic_take(&cursor, &file);
}

static status_t pcap_open(capture_t *capture, failure_t *failure)
{
	pcap_file_t *file = calloc(1, sizeof(*file));
	capture->state = file;
	if (file == NULL) {
		return failure_no_memory(failure, "a capture");
	}
	if (!byte_source_need(capture->source, FILE_HEADER)) {
		return format_end(capture, false, failure);
	}
	cursor_t cursor = byte_source_front(capture->source, FILE_HEADER);
	(void)magic_take(&cursor, file);
	uint32_t version = format_u32(&cursor, file->big);
	unsigned first = version & 0xffff, second = version >> 16;
	unsigned major = file->big ? second : first, minor = file->big ? first : second;
	if (major != VERSION_MAJOR || minor != VERSION_MINOR) {
		return format_failure(capture, failure, STATUS_UNSUPPORTED,
		                      "it is pcap of version %u.%u, only %u.%u is supported", major,
		                      minor, VERSION_MAJOR, VERSION_MINOR);
	}
	(void)cursor_take(&cursor, 12);
	uint32_t type = format_u32(&cursor, file->big) & LINK_TYPE_MASK;
	if (!link_type_find(type, &file->link)) {
		return format_failure(capture, failure, STATUS_UNSUPPORTED,
		                      "its link type is %s (%u), which is not supported",
		                      link_type_name(type), type);
	}
	capture->source->ready.at += FILE_HEADER;
	return STATUS_OK;
}

/* Inlined once for each order, so that the order is asked once per packet. */
static inline __attribute__((always_inline))
status_t record_take(capture_t *capture, bool big, frame_t *frame, failure_t *failure)
{
	const pcap_file_t *file = capture->state;
	byte_source_t *source = capture->source;
	if (!byte_source_need(source, RECORD_HEADER)) {
		return format_end(capture, true, failure);
	}
	cursor_t cursor = byte_source_front(source, RECORD_HEADER);
	uint64_t seconds = format_u32(&cursor, big);
	uint32_t fraction = format_u32(&cursor, big), kept = format_u32(&cursor, big);
	uint32_t wire = format_u32(&cursor, big);
	if (kept > KEPT_MAX) {
		return format_failure(capture, failure, STATUS_BAD_DATA,
		                      "a packet of %u bytes, above the limit of %u", kept, KEPT_MAX);
	}
	if (!byte_source_need(source, RECORD_HEADER + kept)) {
		return format_end(capture, false, failure);
	}
	frame->moment = seconds * MICROSECONDS + (file->nanoseconds ? fraction / 1000 : fraction);
	frame->link = file->link;
	frame->data = source->ready.at + RECORD_HEADER;
	frame->size = kept;
	frame->wire_size = wire > kept ? wire : kept;
	source->ready.at += RECORD_HEADER + kept;
	return STATUS_OK;
}

static status_t pcap_next(capture_t *capture, frame_t *frame, failure_t *failure)
{
	const pcap_file_t *file = capture->state;
	return file->big ? record_take(capture, true, frame, failure)
	                 : record_take(capture, false, frame, failure);
}

static void pcap_close(capture_t *capture)
{
	free(capture->state);
}

const capture_format_t format_pcap = { "pcap", pcap_probe, pcap_open, pcap_next, pcap_close };
