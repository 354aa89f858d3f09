/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The originators: when they come, how long they stay, what each one is like.
 *
 * Each class is a stationary population: arrivals are a Poisson process, lives
 * are exponential with the mean of the class, and the rate is such that the
 * expected number alive on some part of a day is the class's share. Those who
 * live when the first day begins have, as lives without memory have, the same
 * time still before them as the newly come.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "simulator/classes.h"
#include "simulator/world.h"

/*! An originator. */
typedef struct {
	address_t address;
	uint64_t serial;       /*!< Number of its streams. */
	uint64_t begin;        /*!< Life: [begin, end), microseconds since 1970. */
	uint64_t end;
	uint64_t first_seen;   /*!< First and last query for it, UINT64_MAX and 0 if none. */
	uint64_t last_seen;
	uint16_t network;      /*!< Index of its AS. */
	uint8_t class_id;      /*!< class_id_t. */
} originator_t;

/*! Most ASes and countries that an originator calls its own. */
#define PROFILE_NETWORKS_MAX 32
#define PROFILE_COUNTRIES_MAX 8

/*! What one originator is like: its class, varied. */
typedef struct {
	double kinds[KINDS];      /*!< Running sums of its mixture of querier kinds. */
	double queriers;          /*!< Distinct queriers on a full day: mean. */
	double queries;           /*!< Queries per querier and day: mean. */
	double bursty;
	double bursts;
	double burst_minutes;
	double diurnal;
	double even;
	double near;
	double returning;
	unsigned noon;            /*!< Hour (UTC) of its day's highest point. */
	unsigned network_count;
	unsigned country_count;
	uint16_t networks[PROFILE_NETWORKS_MAX];
	uint16_t countries[PROFILE_COUNTRIES_MAX];
} profile_t;

/*! All originators that ever lived. Not thread-safe. */
typedef struct population population_t;

/*!
 * Makes the population at the begin of the first day.
 *
 * \param world       Gives the addresses; must outlive the population.
 * \param alive       Expected number of originators alive on a day.
 * \param start       First moment, microseconds since 1970.
 * \param population  Out; free with population_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t population_create(world_t *world, uint64_t seed, double alive, uint64_t start,
                           population_t **population, failure_t *failure);

/*! Frees a population; NULL is allowed. */
void population_destroy(population_t *population);

/*!
 * Lets the originators of the next day come; the first call makes day 1.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t population_next_day(population_t *population, failure_t *failure);

/*! How many originators came so far, dead ones included. */
size_t population_count(const population_t *population);

/*! An originator by index; moves when the next day comes. */
originator_t *population_originator(population_t *population, size_t index);

/*! Tells what an originator is like; the same on every day. */
void profile_make(const world_t *world, uint64_t seed, const originator_t *originator,
                  profile_t *profile);
