/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Growing a classification tree (CART; source in split.c), without pruning.
 *
 * The rows of all nodes lie in one array, each with its class and weight; a node is
 * a stretch of it. A split parts the stretch in two, keeping the order of the rows,
 * and the children are the two parts:
 *
 *     rows  | 0 1 2 3 4 5 6 7 |          root
 *           | 0 2 3 7 | 1 4 5 6 |        left child, right child
 *
 * Because the order is kept, reading the bins of a node's rows always goes upwards
 * through memory. Nodes wait on a stack, the left one on top: a walk that goes left
 * finds its next node near.
 *
 * A node is a leaf when it has one class, is as deep as may be, is too light to
 * be parted, or no feature can part it. All but the last show in the class weights
 * of the parts, so such nodes never wait. A split that does not make the node any
 * purer is taken all the same: in exclusive-or it is the step before the gain.
 *
 * Features to try are drawn without replacement; if none of the first mtry can
 * part the node, drawing goes on, as many share columns are zero throughout. Of
 * features that part it equally well the one drawn first wins, also where all are
 * tried: a rule by number would favour columns for where they stand, and at the
 * bottom of a tree, where few rows are left, equals are common.
 *
 * The finished tree is put in breadth-first order: the levels that all rows pass
 * then share a few cache lines.
 *
 * Cost: per level of the tree, mtry sweeps over all rows. Memory: 24 bytes per
 * row and thread (exact splits: 16 more).
 */
#include "classifier/tree_train.h"

#include <stdlib.h>
#include <string.h>

#include "classifier/histogram.h"
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
	const bins_t *bins;
	const training_t *training;
	size_t features, classes;
	splitter_t *splitter;     /* of exact splits */
	histogram_t *histogram;   /* of binned splits */
	uint32_t *weights;        /* per row of the dataset */
	node_row_t *rows;         /* in the bag */
	node_row_t *scratch;
	uint32_t *drawn;          /* features in the order in which they were last drawn */
	waiting_t *stack;         /* each level leaves at most one sibling behind */
	int64_t *waiting_totals;  /* class weights of the nodes on the stack */
	int64_t *totals;          /* of the node at hand, and room for its left part */
	tree_node_t *nodes;       /* of the tree at hand, in the order in which they came */
	size_t count, capacity;
	double *leaves;
	size_t leaf_count, leaf_capacity;
};

/* Rows from one that is parted to one that is asked for: large nodes lie in far memory. */
#define AHEAD 24

/* Nodes on the stack: each level leaves one sibling, the last one two. */
#define STACK_SIZE (TREE_DEPTH_MAX + 2)

void grown_tree_clear(grown_tree_t *tree)
{
	free(tree->nodes);
	free(tree->leaves);
	*tree = (grown_tree_t) { 0 };
}

static bool make_rooms(tree_grower_t *grower)
{
	size_t rows = dataset_rows(grower->dataset);
	const training_t *training = grower->training;
	if (grower->bins != NULL) {
		grower->histogram = histogram_create(grower->bins, grower->classes, training->weights,
		                                     training->min_leaf);
	} else {
		grower->splitter = splitter_create(grower->ranks, grower->classes, training->weights,
		                                   training->min_leaf);
	}
	grower->weights = calloc(rows, sizeof(*grower->weights));
	grower->rows = calloc(rows, sizeof(*grower->rows));
	grower->scratch = calloc(rows, sizeof(*grower->scratch));
	grower->drawn = calloc(grower->features, sizeof(*grower->drawn));
	grower->stack = calloc(STACK_SIZE, sizeof(*grower->stack));
	grower->waiting_totals = calloc(STACK_SIZE * grower->classes, sizeof(*grower->totals));
	grower->totals = calloc(2 * grower->classes, sizeof(*grower->totals));
	return (grower->histogram != NULL || grower->splitter != NULL) && grower->weights != NULL &&
	       grower->rows != NULL && grower->scratch != NULL && grower->drawn != NULL &&
	       grower->stack != NULL && grower->waiting_totals != NULL && grower->totals != NULL;
}

