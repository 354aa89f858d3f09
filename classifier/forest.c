/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prediction with trees, and their bytes in a model file.
 *
 * All trees lie in one array of 16-byte nodes:
 *
 *     tree 0                            tree 1
 *     +------+------+------+------+ - - +------+------+ - -
 *     | root | pair of children   |     | root | pair
 *     +------+------+------+------+ - - +------+------+ - -
 *        |      ^
 *        +------+  child: index of the left one, the right one follows
 *
 * A leaf holds a row of the table of leaves. Fully grown trees have almost only
 * pure leaves; the first rows of the table are the pure distributions, so these
 * cost nothing in the file and share a few cache lines in memory.
 *
 * How rows walk through the trees, and by what form of the nodes, is in forest_walk.h.
 */
#include "classifier/forest.h"

#include <stdlib.h>

#include "classifier/forest_walk.h"
#include "classifier/limits.h"

/* Bits of a node's first word in the file, above the 16 of the feature. */
#define NODE_MISSING_RIGHT (UINT32_C(1) << 16)
#define NODE_LEAF          (UINT32_C(1) << 17)
#define NODE_FEATURE       UINT32_C(0xffff)

/* Bytes of a node and of a tree's head in the file. */
#define NODE_SIZE 16
#define TREE_HEAD_SIZE 4

/* Most weight of a leaf: up to here, sums of whole numbers are exact. */
#define LEAF_WEIGHT_MAX 0x1p53

/* How far the sum of a leaf's frequencies may be from 1: rounding of 1024 quotients. */
#define LEAF_SUM_MARGIN 1e-9

forest_t *forest_create(size_t features, size_t classes, size_t trees, size_t nodes,
                        size_t leaf_rows)
{
	forest_t *forest = calloc(1, sizeof(*forest));
	if (forest == NULL) {
		return NULL;
	}
	*forest = (forest_t) {
		.features = features, .classes = classes, .trees = trees, .leaf_rows = leaf_rows,
		.starts = calloc(trees + 1, sizeof(*forest->starts)),
		.nodes = calloc(nodes, sizeof(*forest->nodes)),
		.leaves = calloc(leaf_rows * classes, sizeof(*forest->leaves)),
	};
	if (forest->starts == NULL || forest->nodes == NULL || forest->leaves == NULL) {
		forest_destroy(forest);
		return NULL;
	}
	for (size_t i = 0; i < classes; i++) {
		forest->leaves[i * classes + i] = 1;
	}
	return forest;
}

void forest_destroy(void *learned)
{
	forest_t *forest = learned;
	if (forest != NULL) {
		forest_decompile(forest);
		free(forest->starts);
		free(forest->nodes);
		free(forest->leaves);
		free(forest);
	}
}

void forest_write(const void *learned, buffer_t *buffer)
{
	const forest_t *forest = learned;
	size_t classes = forest->classes;
	buffer_le32(buffer, (uint32_t)forest->trees);
	buffer_le32(buffer, (uint32_t)(forest->leaf_rows - classes));
	for (size_t i = classes * classes; i < forest->leaf_rows * classes; i++) {
		buffer_double(buffer, forest->leaves[i]);
	}
	for (size_t tree = 0; tree < forest->trees; tree++) {
		size_t start = forest->starts[tree], end = forest->starts[tree + 1];
		buffer_le32(buffer, (uint32_t)(end - start));
		for (size_t i = start; i < end; i++) {
			const tree_node_t *node = &forest->nodes[i];
			buffer_le32(buffer, node->feature | (node->leaf ? NODE_LEAF : 0) |
			            (node->missing_right ? NODE_MISSING_RIGHT : 0));
			buffer_le32(buffer, node->child);
			buffer_double(buffer, node->threshold);
		}
	}
}

/* Reads the rows of the table of leaves behind the pure ones. */
static status_t read_leaves(cursor_t *cursor, forest_t *forest, failure_t *failure)
{
	for (size_t row = forest->classes; row < forest->leaf_rows; row++) {
		double sum = 0;
		for (size_t i = 0; i < forest->classes; i++) {
			double share = cursor_double(cursor);
			if (!(share >= 0 && share <= 1)) {
				return failure_set(failure, STATUS_BAD_DATA,
				                   "leaf %zu has a frequency outside 0 to 1", row);
			}
			forest->leaves[row * forest->classes + i] = share;
			sum += share;
		}
		if (!(fabs(sum - 1) <= LEAF_SUM_MARGIN)) {
			return failure_set(failure, STATUS_BAD_DATA,
			                   "the frequencies of leaf %zu do not sum to 1", row);
		}
	}
	return STATUS_OK;
}

