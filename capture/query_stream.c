/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From packets to queries.
 *
 *   paths -> capture_next() -> packet_decode() -+- UDP ------------> dns_query_parse()
 *                                               +- TCP segment -+-> dns_query_parse()
 *                                                     ^---------+ while messages are left
 */
#include "capture/query_stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/capture.h"
#include "capture/packet.h"
#include "common/cursor.h"

#define DNS_PORT 53

struct query_stream {
	char **paths;
	size_t count;
	size_t next;              /* Path that comes after the open capture. */
	capture_t *capture;       /* NULL: between two files. */
	uint64_t size;
	uint64_t position;        /* Of the files that are closed. */
	query_stream_counts_t counts;
	uint64_t moment;          /* Of the packet below. */
	packet_t packet;
	cursor_t segment;         /* What is left of a TCP segment. */
};

/* Tries a regular file and adds its size; sets `known` to false for anything else. */
static status_t path_try(query_stream_t *stream, const char *path, bool *known,
                         failure_t *failure)
{
	struct stat status;
	bool pipe = strcmp(path, "-") == 0 ||
	            (stat(path, &status) == 0 && !S_ISREG(status.st_mode));
	if (pipe) {
		*known = false;
		return STATUS_OK;
	}
	capture_t *capture;
	status_t result = capture_open(path, &capture, failure);
	if (result == STATUS_OK) {
		stream->size += capture_size(capture);
		capture_close(capture);
	}
	return result;
}

static status_t paths_take(query_stream_t *stream, const char *const *paths, size_t count,
                           failure_t *failure)
{
	bool known = true;
	stream->paths = calloc(count + 1, sizeof(*stream->paths));
	if (stream->paths == NULL) {
		return failure_no_memory(failure, "the list of captures");
	}
	for (size_t i = 0; i < count; i++) {
		status_t status = path_try(stream, paths[i], &known, failure);
		if (status != STATUS_OK) {
			return status;
		}
		stream->paths[i] = strdup(paths[i]);
		if (stream->paths[i] == NULL) {
			return failure_no_memory(failure, "the list of captures");
		}
		stream->count++;
	}
	if (!known) {
		stream->size = 0;
	}
	return STATUS_OK;
}

status_t query_stream_open(const char *const *paths, size_t count, query_stream_t **out,
                           failure_t *failure)
{
	*out = NULL;
	query_stream_t *stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		return failure_no_memory(failure, "a stream of queries");
	}
	status_t status = paths_take(stream, paths, count, failure);
	if (status != STATUS_OK) {
		query_stream_close(stream);
		return status;
	}
	*out = stream;
	return STATUS_OK;
}

static void query_set(const query_stream_t *stream, const dns_query_t *parsed,
                      const uint8_t *message, size_t size, query_t *query)
{
	const packet_t *packet = &stream->packet;
	*query = (query_t) {
		.moment = stream->moment,
		.querier = packet->source,
		.server = packet->destination,
		.querier_port = packet->source_port,
		.tcp = packet->protocol == PROTOCOL_TCP,
		.qtype = parsed->qtype,
		.qclass = parsed->qclass,
		.qname = parsed->qname,
		.qname_size = parsed->qname_size,
		.question_end = parsed->question_end,
		.message = message,
		.message_size = size,
	};
}

/* A datagram to or from port 53. */
static bool udp_query(query_stream_t *stream, query_t *query)
{
	const packet_t *packet = &stream->packet;
	query_stream_counts_t *counts = &stream->counts;
	dns_query_t parsed;
	dns_query_kind_t kind = dns_query_parse(packet->payload, packet->payload_size, &parsed);
	if (packet->destination_port != DNS_PORT && kind != DNS_QUERY_RESPONSE) {
		counts->other++;
		return false;
	}
	uint64_t *const counters[DNS_QUERY_KINDS] = {
		[DNS_QUERY_GOOD] = &counts->udp_queries,
		[DNS_QUERY_RESPONSE] = &counts->responses,
		[DNS_QUERY_OTHER] = &counts->dns_other,
		[DNS_QUERY_SHORT] = &counts->dns_short,
		[DNS_QUERY_MALFORMED] = &counts->dns_malformed,
	};
	counts->dns++;
	++*counters[kind];
	if (kind != DNS_QUERY_GOOD) {
		return false;
	}
	query_set(stream, &parsed, packet->payload, packet->payload_size, query);
	query->cut = packet->payload_size < packet->payload_wire_size;
	return true;
}

