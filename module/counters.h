/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The module's counters: one table of names, indices and what they mean.
 *
 * Counters of queries are added to by the workers; all others are gauges that
 * the detector's thread alone writes.
 */
#pragma once

#include <knot/module.h>

#include "sensor/query.h"
#include "sensor/sensor.h"

/*! Counters, in the order in which they are registered. */
typedef enum {
	COUNTER_QUERIES = 0,  /*!< All that the hook saw. */
	COUNTER_OBSERVATIONS, /*!< Counted observations, by family. */
	COUNTER_PARTIAL,      /*!< Partial names and other types, by family and depth. */
	COUNTER_OTHER,        /*!< All other names, by kind. */
	COUNTER_DROPPED,      /*!< Observations that were not counted, by reason. */
	COUNTER_ORIGINATORS,  /*!< In the current window, by family, as of the last pass. */
	COUNTER_QUERIERS,     /*!< Likewise. */
	COUNTER_ANALYZABLE,   /*!< Likewise. */
	COUNTER_CLASSIFIED,   /*!< Originators with a verdict, likewise. */
	COUNTER_SCANNERS,     /*!< Originators flagged, likewise. */
	COUNTER_MODEL_AGE,    /*!< Seconds since the model was trained; 0: no model. */
	COUNTER_ERRORS,       /*!< Since the engine started, by cause. */
	COUNTERS
} counter_t;

/*! Causes of errors, indices of COUNTER_ERRORS. */
typedef enum { ERROR_STORAGE = 0, ERROR_MODEL, ERROR_MEMORY, ERRORS } error_cause_t;

/*! Most indices of a gauge. */
#define GAUGE_INDICES_MAX 3

/*! Registers all counters. Call in load() only. \return KNOT_EOK or an error of Knot. */
int counters_register(knotd_mod_t *mod);

/*!
 * Counts a query.
 *
 * \param thread     Number of the worker.
 * \param judgement  What the query is.
 * \param result     What became of it; looked at for observations only.
 */
void counters_query(knotd_mod_t *mod, unsigned thread, const query_judgement_t *judgement,
                    observe_result_t result);
