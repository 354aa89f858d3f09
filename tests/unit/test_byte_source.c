/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs plain and compressed, whole, cut at each byte, damaged, joined, nested and piped. */
#include "config.h"

#include "capture/byte_source.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "common/generator.h"
#include "tests/tap.h"
#include "tests/unit/compressed.h"
#include "tests/unit/scratch.h"

#define LARGE ((size_t)3 * BYTE_SOURCE_BLOCK + 12345)
#define SMALL 700

/* Bytes that compress somewhat, but have no long repeats. */
static buffer_t bytes_make(size_t size, uint64_t seed)
{
	buffer_t bytes = { 0 };
	generator_t generator = generator_make(seed, 0);
	for (size_t i = 0; i < size; i++) {
		buffer_u8(&bytes, (uint8_t)(generator_below(&generator, 16) * generator_below(&generator, 4)));
	}
	return bytes;
}

static byte_source_t *source_open(const char *path)
{
	byte_source_t *source;
	failure_t failure = { 0 };
	if (byte_source_open(path, &source, &failure) != STATUS_OK) {
		printf("Bail out! %s\n", failure.sentence);
		exit(1);
	}
	return source;
}

/* Reads to the end in needs of random sizes; returns how many bytes came, or -1 if one is wrong. */
static long long source_read(byte_source_t *source, const buffer_t *wanted, uint64_t seed)
{
	generator_t generator = generator_make(seed, 1);
	size_t done = 0;
	for (;;) {
		size_t need = 1 + generator_below(&generator, seed == 0 ? 40 : 5000);
		bool there = byte_source_need(source, need);
		size_t take = there ? need : cursor_left(&source->ready);
		if (there != (cursor_left(&source->ready) >= need) || done + take > wanted->size ||
		    (take > 0 && memcmp(source->ready.at, wanted->data + done, take) != 0)) {
			return -1;
		}
		source->ready.at += take;
		done += take;
		if (!there) {
			return (long long)done;
		}
	}
}

static void check_whole(const char *path, const buffer_t *wanted, const char *name, const char *what)
{
	for (uint64_t seed = 0; seed < 3; seed++) {
		byte_source_t *source = source_open(path);
		failure_t failure = { 0 };
		is_int(source_read(source, wanted, seed), wanted->size, "%s: all bytes", what);
		is_int(byte_source_status(source, &failure), STATUS_END, "%s: the end", what);
		is_text(byte_source_reason(source), "", "%s: no failure", what);
		const char *compression = byte_source_compression(source);
		is_text(compression != NULL ? compression : "plain", name, "%s: told what it is", what);
		is_int(byte_source_position(source), byte_source_size(source), "%s: read whole", what);
		ok(!byte_source_need(source, 1), "%s: stays at its end", what);
		byte_source_close(source);
	}
}

static void test_plain(void)
{
	buffer_t bytes = bytes_make(LARGE, 1), none = { 0 };
	check_whole(scratch_write("plain", bytes.data, bytes.size), &bytes, "plain", "plain");
	check_whole(scratch_write("empty", "", 0), &none, "plain", "empty");
	buffer_clear(&bytes);
}

/* One piece, and several with an empty one among them. */
static void test_compressed(compressed_t kind)
{
	const char *name = compressed_kinds[kind].name;
	char what[64];
	buffer_t bytes = bytes_make(LARGE, 2), one = { 0 }, more = { 0 };
	compressed_append(&one, kind, bytes.data, bytes.size);
	(void)snprintf(what, sizeof(what), "%s", name);
	check_whole(scratch_write("one", one.data, one.size), &bytes, name, what);
	compressed_append(&more, kind, bytes.data, 1000);
	compressed_append(&more, kind, bytes.data, 0);
	compressed_append(&more, kind, bytes.data + 1000, 300000);
	compressed_append(&more, kind, bytes.data + 301000, bytes.size - 301000);
	(void)snprintf(what, sizeof(what), "%s in four pieces", name);
	check_whole(scratch_write("more", more.data, more.size), &bytes, name, what);
	buffer_clear(&bytes);
	buffer_clear(&one);
	buffer_clear(&more);
}

