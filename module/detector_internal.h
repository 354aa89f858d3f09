/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The parts of the detector; for module/detector*.c only.
 *
 *     detector.c         clock work: what is due, windows that end, checkpoints
 *     detector_inputs.c  what it looks at: model, networks, store, directory of queriers
 *     detector_pass.c    a pass: features, verdicts, flags, what is told and stored
 */
#pragma once

#include "module/detector.h"
#include "module/flags.h"
#include "module/model_watch.h"
#include "module/network_watch.h"
#include "module/voice.h"
#include "sensor/querier_directory.h"
#include "store/store.h"

struct detector {
	sensor_t *sensor;
	char *scope;
	voice_t voice;
	settings_t settings;
	model_watch_t watch;
	bool told_no_model;
	store_t *store;
	querier_directory_t *directory;
	uint64_t directory_version;
	network_watch_t networks[NETWORK_KINDS];
	flags_t flags[FAMILIES];
	uint64_t next_pass;
	uint64_t next_checkpoint;
};

/*! Counts trouble with the store, and tells it, but not again and again. */
static inline void detector_complain_store(detector_t *detector, const failure_t *failure,
                                           uint64_t now)
{
	voice_complain(&detector->voice, ERROR_STORAGE, now,
	               "%s; answers and counters go on, verdicts are not stored", failure->sentence);
}

/*! The same for memory. \param what  There was not enough for it. */
static inline void detector_complain_memory(detector_t *detector, const char *what,
                                            family_t family, uint64_t now)
{
	voice_complain(&detector->voice, ERROR_MEMORY, now,
	               "not enough memory for %s (%s); answers go on", what, family_name(family));
}

/*! Looks at the model file, and says what came of it. */
void detector_look_at_model(detector_t *detector);

/*! Looks at the files of networks. */
void detector_look_at_networks(detector_t *detector);

/*!
 * Opens the store if it is not open; tried again at every look, so it may appear later.
 * One that was removed or replaced under us is closed first.
 */
void detector_open_store(detector_t *detector, uint64_t now);

/*! Reads the directory of queriers anew when it has changed. */
void detector_refresh_directory(detector_t *detector, uint64_t now);

/*!
 * Judges the originators of a window, tells and stores it.
 *
 * \param closed  The window is over; else it is judged as of \a now.
 */
void detector_pass(detector_t *detector, family_t family, const window_t *window, bool closed,
                   uint64_t now);
