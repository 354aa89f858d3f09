/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caches against a list, and lookups by hand through them. */
#include "simulator/cache.h"

#include "simulator/pending.h"
#include "simulator/resolution.h"
#include "tests/tap.h"

#define STEPS 60000
#define KEYS 3000
#define SECOND UINT64_C(1000000)
#define DAY (86400 * SECOND)

static failure_t failure;

/* The naive cache: a place for each key that there may be. */
static void test_against_array(void)
{
	static uint64_t naive[KEYS];
	cache_t *cache = cache_create();
	generator_t generator = generator_make(5, 0);
	uint64_t now = 1;
	size_t wrong = 0, live = 0, stored = 0;
	tap_require(cache != NULL, "a cache");
	for (unsigned i = 0; i < STEPS; i++) {
		now += generator_below(&generator, 20);
		uint64_t number = generator_below(&generator, KEYS), key = (number + 1) << 33 | 7;
		/* What has expired may be there still or not: it must not live. */
		bool wanted = naive[number] > now;
		wrong += (cache_find(cache, key) > now) != wanted;
		wrong += wanted && cache_find(cache, key) != naive[number];
		live += wanted;
		if (!wanted || generator_below(&generator, 4) == 0) {
			naive[number] = now + 1 + generator_below(&generator, 60000);
			stored += cache_put(cache, key, now, naive[number], &failure) == STATUS_OK;
		}
	}
	is_int(wrong, 0, "as the array says, in %d steps", STEPS);
	ok(live > STEPS / 10 && stored > STEPS / 10, "%zu found, %zu put in", live, stored);
	cache_destroy(cache);
}

/* What expires is thrown out: the table stays as large as what lives. */
static void test_bound(void)
{
	cache_t *cache = cache_create();
	tap_require(cache != NULL, "a cache");
	size_t refused = 0;
	for (uint64_t i = 1; i <= 2000000; i++) {
		refused += cache_put(cache, i, i, i + 5000, &failure) != STATUS_OK;
	}
	is_int(refused, 0, "all were put in");
	ok(cache_room(cache) <= 32768, "room for %zu, though 2 million came and went",
	   cache_room(cache));
	cache_destroy(cache);
}

static void test_pending(void)
{
	pending_t pending = { 0 };
	generator_t generator = generator_make(6, 0);
	event_t before = { 0 };
	size_t wrong = 0, taken = 0;
	uint64_t now = 0;
	for (unsigned i = 0; i < 20000; i++) {
		event_t event = { .moment = now + generator_below(&generator, 50), .originator = i };
		wrong += pending_add(&pending, &event, &failure) != STATUS_OK;
		if (i % 3 != 0) {
			event_t first = pending_take(&pending);
			wrong += first.moment < before.moment ||
			         (first.moment == before.moment && first.originator < before.originator);
			before = first;
			now = first.moment;
			taken++;
		}
	}
	while (pending.count > 0) {
		event_t first = pending_take(&pending);
		wrong += first.moment < before.moment ||
		         (first.moment == before.moment && first.originator < before.originator);
		before = first;
		taken++;
	}
	is_int(wrong, 0, "queries come in the order of time, equal ones as they were added");
	is_int(taken, 20000, "all of them");
	pending_clear(&pending);
}

/* A resolver with these habits that has no other clients. */
static uint32_t find_querier(const world_t *world, uint8_t wanted, uint8_t unwanted)
{
	for (uint32_t i = 0; i < world_querier_count(world); i++) {
		uint8_t habits = world_querier(world, i)->habits;
		if ((habits & wanted) == wanted && (habits & unwanted) == 0) {
			return i;
		}
	}
	tap_require(false, "a querier with habits %u", wanted);
	return 0;
}

static zone_path_t path_to(height_t holder, bool named)
{
	zone_path_t path = { .holder = holder, .named = named, .ttl = 3600, .name = 1000, .gap = 2000 };
	for (int i = 0; i < HEIGHTS; i++) {
		path.exists[i] = i <= (int)holder;
		path.items[i] = (uint64_t)i + 1;
	}
	return path;
}

typedef struct {
	const world_t *world;
	cache_t *cache;
	generator_t generator;
	ask_t asks[RESOLUTION_MAX];
	unsigned count;
	lookup_outcome_t outcome;
} trial_t;

/* Looks up and writes what was asked as "height:depth" words, "full" for a complete name. */
static const char *look_up(trial_t *trial, uint32_t querier, const zone_path_t *path,
                           uint64_t moment)
{
	static char text[256];
	tap_require(resolution_make(trial->world, trial->cache, querier, path, moment,
	                            &trial->generator, trial->asks, &trial->count, &trial->outcome,
	                            &failure) == STATUS_OK, "a lookup");
	text[0] = '\0';
	for (unsigned i = 0; i < trial->count; i++) {
		const ask_t *ask = &trial->asks[i];
		char word[32];
		snprintf(word, sizeof(word), ask->kind == EVENT_PTR ? "%s%s:full" : "%s%s:%u",
		         i > 0 ? " " : "", height_names[ask->height], ask->depth);
		strcat(text, word);
	}
	return text;
}

