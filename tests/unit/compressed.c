/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/compressed.h"

#include <lz4frame.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

const struct compressed_kind compressed_kinds[COMPRESSED_KINDS] = {
	[COMPRESSED_GZIP] = { "gzip", 3 },
	[COMPRESSED_ZSTD] = { "zstd", 4 },
	[COMPRESSED_XZ] = { "xz", 6 },
	[COMPRESSED_LZ4] = { "lz4", 4 },
};

/* Each takes data and room, and gives the number of bytes written, or 0. */
static size_t by_gzip(uint8_t *out, size_t room, const void *data, size_t size)
{
	z_stream stream = { 0 };
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
	                 Z_DEFAULT_STRATEGY) != Z_OK) {
		return 0;
	}
	stream.next_in = (Bytef *)data;
	stream.avail_in = (uInt)size;
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	int result = deflate(&stream, Z_FINISH);
	(void)deflateEnd(&stream);
	return result == Z_STREAM_END ? stream.total_out : 0;
}

static size_t by_zstd(uint8_t *out, size_t room, const void *data, size_t size)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	size_t result = ZSTD_compress2(context, out, room, data, size);
	(void)ZSTD_freeCCtx(context);
	return ZSTD_isError(result) ? 0 : result;
}

static size_t by_xz(uint8_t *out, size_t room, const void *data, size_t size)
{
	size_t used = 0;
	return lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, data, size, out, &used,
	                               room) == LZMA_OK ? used : 0;
}

static size_t by_lz4(uint8_t *out, size_t room, const void *data, size_t size)
{
	LZ4F_preferences_t preferences = { .frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled };
	size_t result = LZ4F_compressFrame(out, room, data, size, &preferences);
	return LZ4F_isError(result) ? 0 : result;
}

void compressed_append(buffer_t *out, compressed_t kind, const void *data, size_t size)
{
	static size_t (*const by[])(uint8_t *, size_t, const void *, size_t) = {
		[COMPRESSED_GZIP] = by_gzip,
		[COMPRESSED_ZSTD] = by_zstd,
		[COMPRESSED_XZ] = by_xz,
		[COMPRESSED_LZ4] = by_lz4,
	};
	size_t room = size + size / 8 + 4096;
	uint8_t *piece = malloc(room);
	size_t used = piece != NULL ? by[kind](piece, room, data, size) : 0;
	if (used == 0) {
		printf("Bail out! cannot compress by %s\n", compressed_kinds[kind].name);
		exit(1);
	}
	buffer_append(out, piece, used);
	free(piece);
}
