/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a pass of the detector costs while a hook goes on: features and verdicts of 100 thousand
 * analyzable originators, in a window of a million, by a forest of 100 trees and by one of 500, as
 * `train` makes it when nothing else is said; and the whole pass with the store. Seconds of the
 * pass's own thread and of the clock; another thread observes all the time, in the same window.
 *
 *     bench_pass [ROUNDS]
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include "classifier/learner.h"
#include "common/generator.h"
#include "common/moment.h"
#include "module/detector.h"
#include "module/verdict.h"
#include "store/store_querier.h"
#include "tests/unit/silent_outlet.h"

#define DAY   (UINT64_C(86400) * MICROSECONDS)
#define START (19000 * DAY)

#define ORIGINATORS  1000000u
#define ANALYZABLE   100000u
#define QUERIERS     200000u
#define QUERIERS_MIN 20
#define QUERIERS_MAX 2000
/* Of a hundred queriers, so many have a name that is known. */
#define SHARE_NAMES  80
#define AS_NUMBERS   4000u
#define COUNTRIES    150u

/* The forest learns from so many labelled rows, of which a tenth carry the wrong label. */
#define TRAINING_ROWS 10000
#define WRONG_SHARE   0.1

/* What is to be kept to, in seconds of the processor. */
#define SECONDS_MOST 1.0

#define ROUNDS     5
#define ROUNDS_MAX 20

static char folder[] = "bench_pass.XXXXXX";
static char store_path[64], model_path[64];

_Noreturn static void give_up(const char *what)
{
	fprintf(stderr, "bench_pass: %s\n", what);
	exit(1);
}

static void need(bool good, const char *what)
{
	if (!good) {
		give_up(what);
	}
}

