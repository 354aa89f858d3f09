/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rows of features of many days, with and without labels: what strategies are tried on.
 *
 * A row belongs to the day (UTC) on which its window begins; rows of windows longer than a day
 * (IPv6 has 7 days by default) belong to none, and are left out. The label of a row is that
 * of its own time, by the rules of label_table.h; DAYS_NONE where there is none.
 *
 * Rows stand in order of days, in a day of originators, of an originator of windows; so they
 * do not depend on the order of the files. Originators are numbered in order of addresses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/dataset.h"

/*! Most days, and most files. */
#define DAYS_MAX 4096

/*! No label. */
#define DAYS_NONE UINT32_MAX

/*! One day. */
typedef struct {
	uint64_t moment;   /*!< Its begin, microseconds since 1970. */
	size_t first;      /*!< Its first row; the next day's, or the number of rows, ends it. */
	size_t labelled;   /*!< Rows with a label. */
} day_t;

/*! All rows. Read-only once read: any threads may look. */
typedef struct {
	dataset_t *names;        /*!< Without rows: names of features, and of classes by index. */
	size_t features;
	size_t rows;
	double *matrix;          /*!< rows x features; NaN is missing. */
	uint32_t *labels;        /*!< Of each row: class index or DAYS_NONE. */
	uint32_t *originators;   /*!< Of each row: number of its originator. */
	size_t originator_count;
	size_t longer;           /*!< Rows that were left out: their windows are longer than a day. */
	size_t disagreed;        /*!< Rows without a label because their labels disagree. */
	size_t count;
	day_t days[DAYS_MAX];    /*!< \a count days, the last one ended by the number of rows. */
} days_t;

/*! Where they come from. */
typedef struct {
	const char *const *features;  /*!< Files of rows with the same features, in any order. */
	size_t feature_files;         /*!< 1 to DAYS_MAX. */
	const char *labels;           /*!< File of labels. */
	uint64_t label_reach;         /*!< As in \ref dataset_source_t. */
} days_source_t;

/*!
 * Reads rows and labels.
 *
 * \param days  Out; free with days_destroy(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA with file and line for what is wrong in a field, for files
 *         whose features differ, rows of one originator and window that come twice, more than
 *         DAYS_MAX days, or no row with a label; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t days_read(const days_source_t *source, days_t **days, failure_t *failure);

/*! Frees; NULL is allowed. */
void days_destroy(days_t *days);

/*! Row behind the last one of a day. */
size_t days_end(const days_t *days, size_t day);
