/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What is known of queriers, in the store.
 */
#pragma once

#include "sensor/querier_directory.h"
#include "store/store.h"

/*! Longest name that is kept; longer ones are cut. */
#define STORE_NAME_MAX 255

/*! A run of writes that becomes visible at once. */
typedef struct store_querier_batch store_querier_batch_t;

/*! Begins a run; it holds the store's write lock until its end. */
status_t store_querier_begin(store_t *store, store_querier_batch_t **batch, failure_t *failure);

/*!
 * Writes or replaces what is known of a querier.
 *
 * \param name     Its reverse name in text, "", QUERIER_NXDOMAIN or QUERIER_UNREACH.
 * \param info     Category, AS, country.
 * \param learned  Moment.
 */
status_t store_querier_put(store_querier_batch_t *batch, const address_t *querier,
                           const char *name, querier_info_t info, uint64_t learned,
                           failure_t *failure);

/*!
 * Writes what a look-up told of a querier's name. Its AS and country stay as they are, and so
 * does a name that was given by store_querier_put(): the operator's word holds.
 *
 * \param name      As above, but not "".
 * \param category  Of the name.
 * \param learned   Moment.
 * \param due       Moment from which on it is to be looked up again; not 0.
 * \param failures  How often in a row nobody answered, with this time.
 */
status_t store_querier_resolved(store_querier_batch_t *batch, const address_t *querier,
                                const char *name, category_t category, uint64_t learned,
                                uint64_t due, uint8_t failures, failure_t *failure);

/*! Ends a run: makes it visible, or drops it if \a keep is false. Frees \a batch. */
status_t store_querier_end(store_querier_batch_t *batch, bool keep, failure_t *failure);

/*!
 * A number that changes whenever what is known of queriers changes; 0 if nothing
 * was ever written.
 */
status_t store_querier_version(const store_t *store, uint64_t *version, failure_t *failure);

/*!
 * Reads what is known into a new directory.
 *
 * \param most       Most entries.
 * \param directory  Out, owned by the caller.
 * \param left_out   Out: entries beyond \a most; those with the highest addresses.
 */
status_t store_querier_load(const store_t *store, size_t most, querier_directory_t **directory,
                            size_t *left_out, failure_t *failure);
