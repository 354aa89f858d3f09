/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The detector: passes over the sensor's windows, verdicts, store, messages.
 *
 * Knows no server: messages and gauges leave through two functions. All calls
 * come from one thread, which must be registered with liburcu.
 */
#pragma once

#include "module/counter.h"
#include "module/settings.h"
#include "sensor/sensor.h"

/*! Where messages and gauges go. */
typedef struct {
	void *context;
	/*! \param priority  LOG_… of syslog. */
	void (*log)(void *context, int priority, const char *text);
	void (*gauge)(void *context, counter_t counter, unsigned index, uint64_t value);
} detector_outlet_t;

/*! A detector. */
typedef struct detector detector_t;

/*!
 * Makes a detector.
 *
 * \param sensor  Its windows are turned by the detector alone; must outlive it.
 * \param scope   Zone in text, or "" for the whole server; for the store.
 * \param outlet  Copied.
 *
 * \return The detector, or NULL if memory is short.
 */
detector_t *detector_create(sensor_t *sensor, const char *scope, const detector_outlet_t *outlet);

/*! Frees all and closes the store; NULL is allowed. */
void detector_destroy(detector_t *detector);

/*! Takes new settings, copied. Those of the sensor must be what the sensor has. */
status_t detector_configure(detector_t *detector, const settings_t *settings);

/*!
 * Does what is due: looks at the model file, closes windows that are over, makes
 * an interim pass when the interval has gone by.
 *
 * \param now  Moment.
 *
 * \return Microseconds until something is due again.
 */
uint64_t detector_step(detector_t *detector, uint64_t now);

/*! A last interim pass before the end, so that the store has all up to now. */
void detector_finish(detector_t *detector, uint64_t now);
