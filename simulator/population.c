/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrivals and lives.
 *
 * With arrival rate r a day and mean life L days, r L live at any moment and
 * r (L + 1) live on some part of a day (Little's law); so r = alive / (L + 1).
 */
#include "simulator/population.h"

#include <stdlib.h>

#include "common/moment.h"
#include "simulator/draw.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)
/* Nobody lives shorter than half an hour (ours), or longer than 50 years. */
#define LIFE_MIN (1800 * MICROSECONDS)
#define LIFE_DAYS_MAX 18250.0

struct population {
	world_t *world;
	uint64_t seed;
	double alive;
	uint64_t start;
	unsigned day;             /* the last one made; 0: none */
	originator_t *originators;
	size_t count;
	size_t room;
};

static uint64_t draw_life(generator_t *generator, double mean_days)
{
	double days = mean_days * draw_exponential(generator);
	uint64_t life = (uint64_t)((days < LIFE_DAYS_MAX ? days : LIFE_DAYS_MAX) * (double)DAY);
	return life > LIFE_MIN ? life : LIFE_MIN;
}

static status_t add(population_t *population, generator_t *generator, class_id_t class_id,
                    uint64_t begin, failure_t *failure)
{
	if (population->count == population->room) {
		size_t room = population->room > 0 ? population->room * 2 : 1024;
		originator_t *more = realloc(population->originators, room * sizeof(*more));
		if (more == NULL) {
			return failure_no_memory(failure, "the originators of the simulation");
		}
		population->originators = more;
		population->room = room;
	}
	const class_info_t *info = &class_table[class_id];
	originator_t *originator = &population->originators[population->count];
	*originator = (originator_t) {
		.serial = population->count, .class_id = (uint8_t)class_id, .begin = begin,
		.end = begin + draw_life(generator, info->life_days), .first_seen = UINT64_MAX,
	};
	unsigned network = world_pick_network(population->world, generator, info->networks);
	bool ipv6 = generator_uniform(generator) < info->ipv6_share;
	originator->network = (uint16_t)network;
	population->count++;
	return world_address(population->world, generator, network, ipv6, true,
	                     &originator->address, failure);
}

/* Adds those who come at a moment of [begin, begin + length); all at `begin` if length is 0. */
static status_t add_class(population_t *population, generator_t *generator, class_id_t class_id,
                          double mean, uint64_t begin, uint64_t length, failure_t *failure)
{
	for (uint64_t left = draw_poisson(generator, mean); left > 0; left--) {
		uint64_t later = length > 0 ? generator_below(generator, length) : 0;
		status_t status = add(population, generator, class_id, begin + later, failure);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

status_t population_create(world_t *world, uint64_t seed, double alive, uint64_t start,
                           population_t **out, failure_t *failure)
{
	population_t *population = calloc(1, sizeof(*population));
	if (population == NULL) {
		return failure_no_memory(failure, "the originators of the simulation");
	}
	*population = (population_t) { .world = world, .seed = seed, .alive = alive, .start = start };
	generator_t generator = stream_make(seed, STREAM_BIRTHS, 0, 0);
	for (class_id_t i = 0; i < CLASSES; i++) {
		double life = class_table[i].life_days;
		double mean = alive * class_table[i].share * life / (life + 1);
		status_t status = add_class(population, &generator, i, mean, start, 0, failure);
		if (status != STATUS_OK) {
			population_destroy(population);
			return status;
		}
	}
	*out = population;
	return STATUS_OK;
}

void population_destroy(population_t *population)
{
	if (population != NULL) {
		free(population->originators);
		free(population);
	}
}

status_t population_next_day(population_t *population, failure_t *failure)
{
	uint64_t begin = population->start + population->day * DAY;
	population->day++;
	generator_t generator = stream_make(population->seed, STREAM_BIRTHS, population->day, 0);
	status_t status = STATUS_OK;
	for (class_id_t i = 0; i < CLASSES && status == STATUS_OK; i++) {
		double mean = population->alive * class_table[i].share / (class_table[i].life_days + 1);
		status = add_class(population, &generator, i, mean, begin, DAY, failure);
	}
	return status;
}

size_t population_count(const population_t *population)
{
	return population->count;
}

originator_t *population_originator(population_t *population, size_t index)
{
	return &population->originators[index];
}
