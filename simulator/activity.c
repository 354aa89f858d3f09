/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When an originator is at work: all its life on the day, evenly, with the part that is
 * not bursty; the rest in bursts of exponential length, or at its hours of the day.
 */
#include <math.h>

#include "common/moment.h"
#include "simulator/draw.h"
#include "simulator/profile.h"
#include "simulator/stream.h"

#define DAY (86400 * MICROSECONDS)
#define HOUR ((double)(3600 * MICROSECONDS))
/* A burst is no shorter. */
#define BURST_MIN (60 * MICROSECONDS)

static void add(activity_t *activity, uint64_t begin, uint64_t length, double share)
{
	uint64_t end = begin + length < activity->end ? begin + length : activity->end;
	begin = begin > activity->begin ? begin : activity->begin;
	if (begin < end) {
		activity->intervals[activity->interval_count++] =
			(interval_t) { .begin = begin, .end = end, .share = share };
	}
}

static void add_bursts(activity_t *activity, const profile_t *profile, generator_t *generator,
                       double part)
{
	uint64_t count = 1 + draw_poisson(generator, profile->bursts * part);
	count = count < ACTIVITY_INTERVALS_MAX - 1 ? count : ACTIVITY_INTERVALS_MAX - 1;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t begin =
			activity->begin + generator_below(generator, activity->end - activity->begin);
		double length = profile->burst_minutes * HOUR / 60 * draw_exponential(generator);
		uint64_t whole = length < (double)DAY ? (uint64_t)length : DAY;
		/* A longer burst has more of the work. */
		whole = whole > BURST_MIN ? whole : BURST_MIN;
		add(activity, begin, whole, (double)whole);
	}
}

/* Makes shares of the weights behind the first interval, which is the day's even part. */
static void share_out(activity_t *activity, double bursty)
{
	double sum = 0;
	for (unsigned i = 1; i < activity->interval_count; i++) {
		sum += activity->intervals[i].share;
	}
	activity->intervals[0].share = sum > 0 ? 1 - bursty : 1;
	for (unsigned i = 1; i < activity->interval_count; i++) {
		activity->intervals[i].share *= bursty / sum;
	}
}

bool activity_make(const population_t *population, const originator_t *originator,
                   const profile_t *profile, unsigned day, activity_t *activity)
{
	uint64_t day_begin = population_day_begin(population, day), day_end = day_begin + DAY;
	if (originator->begin >= day_end || originator->end <= day_begin) {
		return false;
	}
	generator_t generator =
		stream_make(population_seed(population), STREAM_ACTIVITY, day, originator->serial);
	activity->begin = originator->begin > day_begin ? originator->begin : day_begin;
	activity->end = originator->end < day_end ? originator->end : day_end;
	activity->interval_count = 0;
	add(activity, activity->begin, DAY, 0);
	double part = (double)(activity->end - activity->begin) / (double)DAY;
	if (profile->regular_hours > 0) {
		add(activity, day_begin + (uint64_t)(profile->regular_begin * HOUR),
		    (uint64_t)(profile->regular_hours * HOUR), 1);
	} else if (profile->bursty > 0) {
		add_bursts(activity, profile, &generator, part);
	}
	share_out(activity, profile->bursty);
	/* Who lives for a part of the day reaches fewer, but not in proportion (ours). */
	activity->queriers = draw_log_normal(&generator, profile->queriers * sqrt(part), 0.15);
	return true;
}
