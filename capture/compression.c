/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of compressions and their magic numbers. Those without a decompressor are
 * there so that they are refused by their name.
 */
#include "capture/compression.h"

#include "common/cursor.h"

#define MAGIC_MAX 6

/* Frames of any content that both zstd and lz4 files may have; only the low four bits differ. */
#define SKIPPABLE      0x184d2a50
#define SKIPPABLE_MASK 0xfffffff0

static const struct {
	uint8_t magic[MAGIC_MAX];
	size_t size;
	compression_t compression;
} formats[] = {
	/* Method 8, deflate, is the only one there is. */
	{ { 0x1f, 0x8b, 8 }, 3, { "gzip", &decompressor_gzip } },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, { "zstd", &decompressor_zstd } },
	{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, { "xz", &decompressor_xz } },
	{ { 0x04, 0x22, 0x4d, 0x18 }, 4, { "lz4", &decompressor_lz4 } },
	{ { 0x02, 0x21, 0x4c, 0x18 }, 4, { "lz4 in its legacy format", NULL } },
	{ { 'B', 'Z', 'h' }, 3, { "bzip2", NULL } },
	{ { 0x1f, 0x9d }, 2, { "compress (.Z)", NULL } },
	{ { 0x1f, 0xa0 }, 2, { "SCO compress (.Z)", NULL } },
	{ { 0x5d, 0, 0, 0x80, 0 }, 5, { "lzma without xz", NULL } },
	{ { 0x5d, 0, 0, 0, 4 }, 5, { "lzma without xz", NULL } },
	{ { 'L', 'Z', 'I', 'P' }, 4, { "lzip", NULL } },
	{ { 0x89, 'L', 'Z', 'O', 0 }, 5, { "lzop", NULL } },
	{ { 0xff, 6, 0, 0, 's', 'N' }, 6, { "snappy", NULL } },
	{ { 'P', 'K', 3, 4 }, 4, { "zip", NULL } },
	{ { '7', 'z', 0xbc, 0xaf, 0x27, 0x1c }, 6, { "7z", NULL } },
	{ { 'R', 'a', 'r', '!', 0x1a, 7 }, 6, { "rar", NULL } },
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static const compression_t *magic_find(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < FORMATS; i++) {
		if (size >= formats[i].size && memcmp(head, formats[i].magic, formats[i].size) == 0) {
			return &formats[i].compression;
		}
	}
	return NULL;
}

const compression_t *compression_find(const uint8_t *head, size_t size)
{
	static const compression_t zstd = { "zstd", &decompressor_zstd };
	cursor_t cursor = cursor_make(head, size);
	bool skipped = false;
	for (;;) {
		cursor_t ahead = cursor;
		uint32_t magic = cursor_le32(&ahead), length = cursor_le32(&ahead);
		if (ahead.failed || (magic & SKIPPABLE_MASK) != SKIPPABLE) {
			break;
		}
		skipped = true;
		if (cursor_take(&ahead, length) == NULL) {
			return &zstd;
		}
		cursor = ahead;
	}
	const compression_t *found = magic_find(cursor.at, cursor_left(&cursor));
	/* Behind such a frame a decompressor gives its own sentence about what is no frame. */
	if (skipped && (found == NULL || (found->decompressor != &decompressor_zstd &&
	                                  found->decompressor != &decompressor_lz4))) {
		return &zstd;
	}
	return found;
}
