/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zstd by libzstd: frames one behind the other, some to be skipped, RFC 8878, section 3.1. */
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "capture/compression.h"

/* The largest window, as a power of two: what zstd --long makes, half of the memory allowed. */
#define WINDOW_LOG 27
_Static_assert((size_t)1 << (WINDOW_LOG + 1) <= COMPRESSION_MEMORY_MAX, "the window fits");

typedef struct {
	ZSTD_DCtx *context;
	bool in_frame;
} zstd_t;

static void zstd_destroy(void *state)
{
	zstd_t *zstd = state;
	(void)ZSTD_freeDCtx(zstd->context);
	free(zstd);
}

static void *zstd_create(void)
{
	zstd_t *zstd = calloc(1, sizeof(*zstd));
	if (zstd == NULL) {
		return NULL;
	}
	zstd->context = ZSTD_createDCtx();
	if (zstd->context == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(zstd->context, ZSTD_d_windowLogMax, WINDOW_LOG))) {
		zstd_destroy(zstd);
		return NULL;
	}
	return zstd;
}

static status_t failed(decompression_t *step, size_t result)
{
	static const struct { ZSTD_ErrorCode code; status_t status; const char *reason; } reasons[] = {
		{ ZSTD_error_memory_allocation, STATUS_NO_MEMORY, "not enough memory" },
		{ ZSTD_error_frameParameter_windowTooLarge, STATUS_NO_MEMORY,
		  "it needs a window above 128 MiB (compress with zstd --long=27 at most)" },
		{ ZSTD_error_prefix_unknown, STATUS_BAD_DATA, "bytes behind its end that are no zstd" },
		{ ZSTD_error_dictionary_wrong, STATUS_UNSUPPORTED, "it needs a dictionary" },
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (ZSTD_getErrorCode(result) == reasons[i].code) {
			step->reason = reasons[i].reason;
			return reasons[i].status;
		}
	}
	step->reason = ZSTD_getErrorName(result);
	return STATUS_BAD_DATA;
}

static status_t zstd_step(void *state, decompression_t *step)
{
	zstd_t *zstd = state;
	if (step->in_size == 0 && !zstd->in_frame) {
		return step->last ? STATUS_END : STATUS_OK;
	}
	ZSTD_inBuffer in = { step->in, step->in_size, 0 };
	ZSTD_outBuffer out = { step->out, step->out_size, 0 };
	size_t result = ZSTD_decompressStream(zstd->context, &out, &in);
	step->in += in.pos;
	step->in_size -= in.pos;
	step->out += out.pos;
	step->out_size -= out.pos;
	if (ZSTD_isError(result)) {
		return failed(step, result);
	}
	zstd->in_frame = result != 0;
	return STATUS_OK;
}

const decompressor_t decompressor_zstd = { zstd_create, zstd_step, zstd_destroy };
