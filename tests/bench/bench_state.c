/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A checkpoint of a million originators: written, and taken up; beside a copy of as many bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "common/moment.h"
#include "sensor/sensor_state.h"

#define ORIGINATORS 1000000
#define QUERIERS    200000
#define START (19000 * UINT64_C(86400) * MICROSECONDS)

/* Seconds of the processor, and of the clock. */
static double seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static address_t address_of(unsigned first, unsigned number)
{
	uint8_t octets[4] = { (uint8_t)first, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
	                      (uint8_t)number };
	return address_from_ipv4(octets);
}

static void fill(sensor_t *sensor)
{
	for (unsigned i = 0; i < 5 * ORIGINATORS; i++) {
		address_t originator = address_of(10, i % ORIGINATORS);
		address_t querier = address_of(20, i * 7919u % QUERIERS);
		rcu_read_lock();
		(void)sensor_observe(sensor, 0, START + MICROSECONDS, &originator, &querier);
		rcu_read_unlock();
	}
}

/* The same bytes without any work on them. */
static double copy_time(const char *path, size_t size)
{
	char *bytes = malloc(size);
	FILE *file = fopen(path, "rb");
	double begin = 0;
	if (bytes != NULL && file != NULL && fread(bytes, 1, size, file) == size) {
		char *copy = malloc(size);
		memset(copy, 1, size);
		begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		memcpy(copy, bytes, size);
		/* Somebody may look at it: so it has to be made. */
		__asm__ volatile("" : : "r"(copy) : "memory");
		begin = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin;
		free(copy);
	}
	if (file != NULL) {
		fclose(file);
	}
	free(bytes);
	return begin;
}

int main(void)
{
	char path[] = "bench_state.XXXXXX";
	int file = mkstemp(path);
	sensor_options_t options = {
		.window_length = { UINT64_C(86400) * MICROSECONDS, UINT64_C(604800) * MICROSECONDS },
		.memory = SENSOR_MEMORY_DEFAULT,
		.window = { .period = 600 * MICROSECONDS, .dedup = 30 * MICROSECONDS,
		            .sample_size = 1024, .threads = 1, .key = { { 1, 2 } } },
	};
	failure_t failure;
	bool absent;
	sensor_t *twin = NULL, *sensor = sensor_create(&options, START);
	rcu_register_thread();
	if (file < 0 || sensor == NULL) {
		return 1;
	}
	close(file);
	fill(sensor);
	double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), clock = seconds(CLOCK_MONOTONIC);
	status_t status = sensor_save(sensor, path, "", &failure);
	double save = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, saved = seconds(CLOCK_MONOTONIC) - clock;
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	if (status == STATUS_OK) {
		status = sensor_restore(path, "", &options, START, &twin, &absent, &failure);
	}
	double restore = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	struct stat stated = { 0 };
	(void)stat(path, &stated);
	if (status != STATUS_OK) {
		printf("%s\n", failure.sentence);
		return 1;
	}
	window_counts_t counts = window_counts(sensor_current(twin, FAMILY_IPV4));
	printf("%llu originators, %llu queriers, %llu observations: %.0f MB\n",
	       (unsigned long long)counts.originators, (unsigned long long)counts.queriers,
	       (unsigned long long)counts.observations, (double)stated.st_size / 1e6);
	double copy = copy_time(path, (size_t)stated.st_size);
	printf("write: %.2f s of the processor, %.2f s with the disk; take up: %.2f s; "
	       "a copy in memory: %.3f s, ratio %.1f\n", save, saved, restore, copy,
	       save / copy);
	sensor_destroy(sensor);
	sensor_destroy(twin);
	rcu_unregister_thread();
	unlink(path);
	return 0;
}
