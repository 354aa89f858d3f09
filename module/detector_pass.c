/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pass of the detector: features, verdicts, flags; what is told, shown and stored of them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "common/moment.h"
#include "module/detector_internal.h"
#include "module/verdict.h"
#include "store/store_prefix.h"
#include "store/store_wanted.h"
#include "store/store_window.h"

/* Lines about new scanners in one pass; beyond, they are only counted. */
#define SCANNER_LINES 100
/* Room for the words behind such a line. */
#define RESERVATION_MAX 64

/* What is to be said of a verdict that rests on little; "" if it does not. */
static const char *reservation(const store_row_t *row, char text[RESERVATION_MAX])
{
	text[0] = '\0';
	if (row->little_known) {
		(void)snprintf(text, RESERVATION_MAX, "; names of only %.0f %% of them are known",
		               100 * (double)row->features.known_names);
	}
	return text;
}

static void say_scanners(detector_t *detector, const store_row_t *rows, const size_t *fresh,
                         size_t found)
{
	char address[ADDRESS_TEXT_MAX], reserve[RESERVATION_MAX];
	for (size_t i = 0; i < found && i < SCANNER_LINES; i++) {
		const store_row_t *row = &rows[fresh[i]];
		const originator_features_t *features = &row->features;
		voice_say(&detector->voice, LOG_NOTICE, "scanner %s: probability %.2f (threshold %.2f), %"
		          PRIu64 " queriers (%" PRIu64 " verified), %" PRIu64 " queries%s",
		          address_format(&features->originator, address), row->probability,
		          model_threshold(detector->watch.model, NULL), features->queriers,
		          features->verified, features->queries, reservation(row, reserve));
	}
	if (found > SCANNER_LINES) {
		voice_say(&detector->voice, LOG_NOTICE, "%zu more scanners, see 'backscatter top --store %s'",
		          found - SCANNER_LINES, detector->settings.storage);
	}
}

static void put_gauges(detector_t *detector, const store_window_t *window, const store_row_t *rows)
{
	uint64_t little_known = 0, unverified = 0;
	for (uint64_t i = 0; i < window->analyzable; i++) {
		little_known += rows[i].little_known;
		unverified += rows[i].unverified;
	}
	family_t family = window->family;
	voice_gauge(&detector->voice, COUNTER_ORIGINATORS, family, window->originators);
	voice_gauge(&detector->voice, COUNTER_QUERIERS, family, window->queriers);
	voice_gauge(&detector->voice, COUNTER_ANALYZABLE, family, window->analyzable);
	voice_gauge(&detector->voice, COUNTER_CLASSIFIED, family,
	            window->model != 0 ? window->analyzable : 0);
	voice_gauge(&detector->voice, COUNTER_SCANNERS, family, window->scanners);
	voice_gauge(&detector->voice, COUNTER_LITTLE_KNOWN, family, little_known);
	voice_gauge(&detector->voice, COUNTER_UNVERIFIED, family, unverified);
}

/* What the sensor alone knows of a window. */
static void put_window_gauges(detector_t *detector, family_t family, const window_t *window)
{
	window_counts_t counts = window_counts(window);
	double share = window_full_share(&counts);
	voice_gauge(&detector->voice, COUNTER_DISPLACED, family, counts.displaced);
	voice_gauge(&detector->voice, COUNTER_FULL_SHARE, family,
	            isnan(share) ? 0 : (uint64_t)(100 * share + 0.5));
	voice_gauge(&detector->voice, COUNTER_MEMORY, family, window_memory_used(window));
}