/* The next message of a TCP segment. What does not look like one ends the segment. */
static bool segment_next(query_stream_t *stream, query_t *query)
{
	cursor_t *segment = &stream->segment;
	if (cursor_left(segment) == 0) {
		return false;
	}
	size_t size = cursor_be16(segment);
	bool cut = size > cursor_left(segment) &&
	           stream->packet.payload_size < stream->packet.payload_wire_size;
	if (cut) {
		size = cursor_left(segment);
	}
	const uint8_t *message = cursor_take(segment, size);
	dns_query_t parsed;
	if (message == NULL || dns_query_parse(message, size, &parsed) != DNS_QUERY_GOOD) {
		stream->counts.tcp_skipped++;
		*segment = (cursor_t) { 0 };
		return false;
	}
	stream->counts.tcp_queries++;
	query_set(stream, &parsed, message, size, query);
	query->cut = cut;
	return true;
}

/* Sorts one packet in. Returns true if it is a query, or begins a segment of them. */
static bool packet_take(query_stream_t *stream, const frame_t *frame, query_t *query)
{
	packet_t *packet = &stream->packet;
	query_stream_counts_t *counts = &stream->counts;
	uint64_t *const counters[PACKET_KINDS] = {
		[PACKET_WHOLE] = &counts->other,
		[PACKET_FRAGMENT] = &counts->fragments,
		[PACKET_TRUNCATED] = &counts->truncated,
		[PACKET_MALFORMED] = &counts->malformed,
		[PACKET_NOT_IP] = &counts->not_ip,
	};
	if (counts->packets++ == 0) {
		counts->first_moment = frame->moment;
	}
	counts->last_moment = stream->moment = frame->moment;
	packet_kind_t kind = packet_decode(frame, packet);
	if (kind == PACKET_WHOLE && packet->protocol == PROTOCOL_UDP &&
	    (packet->destination_port == DNS_PORT || packet->source_port == DNS_PORT)) {
		return udp_query(stream, query);
	}
	if (kind == PACKET_WHOLE && packet->protocol == PROTOCOL_TCP &&
	    packet->destination_port == DNS_PORT && packet->payload_size > 0) {
		counts->dns++;
		stream->segment = cursor_make(packet->payload, packet->payload_size);
		return segment_next(stream, query);
	}
	++*counters[kind];
	return false;
}

static void file_end(query_stream_t *stream)
{
	stream->position += capture_size(stream->capture);
	capture_close(stream->capture);
	stream->capture = NULL;
}

status_t query_stream_next(query_stream_t *stream, query_t *query, failure_t *failure)
{
	if (segment_next(stream, query)) {
		return STATUS_OK;
	}
	for (;;) {
		if (stream->capture == NULL) {
			if (stream->next == stream->count) {
				return STATUS_END;
			}
			status_t status = capture_open(stream->paths[stream->next++],
			                               &stream->capture, failure);
			if (status != STATUS_OK) {
				return status;
			}
		}
		frame_t frame;
		status_t status = capture_next(stream->capture, &frame, failure);
		if (status != STATUS_OK) {
			file_end(stream);
			if (status != STATUS_END) {
				return status;
			}
		} else if (packet_take(stream, &frame, query)) {
			return STATUS_OK;
		}
	}
}

const query_stream_counts_t *query_stream_counts(const query_stream_t *stream)
{
	return &stream->counts;
}

uint64_t query_stream_position(const query_stream_t *stream)
{
	return stream->position + (stream->capture != NULL ? capture_position(stream->capture) : 0);
}

uint64_t query_stream_size(const query_stream_t *stream)
{
	return stream->size;
}

void query_stream_close(query_stream_t *stream)
{
	if (stream == NULL) {
		return;
	}
	capture_close(stream->capture);
	for (size_t i = 0; i < stream->count; i++) {
		free(stream->paths[i]);
	}
	free(stream->paths);
	free(stream);
}
