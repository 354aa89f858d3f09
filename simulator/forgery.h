/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Somebody forges queries: one packet for each querier that does not exist.
 *
 * The sources are addresses of the ASes of the world that nobody has, drawn evenly
 * over the ASes, as the queriers of a scan are; each asks once for the complete
 * reverse name of the victim, in one hour of each day, straight at the authority of
 * choice. Every day has other sources. 24 bytes for each.
 */
#pragma once

#include "simulator/world.h"

/*! A forgery. Not thread-safe. */
typedef struct forgery forgery_t;

/*!
 * Chooses the victim.
 *
 * \param count    Forged queriers a day; 0: none, and no victim is taken.
 * \param forgery  Out; free with forgery_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t forgery_create(world_t *world, uint64_t seed, unsigned count, forgery_t **forgery,
                        failure_t *failure);

/*! Frees it; NULL is allowed. */
void forgery_destroy(forgery_t *forgery);

/*!
 * Draws the sources of the next day.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t forgery_next_day(forgery_t *forgery, failure_t *failure);

/*! Sources of all days so far; those of the last day are the last ones. */
size_t forgery_count(const forgery_t *forgery);

/*! Forged queriers a day. */
unsigned forgery_daily(const forgery_t *forgery);

/*! A source by number. */
const querier_t *forgery_querier(const forgery_t *forgery, size_t number);

/*! The moment within its day (microseconds) of a source's query; ascending within a day. */
uint64_t forgery_moment(const forgery_t *forgery, size_t number);

/*! The victim. */
const address_t *forgery_victim(const forgery_t *forgery);
