/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anonymous mappings. */
#include "sensor/mapping.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *mapping_create(size_t size, bool huge)
{
	void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED) {
		return NULL;
	}
	/*
	 * Clearing two megabytes inside a query would stall the answer, and a sparse table
	 * of a quiet server would become resident whole. Where the system's default is
	 * "always", as in Debian, that has to be asked for; a kernel without huge pages
	 * refuses, and is right.
	 */
	(void)madvise(start, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	return start;
}

void mapping_dense(void *start, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)start + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)start + size) & ~(page - 1);
	if (first < end) {
		(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
	}
}

void mapping_destroy(void *start, size_t size)
{
	if (start != NULL) {
		(void)munmap(start, size);
	}
}
