/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the readers of network_map.h share.
 */
#pragma once

#include "sensor/network_map.h"

/*! A file in memory, and what becomes of it. */
typedef struct {
	const char *path;
	network_kind_t kind;
	const char *keys;     /*!< Path of keys. */
	int file;             /*!< Descriptor of the copy. */
	const uint8_t *data;  /*!< The copy, mapped. */
	size_t size;
	size_t most;          /*!< Entries of the map. */
	prefix_map_t *map;    /*!< Being filled. */
} network_file_t;

/*! Reads the copy as a MaxMind DB. */
status_t network_read_mmdb(network_file_t *file, failure_t *failure);

/*! Reads the copy as text. */
status_t network_read_text(network_file_t *file, failure_t *failure);

/*! Adds an entry. */
status_t network_file_add(network_file_t *file, const prefix_t *prefix, uint32_t value,
                          failure_t *failure);

/*!
 * A value from text.
 *
 * \param size   Bytes of \a text, which need not end with a zero.
 * \param value  Out; 0 if the text says nothing.
 *
 * \return false if it is no such value.
 */
bool network_value_parse(network_kind_t kind, const char *text, size_t size, uint32_t *value);
