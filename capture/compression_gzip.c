/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gzip by zlib: members one behind the other, RFC 1952, section 2.2.
 *
 *   | member | member | ... | zeros |
 *
 * Zeros at the end are padding of tapes and disks, as gzip(1) takes them. Anything else
 * behind a member is a failure: it may be the start of one that was damaged.
 */
#include <stdlib.h>
#include <zlib.h>

#include "capture/compression.h"

/* The largest window, 2^15 bytes, and 16 for "a gzip header, nothing else". */
#define WINDOW_BITS (15 + 16)

typedef enum {
	IN_MEMBER,
	BETWEEN,
	IN_PADDING,
} place_t;

typedef struct {
	z_stream stream;
	place_t place;
	bool later;  /* Not the first member. */
} gzip_t;

static void *gzip_create(void)
{
	gzip_t *gzip = calloc(1, sizeof(*gzip));
	if (gzip != NULL && inflateInit2(&gzip->stream, WINDOW_BITS) != Z_OK) {
		free(gzip);
		gzip = NULL;
	}
	return gzip;
}

static status_t failed(decompression_t *step, status_t status, const char *reason)
{
	step->reason = reason;
	return status;
}

static status_t member_step(gzip_t *gzip, decompression_t *step)
{
	z_stream *stream = &gzip->stream;
	stream->next_in = (Bytef *)step->in;
	stream->avail_in = (uInt)step->in_size;
	stream->next_out = step->out;
	stream->avail_out = (uInt)step->out_size;
	int result = inflate(stream, Z_NO_FLUSH);
	step->in = stream->next_in;
	step->in_size = stream->avail_in;
	step->out = stream->next_out;
	step->out_size = stream->avail_out;
	switch (result) {
	case Z_OK:
	case Z_BUF_ERROR: /* Nothing could be done now. */
		return STATUS_OK;
	case Z_STREAM_END:
		gzip->place = BETWEEN;
		return STATUS_OK;
	case Z_MEM_ERROR:
		return failed(step, STATUS_NO_MEMORY, "not enough memory");
	default:
		if (gzip->later && stream->total_out == 0 && stream->total_in < 10) {
			return failed(step, STATUS_BAD_DATA, "bytes behind its end that are no gzip");
		}
		return failed(step, STATUS_BAD_DATA, stream->msg != NULL ? stream->msg : "zlib");
	}
}

static status_t gzip_step(void *state, decompression_t *step)
{
	gzip_t *gzip = state;
	if (gzip->place == IN_MEMBER) {
		return member_step(gzip, step);
	}
	while (step->in_size > 0 && *step->in == 0) {
		gzip->place = IN_PADDING;
		step->in++;
		step->in_size--;
	}
	if (step->in_size == 0) {
		return step->last ? STATUS_END : STATUS_OK;
	}
	if (gzip->place == IN_PADDING) {
		return failed(step, STATUS_BAD_DATA, "bytes behind its end that are no gzip");
	}
	gzip->later = true;
	gzip->place = IN_MEMBER;
	(void)inflateReset(&gzip->stream);
	return member_step(gzip, step);
}

static void gzip_destroy(void *state)
{
	gzip_t *gzip = state;
	(void)inflateEnd(&gzip->stream);
	free(gzip);
}

const decompressor_t decompressor_gzip = { gzip_create, gzip_step, gzip_destroy };
