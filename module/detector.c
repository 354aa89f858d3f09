/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The detector's clock work: when to do what, and what to say. */
#include "module/detector.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/moment.h"
#include "module/checkpoint.h"
#include "module/flags.h"
#include "module/model_watch.h"
#include "module/network_watch.h"
#include "module/verdict.h"
#include "sensor/sensor_state.h"
#include "store/store_querier.h"
#include "store/store_wanted.h"
#include "store/store_window.h"

/* A query is stamped before it is recorded: give the last ones of a window time to arrive. */
#define GRACE (1 * MICROSECONDS)
/* A clock that is set back by less is waited for. */
#define SET_BACK (60 * MICROSECONDS)
/* The model file and the store's folder are looked at this often. */
#define LOOK  (5 * MICROSECONDS)
/* The same trouble is told once in this time. */
#define COMPLAIN (3600 * MICROSECONDS)
/* Lines about new scanners in one pass; beyond, they are only counted. */
#define SCANNER_LINES 100
/* Room for the words behind such a line. */
#define RESERVATION_MAX 64
/* Windows are kept in the store this long. */
#define RETENTION (90 * 86400 * MICROSECONDS)

struct detector {
	sensor_t *sensor;
	char *scope;
	detector_outlet_t outlet;
	settings_t settings;
	model_watch_t watch;
	bool told_no_model;
	store_t *store;
	uint64_t complained;             /* moment of the last message about the store */
	uint64_t complained_memory;
	uint64_t complained_checkpoint;
	querier_directory_t *directory;
	uint64_t directory_version;
	network_watch_t networks[NETWORK_KINDS];
	flags_t flags[FAMILIES];
	uint64_t errors[ERRORS];
	uint64_t next_pass;
	uint64_t next_checkpoint;
};

__attribute__((format(printf, 3, 4)))
static void say(detector_t *detector, int priority, const char *format, ...)
{
	char text[FAILURE_SENTENCE_MAX + 256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	detector->outlet.log(detector->outlet.context, priority, text);
}

static void gauge(detector_t *detector, counter_t counter, unsigned index, uint64_t value)
{
	detector->outlet.gauge(detector->outlet.context, counter, index, value);
}

static void count_error(detector_t *detector, error_cause_t cause)
{
	gauge(detector, COUNTER_ERRORS, cause, ++detector->errors[cause]);
}

/* Counts an error of the store and tells it, but not again and again. */
static void complain_store(detector_t *detector, const failure_t *failure, uint64_t now)
{
	count_error(detector, ERROR_STORAGE);
	if (detector->complained == 0 || now - detector->complained >= COMPLAIN) {
		say(detector, LOG_ERR, "%s; answers and counters go on, verdicts are not stored",
		    failure->sentence);
		detector->complained = now;
	}
}

/* The same for memory. */
static void complain_memory(detector_t *detector, const char *what, family_t family, uint64_t now)
{
	count_error(detector, ERROR_MEMORY);
	if (detector->complained_memory == 0 || now - detector->complained_memory >= COMPLAIN) {
		say(detector, LOG_ERR, "not enough memory for %s (%s); answers go on", what,
		    family_name(family));
		detector->complained_memory = now;
	}
}

detector_t *detector_create(sensor_t *sensor, const char *scope, const detector_outlet_t *outlet)
{
	detector_t *detector = calloc(1, sizeof(*detector));
	if (detector == NULL || (detector->scope = strdup(scope)) == NULL ||
	    (detector->directory = querier_directory_create()) == NULL) {
		detector_destroy(detector);
		return NULL;
	}
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		detector->networks[kind].kind = kind;
	}
	detector->sensor = sensor;
	detector->outlet = *outlet;
	return detector;
}

void detector_destroy(detector_t *detector)
{
	if (detector == NULL) {
		return;
	}
	for (family_t family = 0; family < FAMILIES; family++) {
		flags_clear(&detector->flags[family]);
	}
	querier_directory_destroy(detector->directory);
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		network_watch_clear(&detector->networks[kind]);
	}
	store_close(detector->store);
	model_watch_clear(&detector->watch);
	settings_clear(&detector->settings);
	free(detector->scope);
	free(detector);
}

