/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one observation costs: nanoseconds of CPU at 10 thousand and at 1 million
 * originators, one by one and in batches, with one and two threads, beside the cost of
 * one random access to a cache line over as much memory in the same run.
 *
 * The observations are drawn beforehand, uniformly over the originators and over
 * the queriers: the worst case for caches, since real traffic favours some. The
 * tables are filled before the clock starts.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/sensor.h"

#define QUERIERS     200000
#define BATCH        64
#define ROUNDS       3
#define THREADS_MAX  2
/* Queriers of one originator: most have few. */
#define QUERIERS_EACH 8

/* One after the other, as a hook without a step ahead would, or as extract does. */
typedef enum { ONE_BY_ONE, BATCHED } way_t;

typedef struct {
	sensor_t *sensor;
	const sensor_observation_t *observations;
	size_t count;
	unsigned thread;
	way_t way;
	double seconds;  /* of CPU, out */
} worker_t;

static double cpu_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static address_t ipv4(uint32_t number)
{
	uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                      (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

static void *work(void *context)
{
	worker_t *worker = context;
	rcu_register_thread();
	double start = cpu_seconds();
	for (size_t i = 0; i < worker->count; i += BATCH) {
		const sensor_observation_t *batch = worker->observations + i;
		size_t count = worker->count - i < BATCH ? worker->count - i : BATCH;
		rcu_read_lock();
		if (worker->way == BATCHED) {
			sensor_observe_batch(worker->sensor, worker->thread, batch, count, NULL);
		}
		for (size_t j = 0; j < count && worker->way == ONE_BY_ONE; j++) {
			(void)sensor_observe(worker->sensor, worker->thread, batch[j].moment,
			                     &batch[j].originator, &batch[j].querier);
		}
		rcu_read_unlock();
	}
	worker->seconds = cpu_seconds() - start;
	rcu_unregister_thread();
	return NULL;
}

/* All observations once by `threads` threads; returns nanoseconds of CPU for each. */
static double run(sensor_t *sensor, const sensor_observation_t *observations, size_t count,
                  unsigned threads, way_t way)
{
	worker_t workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	double seconds = 0;
	for (unsigned i = 0; i < threads; i++) {
		size_t share = count / threads;
		workers[i] = (worker_t) { sensor, observations + i * share, share, i, way, 0 };
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		seconds += workers[i].seconds;
	}
	return seconds * 1e9 / (double)count;
}

/* Nanoseconds of one access to a random line of `size` bytes, each address from the last. */
static double random_line(size_t size)
{
	size_t lines = size / LINE_SIZE, accesses = 4000000;
	uint64_t *memory = aligned_alloc(LINE_SIZE, lines * LINE_SIZE);
	if (memory == NULL) {
		return 0;
	}
	generator_t generator = generator_make(1, 7);
	for (size_t i = 0; i < lines; i++) {
		memory[i * LINE_SIZE / sizeof(*memory)] = generator_next(&generator);
	}
	double start = cpu_seconds();
	uint64_t state = 1;
	for (size_t i = 0; i < accesses; i++) {
		size_t line = (size_t)(((unsigned __int128)(state * UINT64_C(0x9e3779b97f4a7c15)) *
		                        lines) >> 64);
		/* The counter keeps the chain out of a short cycle. */
		state = memory[line * LINE_SIZE / sizeof(*memory)] + i;
	}
	double result = (cpu_seconds() - start) * 1e9 / (double)accesses;
	volatile uint64_t keep = state;
	(void)keep;
	free(memory);
	return result;
}

static sensor_observation_t *draw(size_t originators, size_t count)
{
	sensor_observation_t *observations = malloc(count * sizeof(*observations));
	generator_t generator = generator_make(1, originators);
	for (size_t i = 0; i < count && observations != NULL; i++) {
		uint32_t originator = (uint32_t)generator_below(&generator, originators);
		uint32_t querier = (originator * 2654435761u +
		                    (uint32_t)generator_below(&generator, QUERIERS_EACH) * 7919u) %
		                   QUERIERS;
		observations[i] = (sensor_observation_t) {
			.moment = MICROSECONDS, .originator = ipv4(0x0b000000u + originator),
			.querier = ipv4(0xc0000000u + querier),
		};
	}
	return observations;
}

static double median(double values[ROUNDS])
{
	for (int i = 1; i < ROUNDS; i++) {
		for (int j = i; j > 0 && values[j] < values[j - 1]; j--) {
			double swap = values[j];
			values[j] = values[j - 1];
			values[j - 1] = swap;
		}
	}
	return values[ROUNDS / 2];
}

static void print(const char *name, unsigned threads, double values[ROUNDS], double line)
{
	double value = median(values);
	printf("    %-10s %u thread%s %6.0f ns, %5.2f lines\n", name, threads,
	       threads == 1 ? ", " : "s,", value, value / line);
}

static sensor_options_t make_options(size_t originators)
{
	return (sensor_options_t) {
		.window_length = { 86400 * MICROSECONDS, 86400 * MICROSECONDS },
		.memory = SENSOR_MEMORY_DEFAULT,
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 0, .sample_size = 1024,
			.fan_out_max = 100000, .originators = originators, .queriers = QUERIERS,
			.threads = THREADS_MAX, .key = { { 1, 2 } },
		},
	};
}

static int measure(size_t originators, size_t count, size_t expected)
{
	sensor_options_t options = make_options(expected);
	sensor_t *sensor = sensor_create(&options, 0);
	sensor_observation_t *observations = draw(originators, count);
	if (sensor == NULL || observations == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	run(sensor, observations, count, 1, BATCHED);
	const window_t *window = sensor_current(sensor, FAMILY_IPV4);
	double values[THREADS_MAX][2][ROUNDS], line[ROUNDS];
	size_t used = window_memory_used(window);
	for (int i = 0; i < ROUNDS; i++) {
		for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
			for (way_t way = ONE_BY_ONE; way <= BATCHED; way++) {
				values[threads - 1][way][i] = run(sensor, observations, count, threads, way);
			}
		}
		line[i] = random_line(used);
	}
	double one_line = median(line);
	printf("%zu originators, %zu expected, %zu MB; one random line over as much memory %.0f ns\n",
	       originators, expected, used >> 20, one_line);
	for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
		print("one by one", threads, values[threads - 1][ONE_BY_ONE], one_line);
		print("batched", threads, values[threads - 1][BATCHED], one_line);
	}
	sensor_destroy(sensor);
	free(observations);
	return 0;
}

