/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one observation costs: nanoseconds at 10 thousand and at 1 million
 * originators, with one and two threads, beside the cost of one random access to
 * a cache line over the same memory in the same run.
 *
 * The observations are drawn beforehand, uniformly over the originators and over
 * the queriers: the worst case for caches, since real traffic favours some. The
 * tables are filled before the clock starts.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/window.h"

#define QUERIERS     200000
#define ROUNDS       3
#define THREADS_MAX  2
/* Queriers of one originator: most have few. */
#define QUERIERS_EACH 8

typedef struct {
	address_t originator, querier;
} pair_t;

typedef struct {
	window_t *window;
	const pair_t *pairs;
	size_t count;
	unsigned thread;
	uint64_t moment;
} worker_t;

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
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
	for (size_t i = 0; i < worker->count; i++) {
		(void)window_observe(worker->window, worker->thread, worker->moment,
		                     &worker->pairs[i].originator, &worker->pairs[i].querier);
	}
	return NULL;
}

/* All pairs once by `threads` threads; returns nanoseconds of wall clock per observation of one. */
static double run(window_t *window, const pair_t *pairs, size_t count, unsigned threads,
                  uint64_t moment)
{
	worker_t workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	double start = seconds_now();
	for (unsigned i = 0; i < threads; i++) {
		size_t share = count / threads;
		workers[i] = (worker_t) { window, pairs + i * share, share, i, moment };
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
	}
	return (seconds_now() - start) * 1e9 / ((double)count / threads);
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
	double start = seconds_now();
	uint64_t state = 1;
	for (size_t i = 0; i < accesses; i++) {
		size_t line = (size_t)(((unsigned __int128)(state * UINT64_C(0x9e3779b97f4a7c15)) *
		                        lines) >> 64);
		/* The counter keeps the chain out of a short cycle. */
		state = memory[line * LINE_SIZE / sizeof(*memory)] + i;
	}
	double result = (seconds_now() - start) * 1e9 / (double)accesses;
	volatile uint64_t keep = state;
	(void)keep;
	free(memory);
	return result;
}

static pair_t *draw_pairs(size_t originators, size_t count)
{
	pair_t *pairs = malloc(count * sizeof(*pairs));
	generator_t generator = generator_make(1, originators);
	for (size_t i = 0; i < count; i++) {
		uint32_t originator = (uint32_t)generator_below(&generator, originators);
		uint32_t querier = (originator * 2654435761u +
		                    (uint32_t)generator_below(&generator, QUERIERS_EACH) * 7919u) %
		                   QUERIERS;
		pairs[i] = (pair_t) { ipv4(0x0b000000u + originator), ipv4(0xc0000000u + querier) };
	}
	return pairs;
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

static int measure(size_t originators, size_t count)
{
	window_options_t options = {
		.length = 86400 * MICROSECONDS, .period = 600 * MICROSECONDS, .dedup = 0,
		.sample_size = 1024, .memory = WINDOW_MEMORY_DEFAULT,
		.originators_max = WINDOW_ORIGINATORS_DEFAULT, .queriers_max = WINDOW_QUERIERS_DEFAULT,
		.threads = THREADS_MAX, .key = { { 1, 2 } },
	};
	window_t *window = window_create(0, 0, &options);
	pair_t *pairs = draw_pairs(originators, count);
	if (window == NULL || pairs == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	run(window, pairs, count, 1, 0);
	double one[ROUNDS], two[ROUNDS], line[ROUNDS];
	/* Slots at random are touched by page: what matters is what is in use. */
	size_t used = window_memory_used(window) + originators * 8 + QUERIERS * 24;
	for (int i = 0; i < ROUNDS; i++) {
		one[i] = run(window, pairs, count, 1, (uint64_t)(2 * i + 1) * MICROSECONDS);
		two[i] = run(window, pairs, count, 2, (uint64_t)(2 * i + 2) * MICROSECONDS);
		line[i] = random_line(used);
	}
	double a = median(one), b = median(two), c = median(line);
	printf("%10zu originators, %4zu MB: %6.0f ns per observation with one thread, %6.0f ns with "
	       "two;\n    one random line over the same memory %6.0f ns: %.2f and %.2f lines; "
	       "%.0f bytes per originator\n", originators, used >> 20, a, b, c, a / c, b / c,
	       (double)window_memory_used(window) / (double)originators);
	window_destroy(window);
	free(pairs);
	return 0;
}

int main(void)
{
	return measure(10000, 2000000) | measure(1000000, 8000000);
}
