/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of queries: its order, its bound of memory, its heights, and what is forged. */
#include "simulator/traffic.h"

#include "simulator/lookups.h"
#include "tests/tap.h"

#define DAY UINT64_C(86400000000)
#define ORIGINATORS 300

typedef struct {
	parameters_t *parameters;
	world_t *world;
	population_t *population;
	forgery_t *forgery;
	traffic_t *traffic;
} stage_t;

typedef struct {
	uint64_t checksum, events, complete, forged, wrong, ordinary, originators;
} day_t;

static failure_t failure;

static stage_t build(authority_t authority, int country, unsigned forged, bool minimise)
{
	stage_t stage = { 0 };
	tap_require(parameters_load(NULL, &stage.parameters, &failure) == STATUS_OK, "parameters");
	stage.parameters->resolvers.minimises = minimise;
	tap_require(world_create(7, stage.parameters, &stage.world, &failure) == STATUS_OK &&
	            population_create(stage.world, stage.parameters, 7, ORIGINATORS, 0,
	                              &stage.population, &failure) == STATUS_OK &&
	            forgery_create(stage.world, 7, forged, &stage.forgery, &failure) == STATUS_OK &&
	            traffic_create(stage.population, stage.forgery, authority, country,
	                           &stage.traffic, &failure) == STATUS_OK, "a stage");
	return stage;
}

static void tear_down(stage_t *stage)
{
	traffic_destroy(stage->traffic);
	forgery_destroy(stage->forgery);
	population_destroy(stage->population);
	world_destroy(stage->world);
	parameters_destroy(stage->parameters);
}

static day_t run(stage_t *stage, unsigned number)
{
	day_t day = { 0 };
	event_t event;
	uint64_t before = 0;
	tap_require(population_next_day(stage->population, &failure) == STATUS_OK &&
	            forgery_next_day(stage->forgery, &failure) == STATUS_OK &&
	            traffic_begin_day(stage->traffic, &failure) == STATUS_OK, "day %u", number);
	while (traffic_next(stage->traffic, &event, &failure) == STATUS_OK) {
		day.wrong += event.moment < before || event.moment < (number - 1) * DAY ||
		             event.moment >= number * DAY;
		before = event.moment;
		day.events++;
		day.complete += event.kind <= EVENT_RETRANSMISSION;
		day.ordinary += event.kind == EVENT_ORDINARY;
		day.forged += event.originator == EVENT_VICTIM;
		day.checksum = (day.checksum ^ event.moment ^ (uint64_t)event.querier << 40 ^
		                event.originator ^ (uint64_t)event.kind << 32) *
		               UINT64_C(0x9e3779b97f4a7c15);
	}
	day.originators = traffic_originators(stage->traffic);
	return day;
}

static void test_days(void)
{
	stage_t one = build(AUTHORITY_LEAF, -1, 0, false), two = build(AUTHORITY_LEAF, -1, 0, false);
	day_t first = run(&one, 1), again = run(&two, 1), second = run(&two, 2);
	is_int(first.checksum, again.checksum, "the same day again");
	ok(second.checksum != first.checksum, "another day is another");
	is_int(first.wrong + second.wrong, 0, "queries come in the order of time, each on its day");
	ok(first.events > 5000 && second.events > 5000, "%d queries", (int)first.events);
	ok(first.ordinary > 50, "some ask for ordinary names");
	size_t living = 0, seen = 0;
	for (size_t i = 0; i < population_count(one.population); i++) {
		const originator_t *originator = population_look(one.population, i);
		living += originator->begin < DAY;
		seen += originator->first_seen <= originator->last_seen;
	}
	ok(seen > living / 2 && seen <= living, "%zu of %zu originators were asked for", seen, living);
	is_int(first.originators, seen, "as told");
	tear_down(&one);
	tear_down(&two);
}

/* The same lookups at each height: what each authority gets is what the count says. */
static void test_heights(void)
{
	uint64_t complete[AUTHORITIES], lookups[AUTHORITIES], counted[HEIGHTS] = { 0 };
	for (int i = 0; i < AUTHORITIES; i++) {
		stage_t stage = build((authority_t)i, -1, 0, false);
		day_t day = run(&stage, 1);
		const attenuation_t *sum = traffic_attenuation(stage.traffic);
		complete[i] = day.complete;
		lookups[i] = sum->outcomes[LOOKUP_ASKED] + sum->outcomes[LOOKUP_CACHED] +
		             sum->outcomes[LOOKUP_PROVEN];
		for (int j = 0; j < HEIGHTS; j++) {
			ok(i == 0 || counted[j] == sum->complete[j], "height %s is counted alike",
			   height_names[j]);
			counted[j] = sum->complete[j];
		}
		tear_down(&stage);
	}
	ok(lookups[0] == lookups[1] && lookups[1] == lookups[2], "the lookups are the same");
	ok(complete[AUTHORITY_ROOT] < complete[AUTHORITY_NATIONAL] &&
	   complete[AUTHORITY_NATIONAL] < complete[AUTHORITY_LEAF] &&
	   complete[AUTHORITY_LEAF] < lookups[0], "fewer queries the higher the authority");
	/* 1.5 % are sent again, and the last seconds of the day fall into the next. */
	double leaf = (double)(counted[HEIGHT_16] + counted[HEIGHT_24]);
	is_near((double)complete[AUTHORITY_LEAF], 1.015 * leaf, 0.01 * leaf, "the leaf has its part");
	is_near((double)complete[AUTHORITY_ROOT], 1.015 * (double)counted[HEIGHT_ROOT],
	        0.02 * (double)counted[HEIGHT_ROOT], "and the root");
}

