/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Feature vectors as CSV; the format is in doc/formats/features.md.
 */
#pragma once

#include <stdio.h>

#include "sensor/extraction.h"
#include "sensor/prefix_list.h"

/*! Writes the header line. */
void feature_csv_header(FILE *file);

/*!
 * Writes one row.
 *
 * \param start, length  Of its window, microseconds.
 */
void feature_csv_row(FILE *file, uint64_t start, uint64_t length,
                     const originator_features_t *row);

/*! Writes the rows of an extraction. Write errors stay in the stream. */
void feature_csv_rows(FILE *file, const extraction_t *extraction);

/*! Writes the header line of prefixes. */
void feature_csv_prefix_header(FILE *file);

/*! Writes the prefixes of a window, one row each. */
void feature_csv_prefixes(FILE *file, const window_t *window, const prefix_list_t *list);