/* Reads one node; what relates it to other nodes is checked by check_tree(). */
static const char *read_node(cursor_t *cursor, const forest_t *forest, tree_node_t *node)
{
	uint32_t word = cursor_le32(cursor);
	uint32_t child = cursor_le32(cursor);
	double threshold = cursor_double(cursor);
	*node = (tree_node_t) {
		.threshold = threshold, .child = child, .feature = word & NODE_FEATURE,
		.missing_right = (word & NODE_MISSING_RIGHT) != 0, .leaf = (word & NODE_LEAF) != 0,
	};
	if ((word & ~(NODE_FEATURE | NODE_MISSING_RIGHT | NODE_LEAF)) != 0) {
		return "unknown flags";
	}
	if (node->leaf) {
		return word != NODE_LEAF ? "a leaf with the marks of a split" :
		       !(threshold > 0 && threshold <= LEAF_WEIGHT_MAX) ?
		       "a leaf with a weight that cannot be" :
		       child >= forest->leaf_rows ? "a leaf that is not in the table" : NULL;
	}
	if (node->feature >= forest->features) {
		return "a feature that the model does not have";
	}
	return isnan(threshold) || threshold == -INFINITY ? "a threshold that parts nothing" : NULL;
}

/*
 * Every node but the root must be the child of exactly one earlier node: then the
 * nodes are a tree, walks end, and their length is the depth that is counted here.
 */
static const char *check_tree(const tree_node_t *nodes, size_t count, uint16_t *depth)
{
	for (size_t i = 0; i < count; i++) {
		depth[i] = 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && depth[i] == 0) {
			return "a node without a parent";
		}
		if (nodes[i].leaf) {
			continue;
		}
		size_t child = nodes[i].child;
		if (child <= i || child >= count - 1) {
			return "a child that does not lie ahead in the tree";
		}
		if (depth[child] != 0 || depth[child + 1] != 0) {
			return "a node with two parents";
		}
		if (depth[i] == TREE_DEPTH_MAX) {
			return "more depth than is allowed";
		}
		depth[child] = depth[child + 1] = depth[i] + 1;
	}
	return NULL;
}

static status_t read_tree(cursor_t *cursor, forest_t *forest, size_t tree, uint16_t *depth,
                          failure_t *failure)
{
	size_t start = forest->starts[tree], count = cursor_le32(cursor);
	/* The room of the whole forest was reckoned from the bytes, so this bounds `nodes` too. */
	if (count == 0 || count > cursor_left(cursor) / NODE_SIZE) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "tree %zu has %zu nodes, more or fewer than can be", tree, count);
	}
	const char *wrong = NULL;
	for (size_t i = 0; i < count && wrong == NULL; i++) {
		wrong = read_node(cursor, forest, &forest->nodes[start + i]);
	}
	if (wrong == NULL) {
		wrong = check_tree(forest->nodes + start, count, depth);
	}
	if (wrong != NULL) {
		return failure_set(failure, STATUS_BAD_DATA, "tree %zu has %s", tree, wrong);
	}
	forest->starts[tree + 1] = start + count;
	return STATUS_OK;
}

static status_t read_trees(cursor_t *cursor, forest_t *forest, size_t room, failure_t *failure)
{
	uint16_t *depth = calloc(room, sizeof(*depth));
	if (depth == NULL) {
		return failure_no_memory(failure, "the depths of a tree");
	}
	status_t status = STATUS_OK;
	for (size_t tree = 0; tree < forest->trees && status == STATUS_OK; tree++) {
		status = read_tree(cursor, forest, tree, depth, failure);
	}
	free(depth);
	return status;
}

status_t forest_read(cursor_t *cursor, size_t features, size_t classes, void **learned,
                     failure_t *failure)
{
	size_t trees = cursor_le32(cursor), impure = cursor_le32(cursor);
	size_t left = cursor_left(cursor);
	if (cursor->failed || trees == 0 || trees > MODEL_TREES_MAX ||
	    trees > left / (TREE_HEAD_SIZE + NODE_SIZE)) {
		return failure_set(failure, STATUS_BAD_DATA,
		                   "%zu trees are more or fewer than can be", trees);
	}
	if (impure > left / (classes * sizeof(double))) {
		return failure_set(failure, STATUS_BAD_DATA, "%zu leaves are more than can be", impure);
	}
	left -= impure * classes * sizeof(double);
	size_t room = left / NODE_SIZE + 1;
	forest_t *forest = forest_create(features, classes, trees, room, classes + impure);
	if (forest == NULL) {
		return failure_no_memory(failure, "the trees");
	}
	status_t status = read_leaves(cursor, forest, failure);
	if (status == STATUS_OK) {
		status = read_trees(cursor, forest, room, failure);
	}
	if (status == STATUS_OK && !forest_compile(forest, NULL, 1)) {
		status = failure_no_memory(failure, "the trees");
	}
	if (status != STATUS_OK) {
		forest_destroy(forest);
		return status;
	}
	*learned = forest;
	return STATUS_OK;
}

status_t forest_read_single(cursor_t *cursor, size_t features, size_t classes, void **learned,
                            failure_t *failure)
{
	void *read;
	status_t status = forest_read(cursor, features, classes, &read, failure);
	if (status != STATUS_OK) {
		return status;
	}
	size_t trees = ((forest_t *)read)->trees;
	if (trees != 1) {
		forest_destroy(read);
		return failure_set(failure, STATUS_BAD_DATA, "%zu trees, where there must be one", trees);
	}
	*learned = read;
	return STATUS_OK;
}
