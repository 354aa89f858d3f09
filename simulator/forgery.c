/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulator/forgery.h"

#include <stdlib.h>

#include "common/moment.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

#define HOUR (3600 * MICROSECONDS)

/* Half of the addresses of a network have the name of a home, half have none (ours). */
#define NAMED_SHARE 0.5

struct forgery {
	world_t *world;
	uint64_t seed;
	unsigned daily;
	unsigned day;          /* the last one drawn */
	uint64_t hour;         /* begin of the day's queries */
	address_t victim;
	querier_t *queriers;
	size_t count;
};

status_t forgery_create(world_t *world, uint64_t seed, unsigned count, forgery_t **out,
                        failure_t *failure)
{
	forgery_t *forgery = calloc(1, sizeof(*forgery));
	if (forgery == NULL) {
		return failure_no_memory(failure, "the forged queries");
	}
	*forgery = (forgery_t) { .world = world, .seed = seed, .daily = count };
	status_t status = STATUS_OK;
	if (count > 0) {
		static const double weights[NETWORKS] = { [NETWORK_HOSTING] = 1 };
		generator_t generator = stream_make(seed, STREAM_FORGERY, 0, 0);
		unsigned network = world_pick_network(world, &generator, weights);
		status = world_address(world, &generator, network, false, true, &forgery->victim,
		                       failure);
	}
	if (status != STATUS_OK) {
		forgery_destroy(forgery);
		return status;
	}
	*out = forgery;
	return STATUS_OK;
}

void forgery_destroy(forgery_t *forgery)
{
	if (forgery != NULL) {
		free(forgery->queriers);
		free(forgery);
	}
}

status_t forgery_next_day(forgery_t *forgery, failure_t *failure)
{
	forgery->day++;
	if (forgery->daily == 0) {
		return STATUS_OK;
	}
	size_t count = forgery->count + forgery->daily;
	querier_t *more = realloc(forgery->queriers, count * sizeof(*more));
	if (more == NULL) {
		return failure_no_memory(failure, "the forged queries");
	}
	forgery->queriers = more;
	generator_t generator = stream_make(forgery->seed, STREAM_FORGERY, forgery->day, 0);
	forgery->hour = generator_below(&generator, 23) * HOUR;
	for (; forgery->count < count; forgery->count++) {
		querier_t *querier = &forgery->queriers[forgery->count];
		unsigned network = (unsigned)generator_below(&generator, WORLD_NETWORKS);
		bool named = generator_uniform(&generator) < NAMED_SHARE;
		*querier = (querier_t) {
			.network = (uint16_t)network, .habits = QUERIER_EDNS,
			.kind = named ? KIND_HOME : KIND_NXDOMAIN,
		};
		status_t status = world_address(forgery->world, &generator, network, false, true,
		                                &querier->address, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

size_t forgery_count(const forgery_t *forgery)
{
	return forgery->count;
}

unsigned forgery_daily(const forgery_t *forgery)
{
	return forgery->daily;
}

const querier_t *forgery_querier(const forgery_t *forgery, size_t number)
{
	return &forgery->queriers[number];
}

uint64_t forgery_moment(const forgery_t *forgery, size_t number)
{
	return forgery->hour + HOUR / forgery->daily * (number % forgery->daily);
}

const address_t *forgery_victim(const forgery_t *forgery)
{
	return &forgery->victim;
}
