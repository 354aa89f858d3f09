/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Networks in use: read when their file appears or changes, kept when the new one is bad.
 */
#pragma once

#include "common/file_watch.h"
#include "sensor/network_map.h"

/*! State of the watch. Start with zeroes but for `kind`; one thread only. */
typedef struct {
	network_kind_t kind;
	file_watch_t file;
	char *keys;         /*!< Path of keys in the file; NULL: the usual one. */
	size_t most;        /*!< Entries. */
	prefix_map_t *map;  /*!< NULL: none is in use. */
} network_watch_t;

/*! What a look at the file brought. */
typedef enum {
	NETWORK_SAME,    /*!< Nothing new. */
	NETWORK_LOADED,  /*!< New networks are in use. */
	NETWORK_REFUSED, /*!< The file is new and bad, or gone; the failure says why. The old stay. */
} network_look_t;

/*!
 * Sets path, keys and the most entries. With another path or keys than before, the old networks stay until the new file is
 * good. Without a path there are none.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t network_watch_set(network_watch_t *watch, const char *path, const char *keys,
                           size_t most);

/*! Looks whether the file has changed, and reads it. Costs one stat() when it has not. */
network_look_t network_watch_look(network_watch_t *watch, failure_t *failure);

/*! Frees all. */
void network_watch_clear(network_watch_t *watch);
