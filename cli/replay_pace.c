/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schedule of a replay. */
#include "config.h"

#include "cli/replay_pace.h"

#include <time.h>

uint64_t replay_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

/* Nanoseconds of the schedule from its start to the query. */
static double offset(const replay_pace_t *pace, uint64_t moment)
{
	if (pace->rate != 0) {
		return (double)pace->index * (double)NANOSECONDS / (double)pace->rate;
	}
	return moment > pace->base ? (double)(moment - pace->base) * 1000 / pace->speed : 0;
}

uint64_t replay_pace_next(replay_pace_t *pace, uint64_t moment, uint64_t now)
{
	double due_in = offset(pace, moment);
	pace->index++;
	/* A damaged moment may lie ages ahead; the clock still has room for a century. */
	const double century = 100.0 * 366 * 86400 * (double)NANOSECONDS;
	uint64_t due = pace->start + (uint64_t)(due_in < century ? due_in : century);
	if (due < pace->last) {
		due = pace->last;
	}
	if (now > due + REPLAY_BEHIND_MAX) {
		uint64_t excess = now - due - REPLAY_BEHIND_MAX;
		pace->start += excess;
		pace->given_up += excess;
		due += excess;
	}
	pace->last = due;
	return due;
}

void replay_sleep(uint64_t due, uint64_t now, uint64_t longest)
{
	uint64_t until = due - now > longest ? now + longest : due;
	struct timespec time = {
		.tv_sec = (time_t)(until / NANOSECONDS), .tv_nsec = (long)(until % NANOSECONDS),
	};
	/* Cut short by a signal, the caller looks at the clock and comes again. */
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}
