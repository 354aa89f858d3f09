/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What all resolvers of the world have in their caches, and until when.
 *
 * One table for all of them: open addressing with linear steps, 16 bytes an entry,
 * at most half full.
 *
 *     key 64 (resolver and what is cached) | expires 64
 *
 * What has expired is thrown out when the table would grow, so its size follows
 * what lives at one time (at most the lookups of one time to live), not how many
 * days go by.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

/*! The caches. Not thread-safe. */
typedef struct cache cache_t;

/*! Makes empty caches; NULL if memory is short. Free with cache_destroy(). */
cache_t *cache_create(void);

/*! Frees them; NULL is allowed. */
void cache_destroy(cache_t *cache);

/*!
 * Tells until when something is cached.
 *
 * \param key  Not 0.
 *
 * \return The moment at which it expires, which may be past; 0 if it is not there.
 */
uint64_t cache_find(const cache_t *cache, uint64_t key);

/*! Asks for the place of a key ahead: a find soon after does not wait for the memory. */
void cache_prefetch(const cache_t *cache, uint64_t key);

/*!
 * Puts something in, over what was there under that key.
 *
 * \param now      No later call has an earlier one: what expired before may be gone.
 * \param expires  Later than \a now.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t cache_put(cache_t *cache, uint64_t key, uint64_t now, uint64_t expires,
                   failure_t *failure);

/*! Entries that the table has room for: what bounds its memory. */
size_t cache_room(const cache_t *cache);
