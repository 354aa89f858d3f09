/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Queries that are under way: a binary heap by moment, then by the order of coming.
 *
 * 32 bytes each; log n steps to add or to take. Not thread-safe.
 */
#pragma once

#include "common/failure.h"
#include "simulator/event.h"

/*! A query and its place in the order of coming. */
typedef struct {
	event_t event;
	uint64_t order;
} pending_entry_t;

/*! The queries. All zero is empty; the entries are to be freed with pending_clear(). */
typedef struct {
	pending_entry_t *entries;
	size_t count;
	size_t room;
	uint64_t added;      /*!< So many came so far. */
} pending_t;

/*!
 * Adds a query.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t pending_add(pending_t *pending, const event_t *event, failure_t *failure);

/*! Takes the first query out; there must be one. */
event_t pending_take(pending_t *pending);

/*! Frees all. */
void pending_clear(pending_t *pending);