tree_grower_t *tree_grower_create(const dataset_t *dataset, const ranks_t *ranks,
                                  const bins_t *bins, const training_t *training)
{
	tree_grower_t *grower = calloc(1, sizeof(*grower));
	if (grower == NULL) {
		return NULL;
	}
	*grower = (tree_grower_t) {
		.dataset = dataset, .ranks = ranks, .bins = bins, .training = training,
		.features = dataset_features(dataset), .classes = dataset_classes(dataset),
	};
	if (!make_rooms(grower)) {
		tree_grower_destroy(grower);
		return NULL;
	}
	return grower;
}

void tree_grower_destroy(tree_grower_t *grower)
{
	if (grower != NULL) {
		splitter_destroy(grower->splitter);
		histogram_destroy(grower->histogram);
		free(grower->weights);
		free(grower->rows);
		free(grower->scratch);
		free(grower->drawn);
		free(grower->stack);
		free(grower->waiting_totals);
		free(grower->totals);
		free(grower->nodes);
		free(grower->leaves);
		free(grower);
	}
}

uint32_t *tree_grower_weights(tree_grower_t *grower)
{
	return grower->weights;
}

/* Takes the rows with a weight into the bag; returns their number. */
static size_t fill_bag(tree_grower_t *grower, int64_t *totals)
{
	const uint32_t *labels = dataset_labels(grower->dataset);
	size_t count = 0, rows = dataset_rows(grower->dataset);
	memset(totals, 0, grower->classes * sizeof(*totals));
	for (size_t row = 0; row < rows; row++) {
		item_t item = item_make(labels[row], grower->weights[row]);
		/* A third of the rows is left out at random: no branch. */
		grower->rows[count] = (node_row_t) { (uint32_t)row, item };
		count += grower->weights[row] > 0;
		totals[labels[row]] += item_weight(item);
	}
	for (size_t i = 0; i < grower->features; i++) {
		grower->drawn[i] = (uint32_t)i;
	}
	return count;
}

/* Makes room for two more nodes and three more leaves. */
static bool reserve(tree_grower_t *grower)
{
	if (grower->count + 2 > grower->capacity) {
		size_t capacity = grower->capacity != 0 ? grower->capacity * 2 : 64;
		tree_node_t *nodes = reallocarray(grower->nodes, capacity, sizeof(*nodes));
		if (nodes == NULL) {
			return false;
		}
		grower->nodes = nodes;
		grower->capacity = capacity;
	}
	if (grower->leaf_count + 3 > grower->leaf_capacity) {
		size_t capacity = grower->leaf_capacity != 0 ? grower->leaf_capacity * 2 : 16;
		double *leaves = reallocarray(grower->leaves, capacity,
		                              grower->classes * sizeof(*leaves));
		if (leaves == NULL) {
			return false;
		}
		grower->leaves = leaves;
		grower->leaf_capacity = capacity;
	}
	return true;
}

/* The only class of a node, or the number of classes if it has several. */
static size_t only_class(const int64_t *totals, int64_t weight, size_t classes)
{
	size_t i = 0;
	while (i < classes && totals[i] != weight) {
		i++;
	}
	return i;
}

static int64_t sum_up(const int64_t *totals, size_t classes)
{
	int64_t weight = 0;
	for (size_t i = 0; i < classes; i++) {
		weight += totals[i];
	}
	return weight;
}

/* Tells whether nothing needs to be searched to know that a node is a leaf. */
static bool is_leaf(const tree_grower_t *grower, const int64_t *totals, uint32_t depth)
{
	const training_t *training = grower->training;
	int64_t weight = sum_up(totals, grower->classes);
	return depth >= training->max_depth || weight < 2 * (int64_t)training->min_leaf ||
	       only_class(totals, weight, grower->classes) < grower->classes;
}

static tree_node_t make_leaf(tree_grower_t *grower, const int64_t *totals)
{
	size_t classes = grower->classes;
	const double *weights = grower->training->weights;
	int64_t weight = sum_up(totals, classes);
	double sum = (double)weight;
	size_t index = only_class(totals, weight, classes);
	if (index < classes) {
		sum *= weights != NULL ? weights[index] : 1;
	} else {
		double *leaf = grower->leaves + grower->leaf_count * classes;
		sum = 0;
		for (size_t i = 0; i < classes; i++) {
			leaf[i] = (double)totals[i] * (weights != NULL ? weights[i] : 1);
			sum += leaf[i];
		}
		for (size_t i = 0; i < classes; i++) {
			leaf[i] /= sum;
		}
		index = classes + grower->leaf_count++;
	}
	return (tree_node_t) { .leaf = true, .child = (uint32_t)index, .threshold = sum };
}

