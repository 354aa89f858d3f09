/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows under RCU: threads observe while the owner turns the pages; nothing is
 * lost, nothing counted twice, and every observation lands in the window of its
 * moment.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/extraction.h"
#include "sensor/sensor.h"
#include "tests/tap.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)
#define START (19000 * DAY)
#define THREADS 2
#define WINDOWS 20
#define PER_WINDOW 5000

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

static sensor_options_t make_options(uint64_t length_ipv4, uint64_t length_ipv6)
{
	return (sensor_options_t) {
		.window_length = { length_ipv4, length_ipv6 },
		.memory = SENSOR_MEMORY_MIN,
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 0, .sample_size = 64,
			.threads = THREADS,
			.key = { { 3, 4 } },
		},
	};
}

typedef struct {
	sensor_t *sensor;
	unsigned thread;
	uint64_t late, refused;
	_Atomic unsigned window;  /* in which the thread is */
	_Atomic unsigned *turned; /* windows that the owner has closed */
} observer_t;

static void *observe(void *context)
{
	observer_t *observer = context;
	rcu_register_thread();
	for (unsigned window = 0; window < WINDOWS; window++) {
		atomic_store(&observer->window, window);
		/* Never further ahead than the window after the current one. */
		while (atomic_load(observer->turned) + 1 < window) {
		}
		for (unsigned i = 0; i < PER_WINDOW; i++) {
			address_t originator = ipv4(i % 50), querier = ipv4(1000 + i);
			uint64_t moment = START + window * DAY + i * (DAY / PER_WINDOW);
			rcu_read_lock();
			observe_result_t result = sensor_observe(observer->sensor, observer->thread, moment,
			                                         &originator, &querier);
			(void)sensor_meet(observer->sensor, &querier);
			rcu_read_unlock();
			observer->late += result == OBSERVE_LATE;
			observer->refused += result == OBSERVE_REFUSED;
		}
	}
	atomic_store(&observer->window, WINDOWS);
	rcu_unregister_thread();
	return NULL;
}

static void test_threads(void)
{
	sensor_options_t options = make_options(DAY, 7 * DAY);
	sensor_t *sensor = sensor_create(&options, START + 5);
	tap_require(sensor != NULL, "sensor made");
	_Atomic unsigned turned = 0;
	observer_t observers[THREADS];
	pthread_t ids[THREADS];
	for (unsigned i = 0; i < THREADS; i++) {
		observers[i] = (observer_t) { .sensor = sensor, .thread = i, .turned = &turned };
		pthread_create(&ids[i], NULL, observe, &observers[i]);
	}
	unsigned whole = 0;
	for (unsigned window = 0; window < WINDOWS; window++) {
		for (unsigned i = 0; i < THREADS; i++) {
			while (atomic_load(&observers[i].window) <= window) {
			}
		}
		window_t *closed = NULL;
		status_t status = sensor_turn(sensor, FAMILY_IPV4, START + (window + 1) * DAY, &closed);
		whole += status == STATUS_OK && window_start(closed) == START + window * DAY &&
		         window_counts(closed).observations == THREADS * PER_WINDOW;
		window_destroy(closed);
		whole += sensor_prepare(sensor, FAMILY_IPV4, START + (window + 1) * DAY) == STATUS_OK;
		atomic_fetch_add(&turned, 1);
	}
	uint64_t late = 0, refused = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		late += observers[i].late;
		refused += observers[i].refused;
	}
	is_int(whole, 2 * WINDOWS, "each window has all its observations and no other");
	is_int(late, 0, "none late");
	is_int(refused, 0, "none refused");
	sensor_destroy(sensor);
}

