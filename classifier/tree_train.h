/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Growing one tree; for classifier/ only.
 */
#pragma once

#include "classifier/bins.h"
#include "classifier/forest.h"
#include "classifier/learner.h"
#include "classifier/ranks.h"
#include "common/generator.h"

/*! A tree that was grown. */
typedef struct {
	tree_node_t *nodes;   /*!< Breadth first, the root first. */
	size_t count;
	double *leaves;       /*!< Rows of class frequencies behind the pure ones. */
	size_t leaf_count;    /*!< Rows of \a leaves. */
} grown_tree_t;

/*! Frees what a tree holds. */
void grown_tree_clear(grown_tree_t *tree);

/*! Rooms to grow trees in, one after the other; one owner at a time. */
typedef struct tree_grower tree_grower_t;

/*!
 * Makes a grower.
 *
 * \param ranks     Of \a dataset, for exact splits; NULL for binned ones.
 * \param bins      Of \a dataset, for binned splits; else NULL.
 * \param training  mtry must not be 0 here.
 *
 * All must outlive it.
 *
 * \return NULL if memory is short. Free with tree_grower_destroy().
 */
tree_grower_t *tree_grower_create(const dataset_t *dataset, const ranks_t *ranks,
                                  const bins_t *bins, const training_t *training);

/*! Frees; NULL is allowed. */
void tree_grower_destroy(tree_grower_t *grower);

/*! The grower's weights, one per row, to fill in before tree_grow(): how often a row counts. */
uint32_t *tree_grower_weights(tree_grower_t *grower);

/*!
 * Grows a tree on the rows whose weight is not 0; there must be one.
 *
 * \param generator  Draws the features to try.
 * \param tree       Out: an empty one; clear it in any case.
 *
 * \return STATUS_OK or STATUS_NO_MEMORY.
 */
status_t tree_grow(tree_grower_t *grower, generator_t *generator, grown_tree_t *tree);
