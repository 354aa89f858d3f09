/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many lookups fall into a slice is Poisson: the day's lookups, by the share of
 * each interval of the originator's work that lies in it. The day's even part follows
 * a curve with one top, so that the originator sleeps as its country does.
 *
 * Sorting: by radix, three passes of 10 bits of the microseconds within the slice; it keeps
 * the order of equal moments, so the order is total.
 */
#include "simulator/lookups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/moment.h"
#include "simulator/draw.h"
#include "simulator/querier_choice.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)
#define HOUR ((double)(3600 * MICROSECONDS))
#define SLICES (DAY / LOOKUPS_SLICE)
/* So many originators ahead is memory asked for. */
#define AHEAD 4

#define RADIX_BITS 10
#define RADIX_PASSES 3

_Static_assert(LOOKUPS_SLICE < UINT64_C(1) << (RADIX_BITS * RADIX_PASSES), "a slice's moments fit");

struct lookups {
	const population_t *population;
	unsigned day;
	unsigned slice;        /* of the day; the next to make */
	actor_t *actors;
	zone_path_t *paths;    /* of the actors */
	size_t actor_count;
	size_t actor_room;
	looking_t *lookings;   /* two halves: sorting goes to and fro */
	size_t count;
	size_t room;           /* of a half */
};

lookups_t *lookups_create(const population_t *population)
{
	lookups_t *lookups = calloc(1, sizeof(*lookups));
	if (lookups != NULL) {
		lookups->population = population;
		lookups->slice = SLICES;
	}
	return lookups;
}

void lookups_destroy(lookups_t *lookups)
{
	if (lookups != NULL) {
		free(lookups->actors);
		free(lookups->paths);
		free(lookups->lookings);
		free(lookups);
	}
}

static uint64_t draw_seed(const population_t *population, stream_t stream, unsigned day,
                          uint64_t serial)
{
	generator_t generator = stream_make(population_seed(population), stream, day, serial);
	return generator_next(&generator);
}

static void make_actor(const lookups_t *lookups, const originator_t *originator, actor_t *actor)
{
	const population_t *population = lookups->population;
	actor->ipv6 = !address_is_ipv4(&originator->address);
	actor->regulars = draw_seed(population, STREAM_REGULARS, 0, originator->campaign);
	actor->others = draw_seed(population, STREAM_DAY, lookups->day, originator->serial);
	actor->queriers = (uint64_t)actor->activity.queriers + 1;
	actor->regular_count = (uint64_t)((double)actor->queriers * actor->profile.returning);
}

static status_t grow(lookups_t *lookups, failure_t *failure)
{
	size_t room = lookups->actor_room > 0 ? lookups->actor_room * 2 : 256;
	actor_t *actors = realloc(lookups->actors, room * sizeof(*actors));
	lookups->actors = actors != NULL ? actors : lookups->actors;
	zone_path_t *paths = realloc(lookups->paths, room * sizeof(*paths));
	lookups->paths = paths != NULL ? paths : lookups->paths;
	if (actors == NULL || paths == NULL) {
		return failure_no_memory(failure, "the originators of a day");
	}
	lookups->actor_room = room;
	return STATUS_OK;
}

status_t lookups_begin_day(lookups_t *lookups, unsigned day, failure_t *failure)
{
	const population_t *population = lookups->population;
	uint64_t begin = population_day_begin(population, day), end = begin + DAY;
	lookups->day = day;
	lookups->slice = 0;
	lookups->actor_count = 0;
	for (size_t i = 0; i < population_count(population); i++) {
		const originator_t *originator = population_look(population, i);
		if (originator->begin >= end || originator->end <= begin) {
			continue;
		}
		if (lookups->actor_count == lookups->actor_room) {
			status_t status = grow(lookups, failure);
			if (status != STATUS_OK) {
				return status;
			}
		}
		zone_path_make(population, originator, &lookups->paths[lookups->actor_count]);
		actor_t *actor = &lookups->actors[lookups->actor_count++];
		actor->originator = (uint32_t)i;
		profile_make(population, originator, &actor->profile);
		(void)activity_make(population, originator, &actor->profile, day, &actor->activity);
		make_actor(lookups, originator, actor);
	}
	return STATUS_OK;
}

static uint32_t choose_querier(const lookups_t *lookups, const actor_t *actor,
                               generator_t *generator)
{
	double skew = population_parameters(lookups->population)->originators.skew;
	double at = generator_uniform(generator);
	at = at * (1 - skew) + at * at * skew;
	uint64_t number = (uint64_t)(at * (double)actor->queriers);
	/* The regulars are every so-manieth, so that they are not the most eager ones alone. */
	bool regular = number * actor->regular_count % actor->queriers < actor->regular_count;
	generator_t own = generator_make(regular ? actor->regulars : actor->others, number);
	return querier_choose(population_world(lookups->population), &actor->profile, actor->ipv6,
	                      &own);
}

