/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which counters the module has.
 *
 * Counters of queries are added to by the workers; all others are gauges that
 * the detector's thread alone writes.
 */
#pragma once

/*! Counters, in the order in which they are registered. */
typedef enum {
	COUNTER_QUERIES = 0,  /*!< All that the hook saw. */
	COUNTER_OBSERVATIONS, /*!< Counted observations, by family; those of a /64 by themselves. */
	COUNTER_PARTIAL,      /*!< Partial names and other types, by family and depth. */
	COUNTER_OTHER,        /*!< All other names, by kind. */
	COUNTER_IGNORED,      /*!< Observations that the filter holds back, by reason. */
	COUNTER_DROPPED,      /*!< Observations that were not counted, by reason. */
	COUNTER_PREFIX_DROPPED, /*!< Queriers not counted for a prefix, by reason. */
	COUNTER_UNMET,        /*!< Who was met and could not be remembered, for there were too many. */
	COUNTER_DISPLACED,    /*!< First sightings that gave way to others, like those below. */
	COUNTER_MEMORY,       /*!< Most bytes that the window takes, likewise. */
	COUNTER_PREFIXES,     /*!< That more than one querier asked about by partial names, likewise. */
	COUNTER_FULL_SHARE,   /*!< Per cent of reverse names that are full, likewise. */
	COUNTER_ORIGINATORS,  /*!< In the current window, by family, as of the last pass. */
	COUNTER_QUERIERS,     /*!< Likewise. */
	COUNTER_VERIFIED,     /*!< Those of them that are verified, likewise. */
	COUNTER_ANALYZABLE,   /*!< Likewise. */
	COUNTER_LEFT_OUT,     /*!< Analyzable originators without a row for lack of memory, likewise. */
	COUNTER_CLASSIFIED,   /*!< Originators with a verdict, likewise. */
	COUNTER_SCANNERS,     /*!< Originators flagged, likewise. */
	COUNTER_LITTLE_KNOWN, /*!< Verdicts on fewer known names than min-known, likewise. */
	COUNTER_UNVERIFIED,   /*!< Verdicts held back for want of verified queriers, likewise. */
	COUNTER_MODEL_AGE,    /*!< Seconds since the model was trained; 0: no model. */
	COUNTER_ERRORS,       /*!< Since the engine started, by cause. */
	COUNTERS
} counter_t;

/*! Causes of errors, indices of COUNTER_ERRORS. */
typedef enum {
	ERROR_STORAGE = 0, ERROR_MODEL, ERROR_MEMORY, ERROR_NETWORKS, ERROR_CHECKPOINT, ERRORS
} error_cause_t;

/*! Most indices of a gauge. */
#define GAUGE_INDICES_MAX 5
