/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief All units of one window. Internal to darknet/.
 */
#pragma once

#include "darknet/judge.h"
#include "darknet/observation.h"
#include "darknet/telescope.h"

/*! A window's units. */
typedef struct census census_t;

/*! Makes an empty one; NULL if there is no memory. */
census_t *census_create(uint64_t start, const telescope_options_t *options);

/*! Frees it; NULL is allowed. */
void census_destroy(census_t *census);

/*! Takes a packet. \return false if it is refused for want of memory. */
bool census_take(census_t *census, const observation_t *observation);

/*! Judges all units and tells the sink; then the window. May be called once. */
status_t census_close(census_t *census, judge_t *judge, failure_t *failure);

/*! Its first moment. */
uint64_t census_start(const census_t *census);

/*! Bytes in use. */
uint64_t census_memory(const census_t *census);
