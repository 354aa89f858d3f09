/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Progress on a terminal. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "common/moment.h"

#define REDRAW (MICROSECONDS / 5)

progress_t progress_begin(const char *what, const char *unit, uint64_t total)
{
	return (progress_t) {
		.what = what, .unit = unit, .total = total,
		.start = moment_now(), .on = isatty(STDERR_FILENO),
	};
}

void progress_skip(progress_t *progress, uint64_t done)
{
	progress->skipped = done;
}

/* A number with its thousands, millions or milliards cut off, three digits or more left. */
static void put_number(double number)
{
	static const char units[] = " kMGT";
	size_t unit = 0;
	while (number >= 1e4 && unit < sizeof(units) - 2) {
		number /= 1e3;
		unit++;
	}
	fprintf(stderr, "%.0f ", number);
	if (unit > 0) {
		putc(units[unit], stderr);
	}
}

/* A time that is left: hours are what one waits for, not seconds. */
static void put_time(double seconds)
{
	uint64_t whole = (uint64_t)seconds;
	if (whole >= 3600) {
		fprintf(stderr, "%" PRIu64 " h %02" PRIu64 " min left", whole / 3600, whole / 60 % 60);
	} else if (whole >= 60) {
		fprintf(stderr, "%" PRIu64 " min %02" PRIu64 " s left", whole / 60, whole % 60);
	} else {
		fprintf(stderr, "%" PRIu64 " s left", whole);
	}
}

void progress_update(progress_t *progress, uint64_t done)
{
	if (!progress->on) {
		return;
	}
	uint64_t now = moment_now();
	if (now - progress->shown < REDRAW) {
		return;
	}
	progress->shown = now;
	double seconds = (double)(now - progress->start) / (double)MICROSECONDS;
	double rate = seconds > 0 && done > progress->skipped ?
	              (double)(done - progress->skipped) / seconds : 0;
	fprintf(stderr, "\r\033[K%s: ", progress->what);
	put_number((double)done);
	fprintf(stderr, "%s, ", progress->unit);
	put_number(rate);
	fputs("/s", stderr);
	if (progress->total > done && rate > 0) {
		fprintf(stderr, ", %.0f %%, ", 100.0 * (double)done / (double)progress->total);
		put_time((double)(progress->total - done) / rate);
	}
	fflush(stderr);
}

void progress_end(progress_t *progress)
{
	if (progress->shown != 0) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
}
