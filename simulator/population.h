/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The originators: when they come, how long they stay, who moves on to another address.
 *
 * Arrivals are a Poisson process, lives are exponential. Benign classes are
 * stationary: the rate is such that the expected number alive on some part of a
 * day is the class's share, and those who live when the first day begins have, as
 * lives without memory have, the same time still before them as the newly come.
 * Scanners come in species (species.h): the number of some rises and falls, and a
 * campaign goes on from another address when it gives one up.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/drift.h"
#include "simulator/parameters.h"
#include "simulator/world.h"

/*! An originator: one address of somebody. */
typedef struct {
	address_t address;
	uint64_t serial;       /*!< Number of its streams. */
	uint64_t campaign;     /*!< Serial of the first address of its campaign; its own if alone. */
	uint64_t begin;        /*!< Life: [begin, end), microseconds since 1970. */
	uint64_t end;
	uint64_t first_seen;   /*!< First and last query for it, UINT64_MAX and 0 if none. */
	uint64_t last_seen;
	uint16_t network;      /*!< Index of its AS. */
	uint16_t born;         /*!< Day on which its campaign came; 0: before the first. */
	uint8_t class_id;      /*!< class_id_t. */
	uint8_t species;       /*!< species_id_t; SPECIES if it is no scanner. */
} originator_t;

/*! All originators that ever lived. Not thread-safe. */
typedef struct population population_t;

/*!
 * Makes the population at the begin of the first day.
 *
 * \param world       Gives the addresses; must outlive the population.
 * \param parameters  Must outlive the population.
 * \param alive       Expected number of originators alive on a day.
 * \param start       First moment, microseconds since 1970.
 * \param population  Out; free with population_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t population_create(world_t *world, const parameters_t *parameters, uint64_t seed,
                           double alive, uint64_t start, population_t **population,
                           failure_t *failure);

/*! Frees a population; NULL is allowed. */
void population_destroy(population_t *population);

/*!
 * Lets the originators of the next day come; the first call makes day 1.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t population_next_day(population_t *population, failure_t *failure);

/*!
 * How many originators there are so far: the dead, the living, and the addresses to which
 * the campaigns of today will move later.
 */
size_t population_count(const population_t *population);

/*! An originator by index; moves when the next day comes. */
originator_t *population_originator(population_t *population, size_t index);

/*! The same to look at. */
const originator_t *population_look(const population_t *population, size_t index);

/*! The first moment of a day (1: the first). */
uint64_t population_day_begin(const population_t *population, unsigned day);

/*! The parameters that it was made with. */
const parameters_t *population_parameters(const population_t *population);

/*! The world that it lives in. */
const world_t *population_world(const population_t *population);

/*! Where its classes wandered so far. */
const drift_t *population_drift(const population_t *population);

/*! The seed that it was made with. */
uint64_t population_seed(const population_t *population);

/*! Share of its height that a wave has on a day. See the parameters for the formula. */
double population_wave(const species_t *species, double day);
