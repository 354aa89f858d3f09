/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Numbers for the IPv6 addresses that a window's packets go to. Internal to darknet/.
 *
 * A flow has 32 bits for its address. An IPv4 address fits; IPv6 addresses are numbered as
 * they come, 16 bytes and a slot for each.
 */
#pragma once

#include "common/keyed_hash.h"
#include "darknet/pool.h"
#include "darknet/slots.h"

/*! The numbered addresses. */
typedef struct {
	pool_t *pool;
	slots_t slots;
	hash_key_t secret;
	uint32_t line;      /*!< Line that is being filled. */
	unsigned filled;    /*!< Addresses in it. */
} destinations_t;

/*! Addresses of a line. */
#define DESTINATIONS_PER_LINE (POOL_LINE / sizeof(address_t))

/*! Begins. \param pool  Also for the budget. */
void destinations_open(destinations_t *destinations, pool_t *pool, const hash_key_t *secret);

/*! Frees it. */
void destinations_close(destinations_t *destinations);

/*!
 * Number of an address.
 *
 * \return 0 if it is new and there is no memory for it.
 */
uint32_t destinations_number(destinations_t *destinations, const address_t *address);

/*! Address of a number. */
static inline const address_t *destinations_address(const destinations_t *destinations,
                                                    uint32_t number)
{
	/* Numbers begin at the second line of the pool: 0 is none. */
	return (const address_t *)pool_at(destinations->pool, number / DESTINATIONS_PER_LINE) +
	       number % DESTINATIONS_PER_LINE;
}
