/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing a classification tree (CART; source in split.c), without pruning.
 *
 * The rows of all nodes lie in one array; a node is a stretch of it. A split
 * parts the stretch in two, keeping the order of the rows, and the children are
 * the two parts:
 *
 *     rows  | 0 1 2 3 4 5 6 7 |          root
 *           | 0 2 3 7 | 1 4 5 6 |        left child, right child
 *
 * Because the order is kept, reading ranks and items of a node's rows always goes
 * upwards through memory. Nodes wait on a stack, the left one on top: a walk that
 * goes left finds its next node near.
 *
 * A node is a leaf when it has one class, is as deep as may be, is too light to
 * be parted, or no feature can part it. A split that does not make the node any
 * purer is taken all the same: in exclusive-or it is the step before the gain.
 *
 * Features to try are drawn without replacement; if none of the first mtry can
 * part the node, drawing goes on, as many share columns are zero throughout.
 *
 * Cost: per level of the tree, mtry sweeps over all rows. Memory: 32 bytes per
 * row and thread.
 */
#include "classifier/tree_train.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/split.h"

/* A node that waits for its split: a stretch of the rows. */
typedef struct {
	size_t begin, end;
	size_t node;
	uint32_t depth;
} waiting_t;

struct tree_grower {
	const dataset_t *dataset;
	const ranks_t *ranks;
	const training_t *training;
	size_t classes;
	splitter_t *splitter;
	uint32_t *weights;   /* per row of the dataset */
	item_t *items;       /* per row of the dataset */
	uint32_t *rows;      /* in the bag */
	uint32_t *scratch;
	uint32_t *features;  /* in the order in which they were last drawn */
	int64_t *totals;     /* of the node at hand */
	waiting_t *stack;    /* each level leaves at most one sibling behind */
};

void grown_tree_clear(grown_tree_t *tree)
{
	free(tree->nodes);
	free(tree->leaves);
	*tree = (grown_tree_t) { 0 };
}

tree_grower_t *tree_grower_create(const dataset_t *dataset, const ranks_t *ranks,
                                  const training_t *training)
{
	tree_grower_t *grower = calloc(1, sizeof(*grower));
	if (grower == NULL) {
		return NULL;
	}
	size_t rows = ranks->rows, classes = dataset_classes(dataset);
	*grower = (tree_grower_t) {
		.dataset = dataset, .ranks = ranks, .training = training, .classes = classes,
		.splitter = splitter_create(ranks, classes, training->weights, training->min_leaf),
		.weights = calloc(rows, sizeof(*grower->weights)),
		.items = calloc(rows, sizeof(*grower->items)),
		.rows = calloc(rows, sizeof(*grower->rows)),
		.scratch = calloc(rows, sizeof(*grower->scratch)),
		.features = calloc(ranks->features, sizeof(*grower->features)),
		.totals = calloc(classes, sizeof(*grower->totals)),
		.stack = calloc(TREE_DEPTH_MAX + 2, sizeof(*grower->stack)),
	};
	if (grower->splitter == NULL || grower->weights == NULL || grower->items == NULL ||
	    grower->rows == NULL || grower->scratch == NULL || grower->features == NULL ||
	    grower->totals == NULL || grower->stack == NULL) {
		tree_grower_destroy(grower);
		return NULL;
	}
	return grower;
}

void tree_grower_destroy(tree_grower_t *grower)
{
	if (grower != NULL) {
		splitter_destroy(grower->splitter);
		free(grower->weights);
		free(grower->items);
		free(grower->rows);
		free(grower->scratch);
		free(grower->features);
		free(grower->totals);
		free(grower->stack);
		free(grower);
	}
}

uint32_t *tree_grower_weights(tree_grower_t *grower)
{
	return grower->weights;
}

/* Takes the rows with a weight into the bag; returns their number. */
static size_t fill_bag(tree_grower_t *grower)
{
	const uint32_t *labels = dataset_labels(grower->dataset);
	size_t count = 0;
	for (size_t row = 0; row < grower->ranks->rows; row++) {
		if (grower->weights[row] > 0) {
			grower->items[row] = item_make(labels[row], grower->weights[row]);
			grower->rows[count++] = (uint32_t)row;
		}
	}
	for (size_t i = 0; i < grower->ranks->features; i++) {
		grower->features[i] = (uint32_t)i;
	}
	return count;
}

/* Makes room for two more nodes and one more leaf. */
static bool reserve(grown_tree_t *tree, size_t classes)
{
	if (tree->count + 2 > tree->capacity) {
		size_t capacity = tree->capacity != 0 ? tree->capacity * 2 : 64;
		tree_node_t *nodes = reallocarray(tree->nodes, capacity, sizeof(*nodes));
		if (nodes == NULL) {
			return false;
		}
		tree->nodes = nodes;
		tree->capacity = capacity;
	}
	if (tree->leaf_count == tree->leaf_capacity) {
		size_t capacity = tree->leaf_capacity != 0 ? tree->leaf_capacity * 2 : 16;
		double *leaves = reallocarray(tree->leaves, capacity, classes * sizeof(*leaves));
		if (leaves == NULL) {
			return false;
		}
		tree->leaves = leaves;
		tree->leaf_capacity = capacity;
	}
	return true;
}

