/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What one originator is like, and when it is at work on a day.
 *
 * The profile belongs to the campaign: a scanner that moves on to another address
 * goes on as before. Both follow from the seed alone, so they can be made again
 * at any time, in any order and by any thread, for the queries of the targets and
 * for the packets of the scan.
 */
#pragma once

#include <stdbool.h>

#include "simulator/population.h"

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
	double regular_begin;     /*!< Begin and length in hours of its work each day; */
	double regular_hours;     /*!< 0: not regular. */
	unsigned noon;            /*!< Hour (UTC) of its day's highest point. */
	unsigned network_count;
	unsigned country_count;
	uint16_t networks[PROFILE_NETWORKS_MAX];
	uint16_t countries[PROFILE_COUNTRIES_MAX];
} profile_t;

/*! Most intervals of a day. */
#define ACTIVITY_INTERVALS_MAX 16

/*! A part of a day. */
typedef struct {
	uint64_t begin;           /*!< [begin, end), microseconds since 1970. */
	uint64_t end;
	double share;             /*!< Of the day's work that is done in it, evenly. */
} interval_t;

/*! A day of one originator. */
typedef struct {
	uint64_t begin;           /*!< Its life on this day. */
	uint64_t end;
	double queriers;          /*!< Distinct queriers of this day, about. */
	unsigned interval_count;  /*!< At least 1; intervals may lie over each other. */
	interval_t intervals[ACTIVITY_INTERVALS_MAX];
} activity_t;

/*! Tells what an originator is like; the same on every day. Thread-safe. */
void profile_make(const population_t *population, const originator_t *originator,
                  profile_t *profile);

/*!
 * Tells when an originator is at work on a day. Thread-safe.
 *
 * \param day  From 1.
 *
 * \return false if it does not live on that day; \a activity is then undefined.
 */
bool activity_make(const population_t *population, const originator_t *originator,
                   const profile_t *profile, unsigned day, activity_t *activity);