/* Cut at each byte: what comes is the front, never less than of a shorter cut, then one failure. */
static void test_cut(compressed_t kind)
{
	const char *name = compressed_kinds[kind].name;
	buffer_t bytes = bytes_make(2 * SMALL, 3), file = { 0 };
	compressed_append(&file, kind, bytes.data, SMALL);
	size_t border = file.size, wrong = 0, unnamed = 0;
	compressed_append(&file, kind, bytes.data + SMALL, SMALL);
	long long before = 0;
	for (size_t size = compressed_kinds[kind].magic; size < file.size; size++) {
		const char *path = scratch_write("front", file.data, size);
		byte_source_t *source = source_open(path);
		failure_t failure = { 0 };
		long long came = source_read(source, &bytes, 0);
		wrong += came < before || (size == border && came != SMALL) ||
		         (size == file.size - 1 && came != 2 * SMALL) ||
		         byte_source_status(source, &failure) !=
		         (size == border ? STATUS_END : STATUS_BAD_DATA);
		unnamed += size != border && (strstr(failure.sentence, path) == NULL ||
		           strstr(failure.sentence, "they are cut") == NULL ||
		           strstr(failure.sentence, name) == NULL);
		before = came;
		byte_source_close(source);
	}
	is_int(wrong, 0, "%s: cut at each of %zu bytes", name, file.size);
	is_int(unnamed, 0, "%s: each cut is told with the path", name);
	buffer_clear(&bytes);
	buffer_clear(&file);
}

/* A changed byte is never taken for the end of good data with other bytes. */
static void test_damage(compressed_t kind)
{
	const char *name = compressed_kinds[kind].name;
	buffer_t bytes = bytes_make(SMALL, 4), file = { 0 };
	compressed_append(&file, kind, bytes.data, bytes.size);
	size_t told = 0, wrong = 0;
	for (size_t at = compressed_kinds[kind].magic; at < file.size; at++) {
		file.data[at] ^= 0x10;
		byte_source_t *source = source_open(scratch_write("damaged", file.data, file.size));
		failure_t failure = { 0 };
		long long came = source_read(source, &bytes, 0);
		while (byte_source_pass(source, 1000)) {
		}
		status_t status = byte_source_status(source, &failure);
		told += status != STATUS_END;
		wrong += status == STATUS_END && came != (long long)bytes.size;
		byte_source_close(source);
		file.data[at] ^= 0x10;
	}
	is_int(wrong, 0, "%s: no changed byte gives other data unnoticed", name);
	ok(told > file.size * 9 / 10, "%s: %zu of %zu changes are told", name, told, file.size);
	buffer_clear(&bytes);
	buffer_clear(&file);
}

/* What follows a whole piece and is none itself is told, behind all bytes of the piece. */
static void test_rest(compressed_t kind)
{
	const char *name = compressed_kinds[kind].name;
	buffer_t bytes = bytes_make(SMALL, 5), file = { 0 };
	failure_t failure = { 0 };
	compressed_append(&file, kind, bytes.data, bytes.size);
	buffer_append(&file, "something else", 14);
	byte_source_t *source = source_open(scratch_write("rest", file.data, file.size));
	is_int(source_read(source, &bytes, 1), SMALL, "%s with a rest: the bytes before it", name);
	is_int(byte_source_status(source, &failure), STATUS_BAD_DATA, "%s", failure.sentence);
	ok(strstr(failure.sentence, "no ") != NULL, "%s with a rest: says that it is none", name);
	byte_source_close(source);
	buffer_clear(&bytes);
	buffer_clear(&file);
}

