/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/traffic.h"

#include <stdlib.h>

#include "common/moment.h"
#include "simulator/lookups.h"
#include "simulator/pending.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)

/* So many lookups ahead is memory asked for. */
#define AHEAD 8

const char *const authority_names[AUTHORITIES] = { "leaf", "national", "root" };

struct traffic {
	population_t *population;
	const forgery_t *forgery;
	authority_t authority;
	int country;
	unsigned day;
	lookups_t *lookups;
	cache_t *cache;
	pending_t pending;
	const looking_t *slice;
	size_t at;               /* in the slice */
	size_t count;
	size_t forged_at;        /* the next forged query to come */
	generator_t resolution;
	generator_t noise;
	uint64_t originators;
	bool victim_seen;
	attenuation_t attenuation;
};

status_t traffic_create(population_t *population, const forgery_t *forgery,
                        authority_t authority, int country, traffic_t **out, failure_t *failure)
{
	traffic_t *traffic = calloc(1, sizeof(*traffic));
	if (traffic == NULL) {
		return failure_no_memory(failure, "the traffic");
	}
	*traffic = (traffic_t) {
		.population = population, .forgery = forgery, .authority = authority,
		.country = country, .lookups = lookups_create(population), .cache = cache_create(),
	};
	if (traffic->lookups == NULL || traffic->cache == NULL) {
		traffic_destroy(traffic);
		return failure_no_memory(failure, "the traffic");
	}
	*out = traffic;
	return STATUS_OK;
}

void traffic_destroy(traffic_t *traffic)
{
	if (traffic != NULL) {
		lookups_destroy(traffic->lookups);
		cache_destroy(traffic->cache);
		pending_clear(&traffic->pending);
		free(traffic);
	}
}

status_t traffic_begin_day(traffic_t *traffic, failure_t *failure)
{
	uint64_t seed = population_seed(traffic->population);
	traffic->day++;
	traffic->originators = 0;
	traffic->victim_seen = false;
	traffic->at = traffic->count = 0;
	traffic->forged_at = forgery_count(traffic->forgery) - forgery_daily(traffic->forgery);
	traffic->resolution = stream_make(seed, STREAM_RESOLUTION, traffic->day, 0);
	traffic->noise = stream_make(seed, STREAM_NOISE, traffic->day, 0);
	return lookups_begin_day(traffic->lookups, traffic->day, failure);
}

static bool hears(const traffic_t *traffic, const zone_path_t *path, unsigned height)
{
	static const authority_t authorities[HEIGHTS] = {
		[HEIGHT_ROOT] = AUTHORITY_ROOT, [HEIGHT_8] = AUTHORITY_NATIONAL,
		[HEIGHT_16] = AUTHORITY_LEAF, [HEIGHT_24] = AUTHORITY_LEAF,
	};
	if (authorities[height] != traffic->authority) {
		return false;
	}
	const world_t *world = population_world(traffic->population);
	return traffic->country < 0 ||
	       world_network(world, path->network)->country == traffic->country;
}

/* What comes beside a complete query: the same again, and others. */
static status_t add_noise(traffic_t *traffic, event_t event, failure_t *failure)
{
	const resolver_parameters_t *shares =
		&population_parameters(traffic->population)->resolvers;
	generator_t *generator = &traffic->noise;
	uint64_t moment = event.moment;
	status_t status = STATUS_OK;
	if (generator_uniform(generator) < shares->retransmits) {
		event.kind = EVENT_RETRANSMISSION;
		event.moment = moment + MICROSECONDS + generator_below(generator, 4 * MICROSECONDS);
		status = pending_add(&traffic->pending, &event, failure);
	}
	for (unsigned i = 0; i < EVENT_OTHERS && status == STATUS_OK; i++) {
		if (generator_uniform(generator) < shares->others[i]) {
			event.kind = (uint8_t)(EVENT_ANY + i);
			event.moment = moment + generator_below(generator, 5 * MICROSECONDS);
			status = pending_add(&traffic->pending, &event, failure);
		}
	}
	return status;
}

