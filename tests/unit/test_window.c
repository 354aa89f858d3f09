/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock-free window against the naive one: the same observations, made by one
 * to four threads, must leave the same samples, counts and features, with and without
 * records for originators that have one querier only. Each pair of
 * originator and querier belongs to one thread, so that the order of its queries,
 * and with it the suppression, is defined; everything else is left to chance.
 */
#include <pthread.h>
#include <stdlib.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/extraction.h"
#include "sensor/reference.h"
#include "tests/tap.h"

#define START (UINT64_C(1700006400) * MICROSECONDS)
#define THREADS_MAX 4

typedef struct {
	uint64_t moment;
	address_t originator, querier;
	unsigned owner;  /* of the pair */
} observation_t;

typedef struct {
	const char *name;
	size_t observations;
	unsigned originators, queriers;
	window_options_t options;
} scenario_t;

typedef struct {
	window_t *window;
	const observation_t *observations;
	size_t count;
	unsigned thread, threads;
	uint64_t counted, suppressed, refused;
} worker_t;

static address_t make_address(unsigned number, bool ipv6)
{
	uint8_t bytes[16] = { 0x20, 0x01, 0x0d, (uint8_t)(number % 7), 0, (uint8_t)(number >> 8),
	                      [12] = (uint8_t)(10 + number % 5), (uint8_t)(number >> 16),
	                      (uint8_t)(number >> 8), (uint8_t)number };
	return ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes + 12);
}

static observation_t *make_observations(const scenario_t *scenario, uint64_t seed)
{
	observation_t *observations = calloc(scenario->observations, sizeof(*observations));
	generator_t generator = generator_make(seed, 0);
	for (size_t i = 0; i < scenario->observations; i++) {
		/* Squares: few originators with many queriers, many with few. */
		double x = generator_uniform(&generator), y = generator_uniform(&generator);
		unsigned originator = (unsigned)(x * x * scenario->originators);
		unsigned querier = (unsigned)(y * y * scenario->queriers);
		observations[i] = (observation_t) {
			/* In order, but for some jitter of a second back. */
			.moment = START + (uint64_t)((double)scenario->options.length * 0.999 *
			          (double)i / (double)scenario->observations),
			.originator = make_address(originator, false),
			.querier = make_address(1000000 + querier, querier % 5 == 0),
			.owner = originator * 31 + querier * 17,
		};
		if (i % 9 == 0 && observations[i].moment - START > MICROSECONDS) {
			observations[i].moment -= generator_below(&generator, MICROSECONDS);
		}
	}
	return observations;
}

static void *work(void *context)
{
	worker_t *worker = context;
	for (size_t i = 0; i < worker->count; i++) {
		const observation_t *o = &worker->observations[i];
		if (o->owner % worker->threads != worker->thread) {
			continue;
		}
		switch (window_observe(worker->window, worker->thread, o->moment, &o->originator,
		                       &o->querier)) {
		case SAMPLE_COUNTED:
			worker->counted++;
			break;
		case SAMPLE_SUPPRESSED:
			worker->suppressed++;
			break;
		default:
			worker->refused++;
			break;
		}
	}
	return NULL;
}

static window_t *run_threads(const scenario_t *scenario, const observation_t *observations,
                             unsigned threads, worker_t *sum)
{
	window_options_t options = scenario->options;
	options.threads = threads;
	window_t *window = window_create(START, START, &options);
	tap_require(window != NULL, "%s: window made", scenario->name);
	worker_t workers[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	for (unsigned i = 0; i < threads; i++) {
		workers[i] = (worker_t) {
			.window = window, .observations = observations, .count = scenario->observations,
			.thread = i, .threads = threads,
		};
		pthread_create(&ids[i], NULL, work, &workers[i]);
	}
	*sum = (worker_t) { 0 };
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		sum->counted += workers[i].counted;
		sum->suppressed += workers[i].suppressed;
		sum->refused += workers[i].refused;
	}
	return window;
}

static bool entry_in(const reference_entry_t *wanted, const window_t *window,
                     const uint64_t *entries, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		address_t querier = querier_table_address(window_queriers(window),
		                                          sample_entry_number(entries[i]));
		if (address_equal(&querier, &wanted->querier)) {
			uint64_t most = wanted->count < SAMPLE_COUNT_MAX ? wanted->count : SAMPLE_COUNT_MAX;
			return sample_entry_count(entries[i]) == most &&
			       sample_entry_tick(entries[i]) == wanted->tick;
		}
	}
	return false;
}

