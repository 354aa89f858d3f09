/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrivals and lives.
 *
 * With arrival rate r a day and mean life L days, r L live at any moment and
 * r (L + 1) live on some part of a day (Little's law); so r = alive / (L + 1).
 * A campaign of mean life C whose addresses follow each other every L + G days
 * has 1 + C / (L + G) addresses in the mean, and so many fewer of them come.
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
	const parameters_t *parameters;
	drift_t *drift;
	uint64_t seed;
	double alive;
	uint64_t start;
	unsigned day;             /* the last one made; 0: none */
	originator_t *originators;
	size_t count;
	size_t room;
};

/* Those who come together: all of one class, one species and one moment or day. */
typedef struct {
	population_t *population;
	generator_t generator;
	class_id_t class_id;
	species_id_t species;     /* SPECIES: none */
	uint64_t begin;
	uint64_t length;          /* 0: all at `begin` */
	failure_t *failure;
} arrival_t;

static uint64_t draw_span(generator_t *generator, double mean_days)
{
	double days = mean_days * draw_exponential(generator);
	return (uint64_t)((days < LIFE_DAYS_MAX ? days : LIFE_DAYS_MAX) * (double)DAY);
}

static const species_t *species_of(const arrival_t *arrival)
{
	return arrival->species < SPECIES ?
	       &arrival->population->parameters->species[arrival->species] : NULL;
}

/* Adds one address and tells when it is given up. */
static status_t add(arrival_t *arrival, uint64_t campaign, uint64_t begin, uint64_t *end)
{
	population_t *population = arrival->population;
	if (population->count == population->room) {
		size_t room = population->room > 0 ? population->room * 2 : 1024;
		originator_t *more = realloc(population->originators, room * sizeof(*more));
		if (more == NULL) {
			return failure_no_memory(arrival->failure, "the originators of the simulation");
		}
		population->originators = more;
		population->room = room;
	}
	const class_info_t *info = &population->parameters->classes[arrival->class_id];
	const species_t *species = species_of(arrival);
	generator_t *generator = &arrival->generator;
	uint64_t life = draw_span(generator, species != NULL ? species->life_days : info->life_days);
	*end = begin + (life > LIFE_MIN ? life : LIFE_MIN);
	originator_t *originator = &population->originators[population->count];
	*originator = (originator_t) {
		.serial = population->count, .campaign = campaign, .begin = begin, .end = *end,
		.class_id = (uint8_t)arrival->class_id, .species = (uint8_t)arrival->species,
		.born = (uint16_t)population->day, .first_seen = UINT64_MAX,
	};
	unsigned network = world_pick_network(population->world, generator,
	                                      species != NULL ? species->networks : info->networks);
	bool ipv6 = generator_uniform(generator) < info->ipv6_share;
	originator->network = (uint16_t)network;
	population->count++;
	return world_address(population->world, generator, network, ipv6, true,
	                     &originator->address, arrival->failure);
}

/* One who comes, with all the addresses that it will have. */
static status_t add_campaign(arrival_t *arrival, uint64_t begin)
{
	const species_t *species = species_of(arrival);
	uint64_t campaign = arrival->population->count;
	uint64_t last = begin;
	if (species != NULL && species->campaign_days > 0) {
		last += draw_span(&arrival->generator, species->campaign_days);
	}
	for (;;) {
		uint64_t end = begin;
		status_t status = add(arrival, campaign, begin, &end);
		if (status != STATUS_OK || species == NULL || species->campaign_days <= 0) {
			return status;
		}
		begin = end + draw_span(&arrival->generator, species->gap_hours / 24);
		if (begin > last) {
			return STATUS_OK;
		}
	}
}

