/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A day: for each living originator choose the queriers, for each querier the moments.
 *
 * Queriers: the first part of them (the share that returns) comes from a
 * stream that is the same every day, the rest from the day's own. Moments: with
 * the share of the class in one of the day's bursts (exponential behind its
 * begin), else anywhere in the day under a curve with one top, so that the
 * originator sleeps as its country does.
 */
#include "simulator/traffic.h"

#include <math.h>
#include <stdlib.h>

#include "common/moment.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)
#define HOUR (3600 * MICROSECONDS)
#define TRIES 8
#define IPV6_TRIES 40

/* What else arrives, per PTR query; ours. */
#define RETRANSMISSION_SHARE 0.015
#define SERVICE_SHARE 0.004
#define CLASSLESS_SHARE 0.004
#define ANY_SHARE 0.003
#define MALFORMED_SHARE 0.001
/* A minimising resolver knows the upper delegations mostly from its cache. */
#define PARTIAL_SHARE 0.6

/* Queriers that cache nothing ask so many times more often. */
#define FORGETFUL_FACTOR 3.0
/* An IPv6 originator is asked for over IPv6 so often; else as it comes. */
#define IPV6_PREFERENCE 0.6

typedef struct {
	const world_t *world;
	generator_t generator;   /* of the originator's day */
	generator_t regulars;    /* of the queriers that return */
	profile_t profile;
	activity_t activity;
	uint64_t day_begin;
	uint32_t *stamps;        /* per querier: the last originator that chose it, plus 1 */
	uint32_t originator;
	bool ipv6;
	traffic_t *traffic;
	size_t room;
	bool failed;             /* memory was short */
} day_t;

static void emit(day_t *day, uint64_t moment, uint32_t querier, event_kind_t kind, unsigned depth)
{
	traffic_t *traffic = day->traffic;
	if (traffic->count == day->room) {
		size_t room = day->room > 0 ? day->room * 2 : 4096;
		event_t *more = realloc(traffic->events, room * sizeof(*more));
		if (more == NULL) {
			day->failed = true;
			return;
		}
		traffic->events = more;
		day->room = room;
	}
	traffic->events[traffic->count++] = (event_t) {
		.moment = moment, .originator = day->originator, .querier = querier,
		.kind = (uint8_t)kind, .depth = (uint8_t)depth,
	};
}

static bool pick(generator_t *generator, querier_run_t run, uint32_t *querier)
{
	if (run.first == run.end) {
		return false;
	}
	*querier = run.first + (uint32_t)generator_below(generator, run.end - run.first);
	return true;
}

/* A querier of that kind out of the originator's own region, if there is one. */
static bool pick_near(const day_t *day, generator_t *generator, querier_kind_t kind,
                      uint32_t *querier)
{
	const profile_t *profile = &day->profile;
	if (profile->network_count > 0) {
		uint64_t at = generator_below(generator, profile->network_count);
		unsigned network = profile->networks[at];
		if (pick(generator, world_queriers(day->world, kind, network, network + 1), querier)) {
			return true;
		}
	}
	unsigned first, end;
	uint64_t at = generator_below(generator, profile->country_count);
	world_country_networks(day->world, profile->countries[at], &first, &end);
	return pick(generator, world_queriers(day->world, kind, first, end), querier);
}

static uint32_t draw_querier(const day_t *day, generator_t *generator)
{
	const profile_t *profile = &day->profile;
	querier_kind_t kind = (querier_kind_t)draw_choice(generator, profile->kinds, KINDS);
	uint32_t querier = 0;
	if (generator_uniform(generator) < profile->near &&
	    pick_near(day, generator, kind, &querier)) {
		return querier;
	}
	if (generator_uniform(generator) < profile->even) {
		for (unsigned i = 0; i < TRIES; i++) {
			unsigned network = (unsigned)generator_below(generator, WORLD_NETWORKS);
			if (pick(generator, world_queriers(day->world, kind, network, network + 1),
			         &querier)) {
				return querier;
			}
		}
	}
	/* There are queriers of every kind in the world. */
	(void)pick(generator, world_queriers(day->world, kind, 0, WORLD_NETWORKS), &querier);
	return querier;
}

/* A querier that this originator does not have yet today; false if none turns up. */
static bool choose_querier(day_t *day, generator_t *generator, uint32_t *querier)
{
	bool over_ipv6 = day->ipv6 && generator_uniform(generator) < IPV6_PREFERENCE;
	for (unsigned i = over_ipv6 ? 0 : IPV6_TRIES; i < IPV6_TRIES + TRIES; i++) {
		*querier = draw_querier(day, generator);
		bool fits = i >= IPV6_TRIES ||
		            !address_is_ipv4(&world_querier(day->world, *querier)->address);
		if (fits && day->stamps[*querier] != day->originator + 1) {
			day->stamps[*querier] = day->originator + 1;
			return true;
		}
	}
	return false;
}

/* Height of the day's curve: 1 at noon, 1 - diurnal twelve hours away, straight between. */
static double height(const day_t *day, uint64_t moment)
{
	double hour = (double)(moment - day->day_begin) / (double)HOUR;
	double away = fabs(hour - day->profile.noon);
	away = away > 12 ? 24 - away : away;
	return 1 - day->profile.diurnal * away / 12;
}

static uint64_t draw_moment(day_t *day)
{
	generator_t *generator = &day->generator;
	const activity_t *activity = &day->activity;
	const interval_t *interval = activity->intervals;
	double at = generator_uniform(generator);
	for (unsigned i = 1; i < activity->interval_count && at >= interval->share; i++) {
		at -= interval->share;
		interval++;
	}
	uint64_t moment;
	unsigned tries = 0;
	do {
		moment = interval->begin + generator_below(generator, interval->end - interval->begin);
	} while (interval == activity->intervals && ++tries < TRIES &&
	         generator_uniform(generator) >= height(day, moment));
	return moment;
}

