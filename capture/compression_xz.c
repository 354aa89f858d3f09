/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xz by liblzma: streams one behind the other and padding between them, .xz file format 1.2. */
#include <lzma.h>
#include <stdlib.h>

#include "capture/compression.h"

static void *xz_create(void)
{
	static const lzma_stream initial = LZMA_STREAM_INIT;
	lzma_stream *stream = malloc(sizeof(*stream));
	if (stream == NULL) {
		return NULL;
	}
	*stream = initial;
	if (lzma_stream_decoder(stream, COMPRESSION_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
		free(stream);
		return NULL;
	}
	return stream;
}

static status_t failed(decompression_t *step, lzma_ret result)
{
	static const struct { lzma_ret code; status_t status; const char *reason; } reasons[] = {
		{ LZMA_MEM_ERROR, STATUS_NO_MEMORY, "not enough memory" },
		{ LZMA_MEMLIMIT_ERROR, STATUS_NO_MEMORY, "it needs more than 256 MiB of memory" },
		{ LZMA_OPTIONS_ERROR, STATUS_UNSUPPORTED, "it uses what liblzma does not have" },
	};
	_Static_assert(COMPRESSION_MEMORY_MAX >> 20 == 256, "the sentence says so");
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (result == reasons[i].code) {
			step->reason = reasons[i].reason;
			return reasons[i].status;
		}
	}
	step->reason = "they are damaged, or bytes that are no xz follow";
	return STATUS_BAD_DATA;
}

static status_t xz_step(void *state, decompression_t *step)
{
	lzma_stream *stream = state;
	stream->next_in = step->in;
	stream->avail_in = step->in_size;
	stream->next_out = step->out;
	stream->avail_out = step->out_size;
	lzma_ret result = lzma_code(stream, step->last ? LZMA_FINISH : LZMA_RUN);
	step->in = stream->next_in;
	step->in_size = stream->avail_in;
	step->out = stream->next_out;
	step->out_size = stream->avail_out;
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR: /* Nothing could be done now. */
		return STATUS_OK;
	case LZMA_STREAM_END:
		return STATUS_END;
	default:
		return failed(step, result);
	}
}

static void xz_destroy(void *state)
{
	lzma_end(state);
	free(state);
}

const decompressor_t decompressor_xz = { xz_create, xz_step, xz_destroy };
