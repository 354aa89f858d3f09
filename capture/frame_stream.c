/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frame Streams where they lie in the block of a byte source.
 *
 * Why not libfstrm. Its reader reads a file descriptor or a path by itself; ours are often
 * compressed, and decompressed on the way by byte_source.h. It takes a stream in its plain
 * form only: one START, one STOP, no handshake. And it copies each frame. Of the format there
 * is little: the tests hold this reader against libfstrm's, whose files it reads as it does.
 */
#include "capture/frame_stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE 1    /* The only field of a control frame. */
#define TYPE_SIZE    4

enum { CONTROL_ACCEPT = 1, CONTROL_START, CONTROL_STOP, CONTROL_READY, CONTROL_FINISH };

struct frame_stream {
	byte_source_t *source;
	const char *content;
	bool started;        /* Data may come. */
	uint64_t frames;
	failure_t failure;   /* Of the place where the input is damaged. */
};

bool frame_stream_probe(const uint8_t *data, size_t size)
{
	cursor_t cursor = cursor_make(data, size);
	uint32_t escape = cursor_be32(&cursor), length = cursor_be32(&cursor);
	uint32_t type = cursor_be32(&cursor);
	return !cursor.failed && escape == 0 && length >= TYPE_SIZE &&
	       length <= FRAME_STREAM_CONTROL_MAX && type >= CONTROL_ACCEPT && type <= CONTROL_FINISH;
}

/* Notes what is wrong, and where; returns `status`. */
__attribute__((format(printf, 3, 4)))
static status_t damage(frame_stream_t *stream, status_t status, const char *format, ...)
{
	char what[FAILURE_SENTENCE_MAX], place[64] = "";
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	if (stream->frames > 0) {
		(void)snprintf(place, sizeof(place), " behind frame %llu",
		               (unsigned long long)stream->frames);
	}
	return failure_set(&stream->failure, status, "capture '%s' cannot be read%s: %s",
	                   byte_source_path(stream->source), place, what);
}

/* The input has fewer bytes than a frame needs. */
static status_t input_short(frame_stream_t *stream)
{
	status_t status = byte_source_status(stream->source, NULL);
	if (status == STATUS_OK || status == STATUS_END) {
		return damage(stream, STATUS_BAD_DATA, "truncated, it ends within a frame");
	}
	return damage(stream, status, "%s", byte_source_reason(stream->source));
}

/* Holds the content type of a START against the wanted one. */
static status_t start_take(frame_stream_t *stream, cursor_t *control)
{
	const char *other = NULL;
	size_t other_size = 0;
	bool found = false;
	while (cursor_left(control) > 0) {
		uint32_t field = cursor_be32(control), size = cursor_be32(control);
		const uint8_t *value = cursor_take(control, size);
		if (value == NULL) {
			return damage(stream, STATUS_BAD_DATA, "a START of a wrong length");
		}
		if (field == CONTENT_TYPE && size == strlen(stream->content) &&
		    memcmp(value, stream->content, size) == 0) {
			found = true;
		} else if (field == CONTENT_TYPE) {
			other = (const char *)value;
			other_size = size;
		}
	}
	if (other != NULL && !found) {
		return failure_set(&stream->failure, STATUS_UNSUPPORTED,
		                   "capture '%s' has frames of the content type '%.*s', which is not "
		                   "supported; '%s' is", byte_source_path(stream->source),
		                   (int)other_size, other, stream->content);
	}
	stream->started = true;
	return STATUS_OK;
}

