/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief When each query of a replay is due.
 *
 * Each query has its own place on the clock, counted from one start, so that the errors
 * of single sleeps do not add up. Times are nanoseconds of CLOCK_MONOTONIC.
 */
#pragma once

#include <stdint.h>

/*! Nanoseconds in a second. */
#define NANOSECONDS UINT64_C(1000000000)

/*!
 * How far a replay may lag behind. What would have to be caught up beyond this is given
 * up: the rest of the schedule moves, instead of a burst that the capture never had.
 */
#define REPLAY_BEHIND_MAX NANOSECONDS

/*! A schedule. Not thread-safe. */
typedef struct {
	uint64_t start;    /*!< Clock at which \a base, or the first query, is due. */
	uint64_t base;     /*!< Moment of the capture, microseconds since 1970. */
	double speed;      /*!< Times true speed; not used if \a rate is set. */
	uint64_t rate;     /*!< Queries per second whatever their moments; 0: by \a speed. */
	uint64_t index;    /*!< Queries scheduled so far. */
	uint64_t last;     /*!< When the last query was due. */
	uint64_t given_up; /*!< Nanoseconds by which the schedule has moved. */
} replay_pace_t;

/*! The clock now. */
uint64_t replay_clock(void);

/*!
 * Schedules the next query.
 *
 * \param moment  Of the capture; where it runs backwards, the query is due together with
 *                the one before it.
 * \param now     The clock; moves the schedule if it lags by more than REPLAY_BEHIND_MAX.
 *
 * \return The clock at which it is to be sent.
 */
uint64_t replay_pace_next(replay_pace_t *pace, uint64_t moment, uint64_t now);

/*! Sleeps until the clock shows \a due, but at most \a longest nanoseconds. */
void replay_sleep(uint64_t due, uint64_t now, uint64_t longest);
