/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The detector's clock work: when to do what. */
#include "module/detector.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "common/moment.h"
#include "module/checkpoint.h"
#include "module/detector_internal.h"
#include "sensor/sensor_state.h"
#include "store/store_window.h"

/* A query is stamped before it is recorded: give the last ones of a window time to arrive. */
#define GRACE (1 * MICROSECONDS)
/* A clock that is set back by less is waited for. */
#define SET_BACK (60 * MICROSECONDS)
/* The model file and the store's folder are looked at this often. */
#define LOOK  (5 * MICROSECONDS)
/* Windows are kept in the store this long. */
#define RETENTION (90 * 86400 * MICROSECONDS)

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
	detector->voice.outlet = *outlet;
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

/* The window after the current one: made when the memory of the one before is free. */
static void prepare(detector_t *detector, family_t family, uint64_t now)
{
	if (sensor_prepare(detector->sensor, family, now) != STATUS_OK) {
		detector_complain_memory(detector, "the window to come; tried again", family, now);
	}
}

static bool close_window(detector_t *detector, family_t family, uint64_t now)
{
	window_t *window;
	failure_t failure;
	if (sensor_turn(detector->sensor, family, now, &window) != STATUS_OK) {
		detector_complain_memory(detector, "a new window; the old one stays", family, now);
		return false;
	}
	detector_refresh_directory(detector, now);
	detector_pass(detector, family, window, true, now);
	/* Not by the clock: one that jumps ahead for a moment must not empty the store. */
	uint64_t end = window_end(window);
	window_destroy(window);
	prepare(detector, family, now);
	if (detector->store != NULL && end > RETENTION &&
	    store_expire(detector->store, end - RETENTION, &failure) != STATUS_OK) {
		detector_complain_store(detector, &failure, now);
	}
	return true;
}

/* After a clock that was ahead: what was seen meanwhile is kept as it is. */
static void leave_window(detector_t *detector, family_t family, uint64_t now)
{
	window_t *left[2];
	if (sensor_set_back(detector->sensor, family, now, left) != STATUS_OK) {
		detector_complain_memory(detector, "a window after the clock was set back", family, now);
		return;
	}
	char start[MOMENT_TEXT_MAX];
	voice_say(&detector->voice, LOG_WARNING, "the clock was set back: the %s window of %s is left",
	          family_name(family), moment_format(window_start(left[0]), start));
	for (int i = 0; i < 2; i++) {
		/* The second one is mostly empty, as its time had not come. */
		if (left[i] != NULL && (i == 0 || window_counts(left[i]).observations > 0)) {
			detector_pass(detector, family, left[i], false, now);
		}
		window_destroy(left[i]);
	}
	prepare(detector, family, now);
}

static void interim_pass(detector_t *detector, uint64_t now)
{
	detector_refresh_directory(detector, now);
	for (family_t family = 0; family < FAMILIES; family++) {
		sensor_recognise(detector->sensor, family);
		detector_pass(detector, family, sensor_current(detector->sensor, family), false, now);
	}
}

static void gauge_model_age(detector_t *detector, uint64_t now)
{
	const model_t *model = detector->watch.model;
	uint64_t created = model != NULL ? model_created(model) : now;
	voice_gauge(&detector->voice, COUNTER_MODEL_AGE, 0,
	            created < now ? (now - created) / MICROSECONDS : 0);
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
		(void)voice_settle(&detector->voice, ERROR_CHECKPOINT);
	} else {
		voice_complain(&detector->voice, ERROR_CHECKPOINT, now,
		               "%s; a restart would lose the windows so far", failure.sentence);
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
	detector_open_store(detector, now);
	detector_look_at_model(detector);
	detector_look_at_networks(detector);
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
	detector_open_store(detector, now);
	interim_pass(detector, now);
}