/*
 * Compares all samples; returns how many originators differ or lack a record that they need.
 * *seen counts those with and without a record.
 */
static unsigned compare_samples(const window_t *window, const reference_t *reference,
                                bool periods_too, size_t *seen)
{
	uint32_t room = 1u << 16, count, periods, wanted_periods;
	uint64_t *entries = malloc(room * sizeof(*entries));
	uint8_t *levels = malloc(room);
	reference_entry_t *wanted = malloc(room * sizeof(*wanted));
	originator_walk_t walk = { 0 };
	window_originator_t originator;
	unsigned different = 0, level, wanted_level = 0;
	size_t least = window_options(window)->record_at_once ? 1 : 2, enough = 0;
	*seen = 0;
	while (window_next(window, &walk, &originator)) {
		(*seen)++;
		window_sample(window, &originator, entries, levels, room, &count, &level, &periods);
		uint32_t wanted_count = reference_sample(reference, &originator.originator, wanted,
		                                         &wanted_level, &wanted_periods);
		bool same = count == wanted_count && level == wanted_level &&
		            (!periods_too || periods == wanted_periods);
		for (uint32_t i = 0; i < wanted_count && same; i++) {
			same = entry_in(&wanted[i], window, entries, count);
		}
		different += !same;
		enough += (uint64_t)wanted_count << wanted_level >= least;
	}
	*seen += walk.first_sightings;
	different += enough != reference_originators(reference, least);
	free(entries);
	free(levels);
	free(wanted);
	return different;
}

static querier_directory_t *make_directory(unsigned queriers)
{
	querier_directory_t *directory = querier_directory_create();
	for (unsigned i = 0; i < queriers; i++) {
		address_t querier = make_address(1000000 + i, i % 5 == 0);
		querier_info_t info = {
			.category = i % 11 == 0 ? CATEGORY_UNKNOWN : (category_t)(i % FEATURE_STATIC),
			.as_number = i % 13 == 0 ? 0 : 64500 + i % 37,
			.country = i % 17 == 0 ? 0 : (uint16_t)country_parse(i % 3 != 0 ? "JP" : "CZ"),
		};
		/* Some are not in the directory at all. */
		if (i % 19 != 0) {
			(void)querier_directory_put(directory, &querier, info);
		}
	}
	return directory;
}

static bool same_number(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12;
}

static unsigned compare_features(const window_t *window, const reference_t *reference,
                                 const querier_directory_t *directory, bool periods_too)
{
	extraction_t extraction;
	const reference_totals_t totals = reference_totals(reference, directory);
	unsigned different = 0;
	uint32_t least = window_options(window)->record_at_once ? 1 : 2;
	if (extraction_make(window, FAMILY_IPV4, directory, least, UINT64_MAX,
	                    SIZE_MAX, &extraction) != STATUS_OK) {
		return 1;
	}
	for (size_t i = 0; i < extraction.count; i++) {
		originator_features_t wanted;
		const originator_features_t *row = &extraction.rows[i];
		bool same = reference_features(reference, &row->originator, directory, &totals,
		                               &wanted) &&
		            row->queriers == wanted.queriers && row->queries == wanted.queries &&
		            row->sampled == wanted.sampled && row->known_names == wanted.known_names &&
		            row->known_as == wanted.known_as &&
		            row->known_countries == wanted.known_countries;
		for (unsigned j = 0; j < FEATURES && same; j++) {
			same = (j == FEATURE_PERSISTENCE && !periods_too) ||
			       same_number(row->features[j], wanted.features[j]);
		}
		/* Rows come by address. */
		same = same && (i == 0 || address_compare(&row[-1].originator, &row->originator) < 0);
		different += !same;
	}
	different += extraction.count != reference_originators(reference, least) ||
	             extraction.originators != reference_originators(reference, 1);
	extraction_clear(&extraction);
	return different;
}

