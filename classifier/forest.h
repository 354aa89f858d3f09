/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Trees ready to predict: one flat array of nodes, one table of leaves; for classifier/ only.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/cursor.h"
#include "common/failure.h"

/*!
 * A node, 16 bytes, four to a cache line. The children of a node are neighbours, so
 * one index leads to both and going right is an addition.
 */
typedef struct {
	double threshold;   /*!< x <= threshold goes left; +infinity parts present from missing. Of a
	                         leaf: the weight of the rows that it was made of, above 0. */
	uint32_t child;     /*!< Left child (the right one follows); of a leaf, its row of leaves. */
	uint16_t feature;
	bool missing_right; /*!< A missing value goes right. */
	bool leaf;
} tree_node_t;

_Static_assert(sizeof(tree_node_t) == 16, "four nodes to a cache line");

/*! A way to walk; see forest_walk.h. */
typedef struct walker walker_t;

/*! Thresholds by feature; see cuts.h. */
typedef struct forest_cuts forest_cuts_t;

/*! Several trees; a single tree is a forest of one. Read-only once built. */
typedef struct {
	size_t features;
	size_t classes;
	size_t trees;
	size_t leaf_rows;   /*!< Rows of \a leaves; at least \a classes. */
	size_t *starts;     /*!< trees + 1 indices in \a nodes: tree t has starts[t] to starts[t+1]. */
	tree_node_t *nodes; /*!< Each tree starts with its root; child counts from there. */
	double *leaves;     /*!< leaf_rows x classes frequencies; row c < classes is pure class c. */
	const walker_t *walker; /*!< How it predicts; this and the rest by forest_compile(). */
	forest_cuts_t *cuts;
	void *form;         /*!< The trees as the walker wants them. */
} forest_t;

/*! Leaf (row of leaves) that a row of features falls into. \a root has no cycles. */
static inline uint32_t tree_walk(const tree_node_t *root, const double *row)
{
	const tree_node_t *node = root;
	while (!node->leaf) {
		double x = row[node->feature];
		/* A branch, where lockstep has sums: alone, a walk gains from guessing its way. */
		if (x <= node->threshold || (isnan(x) && !node->missing_right)) {
			node = root + node->child;
		} else {
			node = root + node->child + 1;
		}
	}
	return node->child;
}

/*! Adds a leaf's frequencies to sums that are not negative. */
static inline void forest_add_leaf(const forest_t *forest, uint32_t leaf, double *sums)
{
	if (leaf < forest->classes) {
		/* Most leaves are pure, and zero added changes nothing. */
		sums[leaf] += 1;
		return;
	}
	const double *frequencies = forest->leaves + leaf * forest->classes;
	for (size_t i = 0; i < forest->classes; i++) {
		sums[i] += frequencies[i];
	}
}

/*!
 * Makes a forest with room for its parts; \a starts is zero, nodes undefined, and of
 * the leaves the pure rows are filled.
 *
 * \return NULL if memory is short. Free with forest_destroy().
 */
forest_t *forest_create(size_t features, size_t classes, size_t trees, size_t nodes,
                        size_t leaf_rows);

/*! Frees; NULL is allowed. (void pointers: these four are entries of model_kinds.) */
void forest_destroy(void *forest);

/*! Mean of the leaves' class frequencies over the trees; see model_kind_t. */
void forest_predict(const void *forest, const double *block, size_t rows, double *probabilities);

/*! Appends the forest's part of the model file. */
void forest_write(const void *forest, buffer_t *buffer);

/*! Reads the forest's part of the model file; see model_kind_t. */
status_t forest_read(cursor_t *cursor, size_t features, size_t classes, void **forest,
                     failure_t *failure);

/*! Like forest_read(), and refuses any other number of trees than one. */
status_t forest_read_single(cursor_t *cursor, size_t features, size_t classes, void **forest,
                            failure_t *failure);
