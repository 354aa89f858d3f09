/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief A fuzzer's input as a file in memory, for code that takes a path.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define INPUT_FILE_PATH_MAX 32

/*! Makes the file and its path; returns a descriptor that the caller closes when it is done. */
__attribute__((unused))
static int input_file(const uint8_t *data, size_t size, char path[INPUT_FILE_PATH_MAX])
{
	int descriptor = memfd_create("input", MFD_CLOEXEC);
	if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size) {
		perror("memfd_create");
		abort();
	}
	(void)snprintf(path, INPUT_FILE_PATH_MAX, "/proc/self/fd/%d", descriptor);
	return descriptor;
}
