/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lz4 by liblz4: frames one behind the other, some to be skipped, LZ4 frame format 1.6. */
#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>

#include "capture/compression.h"

typedef struct {
	LZ4F_dctx *context;
	bool in_frame;
	bool later;  /* A frame was whole. */
} lz4_t;

static void *lz4_create(void)
{
	lz4_t *lz4 = calloc(1, sizeof(*lz4));
	if (lz4 != NULL &&
	    LZ4F_isError(LZ4F_createDecompressionContext(&lz4->context, LZ4F_VERSION))) {
		free(lz4);
		lz4 = NULL;
	}
	return lz4;
}

static status_t failed(const lz4_t *lz4, decompression_t *step, size_t result)
{
	/* The codes themselves are no part of the interface, their names are. */
	const char *name = LZ4F_getErrorName(result);
	if (strcmp(name, "ERROR_frameType_unknown") == 0 && lz4->later) {
		step->reason = "bytes behind its end that are no lz4";
		return STATUS_BAD_DATA;
	}
	step->reason = name;
	return strcmp(name, "ERROR_allocation_failed") == 0 ? STATUS_NO_MEMORY : STATUS_BAD_DATA;
}

static status_t lz4_step(void *state, decompression_t *step)
{
	lz4_t *lz4 = state;
	if (step->in_size == 0 && !lz4->in_frame) {
		return step->last ? STATUS_END : STATUS_OK;
	}
	size_t in = step->in_size, out = step->out_size;
	size_t result = LZ4F_decompress(lz4->context, step->out, &out, step->in, &in, NULL);
	if (LZ4F_isError(result)) {
		return failed(lz4, step, result);
	}
	step->in += in;
	step->in_size -= in;
	step->out += out;
	step->out_size -= out;
	lz4->in_frame = result != 0;
	lz4->later |= result == 0;
	return STATUS_OK;
}

static void lz4_destroy(void *state)
{
	lz4_t *lz4 = state;
	(void)LZ4F_freeDecompressionContext(lz4->context);
	free(lz4);
}

const decompressor_t decompressor_lz4 = { lz4_create, lz4_step, lz4_destroy };
