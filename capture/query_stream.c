/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From packets and dnstap to queries.
 *
 *   paths -> capture_list_next() -> packet_decode() -+- UDP ------------> dns_query_parse()
 *                                                    +- TCP segment -+-> dns_query_parse()
 *                                                          ^---------+ while messages are left
 *            dnstap_frame_t --------------------------------------> dns_query_parse()
 */
#include "capture/query_stream.h"

#include <stdlib.h>

#include "capture/capture_list.h"
#include "capture/packet.h"
#include "common/cursor.h"

#define DNS_PORT 53

struct query_stream {
	capture_list_t *list;
	bool in_file;             /* The list's current file has more. */
	query_stream_counts_t counts;
	uint64_t moment;          /* Of the last packet or frame. */
	packet_t packet;
	cursor_t segment;         /* What is left of a TCP segment. */
};

status_t query_stream_open(const char *const *paths, size_t count, query_stream_t **out,
                           failure_t *failure)
{
	*out = NULL;
	query_stream_t *stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		return failure_no_memory(failure, "a stream of queries");
	}
	status_t status = capture_list_open(paths, count, CAPTURE_ORDER_GIVEN,
	                                    &stream->list, failure);
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

/* Counts a message by its kind; `good` counts if it is a query. */
static void message_count(query_stream_counts_t *counts, dns_query_kind_t kind, uint64_t *good)
{
	uint64_t *const counters[DNS_QUERY_KINDS] = {
		[DNS_QUERY_GOOD] = good,
		[DNS_QUERY_RESPONSE] = &counts->responses,
		[DNS_QUERY_OTHER] = &counts->dns_other,
		[DNS_QUERY_SHORT] = &counts->dns_short,
		[DNS_QUERY_MALFORMED] = &counts->dns_malformed,
	};
	++*counters[kind];
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
	counts->dns++;
	message_count(counts, kind, &counts->udp_queries);
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

static void moment_set(query_stream_t *stream, uint64_t moment)
{
	query_stream_counts_t *counts = &stream->counts;
	if (counts->packets + counts->dnstap_dns == 0) {
		counts->first_moment = moment;
	}
	counts->last_moment = stream->moment = moment;
}

/* Sorts one frame of dnstap in. Returns true if it is a query. */
static bool dnstap_take(query_stream_t *stream, const dnstap_frame_t *frame, query_t *query)
{
	query_stream_counts_t *counts = &stream->counts;
	uint64_t *const counters[DNSTAP_KINDS] = {
		[DNSTAP_QUERY] = &counts->dnstap_dns,
		[DNSTAP_OTHER] = &counts->dnstap_other,
		[DNSTAP_WITHOUT] = &counts->dnstap_without,
		[DNSTAP_MALFORMED] = &counts->dnstap_malformed,
	};
	const dnstap_query_t *told = &frame->query;
	counts->dnstap_frames++;
	if (frame->kind == DNSTAP_QUERY) {
		moment_set(stream, told->moment);
	}
	++*counters[frame->kind];
	if (frame->kind != DNSTAP_QUERY) {
		return false;
	}
	dns_query_t parsed;
	dns_query_kind_t kind = dns_query_parse(told->message, told->message_size, &parsed);
	message_count(counts, kind, told->stream ? &counts->tcp_queries : &counts->udp_queries);
	if (kind != DNS_QUERY_GOOD) {
		return false;
	}
	stream->packet.source = told->querier;
	stream->packet.destination = told->server;
	stream->packet.source_port = told->querier_port;
	stream->packet.protocol = told->stream ? PROTOCOL_TCP : PROTOCOL_UDP;
	query_set(stream, &parsed, told->message, told->message_size, query);
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
	moment_set(stream, frame->moment);
	counts->packets++;
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

static bool frame_take(query_stream_t *stream, const frame_t *frame, query_t *query)
{
	return frame->link == LINK_DNSTAP ? dnstap_take(stream, frame->dnstap, query)
	                                  : packet_take(stream, frame, query);
}

/* The next frame, over the borders of files; a failure leaves its file. */
static status_t frame_next(query_stream_t *stream, frame_t *frame, failure_t *failure)
{
	for (;;) {
		if (!stream->in_file) {
			status_t status = capture_list_advance(stream->list, failure);
			if (status != STATUS_OK) {
				return status;
			}
			stream->in_file = true;
		}
		status_t status = capture_list_next(stream->list, frame, failure);
		stream->in_file = status == STATUS_OK;
		if (status != STATUS_END) {
			return status;
		}
	}
}

status_t query_stream_next(query_stream_t *stream, query_t *query, failure_t *failure)
{
	if (segment_next(stream, query)) {
		return STATUS_OK;
	}
	for (;;) {
		frame_t frame;
		status_t status = frame_next(stream, &frame, failure);
		if (status != STATUS_OK || frame_take(stream, &frame, query)) {
			return status;
		}
	}
}

const query_stream_counts_t *query_stream_counts(const query_stream_t *stream)
{
	return &stream->counts;
}

uint64_t query_stream_position(const query_stream_t *stream)
{
	return capture_list_position(stream->list);
}

uint64_t query_stream_size(const query_stream_t *stream)
{
	return capture_list_size(stream->list);
}

void query_stream_close(query_stream_t *stream)
{
	if (stream == NULL) {
		return;
	}
	capture_list_close(stream->list);
	free(stream);
}
