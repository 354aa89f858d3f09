/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packet files by their format.
 *
 * The readers are our own. libpcap gives up on pcapng whose interfaces differ in link type
 * or snapshot length (22 of 48 files of a conformance suite), reads no compressed file
 * and no second section of another byte order, and its classic pcap costs several times
 * what reading in place costs (tests/bench/bench_capture.c has both). A second reader for
 * classic pcap would save nothing: the tests hold ours against libpcap's on all that it
 * can read, and it is used for no more.
 */
#include "capture/capture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/format.h"

static const capture_format_t *const formats[] = {
	&format_pcap,
	&format_pcapng,
	&format_dnstap,
};

status_t format_failure(const capture_t *capture, failure_t *failure, status_t status,
                        const char *format, ...)
{
	char reason[FAILURE_SENTENCE_MAX], place[64] = "";
	va_list args;
	va_start(args, format);
	(void)vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	if (capture->frames > 0) {
		(void)snprintf(place, sizeof(place), " behind packet %llu",
		               (unsigned long long)capture->frames);
	}
	return failure_set(failure, status, "capture '%s' cannot be read%s: %s",
	                   capture_path(capture), place, reason);
}

status_t format_end(const capture_t *capture, bool whole, failure_t *failure)
{
	status_t status = byte_source_status(capture->source, NULL);
	if (status != STATUS_END) {
		return format_failure(capture, failure, status, "%s",
		                      byte_source_reason(capture->source));
	}
	if (whole && cursor_left(&capture->source->ready) == 0) {
		return STATUS_END;
	}
	return format_failure(capture, failure, STATUS_BAD_DATA, "truncated, it ends within %s",
	                      capture->frames > 0 ? "a packet" : "its header or first packet");
}

/* What is neither format, by its first bytes. */
static status_t format_refuse(const capture_t *capture, failure_t *failure)
{
	const cursor_t *ready = &capture->source->ready;
	status_t status = byte_source_status(capture->source, NULL);
	if (status != STATUS_OK && status != STATUS_END) {
		return format_end(capture, false, failure);
	}
	if (cursor_left(ready) == 0) {
		return format_failure(capture, failure, STATUS_BAD_DATA, "it is empty");
	}
	const char *name = format_unread(ready->at, cursor_left(ready));
	if (name == NULL) {
		return format_failure(capture, failure, STATUS_BAD_DATA, "it is no packet file and no dnstap");
	}
	return format_failure(capture, failure, STATUS_UNSUPPORTED,
	                      "it looks like %s, which is not supported", name);
}

static status_t format_find(capture_t *capture, failure_t *failure)
{
	(void)byte_source_need(capture->source, FORMAT_HEAD_MAX);
	const cursor_t *ready = &capture->source->ready;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i]->probe(ready->at, cursor_left(ready))) {
			capture->format = formats[i];
			return capture->format->open(capture, failure);
		}
	}
	return format_refuse(capture, failure);
}

status_t capture_open_source(byte_source_t *source, capture_t **out, failure_t *failure)
{
	*out = NULL;
	capture_t *capture = calloc(1, sizeof(*capture));
	if (capture == NULL) {
		byte_source_close(source);
		return failure_no_memory(failure, "a capture");
	}
	capture->source = source;
	status_t status = format_find(capture, failure);
	if (status != STATUS_OK) {
		capture_close(capture);
		return status;
	}
	*out = capture;
	return STATUS_OK;
}

status_t capture_open(const char *path, capture_t **out, failure_t *failure)
{
	*out = NULL;
	byte_source_t *source;
	status_t status = byte_source_open(path, &source, failure);
	return status == STATUS_OK ? capture_open_source(source, out, failure) : status;
}

status_t capture_next(capture_t *capture, frame_t *frame, failure_t *failure)
{
	if (capture->failure.status != STATUS_OK) {
		return failure_set(failure, capture->failure.status, "%s", capture->failure.sentence);
	}
	status_t status = capture->format->next(capture, frame, &capture->failure);
	if (status == STATUS_OK) {
		capture->frames++;
		return STATUS_OK;
	}
	return status == STATUS_END ? STATUS_END : capture_next(capture, frame, failure);
}

void capture_close(capture_t *capture)
{
	if (capture == NULL) {
		return;
	}
	if (capture->format != NULL) {
		capture->format->close(capture);
	}
	byte_source_close(capture->source);
	free(capture);
}

const char *capture_path(const capture_t *capture)
{
	return byte_source_path(capture->source);
}

const char *capture_format(const capture_t *capture)
{
	return capture->format->name;
}

uint64_t capture_position(const capture_t *capture)
{
	return byte_source_position(capture->source);
}

uint64_t capture_size(const capture_t *capture)
{
	return byte_source_size(capture->source);
}
