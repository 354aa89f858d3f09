/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as an input, plain or compressed. They are read twice, in small needs and in
 * large ones: both must give the same bytes and the same end.
 */
#include <string.h>

#include "capture/byte_source.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/input_file.h"

/* What is read at most: a few hundred bytes of xz can hold a gigabyte. */
#define TOTAL_MAX ((size_t)4 << 20)

static uint64_t mix(uint64_t sum, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		sum = (sum ^ data[i]) * UINT64_C(0x100000001b3);
	}
	return sum;
}

/* Reads in pieces of `need` bytes; gives their sum, how many there were, and the end. */
static uint64_t drain(const char *path, size_t need, size_t *total, failure_t *failure)
{
	byte_source_t *source;
	uint64_t sum = 0;
	*total = 0;
	failure->status = byte_source_open(path, &source, failure);
	if (failure->status != STATUS_OK) {
		fuzz_require(source == NULL && strstr(failure->sentence, path) != NULL);
		return 0;
	}
	bool more = true;
	while (more && *total < TOTAL_MAX) {
		more = byte_source_need(source, need);
		size_t left = cursor_left(&source->ready), take = more ? need : left;
		fuzz_require(!more || left >= need);
		sum = mix(sum, source->ready.at, take);
		*total += take;
		source->ready.at += take;
	}
	failure->status = more ? STATUS_OK : byte_source_status(source, failure);
	fuzz_require(more || failure->status != STATUS_OK);
	fuzz_require(byte_source_position(source) <= byte_source_size(source));
	byte_source_close(source);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[INPUT_FILE_PATH_MAX];
	int descriptor = input_file(data, size, path);
	size_t total[2];
	failure_t failures[2] = { 0 };
	uint64_t one = drain(path, 64, &total[0], &failures[0]);
	uint64_t two = drain(path, 128 << 10, &total[1], &failures[1]);
	if (total[0] < TOTAL_MAX && total[1] < TOTAL_MAX) {
		fuzz_require(one == two && total[0] == total[1]);
		fuzz_require(failures[0].status == failures[1].status &&
		             strcmp(failures[0].sentence, failures[1].sentence) == 0);
	}
	close(descriptor);
	return 0;
}
