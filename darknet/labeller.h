/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief From the events of a telescope, and lists, to the rows of labels.csv and its sisters.
 *
 * doc/formats/labels.md has the columns. A labeller is the sink of a telescope with one set of
 * parameters:
 *
 *     lists ────────────────► rows without a window ─┐
 *       └► precedence ◄─┐                            ├► labels
 *     telescope: event ─┴► class ────────────────────┘  events
 *     telescope: end of a window ─► shares ───────────► series, totals
 *                disagreements ───────────────────────► conflicts
 */
#pragma once

#include <stdio.h>

#include "darknet/label_rule.h"
#include "darknet/shares.h"
#include "darknet/telescope.h"

/*! What is written, each a stream of its own. */
typedef enum {
	LABEL_OUTPUT_LABELS = 0,
	LABEL_OUTPUT_EVENTS,
	LABEL_OUTPUT_SERIES,
	LABEL_OUTPUT_CONFLICTS,
	LABEL_OUTPUTS
} label_output_t;

/*! What was found so far. Only numbers: it can be kept and taken up again. */
typedef struct {
	shares_t shares;
	uint64_t refused;                 /*!< Packets, for want of memory. */
	uint64_t rows;                    /*!< Of events. */
	uint64_t listed;                  /*!< Of lists. */
	uint64_t conflicts[LABEL_RULES];
} label_totals_t;

/*! Settings. */
typedef struct {
	const label_lists_t *lists;       /*!< Finished; NULL: none. Must outlive the labeller. */
	label_preference_t preference;
	FILE *streams[LABEL_OUTPUTS];     /*!< NULL: not wanted. Not closed; ask ferror() yourself. */
} labeller_options_t;

/*! A labeller. Not thread-safe. */
typedef struct labeller labeller_t;

/*! Makes one; NULL if memory is short. Writes nothing yet. */
labeller_t *labeller_create(const labeller_options_t *options);

/*! Frees it; NULL is allowed. */
void labeller_destroy(labeller_t *labeller);

/*! Writes headers, the rows of the lists and their conflicts; call it once, first. */
void labeller_begin(labeller_t *labeller);

/*!
 * Takes up what another labeller left, instead of labeller_begin().
 *
 * \param totals  Of that one.
 * \param done    Windows that begin before that moment are in it and in the streams, and are
 *                left out when they come again. Microseconds.
 */
void labeller_resume(labeller_t *labeller, const label_totals_t *totals, uint64_t done);

/*!
 * Where a telescope tells its events.
 *
 * \param closed   Told behind each window whose rows are written, and may be NULL. Its status
 *                 is that of the telescope's call.
 * \param context  For \a closed.
 */
telescope_sink_t labeller_sink(labeller_t *labeller,
                               status_t (*closed)(void *context, failure_t *failure),
                               void *context);

/*! What was found up to the last window. */
const label_totals_t *labeller_totals(const labeller_t *labeller);