static void test_minimisation(void)
{
	stage_t stage = build(AUTHORITY_ROOT, -1, 0, true);
	day_t day = run(&stage, 1);
	const attenuation_t *sum = traffic_attenuation(stage.traffic);
	is_int(day.complete, 0, "where all minimise, the root hears no complete name");
	ok(day.events > 500 && sum->queries[HEIGHT_ROOT] >= day.events, "but %d probes",
	   (int)day.events);
	ok(sum->complete[HEIGHT_24] > 0, "and the leaves hear them");
	tear_down(&stage);
}

static void test_country(void)
{
	stage_t all = build(AUTHORITY_NATIONAL, -1, 0, false);
	stage_t one = build(AUTHORITY_NATIONAL, 0, 0, false);
	day_t whole = run(&all, 1), part = run(&one, 1);
	ok(part.events > 0 && part.events * 2 < whole.events, "one country has a part");
	for (size_t i = 0; i < population_count(one.population); i++) {
		const originator_t *originator = population_look(one.population, i);
		if (originator->first_seen <= originator->last_seen) {
			part.wrong += world_network(one.world, originator->network)->country != 0;
		}
	}
	is_int(part.wrong, 0, "its own originators and no others");
	tear_down(&all);
	tear_down(&one);
}

static void test_forgery(void)
{
	stage_t plain = build(AUTHORITY_LEAF, -1, 0, false);
	stage_t forged = build(AUTHORITY_LEAF, -1, 500, false);
	day_t before = run(&plain, 1), day = run(&forged, 1), next = run(&forged, 2);
	is_int(day.forged, 500, "forged queries");
	is_int(next.forged, 500, "each day");
	is_int(day.events, before.events + 500, "beside the others");
	is_int(day.wrong + next.wrong, 0, "in the order of time");
	is_int(forgery_count(forged.forgery), 1000, "every day has other sources");
	size_t known = 0;
	for (size_t i = 0; i < 1000; i++) {
		for (uint32_t j = 0; j < world_querier_count(forged.world); j += 16) {
			known += address_equal(&forgery_querier(forged.forgery, i)->address,
			                       &world_querier(forged.world, j)->address);
		}
	}
	is_int(known, 0, "none of which is a querier");
	tear_down(&plain);
	tear_down(&forged);
}

/* No day is in memory: what the source of lookups holds does not grow with the days. */
static void test_bound(void)
{
	stage_t stage = build(AUTHORITY_LEAF, -1, 0, false);
	lookups_t *lookups = lookups_create(stage.population);
	size_t largest = 0, whole = 0, count, early = 0;
	tap_require(lookups != NULL, "a source");
	for (unsigned day = 1; day <= 8; day++) {
		const looking_t *slice;
		tap_require(population_next_day(stage.population, &failure) == STATUS_OK &&
		            lookups_begin_day(lookups, day, &failure) == STATUS_OK, "day %u", day);
		size_t wrong = 0;
		uint64_t before = (day - 1) * DAY;
		while (lookups_next(lookups, &slice, &count, &failure) == STATUS_OK) {
			for (size_t i = 0; i < count; i++) {
				wrong += slice[i].moment < before || slice[i].moment >= day * DAY;
				before = slice[i].moment;
			}
			largest = count > largest ? count : largest;
			whole += count;
		}
		is_int(wrong, 0, "lookups in the order of time");
		early = day == 2 ? lookups_memory(lookups) : early;
	}
	ok(largest * 8 < whole / 8, "a slice is a small part of a day (%zu of %zu)", largest,
	   whole / 8);
	ok(lookups_memory(lookups) <= 2 * early, "8 days hold no more than 2 (%zu, %zu bytes)",
	   lookups_memory(lookups), early);
	lookups_destroy(lookups);
	tear_down(&stage);
}

int main(void)
{
	test_days();
	test_heights();
	test_minimisation();
	test_country();
	test_forgery();
	test_bound();
	return tap_done();
}