/* Takes the queries of a lookup: all are counted, those that the authority hears are kept. */
static status_t take_asks(traffic_t *traffic, const looking_t *looking, const ask_t *asks,
                          unsigned count, failure_t *failure)
{
	const zone_path_t *path = lookups_path(traffic->lookups, looking->actor);
	for (unsigned i = 0; i < count; i++) {
		const ask_t *ask = &asks[i];
		bool complete = ask->kind == EVENT_PTR;
		traffic->attenuation.queries[ask->height]++;
		traffic->attenuation.complete[ask->height] += complete;
		if (!hears(traffic, path, ask->height)) {
			continue;
		}
		event_t event = {
			.moment = ask->moment, .originator = path->originator,
			.querier = looking->querier, .kind = ask->kind, .depth = ask->depth,
		};
		status_t status = pending_add(&traffic->pending, &event, failure);
		if (status == STATUS_OK && complete) {
			status = add_noise(traffic, event, failure);
		}
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

/* Memory is asked for ahead: first what names the places in the caches, then these. */
static void prefetch(traffic_t *traffic)
{
	const world_t *world = population_world(traffic->population);
	size_t far = traffic->at + 2 * AHEAD, near = traffic->at + AHEAD;
	if (far < traffic->count) {
		const looking_t *looking = &traffic->slice[far];
		__builtin_prefetch(lookups_path(traffic->lookups, looking->actor));
		__builtin_prefetch(world_querier(world, looking->querier));
	}
	if (near < traffic->count) {
		const looking_t *looking = &traffic->slice[near];
		resolution_prefetch(world, traffic->cache, looking->querier,
		                    lookups_path(traffic->lookups, looking->actor));
	}
}

static status_t look_up(traffic_t *traffic, const looking_t *looking, failure_t *failure)
{
	ask_t asks[RESOLUTION_MAX];
	unsigned count;
	lookup_outcome_t outcome;
	const zone_path_t *path = lookups_path(traffic->lookups, looking->actor);
	status_t status = resolution_make(population_world(traffic->population), traffic->cache,
	                                  looking->querier, path, looking->moment,
	                                  &traffic->resolution, asks, &count, &outcome, failure);
	if (status == STATUS_OK) {
		traffic->attenuation.outcomes[outcome]++;
		status = take_asks(traffic, looking, asks, count, failure);
	}
	return status;
}

/* Lets the forged queries come whose moment is before `end`. */
static status_t add_forged(traffic_t *traffic, uint64_t end, failure_t *failure)
{
	uint64_t begin = population_day_begin(traffic->population, traffic->day);
	uint32_t first = (uint32_t)world_querier_count(population_world(traffic->population));
	while (traffic->forged_at < forgery_count(traffic->forgery)) {
		event_t event = {
			.moment = begin + forgery_moment(traffic->forgery, traffic->forged_at),
			.originator = EVENT_VICTIM, .querier = first + (uint32_t)traffic->forged_at,
			.kind = EVENT_PTR,
		};
		if (event.moment >= end) {
			return STATUS_OK;
		}
		status_t status = pending_add(&traffic->pending, &event, failure);
		if (status != STATUS_OK) {
			return status;
		}
		traffic->forged_at++;
	}
	return STATUS_OK;
}

static void mark_seen(traffic_t *traffic, const event_t *event)
{
	if (event->originator == EVENT_VICTIM) {
		traffic->originators += !traffic->victim_seen;
		traffic->victim_seen = true;
		return;
	}
	if (event->kind > EVENT_RETRANSMISSION) {
		return;
	}
	originator_t *originator = population_originator(traffic->population, event->originator);
	uint64_t begin = population_day_begin(traffic->population, traffic->day);
	traffic->originators += originator->first_seen == UINT64_MAX ||
	                        originator->last_seen < begin;
	if (originator->first_seen == UINT64_MAX) {
		originator->first_seen = event->moment;
	}
	originator->last_seen = event->moment;
}

status_t traffic_next(traffic_t *traffic, event_t *event, failure_t *failure)
{
	uint64_t day_end = population_day_begin(traffic->population, traffic->day) + DAY;
	status_t status = STATUS_OK;
	bool ended = false;
	while (status == STATUS_OK) {
		if (traffic->at == traffic->count && !ended) {
			traffic->at = 0;
			status = lookups_next(traffic->lookups, &traffic->slice, &traffic->count, failure);
			ended = status == STATUS_END;
			traffic->count = ended ? 0 : traffic->count;
			status = ended ? add_forged(traffic, day_end, failure) : status;
			continue;
		}
		/* Nothing comes before the next lookup any more. */
		uint64_t now = ended ? day_end - 1 : traffic->slice[traffic->at].moment;
		if ((status = add_forged(traffic, now, failure)) != STATUS_OK) {
			break;
		}
		if (traffic->pending.count > 0 && traffic->pending.entries[0].event.moment <= now) {
			*event = pending_take(&traffic->pending);
			mark_seen(traffic, event);
			return STATUS_OK;
		}
		if (ended) {
			return STATUS_END;
		}
		prefetch(traffic);
		status = look_up(traffic, &traffic->slice[traffic->at++], failure);
	}
	return status;
}

uint64_t traffic_originators(const traffic_t *traffic)
{
	return traffic->originators;
}

const attenuation_t *traffic_attenuation(const traffic_t *traffic)
{
	return &traffic->attenuation;
}