static void test_turns(void)
{
	sensor_options_t options = make_options(DAY, 7 * DAY);
	uint64_t noon = START + DAY / 2;
	sensor_t *sensor = sensor_create(&options, noon);
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), START, "IPv4 window begins at midnight");
	is_int(window_start(sensor_current(sensor, FAMILY_IPV6)) % (7 * DAY), 0,
	       "IPv6 window begins at a multiple of its length");
	address_t originator = ipv4(1), querier = ipv4(2), originator6;
	(void)address_parse("2001:db8::1", &originator6);
	rcu_read_lock();
	is_int(sensor_observe(sensor, 0, noon, &originator, &querier), OBSERVE_COUNTED, "now");
	is_int(sensor_observe(sensor, 0, noon + DAY, &originator, &querier), OBSERVE_COUNTED,
	       "in the next window, before the page is turned");
	is_int(sensor_observe(sensor, 0, noon + 2 * DAY, &originator, &querier), OBSERVE_LATE,
	       "further than that");
	is_int(sensor_observe(sensor, 0, noon - DAY, &originator, &querier), OBSERVE_LATE, "before");
	is_int(sensor_observe(sensor, 0, noon, &originator6, &querier), OBSERVE_COUNTED, "IPv6");
	rcu_read_unlock();
	is_int(sensor_late(sensor), 2, "late ones are counted");
	window_t *closed = NULL;
	(void)sensor_turn(sensor, FAMILY_IPV4, START + 30 * DAY, &closed);
	is_int(window_counts(closed).observations, 1, "first window");
	window_destroy(closed);
	(void)sensor_turn(sensor, FAMILY_IPV4, START + 30 * DAY, &closed);
	is_int(window_counts(closed).observations, 1, "second window, filled before its time");
	window_destroy(closed);
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), START + 30 * DAY,
	       "windows without anything are skipped");
	is_int(window_counts(sensor_current(sensor, FAMILY_IPV6)).observations, 1,
	       "the IPv6 window is another");

	window_t *left[2];
	is_int(sensor_set_back(sensor, FAMILY_IPV4, noon, left), STATUS_OK, "set back");
	is_int(window_start(left[0]), START + 30 * DAY, "the window that lay ahead is left");
	window_destroy(left[0]);
	window_destroy(left[1]);
	is_int(sensor_prepare(sensor, FAMILY_IPV4, noon), STATUS_OK, "the next one is made");
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), START, "it is that of the moment");
	is_int(window_since(sensor_current(sensor, FAMILY_IPV4)), noon, "filled from the moment on");
	is_int(window_since(sensor_next(sensor, FAMILY_IPV4)), START + DAY + 1,
	       "the one after it does not pass for one that was left");
	rcu_read_lock();
	is_int(sensor_observe(sensor, 0, noon, &originator, &querier), OBSERVE_COUNTED, "now again");
	is_int(sensor_observe(sensor, 0, noon + DAY, &originator, &querier), OBSERVE_COUNTED,
	       "and in the next window");
	rcu_read_unlock();
	sensor_destroy(sensor);
}

#define BATCH_TEST_COUNT 20000
#define BATCH_TEST_MAX (4 * SENSOR_BATCH + 6)

/* Both families over five days, with repetitions, jitter, and now and then one that is late. */
/* One query; the queriers 10 to 13 differ in what is known of them. */
static void ask(sensor_t *sensor, uint64_t moment, unsigned querier, bool proven)
{
	address_t originator = ipv4(500);
	sensor_observation_t observation = { moment, originator, ipv4(querier), proven };
	rcu_read_lock();
	sensor_observe_batch(sensor, 0, &observation, 1, NULL);
	rcu_read_unlock();
}

static void meet(sensor_t *sensor, unsigned querier)
{
	address_t address = ipv4(querier);
	rcu_read_lock();
	ok(sensor_meet(sensor, &address), "querier %u is met", querier);
	rcu_read_unlock();
}

/* Verified queriers of originator 500 in a window that has been closed; frees it. */
static uint64_t count_verified(window_t *window, uint64_t *in_window)
{
	extraction_t extraction;
	tap_require(extraction_make(window, FAMILY_IPV4, NULL, 1, UINT64_MAX, SIZE_MAX,
	                            &extraction) == STATUS_OK && extraction.count == 1, "extracted");
	uint64_t verified = extraction.rows[0].verified;
	*in_window = extraction.verified;
	extraction_clear(&extraction);
	window_destroy(window);
	return verified;
}

