/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The sensor: for each address family the current window and the next one.
 *
 *     family  current ──► window [s, s+l) ──► next [s+l, s+2l)
 *
 * Hooks read `current` under the RCU read lock and step to the next window when
 * the moment says so; so an observation falls into the right window even in the
 * moments before the owner turns the page. The owner, one thread, closes windows
 * by sensor_turn(), which waits for a grace period: whoever held the old window
 * is then done with it, and it can be read in peace and freed.
 *
 * Windows begin at multiples of their length since 1970-01-01 UTC.
 */
#pragma once

#include "sensor/window.h"

/*! The two families. */
typedef enum { FAMILY_IPV4 = 0, FAMILY_IPV6, FAMILIES } family_t;

/*! "ipv4" or "ipv6". */
const char *family_name(family_t family);

/*! What became of an observation at the sensor. */
typedef enum {
	OBSERVE_COUNTED = SAMPLE_COUNTED,
	OBSERVE_SUPPRESSED = SAMPLE_SUPPRESSED,
	OBSERVE_REFUSED = SAMPLE_REFUSED,
	OBSERVE_LATE, /*!< Outside the current and the next window. */
} observe_result_t;

/*! Settings; the window lengths differ by family, all else is common. */
typedef struct {
	uint64_t window_length[FAMILIES]; /*!< Microseconds. */
	window_options_t window;          /*!< All but the length. */
} sensor_options_t;

/*! A sensor. */
typedef struct sensor sensor_t;

/*!
 * Makes a sensor whose current windows contain a moment.
 *
 * \param now  Moment that the current windows are to contain.
 *
 * \return The sensor, or NULL if the system refuses the memory.
 */
sensor_t *sensor_create(const sensor_options_t *options, uint64_t now);

/*! Frees a sensor; NULL is allowed. No hook may use it any more. */
void sensor_destroy(sensor_t *sensor);

/*! Its options. */
const sensor_options_t *sensor_options(const sensor_t *sensor);

/*!
 * Records one observation. The calling thread must be registered with liburcu
 * (memb flavour) and inside rcu_read_lock(); in a hook of Knot both hold. Lock-free.
 *
 * \param thread  Own number of the calling thread, below options.window.threads.
 */
observe_result_t sensor_observe(sensor_t *sensor, unsigned thread, uint64_t moment,
                                const address_t *originator, const address_t *querier);

/*! Current window of a family, for the owner only; valid until its next sensor_turn(). */
const window_t *sensor_current(const sensor_t *sensor, family_t family);

/*! How many observations were late so far. Any thread. */
uint64_t sensor_late(const sensor_t *sensor);

/*!
 * Closes the current window of a family: the next one becomes current, and the
 * one after it contains \a now if that is later. Owner only, outside of RCU
 * read-side sections; waits for a grace period.
 *
 * \param now     The moment, for skipping windows in which nothing came.
 * \param closed  Out: the closed window, owned by the caller.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t sensor_turn(sensor_t *sensor, family_t family, uint64_t now, window_t **closed);

/*!
 * Leaves windows that lie ahead of \a now, for a clock that was ahead and has been set
 * back: until then all observations would be late. The current window is then the one
 * that contains \a now, filled from \a now on. Owner only, as sensor_turn().
 *
 * \param left  Out: the window that was current, owned by the caller.
 *
 * \return STATUS_OK, or STATUS_NO_MEMORY: then nothing has changed.
 */
status_t sensor_set_back(sensor_t *sensor, family_t family, uint64_t now, window_t **left);