/* A resolver on its way down asks for the delegations above the name, milliseconds apart. */
static void emit_partial(day_t *day, uint64_t moment, uint32_t querier)
{
	unsigned deepest = day->ipv6 ? 16 : 3, step = day->ipv6 ? 4 : 1;
	unsigned count = 1 + (unsigned)generator_below(&day->generator, 2);
	for (unsigned i = count; i > 0; i--) {
		uint64_t before = i * (8000 + generator_below(&day->generator, 60000));
		if (moment >= day->day_begin + before) {
			emit(day, moment - before, querier, EVENT_PARTIAL, deepest - (i - 1) * step);
		}
	}
}

static void emit_query(day_t *day, uint32_t querier)
{
	static const struct { event_kind_t kind; double share; } others[] = {
		{ EVENT_ANY, ANY_SHARE }, { EVENT_SERVICE, SERVICE_SHARE },
		{ EVENT_CLASSLESS, CLASSLESS_SHARE }, { EVENT_MALFORMED, MALFORMED_SHARE },
	};
	generator_t *generator = &day->generator;
	uint64_t moment = draw_moment(day);
	emit(day, moment, querier, EVENT_PTR, 0);
	if (world_querier(day->world, querier)->habits & QUERIER_MINIMISES &&
	    generator_uniform(generator) < PARTIAL_SHARE) {
		emit_partial(day, moment, querier);
	}
	if (generator_uniform(generator) < RETRANSMISSION_SHARE) {
		uint64_t again = moment + MICROSECONDS + generator_below(generator, 4 * MICROSECONDS);
		/* What would fall into the next day is left out: a day is made on its own. */
		if (again < day->day_begin + DAY) {
			emit(day, again, querier, EVENT_RETRANSMISSION, 0);
		}
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (generator_uniform(generator) < others[i].share) {
			emit(day, draw_moment(day), querier, others[i].kind, 0);
		}
	}
}

static void make_originator(day_t *day)
{
	uint64_t count = (uint64_t)day->activity.queriers + 1;
	uint64_t regulars = (uint64_t)((double)count * day->profile.returning);
	for (uint64_t i = 0; i < count; i++) {
		uint32_t querier;
		if (!choose_querier(day, i < regulars ? &day->regulars : &day->generator, &querier)) {
			continue;
		}
		double more = day->profile.queries - 1;
		if (world_querier(day->world, querier)->habits & QUERIER_FORGETS) {
			more = (more + 1) * FORGETFUL_FACTOR - 1;
		}
		for (uint64_t left = 1 + draw_geometric(&day->generator, more); left > 0; left--) {
			emit_query(day, querier);
		}
	}
}

/* By moment; the rest makes the order total, so that it does not hang on the sorting. */
static int compare_events(const void *left, const void *right)
{
	const event_t *a = left, *b = right;
	uint64_t keys[][2] = {
		{ a->moment, b->moment }, { a->originator, b->originator },
		{ a->querier, b->querier }, { a->kind, b->kind }, { a->depth, b->depth },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i][0] != keys[i][1]) {
			return keys[i][0] < keys[i][1] ? -1 : 1;
		}
	}
	return 0;
}

static void mark_seen(originator_t *originator, const event_t *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (events[i].kind > EVENT_RETRANSMISSION) {
			continue;
		}
		if (events[i].moment < originator->first_seen) {
			originator->first_seen = events[i].moment;
		}
		if (events[i].moment > originator->last_seen) {
			originator->last_seen = events[i].moment;
		}
	}
}

static void make_day(day_t *day, population_t *population, unsigned number)
{
	uint64_t seed = population_seed(population), day_end = day->day_begin + DAY;
	for (size_t i = 0; i < population_count(population) && !day->failed; i++) {
		originator_t *originator = population_originator(population, i);
		if (originator->begin >= day_end || originator->end <= day->day_begin) {
			continue;
		}
		size_t first = day->traffic->count;
		day->originator = (uint32_t)i;
		day->ipv6 = !address_is_ipv4(&originator->address);
		day->generator = stream_make(seed, STREAM_DAY, number, originator->serial);
		day->regulars = stream_make(seed, STREAM_REGULARS, 0, originator->campaign);
		profile_make(population, originator, &day->profile);
		(void)activity_make(population, originator, &day->profile, number, &day->activity);
		make_originator(day);
		mark_seen(originator, day->traffic->events + first, day->traffic->count - first);
		day->traffic->originators += day->traffic->count > first;
	}
}

status_t traffic_make(population_t *population, unsigned day, traffic_t *traffic,
                      failure_t *failure)
{
	const world_t *world = population_world(population);
	*traffic = (traffic_t) { 0 };
	day_t *work = calloc(1, sizeof(*work));
	uint32_t *stamps = calloc(world_querier_count(world), sizeof(*stamps));
	bool failed = work == NULL || stamps == NULL;
	if (!failed) {
		work->world = world;
		work->day_begin = population_day_begin(population, day);
		work->stamps = stamps;
		work->traffic = traffic;
		make_day(work, population, day);
		failed = work->failed;
	}
	free(work);
	free(stamps);
	if (failed) {
		traffic_clear(traffic);
		return failure_no_memory(failure, "the queries of a day");
	}
	if (traffic->count > 0) {
		qsort(traffic->events, traffic->count, sizeof(*traffic->events), compare_events);
	}
	return STATUS_OK;
}

void traffic_clear(traffic_t *traffic)
{
	free(traffic->events);
	*traffic = (traffic_t) { 0 };
}