/* Reads one control frame, of which the input is at the escape. */
static status_t control_take(frame_stream_t *stream)
{
	const size_t header = 2 * sizeof(uint32_t);
	byte_source_t *source = stream->source;
	if (!byte_source_need(source, header)) {
		return input_short(stream);
	}
	cursor_t ahead = source->ready;
	(void)cursor_be32(&ahead);
	uint32_t size = cursor_be32(&ahead);
	if (size < TYPE_SIZE || size > FRAME_STREAM_CONTROL_MAX) {
		return damage(stream, STATUS_BAD_DATA, "a control frame of %u bytes (%d to %d are "
		              "allowed)", size, TYPE_SIZE, FRAME_STREAM_CONTROL_MAX);
	}
	if (!byte_source_need(source, header + size)) {
		return input_short(stream);
	}
	(void)cursor_take(&source->ready, header);
	cursor_t control = cursor_make(cursor_take(&source->ready, size), size);
	uint32_t type = cursor_be32(&control);
	switch (type) {
	case CONTROL_START:
		return start_take(stream, &control);
	case CONTROL_STOP:
	case CONTROL_FINISH:
		stream->started = false;
		return STATUS_OK;
	case CONTROL_READY:
	case CONTROL_ACCEPT:
		/* They offer content types; START says which it is. */
		return STATUS_OK;
	default:
		return damage(stream, STATUS_BAD_DATA, "a control frame of the unknown type %u",
		              type);
	}
}

/* Reads control frames up to the length of a data frame; STATUS_OK: its bytes are ready. */
static status_t length_take(frame_stream_t *stream, uint32_t *size)
{
	byte_source_t *source = stream->source;
	for (;;) {
		if (!byte_source_need(source, sizeof(*size))) {
			status_t status = byte_source_status(source, NULL);
			bool end = cursor_left(&source->ready) == 0 && status == STATUS_END;
			return end ? STATUS_END : input_short(stream);
		}
		cursor_t ahead = source->ready;
		*size = cursor_be32(&ahead);
		if (*size != 0) {
			break;
		}
		status_t status = control_take(stream);
		if (status != STATUS_OK) {
			return status;
		}
	}
	if (!stream->started) {
		return damage(stream, STATUS_BAD_DATA, "data outside of a stream");
	}
	if (*size > FRAME_STREAM_FRAME_MAX) {
		return damage(stream, STATUS_BAD_DATA, "a frame of %u bytes (%zu are allowed)", *size,
		              FRAME_STREAM_FRAME_MAX);
	}
	return byte_source_need(source, sizeof(*size) + *size) ? STATUS_OK : input_short(stream);
}

status_t frame_stream_next(frame_stream_t *stream, const uint8_t **data, size_t *size,
                           failure_t *failure)
{
	uint32_t length = 0;
	status_t status = stream->failure.status;
	if (status == STATUS_OK) {
		status = length_take(stream, &length);
	}
	if (status == STATUS_OK) {
		(void)cursor_take(&stream->source->ready, sizeof(length));
		*data = cursor_take(&stream->source->ready, length);
		*size = length;
		stream->frames++;
	} else if (status != STATUS_END) {
		failure_set(failure, status, "%s", stream->failure.sentence);
	}
	return status;
}

/* Reads control frames until data may come, or the input ends. */
static status_t begin(frame_stream_t *stream)
{
	while (!stream->started) {
		if (!byte_source_need(stream->source, sizeof(uint32_t))) {
			return input_short(stream);
		}
		cursor_t ahead = stream->source->ready;
		if (cursor_be32(&ahead) != 0) {
			return damage(stream, STATUS_BAD_DATA, "data outside of a stream");
		}
		status_t status = control_take(stream);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

status_t frame_stream_open(byte_source_t *source, const char *content, frame_stream_t **out,
                           failure_t *failure)
{
	*out = NULL;
	frame_stream_t *stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		return failure_no_memory(failure, "a frame stream");
	}
	stream->source = source;
	stream->content = content;
	status_t status = begin(stream);
	if (status != STATUS_OK) {
		failure_set(failure, status, "%s", stream->failure.sentence);
		frame_stream_close(stream);
		return status;
	}
	*out = stream;
	return STATUS_OK;
}

void frame_stream_close(frame_stream_t *stream)
{
	free(stream);
}
