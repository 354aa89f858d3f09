/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How the classes wander: the weights of each class's mixture of queriers, by day.
 *
 * The logarithm of each weight is an Ornstein-Uhlenbeck process looked at once a
 * day: x(d+1) = r x(d) + sqrt(1 - r^2) s n, with r = exp(-1 / days), a standard
 * normal n and the stationary deviation s. 1.3 kB a day.
 */
#pragma once

#include "simulator/parameters.h"

/*! The drift of all days so far. Not thread-safe while days are added. */
typedef struct drift drift_t;

/*! Makes the drift with day 0 alone; NULL if memory is short. Free with drift_destroy(). */
drift_t *drift_create(uint64_t seed, const parameters_t *parameters);

/*! Frees it; NULL is allowed. */
void drift_destroy(drift_t *drift);

/*!
 * Adds the next day.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t drift_next_day(drift_t *drift, failure_t *failure);

/*!
 * The mixture of a class on a day: its weights of the parameters, each with its drift.
 *
 * \param day    0 to the number of days added.
 * \param kinds  Out: KINDS weights.
 */
void drift_mixture(const drift_t *drift, class_id_t class_id, unsigned day, double *kinds);
