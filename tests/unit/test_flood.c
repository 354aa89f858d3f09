/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Attacks on memory: a sweep of the reverse tree by one querier, with and without a cap of
 * its fan-out, random names below a reverse zone, queriers that ask for everything, and
 * random addresses under ip6.arpa. Each comes upon originators that are really there: those
 * must be the same afterwards, no record may be made for the attack, and the process must
 * not grow beyond what the sensor may have, nor at all in the second half of the attack.
 */
#include <stdlib.h>
#include <unistd.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/query.h"
#include "sensor/sensor.h"
#include "tests/tap.h"

#define DAY (UINT64_C(86400) * MICROSECONDS)
#define START (19000 * DAY)

/* Sanitizers make it ten times as slow, and their own memory grows. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	#define SLOWER 16
	#define MEASURED false
#else
	#define SLOWER 1
	#define MEASURED true
#endif

/* Those that are really there: as many with three queriers each, and with one. */
#define REAL 5000u
#define REAL_QUERIERS 500u

#define FAN_OUT_MAX 100000u

static address_t ipv4(uint32_t number)
{
	uint8_t octets[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	                      (uint8_t)(number >> 8), (uint8_t)number };
	return address_from_ipv4(octets);
}

static address_t ipv6(uint64_t interface)
{
	address_t address = { .bytes = { 0x20, 0x01, 0x0d, 0xb8 } };
	memcpy(address.bytes + 8, &interface, sizeof(interface));
	return address;
}

static address_t make_originator(family_t family, uint32_t number)
{
	return family == FAMILY_IPV4 ? ipv4(0x0a000000u + number) :
	       ipv6(number * UINT64_C(0x9e3779b97f4a7c15));
}

static sensor_t *make_sensor(uint32_t fan_out_max)
{
	const sensor_options_t options = {
		.window_length = { DAY, 7 * DAY },
		.memory = SENSOR_MEMORY_MIN,
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 30 * MICROSECONDS, .sample_size = 1024,
			.fan_out_max = fan_out_max, .threads = 1, .key = { { 5, 6 } },
		},
	};
	sensor_t *sensor = sensor_create(&options, START);
	tap_require(sensor != NULL, "sensor made");
	return sensor;
}

static observe_result_t observe(sensor_t *sensor, family_t family, uint32_t originator,
                                uint32_t querier, uint64_t seconds)
{
	address_t o = make_originator(family, originator), q = ipv4(0xc0000000u + querier);
	return sensor_observe(sensor, 0, START + seconds * MICROSECONDS, &o, &q);
}