static void test_scenario(const scenario_t *scenario)
{
	observation_t *observations = make_observations(scenario, 42);
	reference_t *reference = reference_create(START, &scenario->options);
	uint64_t counted = 0;
	for (size_t i = 0; i < scenario->observations; i++) {
		counted += reference_observe(reference, observations[i].moment,
		                             &observations[i].originator,
		                             &observations[i].querier) == SAMPLE_COUNTED;
	}
	querier_directory_t *directory = make_directory(scenario->queriers);
	/*
	 * Above the sample size, repetitions of queriers outside the sample are not known
	 * as such and count: then totals and periods may be above the naive ones.
	 */
	bool exact = scenario->options.sample_size >= scenario->queriers;
	/* With records at once less depends on who comes first. */
	unsigned step = scenario->options.record_at_once ? THREADS_MAX - 1 : 1;
	for (unsigned threads = 1; threads <= THREADS_MAX; threads += step) {
		worker_t sum;
		size_t seen;
		window_t *window = run_threads(scenario, observations, threads, &sum);
		is_int(sum.refused, 0, "%s, %u threads: none refused", scenario->name, threads);
		ok(exact ? sum.counted == counted : sum.counted >= counted,
		   "%s, %u threads: %llu counted", scenario->name, threads,
		   (unsigned long long)sum.counted);
		is_int(window_counts(window).observations, sum.counted, "counter of observations");
		is_int(window_counts(window).suppressed, sum.suppressed, "counter of repetitions");
		is_int(compare_samples(window, reference, exact, &seen), 0, "samples are the same");
		is_int(seen, reference_originators(reference, 1), "all originators are there");
		is_int(compare_features(window, reference, directory, exact), 0, "features are the same");
		window_destroy(window);
	}
	querier_directory_destroy(directory);
	reference_destroy(reference);
	free(observations);
}

static window_options_t make_options(uint64_t length, uint64_t period, uint64_t dedup,
                                     uint32_t sample_size)
{
	return (window_options_t) {
		.length = length * MICROSECONDS, .period = period * MICROSECONDS,
		.dedup = dedup * MICROSECONDS, .sample_size = sample_size,
		.memory = 64 << 20, .threads = 1,
		.key = { { 1, 2 } },
	};
}

static void *work_all(void *context)
{
	worker_t *worker = context;
	for (size_t i = 0; i < worker->count; i++) {
		const observation_t *o = &worker->observations[i];
		worker->counted += window_observe(worker->window, worker->thread, o->moment,
		                                  &o->originator, &o->querier) == SAMPLE_COUNTED;
	}
	return NULL;
}

/* Pairs are not owned: all threads bring the same ones at once, as a flood of repetitions does. */
static void test_same_pairs(void)
{
	/* So much suppression that of each pair one observation counts, whoever comes first. */
	scenario_t scenario = { "same pairs", 20000, 40, 400, make_options(3600, 60, 3600, 1024) };
	observation_t *observations = make_observations(&scenario, 43);
	reference_t *reference = reference_create(START, &scenario.options);
	uint64_t pairs = 0;
	for (size_t i = 0; i < scenario.observations; i++) {
		observations[i].moment = START + 1;
		pairs += reference_observe(reference, START + 1, &observations[i].originator,
		                           &observations[i].querier) == SAMPLE_COUNTED;
	}
	for (int round = 0; round < 5; round++) {
		window_options_t options = scenario.options;
		options.threads = THREADS_MAX;
		window_t *window = window_create(START, START, &options);
		tap_require(window != NULL, "%s: window made", scenario.name);
		worker_t workers[THREADS_MAX];
		pthread_t ids[THREADS_MAX];
		uint64_t counted = 0;
		size_t seen;
		for (unsigned i = 0; i < THREADS_MAX; i++) {
			workers[i] = (worker_t) { .window = window, .observations = observations,
			                          .count = scenario.observations, .thread = i };
			pthread_create(&ids[i], NULL, work_all, &workers[i]);
		}
		for (unsigned i = 0; i < THREADS_MAX; i++) {
			pthread_join(ids[i], NULL);
			counted += workers[i].counted;
		}
		is_int(counted, pairs, "round %d: each pair counts once", round);
		is_int(compare_samples(window, reference, true, &seen), 0, "and is there once");
		is_int(seen, reference_originators(reference, 1), "and each originator");
		window_destroy(window);
	}
	reference_destroy(reference);
	free(observations);
}

static sample_result_t observe(window_t *window, unsigned originator, unsigned querier,
                               uint64_t seconds)
{
	address_t o = make_address(originator, false), q = make_address(1000000 + querier, false);
	return window_observe(window, 0, START + seconds * MICROSECONDS, &o, &q);
}