static void check_refused(const char *what, const void *data, size_t size, const char *word)
{
	byte_source_t *source;
	failure_t failure = { 0 };
	const char *path = scratch_write("refused", data, size);
	is_int(byte_source_open(path, &source, &failure), STATUS_UNSUPPORTED, "%s is refused", what);
	ok(source == NULL && strstr(failure.sentence, path) != NULL &&
	   strstr(failure.sentence, word) != NULL, "%s: %s", what, failure.sentence);
	byte_source_close(source);
}

static void test_refused(void)
{
	check_refused("bzip2", "BZh91AY&SY", 10, "bzip2");
	check_refused("compress", "\x1f\x9d\x90\x42", 4, "compress");
	check_refused("zip", "PK\3\4\x14\0", 6, "zip");
	check_refused("7z", "7z\xbc\xaf\x27\x1c", 6, "7z");
	check_refused("lzip", "LZIP\1", 5, "lzip");
	check_refused("lzma", "\x5d\0\0\x80\0\xff", 6, "lzma");
	check_refused("old lz4", "\2\x21\x4c\x18", 4, "legacy");
	for (compressed_t outer = 0; outer < COMPRESSED_KINDS; outer++) {
		compressed_t inner = (outer + 1) % COMPRESSED_KINDS;
		buffer_t once = { 0 }, twice = { 0 };
		compressed_append(&once, inner, "text", 4);
		compressed_append(&twice, outer, once.data, once.size);
		check_refused("compressed twice", twice.data, twice.size, compressed_kinds[inner].name);
		buffer_clear(&once);
		buffer_clear(&twice);
	}
}

/* Zeros of a tape behind gzip; frames to be skipped before, between and behind others. */
static void test_padding(void)
{
	static const uint8_t skippable[] = { 0x5e, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5 };
	buffer_t bytes = bytes_make(2 * SMALL, 6), file = { 0 };
	compressed_append(&file, COMPRESSED_GZIP, bytes.data, bytes.size);
	for (size_t i = 0; i < 512; i++) {
		buffer_u8(&file, 0);
	}
	check_whole(scratch_write("padded", file.data, file.size), &bytes, "gzip", "gzip with zeros");
	buffer_clear(&file);
	static const compressed_t kinds[] = { COMPRESSED_ZSTD, COMPRESSED_LZ4 };
	for (size_t i = 0; i < 2; i++) {
		for (size_t half = 0; half < 2; half++) {
			buffer_append(&file, skippable, sizeof(skippable));
			compressed_append(&file, kinds[i], bytes.data + half * SMALL, SMALL);
		}
		buffer_append(&file, skippable, sizeof(skippable));
		check_whole(scratch_write("skipped", file.data, file.size), &bytes,
		            compressed_kinds[kinds[i]].name, "frames to be skipped");
		buffer_clear(&file);
	}
	buffer_clear(&bytes);
}

static void test_needs(void)
{
	buffer_t bytes = bytes_make(LARGE, 7), file = { 0 };
	compressed_append(&file, COMPRESSED_ZSTD, bytes.data, bytes.size);
	byte_source_t *source = source_open(scratch_write("needs", file.data, file.size));
	ok(byte_source_pass(source, 100000) && byte_source_need(source, 2 * BYTE_SOURCE_BLOCK) &&
	   memcmp(source->ready.at, bytes.data + 100000, 2 * BYTE_SOURCE_BLOCK) == 0,
	   "a need above a block");
	ok(!byte_source_need(source, LARGE), "a need above the file");
	is_int(cursor_left(&source->ready), LARGE - 100000, "leaves the rest ready");
	is_int(byte_source_status(source, NULL), STATUS_END, "behind which is the end");
	ok(byte_source_pass(source, LARGE - 100000), "steps over the rest");
	ok(byte_source_pass(source, 0) && !byte_source_pass(source, 1), "and no further");
	byte_source_close(source);

	source = source_open(scratch_write("needs", bytes.data, bytes.size));
	ok(!byte_source_need(source, BYTE_SOURCE_NEED_MAX + 1), "a need above the limit");
	is_int(byte_source_status(source, NULL), STATUS_CALLER, "is the caller's fault");
	ok(!byte_source_pass(source, UINT64_MAX), "nor can it be passed");
	byte_source_close(source);
	byte_source_close(NULL);
	buffer_clear(&bytes);
	buffer_clear(&file);
}

