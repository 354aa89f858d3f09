/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The order of rows of features: by originator.
 */
#pragma once

#include "sensor/extraction.h"

/*!
 * Sorts rows of distinct originators by originator. A row is a quarter of a kilobyte, so keys are
 * sorted and each row is moved once. Memory: 24 bytes a row meanwhile.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY, and then nothing is moved. Thread-safe.
 */
status_t row_order_sort(originator_features_t *rows, size_t count);
