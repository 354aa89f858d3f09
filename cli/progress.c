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
	double rate = seconds > 0 ? (double)done / seconds : 0;
	fprintf(stderr, "\r\033[K%s: %" PRIu64 " %s, %.0f/s", progress->what, done, progress->unit, rate);
	if (progress->total > done && rate > 0) {
		fprintf(stderr, ", %.0f %%, %.0f s left", 100.0 * (double)done / (double)progress->total,
		        (double)(progress->total - done) / rate);
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
