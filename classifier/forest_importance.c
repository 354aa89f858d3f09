/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gini importance.
 *
 * L. Breiman, J. Friedman, R. Olshen, C. Stone: Classification and Regression
 * Trees, 1984, section 5.3.4; summed over the trees as in L. Breiman's random
 * forest program. A split of a node with weight w into sides of weights l and r
 * decreases the weighted impurity, w * (1 - sum of squared class shares), by
 *
 *     L / l + R / r - W / w        L, R, W: sums of squared class weights
 *
 * and that is credited to the feature of the split.
 *
 * A leaf knows its class shares and its weight, so an inner node's class weights
 * are the sums of those below it, and the finished trees tell all that is needed:
 * growing a tree need not keep books. A walk in depth keeps one row of class
 * weights for each level. Cost: nodes x classes.
 */
#include "classifier/forest_importance.h"

#include <stdlib.h>

#include "classifier/forest.h"
#include "classifier/limits.h"

/* A walk through one tree. */
typedef struct {
	const forest_t *forest;
	const tree_node_t *root;
	double *levels;      /* class weights of the node at hand on each level */
	double *importance;
} walk_t;

/* Sum of squared weights over the sum of weights. */
static double purity(const double *weights, size_t classes)
{
	double square = 0, sum = 0;
	for (size_t i = 0; i < classes; i++) {
		square += weights[i] * weights[i];
		sum += weights[i];
	}
	return square / sum;
}

/* Leaves the class weights of a node in its level, and credits the splits below it. */
static void gather(const walk_t *walk, size_t index, size_t depth)
{
	const tree_node_t *node = &walk->root[index];
	size_t classes = walk->forest->classes;
	double *own = walk->levels + depth * classes, *below = own + classes;
	if (node->leaf) {
		const double *shares = walk->forest->leaves + node->child * classes;
		for (size_t i = 0; i < classes; i++) {
			own[i] = shares[i] * node->threshold;
		}
		return;
	}
	double sides = 0;
	for (size_t side = 0; side < 2; side++) {
		gather(walk, node->child + side, depth + 1);
		sides += purity(below, classes);
		for (size_t i = 0; i < classes; i++) {
			own[i] = below[i] + (side == 0 ? 0 : own[i]);
		}
	}
	/* Rounding must not make a split that gains nothing look harmful. */
	double gain = sides - purity(own, classes);
	walk->importance[node->feature] += gain > 0 ? gain : 0;
}

status_t forest_importance(const void *learned, double *importance)
{
	const forest_t *forest = learned;
	walk_t walk = {
		.forest = forest, .importance = importance,
		.levels = calloc((TREE_DEPTH_MAX + 1) * forest->classes, sizeof(*walk.levels)),
	};
	if (walk.levels == NULL) {
		return STATUS_NO_MEMORY;
	}
	double sum = 0;
	for (size_t i = 0; i < forest->features; i++) {
		importance[i] = 0;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		walk.root = forest->nodes + forest->starts[tree];
		gather(&walk, 0, 0);
	}
	for (size_t i = 0; i < forest->features; i++) {
		sum += importance[i];
	}
	for (size_t i = 0; i < forest->features && sum > 0; i++) {
		importance[i] /= sum;
	}
	free(walk.levels);
	return STATUS_OK;
}