static status_t add_all(arrival_t *arrival, double mean)
{
	for (uint64_t left = draw_poisson(&arrival->generator, mean); left > 0; left--) {
		uint64_t later = arrival->length > 0 ?
		                 generator_below(&arrival->generator, arrival->length) : 0;
		status_t status = add_campaign(arrival, arrival->begin + later);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

double population_wave(const species_t *species, double day)
{
	if (species->fall_days <= 0 || species->rise_days <= 0) {
		return 1;
	}
	double away = day - species->wave_day;
	double halvings = away < 0 ? -away / species->rise_days : away / species->fall_days;
	double height = draw_power(0.5, halvings < 900 ? halvings : 900);
	return height > species->base ? height : species->base;
}

/* Those who live when the first day begins (day 0), or who come on a day. */
static status_t add_species(arrival_t *arrival, double alive)
{
	const population_t *population = arrival->population;
	unsigned day = population->day;
	for (species_id_t i = 0; i < SPECIES; i++) {
		const species_t *species = &population->parameters->species[i];
		double life = species->life_days;
		double height = alive * species->share * population_wave(species, day > 0 ? day : 1);
		double addresses = 1;
		if (species->campaign_days > 0) {
			addresses += species->campaign_days / (life + species->gap_hours / 24);
		}
		arrival->species = i;
		double mean = day == 0 ? height * life / (life + 1) : height / (life + 1) / addresses;
		status_t status = add_all(arrival, mean);
		if (status != STATUS_OK) {
			return status;
		}
	}
	return STATUS_OK;
}

static status_t add_day(population_t *population, uint64_t begin, uint64_t length,
                        failure_t *failure)
{
	arrival_t arrival = {
		.population = population, .begin = begin, .length = length, .failure = failure,
		.generator = stream_make(population->seed, STREAM_BIRTHS, population->day, 0),
	};
	status_t status = STATUS_OK;
	for (class_id_t i = 0; i < CLASSES && status == STATUS_OK; i++) {
		double life = population->parameters->classes[i].life_days;
		double alive = population->alive * population->parameters->classes[i].share;
		arrival.class_id = i;
		arrival.species = SPECIES;
		status = i == CLASS_SCAN ? add_species(&arrival, alive) :
		         add_all(&arrival, alive * (length == 0 ? life : 1) / (life + 1));
	}
	return status;
}

status_t population_create(world_t *world, const parameters_t *parameters, uint64_t seed,
                           double alive, uint64_t start, population_t **out, failure_t *failure)
{
	population_t *population = calloc(1, sizeof(*population));
	if (population == NULL) {
		return failure_no_memory(failure, "the originators of the simulation");
	}
	*population = (population_t) {
		.world = world, .parameters = parameters, .seed = seed, .alive = alive, .start = start,
		.drift = drift_create(seed, parameters),
	};
	status_t status = population->drift == NULL ?
	                  failure_no_memory(failure, "the drift of the classes") :
	                  add_day(population, start, 0, failure);
	if (status != STATUS_OK) {
		population_destroy(population);
		return status;
	}
	*out = population;
	return STATUS_OK;
}

void population_destroy(population_t *population)
{
	if (population != NULL) {
		drift_destroy(population->drift);
		free(population->originators);
		free(population);
	}
}

status_t population_next_day(population_t *population, failure_t *failure)
{
	population->day++;
	status_t status = drift_next_day(population->drift, failure);
	return status != STATUS_OK ? status :
	       add_day(population, population_day_begin(population, population->day), DAY, failure);
}

size_t population_count(const population_t *population)
{
	return population->count;
}

originator_t *population_originator(population_t *population, size_t index)
{
	return &population->originators[index];
}

const originator_t *population_look(const population_t *population, size_t index)
{
	return &population->originators[index];
}

uint64_t population_day_begin(const population_t *population, unsigned day)
{
	return population->start + (day - 1) * DAY;
}

const parameters_t *population_parameters(const population_t *population)
{
	return population->parameters;
}

const world_t *population_world(const population_t *population)
{
	return population->world;
}

const drift_t *population_drift(const population_t *population)
{
	return population->drift;
}

uint64_t population_seed(const population_t *population)
{
	return population->seed;
}
