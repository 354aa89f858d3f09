/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Trees cut into clusters of up to 15 splits; the form of walker_clusters.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/cuts.h"
#include "classifier/forest.h"

/*! Most splits and exits of a cluster: bits of a mask, 16-bit numbers of half a cache line. */
#define CLUSTER_SPLITS 15
#define CLUSTER_EXITS  16

/*! Most features and thresholds per feature that clusters can name. */
#define CLUSTER_FEATURES_MAX 32
#define CLUSTER_CUTS_MAX 0x7fff

/*! Bit of a prepared row's word that is set for a missing value, and of a split: see below. */
#define CLUSTER_MISSING 0x8000

/*!
 * A connected part of a tree, two cache lines.
 *
 *     splits   0 .. 14   feature, threshold     "goes right" is bit i of the answers
 *     exits    0 .. 15   from left to right: care for the answers of the splits above
 *                        it, and want them to be so
 *
 * A row leaves by the one exit with ((answers ^ want) & care) == 0. Exits lead to other
 * clusters of the tree or to leaves; those of each kind have numbers in a row:
 *
 *     exit     0  1  2  3  4         to_cluster  0b01010
 *              L  C  L  C  L         child + 0, child + 1;  leaf + 0, + 1, + 2
 *
 * A threshold is the rank of the split's threshold; where missing values go left it has
 * CLUSTER_MISSING added. A row's word is its rank, or CLUSTER_MISSING. With that bit of
 * the threshold added to the word without carry, "word > threshold" answers the split,
 * for missing values too.
 */
typedef struct {
	_Alignas(128) uint16_t threshold[16];
	uint8_t feature[16];
	uint32_t child;
	uint32_t leaf;
	uint16_t to_cluster;
	uint16_t unused[3];
	uint16_t care[16];
	uint16_t want[16];
} cluster_t;

_Static_assert(sizeof(cluster_t) == 128, "two cache lines");

/*! A forest in clusters. Read-only once made. */
typedef struct {
	cluster_t *clusters;  /*!< Of tree t: starts[t] to starts[t + 1], the first has its root. */
	uint32_t *leaves;     /*!< Rows of the forest's table of leaves; and one that may be read. */
	size_t *starts;       /*!< trees + 1. */
} clusters_t;

/*!
 * Cuts the trees into clusters, such that rows like those that it was trained on pass few.
 *
 * \param threads  At most so many cut, the calling one among them; what they make is the same.
 * \param out      Out: free with clusters_destroy(); NULL if the forest has too many features
 *                 or thresholds.
 *
 * \return false if memory is short.
 */
bool clusters_create(const forest_t *forest, const forest_cuts_t *cuts, size_t threads,
                     clusters_t **out);

/*! Frees; NULL is allowed. */
void clusters_destroy(void *clusters);