/* Resident bytes of the process. */
static size_t resident(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file != NULL && fscanf(file, "%*u %lu", &pages) != 1) {
		pages = 0;
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Originators 0 … REAL - 1 with three queriers, REAL … 2 REAL - 1 with one. */
static void observe_real(sensor_t *sensor, family_t family)
{
	for (uint32_t i = 0; i < 3 * REAL; i++) {
		(void)observe(sensor, family, i / 3, (i / 3 + i % 3 * 7) % REAL_QUERIERS, 10);
	}
	for (uint32_t i = 0; i < REAL; i++) {
		(void)observe(sensor, family, REAL + i, i % REAL_QUERIERS, 20);
	}
}

/* How many originators have a record with so many queriers. */
static uint32_t count_records(const sensor_t *sensor, family_t family, uint32_t queriers)
{
	const window_t *window = sensor_current(sensor, family);
	originator_walk_t walk = { 0 };
	window_originator_t originator;
	uint32_t found = 0;
	while (window_next(window, &walk, &originator)) {
		uint64_t entries[2048];
		uint8_t levels[2048];
		uint32_t count, periods;
		unsigned level;
		window_sample(window, &originator, entries, levels, 2048, &count, &level, &periods);
		found += count == queriers;
	}
	return found;
}

/* What is there after the attack. */
static void check_real(sensor_t *sensor, family_t family, const char *name)
{
	is_int(count_records(sensor, family, 3), REAL, "%s: all records are as they were", name);
	is_int(count_records(sensor, family, 1) + count_records(sensor, family, 2), 0,
	       "%s: no record was made", name);
	uint32_t counted = 0;
	for (uint32_t i = 0; i < 2 * REAL; i++) {
		counted += observe(sensor, family, i, REAL_QUERIERS + i % 50, 4000) == OBSERVE_COUNTED;
	}
	is_int(counted, 2 * REAL, "%s: those that are known go on", name);
	is_int(count_records(sensor, family, 2), REAL, "%s: no first sighting of them is lost", name);
	is_int(count_records(sensor, family, 4), REAL, "%s: nor anything else", name);
}

typedef struct {
	const char *name;
	family_t family;
	uint32_t fan_out_max;
	uint32_t queriers;  /* of the attack */
	uint32_t names;
} flood_t;

static void test_flood(const flood_t *flood)
{
	size_t results[OBSERVE_RESULTS] = { 0 };
	size_t before = resident(), half = 0;
	uint32_t names = flood->names / SLOWER, cap = flood->fan_out_max / SLOWER;
	sensor_t *sensor = make_sensor(cap);
	rcu_read_lock();
	observe_real(sensor, flood->family);
	for (uint32_t i = 0; i < names; i++) {
		results[observe(sensor, flood->family, 1000000 + i, 100000 + i % flood->queriers,
		                30 + i / 8000)]++;
		half = i == names / 2 ? resident() : half;
	}
	size_t end = resident();
	window_counts_t counts = window_counts(sensor_current(sensor, flood->family));
	printf("# %s: %u names, %zu counted, %zu refused, %zu capped, %llu displaced\n", flood->name,
	       names, results[OBSERVE_COUNTED], results[OBSERVE_REFUSED], results[OBSERVE_CAPPED],
	       (unsigned long long)counts.displaced);
	is_int(counts.refused, results[OBSERVE_REFUSED], "%s: refused ones are counted", flood->name);
	is_int(counts.capped, results[OBSERVE_CAPPED], "%s: and capped ones", flood->name);
	ok(results[OBSERVE_CAPPED] + results[OBSERVE_REFUSED] + counts.displaced > names / 2,
	   "%s: most of it leaves no trace", flood->name);
	ok(cap == 0 || results[OBSERVE_COUNTED] <= (size_t)cap * flood->queriers,
	   "%s: the cap holds", flood->name);
	ok(!MEASURED || end - half <= 1 << 20, "%s: resident memory is flat: %zu KB, %zu KB",
	   flood->name, half >> 10, end >> 10);
	ok(!MEASURED || end - before <= SENSOR_MEMORY_MIN, "%s: and within bounds", flood->name);
	check_real(sensor, flood->family, flood->name);
	ok(sensor_memory_used(sensor) <= SENSOR_MEMORY_MIN, "%s: as the sensor says", flood->name);
	rcu_read_unlock();
	sensor_destroy(sensor);
}

/* Random labels in front of complete reverse names: no observations, so no memory at all. */
static void test_random_names(void)
{
	generator_t generator = generator_make(9, 0);
	unsigned observations = 0;
	for (unsigned i = 0; i < 1000000 / SLOWER; i++) {
		uint8_t name[64] = { 8 };
		for (unsigned j = 0; j < 8; j++) {
			name[1 + j] = (uint8_t)('a' + generator_below(&generator, 26));
		}
		static const uint8_t rest[] = "\1" "4" "\1" "3" "\1" "2" "\2" "10" "\7in-addr" "\4" "arpa";
		memcpy(name + 9, rest, sizeof(rest));
		observations += query_judge(12, 1, name, 9 + sizeof(rest)).kind == QUERY_OBSERVATION;
	}
	is_int(observations, 0, "random names below a reverse name are no observations");
}

/* One querier asks for all that others ask for: its fan-out ends, theirs is untouched. */
static void test_asks_for_everything(void)
{
	sensor_t *sensor = make_sensor(1000);
	rcu_read_lock();
	observe_real(sensor, FAMILY_IPV4);
	size_t results[OBSERVE_RESULTS] = { 0 };
	for (uint32_t i = 0; i < 2 * REAL; i++) {
		results[observe(sensor, FAMILY_IPV4, i, 100000, 30)]++;
	}
	is_int(results[OBSERVE_COUNTED], 1000, "asks for everything: into so many samples");
	is_int(results[OBSERVE_CAPPED], 2 * REAL - 1000, "asks for everything: the rest is counted");
	is_int(count_records(sensor, FAMILY_IPV4, 4), 1000, "asks for everything: it is in those");
	is_int(count_records(sensor, FAMILY_IPV4, 3), REAL - 1000, "asks for everything: in no others");
	is_int(observe(sensor, FAMILY_IPV4, 0, 100000, 300), OBSERVE_COUNTED,
	       "asks for everything: where it is known it counts on");
	rcu_read_unlock();
	sensor_destroy(sensor);
}

/*
 * The first window of a server knows nothing of what comes, and quiet originators are most of it:
 * each has a record of two lines and its share of slots. The room is half filled.
 */
static void test_quiet(void)
{
	const uint32_t originators = 500000;
	const sensor_options_t options = {
		.window_length = { DAY, 7 * DAY },
		.memory = SENSOR_MEMORY_DEFAULT / 2,
		.window = {
			.period = 600 * MICROSECONDS, .sample_size = 1024, .threads = 1, .key = { { 5, 6 } },
		},
	};
	sensor_t *sensor = sensor_create(&options, START);
	tap_require(sensor != NULL, "sensor made");
	size_t empty = sensor_memory_used(sensor), before = resident();
	rcu_read_lock();
	for (uint32_t i = 0; i < 2 * originators; i++) {
		(void)observe(sensor, FAMILY_IPV4, i / 2, i % REAL_QUERIERS, 10);
	}
	rcu_read_unlock();
	size_t said = (sensor_memory_used(sensor) - empty) / originators;
	size_t grown = (resident() - before) / originators;
	ok(said <= 160, "quiet: at most 160 bytes each in the first window: %zu", said);
	ok(!MEASURED || grown <= said + 8, "quiet: and no more are there: %zu", grown);
	sensor_destroy(sensor);
}

int main(void)
{
	const flood_t floods[] = {
		{ "sweep", FAMILY_IPV4, FAN_OUT_MAX, 1, 16000000 },
		{ "sweep without a cap", FAMILY_IPV4, 0, 1, 16000000 },
		{ "sweep by many", FAMILY_IPV4, FAN_OUT_MAX / 10, 100, 4000000 },
		{ "ip6.arpa", FAMILY_IPV6, FAN_OUT_MAX / 10, 100, 4000000 },
		{ "ip6.arpa without a cap", FAMILY_IPV6, 0, 1, 4000000 },
	};
	rcu_register_thread();
	for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++) {
		test_flood(&floods[i]);
	}
	test_random_names();
	test_asks_for_everything();
	test_quiet();
	rcu_unregister_thread();
	return tap_done();
}