/* The walk in batches gives what the walk one by one gives. */
static void test_batches(void)
{
	window_options_t options = make_options(86400, 600, 30, 64);
	window_t *window = window_create(START, START, &options);
	for (unsigned i = 0; i < 7000; i++) {
		(void)observe(window, i % 1000, i / 1000 * 50 + i % 3, 10);
	}
	originator_walk_t walk = { 0 }, batches = { 0 };
	window_originator_t one, batch[WINDOW_BATCH];
	size_t count, seen = 0, different = 0;
	while ((count = window_next_batch(window, &batches, batch)) > 0) {
		for (size_t i = 0; i < count; i++) {
			different += !window_next(window, &walk, &one) || one.line != batch[i].line ||
			             !address_equal(&one.originator, &batch[i].originator);
		}
		seen += count;
	}
	ok(seen == 1000 && !window_next(window, &walk, &one), "batches have all %zu records", seen);
	is_int(different, 0, "in the same order");
	window_destroy(window);
}

static void test_limits(void)
{
	window_options_t options = make_options(86400, 600, 30, 64);
	options.memory = WINDOW_MEMORY_MIN;
	window_t *window = window_create(START, START, &options);
	unsigned refused = 0;
	for (unsigned i = 0; i < 2 * 8000; i++) {
		refused += observe(window, i / 2, i % 2, 0) == SAMPLE_REFUSED;
	}
	ok(refused > 1000, "records are bounded: %u of 8000 originators refused", refused);
	is_int(window_counts(window).refused, refused, "refusals are counted");
	ok(window_memory_used(window) <= options.memory, "no more memory than allowed");
	is_int(observe(window, 0, 2, 1), SAMPLE_COUNTED, "known originators go on");
	window_destroy(window);

	window = window_create(START, START, &options);
	refused = 0;
	for (unsigned i = 0; i < 10000; i++) {
		refused += observe(window, 1, i, 0) == SAMPLE_REFUSED;
	}
	ok(refused > 1000 && refused < 5000, "queriers are bounded: %u of 10000 refused", refused);
	is_int(window_counts(window).queriers, 10000 - refused, "those that are known are counted");
	is_int(observe(window, 2, 0, 0), SAMPLE_COUNTED, "known queriers go on");
	window_destroy(window);
}

/* Whoever asks for everything is let into so many samples and no further. */
static void test_fan_out(void)
{
	scenario_t scenario = { "fan-out", 20000, 200, 150, make_options(86400, 600, 30, 1024) };
	scenario.options.fan_out_max = 30;
	observation_t *observations = make_observations(&scenario, 44);
	reference_t *reference = reference_create(START, &scenario.options);
	window_t *window = window_create(START, START, &scenario.options);
	size_t results[SAMPLE_RESULTS] = { 0 }, different = 0, seen;
	for (size_t i = 0; i < scenario.observations; i++) {
		const observation_t *o = &observations[i];
		sample_result_t result = window_observe(window, 0, o->moment, &o->originator, &o->querier);
		different += result != reference_observe(reference, o->moment, &o->originator,
		                                         &o->querier);
		results[result]++;
	}
	ok(results[SAMPLE_CAPPED] > 1000 && results[SAMPLE_COUNTED] > 1000, "%zu capped, %zu counted",
	   results[SAMPLE_CAPPED], results[SAMPLE_COUNTED]);
	is_int(different, 0, "each result is that of the naive version");
	is_int(window_counts(window).capped, results[SAMPLE_CAPPED], "counter");
	is_int(compare_samples(window, reference, true, &seen), 0, "samples are the same");
	is_int(seen, reference_originators(reference, 1), "all originators are there");
	window_destroy(window);
	reference_destroy(reference);
	free(observations);
}

