/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The detector under a clock that walks to and fro, held against a ledger of all observations. */
#include <sys/stat.h>
#include <unistd.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "module/detector.h"
#include "store/store_window.h"
#include "tests/tap.h"
#include "tests/unit/silent_outlet.h"

#define SECOND MICROSECONDS
#define DAY    (UINT64_C(86400) * SECOND)
#define START  (19000 * DAY)

static char store_path[] = "test_clock_walk.XXXXXX";

static address_t ipv4(unsigned number)
{
	uint8_t octets[4] = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

typedef struct {
	uint64_t since, observations;
	unsigned open;
} ledger_t;

/* Adds up what is stored of windows that begin at or behind a moment. */
static bool add_up(void *context, const store_window_t *window)
{
	ledger_t *ledger = context;
	if (window->family == FAMILY_IPV4 && window->start >= ledger->since) {
		ledger->observations += window->counts.observations;
		ledger->open += !window->closed;
	}
	return true;
}

/* Wherever the clock goes: each observation is late, or in the store once. */
static void test_clock_walk(detector_t *detector, sensor_t *sensor)
{
	failure_t failure;
	store_t *store;
	generator_t generator = generator_make(1, 0);
	ledger_t ledger = { .since = START + 1000 * DAY };
	uint64_t now = ledger.since + 20 * DAY, observed = 0, late = sensor_late(sensor);
	(void)detector_step(detector, now);
	(void)detector_step(detector, now);
	for (unsigned i = 0; i < 400; i++) {
		/* Seconds, minutes to hours, and days: on, and back. */
		static const uint64_t most[] = { 90 * SECOND, 90 * SECOND, 4000 * SECOND, DAY, 2 * DAY };
		uint64_t by = generator_below(&generator, most[generator_below(&generator, 5)]);
		now = generator_below(&generator, 100) < 45 && now - by > ledger.since + DAY ? now - by : now + by;
		for (unsigned j = (unsigned)generator_below(&generator, 3); j > 0; j--) {
			address_t originator = ipv4((unsigned)observed), querier = ipv4(7);
			rcu_read_lock();
			(void)sensor_observe(sensor, 0, now, &originator, &querier);
			rcu_read_unlock();
			observed++;
		}
		if (generator_below(&generator, 3) > 0) {
			(void)detector_step(detector, now);
		}
	}
	(void)detector_step(detector, now);
	(void)detector_step(detector, now);
	detector_finish(detector, now);
	tap_require(store_open(store_path, STORE_READ, &store, &failure) == STATUS_OK, "store");
	(void)store_windows(store, add_up, &ledger, &failure);
	store_close(store);
	late = sensor_late(sensor) - late;
	uint64_t next = window_counts(sensor_next(sensor, FAMILY_IPV4)).observations;
	ok(observed > 200 && late < observed / 2 && ledger.open > 3, "%llu observations, %llu of them late, "
	   "%u windows were left", (unsigned long long)observed, (unsigned long long)late, ledger.open);
	is_int(ledger.observations + late + next, observed, "none is lost, none is there twice");
}

int main(void)
{
	tap_require(mkdtemp(store_path) != NULL, "temporary folder");
	rcu_register_thread();
	settings_t settings = {
		.storage = store_path, .window = { DAY, 7 * DAY }, .period = 600 * SECOND,
		.interval = 300 * SECOND, .dedup = 30 * SECOND, .min_queriers = { 20, 5 },
		.sample_size = 1024, .memory_max = SETTINGS_MEMORY_MIN,
	};
	sensor_options_t options = settings_sensor(&settings, 1, (hash_key_t) { { 1, 2 } });
	sensor_t *sensor = sensor_create(&options, START + 1020 * DAY);
	detector_t *detector = detector_create(sensor, "", &silent_outlet);
	tap_require(sensor != NULL && detector != NULL &&
	            detector_configure(detector, &settings) == STATUS_OK, "detector made");
	test_clock_walk(detector, sensor);
	detector_destroy(detector);
	sensor_destroy(sensor);
	rcu_unregister_thread();
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf %s", store_path);
	return (system(command) == 0 ? 0 : 1) | tap_done();
}
