/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of state. */
#include "common/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/keyed_hash.h"

/* Reads 1 to 8 in the order of bytes of the machine. */
#define ORDER UINT64_C(0x0102030405060708)

typedef struct {
	char magic[STATE_MAGIC_SIZE];
	uint64_t order;
} head_t;

typedef struct {
	uint64_t size;
	uint64_t check;
} block_head_t;

struct state_writer {
	int file;
	int error;           /* errno of the first failure; 0: none */
	char *path;
	char *new_path;
	uint64_t blocks;
	size_t used;
	uint8_t bytes[sizeof(block_head_t) + STATE_BLOCK_MAX];
};

struct state_reader {
	int file;
	bool failed;
	bool ended;          /* the empty block was read */
	uint64_t blocks;
	size_t at;
	size_t size;
	uint8_t bytes[STATE_BLOCK_MAX];
};

static uint64_t check_of(uint64_t number, const void *data, size_t size)
{
	const hash_key_t key = { { number, size } };
	return keyed_hash(&key, data, size, 1, 3);
}

static void write_all(state_writer_t *writer, const void *data, size_t size)
{
	const uint8_t *at = data;
	while (size > 0 && writer->error == 0) {
		ssize_t written = write(writer->file, at, size);
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		} else if (written == 0 || errno != EINTR) {
			writer->error = written == 0 ? ENOSPC : errno;
		}
	}
}

static void write_block(state_writer_t *writer)
{
	uint8_t *data = writer->bytes + sizeof(block_head_t);
	block_head_t head = { writer->used, check_of(writer->blocks++, data, writer->used) };
	memcpy(writer->bytes, &head, sizeof(head));
	write_all(writer, writer->bytes, sizeof(head) + writer->used);
	writer->used = 0;
}

static void writer_free(state_writer_t *writer)
{
	if (writer->file >= 0) {
		(void)close(writer->file);
	}
	free(writer->path);
	free(writer->new_path);
	free(writer);
}

status_t state_writer_open(const char *path, const char *magic, state_writer_t **out,
                           failure_t *failure)
{
	state_writer_t *writer = calloc(1, sizeof(*writer));
	if (writer == NULL) {
		return failure_no_memory(failure, "a file of state");
	}
	writer->file = -1;
	writer->path = strdup(path);
	if (writer->path == NULL || asprintf(&writer->new_path, "%s.new", path) < 0) {
		writer->new_path = NULL;
		writer_free(writer);
		return failure_no_memory(failure, "a file of state");
	}
	/* What a kill has left there is of no use, and may have other rights. */
	(void)unlink(writer->new_path);
	writer->file = open(writer->new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->file < 0) {
		status_t status = failure_system(failure, errno, "cannot write", writer->new_path);
		writer_free(writer);
		return status;
	}
	head_t head = { .order = ORDER };
	memcpy(head.magic, magic, STATE_MAGIC_SIZE);
	write_all(writer, &head, sizeof(head));
	*out = writer;
	return STATUS_OK;
}

void state_put(state_writer_t *writer, const void *data, size_t size)
{
	const uint8_t *at = data;
	while (size > 0) {
		size_t room = STATE_BLOCK_MAX - writer->used;
		size_t piece = size < room ? size : room;
		memcpy(writer->bytes + sizeof(block_head_t) + writer->used, at, piece);
		writer->used += piece;
		at += piece;
		size -= piece;
		if (writer->used == STATE_BLOCK_MAX) {
			write_block(writer);
		}
	}
}

status_t state_writer_commit(state_writer_t *writer, failure_t *failure)
{
	if (writer->used > 0) {
		write_block(writer);
	}
	write_block(writer);
	if (writer->error == 0 && fdatasync(writer->file) != 0) {
		writer->error = errno;
	}
	if (writer->error == 0 && rename(writer->new_path, writer->path) != 0) {
		writer->error = errno;
	}
	status_t status = STATUS_OK;
	if (writer->error != 0) {
		status = failure_system(failure, writer->error, "cannot write", writer->path);
		(void)unlink(writer->new_path);
	}
	writer_free(writer);
	return status;
}

void state_writer_abandon(state_writer_t *writer)
{
	if (writer != NULL) {
		(void)unlink(writer->new_path);
		writer_free(writer);
	}
}

/* All of it, or false. */
static bool read_all(int file, void *data, size_t size)
{
	uint8_t *at = data;
	while (size > 0) {
		ssize_t got = read(file, at, size);
		if (got <= 0 && !(got < 0 && errno == EINTR)) {
			return false;
		}
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return true;
}

status_t state_reader_open(const char *path, const char *magic, state_reader_t **out, bool *absent,
                           failure_t *failure)
{
	*absent = false;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0) {
		*absent = errno == ENOENT;
		return failure_system(failure, errno, "cannot open", path);
	}
	head_t head;
	if (!read_all(file, &head, sizeof(head)) ||
	    memcmp(head.magic, magic, STATE_MAGIC_SIZE) != 0 || head.order != ORDER) {
		(void)close(file);
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "'%s' is of another kind, version or machine", path);
	}
	state_reader_t *reader = malloc(sizeof(*reader));
	if (reader == NULL) {
		(void)close(file);
		return failure_no_memory(failure, "a file of state");
	}
	/* Not the bytes: they are written before they are read. */
	memset(reader, 0, offsetof(state_reader_t, bytes));
	reader->file = file;
	*out = reader;
	return STATUS_OK;
}

static bool read_block(state_reader_t *reader)
{
	block_head_t head;
	if (reader->failed || reader->ended || !read_all(reader->file, &head, sizeof(head)) ||
	    head.size > STATE_BLOCK_MAX || !read_all(reader->file, reader->bytes, head.size) ||
	    head.check != check_of(reader->blocks++, reader->bytes, head.size)) {
		reader->failed = true;
		return false;
	}
	reader->ended = head.size == 0;
	reader->at = 0;
	reader->size = head.size;
	return true;
}

bool state_get(state_reader_t *reader, void *data, size_t size)
{
	uint8_t *at = data;
	while (size > 0) {
		if (reader->at == reader->size && (!read_block(reader) || reader->ended)) {
			reader->failed = true;
			return false;
		}
		size_t left = reader->size - reader->at;
		size_t piece = size < left ? size : left;
		memcpy(at, reader->bytes + reader->at, piece);
		reader->at += piece;
		at += piece;
		size -= piece;
	}
	return !reader->failed;
}

bool state_reader_at_end(state_reader_t *reader)
{
	uint8_t more;
	return !reader->failed && reader->at == reader->size &&
	       (reader->ended || (read_block(reader) && reader->ended)) &&
	       read(reader->file, &more, 1) == 0;
}

void state_reader_close(state_reader_t *reader)
{
	if (reader != NULL) {
		(void)close(reader->file);
		free(reader);
	}
}
