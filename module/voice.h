/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the detector says: messages, gauges, and trouble that is not told again and again.
 *
 * Of one thread, as the detector.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "module/counter.h"

/*! Where messages and gauges go. */
typedef struct {
	void *context;
	/*! \param priority  LOG_… of syslog. */
	void (*log)(void *context, int priority, const char *text);
	void (*gauge)(void *context, counter_t counter, unsigned index, uint64_t value);
} detector_outlet_t;

/*! A voice; zeroes but for \a outlet at the begin. */
typedef struct {
	detector_outlet_t outlet;
	uint64_t errors[ERRORS];
	uint64_t told[ERRORS];  /*!< Moment of the last complaint; 0: none since it was settled. */
} voice_t;

/*! Says a sentence. */
__attribute__((format(printf, 3, 4)))
void voice_say(const voice_t *voice, int priority, const char *format, ...);

/*! Sets a gauge. */
void voice_gauge(const voice_t *voice, counter_t counter, unsigned index, uint64_t value);

/*! Counts an error without a word. */
void voice_count(voice_t *voice, error_cause_t cause);

/*! Counts an error and tells it, once an hour for each cause. */
__attribute__((format(printf, 4, 5)))
void voice_complain(voice_t *voice, error_cause_t cause, uint64_t now, const char *format, ...);

/*! The trouble is over: the next one is told at once. \return Whether this one had been told. */
bool voice_settle(voice_t *voice, error_cause_t cause);
