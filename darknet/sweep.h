/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How the share of sources per event moves with a parameter, the window or the darknet.
 *
 * A sweep feeds the same packets to as many telescopes as it needs: one for all values
 * of a parameter (one window state judged under several sets), one for each length of a
 * window or size of the darknet.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"
#include "darknet/shares.h"
#include "darknet/telescope.h"

/*! Most values of a sweep. */
#define SWEEP_VALUES_MAX TELESCOPE_SETS_MAX
/*! Room for a value's text with its final zero. */
#define SWEEP_TEXT_MAX 24

/*! What is varied. */
typedef enum { SWEEP_PARAMETER, SWEEP_WINDOW, SWEEP_DARKNET } sweep_kind_t;

/*! A sweep as asked for. */
typedef struct {
	sweep_kind_t kind;
	parameter_t parameter;            /*!< If kind is SWEEP_PARAMETER. */
	size_t count;
	double values[SWEEP_VALUES_MAX];  /*!< Parameter values; seconds; or bits of a prefix. */
	char texts[SWEEP_VALUES_MAX][SWEEP_TEXT_MAX]; /*!< As they were written. */
} sweep_plan_t;

/*!
 * Reads a sweep from text: "N2=2,3,5,10", "window=1h,6h,1d,7d", "darknet=/16,/18,/20".
 *
 * \return STATUS_OK; STATUS_BAD_DATA with what is wrong: no such thing to vary, a value out
 *         of range or given twice, too many of them.
 */
status_t sweep_parse(const char *text, sweep_plan_t *plan, failure_t *failure);

/*! Name of what is varied: "N2", "window", "darknet". */
const char *sweep_name(const sweep_plan_t *plan);

/*! A sweep under way. Not thread-safe. */
typedef struct sweep sweep_t;

/*!
 * Makes a sweep.
 *
 * \param options  As for one telescope. Its sets are replaced or all judged (SWEEP_PARAMETER
 *                 varies the first set), its sink is not called, its memory is shared out. For
 *                 SWEEP_DARKNET a value /L of the family of the first prefix takes the first /L of
 *                 the first of the prefixes that is as large.
 *
 * \return STATUS_OK; STATUS_BAD_DATA if no prefix is as large as a value, or as
 *         telescope_create(); STATUS_NO_MEMORY.
 */
status_t sweep_create(const sweep_plan_t *plan, const telescope_options_t *options,
                      sweep_t **sweep, failure_t *failure);

/*! Frees it; NULL is allowed. */
void sweep_destroy(sweep_t *sweep);

/*! Takes a packet, as telescope_take(). */
status_t sweep_take(sweep_t *sweep, uint64_t moment, const packet_t *packet, packet_kind_t kind,
                    failure_t *failure);

/*! Closes all windows, as telescope_finish(). */
status_t sweep_finish(sweep_t *sweep, failure_t *failure);

/*! The shares for value number \a value so far, over all windows. */
const shares_t *sweep_shares(const sweep_t *sweep, size_t value);

/*! The telescope that counts for value number \a value, for its counters. */
const telescope_t *sweep_telescope(const sweep_t *sweep, size_t value);
