/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one observation costs: nanoseconds of CPU at 10 thousand and at 1 million
 * originators, with one and two threads, beside the cost of one random access to a cache line
 * over as much memory in the same run; and how many bytes an originator takes.
 *
 *     bench_window [cost] [threads] [memory]     these parts; all without arguments
 *
 * There are three ways. A hook keeps nothing back beyond its query (sensor.h): it asks for
 * the slots when the query comes, and records when the answer is made. Here the answer is
 * a row of random numbers, as long as the work of a name server between the two at least; what
 * that row takes alone, in the same loop, is taken off. extract hands over batches. One by
 * one, with nothing in between, is what neither does: it shows what they gain.
 *
 * The observations are drawn beforehand, uniformly over the originators and over
 * the queriers: the worst case for caches, since real traffic favours some. The
 * tables are filled before the clock starts.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/sensor.h"

#define QUERIERS     200000
#define BATCH        64
/* Odd. The machine's speed swings within seconds: many short pieces in turns, and their median. */
#define ROUNDS       101
#define PIECE        20000
#define THREADS_MAX  2
/* Queriers of one originator: most have few. */
#define QUERIERS_EACH 8

/* Steps of a generator for an answer: some 400 ns. */
#define ANSWER_STEPS 250
/* What is to be kept to, of one observation of the hook and of one quiet originator. */
#define LINES_MOST 1.5
#define BYTES_MOST 160

/* ANSWER: no observation, only what the hook has between its two steps. */
typedef enum { ANSWER, HOOK, BATCHED, ONE_BY_ONE, WAYS } way_t;

