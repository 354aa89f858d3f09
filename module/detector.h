/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The detector: passes over the sensor's windows, verdicts, store, messages.
 *
 * Knows no server: messages and gauges leave through two functions. All calls
 * come from one thread, which must be registered with liburcu.
 */
#pragma once

#include "module/settings.h"
#include "module/voice.h"
#include "sensor/sensor.h"

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
 * Does what is due: looks at the files and the store, closes windows that are over, makes an
 * interim pass or a checkpoint when the interval of it has gone by.
 *
 * \param now  Moment.
 *
 * \return Microseconds until something is due again.
 */
uint64_t detector_step(detector_t *detector, uint64_t now);

/*! A last checkpoint and interim pass before the end, so that nothing up to now is lost. */
void detector_finish(detector_t *detector, uint64_t now);