static status_t add(lookups_t *lookups, uint64_t moment, uint32_t actor, generator_t *generator,
                    failure_t *failure)
{
	if (lookups->count == lookups->room) {
		size_t room = lookups->room > 0 ? lookups->room * 2 : 4096;
		looking_t *more = realloc(lookups->lookings, 2 * room * sizeof(*more));
		if (more == NULL) {
			return failure_no_memory(failure, "the lookups of a slice");
		}
		lookups->lookings = more;
		lookups->room = room;
	}
	lookups->lookings[lookups->count++] = (looking_t) {
		.moment = moment, .actor = actor,
		.querier = choose_querier(lookups, &lookups->actors[actor], generator),
	};
	return STATUS_OK;
}

/* Height of the day's curve over its mean: highest at noon, lowest twelve hours away. */
static double height(const lookups_t *lookups, const profile_t *profile, uint64_t moment)
{
	uint64_t begin = population_day_begin(lookups->population, lookups->day);
	double hour = (double)(moment - begin) / HOUR;
	double away = fabs(hour - profile->noon);
	away = away > 12 ? 24 - away : away;
	return (1 - profile->diurnal * away / 12) / (1 - profile->diurnal / 2);
}

static status_t add_interval(lookups_t *lookups, uint32_t number, unsigned interval_number,
                             uint64_t begin, generator_t *generator, failure_t *failure)
{
	const actor_t *actor = &lookups->actors[number];
	const interval_t *interval = &actor->activity.intervals[interval_number];
	uint64_t from = interval->begin > begin ? interval->begin : begin;
	uint64_t to = begin + LOOKUPS_SLICE;
	to = interval->end < to ? interval->end : to;
	if (from >= to) {
		return STATUS_OK;
	}
	double mean = (double)actor->queriers * actor->profile.queries * interval->share *
	              (double)(to - from) / (double)(interval->end - interval->begin);
	if (interval_number == 0) {
		mean *= height(lookups, &actor->profile, begin + LOOKUPS_SLICE / 2);
	}
	for (uint64_t left = draw_poisson(generator, mean); left > 0; left--) {
		uint64_t moment = from + generator_below(generator, to - from);
		status_t status = add(lookups, moment, number, generator, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

static status_t add_actor(lookups_t *lookups, uint32_t actor, uint64_t begin, unsigned number,
                          failure_t *failure)
{
	uint64_t serial = lookups->actors[actor].originator;
	generator_t generator =
		stream_make(population_seed(lookups->population), STREAM_SLICE, number, serial);
	status_t status = STATUS_OK;
	unsigned count = lookups->actors[actor].activity.interval_count;
	for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
		status = add_interval(lookups, actor, i, begin, &generator, failure);
	}
	return status;
}

/* Sorts from one half into the other, and at last into the first. */
static void sort(lookups_t *lookups, uint64_t begin)
{
	looking_t *from = lookups->lookings, *to = lookups->lookings + lookups->room;
	for (unsigned pass = 0; pass < RADIX_PASSES; pass++) {
		size_t ends[1 << RADIX_BITS] = { 0 }, sum = 0;
		unsigned shift = pass * RADIX_BITS, mask = (1 << RADIX_BITS) - 1;
		for (size_t i = 0; i < lookups->count; i++) {
			ends[(from[i].moment - begin) >> shift & mask]++;
		}
		for (size_t i = 0; i <= mask; i++) {
			size_t own = ends[i];
			ends[i] = sum;
			sum += own;
		}
		for (size_t i = 0; i < lookups->count; i++) {
			to[ends[(from[i].moment - begin) >> shift & mask]++] = from[i];
		}
		looking_t *other = from;
		from = to;
		to = other;
	}
	memcpy(lookups->lookings, from, lookups->count * sizeof(*from));
}

status_t lookups_next(lookups_t *lookups, const looking_t **slice, size_t *count,
                      failure_t *failure)
{
	if (lookups->slice == SLICES) {
		return STATUS_END;
	}
	const population_t *population = lookups->population;
	uint64_t begin = population_day_begin(population, lookups->day) +
	                 lookups->slice * LOOKUPS_SLICE;
	unsigned number = (unsigned)(lookups->day * SLICES + lookups->slice++);
	lookups->count = 0;
	for (uint32_t i = 0; i < lookups->actor_count; i++) {
		if (i + AHEAD < lookups->actor_count) {
			__builtin_prefetch(&lookups->actors[i + AHEAD].activity);
			__builtin_prefetch(&lookups->actors[i + AHEAD].activity.intervals[1]);
		}
		const activity_t *activity = &lookups->actors[i].activity;
		if (activity->begin >= begin + LOOKUPS_SLICE || activity->end <= begin) {
			continue;
		}
		status_t status = add_actor(lookups, i, begin, number, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	if (lookups->count > 0) {
		sort(lookups, begin);
	}
	*slice = lookups->lookings;
	*count = lookups->count;
	return STATUS_OK;
}

const actor_t *lookups_actor(const lookups_t *lookups, uint32_t actor)
{
	return &lookups->actors[actor];
}

const zone_path_t *lookups_path(const lookups_t *lookups, uint32_t actor)
{
	return &lookups->paths[actor];
}

size_t lookups_memory(const lookups_t *lookups)
{
	return lookups->actor_room * (sizeof(*lookups->actors) + sizeof(*lookups->paths)) +
	       2 * lookups->room * sizeof(*lookups->lookings);
}