status_t detector_configure(detector_t *detector, const settings_t *settings)
{
	settings_t copy;
	if (settings_copy(&copy, settings) != STATUS_OK) {
		return STATUS_NO_MEMORY;
	}
	size_t most = settings_networks_max(&copy);
	if (model_watch_path(&detector->watch, copy.model) != STATUS_OK ||
	    network_watch_set(&detector->networks[NETWORK_AS], copy.as_db, copy.as_path,
	                      most) != STATUS_OK ||
	    network_watch_set(&detector->networks[NETWORK_COUNTRY], copy.country_db,
	                      copy.country_path, most) != STATUS_OK) {
		settings_clear(&copy);
		return STATUS_NO_MEMORY;
	}
	settings_clear(&detector->settings);
	detector->settings = copy;
	return STATUS_OK;
}

static void look_at_model(detector_t *detector)
{
	failure_t failure;
	char date[MOMENT_TEXT_MAX];
	const model_t *old = detector->watch.model;
	switch (model_watch_look(&detector->watch, &failure)) {
	case MODEL_SAME:
		break;
	case MODEL_LOADED:
		say(detector, LOG_INFO, "model '%s' loaded: %s with %zu classes, trained %s",
		    detector->watch.file.path, model_kind_name(detector->watch.model),
		    model_class_count(detector->watch.model),
		    moment_format(model_created(detector->watch.model), date));
		detector->told_no_model = false;
		break;
	case MODEL_REFUSED:
		count_error(detector, ERROR_MODEL);
		say(detector, LOG_ERR, "%s; %s", failure.sentence,
		    old != NULL ? "the model in use stays" : "nothing is flagged");
		break;
	}
	if (detector->watch.file.path == NULL && !detector->told_no_model) {
		say(detector, LOG_NOTICE, "no model is configured: features are recorded, nothing is flagged");
		detector->told_no_model = true;
	}
}

static void look_at_networks(detector_t *detector)
{
	static const char *const names[] = {
		[NETWORK_AS] = "ASes", [NETWORK_COUNTRY] = "countries",
	};
	for (network_kind_t kind = 0; kind < NETWORK_KINDS; kind++) {
		failure_t failure;
		network_watch_t *watch = &detector->networks[kind];
		switch (network_watch_look(watch, &failure)) {
		case NETWORK_SAME:
			break;
		case NETWORK_LOADED:
			say(detector, LOG_INFO, "%s of %" PRIu32 " networks read from '%s'", names[kind],
			    prefix_map_count(watch->map), watch->file.path);
			break;
		case NETWORK_REFUSED:
			count_error(detector, ERROR_NETWORKS);
			say(detector, LOG_ERR, "%s; %s", failure.sentence, watch->map != NULL ?
			    "the networks in use stay" : "there are none");
			break;
		}
	}
}

/*
 * Opens the store if it is not open; tried again at every look, so it may appear later.
 * One that was removed or replaced under us is closed first.
 */
static void open_store(detector_t *detector, uint64_t now)
{
	failure_t failure;
	if (detector->store != NULL && !store_present(detector->store)) {
		say(detector, LOG_WARNING, "store '%s' was removed or replaced: opening it anew",
		    detector->settings.storage);
		store_close(detector->store);
		detector->store = NULL;
		/* Another store, another directory. */
		detector->directory_version = 0;
	}
	if (detector->store != NULL) {
		return;
	}
	if (store_open(detector->settings.storage, STORE_WRITE, &detector->store,
	               &failure) != STATUS_OK) {
		complain_store(detector, &failure, now);
	} else if (detector->complained != 0) {
		say(detector, LOG_INFO, "store '%s' opened", detector->settings.storage);
		detector->complained = 0;
	}
}

static void tell_left_out(detector_t *detector, size_t left_out)
{
	if (left_out > 0) {
		count_error(detector, ERROR_MEMORY);
		say(detector, LOG_WARNING, "%zu queriers more are in the store than memory-max allows; they "
		    "are taken as not known", left_out);
	}
}