/* Resident bytes of the process. */
static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL || fscanf(file, "%*u %lu", &pages) != 1) {
		pages = 0;
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* What the process grows by for each originator that so many queriers asked for once. */
static int weigh(size_t originators, unsigned queriers, size_t expected)
{
	sensor_options_t options = make_options(expected);
	window_options_t window_options = options.window;
	window_options.length = options.window_length[FAMILY_IPV4];
	window_options.memory = sensor_window_memory(options.memory, FAMILY_IPV4);
	window_t *window = window_create(0, 0, &window_options);
	if (window == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	size_t before = resident();
	for (size_t i = 0; i < originators * queriers; i++) {
		address_t originator = ipv4(0x0b000000u + (uint32_t)(i / queriers));
		address_t querier = ipv4(0xc0000000u + (uint32_t)(i % 1000));
		(void)window_observe(window, 0, i, &originator, &querier);
	}
	printf("%zu originators with %u querier%s, %zu expected: %.0f bytes each\n", originators,
	       queriers, queriers == 1 ? "" : "s", expected,
	       (double)(resident() - before) / (double)originators);
	window_destroy(window);
	return 0;
}

int main(void)
{
	const unsigned queriers[] = { 1, 2, 10 };
	/* As in the first window of a server, and as in those that follow. */
	int failed = measure(10000, 2000000, 0) | measure(1000000, 8000000, 1000000) |
	             measure(1000000, 8000000, 0);
	for (size_t i = 0; i < sizeof(queriers) / sizeof(queriers[0]); i++) {
		failed |= weigh(1000000, queriers[i], 1000000) | weigh(1000000, queriers[i], 0);
	}
	return failed;
}
