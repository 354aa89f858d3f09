/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The queriers that the store waits for.
 *
 * Each pass over a window leaves one list for its family and scope, which replaces the one
 * before: the detector alone writes lists, and whoever resolves names writes queriers. So
 * nothing has to be removed from a list when a name is found.
 */
#pragma once

#include "sensor/sensor.h"
#include "sensor/wanted.h"
#include "store/store.h"

/*! Lists of a family and scope that has had no pass for so long count no more: microseconds. */
#define STORE_WANTED_AGE (UINT64_C(7) * 86400 * 1000000)

/*!
 * Replaces the list of a family and scope.
 *
 * \param scope   As in store_window_t.
 * \param moment  Now.
 * \param wanted  Finished by wanted_finish().
 */
status_t store_wanted_put(store_t *store, family_t family, const char *scope, uint64_t moment,
                          const wanted_t *wanted, failure_t *failure);

/*! A number that changes whenever a list is written; 0 if none ever was. */
status_t store_wanted_version(const store_t *store, uint64_t *version, failure_t *failure);

/*!
 * Reads all lists and keeps the queriers that are to be resolved now: those without a name
 * and those whose look-up is due again (store_querier_resolved()).
 *
 * \param now     Moment.
 * \param wanted  Start with a bound or none; out: joined and in order, with the failures of
 *                each. To be cleared in every case.
 */
status_t store_wanted_read(const store_t *store, uint64_t now, wanted_t *wanted,
                           failure_t *failure);
