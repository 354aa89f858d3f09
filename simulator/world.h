/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The small Internet: countries, autonomous systems with their prefixes, queriers.
 *
 * All of it follows from the seed and is fixed once made. Queriers stand sorted
 * by kind, then AS; ASes are sorted by country. So the queriers of a kind in an
 * AS, in a country or in the whole world are each one run of the array:
 *
 *   kind:     | home                        | mail            | ns …
 *   AS:       | 0 0 0 1 1 2 … 17 17 18 …    | 0 1 1 … 17 18 … |
 *   country:  | US            | CN …        | US     | CN …   |
 *
 * Memory: 24 bytes a querier (about 65,000) and an index of kinds x ASes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "common/generator.h"
#include "simulator/parameters.h"

/*! Number of autonomous systems. */
#define WORLD_NETWORKS 900

/*! Most /16s of an AS. */
#define NETWORK_BLOCKS_MAX 8

/*! An autonomous system. */
typedef struct {
	uint32_t number;                          /*!< Of the private-use range (RFC 6996). */
	uint16_t country;                         /*!< Index, see world_country_code(). */
	uint8_t type;                             /*!< network_type_t. */
	uint8_t block_count;                      /*!< At least 1. */
	uint8_t blocks[NETWORK_BLOCKS_MAX][2];    /*!< Its IPv4 /16s. */
	uint8_t ipv6[4];                          /*!< Its IPv6 /32. */
	double size;                              /*!< Relative, after Zipf. */
} network_t;

/*! Habits of a querier, drawn once. */
enum {
	QUERIER_MINIMISES = 1,    /*!< QNAME minimisation (RFC 9156): asks for partial names first. */
	QUERIER_MIXED_CASE = 2,   /*!< Mixes the case of letters (0x20) against forged answers. */
	QUERIER_EDNS = 4,         /*!< Sends an OPT record. */
	QUERIER_FORGETS = 8,      /*!< Caches nothing: asks more often. */
	QUERIER_NAME_UNKNOWN = 16, /*!< Nobody resolved its name yet. */
	QUERIER_VALIDATES = 32,   /*!< Proves missing names by signed gaps (RFC 8198). */
	QUERIER_STOPS = 64        /*!< Takes a missing parent for a missing name (RFC 8020). */
};

/*! A querier. */
typedef struct {
	address_t address;
	uint16_t network;  /*!< Index of its AS. */
	uint8_t kind;      /*!< querier_kind_t. */
	uint8_t habits;
} querier_t;

/*! A run of queriers: [first, end). */
typedef struct {
	uint32_t first;
	uint32_t end;
} querier_run_t;

/*! The world. Read-only but for world_address(); one thread at a time for that. */
typedef struct world world_t;

/*!
 * Makes the world of a seed.
 *
 * \param parameters  Must outlive the world.
 * \param world  Out; free with world_destroy().
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t world_create(uint64_t seed, const parameters_t *parameters, world_t **world,
                      failure_t *failure);

/*! Frees a world; NULL is allowed. */
void world_destroy(world_t *world);

/*! Number of queriers. */
size_t world_querier_count(const world_t *world);

/*! A querier by index. */
const querier_t *world_querier(const world_t *world, uint32_t index);

/*!
 * The resolver behind a querier, by which its cache is known: below the number of queriers.
 * Outlets of one public resolver share a few.
 */
uint32_t world_resolver(const world_t *world, uint32_t index);

/*! The parameters that the world was made with. */
const parameters_t *world_parameters(const world_t *world);

/*! Writes its name as a querier file has it: "" if not known; returns \a name. */
char *world_querier_name(const world_t *world, uint32_t index, char name[QUERIER_NAME_MAX]);

/*! An AS by index (below WORLD_NETWORKS). */
const network_t *world_network(const world_t *world, unsigned index);

/*! Number of countries. */
unsigned world_country_count(void);

/*! The two letters of a country by index. */
const char *world_country_code(unsigned country);

/*! The ASes of a country: indices [*first, *end); may be empty. */
void world_country_networks(const world_t *world, unsigned country, unsigned *first,
                            unsigned *end);

/*! The queriers of a kind in the ASes [first, end). */
querier_run_t world_queriers(const world_t *world, querier_kind_t kind, unsigned first,
                             unsigned end);

/*! Picks an AS by \a weights of the AS types times size. */
unsigned world_pick_network(const world_t *world, generator_t *generator,
                            const double weights[NETWORKS]);

/*!
 * Takes an address of an AS that nobody has yet.
 *
 * \param scattered  Anywhere in the AS; else in the few /24s (/64s) of its servers.
 * \param address    Out.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t world_address(world_t *world, generator_t *generator, unsigned network, bool ipv6,
                       bool scattered, address_t *address, failure_t *failure);
