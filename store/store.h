/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The store: what outlives a process, in LMDB.
 *
 * One folder holds one store. One process writes the windows (knotd), others
 * may write what is known of queriers, and any number read at the same time:
 * LMDB's readers see the state of one moment and never wait. The layout is
 * written down in doc/formats/store.md.
 */
#pragma once

#include <stdbool.h>

#include "common/failure.h"

/*! An open store. May be used by several threads, each call by itself. */
typedef struct store store_t;

/*! How to open. */
typedef enum {
	STORE_READ,  /*!< Must exist. */
	STORE_WRITE, /*!< Made if the folder holds none; the folder itself must exist. */
} store_mode_t;

/*!
 * Opens the store in a folder. LMDB must not open the same files twice in one
 * process, so a store that this process has open already, and that is present, is
 * shared: each store_open() needs its store_close().
 *
 * \param folder   Path of the folder.
 * \param mode     A shared store keeps the mode in which it was opened first.
 * \param store    Out.
 *
 * \return STATUS_OK; STATUS_SYSTEM with the folder's name and the reason;
 *         STATUS_UNSUPPORTED if it is of another version; STATUS_BAD_DATA if it
 *         is no store; STATUS_NO_MEMORY.
 */
status_t store_open(const char *folder, store_mode_t mode, store_t **store, failure_t *failure);

/*! Closes; NULL is allowed. */
void store_close(store_t *store);

/*!
 * Whether the folder still holds the files that were opened: they may be removed or
 * replaced meanwhile, and what is written then goes nowhere.
 */
bool store_present(const store_t *store);

/*! The folder's path as given, for messages. */
const char *store_folder(const store_t *store);
