/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/decompress_alone.h"

#include <fcntl.h>
#include <lz4frame.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define BLOCK ((size_t)256 << 10)

static uint8_t in[BLOCK], out[BLOCK];

static uint64_t by_gzip(int file)
{
	z_stream stream = { 0 };
	uint64_t sum = 0;
	ssize_t size;
	(void)inflateInit2(&stream, 15 + 16);
	while ((size = read(file, in, BLOCK)) > 0) {
		stream.next_in = in;
		stream.avail_in = (uInt)size;
		do {
			stream.next_out = out;
			stream.avail_out = BLOCK;
			(void)inflate(&stream, Z_NO_FLUSH);
			sum += BLOCK - stream.avail_out;
		} while (stream.avail_out == 0);
	}
	(void)inflateEnd(&stream);
	return sum;
}

static uint64_t by_zstd(int file)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	uint64_t sum = 0;
	ssize_t size;
	while ((size = read(file, in, BLOCK)) > 0) {
		ZSTD_inBuffer from = { in, (size_t)size, 0 };
		ZSTD_outBuffer to;
		do {
			to = (ZSTD_outBuffer) { out, BLOCK, 0 };
			if (ZSTD_isError(ZSTD_decompressStream(context, &to, &from))) {
				return 0;
			}
			sum += to.pos;
		} while (from.pos < from.size || to.pos == to.size);
	}
	(void)ZSTD_freeDCtx(context);
	return sum;
}

static uint64_t by_xz(int file)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	uint64_t sum = 0;
	ssize_t size;
	lzma_ret result = lzma_stream_decoder(&stream, UINT64_MAX, 0);
	while (result == LZMA_OK && (size = read(file, in, BLOCK)) > 0) {
		stream.next_in = in;
		stream.avail_in = (size_t)size;
		do {
			stream.next_out = out;
			stream.avail_out = BLOCK;
			result = lzma_code(&stream, LZMA_RUN);
			sum += BLOCK - stream.avail_out;
		} while (stream.avail_out == 0);
	}
	lzma_end(&stream);
	return sum;
}

static uint64_t by_lz4(int file)
{
	LZ4F_dctx *context;
	uint64_t sum = 0;
	ssize_t size;
	(void)LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
	while ((size = read(file, in, BLOCK)) > 0) {
		size_t at = 0, from, to;
		do {
			from = (size_t)size - at;
			to = BLOCK;
			if (LZ4F_isError(LZ4F_decompress(context, out, &to, in + at, &from, NULL))) {
				return 0;
			}
			at += from;
			sum += to;
		} while (at < (size_t)size || to == BLOCK);
	}
	(void)LZ4F_freeDecompressionContext(context);
	return sum;
}

uint64_t decompress_alone(compressed_t kind, const char *path)
{
	static uint64_t (*const by[])(int) = {
		[COMPRESSED_GZIP] = by_gzip,
		[COMPRESSED_ZSTD] = by_zstd,
		[COMPRESSED_XZ] = by_xz,
		[COMPRESSED_LZ4] = by_lz4,
	};
	int file = open(path, O_RDONLY);
	uint64_t sum = file >= 0 ? by[kind](file) : 0;
	close(file);
	return sum;
}
