/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The prefixes of a darknet, asked for every packet. Internal to darknet/.
 *
 * Most darknets are one prefix: that one is compared in two words, a few nanoseconds. Those
 * with more ask a prefix map when it is not the first.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/prefix_map.h"

/*! The prefixes. */
typedef struct {
	prefix_t first;
	address_t mask;       /*!< Of the first. */
	bool any_family;      /*!< The first is so short that IPv4 would seem to lie in it. */
	prefix_map_t *others; /*!< NULL if there are none. */
} prefix_set_t;

/*!
 * Makes a set.
 *
 * \param count  1 or more.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t prefix_set_make(prefix_set_t *set, const prefix_t *prefixes, size_t count);

/*! Frees what a set has taken; a zeroed one is allowed. */
void prefix_set_clear(prefix_set_t *set);

/*! Whether an address lies in one of the prefixes, as prefix_contains() has it. */
static inline bool prefix_set_contains(const prefix_set_t *set, const address_t *address)
{
	uint64_t differs = ((address->words[0] ^ set->first.address.words[0]) & set->mask.words[0]) |
	                   ((address->words[1] ^ set->first.address.words[1]) & set->mask.words[1]);
	if (differs == 0 && !(set->any_family && address_is_ipv4(address))) {
		return true;
	}
	return set->others != NULL && prefix_map_find(set->others, address) != PREFIX_MAP_NONE;
}