static trial_t begin(const world_t *world)
{
	trial_t trial = { .world = world, .cache = cache_create() };
	trial.generator = generator_make(1, 2);
	tap_require(trial.cache != NULL, "a cache");
	return trial;
}

static void test_plain(const world_t *world)
{
	uint32_t plain = find_querier(world, 0, QUERIER_MINIMISES | QUERIER_FORGETS);
	zone_path_t path = path_to(HEIGHT_24, true);
	trial_t trial = begin(world);
	is_text(look_up(&trial, plain, &path, DAY), "root:full /8:full /16:full /24:full",
	        "an empty cache: down from the root, the whole name to all");
	is_text(look_up(&trial, plain, &path, DAY + 3599 * SECOND), "", "the answer is cached");
	is_int(trial.outcome, LOOKUP_CACHED, "and told so");
	is_text(look_up(&trial, plain, &path, DAY + 3601 * SECOND), "/24:full", "until it expires");
	path.name++;
	is_text(look_up(&trial, plain, &path, DAY + 3602 * SECOND), "/24:full",
	        "a neighbour: the zone is known");
	path.items[HEIGHT_24]++;
	is_text(look_up(&trial, plain, &path, DAY + 3603 * SECOND), "", "the same name elsewhere");
	path.name++;
	is_text(look_up(&trial, plain, &path, DAY + 3604 * SECOND), "/16:full /24:full",
	        "another /24: the /16 is known");
	path.name++;
	is_text(look_up(&trial, plain, &path, 2 * DAY + 3605 * SECOND),
	        "root:full /8:full /16:full /24:full", "delegations expire, too");
	is_text(look_up(&trial, plain + 1, &path, 2 * DAY + 3606 * SECOND)[0] != '\0' ? "asks" : "",
	        "asks", "another resolver has a cache of its own");
	cache_destroy(trial.cache);
}

static void test_minimising(const world_t *world)
{
	uint32_t minimal = find_querier(world, QUERIER_MINIMISES, QUERIER_FORGETS | QUERIER_STOPS);
	uint32_t stopping = find_querier(world, QUERIER_MINIMISES | QUERIER_STOPS, QUERIER_FORGETS);
	trial_t trial = begin(world);
	zone_path_t path = path_to(HEIGHT_24, true);
	is_text(look_up(&trial, minimal, &path, DAY), "root:1 /8:2 /16:3 /24:full",
	        "minimising: the name only to its own zone");
	cache_destroy(trial.cache);
	trial = begin(world);
	path = path_to(HEIGHT_24, true);
	path.exists[HEIGHT_16] = false;
	is_text(look_up(&trial, minimal, &path, DAY), "root:1 /8:2 /8:3 /24:full",
	        "a /24 that the /8 delegates: two probes there");
	path = path_to(HEIGHT_8, false);
	path.name += 5;
	is_text(look_up(&trial, minimal, &path, DAY + SECOND), "/8:2 /8:3 /8:full",
	        "nothing delegated: probes, then the whole name at the /8");
	is_text(look_up(&trial, stopping, &path, DAY + SECOND), "root:1 /8:2",
	        "or no more than the probe (RFC 8020)");
	cache_destroy(trial.cache);
	trial = begin(world);
	path = path_to(HEIGHT_16, true);
	path.ipv6 = true;
	is_text(look_up(&trial, minimal, &path, DAY), "root:4 /8:8 /16:12 /16:16 /16:full",
	        "IPv6: the /16, /32, /48 and /64");
	cache_destroy(trial.cache);
}

static void test_gaps(const world_t *world)
{
	uint32_t validating = find_querier(world, QUERIER_VALIDATES,
	                                   QUERIER_MINIMISES | QUERIER_FORGETS);
	uint32_t plain = find_querier(world, 0,
	                              QUERIER_VALIDATES | QUERIER_MINIMISES | QUERIER_FORGETS);
	trial_t trial = begin(world);
	zone_path_t path = path_to(HEIGHT_8, false), neighbour = path;
	path.is_signed = neighbour.is_signed = true;
	neighbour.name++;
	look_up(&trial, validating, &path, DAY);
	is_text(look_up(&trial, validating, &neighbour, DAY + SECOND), "", "a signed gap is proof");
	is_int(trial.outcome, LOOKUP_PROVEN, "and told so");
	is_text(look_up(&trial, validating, &neighbour, DAY + 3601 * SECOND), "/8:full",
	        "as long as it lives");
	look_up(&trial, plain, &path, DAY + 3700 * SECOND);
	is_text(look_up(&trial, plain, &neighbour, DAY + 3701 * SECOND), "/8:full",
	        "only for those who validate");
	cache_destroy(trial.cache);
}

int main(void)
{
	test_against_array();
	test_bound();
	test_pending();
	parameters_t *parameters;
	world_t *world;
	tap_require(parameters_load(NULL, &parameters, &failure) == STATUS_OK, "parameters");
	for (int i = 0; i < KINDS; i++) {
		parameters->kinds[i].background = 0;
	}
	tap_require(world_create(1, parameters, &world, &failure) == STATUS_OK, "a world");
	test_plain(world);
	test_minimising(world);
	test_gaps(world);
	world_destroy(world);
	parameters_destroy(parameters);
	return tap_done();
}
