/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A descriptor, read and decompressed. */
#include "config.h"

#include "capture/byte_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

status_t byte_input_open(byte_input_t *input, const char *path, failure_t *failure)
{
	*input = (byte_input_t) { .descriptor = -1, .stop = -1, .path = strdup(path) };
	if (input->path == NULL) {
		return failure_no_memory(failure, "an input");
	}
	input->descriptor = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (input->descriptor < 0) {
		return failure_system(failure, errno, "cannot open", path);
	}
	struct stat status;
	if (fstat(input->descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
		input->size = (uint64_t)status.st_size;
		(void)posix_fadvise(input->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	}
	return STATUS_OK;
}

status_t byte_input_decompress(byte_input_t *input, const compression_t *compression,
                               const uint8_t *head, size_t size, failure_t *failure)
{
	input->compression = compression;
	input->raw = malloc(BYTE_INPUT_BLOCK);
	input->state = compression->decompressor->create();
	if (input->raw == NULL || input->state == NULL) {
		return failure_no_memory(failure, "decompression");
	}
	memcpy(input->raw, head, size);
	input->raw_at = input->raw;
	input->raw_size = size;
	input->raw_end = input->status == STATUS_END;
	input->status = STATUS_OK;
	return STATUS_OK;
}

static void fail(byte_input_t *input, status_t status, const char *reason)
{
	input->status = status;
	(void)snprintf(input->reason, sizeof(input->reason), "%s", reason);
}

/* Whether the input was told to stop while it waited for bytes. */
static bool wait_or_stop(const byte_input_t *input)
{
	struct pollfd descriptors[2] = {
		{ .fd = input->descriptor, .events = POLLIN },
		{ .fd = input->stop, .events = POLLIN },
	};
	while (poll(descriptors, 2, -1) < 0 && errno == EINTR) {
	}
	return descriptors[1].revents != 0;
}

/* Reads at most `room` bytes; 0 at the end and on a failure, which it notes. */
static size_t raw_read(byte_input_t *input, uint8_t *to, size_t room)
{
	if (input->stop >= 0 && wait_or_stop(input)) {
		return 0;
	}
	ssize_t size;
	do {
		size = read(input->descriptor, to, room);
	} while (size < 0 && errno == EINTR);
	if (size < 0) {
		char buffer[128];
		fail(input, errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_SYSTEM,
		     strerror_r(errno, buffer, sizeof(buffer)));
		return 0;
	}
	input->position += (uint64_t)size;
	return (size_t)size;
}

static size_t plain_read(byte_input_t *input, uint8_t *out, size_t room)
{
	size_t size = raw_read(input, out, room);
	if (size == 0 && input->status == STATUS_OK) {
		input->status = STATUS_END;
	}
	return size;
}

static void step_failed(byte_input_t *input, status_t status, const char *why)
{
	char reason[BYTE_INPUT_REASON_MAX];
	(void)snprintf(reason, sizeof(reason), "its %s data cannot be decompressed: %s",
	               input->compression->name, why);
	fail(input, status, reason);
}

/* One step of the decompressor, or one read for it; returns the bytes that came out. */
static size_t compressed_step(byte_input_t *input, uint8_t *out, size_t room)
{
	decompression_t step = {
		.in = input->raw_at, .in_size = input->raw_size, .last = input->raw_end,
		.out = out, .out_size = room,
	};
	status_t status = input->compression->decompressor->step(input->state, &step);
	bool moved = step.in_size < input->raw_size || step.out_size < room;
	input->raw_at = step.in;
	input->raw_size = step.in_size;
	if (status == STATUS_END) {
		input->status = STATUS_END;
	} else if (status != STATUS_OK) {
		step_failed(input, status, step.reason);
	} else if (!moved && input->raw_size > 0) {
		step_failed(input, STATUS_BAD_DATA, "they lead nowhere");
	} else if (!moved && input->raw_end) {
		step_failed(input, STATUS_BAD_DATA, "they are cut");
	} else if (!moved) {
		input->raw_at = input->raw;
		input->raw_size = raw_read(input, input->raw, BYTE_INPUT_BLOCK);
		input->raw_end = input->raw_size == 0;
	}
	return room - step.out_size;
}

size_t byte_input_read(byte_input_t *input, uint8_t *out, size_t room)
{
	size_t size = 0;
	while (size == 0 && input->status == STATUS_OK) {
		size = input->compression == NULL ? plain_read(input, out, room)
		                                  : compressed_step(input, out, room);
	}
	return size;
}

void byte_input_close(byte_input_t *input)
{
	if (input->state != NULL) {
		input->compression->decompressor->destroy(input->state);
	}
	if (input->descriptor >= 0 && strcmp(input->path, "-") != 0) {
		(void)close(input->descriptor);
	}
	free(input->raw);
	free(input->path);
}