/* Reads the directory of queriers anew when it has changed. */
static void refresh_directory(detector_t *detector, uint64_t now)
{
	uint64_t version;
	failure_t failure;
	querier_directory_t *directory;
	if (detector->store == NULL) {
		return;
	}
	status_t status = store_querier_version(detector->store, &version, &failure);
	if (status == STATUS_OK && version != detector->directory_version) {
		size_t left_out;
		status = store_querier_load(detector->store, settings_directory_max(&detector->settings),
		                            &directory, &left_out, &failure);
		if (status == STATUS_OK) {
			querier_directory_destroy(detector->directory);
			detector->directory = directory;
			detector->directory_version = version;
			say(detector, LOG_INFO, "directory of %zu queriers read",
			    querier_directory_count(directory));
			tell_left_out(detector, left_out);
		}
	}
	if (status != STATUS_OK) {
		complain_store(detector, &failure, now);
	}
}

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
		say(detector, LOG_NOTICE, "scanner %s: probability %.2f (threshold %.2f), %" PRIu64 " queriers (%"
		    PRIu64 " verified), %" PRIu64 " queries%s", address_format(&row->features.originator, address),
		    row->probability, model_threshold(detector->watch.model, NULL),
		    row->features.queriers, row->features.verified, row->features.queries, reservation(row, reserve));
	}
	if (found > SCANNER_LINES) {
		say(detector, LOG_NOTICE, "%zu more scanners, see 'backscatter top --store %s'",
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
	gauge(detector, COUNTER_ORIGINATORS, family, window->originators);
	gauge(detector, COUNTER_QUERIERS, family, window->queriers);
	gauge(detector, COUNTER_ANALYZABLE, family, window->analyzable);
	gauge(detector, COUNTER_CLASSIFIED, family, window->model != 0 ? window->analyzable : 0);
	gauge(detector, COUNTER_SCANNERS, family, window->scanners);
	gauge(detector, COUNTER_LITTLE_KNOWN, family, little_known);
	gauge(detector, COUNTER_UNVERIFIED, family, unverified);
}

/* What the sensor alone knows of a window. */
static void put_window_gauges(detector_t *detector, family_t family, const window_t *window)
{
	gauge(detector, COUNTER_DISPLACED, family, window_counts(window).displaced);
	gauge(detector, COUNTER_MEMORY, family, window_memory_used(window));
}

/* Gives verdicts, brings flags up to date, tells what is new and stores all. */
static status_t judge(detector_t *detector, const extraction_t *extraction, bool closed,
                      uint64_t now)
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
			complain_store(detector, &failure, now);
		}
	}
	if (status == STATUS_OK && closed) {
		char start[MOMENT_TEXT_MAX];
		say(detector, LOG_INFO, "%s window of %s closed: %" PRIu64 " observations, %" PRIu64
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
		complain_store(detector, &failure, now);
	}
}

static void pass(detector_t *detector, family_t family, const window_t *window, bool closed,
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
		complain_memory(detector, "all analyzable originators", family, now);
	}
	if (status == STATUS_OK) {
		gauge(detector, COUNTER_LEFT_OUT, family, extraction.left_out);
		gauge(detector, COUNTER_VERIFIED, family, extraction.verified);
		status = judge(detector, &extraction, closed, now);
		want_queriers(detector, &extraction, now);
		extraction_clear(&extraction);
	}
	if (status != STATUS_OK) {
		complain_memory(detector, "a pass over the window", family, now);
	}
}

/* The window after the current one: made when the memory of the one before is free. */
static void prepare(detector_t *detector, family_t family, uint64_t now)
{
	if (sensor_prepare(detector->sensor, family, now) != STATUS_OK) {
		complain_memory(detector, "the window to come; tried again", family, now);
	}
}

static bool close_window(detector_t *detector, family_t family, uint64_t now)
{
	window_t *window;
	failure_t failure;
	if (sensor_turn(detector->sensor, family, now, &window) != STATUS_OK) {
		complain_memory(detector, "a new window; the old one stays", family, now);
		return false;
	}
	refresh_directory(detector, now);
	pass(detector, family, window, true, now);
	/* Not by the clock: one that jumps ahead for a moment must not empty the store. */
	uint64_t end = window_end(window);
	window_destroy(window);
	prepare(detector, family, now);
	if (detector->store != NULL && end > RETENTION &&
	    store_expire(detector->store, end - RETENTION, &failure) != STATUS_OK) {
		complain_store(detector, &failure, now);
	}
	return true;
}

