/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of an input in blocks.
 *
 * A plain input is read straight into the block. A compressed one goes through a raw
 * block; the decompressor's room is what the block has left. When the bytes that are
 * ready are fewer than wanted, they move to the front of the block first: less than one
 * record, so the cost is in the records and not in the blocks.
 *
 * Cost over the reading or decompressing itself: one call per block, and the copy of one
 * partial record. Memory: a block, a raw block and the decompressor's state.
 */
#include "config.h"

#include "capture/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/compression.h"

#define REASON_MAX 256

typedef struct {
	byte_source_t shared;  /* First: the two are converted into each other. */
	int descriptor;
	char *path;
	uint64_t size;
	uint64_t position;
	uint8_t *block;
	size_t room;           /* Bytes of the block. */
	uint8_t *raw;          /* Compressed input; NULL for plain. */
	const uint8_t *raw_at;
	size_t raw_size;       /* Bytes at raw_at. */
	bool raw_end;
	const compression_t *compression;
	void *state;
	status_t status;
	char reason[REASON_MAX];
} source_t;

static source_t *source_of(byte_source_t *source)
{
	return (source_t *)source;
}

static const source_t *source_of_const(const byte_source_t *source)
{
	return (const source_t *)source;
}

static void stop(source_t *source, status_t status, const char *before, const char *reason)
{
	source->status = status;
	(void)snprintf(source->reason, sizeof(source->reason), "%s%s", before, reason);
}

static void stop_system(source_t *source, int number)
{
	char buffer[128];
	stop(source, number == ENOMEM ? STATUS_NO_MEMORY : STATUS_SYSTEM, "",
	     strerror_r(number, buffer, sizeof(buffer)));
}

/* Reads at most `room` bytes; 0 at the end and on a failure, which it notes. */
static size_t input_read(source_t *source, uint8_t *to, size_t room)
{
	ssize_t size;
	do {
		size = read(source->descriptor, to, room);
	} while (size < 0 && errno == EINTR);
	if (size < 0) {
		stop_system(source, errno);
		return 0;
	}
	source->position += (uint64_t)size;
	return (size_t)size;
}

/* Appends some bytes of a plain input. */
static void plain_read(source_t *source)
{
	cursor_t *ready = &source->shared.ready;
	size_t room = source->room - (size_t)(ready->end - source->block);
	size_t size = input_read(source, (uint8_t *)ready->end, room);
	ready->end += size;
	if (size == 0 && source->status == STATUS_OK) {
		source->status = STATUS_END;
	}
}

static void step_failed(source_t *source, status_t status, const char *reason)
{
	char before[64];
	(void)snprintf(before, sizeof(before), "its %s data cannot be decompressed: ",
	               source->compression->name);
	stop(source, status, before, reason);
}

/* Appends some bytes of a compressed input, or reads more of it, or finds its end. */
static void compressed_read(source_t *source)
{
	cursor_t *ready = &source->shared.ready;
	size_t room = source->room - (size_t)(ready->end - source->block);
	decompression_t step = {
		.in = source->raw_at, .in_size = source->raw_size, .last = source->raw_end,
		.out = (uint8_t *)ready->end, .out_size = room,
	};
	status_t status = source->compression->decompressor->step(source->state, &step);
	bool moved = step.in_size < source->raw_size || step.out_size < room;
	ready->end = step.out;
	source->raw_at = step.in;
	source->raw_size = step.in_size;
	if (status == STATUS_END) {
		source->status = STATUS_END;
	} else if (status != STATUS_OK) {
		step_failed(source, status, step.reason);
	} else if (moved) {
		return;
	} else if (source->raw_size > 0) {
		step_failed(source, STATUS_BAD_DATA, "they lead nowhere");
	} else if (source->raw_end) {
		step_failed(source, STATUS_BAD_DATA, "they are cut");
	} else {
		source->raw_at = source->raw;
		source->raw_size = input_read(source, source->raw, BYTE_SOURCE_BLOCK);
		source->raw_end = source->raw_size == 0;
	}
}

/* Makes room for `wanted` bytes from ready.at on: moves them to the front, or grows the block. */
static bool room_make(source_t *source, size_t wanted)
{
	cursor_t *ready = &source->shared.ready;
	size_t left = cursor_left(ready), room = source->room;
	if (left > 0 && ready->at != source->block) {
		memmove(source->block, ready->at, left);
	}
	while (room < wanted) {
		room *= 2;
	}
	if (room > source->room) {
		uint8_t *block = realloc(source->block, room);
		if (block == NULL) {
			stop(source, STATUS_NO_MEMORY, "", "not enough memory for a block");
		} else {
			source->block = block;
			source->room = room;
		}
	}
	ready->at = source->block;
	ready->end = source->block + left;
	return source->room >= wanted;
}

