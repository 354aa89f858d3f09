/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief How many labelled addresses of one day are seen again on the days before and after.
 *
 * After K. Fukuda's final KAKENHI report on network scans and DNS backscatter, figures 3 and
 * 4, and K. Fukuda, J. Heidemann (IEEE/ACM ToN 25(5), 2017, section VI): scanners are
 * gone in days, services stay; so labels of scanners age.
 *
 * - A row of a window sees its address on the day (UTC) on which the window begins.
 * - The **base** are the addresses that are seen on one day and have a label then, by the
 *   rules of label_table.h; those whose class is malicious, and the others, which are
 *   benign.
 * - Of each day: how many addresses of the base are **seen**, and how many of these are
 *   labelled **again** with the same group. Where labels of a day disagree, there is none.
 *
 * Files are read three times. Memory: 32 bytes and 3 bits for each day, for each address of
 * the base; 56 bytes for each label of the base's day.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/failure.h"

/*! Most days between the first and the last one. */
#define OVERLAP_DAYS_MAX 36525

/*! The two groups of classes. */
typedef enum { OVERLAP_BENIGN = 0, OVERLAP_MALICIOUS, OVERLAP_GROUPS } overlap_group_t;

/*! "benign", "malicious". */
const char *overlap_group_name(overlap_group_t group);

/*! What is to be compared. */
typedef struct {
	const char *const *labels;     /*!< Files of labels. */
	size_t label_count;
	const char *const *seen;       /*!< Files whose rows see addresses. */
	size_t seen_count;             /*!< 0: the labels do that too. */
	const char *const *malicious;  /*!< Names of classes. */
	size_t malicious_count;
	bool first;                    /*!< The base is of the first day with a label; else of */
	uint64_t from;                 /*!< this day: a moment in it, microseconds. */
} overlap_options_t;

/*! One day. */
typedef struct {
	uint64_t moment;  /*!< Its begin, microseconds. */
	int64_t offset;   /*!< Days after that of the base. */
	uint64_t seen[OVERLAP_GROUPS];
	uint64_t again[OVERLAP_GROUPS];
} overlap_day_t;

/*! What was found. */
typedef struct {
	uint64_t from;                   /*!< Begin of the base's day. */
	uint64_t base[OVERLAP_GROUPS];   /*!< Addresses. */
	uint64_t disagreed;              /*!< Seen on that day, with labels that disagree. */
	overlap_day_t *days;             /*!< Those with rows, in their order. */
	size_t day_count;
} overlap_t;

/*!
 * Reads the files and compares.
 *
 * \param overlap  Out; free with overlap_clear(). Untouched on failure.
 *
 * \return STATUS_OK; STATUS_BAD_DATA for a file that is wrong, for files without windows or
 *         of too many days, and if the base is empty; STATUS_SYSTEM; STATUS_NO_MEMORY.
 */
status_t overlap_make(const overlap_options_t *options, overlap_t *overlap, failure_t *failure);

/*! Frees what it holds. */
void overlap_clear(overlap_t *overlap);
