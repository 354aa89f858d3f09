/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RLIMIT_DATA counts private writable memory, so neither what libraries map nor room that is
 * only set aside; since Linux 4.7 memory that malloc() maps is part of it (setrlimit(2)).
 */
#include "cli/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define KIBIBYTE 1024

/* The figure behind a name in a file of /proc, in bytes; 0 if it is not there. */
static uint64_t find_figure(const char *path, const char *name)
{
	char line[128];
	uint64_t figure = 0;
	FILE *file = fopen(path, "re");
	while (file != NULL && figure == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) == 0) {
			(void)sscanf(line + strlen(name), "%" SCNu64 " kB", &figure);
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	return figure * KIBIBYTE;
}

void memory_bound(void)
{
	uint64_t own = find_figure("/proc/self/status", "VmData:");
	uint64_t available = find_figure("/proc/meminfo", "MemAvailable:");
	uint64_t bound = own + available + find_figure("/proc/meminfo", "SwapFree:");
	struct rlimit limit;
	if (own == 0 || available == 0 || getrlimit(RLIMIT_DATA, &limit) != 0 ||
	    (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= bound)) {
		return;
	}
	limit.rlim_cur = (rlim_t)bound;
	(void)setrlimit(RLIMIT_DATA, &limit);
}