/* After a clock that was ahead: what was seen meanwhile is kept as it is. */
static void leave_window(detector_t *detector, family_t family, uint64_t now)
{
	window_t *left[2];
	if (sensor_set_back(detector->sensor, family, now, left) != STATUS_OK) {
		complain_memory(detector, "a window after the clock was set back", family, now);
		return;
	}
	char start[MOMENT_TEXT_MAX];
	say(detector, LOG_WARNING, "the clock was set back: the %s window of %s is left",
	    family_name(family), moment_format(window_start(left[0]), start));
	for (int i = 0; i < 2; i++) {
		/* The second one is mostly empty, as its time had not come. */
		if (left[i] != NULL && (i == 0 || window_counts(left[i]).observations > 0)) {
			pass(detector, family, left[i], false, now);
		}
		window_destroy(left[i]);
	}
	prepare(detector, family, now);
}

static void interim_pass(detector_t *detector, uint64_t now)
{
	refresh_directory(detector, now);
	for (family_t family = 0; family < FAMILIES; family++) {
		sensor_recognise(detector->sensor, family);
		pass(detector, family, sensor_current(detector->sensor, family), false, now);
	}
}

static void gauge_model_age(detector_t *detector, uint64_t now)
{
	const model_t *model = detector->watch.model;
	uint64_t created = model != NULL ? model_created(model) : now;
	gauge(detector, COUNTER_MODEL_AGE, 0, created < now ? (now - created) / MICROSECONDS : 0);
}

/* Keeps the windows so far; what goes wrong is counted, and told once an hour. */
static void write_checkpoint(detector_t *detector, uint64_t now)
{
	failure_t failure;
	char *path = checkpoint_path(detector->settings.storage, detector->scope);
	status_t status = path != NULL ? sensor_save(detector->sensor, path, detector->scope, &failure) :
	                  failure_no_memory(&failure, "a checkpoint");
	free(path);
	if (status == STATUS_OK) {
		detector->complained_checkpoint = 0;
		return;
	}
	count_error(detector, ERROR_CHECKPOINT);
	if (detector->complained_checkpoint == 0 ||
	    now - detector->complained_checkpoint >= COMPLAIN) {
		say(detector, LOG_ERR, "%s; a restart would lose the windows so far", failure.sentence);
		detector->complained_checkpoint = now;
	}
}

/* Returns when the next checkpoint is due. */
static uint64_t keep_checkpoint(detector_t *detector, uint64_t now)
{
	uint64_t interval = detector->settings.checkpoint;
	if (interval == 0) {
		detector->next_checkpoint = 0;
		return UINT64_MAX;
	}
	/* As for passes. */
	if (detector->next_checkpoint == 0 || detector->next_checkpoint > now + interval) {
		detector->next_checkpoint = now + interval;
	}
	if (now >= detector->next_checkpoint) {
		write_checkpoint(detector, now);
		detector->next_checkpoint = now + interval;
	}
	return detector->next_checkpoint;
}

uint64_t detector_step(detector_t *detector, uint64_t now)
{
	open_store(detector, now);
	look_at_model(detector);
	look_at_networks(detector);
	gauge_model_age(detector, now);
	uint64_t due = now + LOOK;
	for (family_t family = 0; family < FAMILIES; family++) {
		if (now + SET_BACK < window_start(sensor_current(detector->sensor, family))) {
			leave_window(detector, family, now);
		}
		uint64_t end = window_end(sensor_current(detector->sensor, family)) + GRACE;
		if (now >= end) {
			/* What cannot be closed now is tried again at the next look. */
			end = close_window(detector, family, now) ?
			      window_end(sensor_current(detector->sensor, family)) + GRACE : due;
		}
		prepare(detector, family, now);
		due = end < due ? end : due;
	}
	uint64_t interval = detector->settings.interval;
	/* The first step, a shorter interval, or a clock that was set back. */
	if (detector->next_pass == 0 || detector->next_pass > now + interval) {
		detector->next_pass = now + interval;
	}
	if (now >= detector->next_pass) {
		interim_pass(detector, now);
		detector->next_pass = now + interval;
	}
	due = detector->next_pass < due ? detector->next_pass : due;
	uint64_t checkpoint = keep_checkpoint(detector, now);
	due = checkpoint < due ? checkpoint : due;
	return due > now ? due - now : 0;
}

void detector_finish(detector_t *detector, uint64_t now)
{
	/* First: a disk that hangs in a pass must not keep it from being written. */
	if (detector->settings.checkpoint != 0) {
		write_checkpoint(detector, now);
	}
	open_store(detector, now);
	interim_pass(detector, now);
}