/* Proven queriers are verified at once, those that were met in the window after. */
static void test_verified(void)
{
	uint64_t noon = START + DAY / 2, in_window;
	sensor_options_t options = make_options(DAY, 7 * DAY);
	sensor_t *sensor = sensor_create(&options, noon);
	tap_require(sensor != NULL, "sensor made");
	window_t *closed;
	ask(sensor, noon, 10, true);
	ask(sensor, noon, 11, false);
	ask(sensor, noon, 12, false);
	meet(sensor, 12);
	meet(sensor, 13);
	sensor_recognise(sensor, FAMILY_IPV4);
	(void)sensor_turn(sensor, FAMILY_IPV4, noon + DAY, &closed);
	is_int(count_verified(closed, &in_window), 1, "who was proven is verified, who was met is not yet");
	is_int(in_window, 1, "in the window, too");
	(void)sensor_prepare(sensor, FAMILY_IPV4, noon + DAY);
	for (unsigned querier = 10; querier < 14; querier++) {
		ask(sensor, noon + DAY, querier, false);
	}
	meet(sensor, 11);
	(void)sensor_turn(sensor, FAMILY_IPV4, noon + 2 * DAY, &closed);
	is_int(count_verified(closed, &in_window), 2, "those met in the window before are");
	(void)sensor_prepare(sensor, FAMILY_IPV4, noon + 2 * DAY);
	for (unsigned querier = 10; querier < 14; querier++) {
		ask(sensor, noon + 2 * DAY, querier, false);
	}
	sensor_recognise(sensor, FAMILY_IPV4);
	(void)sensor_turn(sensor, FAMILY_IPV4, noon + 3 * DAY, &closed);
	is_int(count_verified(closed, &in_window), 1, "and are forgotten one window later");
	sensor_destroy(sensor);
}

static sensor_observation_t *draw_observations(void)
{
	sensor_observation_t *observations = calloc(BATCH_TEST_COUNT, sizeof(*observations));
	generator_t generator = generator_make(11, 0);
	for (size_t i = 0; i < BATCH_TEST_COUNT; i++) {
		sensor_observation_t *o = &observations[i];
		o->moment = START + DAY / 8 + i * (5 * DAY / BATCH_TEST_COUNT) -
		            generator_below(&generator, i % 50 == 0 ? DAY / 4 : MICROSECONDS);
		o->originator = ipv4((unsigned)generator_below(&generator, 60));
		if (i % 3 == 0) {
			o->originator.bytes[0] = 0x20;
			o->originator.bytes[10] = o->originator.bytes[11] = 0;
		}
		o->querier = ipv4(1000 + (unsigned)generator_below(&generator, 400));
		if (i > 0 && i % 4 == 0) {
			/* The same at once: two of a pair within one group. */
			o->originator = o[-1].originator;
			o->querier = o[-1].querier;
		}
	}
	return observations;
}

/* How a test hands observations over, and what came of it. */
typedef struct {
	enum { BY_ONE, BY_BATCH, BY_PAIR } way;
	sensor_t *sensor;
	observe_result_t results[BATCH_TEST_COUNT];
	extraction_t extractions[16];
	size_t extracted;
} handover_t;

static void hand_over(handover_t *handover, const sensor_observation_t *observations, size_t first,
                      size_t count)
{
	observe_result_t *results = handover->results + first;
	window_pair_t pairs[BATCH_TEST_MAX];
	if (handover->way == BY_PAIR) {
		rcu_read_lock();
		for (size_t i = 0; i < count; i++) {
			pairs[i] = sensor_prefetch(handover->sensor, &observations[first + i].originator,
			                           &observations[first + i].querier);
		}
		rcu_read_unlock();
	}
	rcu_read_lock();
	if (handover->way == BY_BATCH) {
		sensor_observe_batch(handover->sensor, 0, observations + first, count, results);
	}
	for (size_t i = 0; i < count && handover->way != BY_BATCH; i++) {
		const sensor_observation_t *o = &observations[first + i];
		results[i] = handover->way == BY_PAIR ?
			sensor_observe_pair(handover->sensor, 0, o->moment, &pairs[i]) :
			sensor_observe(handover->sensor, 0, o->moment, &o->originator, &o->querier);
	}
	rcu_read_unlock();
}

