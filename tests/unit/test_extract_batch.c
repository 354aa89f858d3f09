/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observations in the order of tables against the same one by one, as they come. */
#include "cli/extract_batch.h"

#include <stdlib.h>
#include <urcu.h>

#include "common/generator.h"
#include "common/moment.h"
#include "sensor/extraction.h"
#include "tests/tap.h"

#define DAY   (86400 * MICROSECONDS)
#define START (20000 * DAY)
#define WINDOWS_MAX 8

typedef struct {
	uint64_t moment;
	address_t originator, querier;
	bool proven;
} observation_t;

/* Who asks for whom: bounds that are reached, and ones that are not. */
typedef struct {
	const char *name;
	unsigned days;
	size_t observations;
	uint64_t originators, queriers;
	size_t memory;
	uint32_t fan_out_max;
	observe_result_t reached;  /* what must come of some; COUNTED: of all but late and repeated */
} scene_t;

static const scene_t scenes[] = {
	{ "nothing is full", 3, 300000, 5000, 2000, (size_t)1 << 30, 100000, OBSERVE_COUNTED },
	{ "no bound of the fan-out", 3, 20000, 50, 400, (size_t)1 << 30, 0, OBSERVE_COUNTED },
	{ "a bound that many reach", 3, 60000, 3000, 400, (size_t)1 << 30, 30, OBSERVE_CAPPED },
	{ "slots that are full", 1, 400000, 1000000, 200, SENSOR_MEMORY_MIN, 0, OBSERVE_REFUSED },
	{ "samples that are full", 3, 300000, 5, 1000000, SENSOR_MEMORY_MIN, 0, OBSERVE_REFUSED },
};

/* What a way of handing over gave. */
typedef struct {
	uint64_t results[OBSERVE_RESULTS];
	extraction_t windows[WINDOWS_MAX];
	size_t count;
} outcome_t;

static address_t numbered(uint64_t number, bool ipv6)
{
	uint8_t bytes[16] = { 0x20, 1 };
	for (unsigned i = 0; i < 4; i++) {
		bytes[12 + i] = (uint8_t)(number >> (24 - 8 * i));
	}
	return ipv6 ? address_from_ipv6(bytes) : address_from_ipv4(bytes + 12);
}

/* Few are asked for often, many once. */
static observation_t *draw(const scene_t *scene)
{
	observation_t *observations = calloc(scene->observations, sizeof(*observations));
	generator_t generator = generator_make(21, 0);
	tap_require(observations != NULL, "memory for observations");
	for (size_t i = 0; i < scene->observations; i++) {
		double u = generator_uniform(&generator);
		uint64_t originator = (uint64_t)(u * u * (double)scene->originators);
		observations[i] = (observation_t) {
			.moment = START + DAY / 8 + i * (scene->days * DAY / scene->observations) -
			          generator_below(&generator, i % 50 == 0 ? DAY / 4 : MICROSECONDS),
			.originator = numbered(originator, originator % 5 == 0),
			.querier = numbered(1 + generator_below(&generator, scene->queriers), i % 7 == 0),
			.proven = i % 11 == 0,
		};
		if (i > 0 && i % 6 == 0) {
			observations[i].originator = observations[i - 1].originator;
			observations[i].querier = observations[i - 1].querier;
		}
	}
	return observations;
}

static sensor_t *make_sensor(const scene_t *scene)
{
	const sensor_options_t options = {
		.window_length = { DAY, 2 * DAY },
		.memory = scene->memory,
		.window = {
			.period = 600 * MICROSECONDS, .dedup = 30 * MICROSECONDS, .sample_size = 64,
			.fan_out_max = scene->fan_out_max, .threads = 1,
		},
	};
	sensor_t *sensor = sensor_create(&options, START);
	tap_require(sensor != NULL, "sensor made");
	return sensor;
}