static void check_system(const char *path, status_t opened, const char *what)
{
	byte_source_t *source;
	failure_t failure = { 0 };
	status_t status = byte_source_open(path, &source, &failure);
	is_int(status, opened, "%s", what);
	if (status == STATUS_OK) {
		ok(!byte_source_need(source, 1), "%s: no byte", what);
		is_int(byte_source_status(source, &failure), STATUS_SYSTEM, "%s: a failure", what);
	}
	ok(strstr(failure.sentence, path) != NULL, "%s: %s", what, failure.sentence);
	byte_source_close(source);
}

/* Writes to a pipe in small pieces. */
static void *pipe_write(void *context)
{
	const buffer_t *file = context;
	int end = open(scratch_path("pipe"), O_WRONLY);
	for (size_t at = 0; at < file->size; ) {
		size_t left = file->size - at;
		ssize_t size = write(end, file->data + at, left < 777 ? left : 777);
		if (size < 0) {
			break;
		}
		at += (size_t)size;
	}
	close(end);
	return NULL;
}

static void check_pipe(const buffer_t *file, const buffer_t *wanted, const char *path, const char *what)
{
	pthread_t writer;
	tap_require(pthread_create(&writer, NULL, pipe_write, (void *)file) == 0, "%s: a writer", what);
	if (strcmp(path, "-") == 0) {
		int end = open(scratch_path("pipe"), O_RDONLY);
		tap_require(end >= 0 && dup2(end, STDIN_FILENO) == STDIN_FILENO, "%s: opened", what);
		close(end);
	}
	byte_source_t *source = source_open(path);
	is_int(source_read(source, wanted, 1), wanted->size, "%s: all bytes", what);
	is_int(byte_source_status(source, NULL), STATUS_END, "%s: the end", what);
	is_int(byte_source_size(source), 0, "%s: its size is not known", what);
	is_int(byte_source_position(source), file->size, "%s: its position is", what);
	is_text(byte_source_path(source), path, "%s: path", what);
	byte_source_close(source);
	pthread_join(writer, NULL);
	if (strcmp(path, "-") == 0) {
		ok(fcntl(STDIN_FILENO, F_GETFD) >= 0, "%s: stays open", what);
	}
}

static void test_pipes(void)
{
	buffer_t bytes = bytes_make(200000, 8), file = { 0 };
	tap_require(mkfifo(scratch_path("pipe"), 0600) == 0, "a pipe");
	check_pipe(&bytes, &bytes, scratch_path("pipe"), "plain pipe");
	check_pipe(&bytes, &bytes, "-", "plain standard input");
	for (compressed_t kind = 0; kind < COMPRESSED_KINDS; kind++) {
		char what[64];
		(void)snprintf(what, sizeof(what), "%s from standard input", compressed_kinds[kind].name);
		compressed_append(&file, kind, bytes.data, bytes.size);
		check_pipe(&file, &bytes, "-", what);
		buffer_clear(&file);
	}
	buffer_clear(&bytes);
}

int main(void)
{
	scratch_begin();
	test_plain();
	for (compressed_t kind = 0; kind < COMPRESSED_KINDS; kind++) {
		test_compressed(kind);
		test_cut(kind);
		test_damage(kind);
		test_rest(kind);
	}
	test_refused();
	test_padding();
	test_needs();
	check_system(scratch_path("absent"), STATUS_SYSTEM, "a file that is not there");
	check_system(scratch_folder, STATUS_OK, "a folder");
	test_pipes();
	scratch_end();
	return tap_done();
}
