/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Rows dealt into parts: groups stay whole, classes are spread as evenly as that allows.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "classifier/dataset.h"

/*! Most parts. */
#define PARTITION_PARTS_MAX 1000

/*! The groups of a dataset, ready to be dealt. Read-only once made: any threads may deal. */
typedef struct partition partition_t;

/*!
 * Collects the groups of a dataset; where it has none each row is one.
 *
 * \param dataset  Finished; must outlive the partition.
 *
 * \return NULL if memory is short. Free with partition_destroy().
 */
partition_t *partition_create(const dataset_t *dataset);

/*! Frees; NULL is allowed. */
void partition_destroy(partition_t *partition);

/*! Number of groups. */
size_t partition_groups(const partition_t *partition);

/*! Number of groups with rows of a class. */
size_t partition_class_groups(const partition_t *partition, size_t class_index);

/*!
 * Deals all groups.
 *
 * \param seed,stream  Of the random order; the same give the same parts.
 * \param shares       What each part is to have of each class; they sum to 1.
 * \param parts        1 to PARTITION_PARTS_MAX.
 * \param part_of      Out: a part for each row of the dataset.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t partition_deal(const partition_t *partition, uint64_t seed, uint64_t stream,
                        const double *shares, size_t parts, uint16_t *part_of);
