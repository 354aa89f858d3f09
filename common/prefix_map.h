/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which prefixes hold an address, the longest first.
 *
 * A map is filled, finished once, and from then on only read, by any number of threads.
 *
 * Prefixes either nest or are apart. Sorted by address and then by length, the last one
 * that does not stand behind an address is the longest that holds it, or lies within it:
 *
 *     10.0.0.0/8         ◄─ wider ─┐
 *       10.1.0.0/16      ◄─ wider ─┤
 *         10.1.1.0/24  ────────────┘   10.1.200.9: found here, one step up holds it
 *     192.0.2.0/24
 *
 * So a search is a bisection and a few steps up: O(log n + depth), with 32 bytes an entry.
 */
#pragma once

#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"

/*! No entry. */
#define PREFIX_MAP_NONE UINT32_MAX

/*! Prefixes with a value each. */
typedef struct prefix_map prefix_map_t;

/*! Begins an empty map; NULL if memory is short. Free with prefix_map_destroy(). */
prefix_map_t *prefix_map_create(void);

/*! Frees a map; NULL is allowed. */
void prefix_map_destroy(prefix_map_t *map);

/*!
 * Adds a prefix; the same one may be added several times.
 *
 * \param value  What the caller makes of it.
 *
 * \return STATUS_OK; STATUS_NO_MEMORY, also beyond 2^32 - 2 entries; STATUS_CALLER if the map
 *         is finished.
 */
status_t prefix_map_add(prefix_map_t *map, const prefix_t *prefix, uint32_t value);

/*! Ends the filling; without it nothing is found. */
void prefix_map_finish(prefix_map_t *map);

/*! Number of entries. They are numbered in order of address, then length, then addition. */
uint32_t prefix_map_count(const prefix_map_t *map);

/*! The first entry added of the longest prefix that holds an address, or PREFIX_MAP_NONE. */
uint32_t prefix_map_find(const prefix_map_t *map, const address_t *address);

/*!
 * The entry after \a entry among those that hold an address: the one of the same prefix
 * that was added next, or the first one of the next shorter prefix.
 *
 * \param entry    Of prefix_map_find() or this function, for the same \a address.
 *
 * \return The number of an entry, or PREFIX_MAP_NONE.
 */
uint32_t prefix_map_next(const prefix_map_t *map, uint32_t entry, const address_t *address);

/*! The entry of the same prefix that was added first. */
uint32_t prefix_map_first(const prefix_map_t *map, uint32_t entry);

/*! The first entry added of the next shorter prefix that holds that of \a entry, or none. */
uint32_t prefix_map_wider(const prefix_map_t *map, uint32_t entry);

/*! The prefix of an entry; lives as long as the map. */
const prefix_t *prefix_map_prefix(const prefix_map_t *map, uint32_t entry);

/*! The value of an entry. */
uint32_t prefix_map_value(const prefix_map_t *map, uint32_t entry);
