/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a list, as a file of labels and as the state of a run: each is read or refused
 * with a sentence, and what is read has the form that it must have.
 */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "darknet/label_file.h"
#include "darknet/label_list.h"
#include "darknet/label_state.h"
#include "tests/fuzz/fuzz.h"

/* A list: every line that was read is found again by an address of it. */
static void try_list(const char *path)
{
	char option[64];
	failure_t failure = { 0 };
	label_lists_t *lists = label_lists_create();
	fuzz_require(lists != NULL);
	(void)snprintf(option, sizeof(option), "mail=%s", path);
	status_t status = label_lists_read(lists, option, &failure);
	fuzz_require(status == STATUS_OK || (status == STATUS_BAD_DATA && failure.sentence[0] != '\0'));
	label_lists_finish(lists);
	for (uint32_t i = 0; i < label_lists_lines(lists); i++) {
		listing_t line = label_lists_line(lists, i), found, other;
		fuzz_require(line.prefix.length <= 128);
		fuzz_require(label_lists_find(lists, &line.prefix.address, &found));
		fuzz_require(prefix_contains(&found.prefix, &line.prefix.address));
		fuzz_require(found.prefix.length >= line.prefix.length);
		fuzz_require(!label_lists_conflict(lists, i, &found, &other));
	}
	label_lists_destroy(lists);
}

/* Labels: prefixes have no bits behind their length, windows have a length. */
static void try_labels(const char *path)
{
	failure_t failure = { 0 };
	label_file_t *file;
	label_line_t line;
	status_t status = label_file_open(path, &file, &failure);
	if (status != STATUS_OK) {
		fuzz_require(status == STATUS_BAD_DATA && failure.sentence[0] != '\0');
		return;
	}
	while ((status = label_file_next(file, &line, &failure)) != STATUS_END) {
		fuzz_require(status == STATUS_OK || status == STATUS_BAD_DATA);
		if (status == STATUS_OK) {
			address_t network = address_network(&line.prefix.address, line.prefix.length);
			fuzz_require(address_equal(&network, &line.prefix.address));
			fuzz_require(line.window.start < line.window.end);
			fuzz_require(line.class_name != NULL);
		}
	}
	label_file_close(file);
}

/* A state. */
static void try_state(const char *path)
{
	failure_t failure = { 0 };
	label_state_t state;
	status_t status = label_state_load(path, &state, &failure);
	fuzz_require(status == STATUS_OK || (status == STATUS_BAD_DATA && failure.sentence[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32];
	int fd = memfd_create("fuzz_labels", MFD_CLOEXEC);
	fuzz_require(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	try_list(path);
	try_labels(path);
	try_state(path);
	close(fd);
	return 0;
}
