/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inputs that are large enough for a thread: with it and on one processor, where there is
 * none, the same bytes, ends and sentences, whatever is needed at a time.
 */
#include "config.h"

#include "capture/byte_source.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

#include "common/generator.h"
#include "tests/tap.h"
#include "tests/unit/compressed.h"
#include "tests/unit/scratch.h"

#define LARGE ((size_t)3 << 20)

static cpu_set_t all_processors;

/* Keeps the program on one processor, or lets it go again. */
static void processors_limit(bool one)
{
	cpu_set_t set = all_processors;
	if (one) {
		CPU_ZERO(&set);
		for (int i = 0; i < CPU_SETSIZE; i++) {
			if (CPU_ISSET(i, &all_processors)) {
				CPU_SET(i, &set);
				break;
			}
		}
	}
	if (sched_setaffinity(0, sizeof(set), &set) != 0) {
		puts("Bail out! processors");
		exit(1);
	}
}

static buffer_t bytes_make(size_t size)
{
	buffer_t bytes = { 0 };
	generator_t generator = generator_make(3, 0);
	while (bytes.size < size) {
		uint64_t random = generator_next(&generator);
		buffer_le64(&bytes, random & 0x0f0f00ff00ff0f0f);
	}
	return bytes;
}

/* What came out of a file. */
typedef struct {
	size_t size;
	bool right;        /* The front of what was to come. */
	status_t status;
	failure_t failure;
} outcome_t;

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

/* Reads in needs of 1 to `most` bytes. */
static outcome_t drain(const char *path, const buffer_t *wanted, size_t most)
{
	outcome_t outcome = { .right = true };
	byte_source_t *source = source_open(path);
	generator_t generator = generator_make(most, 1);
	bool more = true;
	while (more) {
		size_t need = 1 + generator_below(&generator, most);
		more = byte_source_need(source, need);
		size_t take = more ? need : cursor_left(&source->ready);
		outcome.right = outcome.right && outcome.size + take <= wanted->size &&
		                (take == 0 || memcmp(source->ready.at, wanted->data + outcome.size, take) == 0);
		outcome.size += take;
		source->ready.at += take;
	}
	outcome.status = byte_source_status(source, &outcome.failure);
	if (outcome.status == STATUS_END &&
	    byte_source_position(source) != byte_source_size(source)) {
		outcome.right = false;
	}
	byte_source_close(source);
	return outcome;
}

/* The same with a thread and without, in needs of different sizes. */
static void check_both(const char *path, const buffer_t *wanted, size_t size, status_t status,
                       const char *what)
{
	static const size_t most[] = { 200, 100000, (size_t)1 << 20 };
	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		outcome_t with = drain(path, wanted, most[i]);
		processors_limit(true);
		outcome_t without = drain(path, wanted, most[i]);
		processors_limit(false);
		ok(with.right && with.status == status && (size == SIZE_MAX || with.size == size),
		   "%s, needs up to %zu: %zu bytes with a thread", what, most[i], with.size);
		ok(without.right && without.status == status && without.size == with.size &&
		   strcmp(with.failure.sentence, without.failure.sentence) == 0,
		   "%s: the same without: %s", what, without.failure.sentence);
	}
}

static void test_kind(compressed_t kind, const buffer_t *bytes)
{
	char what[64];
	const char *name = compressed_kinds[kind].name;
	buffer_t file = { 0 };
	compressed_append(&file, kind, bytes->data, bytes->size / 3);
	compressed_append(&file, kind, bytes->data + bytes->size / 3, bytes->size - bytes->size / 3);
	check_both(scratch_write("whole", file.data, file.size), bytes, bytes->size, STATUS_END, name);
	(void)snprintf(what, sizeof(what), "%s, cut", name);
	check_both(scratch_write("cut", file.data, file.size * 9 / 10), bytes, SIZE_MAX,
	           STATUS_BAD_DATA, what);
	(void)snprintf(what, sizeof(what), "%s with a rest", name);
	buffer_append(&file, "rest", 4);
	check_both(scratch_write("rest", file.data, file.size), bytes, bytes->size,
	           STATUS_BAD_DATA, what);
	buffer_clear(&file);
}

/* Left at any place, with a thread that works, waits for room, or is done. */
static void test_left(const buffer_t *bytes)
{
	buffer_t file = { 0 };
	size_t wrong = 0;
	compressed_append(&file, COMPRESSED_LZ4, bytes->data, bytes->size);
	const char *path = scratch_write("left", file.data, file.size);
	for (size_t taken = 0; taken < bytes->size; taken += 300000) {
		byte_source_t *source = source_open(path);
		wrong += !byte_source_pass(source, taken) || !byte_source_need(source, 1) ||
		         *source->ready.at != bytes->data[taken];
		byte_source_close(source);
	}
	is_int(wrong, 0, "a source that is left in its middle");
	buffer_clear(&file);
}

typedef struct {
	const buffer_t *file;
	int end;
} writer_t;

/* Writes all, in two parts with a pause; leaves the pipe open. */
static void *pipe_write(void *context)
{
	const writer_t *writer = context;
	size_t half = writer->file->size / 2;
	if (write(writer->end, writer->file->data, half) != (ssize_t)half) {
		return NULL;
	}
	usleep(50000);
	size_t rest = writer->file->size - half;
	return write(writer->end, writer->file->data + half, rest) == (ssize_t)rest ? context : NULL;
}

/* What a pipe has is given at once, and a source that waits for more of it can be closed. */
static void test_pipe(const buffer_t *bytes)
{
	buffer_t file = { 0 };
	compressed_append(&file, COMPRESSED_LZ4, bytes->data, bytes->size);
	const char *path = scratch_path("pipe");
	tap_require(mkfifo(path, 0600) == 0, "a pipe");
	writer_t writer = { .file = &file, .end = open(path, O_RDWR) };
	pthread_t thread;
	void *result = NULL;
	tap_require(pthread_create(&thread, NULL, pipe_write, &writer) == 0, "a writer");
	byte_source_t *source = source_open(path);
	ok(byte_source_pass(source, bytes->size - 1) && byte_source_need(source, 1) &&
	   *source->ready.at == bytes->data[bytes->size - 1], "all bytes come though the pipe stays open");
	is_int(byte_source_status(source, NULL), STATUS_OK, "there may be more");
	byte_source_close(source);
	ok(pthread_join(thread, &result) == 0 && result != NULL, "closed while it waits");
	close(writer.end);
	buffer_clear(&file);
}

int main(void)
{
	if (sched_getaffinity(0, sizeof(all_processors), &all_processors) != 0 ||
	    CPU_COUNT(&all_processors) < 2) {
		tap_skip_all("there is one processor only");
	}
	scratch_begin();
	buffer_t bytes = bytes_make(LARGE);
	for (compressed_t kind = 0; kind < COMPRESSED_KINDS; kind++) {
		test_kind(kind, &bytes);
	}
	test_left(&bytes);
	test_pipe(&bytes);
	buffer_clear(&bytes);
	scratch_end();
	return tap_done();
}
