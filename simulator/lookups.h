/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The lookups that targets make, slice by slice of ten minutes, in the order of time.
 *
 * Every originator's slice has a stream of random numbers of its own, so nothing
 * hangs on what was made before, and no more than a slice is ever in memory: 16
 * bytes a lookup, and about 1 kB for each originator that lives on the day.
 *
 * An originator has so many queriers a day, numbered from 0; which querier has a
 * number is drawn from a stream of that number whenever it is needed: the first
 * ones from a stream that is the same every day (the share that returns), the rest
 * from the day's own. So no list of queriers is kept.
 */
#pragma once

#include "simulator/profile.h"
#include "simulator/zone_path.h"

/*! Length of a slice in microseconds; a day is a whole number of them. */
#define LOOKUPS_SLICE UINT64_C(600000000)

/*! A lookup. */
typedef struct {
	uint64_t moment;
	uint32_t actor;      /*!< See lookups_actor(). */
	uint32_t querier;    /*!< Index in the world. */
} looking_t;

/*! An originator at work on the day. */
typedef struct {
	uint32_t originator; /*!< Index in the population. */
	bool ipv6;
	uint64_t regulars;   /*!< Seeds of its queriers. */
	uint64_t others;
	uint64_t queriers;   /*!< How many on this day, and how many of them are regulars. */
	uint64_t regular_count;
	profile_t profile;
	activity_t activity;
} actor_t;

/*! The source of lookups. Not thread-safe. */
typedef struct lookups lookups_t;

/*! Makes the source; NULL if memory is short. Free with lookups_destroy(). */
lookups_t *lookups_create(const population_t *population);

/*! Frees it; NULL is allowed. */
void lookups_destroy(lookups_t *lookups);

/*!
 * Begins a day, which the population must have made.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t lookups_begin_day(lookups_t *lookups, unsigned day, failure_t *failure);

/*!
 * Makes the lookups of the next slice.
 *
 * \param slice  Out: sorted by moment, valid until the next call.
 * \param count  Out.
 *
 * \return STATUS_OK; STATUS_END behind the day's last slice; STATUS_NO_MEMORY.
 */
status_t lookups_next(lookups_t *lookups, const looking_t **slice, size_t *count,
                      failure_t *failure);

/*! An originator of the day by number; valid until the next day begins. */
const actor_t *lookups_actor(const lookups_t *lookups, uint32_t actor);

/*! The way to its name. They stand close together, as every lookup needs one. */
const zone_path_t *lookups_path(const lookups_t *lookups, uint32_t actor);

/*! Bytes that are held: for tests of the bound. */
size_t lookups_memory(const lookups_t *lookups);
