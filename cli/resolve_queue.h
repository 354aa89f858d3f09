/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief What the store waits for, without what is left out or on its way already.
 */
#pragma once

#include "store/store_wanted.h"

/*! Queriers to be asked for, the most wanted first. Start with zeroes. Not thread-safe. */
typedef struct {
	wanted_t wanted;
	size_t next;        /*!< Index of the first that was not taken. */
	uint64_t left_out;  /*!< Wanted but left out. */
	uint64_t version;   /*!< Of the store's lists when they were read. */
	uint64_t read;      /*!< Clock of that; 0: never. */
} resolve_queue_t;

/*! Tells whether something is left to be taken. */
static inline bool resolve_queue_empty(const resolve_queue_t *queue)
{
	return queue->next == queue->wanted.count;
}

/*!
 * Reads the lists anew.
 *
 * \param now          Moment.
 * \param leave        \a leave_count prefixes that are left out.
 * \param busy         \a busy_count addresses that are on their way; they are sorted here.
 */
status_t resolve_queue_read(resolve_queue_t *queue, const store_t *store, uint64_t now,
                            const prefix_t *leave, size_t leave_count, address_t *busy,
                            size_t busy_count, failure_t *failure);

/*! Frees the queue. */
void resolve_queue_clear(resolve_queue_t *queue);