/* Weight of each class of a node; returns the weight of all. */
static int64_t count_classes(tree_grower_t *grower, const waiting_t *at)
{
	int64_t weight = 0;
	memset(grower->totals, 0, grower->classes * sizeof(*grower->totals));
	for (size_t i = at->begin; i < at->end; i++) {
		item_t item = grower->items[grower->rows[i]];
		grower->totals[item_class(item)] += item_weight(item);
		weight += item_weight(item);
	}
	return weight;
}

/* Tells the only class of a node; false if it has several. */
static bool is_pure(const tree_grower_t *grower, int64_t weight, uint32_t *class_index)
{
	for (size_t i = 0; i < grower->classes; i++) {
		if (grower->totals[i] == weight) {
			*class_index = (uint32_t)i;
			return true;
		}
	}
	return false;
}

static tree_node_t make_leaf(const tree_grower_t *grower, grown_tree_t *tree, int64_t weight)
{
	const double *weights = grower->training->weights;
	double sum = (double)weight;
	uint32_t index;
	if (is_pure(grower, weight, &index)) {
		sum *= weights != NULL ? weights[index] : 1;
	} else {
		double *leaf = tree->leaves + tree->leaf_count * grower->classes;
		sum = 0;
		for (size_t i = 0; i < grower->classes; i++) {
			leaf[i] = (double)grower->totals[i] * (weights != NULL ? weights[i] : 1);
			sum += leaf[i];
		}
		for (size_t i = 0; i < grower->classes; i++) {
			leaf[i] /= sum;
		}
		index = (uint32_t)(grower->classes + tree->leaf_count++);
	}
	return (tree_node_t) { .leaf = true, .child = index, .threshold = sum };
}

/* Draws features and searches the best split among them. */
static split_t find_split(tree_grower_t *grower, const waiting_t *at, generator_t *generator)
{
	split_t best = SPLIT_NONE;
	bool found = false;
	size_t features = grower->ranks->features;
	for (size_t i = 0; i < features && (i < grower->training->mtry || !found); i++) {
		size_t drawn = i + generator_below(generator, features - i);
		uint32_t feature = grower->features[drawn];
		grower->features[drawn] = grower->features[i];
		grower->features[i] = feature;
		found |= split_search(grower->splitter, feature, grower->rows + at->begin,
		                      at->end - at->begin, grower->items, grower->totals, &best);
	}
	return best;
}

/* Parts a node's rows; returns where the right part begins. */
static size_t part_rows(tree_grower_t *grower, const waiting_t *at, const split_t *split)
{
	const uint32_t *column = ranks_column(grower->ranks, split->feature);
	uint32_t missing = ranks_missing(grower->ranks, split->feature), *rows = grower->rows;
	size_t left = at->begin, right = 0;
	for (size_t i = at->begin; i < at->end; i++) {
		uint32_t row = rows[i];
		if (split_goes_right(split, column[row], missing)) {
			grower->scratch[right++] = row;
		} else {
			rows[left++] = row;
		}
	}
	memcpy(rows + left, grower->scratch, right * sizeof(*rows));
	return left;
}

/* Splits a node, or makes it a leaf; returns where its right part begins, or 0. */
static size_t settle(tree_grower_t *grower, const waiting_t *at, generator_t *generator,
                     grown_tree_t *tree)
{
	const training_t *training = grower->training;
	int64_t weight = count_classes(grower, at);
	split_t split = SPLIT_NONE;
	uint32_t class_index;
	if (at->depth < training->max_depth && weight >= 2 * (int64_t)training->min_leaf &&
	    !is_pure(grower, weight, &class_index)) {
		split = find_split(grower, at, generator);
	}
	if (split.score < 0) {
		tree->nodes[at->node] = make_leaf(grower, tree, weight);
		return 0;
	}
	tree->nodes[at->node] = (tree_node_t) {
		.threshold = split.threshold, .child = (uint32_t)tree->count,
		.feature = (uint16_t)split.feature, .missing_right = split.missing_right,
	};
	tree->count += 2;
	return part_rows(grower, at, &split);
}

status_t tree_grow(tree_grower_t *grower, generator_t *generator, grown_tree_t *tree)
{
	waiting_t *stack = grower->stack;
	size_t waiting = 1;
	stack[0] = (waiting_t) { .end = fill_bag(grower) };
	tree->count = 1;
	while (waiting > 0) {
		waiting_t at = stack[--waiting];
		if (!reserve(tree, grower->classes)) {
			return STATUS_NO_MEMORY;
		}
		size_t middle = settle(grower, &at, generator, tree);
		if (middle == 0) {
			continue;
		}
		size_t child = tree->nodes[at.node].child;
		stack[waiting++] = (waiting_t) { middle, at.end, child + 1, at.depth + 1 };
		stack[waiting++] = (waiting_t) { at.begin, middle, child, at.depth + 1 };
	}
	return STATUS_OK;
}
