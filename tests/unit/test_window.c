/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lock-free window against the naive one: the same observations, made by one
 * to four threads, must leave the same samples, counts and features. Each pair of
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
} owned_observation_t;

typedef struct {
	const char *name;
	size_t observations;
	unsigned originators, queriers;
	window_options_t options;
} scenario_t;

typedef struct {
	window_t *window;
	const owned_observation_t *observations;
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

static owned_observation_t *make_observations(const scenario_t *scenario, uint64_t seed)
{
	owned_observation_t *observations = calloc(scenario->observations, sizeof(*observations));
	generator_t generator = generator_make(seed, 0);
	for (size_t i = 0; i < scenario->observations; i++) {
		/* Squares: few originators with many queriers, many with few. */
		double x = generator_uniform(&generator), y = generator_uniform(&generator);
		unsigned originator = (unsigned)(x * x * scenario->originators);
		unsigned querier = (unsigned)(y * y * scenario->queriers);
		observations[i] = (owned_observation_t) {
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
		const owned_observation_t *o = &worker->observations[i];
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
		case SAMPLE_REFUSED:
			worker->refused++;
			break;
		}
	}
	return NULL;
}

static window_t *run_threads(const scenario_t *scenario, const owned_observation_t *observations,
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
		const address_t *querier = querier_table_address(window_queriers(window),
		                                                 sample_entry_number(entries[i]));
		if (address_equal(querier, &wanted->querier)) {
			uint64_t most = wanted->count < SAMPLE_COUNT_MAX ? wanted->count : SAMPLE_COUNT_MAX;
			return sample_entry_count(entries[i]) == most &&
			       sample_entry_tick(entries[i]) == wanted->tick;
		}
	}
	return false;
}

/* Compares all samples; returns how many originators differ. */
static unsigned compare_samples(const window_t *window, const reference_t *reference,
                                bool periods_too, size_t *seen)
{
	uint32_t room = 1u << 16, count, periods, wanted_periods;
	uint64_t *entries = malloc(room * sizeof(*entries));
	uint8_t *levels = malloc(room);
	reference_entry_t *wanted = malloc(room * sizeof(*wanted));
	window_walk_t walk = 0;
	window_originator_t originator;
	unsigned different = 0, level, wanted_level = 0;
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
	}
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
	unsigned different = 0;
	if (extraction_make(window, FAMILY_IPV4, directory, 1, UINT64_MAX, &extraction) != STATUS_OK) {
		return 1;
	}
	for (size_t i = 0; i < extraction.count; i++) {
		originator_features_t wanted;
		const originator_features_t *row = &extraction.rows[i];
		bool same = reference_features(reference, &row->originator, directory, &wanted) &&
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
	different += extraction.count != reference_originators(reference);
	extraction_clear(&extraction);
	return different;
}

static void test_scenario(const scenario_t *scenario)
{
	owned_observation_t *observations = make_observations(scenario, 42);
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
	for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
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
		is_int(seen, reference_originators(reference), "all originators are there");
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
		.memory = 64 << 20, .originators_max = 1 << 14, .queriers_max = 1 << 14, .threads = 1,
		.key = { { 1, 2 } },
	};
}

static void *work_all(void *context)
{
	worker_t *worker = context;
	for (size_t i = 0; i < worker->count; i++) {
		const owned_observation_t *o = &worker->observations[i];
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
	owned_observation_t *observations = make_observations(&scenario, 43);
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
		is_int(seen, reference_originators(reference), "and each originator");
		window_destroy(window);
	}
	reference_destroy(reference);
	free(observations);
}

static void test_limits(void)
{
	window_options_t options = make_options(86400, 600, 30, 64);
	options.memory = 64 * 1024;
	window_t *window = window_create(START, START, &options);
	address_t querier = make_address(5, false), first = make_address(0, false);
	unsigned refused = 0;
	for (unsigned i = 0; i < 2000; i++) {
		address_t originator = make_address(i, false);
		refused += window_observe(window, 0, START, &originator, &querier) == SAMPLE_REFUSED;
	}
	ok(refused > 1000, "memory is bounded: %u of 2000 originators refused", refused);
	is_int(window_counts(window).refused, refused, "refusals are counted");
	ok(window_memory_used(window) <= options.memory, "no more memory than allowed");
	querier = make_address(6, false);
	is_int(window_observe(window, 0, START + 1, &first, &querier), SAMPLE_COUNTED,
	       "known originators go on");
	window_destroy(window);

	options = make_options(86400, 600, 30, 64);
	options.queriers_max = 20;
	window = window_create(START, START, &options);
	refused = 0;
	for (unsigned i = 0; i < 100; i++) {
		querier = make_address(i, false);
		refused += window_observe(window, 0, START, &first, &querier) == SAMPLE_REFUSED;
	}
	ok(refused >= 60 && refused < 80, "queriers are bounded: %u of 100 refused", refused);
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
	};
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		test_scenario(&scenarios[i]);
	}
	test_same_pairs();
	test_limits();
	test_times();
	return tap_done();
}
