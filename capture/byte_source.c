/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of an input in blocks.
 *
 * A plain input is read, and a short compressed one decompressed, straight into the block
 * of the source. When the bytes that are ready are fewer than wanted, they move to the front
 * of the block first: less than one record, so the cost is in the records and not in the
 * blocks. Behind READ_AHEAD_FROM bytes of a compressed input a thread decompresses ahead into
 * blocks of its own, which are read where they are; what is left of a record moves in front
 * of the next one. Only a need that is larger than that is put together in our own block.
 *
 * Cost over the reading or decompressing itself: one call per block, and the copy of one
 * partial record. Memory: a block, a raw block, the decompressor's state, the thread's ring.
 */
#include "config.h"

#include "capture/byte_source.h"

#include <stdlib.h>
#include <string.h>

#include "capture/byte_input.h"
#include "capture/compression.h"
#include "capture/read_ahead.h"

/* A thread is not worth its start for less. */
#define READ_AHEAD_FROM ((size_t)1 << 20)

typedef struct {
	byte_source_t shared;  /* First: the two are converted into each other. */
	byte_input_t input;
	uint8_t *block;        /* Our own. */
	size_t room;           /* Bytes of it. */
	uint64_t made;         /* Bytes made ready by ourselves. */
	uint64_t position;     /* Of the input, behind what is ready. */
	status_t status;       /* Likewise. */
	const char *reason;    /* Of a failure of our own; NULL: of the input's, if any. */
	read_ahead_t *ahead;
	bool alone;            /* There is no thread to be had. */
} source_t;

static source_t *source_of(byte_source_t *source)
{
	return (source_t *)source;
}

static const source_t *source_of_const(const byte_source_t *source)
{
	return (const source_t *)source;
}

/* The input may be a thread's, and is left alone. */
static void stop(source_t *source, status_t status, const char *reason)
{
	source->status = status;
	source->reason = reason;
}

/* Moves what is ready to the front of our block, and makes that large enough for `wanted`. */
static bool room_make(source_t *source, size_t wanted)
{
	cursor_t *ready = &source->shared.ready;
	size_t left = cursor_left(ready), room = source->room;
	while (room < wanted) {
		room *= 2;
	}
	uint8_t *block = source->block;
	if (room > source->room) {
		block = malloc(room);
		if (block == NULL) {
			stop(source, STATUS_NO_MEMORY, "not enough memory for a block");
			return false;
		}
	}
	if (left > 0 && ready->at != block) {
		memmove(block, ready->at, left);
	}
	if (block != source->block) {
		free(source->block);
		source->block = block;
		source->room = room;
	}
	ready->at = block;
	ready->end = block + left;
	return true;
}

/* Without a thread: appends bytes to our block until there are enough. */
static void fill_alone(source_t *source, size_t wanted)
{
	cursor_t *ready = &source->shared.ready;
	if (!room_make(source, wanted)) {
		return;
	}
	while (source->status == STATUS_OK && cursor_left(ready) < wanted) {
		size_t room = source->room - (size_t)(ready->end - source->block);
		size_t size = byte_input_read(&source->input, (uint8_t *)ready->end, room);
		ready->end += size;
		source->made += size;
		source->status = source->input.status;
	}
	source->position = source->input.position;
}

/*
 * With a thread: goes on in its next block, with what is ready in front of it; or, if that
 * is too much, appends the block to our own.
 */
static void fill_ahead(source_t *source, size_t wanted)
{
	cursor_t *ready = &source->shared.ready;
	while (source->status == STATUS_OK && cursor_left(ready) < wanted) {
		size_t left = cursor_left(ready);
		/* What is ready may lie in the block that goes back. */
		if (left > 0 && !room_make(source, left)) {
			return;
		}
		const read_ahead_block_t *block = read_ahead_next(source->ahead);
		if (left <= READ_AHEAD_FRONT) {
			memcpy(block->data - left, source->block, left);
			ready->at = block->data - left;
			ready->end = block->data + block->size;
		} else if (room_make(source, left + block->size)) {
			memcpy(source->block + left, block->data, block->size);
			ready->end += block->size;
		} else {
			return;
		}
		source->position = block->position;
		source->status = block->status;
	}
}

static void ahead_begin(source_t *source)
{
	source->ahead = read_ahead_start(&source->input);
	source->alone = source->ahead == NULL;
}

bool byte_source_fill(byte_source_t *shared, size_t wanted)
{
	source_t *source = source_of(shared);
	if (wanted > BYTE_SOURCE_NEED_MAX) {
		stop(source, STATUS_CALLER, "more bytes were needed than a block may have");
	}
	if (source->status != STATUS_OK) {
		return cursor_left(&shared->ready) >= wanted;
	}
	if (source->ahead == NULL && !source->alone && source->input.compression != NULL &&
	    source->made >= READ_AHEAD_FROM) {
		ahead_begin(source);
	}
	if (source->ahead != NULL) {
		fill_ahead(source, wanted);
	} else {
		fill_alone(source, wanted);
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
	byte_source_t *shared = &source->shared;
	if (compression->decompressor == NULL) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "cannot read '%s': it is compressed by %s, which is not supported",
		                   source->input.path, compression->name);
	}
	status_t status = byte_input_decompress(&source->input, compression, shared->ready.at,
	                                        cursor_left(&shared->ready), failure);
	shared->ready = cursor_make(source->block, 0);
	source->made = 0;
	source->status = STATUS_OK;
	return status;
}

/* Looks at the first bytes, and at those that come out of them. */
static status_t compression_probe(source_t *source, failure_t *failure)
{
	byte_source_t *shared = &source->shared;
	(void)byte_source_need(shared, COMPRESSION_HEAD_MAX);
	const compression_t *outer = compression_find(shared->ready.at, cursor_left(&shared->ready));
	if (outer == NULL || (source->status != STATUS_OK && source->status != STATUS_END)) {
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
		                   source->input.path, inner->name, outer->name);
	}
	return STATUS_OK;
}

static status_t source_open(source_t *source, const char *path, failure_t *failure)
{
	status_t status = byte_input_open(&source->input, path, failure);
	if (status != STATUS_OK) {
		return status;
	}
	source->room = BYTE_SOURCE_BLOCK;
	source->block = malloc(source->room);
	if (source->block == NULL) {
		return failure_no_memory(failure, "an input");
	}
	source->shared.ready = cursor_make(source->block, 0);
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
	read_ahead_stop(source->ahead);
	byte_input_close(&source->input);
	free(source->block);
	free(source);
}

status_t byte_source_status(const byte_source_t *shared, failure_t *failure)
{
	const source_t *source = source_of_const(shared);
	if (source->status == STATUS_OK || source->status == STATUS_END) {
		return source->status;
	}
	return failure_set(failure, source->status, "cannot read '%s': %s", source->input.path,
	                   byte_source_reason(shared));
}

const char *byte_source_reason(const byte_source_t *source)
{
	const source_t *of = source_of_const(source);
	if (of->reason != NULL) {
		return of->reason;
	}
	/* While a thread works, the input's is its own. */
	return of->status == STATUS_OK ? "" : of->input.reason;
}

const char *byte_source_path(const byte_source_t *source)
{
	return source_of_const(source)->input.path;
}

const char *byte_source_compression(const byte_source_t *source)
{
	const compression_t *compression = source_of_const(source)->input.compression;
	return compression != NULL ? compression->name : NULL;
}

uint64_t byte_source_position(const byte_source_t *source)
{
	return source_of_const(source)->position;
}

uint64_t byte_source_size(const byte_source_t *source)
{
	return source_of_const(source)->input.size;
}