/* Draws the next feature to place `at` of the drawn ones. */
static void draw(tree_grower_t *grower, size_t at, generator_t *generator)
{
	size_t other = at + generator_below(generator, grower->features - at);
	uint32_t feature = grower->drawn[other];
	grower->drawn[other] = grower->drawn[at];
	grower->drawn[at] = feature;
}

static bool search(tree_grower_t *grower, const waiting_t *at, size_t begin, size_t end,
                   split_t *best)
{
	const node_row_t *rows = grower->rows + at->begin;
	size_t count = at->end - at->begin;
	if (grower->histogram != NULL) {
		return histogram_search(grower->histogram, grower->drawn + begin, end - begin, rows,
		                        count, grower->totals, best);
	}
	bool found = false;
	for (size_t i = begin; i < end; i++) {
		found |= split_search(grower->splitter, grower->drawn[i], rows, count, grower->totals,
		                      best);
	}
	return found;
}

/* Draws features and searches the best split among them. */
static split_t find_split(tree_grower_t *grower, const waiting_t *at, generator_t *generator)
{
	split_t best = SPLIT_NONE;
	size_t tried = grower->training->mtry;
	for (size_t i = 0; i < tried; i++) {
		draw(grower, i, generator);
	}
	bool found = search(grower, at, 0, tried, &best);
	for (; !found && tried < grower->features; tried++) {
		draw(grower, tried, generator);
		found = search(grower, at, tried, tried + 1, &best);
	}
	return best;
}

/* Rows on their way to the parts of a node. */
typedef struct {
	node_row_t *rows, *scratch;
	size_t count;
	const split_t *split;
	uint32_t missing;       /* rank of missing values */
	const void *ranks;      /* uint8_t or uint32_t of the split's feature */
	size_t stride;          /* from one row's rank to the next one's */
} parting_t;

/*
 * Parts rows without a branch and sums up the classes of the left part; inlined for each
 * kind of ranks. Two classes are summed up in one number, as in histogram.c.
 */
static inline __attribute__((always_inline))
size_t part(const parting_t *parting, bool bytes, bool two, int64_t *left_totals)
{
	size_t left = 0, right = 0;
	uint64_t pairs = 0;
	for (size_t i = 0; i < parting->count; i++) {
		node_row_t row = parting->rows[i];
		size_t place = row.row * parting->stride;
		if (bytes) {
			size_t ahead = i + AHEAD < parting->count ? i + AHEAD : i;
			__builtin_prefetch((const uint8_t *)parting->ranks +
			                   parting->rows[ahead].row * parting->stride);
		}
		uint32_t rank = bytes ? ((const uint8_t *)parting->ranks)[place] :
		                ((const uint32_t *)parting->ranks)[place];
		/* Sums, as a compiler may make branches of && and ||. */
		uint32_t goes_right = (rank > parting->split->rank) &
		                      ((rank != parting->missing) | parting->split->missing_right);
		parting->rows[left] = row;
		parting->scratch[right] = row;
		left += 1 - goes_right;
		right += goes_right;
		uint32_t weight = item_weight(row.item) & (goes_right - 1);
		if (two) {
			pairs += weight * (UINT64_C(1) << 32 | item_class(row.item));
		} else {
			left_totals[item_class(row.item)] += weight;
		}
	}
	if (two) {
		left_totals[1] = (uint32_t)pairs;
		left_totals[0] = (int64_t)(pairs >> 32) - left_totals[1];
	}
	memcpy(parting->rows + left, parting->scratch, right * sizeof(*parting->rows));
	return left;
}

