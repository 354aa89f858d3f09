/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How rows of labels, events, series and conflicts are spelled. Internal to darknet/.
 *
 * Rows are written by the hundred thousand: the window is spelled once, numbers and
 * addresses without printf(). Errors are those of the stream.
 */
#pragma once

#include <stdio.h>

#include "common/moment.h"
#include "darknet/labeller.h"

/*! The source of labels that is no list. */
#define LABEL_SOURCE_DARKNET "darknet"

/*! What stands in the column event of rows that come from lists. */
#define LABEL_EVENT_LIST "list"

/*! The first two fields of a row, with the comma behind each. Zero it to begin. */
typedef struct {
	uint64_t start, length;
	size_t size;             /*!< 0: nothing yet. */
	char text[MOMENT_TEXT_MAX + 24];
} label_row_window_t;

/*! Two sources of labels that disagree. */
typedef struct {
	const label_row_window_t *window; /*!< NULL: at any time. */
	prefix_t prefix;
	label_rule_t rule;
	const char *kept_class, *kept_source;
	const char *dropped_class, *dropped_source;
} label_conflict_t;

/*! Spells a window, unless it is the one that was spelled last. Microseconds. */
void label_row_window(label_row_window_t *window, uint64_t start, uint64_t length);

/*! Writes the header line of a file. */
void label_row_header(FILE *file, label_output_t output);

/*! Writes the ten fields of labels.csv, without the end of the line. */
void label_row_event(FILE *file, const label_row_window_t *window, const event_t *event,
                     const char *class_name);

/*! Writes what a row of events has behind those, and the end of the line. */
void label_row_details(FILE *file, const event_t *event, const char *listed);

/*! Writes the row of a line of a list. */
void label_row_listing(FILE *file, const prefix_t *prefix, const char *class_name);

/*! Writes the rows of a window: sources by event and by tool. */
void label_row_series(FILE *file, const label_row_window_t *window, const shares_t *shares);

/*! Writes the row of a conflict. */
void label_row_conflict(FILE *file, const label_conflict_t *conflict);
