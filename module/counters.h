/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The module's counters at Knot: names, indices, counting.
 */
#pragma once

#include "module/counter.h"
#include "module/filter.h"
#include "module/knot_compat.h"
#include "sensor/query.h"
#include "sensor/sensor.h"

/*! Registers all counters. Call in load() only. \return KNOT_EOK or an error of Knot. */
int counters_register(knotd_mod_t *mod);

/*! Counts a querier that was met and could not be remembered. */
void counters_unmet(knotd_mod_t *mod, unsigned thread);

/*!
 * Counts a query.
 *
 * \param thread     Number of the worker.
 * \param judgement  What the query is.
 * \param result     What became of it; looked at for observations only.
 */
void counters_query(knotd_mod_t *mod, unsigned thread, const query_judgement_t *judgement,
                    observe_result_t result);

/*! Counts the observation of a subnet, beside that of the address. */
void counters_subnet(knotd_mod_t *mod, unsigned thread, observe_result_t result);

/*! Counts that a querier was not counted for a prefix; for OBSERVE_COUNTED nothing. */
void counters_prefix(knotd_mod_t *mod, unsigned thread, observe_result_t result);

/*! Counts an observation that the filter held back. \param reason  Not FILTER_PASS. */
void counters_ignored(knotd_mod_t *mod, unsigned thread, filter_result_t reason);
