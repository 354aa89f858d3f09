/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Which queriers are wanted: those whose names features need, the most wanted first.
 *
 * A querier is wanted by each analyzable originator that has it in its sample. Those whose
 * names are not known come before all others; of equal ones the lower address comes first, so
 * the same queriers give the same list. With a bound, what is wanted least is dropped:
 *
 *     add ─► | kept, at most max | new, at most max | ─ full ─► sort, drop the second half
 *
 * O(n log max) time and 2 * max entries of 24 bytes for n queriers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/address.h"
#include "common/failure.h"

/*! Most queriers that a pass asks for: at 200 look-ups a second, eight minutes of work. */
#define WANTED_MAX 100000

/*! A wanted querier. */
typedef struct {
	address_t querier;
	uint32_t originators; /*!< How many want it. */
	bool known;           /*!< What its name is, or that it has none; else it is not known. */
	uint8_t failures;     /*!< How often in a row nobody told; see store/store_wanted.h. */
} wanted_querier_t;

/*! A list. Start with `wanted_t wanted = { .max = ... };`. Not thread-safe. */
typedef struct {
	size_t max;                 /*!< Most queriers that are kept; 0: all. */
	wanted_querier_t *queriers;
	size_t count;
	size_t room;
} wanted_t;

/*! Adds a querier. \return STATUS_OK or STATUS_NO_MEMORY. */
status_t wanted_add(wanted_t *wanted, const wanted_querier_t *querier);

/*! Joins entries of one querier, whose originators add up; known if one of them says so. */
void wanted_join(wanted_t *wanted);

/*! Puts the most wanted first and drops what is beyond the bound; ends the adding. */
void wanted_finish(wanted_t *wanted);

/*! Frees the list; it is then empty. */
void wanted_clear(wanted_t *wanted);
