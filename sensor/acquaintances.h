/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Who has been met in one stretch of time: a Bloom filter of queriers, of fixed size.
 *
 *     bits | 2^23 |   two of them for each querier, chosen by two parts of its keyed hash
 *
 * Whoever is in it is found. Of others, at most one in sixteen is taken for one that is in it,
 * and that only when it is full: beyond a quarter of its bits nobody is added any more. With
 * 200 thousand queriers it is one in 400 (B. Bloom, CACM 13(7), 1970). An attacker who floods it
 * with forged sources thus makes it useless for the newcomers of a day, and no more.
 *
 * Memory: 1 MiB. Adding somebody who is there reads two cache lines and writes none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/state_file.h"

/*! Bytes of one. */
#define ACQUAINTANCES_MEMORY ((size_t)1 << 20)

/*! A filter. */
typedef struct acquaintances acquaintances_t;

/*! Makes an empty one; NULL if memory is short. */
acquaintances_t *acquaintances_create(void);

/*! Frees one; NULL is allowed. No other thread may use it any more. */
void acquaintances_destroy(acquaintances_t *acquaintances);

/*! Empties one. No other thread may use it meanwhile. */
void acquaintances_clear(acquaintances_t *acquaintances);

/*!
 * Adds a querier. Lock-free, any number of threads.
 *
 * \param hash  Its keyed hash.
 *
 * \return false if it is not there and there is no room.
 */
bool acquaintances_add(acquaintances_t *acquaintances, uint64_t hash);

/*! Whether a querier has been added. Any thread. */
bool acquaintances_has(const acquaintances_t *acquaintances, uint64_t hash);

/*! Writes one; others may add to it meanwhile: whoever came before is there. */
void acquaintances_save(const acquaintances_t *acquaintances, state_writer_t *writer);

/*!
 * Fills one with what acquaintances_save() wrote. No other thread may use it meanwhile.
 *
 * \return false if there is not as much; those are in it then that were read.
 */
bool acquaintances_restore(acquaintances_t *acquaintances, state_reader_t *reader);