/* Parts a node's rows; returns how many are in the left part, and its class weights. */
static size_t part_rows(tree_grower_t *grower, const waiting_t *at, const split_t *split,
                        int64_t *left_totals)
{
	bool two = grower->classes == 2;
	parting_t parting = {
		.rows = grower->rows + at->begin, .scratch = grower->scratch,
		.count = at->end - at->begin, .split = split,
	};
	memset(left_totals, 0, grower->classes * sizeof(*left_totals));
	if (grower->bins != NULL) {
		parting.missing = grower->bins->missing[split->feature];
		parting.ranks = grower->bins->matrix + split->feature;
		parting.stride = grower->features;
		return two ? part(&parting, true, true, left_totals) :
		             part(&parting, true, false, left_totals);
	}
	parting.missing = ranks_missing(grower->ranks, split->feature);
	parting.ranks = ranks_column(grower->ranks, split->feature);
	parting.stride = 1;
	return part(&parting, false, two, left_totals);
}

/* Puts a part of a split node on the stack at place `waiting`, unless it is a leaf. */
static size_t put(tree_grower_t *grower, size_t waiting, const waiting_t *part,
                  const int64_t *totals)
{
	if (is_leaf(grower, totals, part->depth)) {
		grower->nodes[part->node] = make_leaf(grower, totals);
		return waiting;
	}
	grower->stack[waiting] = *part;
	memcpy(grower->waiting_totals + waiting * grower->classes, totals,
	       grower->classes * sizeof(*totals));
	return waiting + 1;
}

/* Splits a node, or makes it a leaf; returns how many nodes wait then. */
static size_t settle(tree_grower_t *grower, const waiting_t *at, size_t waiting,
                     generator_t *generator)
{
	split_t split = find_split(grower, at, generator);
	if (split.score < 0) {
		grower->nodes[at->node] = make_leaf(grower, grower->totals);
		return waiting;
	}
	size_t child = grower->count;
	grower->nodes[at->node] = (tree_node_t) {
		.threshold = split.threshold, .child = (uint32_t)child,
		.feature = (uint16_t)split.feature, .missing_right = split.missing_right,
	};
	grower->count += 2;
	/* The right part's weights take the node's place, the left part's a free one behind. */
	int64_t *right = grower->totals, *left = right + grower->classes;
	size_t middle = at->begin + part_rows(grower, at, &split, left);
	for (size_t i = 0; i < grower->classes; i++) {
		right[i] -= left[i];
	}
	waiting = put(grower, waiting,
	              &(waiting_t) { middle, at->end, child + 1, at->depth + 1 }, right);
	return put(grower, waiting, &(waiting_t) { at->begin, middle, child, at->depth + 1 }, left);
}

/* Copies the finished tree, level by level: the copy is the queue of the nodes to visit. */
static status_t finish(const tree_grower_t *grower, grown_tree_t *tree)
{
	size_t next = 1, leaf_size = grower->classes * sizeof(*tree->leaves);
	tree->nodes = calloc(grower->count, sizeof(*tree->nodes));
	tree->leaves = calloc(grower->leaf_count + 1, leaf_size);
	if (tree->nodes == NULL || tree->leaves == NULL) {
		return STATUS_NO_MEMORY;
	}
	tree->nodes[0] = grower->nodes[0];
	for (size_t i = 0; i < grower->count; i++) {
		tree_node_t *node = &tree->nodes[i];
		if (!node->leaf) {
			memcpy(&tree->nodes[next], &grower->nodes[node->child], 2 * sizeof(*node));
			node->child = (uint32_t)next;
			next += 2;
		}
	}
	memcpy(tree->leaves, grower->leaves, grower->leaf_count * leaf_size);
	tree->count = grower->count;
	tree->leaf_count = grower->leaf_count;
	return STATUS_OK;
}

status_t tree_grow(tree_grower_t *grower, generator_t *generator, grown_tree_t *tree)
{
	size_t classes = grower->classes;
	waiting_t root = { .end = fill_bag(grower, grower->totals) };
	grower->count = 1;
	grower->leaf_count = 0;
	if (!reserve(grower)) {
		return STATUS_NO_MEMORY;
	}
	size_t waiting = put(grower, 0, &root, grower->totals);
	while (waiting > 0) {
		waiting_t at = grower->stack[--waiting];
		memcpy(grower->totals, grower->waiting_totals + waiting * classes,
		       classes * sizeof(*grower->totals));
		if (!reserve(grower)) {
			return STATUS_NO_MEMORY;
		}
		waiting = settle(grower, &at, waiting, generator);
	}
	return finish(grower, tree);
}
