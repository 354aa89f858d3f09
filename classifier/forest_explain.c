/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Path attribution.
 *
 * A. Saabas: Interpreting random forests, 2014; as used in A. Palczewska et al.:
 * Interpreting random forest classification models using a feature contribution
 * method, 2014. A node's value is the share of the class among the training rows
 * that reach it. On the way of a row from root to leaf the value changes at each
 * split, and the change is credited to the feature of that split:
 *
 *     .04  persistence > .6   .35  home <= .2   .30  queries > 9   .90
 *          persistence + .31       home - .05        queries + .60
 *
 * The changes add up: root value and contributions together are the leaf's value,
 * and the means over the trees are the forest's answer.
 *
 * Inner values are the means of their children by weight. Children lie behind
 * their parents, so one pass from the last node to the first fills them all.
 * Cost: 8 bytes per node; per row, trees x depth steps.
 */
#include "classifier/forest_explain.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/forest.h"

/* Fills the values of one tree; `weights` is room for those of its nodes. */
static void fill_tree(const forest_t *forest, size_t tree, size_t class_index, double *weights,
                      double *values)
{
	size_t start = forest->starts[tree];
	for (size_t i = forest->starts[tree + 1] - start; i-- > 0;) {
		const tree_node_t *node = &forest->nodes[start + i];
		if (node->leaf) {
			weights[i] = node->threshold;
			values[start + i] = forest->leaves[node->child * forest->classes + class_index];
			continue;
		}
		size_t left = node->child, right = left + 1;
		weights[i] = weights[left] + weights[right];
		values[start + i] = (weights[left] * values[start + left] +
		                     weights[right] * values[start + right]) / weights[i];
	}
}

status_t forest_node_values(const void *learned, size_t class_index, double **out)
{
	const forest_t *forest = learned;
	size_t nodes = forest->starts[forest->trees];
	double *values = calloc(nodes, sizeof(*values)), *weights = calloc(nodes, sizeof(*weights));
	if (values == NULL || weights == NULL) {
		free(values);
		free(weights);
		return STATUS_NO_MEMORY;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		fill_tree(forest, tree, class_index, weights, values);
	}
	free(weights);
	*out = values;
	return STATUS_OK;
}

static size_t goes_right(const tree_node_t *node, double x)
{
	return isnan(x) ? node->missing_right : x > node->threshold;
}

double forest_explain(const void *learned, const double *values, const double *row,
                      double *contributions)
{
	const forest_t *forest = learned;
	double base = 0;
	for (size_t i = 0; i < forest->features; i++) {
		contributions[i] = 0;
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		size_t start = forest->starts[tree], at = start;
		base += values[start];
		while (!forest->nodes[at].leaf) {
			const tree_node_t *node = &forest->nodes[at];
			size_t next = start + node->child + goes_right(node, row[node->feature]);
			contributions[node->feature] += values[next] - values[at];
			at = next;
		}
	}
	for (size_t i = 0; i < forest->features; i++) {
		contributions[i] /= (double)forest->trees;
	}
	return base / (double)forest->trees;
}
