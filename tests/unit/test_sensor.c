/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows under RCU: threads observe while the owner turns the pages; nothing is
 * lost, nothing counted twice, and every observation lands in the window of its
 * moment.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <urcu.h>

#include "common/moment.h"
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
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 0, .sample_size = 64, .memory = 16 << 20,
			.originators_max = 1 << 12, .queriers_max = 1 << 12, .threads = THREADS,
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
		atomic_fetch_add(&turned, 1);
	}
	uint64_t late = 0, refused = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		late += observers[i].late;
		refused += observers[i].refused;
	}
	is_int(whole, WINDOWS, "each window has all its observations and no other");
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

	is_int(sensor_set_back(sensor, FAMILY_IPV4, noon, &closed), STATUS_OK, "set back");
	is_int(window_start(closed), START + 30 * DAY, "the window that lay ahead is left");
	window_destroy(closed);
	is_int(window_start(sensor_current(sensor, FAMILY_IPV4)), START, "the one of the moment is current");
	is_int(window_since(sensor_current(sensor, FAMILY_IPV4)), noon, "filled from the moment on");
	rcu_read_lock();
	is_int(sensor_observe(sensor, 0, noon, &originator, &querier), OBSERVE_COUNTED, "now again");
	is_int(sensor_observe(sensor, 0, noon + DAY, &originator, &querier), OBSERVE_COUNTED,
	       "and in the next window");
	rcu_read_unlock();
	sensor_destroy(sensor);
}

int main(void)
{
	rcu_register_thread();
	test_turns();
	test_threads();
	rcu_unregister_thread();
	return tap_done();
}
