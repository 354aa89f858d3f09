/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnstap files: Frame Streams (frame_stream.h) of messages (dnstap_message.h).
 *
 * Each data frame is a frame_t of the link type LINK_DNSTAP, so that such files stand in one
 * timeline with those of packets. It is decoded here already, because its moment is in it.
 */
#include <stdlib.h>

#include "capture/format.h"
#include "capture/frame_stream.h"

#define CONTENT "protobuf:dnstap.Dnstap"

typedef struct {
	frame_stream_t *stream;
	dnstap_frame_t frame;
	uint64_t moment;  /* Of the last frame that had one. */
} dnstap_t;

static status_t dnstap_open(capture_t *capture, failure_t *failure)
{
	dnstap_t *dnstap = calloc(1, sizeof(*dnstap));
	if (dnstap == NULL) {
		return failure_no_memory(failure, "a capture");
	}
	capture->state = dnstap;
	return frame_stream_open(capture->source, CONTENT, &dnstap->stream, failure);
}

static status_t dnstap_next(capture_t *capture, frame_t *frame, failure_t *failure)
{
	dnstap_t *dnstap = capture->state;
	const uint8_t *data;
	size_t size;
	status_t status = frame_stream_next(dnstap->stream, &data, &size, failure);
	if (status != STATUS_OK) {
		return status;
	}
	dnstap->frame.kind = dnstap_message_parse(data, size, &dnstap->frame.query);
	if (dnstap->frame.query.moment != 0) {
		dnstap->moment = dnstap->frame.query.moment;
	}
	*frame = (frame_t) {
		.moment = dnstap->moment, .link = LINK_DNSTAP, .data = data, .size = size,
		.wire_size = size, .dnstap = &dnstap->frame,
	};
	return STATUS_OK;
}

static void dnstap_close(capture_t *capture)
{
	dnstap_t *dnstap = capture->state;
	if (dnstap != NULL) {
		frame_stream_close(dnstap->stream);
		free(dnstap);
	}
}

const capture_format_t format_dnstap = {
	.name = "dnstap",
	.probe = frame_stream_probe,
	.open = dnstap_open,
	.next = dnstap_next,
	.close = dnstap_close,
};
