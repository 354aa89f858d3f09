/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief The labels file of a dataset: classes by address and window.
 */
#pragma once

#include "classifier/dataset.h"
#include "common/label_table.h"

/*!
 * Reads a CSV file with the columns address (a prefix may stand there) and class, and
 * perhaps window_start and window_seconds, or else first_seen and last_seen (moments, both of
 * them included; an empty field leaves that end open). Rows with an empty class are skipped.
 *
 * \param dataset  Its classes are found or added.
 * \param labels   Out: finished; free with label_table_destroy(). NULL on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line for a field that is wrong, and for
 *         two classes of one address in one window; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t dataset_labels_read(const char *path, dataset_t *dataset, label_table_t **labels,
                             failure_t *failure);

/*!
 * Finds or adds a class that the last record of a file names.
 *
 * \return As dataset_class(), but the sentence has file and line.
 */
status_t dataset_labels_intern(const csv_reader_t *reader, dataset_t *dataset, const char *name,
                               uint32_t *index, failure_t *failure);