/* First sightings beyond the slots: who asks for most gives way. */
static void test_displacing(void)
{
	window_options_t options = make_options(86400, 600, 30, 64);
	options.memory = WINDOW_MEMORY_MIN;
	size_t slots = window_sizes(options.memory).originators;
	window_t *window = window_create(START, START, &options);
	unsigned real = 2000, lost = 0;
	for (unsigned i = 0; i < real; i++) {
		(void)observe(window, i, i % 500, i / 1000);
	}
	for (unsigned i = 0; i < 3 * slots; i++) {
		(void)observe(window, 100000 + i, 1000, 10 + i / 1000);
	}
	window_counts_t counts = window_counts(window);
	ok(counts.displaced + counts.refused > slots, "a sweep three times the slots: %llu displaced, "
	   "%llu refused", (unsigned long long)counts.displaced, (unsigned long long)counts.refused);
	originator_walk_t none = { 0 };
	window_originator_t originator;
	ok(!window_next(window, &none, &originator), "and no record was made");
	for (unsigned i = 0; i < real; i++) {
		lost += observe(window, i, 600 + i % 7, 100) != SAMPLE_COUNTED;
	}
	is_int(lost, 0, "second queriers are counted");
	unsigned whole = 0;
	originator_walk_t walk = { 0 };
	while (window_next(window, &walk, &originator)) {
		uint64_t entries[128];
		uint8_t levels[128];
		uint32_t count, periods;
		unsigned level;
		window_sample(window, &originator, entries, levels, 128, &count, &level, &periods);
		whole += count == 2;
	}
	is_int(whole, real, "and no first sighting of the real ones was lost");
	for (unsigned i = 0; i < real; i++) {
		lost += observe(window, 900000 + i, i % 400, 200) != SAMPLE_COUNTED;
	}
	is_int(lost, 0, "new originators displace the sweep");
	ok(window_memory_used(window) <= options.memory, "no more memory than allowed");
	window_destroy(window);
}

static void test_times(void)
{
	window_options_t options = make_options(86400, 600, 30, 64);
	window_t *window = window_create(START, START, &options);
	address_t originator = make_address(1, false), querier = make_address(2, false);
	const struct { uint64_t seconds; sample_result_t result; const char *what; } steps[] = {
		{ 100, SAMPLE_COUNTED, "first query" },
		{ 129, SAMPLE_SUPPRESSED, "29 s later" },
		{ 131, SAMPLE_COUNTED, "31 s after the last counted one" },
		{ 160, SAMPLE_SUPPRESSED, "29 s after that one" },
		{ 110, SAMPLE_SUPPRESSED, "21 s before it: time runs backwards" },
		{ 90, SAMPLE_COUNTED, "41 s before it" },
		{ 150, SAMPLE_SUPPRESSED, "the last one is still that of 131 s" },
		{ 86399, SAMPLE_COUNTED, "last second of the window" },
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		is_int(window_observe(window, 0, START + steps[i].seconds * MICROSECONDS, &originator,
		                      &querier), steps[i].result, "%s", steps[i].what);
	}
	ok(window_has(window, START) && window_has(window, START + 86400 * MICROSECONDS - 1) &&
	   !window_has(window, START - 1) && !window_has(window, START + 86400 * MICROSECONDS),
	   "the window has its start and not its end");
	is_int(window_periods(window), 144, "periods of a day");
	window_destroy(window);
}

int main(void)
{
	const scenario_t scenarios[] = {
		{ "exact", 20000, 60, 300, make_options(86400, 600, 30, 1024) },
		{ "week", 20000, 300, 200, make_options(604800, 600, 30, 1024) },
		{ "sampled", 30000, 12, 1500, make_options(86400, 600, 0, 64) },
		{ "sampled, suppressed", 30000, 12, 900, make_options(86400, 600, 30, 100) },
		{ "short", 10000, 40, 120, make_options(20, 1, 0, 256) },
		{ "sparse", 5000, 4000, 90, make_options(86400, 600, 30, 1024) },
		{ "few queriers", 6000, 1200, 3, make_options(604800, 600, 3600, 1024) },
	};
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		scenario_t scenario = scenarios[i];
		test_scenario(&scenario);
		scenario.options.record_at_once = true;
		test_scenario(&scenario);
	}
#ifndef __SANITIZE_THREAD__ /* One thread and many minutes. */
	/* So few are expected that all levels of the tables are come to. */
	scenario_t surprise = { "surprise", 40000, 40000, 20000, make_options(86400, 600, 30, 1024) };
	surprise.options.memory = 11 << 18;
	surprise.options.originators = surprise.options.queriers = 1;
	test_scenario(&surprise);
#endif
	test_same_pairs();
	test_batches();
	test_limits();
	test_fan_out();
	test_displacing();
	test_times();
	return tap_done();
}