/* Which prefixes partial names were asked about. */
static void put_prefixes(detector_t *detector, const window_t *window, family_t family,
                         uint64_t window_id, uint64_t now)
{
	failure_t failure;
	prefix_list_t list;
	if (prefix_list_make(window_prefixes(window), PREFIX_LIST_MOST, &list) != STATUS_OK) {
		detector_complain_memory(detector, "the list of prefixes", family, now);
		return;
	}
	voice_gauge(&detector->voice, COUNTER_PREFIXES, family, list.prefixes);
	/* Without an id the window was not stored. */
	if (detector->store != NULL && window_id != 0 &&
	    store_prefixes_put(detector->store, window_id, &list, &failure) != STATUS_OK) {
		detector_complain_store(detector, &failure, now);
	}
	prefix_list_clear(&list);
}

/*
 * Gives verdicts, brings flags up to date, tells what is new and stores all.
 * \param window_id  Out, if the window was stored.
 */
static status_t judge(detector_t *detector, const extraction_t *extraction, bool closed,
                      uint64_t now, uint64_t *window_id)
{
	failure_t failure;
	store_window_t window;
	size_t found = 0;
	const verdict_shares_t shares = {
		detector->settings.min_known, detector->settings.min_verified
	};
	store_row_t *rows = verdict_rows(extraction, &detector->watch, &shares);
	size_t *fresh = malloc((extraction->count + 1) * sizeof(*fresh));
	status_t status = rows != NULL && fresh != NULL ?
		flags_update(&detector->flags[extraction->family], rows, extraction->count,
		             extraction->start, now, closed, fresh, &found) : STATUS_NO_MEMORY;
	if (status == STATUS_OK) {
		window = verdict_window(extraction, rows, &detector->watch, detector->scope, closed,
		                        &shares, now);
		say_scanners(detector, rows, fresh, found);
		put_gauges(detector, &window, rows);
		if (detector->store != NULL && store_window_put(detector->store, &window, rows,
		                                                extraction->count, &failure) != STATUS_OK) {
			detector_complain_store(detector, &failure, now);
			window.id = 0;
		}
		*window_id = window.id;
	}
	if (status == STATUS_OK && closed) {
		char start[MOMENT_TEXT_MAX];
		voice_say(&detector->voice, LOG_INFO, "%s window of %s closed: %" PRIu64 " observations, %" PRIu64
		          " originators, %" PRIu64 " analyzable, %" PRIu64 " scanners",
		          family_name(window.family), moment_format(window.start, start),
		          window.counts.observations, window.originators, window.analyzable, window.scanners);
	}
	free(rows);
	free(fresh);
	return status;
}

/* Says which queriers' names are wanted, for who looks them up. */
static void want_queriers(detector_t *detector, const extraction_t *extraction, uint64_t now)
{
	failure_t failure;
	if (detector->store != NULL &&
	    store_wanted_put(detector->store, extraction->family, detector->scope, now,
	                     &extraction->wanted, &failure) != STATUS_OK) {
		detector_complain_store(detector, &failure, now);
	}
}

void detector_pass(detector_t *detector, family_t family, const window_t *window, bool closed,
                 uint64_t now)
{
	extraction_t extraction;
	querier_directory_networks(detector->directory, detector->networks[NETWORK_AS].map,
	                           detector->networks[NETWORK_COUNTRY].map);
	put_window_gauges(detector, family, window);
	status_t status = extraction_make(window, family, detector->directory,
	                                  detector->settings.min_queriers[family],
	                                  closed ? window_end(window) : now,
	                                  settings_rows_max(&detector->settings), &extraction);
	if (status == STATUS_OK && extraction.left_out > 0) {
		detector_complain_memory(detector, "all analyzable originators", family, now);
	}
	if (status == STATUS_OK) {
		voice_gauge(&detector->voice, COUNTER_LEFT_OUT, family, extraction.left_out);
		voice_gauge(&detector->voice, COUNTER_VERIFIED, family, extraction.verified);
		uint64_t window_id = 0;
		status = judge(detector, &extraction, closed, now, &window_id);
		put_prefixes(detector, window, family, window_id, now);
		want_queriers(detector, &extraction, now);
		extraction_clear(&extraction);
	}
	if (status != STATUS_OK) {
		detector_complain_memory(detector, "a pass over the window", family, now);
	}
}
