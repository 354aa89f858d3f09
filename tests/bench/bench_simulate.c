/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two days of the simulated Internet: processor time, beside a plain write of the same bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "simulator/simulator.h"

#define ROUNDS 5
#define DAYS 2
#define CHUNK 65536

static char folder[] = "bench_simulate.XXXXXX";
static char path[64];

static double processor(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static const char *day_path(unsigned day)
{
	snprintf(path, sizeof(path), "%s/authority-%u.pcap", folder, day);
	return path;
}

/* Seconds for all days; the world and the tables at the end are in it. */
static double simulate(double scale, authority_t authority, uint64_t *lookups, uint64_t *queries)
{
	simulator_options_t options = SIMULATOR_OPTIONS_DEFAULT;
	options.folder = folder;
	options.days = DAYS;
	options.scale = scale;
	options.authority = authority;
	failure_t failure = { 0 };
	simulator_t *simulator = NULL;
	simulator_day_t day, total = { 0 };
	double begin = processor();
	status_t status = simulator_create(&options, &simulator, &failure);
	for (unsigned i = 0; i < DAYS && status == STATUS_OK; i++) {
		status = simulator_next_day(simulator, NULL, NULL, &day, &failure);
	}
	if (status != STATUS_OK || simulator_finish(simulator, &total, &failure) != STATUS_OK) {
		printf("%s\n", failure.sentence);
		exit(1);
	}
	double end = processor();
	const attenuation_t *attenuation = simulator_attenuation(simulator);
	*lookups = 0;
	for (int i = 0; i < LOOKUP_OUTCOMES; i++) {
		*lookups += attenuation->outcomes[i];
	}
	*queries = total.queries;
	simulator_destroy(simulator);
	return end - begin;
}

static double write_plain(uint64_t *size)
{
	static char chunk[CHUNK];
	struct stat info;
	*size = 0;
	for (unsigned day = 1; day <= DAYS; day++) {
		*size += stat(day_path(day), &info) == 0 ? (uint64_t)info.st_size : 0;
	}
	snprintf(path, sizeof(path), "%s/plain", folder);
	FILE *file = fopen(path, "wb");
	if (file == NULL) {
		exit(1);
	}
	memset(chunk, 1, sizeof(chunk));
	double begin = processor();
	for (uint64_t left = *size; left > 0;) {
		size_t part = left < CHUNK ? (size_t)left : CHUNK;
		fwrite(chunk, part, 1, file);
		left -= part;
	}
	fclose(file);
	return processor() - begin;
}

static void measure(double scale, authority_t authority)
{
	double best = 1e9, plain = 1e9;
	uint64_t lookups = 0, queries = 0, size = 0;
	for (int i = 0; i < ROUNDS; i++) {
		double time = simulate(scale, authority, &lookups, &queries);
		best = time < best ? time : best;
		time = write_plain(&size);
		plain = time < plain ? time : plain;
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("%s, scale %g, best of %d: %" PRIu64 " lookups, %" PRIu64 " queries, %.0f MB in %.2f s: "
	       "%.0f thousand lookups/s, %.0f thousand queries/s; plain write %.3f s, ratio %.1f; "
	       "%ld MB\n", authority_names[authority], scale, ROUNDS, lookups, queries,
	       (double)size / 1e6, best, (double)lookups / best / 1e3, (double)queries / best / 1e3,
	       plain, best / plain, usage.ru_maxrss / 1024);
}

int main(void)
{
	if (mkdtemp(folder) == NULL) {
		return 1;
	}
	measure(1, AUTHORITY_LEAF);
	measure(4, AUTHORITY_LEAF);
	measure(4, AUTHORITY_ROOT);
	static const char *const files[] = {
		"authority-1.pcap", "authority-2.pcap", "plain", "queriers.csv", "truth.csv",
		"pfx2as.txt", "countries.txt",
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}
