/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief From features to verdicts, in the form in which they are stored.
 */
#pragma once

#include "module/model_watch.h"
#include "store/store_window.h"

/*! Shares of queriers that a verdict has to rest on. */
typedef struct {
	double min_known;    /*!< With known names; on fewer it is marked. */
	double min_verified; /*!< Verified; on fewer it is held back. */
} verdict_shares_t;

/*!
 * Classifies all originators of an extraction.
 *
 * \param watch   Its model; without one, rows have no verdict.
 *
 * \return extraction->count rows by address, owned by the caller; NULL if memory is short.
 */
store_row_t *verdict_rows(const extraction_t *extraction, const model_watch_t *watch,
                          const verdict_shares_t *shares);

/*! The figures of a window, for the store. */
store_window_t verdict_window(const extraction_t *extraction, const store_row_t *rows,
                              const model_watch_t *watch, const char *scope, bool closed,
                              const verdict_shares_t *shares, uint64_t now);
