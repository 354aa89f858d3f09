/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The address space of a telescope: prefixes that no network of the world has.
 *
 * IPv4 addresses are numbered through all prefixes, so that an address can be drawn evenly or
 * all of them be gone through in some order.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"
#include "common/generator.h"
#include "simulator/world.h"

/*! Most prefixes of a darknet. */
#define DARKNET_PREFIXES_MAX 256

/*! A darknet; read-only once made. */
typedef struct darknet darknet_t;

/*!
 * Makes a darknet. Prefixes within others of the same darknet count once.
 *
 * \param prefixes  \a count of them, 1 to DARKNET_PREFIXES_MAX. Copied.
 * \param darknet   Out; free with darknet_destroy().
 *
 * \return STATUS_OK; STATUS_CALLER for a wrong count, or for a prefix that holds addresses of
 *         the world's networks or that is not unicast, which the sentence names; STATUS_NO_MEMORY.
 */
status_t darknet_create(const world_t *world, const prefix_t *prefixes, size_t count,
                        darknet_t **darknet, failure_t *failure);

/*! Frees a darknet; NULL is allowed. */
void darknet_destroy(darknet_t *darknet);

/*! How many IPv4 addresses it has; may be 0. */
uint64_t darknet_size(const darknet_t *darknet);

/*! How many IPv6 prefixes it has. */
size_t darknet_ipv6_count(const darknet_t *darknet);

/*! The IPv4 address of a number below darknet_size(). */
address_t darknet_address(const darknet_t *darknet, uint64_t number);

/*!
 * An address of one of its IPv6 prefixes, of which there must be one.
 *
 * Who scans IPv6 guesses at low numbers in the first subnets (RFC 7707, section 4.1).
 */
address_t darknet_address_ipv6(const darknet_t *darknet, generator_t *generator);
