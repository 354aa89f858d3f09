/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Windows in the store: their figures, and the features and verdicts of their originators.
 */
#pragma once

#include "sensor/extraction.h"
#include "store/store.h"

/*! Room for the name of a class with its final zero. */
#define STORE_CLASS_MAX 64
/*! Room for a scope (the zone's name, or "" for the whole server) with its final zero. */
#define STORE_SCOPE_MAX 256

/*! A window as stored. */
typedef struct {
	uint64_t start;            /*!< Moment. */
	uint64_t since;            /*!< Moment from which on it was filled; after a restart in the
	                                middle of a window, the rest is a part of its own. */
	uint64_t length;           /*!< Microseconds, whole seconds. */
	family_t family;
	char scope[STORE_SCOPE_MAX];
	bool closed;               /*!< The final figures; else those of `updated`. */
	uint64_t updated;          /*!< Moment. */
	window_counts_t counts;
	uint64_t originators, queriers, as_numbers, countries;
	uint64_t analyzable, scanners;
	uint64_t model;            /*!< Checksum of the model; 0: none, no verdicts. */
	double threshold;          /*!< Of the model's class scan; NaN: none. */
	double min_verified;       /*!< Share of verified queriers below which verdicts are held back. */
	double min_known;          /*!< Share of known names below which verdicts are marked; NaN:
	                                written before there were marks. */
	uint64_t id;               /*!< Given by the store. */
} store_window_t;

/*! An analyzable originator as stored. */
typedef struct {
	originator_features_t features;
	char class_name[STORE_CLASS_MAX]; /*!< "" without a verdict. */
	double probability;               /*!< Of that class. */
	double scan_probability;          /*!< Of the class scan; NaN if the model has none. */
	uint64_t flagged;                 /*!< Moment when it was first flagged as a scanner; 0: never. */
	bool unverified;                  /*!< Held back: fewer queriers are verified than min_verified. */
	bool little_known;                /*!< The verdict rests on fewer known names than min_known. */
} store_row_t;

/*! Whether a row is flagged as a scanner: has that class, and the verdict is not held back. */
bool store_row_is_scan(const store_row_t *row);

/*!
 * Writes a window with all its rows in one transaction: all or nothing.
 *
 * \param window  In; `id` out. A window of the same start, length, family, since and
 *                scope is replaced.
 * \param rows    \a count rows, sorted by address.
 */
status_t store_window_put(store_t *store, store_window_t *window, const store_row_t *rows,
                          size_t count, failure_t *failure);

/*! Receives a window. \return false to stop. */
typedef bool (*store_window_visit_t)(void *context, const store_window_t *window);

/*! Receives a row. \return false to stop. */
typedef bool (*store_row_visit_t)(void *context, const store_row_t *row);

/*! Visits the windows, the latest start first. */
status_t store_windows(const store_t *store, store_window_visit_t visit, void *context,
                       failure_t *failure);

/*! Visits the rows of a window by address. */
status_t store_rows(const store_t *store, uint64_t window_id, store_row_visit_t visit,
                    void *context, failure_t *failure);

/*! Reads one row. \return STATUS_OK, STATUS_END if the window has no such originator, or a failure. */
status_t store_row_get(const store_t *store, uint64_t window_id, const address_t *originator,
                       store_row_t *row, failure_t *failure);

/*! Removes the windows that ended before a moment, with their rows. */
status_t store_expire(store_t *store, uint64_t before, failure_t *failure);