bool byte_source_fill(byte_source_t *shared, size_t wanted)
{
	source_t *source = source_of(shared);
	if (wanted > BYTE_SOURCE_NEED_MAX) {
		stop(source, STATUS_CALLER, "", "more bytes were needed than a block may have");
	}
	if (source->status != STATUS_OK || !room_make(source, wanted)) {
		return false;
	}
	while (source->status == STATUS_OK && cursor_left(&shared->ready) < wanted) {
		if (source->compression == NULL) {
			plain_read(source);
		} else {
			compressed_read(source);
		}
	}
	return cursor_left(&shared->ready) >= wanted;
}

bool byte_source_pass(byte_source_t *shared, uint64_t size)
{
	while (size > cursor_left(&shared->ready)) {
		size -= cursor_left(&shared->ready);
		shared->ready.at = shared->ready.end;
		if (!byte_source_fill(shared, 1)) {
			return false;
		}
	}
	shared->ready.at += size;
	return true;
}

/* The plain bytes that were read become the raw ones of a compressed input. */
static status_t compression_begin(source_t *source, const compression_t *compression,
                                  failure_t *failure)
{
	cursor_t *ready = &source->shared.ready;
	if (compression->decompressor == NULL) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "cannot read '%s': it is compressed by %s, which is not supported",
		                   source->path, compression->name);
	}
	source->raw = source->block;
	source->raw_at = ready->at;
	source->raw_size = cursor_left(ready);
	source->raw_end = source->status == STATUS_END;
	source->block = malloc(source->room);
	source->compression = compression;
	source->state = compression->decompressor->create();
	if (source->block == NULL || source->state == NULL) {
		return failure_no_memory(failure, "decompression");
	}
	*ready = cursor_make(source->block, 0);
	source->status = STATUS_OK;
	return STATUS_OK;
}

/* Looks at the first bytes, and at those that come out of them. */
static status_t compression_probe(source_t *source, failure_t *failure)
{
	byte_source_t *shared = &source->shared;
	(void)byte_source_need(shared, COMPRESSION_HEAD_MAX);
	const compression_t *outer = compression_find(shared->ready.at, cursor_left(&shared->ready));
	bool readable = source->status == STATUS_OK || source->status == STATUS_END;
	if (outer == NULL || !readable) {
		return STATUS_OK;
	}
	status_t status = compression_begin(source, outer, failure);
	if (status != STATUS_OK) {
		return status;
	}
	(void)byte_source_need(shared, COMPRESSION_HEAD_MAX);
	const compression_t *inner = compression_find(shared->ready.at, cursor_left(&shared->ready));
	if (inner != NULL) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "cannot read '%s': it is compressed twice, by %s inside of %s",
		                   source->path, inner->name, outer->name);
	}
	return STATUS_OK;
}

static status_t source_open(source_t *source, const char *path, failure_t *failure)
{
	source->descriptor = -1;
	source->path = strdup(path);
	source->room = BYTE_SOURCE_BLOCK;
	source->block = malloc(source->room);
	if (source->path == NULL || source->block == NULL) {
		return failure_no_memory(failure, "an input");
	}
	source->shared.ready = cursor_make(source->block, 0);
	source->descriptor = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (source->descriptor < 0) {
		return failure_system(failure, errno, "cannot open", path);
	}
	struct stat status;
	if (fstat(source->descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
		source->size = (uint64_t)status.st_size;
		(void)posix_fadvise(source->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return compression_probe(source, failure);
}

status_t byte_source_open(const char *path, byte_source_t **out, failure_t *failure)
{
	*out = NULL;
	source_t *source = calloc(1, sizeof(*source));
	if (source == NULL) {
		return failure_no_memory(failure, "an input");
	}
	status_t status = source_open(source, path, failure);
	if (status != STATUS_OK) {
		byte_source_close(&source->shared);
		return status;
	}
	*out = &source->shared;
	return STATUS_OK;
}

void byte_source_close(byte_source_t *shared)
{
	if (shared == NULL) {
		return;
	}
	source_t *source = source_of(shared);
	if (source->state != NULL) {
		source->compression->decompressor->destroy(source->state);
	}
	if (source->descriptor >= 0 && strcmp(source->path, "-") != 0) {
		(void)close(source->descriptor);
	}
	free(source->raw);
	free(source->block);
	free(source->path);
	free(source);
}

status_t byte_source_status(const byte_source_t *shared, failure_t *failure)
{
	const source_t *source = source_of_const(shared);
	if (source->status == STATUS_OK || source->status == STATUS_END) {
		return source->status;
	}
	return failure_set(failure, source->status, "cannot read '%s': %s", source->path,
	                   source->reason);
}

const char *byte_source_reason(const byte_source_t *source)
{
	return source_of_const(source)->reason;
}

const char *byte_source_path(const byte_source_t *source)
{
	return source_of_const(source)->path;
}

const char *byte_source_compression(const byte_source_t *source)
{
	const compression_t *compression = source_of_const(source)->compression;
	return compression != NULL ? compression->name : NULL;
}

uint64_t byte_source_position(const byte_source_t *source)
{
	return source_of_const(source)->position;
}

uint64_t byte_source_size(const byte_source_t *source)
{
	return source_of_const(source)->size;
}
