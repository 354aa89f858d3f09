/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The zones between the root of the reverse tree and an address.
 *
 *     in-addr.arpa ── 8.in-addr.arpa ── 16.8.in-addr.arpa ── 24.16.8.in-addr.arpa
 *     HEIGHT_ROOT     HEIGHT_8           HEIGHT_16            HEIGHT_24
 *
 * Every /8 is delegated by the root. Below, a /16 may be delegated whole and again
 * in /24s, or only its /24s, or not at all: then the /8's own servers say that the
 * name does not exist. Which it is follows from the address and the seed. For IPv6
 * the heights are those of the /16, the /32 of the provider and the /48 of its client.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simulator/population.h"

/*! Heights of authorities. */
typedef enum {
	HEIGHT_ROOT = 0,
	HEIGHT_8,
	HEIGHT_16,
	HEIGHT_24,
	HEIGHTS,
} height_t;

/*! Names of the heights: "root", "/8", "/16", "/24". */
extern const char *const height_names[HEIGHTS];

/*! The way from the root to an address. */
typedef struct {
	uint32_t originator;       /*!< Index in the population. */
	uint16_t network;          /*!< Index of the AS of the address. */
	uint64_t items[HEIGHTS];   /*!< What a cache has of each zone: part of its key. */
	uint64_t name;             /*!< And of the name itself, */
	uint64_t gap;              /*!< and of the gap that a signed zone proves around it. */
	height_t holder;           /*!< The zone that holds the name, or would. */
	bool exists[HEIGHTS];      /*!< Whether there is a zone at that height. */
	bool ipv6;
	bool named;                /*!< The address has a reverse name. */
	bool is_signed;            /*!< The holder is signed (DNSSEC). */
	uint32_t ttl;              /*!< Seconds that the answer may be kept, also a negative one. */
} zone_path_t;

/*! Labels of the address that the zone of a height has: 0, 1, 2, 3 or nibbles of IPv6. */
unsigned zone_depth(bool ipv6, height_t height);

/*! Finds the way to an originator. Thread-safe. */
void zone_path_make(const population_t *population, const originator_t *originator,
                    zone_path_t *path);
