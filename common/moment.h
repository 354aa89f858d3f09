/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Moments (microseconds since 1970-01-01 UTC) and durations, as numbers and as text.
 *
 * Moments are unsigned 64-bit microseconds everywhere: a capture's finest
 * common resolution, and half a million years of room.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*! Microseconds in a second. */
#define MICROSECONDS UINT64_C(1000000)

/*! Room for "2026-11-23T00:00:00.000000Z" and its final zero; years have four digits. */
#define MOMENT_TEXT_MAX 32

/*! A window of time: start <= moment < end. */
typedef struct {
	uint64_t start;  /*!< Microseconds since 1970. */
	uint64_t end;
} time_window_t;

/*! All of time: the window of what names none. */
#define TIME_WINDOW_ALWAYS ((time_window_t) { 0, UINT64_MAX })

/*! Tells TIME_WINDOW_ALWAYS from a window. */
static inline bool time_window_is_always(const time_window_t *window)
{
	return window->start == 0 && window->end == UINT64_MAX;
}

/*!
 * Writes a moment after RFC 3339 in UTC, with a fraction only if there is one.
 *
 * \param moment  Microseconds since 1970; above the year 9999 it is written as that year's end.
 *
 * \return \a text.
 */
char *moment_format(uint64_t moment, char text[MOMENT_TEXT_MAX]);

/*!
 * Reads a moment after RFC 3339 ("2026-11-23T00:00:00Z", with a fraction or
 * an offset), or a plain date, which is its first moment in UTC. Digits behind
 * the microseconds are cut off. A leap second (":60") is the second after it.
 *
 * \return false, and \a moment untouched, if \a text is neither.
 */
bool moment_parse(const char *text, uint64_t *moment);

/*!
 * Reads a duration in seconds: digits with an optional unit s, m, h, d or w.
 *
 * \return false, and \a seconds untouched, if \a text is no duration or above 2^32 - 1 seconds.
 */
bool duration_parse(const char *text, uint64_t *seconds);

/*! The wall clock now. */
uint64_t moment_now(void);