static void close_and_extract(handover_t *handover, family_t family, uint64_t now)
{
	window_t *closed = NULL;
	tap_require(sensor_turn(handover->sensor, family, now, &closed) == STATUS_OK, "turned");
	tap_require(extraction_make(closed, family, NULL, 2, UINT64_MAX, SIZE_MAX,
	                            &handover->extractions[handover->extracted++]) == STATUS_OK,
	            "extracted");
	window_destroy(closed);
	tap_require(sensor_prepare(handover->sensor, family, now) == STATUS_OK, "prepared");
}

/* All observations, in batches of any size, with a turn at each midnight. */
static void run_handover(handover_t *handover, const sensor_observation_t *observations)
{
	sensor_options_t options = make_options(DAY, 2 * DAY);
	options.window.dedup = 400 * MICROSECONDS;
	handover->sensor = sensor_create(&options, START);
	tap_require(handover->sensor != NULL, "sensor made");
	generator_t generator = generator_make(12, 0);
	for (size_t i = 0, count; i < BATCH_TEST_COUNT; i += count) {
		count = (size_t)generator_below(&generator, BATCH_TEST_MAX + 1);
		count = count < BATCH_TEST_COUNT - i ? count : BATCH_TEST_COUNT - i;
		hand_over(handover, observations, i, count);
		uint64_t now = START + DAY / 8 + i * (5 * DAY / BATCH_TEST_COUNT);
		for (family_t family = 0; family < FAMILIES; family++) {
			if (now >= window_end(sensor_current(handover->sensor, family))) {
				close_and_extract(handover, family, now);
			}
		}
	}
	for (family_t family = 0; family < FAMILIES; family++) {
		close_and_extract(handover, family, START + 10 * DAY);
	}
	sensor_destroy(handover->sensor);
}

static bool same_extraction(const extraction_t *a, const extraction_t *b)
{
	return a->start == b->start && a->originators == b->originators &&
	       a->queriers == b->queriers && a->count == b->count &&
	       memcmp(&a->counts, &b->counts, sizeof(a->counts)) == 0 &&
	       memcmp(a->rows, b->rows, a->count * sizeof(*a->rows)) == 0;
}

static void test_batches(void)
{
	static handover_t handovers[3];
	static const char *const names[] = { "one by one", "in batches", "asked for ahead" };
	sensor_observation_t *observations = draw_observations();
	for (unsigned way = BY_ONE; way <= BY_PAIR; way++) {
		handovers[way].way = way;
		run_handover(&handovers[way], observations);
	}
	size_t kinds[OBSERVE_RESULTS] = { 0 };
	for (size_t i = 0; i < BATCH_TEST_COUNT; i++) {
		kinds[handovers[BY_ONE].results[i]]++;
	}
	ok(kinds[OBSERVE_COUNTED] > 1000 && kinds[OBSERVE_SUPPRESSED] > 1000 && kinds[OBSERVE_LATE] > 10,
	   "%zu counted, %zu repeated, %zu late", kinds[OBSERVE_COUNTED], kinds[OBSERVE_SUPPRESSED],
	   kinds[OBSERVE_LATE]);
	for (unsigned way = BY_BATCH; way <= BY_PAIR; way++) {
		ok(memcmp(handovers[way].results, handovers[BY_ONE].results,
		          sizeof(handovers[way].results)) == 0, "%s: each result is as one by one", names[way]);
		is_int(handovers[way].extracted, handovers[BY_ONE].extracted, "as many windows");
		size_t same = 0;
		for (size_t i = 0; i < handovers[BY_ONE].extracted; i++) {
			same += same_extraction(&handovers[way].extractions[i],
			                        &handovers[BY_ONE].extractions[i]);
		}
		is_int(same, handovers[BY_ONE].extracted, "%s: all windows are the same, byte for byte",
		       names[way]);
	}
	for (unsigned way = BY_ONE; way <= BY_PAIR; way++) {
		for (size_t i = 0; i < handovers[way].extracted; i++) {
			extraction_clear(&handovers[way].extractions[i]);
		}
	}
	free(observations);
}

int main(void)
{
	rcu_register_thread();
	test_turns();
	test_batches();
	test_verified();
	test_threads();
	rcu_unregister_thread();
	return tap_done();
}