static void turn(sensor_t *sensor, family_t family, uint64_t now, outcome_t *outcome)
{
	window_t *closed;
	tap_require(sensor_turn(sensor, family, now, &closed) == STATUS_OK, "turned");
	tap_require(outcome->count < WINDOWS_MAX &&
	            extraction_make_rows(closed, family, NULL, 2, &outcome->windows[outcome->count++]) ==
	            STATUS_OK, "extracted");
	window_destroy(closed);
	tap_require(sensor_prepare(sensor, family, now) == STATUS_OK, "prepared");
}

static void observe(sensor_t *sensor, const observation_t *o, outcome_t *outcome)
{
	window_pair_t pair = sensor_prefetch(sensor, &o->originator, &o->querier);
	pair.proven = o->proven;
	rcu_read_lock();
	outcome->results[sensor_observe_pair(sensor, 0, o->moment, &pair)]++;
	rcu_read_unlock();
}

/* All observations, one by one without a batch, and a turn at each midnight and now and then. */
static void run(const scene_t *scene, const observation_t *observations, extract_batch_t *batch,
                outcome_t *outcome)
{
	sensor_t *sensor = make_sensor(scene);
	for (size_t i = 0; i < scene->observations; i++) {
		const observation_t *o = &observations[i];
		uint64_t now = START + DAY / 8 + i * (scene->days * DAY / scene->observations);
		for (family_t family = 0; family < FAMILIES; family++) {
			if (now < window_end(sensor_current(sensor, family)) + 60 * MICROSECONDS) {
				continue;
			}
			if (batch != NULL) {
				extract_batch_record(batch, sensor, outcome->results);
			}
			turn(sensor, family, now, outcome);
		}
		if (batch == NULL) {
			observe(sensor, o, outcome);
			continue;
		}
		extract_batch_add(batch, sensor, o->moment, &o->originator, &o->querier, o->proven);
		if (extract_batch_full(batch) || i % 70000 == 100) {
			extract_batch_record(batch, sensor, outcome->results);
		}
	}
	if (batch != NULL) {
		extract_batch_record(batch, sensor, outcome->results);
	}
	for (family_t family = 0; family < FAMILIES; family++) {
		turn(sensor, family, START + 2 * scene->days * DAY, outcome);
	}
	sensor_destroy(sensor);
}

static bool same_window(const extraction_t *a, const extraction_t *b)
{
	return a->start == b->start && a->originators == b->originators &&
	       a->queriers == b->queriers && a->verified == b->verified && a->count == b->count &&
	       memcmp(&a->counts, &b->counts, sizeof(a->counts)) == 0 &&
	       (a->count == 0 || memcmp(a->rows, b->rows, a->count * sizeof(*a->rows)) == 0);
}

static void test_scene(const scene_t *scene)
{
	outcome_t alone = { 0 }, together = { 0 };
	observation_t *observations = draw(scene);
	extract_batch_t *batch = extract_batch_create();
	tap_require(batch != NULL, "batch made");
	run(scene, observations, NULL, &alone);
	run(scene, observations, batch, &together);
	ok(alone.results[scene->reached] > 0, "%s: %llu are %s", scene->name,
	   (unsigned long long)alone.results[scene->reached], observe_result_name(scene->reached));
	ok(memcmp(alone.results, together.results, sizeof(alone.results)) == 0,
	   "%s: as many of each result", scene->name);
	size_t same = 0, rows = 0;
	for (size_t i = 0; i < alone.count; i++) {
		same += same_window(&alone.windows[i], &together.windows[i]);
		rows += alone.windows[i].count;
	}
	is_int(together.count, alone.count, "%s: as many windows", scene->name);
	is_int(same, alone.count, "%s: the same %zu rows", scene->name, rows);
	for (size_t i = 0; i < alone.count; i++) {
		extraction_clear(&alone.windows[i]);
		extraction_clear(&together.windows[i]);
	}
	extract_batch_destroy(batch);
	free(observations);
}

int main(void)
{
	rcu_register_thread();
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		test_scene(&scenes[i]);
	}
	extract_batch_destroy(NULL);
	rcu_unregister_thread();
	return tap_done();
}
