/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The prefixes of a window that most queriers asked about, in the store.
 */
#pragma once

#include "sensor/prefix_list.h"
#include "store/store.h"

/*!
 * Replaces the list of a window; it goes with the window.
 *
 * \param window_id  From store_window_put().
 */
status_t store_prefixes_put(store_t *store, uint64_t window_id, const prefix_list_t *list,
                            failure_t *failure);

/*!
 * Reads the list of a window.
 *
 * \param list  Out: empty if there is none; free with prefix_list_clear().
 */
status_t store_prefixes_read(const store_t *store, uint64_t window_id, prefix_list_t *list,
                             failure_t *failure);
