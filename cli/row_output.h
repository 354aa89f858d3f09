/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Stored rows for people and for programs: what `top` and `show` share.
 */
#pragma once

#include <stdio.h>

#include "sensor/prefix_list.h"
#include "store/store_window.h"

/*! Describes a window in one line: family, start, length, state, figures. */
void row_output_window(FILE *file, const store_window_t *window);

/*!
 * Writes a row as one JSON object on one line.
 *
 * \param features  With the feature vector.
 *
 * \return false if memory is short.
 */
bool row_output_json(FILE *file, const store_window_t *window, const store_row_t *row,
                     bool features);

/*! Writes a prefix likewise. */
bool row_output_prefix_json(FILE *file, const store_window_t *window,
                            const prefix_activity_t *activity);
