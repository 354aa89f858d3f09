/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Source addresses that cannot be: reserved space, from the registries.
 *
 * IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), those rows
 * that are not globally reachable, multicast, and IPv6 outside of 2000::/3. A
 * packet with such a source is forged or leaked; its source is no host to label.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"

/*! One row of the table. */
typedef struct {
	const char *prefix;
	const char *meaning;
	const char *source; /*!< The RFC. */
} bogon_t;

/*! The table. \param count  Out: rows. */
const bogon_t *bogon_table(size_t *count);

/*! Whether an address lies in one of its prefixes. Thread-safe; some ten nanoseconds. */
bool bogon_source(const address_t *source);
