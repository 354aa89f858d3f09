/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Set of addresses, so that no two hosts of the world share one.
 *
 * Open addressing with linear steps, at most half full: 32 bytes an address.
 */
#pragma once

#include <stdbool.h>

#include "common/address.h"
#include "common/failure.h"

/*! The set. Not thread-safe. */
typedef struct address_set address_set_t;

/*! Makes an empty set; NULL if memory is short. Free with address_set_destroy(). */
address_set_t *address_set_create(void);

/*! Frees a set; NULL is allowed. */
void address_set_destroy(address_set_t *set);

/*!
 * Adds an address (not the all-zero one, which marks a free place).
 *
 * \param added  Out: false if it was there before.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t address_set_add(address_set_t *set, const address_t *address, bool *added,
                         failure_t *failure);
