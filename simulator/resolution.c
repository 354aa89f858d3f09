/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/resolution.h"

#include "common/moment.h"
#include "simulator/draw.h"

/* From one query of a lookup to the next: a round trip, uniform in this range (ours). */
#define TRIP_MIN 8000
#define TRIP_MAX 120000

typedef struct {
	const world_t *world;
	cache_t *cache;
	const querier_t *querier;
	const zone_path_t *path;
	uint64_t resolver;       /* upper half of the keys */
	uint64_t begin;          /* moment of the lookup */
	uint64_t now;            /* moment of the next query */
	generator_t *generator;
	ask_t *asks;
	unsigned count;
	failure_t *failure;
} lookup_t;

static uint64_t key_of(const lookup_t *lookup, uint64_t item)
{
	return lookup->resolver << 40 | item;
}

static bool has(const lookup_t *lookup, uint64_t item)
{
	return cache_find(lookup->cache, key_of(lookup, item)) > lookup->begin;
}

static status_t keep(lookup_t *lookup, uint64_t item, double seconds)
{
	uint64_t expires = lookup->begin + (uint64_t)(seconds * MICROSECONDS) + 1;
	return cache_put(lookup->cache, key_of(lookup, item), lookup->begin, expires,
	                 lookup->failure);
}

/* Whether the servers of a zone are known, by ourselves or because others asked for them. */
static status_t knows(lookup_t *lookup, height_t height, bool *known)
{
	const parameters_t *parameters = world_parameters(lookup->world);
	uint64_t item = lookup->path->items[height];
	*known = has(lookup, item);
	if (*known) {
		return STATUS_OK;
	}
	unsigned below = height - HEIGHT_8;
	double ttl = parameters->zones.delegation_ttl[below];
	double others = parameters->kinds[lookup->querier->kind].background / 86400 *
	                parameters->zones.background[below];
	double warm = others * ttl / (1 + others * ttl);
	if (generator_uniform(lookup->generator) >= warm) {
		return STATUS_OK;
	}
	*known = true;
	return keep(lookup, item, ttl * generator_uniform(lookup->generator));
}

static void ask(lookup_t *lookup, height_t height, event_kind_t kind, unsigned depth)
{
	if (lookup->count < RESOLUTION_MAX) {
		lookup->asks[lookup->count++] = (ask_t) {
			.moment = lookup->now, .height = (uint8_t)height, .kind = (uint8_t)kind,
			.depth = (uint8_t)depth,
		};
		lookup->now += TRIP_MIN + generator_below(lookup->generator, TRIP_MAX - TRIP_MIN);
	}
}

/* Probes of QNAME minimisation: the depths behind `from` up to `to`, one query each. */
static void probe(lookup_t *lookup, height_t height, unsigned from, unsigned to)
{
	static const unsigned depths[2][5] = { { 1, 2, 3 }, { 4, 8, 12, 16 } };
	for (const unsigned *depth = depths[lookup->path->ipv6]; *depth != 0; depth++) {
		if (*depth > from && *depth <= to) {
			ask(lookup, height, EVENT_PARTIAL, *depth);
		}
	}
}

/* Asks the servers of a zone above the one that holds the name, and learns the next zone. */
static status_t descend(lookup_t *lookup, height_t height, height_t *next)
{
	const zone_path_t *path = lookup->path;
	for (*next = height + 1; !path->exists[*next];) {
		++*next;
	}
	if (lookup->querier->habits & QUERIER_MINIMISES) {
		probe(lookup, height, zone_depth(path->ipv6, height), zone_depth(path->ipv6, *next));
	} else {
		ask(lookup, height, EVENT_PTR, 0);
	}
	const double *ttls = world_parameters(lookup->world)->zones.delegation_ttl;
	return keep(lookup, path->items[*next], ttls[*next - HEIGHT_8]);
}

/* Asks those who hold the name. */
static status_t finish(lookup_t *lookup)
{
	const zone_path_t *path = lookup->path;
	bool stopped = false;
	if (lookup->querier->habits & QUERIER_MINIMISES) {
		unsigned depth = zone_depth(path->ipv6, path->holder);
		/* Where nothing lies below, the first probe hears so; some stop there (RFC 8020). */
		stopped = path->holder == HEIGHT_8 && lookup->querier->habits & QUERIER_STOPS;
		probe(lookup, path->holder, depth, stopped ? zone_depth(path->ipv6, HEIGHT_16) : 99);
	}
	if (!stopped) {
		ask(lookup, path->holder, EVENT_PTR, 0);
	}
	status_t status = STATUS_OK;
	if (!path->named && path->is_signed && lookup->querier->habits & QUERIER_VALIDATES) {
		status = keep(lookup, path->gap, path->ttl);
	}
	return status == STATUS_OK ? keep(lookup, path->name, path->ttl) : status;
}

/* Goes down from the lowest zone that is known. */
static status_t walk(lookup_t *lookup)
{
	height_t height = HEIGHT_ROOT;
	for (height_t at = lookup->path->holder; at > HEIGHT_ROOT && height == HEIGHT_ROOT; at--) {
		bool known = false;
		status_t status = lookup->path->exists[at] ? knows(lookup, at, &known) : STATUS_OK;
		if (status != STATUS_OK) {
			return status;
		}
		height = known ? at : HEIGHT_ROOT;
	}
	while (height < lookup->path->holder) {
		status_t status = descend(lookup, height, &height);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return finish(lookup);
}

void resolution_prefetch(const world_t *world, const cache_t *cache, uint32_t querier,
                         const zone_path_t *path)
{
	lookup_t lookup = { .resolver = world_resolver(world, querier) };
	cache_prefetch(cache, key_of(&lookup, path->name));
	for (height_t height = HEIGHT_8; height <= path->holder; height++) {
		cache_prefetch(cache, key_of(&lookup, path->items[height]));
	}
}

status_t resolution_make(const world_t *world, cache_t *cache, uint32_t querier,
                         const zone_path_t *path, uint64_t moment, generator_t *generator,
                         ask_t asks[RESOLUTION_MAX], unsigned *count, lookup_outcome_t *outcome,
                         failure_t *failure)
{
	lookup_t lookup = {
		.world = world, .cache = cache, .querier = world_querier(world, querier), .path = path,
		.resolver = world_resolver(world, querier), .begin = moment, .now = moment,
		.generator = generator, .asks = asks, .failure = failure,
	};
	status_t status = STATUS_OK;
	*outcome = LOOKUP_ASKED;
	if (has(&lookup, path->name) && !(lookup.querier->habits & QUERIER_FORGETS)) {
		*outcome = LOOKUP_CACHED;
	} else if (!path->named && path->is_signed && has(&lookup, path->gap)) {
		*outcome = LOOKUP_PROVEN;
	} else {
		status = walk(&lookup);
	}
	*count = lookup.count;
	return status;
}