static double now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static address_t ipv4(uint32_t number)
{
	uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                      (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

/* Queriers lie in many networks. */
static address_t querier_address(uint32_t number)
{
	return ipv4(0x40000000u + number * 2654435761u % 0x80000000u);
}

/* Few originators are asked for by many, most of the analyzable ones by little more than enough. */
static uint32_t draw_queriers(generator_t *generator)
{
	double count = QUERIERS_MIN / pow(1 - generator_uniform(generator), 1 / 1.5);
	return count < QUERIERS_MAX ? (uint32_t)count : QUERIERS_MAX;
}

static void observe(sensor_t *sensor, unsigned thread, generator_t *generator,
                    uint32_t originator, uint32_t querier)
{
	address_t o = ipv4(0x0b000000u + originator), q = querier_address(querier % QUERIERS);
	uint64_t moment = START + generator_below(generator, DAY);
	rcu_read_lock();
	(void)sensor_observe(sensor, thread, moment, &o, &q);
	rcu_read_unlock();
}

/* The analyzable ones first; all others have two queriers, and so a record. */
static void fill(sensor_t *sensor)
{
	generator_t generator = generator_make(1, 0);
	for (uint32_t originator = 0; originator < ORIGINATORS; originator++) {
		uint32_t count = originator < ANALYZABLE ? draw_queriers(&generator) : 2;
		uint32_t first = (uint32_t)generator_below(&generator, QUERIERS);
		/* A class of originators has queriers that lie close to each other. */
		uint32_t step = originator % 4 == 0 ? 1 : 7919;
		for (uint32_t i = 0; i < count; i++) {
			observe(sensor, 0, &generator, originator, first + i * step);
		}
	}
}

static querier_info_t querier_info(uint32_t number)
{
	generator_t generator = generator_make(2, number);
	querier_info_t info = QUERIER_INFO_UNKNOWN;
	if (generator_below(&generator, 100) < SHARE_NAMES) {
		info.category = (category_t)generator_below(&generator, FEATURE_STATIC);
	}
	info.as_number = 1 + (uint32_t)generator_below(&generator, AS_NUMBERS);
	info.country = (uint16_t)(1 + generator_below(&generator, COUNTRIES));
	return info;
}

static querier_directory_t *make_directory(void)
{
	querier_directory_t *directory = querier_directory_create();
	failure_t failure;
	store_t *store;
	store_querier_batch_t *batch;
	need(directory != NULL && store_open(store_path, STORE_WRITE, &store, &failure) == STATUS_OK &&
	     store_querier_begin(store, &batch, &failure) == STATUS_OK, "cannot make a store");
	for (uint32_t i = 0; i < QUERIERS; i++) {
		address_t querier = querier_address(i);
		querier_info_t info = querier_info(i);
		need(querier_directory_put(directory, &querier, info) == STATUS_OK &&
		     store_querier_put(batch, &querier, "x", info, START, &failure) == STATUS_OK,
		     "cannot keep a querier");
	}
	need(store_querier_end(batch, true, &failure) == STATUS_OK, "cannot keep queriers");
	store_close(store);
	return directory;
}

/* Learns from some rows of the window itself, so that it has to walk as deep as with real ones. */
static void make_model(const extraction_t *extraction, uint32_t trees)
{
	static const char *const names[] = { "other", "scan" };
	generator_t generator = generator_make(3, 0);
	training_t training = training_default();
	training.trees = trees;
	failure_t failure = { 0 };
	dataset_t *dataset;
	model_t *model = NULL;
	uint32_t classes[2];
	bool good = dataset_create(feature_names, FEATURES, &dataset, &failure) == STATUS_OK;
	for (int i = 0; i < 2 && good; i++) {
		good = dataset_class(dataset, names[i], &classes[i], &failure) == STATUS_OK;
	}
	for (size_t i = 0; i < TRAINING_ROWS && good; i++) {
		const double *features = extraction->rows[i * (extraction->count / TRAINING_ROWS)].features;
		bool scan = features[FEATURE_LOCAL_ENTROPY] > 0.9 && features[FEATURE_HOME] < 0.08;
		bool wrong = generator_uniform(&generator) < WRONG_SHARE;
		good = dataset_add(dataset, features, classes[scan != wrong], &failure) == STATUS_OK;
	}
	good = good && dataset_finish(dataset, &failure) == STATUS_OK &&
	       learner_train("forest", dataset, &training, &model, &failure) == STATUS_OK &&
	       model_save(model, model_path, &failure) == STATUS_OK;
	need(good, failure.sentence);
	printf("a forest of %u trees that learnt from %d rows:\n", training.trees, TRAINING_ROWS);
	model_destroy(model);
	dataset_destroy(dataset);
}

typedef struct {
	sensor_t *sensor;
	_Atomic bool stop;
	_Atomic uint64_t observations;
} hook_t;

static void *run_hook(void *context)
{
	hook_t *hook = context;
	generator_t generator = generator_make(4, 0);
	rcu_register_thread();
	while (!atomic_load_explicit(&hook->stop, memory_order_relaxed)) {
		uint32_t originator = (uint32_t)generator_below(&generator, ORIGINATORS);
		observe(hook->sensor, 1, &generator, originator, originator + (uint32_t)
		        generator_below(&generator, 2));
		atomic_fetch_add_explicit(&hook->observations, 1, memory_order_relaxed);
	}
	rcu_unregister_thread();
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/* Features and verdicts, as detector_pass() makes them. */
static void bench_classification(const settings_t *settings, sensor_t *sensor,
                                 const querier_directory_t *directory, size_t rounds)
{
	model_watch_t watch = { 0 };
	failure_t failure;
	double features[ROUNDS_MAX], verdicts[ROUNDS_MAX], sums[ROUNDS_MAX], clock[ROUNDS_MAX];
	const verdict_shares_t shares = { settings->min_known, settings->min_verified };
	need(model_watch_path(&watch, settings->model) == STATUS_OK &&
	     model_watch_look(&watch, &failure) == MODEL_LOADED, "the model is not taken");
	size_t count = 0;
	for (size_t i = 0; i < rounds; i++) {
		extraction_t extraction;
		double begin = now(CLOCK_MONOTONIC), start = now(CLOCK_THREAD_CPUTIME_ID);
		need(extraction_make(sensor_current(sensor, FAMILY_IPV4), FAMILY_IPV4, directory,
		                     QUERIERS_MIN, START + DAY / 2, settings_rows_max(settings),
		                     &extraction) == STATUS_OK, "not enough memory");
		double middle = now(CLOCK_THREAD_CPUTIME_ID);
		store_row_t *rows = verdict_rows(&extraction, &watch, &shares);
		need(rows != NULL, "not enough memory");
		double end = now(CLOCK_THREAD_CPUTIME_ID);
		clock[i] = now(CLOCK_MONOTONIC) - begin;
		features[i] = middle - start;
		verdicts[i] = end - middle;
		sums[i] = end - start;
		count = extraction.count;
		free(rows);
		extraction_clear(&extraction);
	}
	double sum = median(sums, rounds);
	printf("    %zu analyzable of %u originators: features %.2f s, verdicts %.2f s, together "
	       "%.2f s of the processor (%.2f s of the clock); at most %.1f\n", count, ORIGINATORS,
	       median(features, rounds), median(verdicts, rounds), sum, median(clock, rounds),
	       SECONDS_MOST);
	model_watch_clear(&watch);
}

/* The same as the module's own thread does it, with flags, gauges and the store. */
static void bench_detector(const settings_t *settings, sensor_t *sensor, size_t rounds)
{
	double seconds[ROUNDS_MAX], clock[ROUNDS_MAX];
	detector_t *detector = detector_create(sensor, "", &silent_outlet);
	need(detector != NULL && detector_configure(detector, settings) == STATUS_OK, "no detector");
	uint64_t moment = START + DAY / 2;
	(void)detector_step(detector, moment);
	for (size_t i = 0; i <= rounds; i++) {
		double begin = now(CLOCK_MONOTONIC), start = now(CLOCK_THREAD_CPUTIME_ID);
		moment += settings->interval;
		(void)detector_step(detector, moment);
		/* The first one reads the directory of queriers. */
		if (i > 0) {
			seconds[i - 1] = now(CLOCK_THREAD_CPUTIME_ID) - start;
			clock[i - 1] = now(CLOCK_MONOTONIC) - begin;
		}
	}
	printf("    the whole pass with flags and store: %.2f s of the processor (%.2f s of the clock)\n",
	       median(seconds, rounds), median(clock, rounds));
	detector_destroy(detector);
}

static settings_t make_settings(void)
{
	return (settings_t) {
		.storage = store_path, .model = model_path,
		.window = { DAY, 7 * DAY }, .period = 600 * MICROSECONDS,
		.interval = 600 * MICROSECONDS, .dedup = 30 * MICROSECONDS,
		.min_queriers = { QUERIERS_MIN, QUERIERS_MIN }, .sample_size = 1024,
		.fan_out_max = 100000, .memory_max = (uint64_t)2 << 30, .min_known = 0.7,
	};
}

static void bench(size_t rounds)
{
	const uint32_t trees[] = { 100, 500 };
	settings_t settings = make_settings();
	sensor_options_t options = settings_sensor(&settings, 2, (hash_key_t) { { 1, 2 } });
	/* As in all windows but the first one of a server. */
	options.window.originators = ORIGINATORS;
	options.window.queriers = QUERIERS;
	sensor_t *sensor = sensor_create(&options, START);
	need(sensor != NULL, "not enough memory");
	fill(sensor);
	querier_directory_t *directory = make_directory();
	extraction_t extraction;
	need(extraction_make(sensor_current(sensor, FAMILY_IPV4), FAMILY_IPV4, directory, QUERIERS_MIN,
	                     START + DAY / 2, SIZE_MAX, &extraction) == STATUS_OK, "no features");
	need(extraction.count >= ANALYZABLE / 10 * 9, "too few are analyzable");
	hook_t hook = { .sensor = sensor };
	pthread_t thread;
	double begin = now(CLOCK_MONOTONIC);
	need(pthread_create(&thread, NULL, run_hook, &hook) == 0, "no thread");
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		make_model(&extraction, trees[i]);
		bench_classification(&settings, sensor, directory, rounds);
		bench_detector(&settings, sensor, rounds);
	}
	atomic_store(&hook.stop, true);
	pthread_join(thread, NULL);
	printf("meanwhile %.0f thousand observations a second by another thread\n",
	       (double)atomic_load(&hook.observations) / (now(CLOCK_MONOTONIC) - begin) / 1000);
	extraction_clear(&extraction);
	querier_directory_destroy(directory);
	sensor_destroy(sensor);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
	need(rounds >= 1 && rounds <= ROUNDS_MAX, "usage: bench_pass [ROUNDS], 1 to 20");
	need(mkdtemp(folder) != NULL, "cannot make a folder here");
	(void)snprintf(store_path, sizeof(store_path), "%s/store", folder);
	(void)snprintf(model_path, sizeof(model_path), "%s/model", folder);
	need(mkdir(store_path, 0700) == 0, "cannot make a folder for the store");
	rcu_register_thread();
	bench(rounds);
	rcu_unregister_thread();
	char command[64];
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 ? 0 : 1;
}