typedef struct {
	sensor_t *sensor;
	const sensor_observation_t *observations;
	size_t count;
	unsigned thread;
	way_t way;
	double seconds;  /* of CPU, out */
	uint64_t sum;
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

/* Stands for the work of a server; the sum is kept so that it is done. */
static uint64_t answer(generator_t *generator)
{
	uint64_t sum = 0;
	for (int i = 0; i < ANSWER_STEPS; i++) {
		sum += generator_next(generator);
	}
	return sum;
}

static void observe(worker_t *worker, const sensor_observation_t *o, generator_t *generator)
{
	if (worker->way == ANSWER) {
		worker->sum += answer(generator);
	} else if (worker->way == HOOK) {
		window_pair_t pair = sensor_prefetch(worker->sensor, &o->originator, &o->querier);
		worker->sum += answer(generator);
		(void)sensor_observe_pair(worker->sensor, worker->thread, o->moment, &pair);
	} else {
		(void)sensor_observe(worker->sensor, worker->thread, o->moment, &o->originator,
		                     &o->querier);
	}
}

static void *work(void *context)
{
	worker_t *worker = context;
	generator_t generator = generator_make(1, worker->thread);
	rcu_register_thread();
	double start = cpu_seconds();
	for (size_t i = 0; i < worker->count; i += BATCH) {
		const sensor_observation_t *batch = worker->observations + i;
		size_t count = worker->count - i < BATCH ? worker->count - i : BATCH;
		rcu_read_lock();
		if (worker->way == BATCHED) {
			sensor_observe_batch(worker->sensor, worker->thread, batch, count, NULL);
		}
		for (size_t j = 0; j < count && worker->way != BATCHED; j++) {
			observe(worker, &batch[j], &generator);
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
		workers[i] = (worker_t) { sensor, observations + i * share, share, i, way, 0, 0 };
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		seconds += workers[i].seconds;
	}
	return seconds * 1e9 / (double)count;
}

/* Memory for random_line(): lines of random numbers. NULL: not enough memory. */
static uint64_t *make_lines(size_t lines)
{
	uint64_t *memory = aligned_alloc(LINE_SIZE, lines * LINE_SIZE);
	generator_t generator = generator_make(1, 7);
	for (size_t i = 0; i < lines && memory != NULL; i++) {
		memory[i * LINE_SIZE / sizeof(*memory)] = generator_next(&generator);
	}
	return memory;
}

/* Nanoseconds of one access to a random line, each address from the last. */
static double random_line(const uint64_t *memory, size_t lines, uint64_t *state)
{
	double start = cpu_seconds();
	for (size_t i = 0; i < PIECE; i++) {
		size_t line = (size_t)(((unsigned __int128)(*state * UINT64_C(0x9e3779b97f4a7c15)) *
		                        lines) >> 64);
		/* The counter keeps the chain out of a short cycle. */
		*state = memory[line * LINE_SIZE / sizeof(*memory)] + i;
	}
	return (cpu_seconds() - start) * 1e9 / PIECE;
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

/* Of one way with one number of threads: nanoseconds, and random lines in the same round. */
typedef struct {
	double costs[ROUNDS];
	double ratios[ROUNDS];
} figures_t;

static void print(way_t way, unsigned threads, figures_t *figures)
{
	static const char *const names[WAYS] = {
		[HOOK] = "as the hook", [BATCHED] = "in batches", [ONE_BY_ONE] = "one by one",
	};
	printf("    %-11s %u thread%s %6.0f ns, %5.2f lines\n", names[way], threads,
	       threads == 1 ? ", " : "s,", median(figures->costs), median(figures->ratios));
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

/* Everything in turns, each time with the next piece of the observations; where the lines led. */
static uint64_t compare(sensor_t *sensor, const sensor_observation_t *observations, size_t count,
                        const uint64_t *memory, size_t lines_count,
                            figures_t figures[THREADS_MAX][WAYS], double lines[ROUNDS])
{
	uint64_t state = 1;
	size_t piece = 0;
	for (int i = 0; i < ROUNDS; i++) {
		lines[i] = random_line(memory, lines_count, &state);
		for (unsigned t = 0; t < THREADS_MAX; t++) {
			double answers = 0;
			for (way_t way = 0; way < WAYS; way++) {
				const sensor_observation_t *next = observations + piece++ % (count / PIECE) * PIECE;
				double cost = run(sensor, next, PIECE, t + 1, way);
				answers = way == ANSWER ? cost : answers;
				figures[t][way].costs[i] = cost -= way == HOOK ? answers : 0;
				figures[t][way].ratios[i] = cost / lines[i];
			}
		}
	}
	return state;
}

static int measure(size_t originators, size_t count, size_t expected)
{
	static figures_t figures[THREADS_MAX][WAYS];
	sensor_options_t options = make_options(expected);
	sensor_t *sensor = sensor_create(&options, 0);
	sensor_observation_t *observations = draw(originators, count);
	if (sensor == NULL || observations == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	run(sensor, observations, count, 1, BATCHED);
	size_t used = window_memory_used(sensor_current(sensor, FAMILY_IPV4));
	uint64_t *memory = make_lines(used / LINE_SIZE);
	if (memory == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	double lines[ROUNDS];
	/* Kept, or the walk over the lines would be left out as useless. */
	volatile uint64_t end = compare(sensor, observations, count, memory, used / LINE_SIZE, figures,
	                                lines);
	(void)end;
	printf("%zu originators, %zu expected, %zu MB; one random line over as much memory %.0f ns, "
	       "an answer %.0f ns\n", originators, expected, used >> 20, median(lines),
	       median(figures[0][ANSWER].costs));
	for (unsigned t = 0; t < THREADS_MAX; t++) {
		for (way_t way = HOOK; way < WAYS; way++) {
			print(way, t + 1, &figures[t][way]);
		}
	}
	printf("    the hook costs %.2f lines; at most %.1f\n", median(figures[0][HOOK].ratios),
	       LINES_MOST);
	sensor_destroy(sensor);
	free(observations);
	free(memory);
	return 0;
}

/*
 * Some few pairs again and again, which all threads have: a repetition changes nothing of a
 * window but what is each thread's own. If a line that they share were written for each
 * query, it would go to and fro between the processors, and two threads would cost a multiple.
 */
static int measure_sharing(void)
{
	const size_t count = 200000;
	sensor_options_t options = make_options(0);
	options.window.dedup = 30 * MICROSECONDS;
	sensor_t *sensor = sensor_create(&options, 0);
	sensor_observation_t *observations = draw(64, count);
	if (sensor == NULL || observations == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	run(sensor, observations, count, 1, BATCHED);
	double ratios[ROUNDS], alone[ROUNDS];
	for (int i = 0; i < ROUNDS; i++) {
		alone[i] = run(sensor, observations, count, 1, ONE_BY_ONE);
		ratios[i] = run(sensor, observations, count, 2, ONE_BY_ONE) / alone[i];
	}
	printf("the same 512 pairs by all threads: %.0f ns by one, %.2f of that by each of two\n",
	       median(alone), median(ratios));
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
	sensor_t *sensor = sensor_create(&options, 0);
	if (sensor == NULL) {
		fputs("bench_window: not enough memory\n", stderr);
		return 1;
	}
	size_t before = resident();
	rcu_register_thread();
	rcu_read_lock();
	for (size_t i = 0; i < originators * queriers; i++) {
		address_t originator = ipv4(0x0b000000u + (uint32_t)(i / queriers));
		address_t querier = ipv4(0xc0000000u + (uint32_t)(i % 1000));
		(void)sensor_observe(sensor, 0, i, &originator, &querier);
	}
	rcu_read_unlock();
	rcu_unregister_thread();
	printf("%7zu originators with %2u querier%s, %7zu expected: %.0f bytes each\n", originators,
	       queriers, queriers == 1 ? " " : "s", expected,
	       (double)(resident() - before) / (double)originators);
	sensor_destroy(sensor);
	return 0;
}

/* As in the first window of a server, and as in those that follow. */
static int measure_costs(void)
{
	return measure(10000, 2000000, 0) | measure(1000000, 4000000, 1000000) |
	       measure(1000000, 4000000, 0);
}

static int weigh_all(void)
{
	const unsigned queriers[] = { 1, 2, 10 };
	int failed = 0;
	for (size_t i = 0; i < sizeof(queriers) / sizeof(queriers[0]); i++) {
		failed |= weigh(1000000, queriers[i], 1000000) | weigh(1000000, queriers[i], 0);
	}
	printf("a quiet one has two queriers; at most %d bytes\n", BYTES_MOST);
	return failed;
}

static const struct { const char *name; int (*run)(void); } parts[] = {
	{ "cost", measure_costs }, { "threads", measure_sharing }, { "memory", weigh_all },
};

int main(int argc, char **argv)
{
	int failed = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bool wanted = argc == 1;
		for (int j = 1; j < argc; j++) {
			wanted = wanted || strcmp(argv[j], parts[i].name) == 0;
		}
		if (wanted) {
			failed |= parts[i].run();
		}
	}
	return failed;
}
