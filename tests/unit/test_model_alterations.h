/* SPDX-License-Identifier: GPL-3.0-or-later */
/*!
 * \file
 * \brief Fields of a model file, altered one at a time, and the sentence each must bring.
 */
#pragma once

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "classifier/model.h"
#include "common/failure.h"

/* Bytes of a node. */
#define NODE 16

/* An alteration of a known field; `from_end` counts back from the checksum. */
typedef struct {
	const char *what;
	size_t at;
	bool from_end;
	size_t width;        /* 8 with `number`: a double */
	uint64_t value;
	double number;
	const char *sentence;
	status_t status;
} alteration_t;

/*
 * The tree of exclusive or, one per line of the file: magic 8, version 4, length 8, date 8,
 * kind 4 + 4, features 4, each 4 + 2 + 8, classes 4, each 4 + 1 + 32, parameters 4, ...; at the
 * end threshold 4 + 4 + 8 + 8, trees 4, leaves 4, nodes 4, and 7 nodes: root, pair, and two pairs of leaves.
 */
#define CLASSES 68
#define THRESHOLD (TREES + 24)
#define TREES (7 * NODE + 12)
#define NODE_AT(index) ((7 - (index)) * NODE)
static const alteration_t alterations[] = {
	{ "version", 8, false, 4, 1, 0, "version 1 of the format is not known, only 2 and 3",
	  STATUS_UNSUPPORTED },
	{ "kind", 32, false, 4, 'b' | 'u' << 8 | 's' << 16 | 'h' << 24, 0,
	  "the kind 'bush' is not known", STATUS_UNSUPPORTED },
	{ "kind with a zero byte", 33, false, 1, 0, 0,
	  "the kind of model is missing, too long or no text", STATUS_BAD_DATA },
	{ "no features", 36, false, 4, 0, 0, "0 features are more or fewer than can be",
	  STATUS_BAD_DATA },
	{ "too many features", 36, false, 4, 4097, 0, "4097 features are more or fewer than can be",
	  STATUS_BAD_DATA },
	{ "a long name", 40, false, 4, 0xffffffff, 0,
	  "the name of a feature is missing, too long or no text", STATUS_BAD_DATA },
	{ "importance NaN", 46, false, 0, 0, NAN, "the importance of feature 'aa' is outside 0 to 1",
	  STATUS_BAD_DATA },
	{ "importance below 0", 46, false, 0, 0, -0x1p-30,
	  "the importance of feature 'aa' is outside 0 to 1", STATUS_BAD_DATA },
	{ "importance above 1", 60, false, 0, 0, 1.5,
	  "the importance of feature 'bb' is outside 0 to 1", STATUS_BAD_DATA },
	{ "importances too large together", 60, false, 0, 0, 1,
	  "the importances of the features do not sum to 1", STATUS_BAD_DATA },
	{ "one class", CLASSES, false, 4, 1, 0, "1 classes are more or fewer than can be",
	  STATUS_BAD_DATA },
	{ "classes out of order", CLASSES + 8, false, 1, 'q', 0, "the classes 'q' and 'p' are not in order",
	  STATUS_BAD_DATA },
	{ "more right than rows", CLASSES + 9 + 24, false, 8, 3, 0, "the row counts of class 'n' cannot be",
	  STATUS_BAD_DATA },
	{ "too many parameters", CLASSES + 4 + 2 * 37, false, 4, 65, 0,
	  "65 parameters are more or fewer than can be", STATUS_BAD_DATA },
	{ "threshold of a class too many", THRESHOLD, true, 4, 3, 0,
	  "the threshold's class or rule cannot be", STATUS_BAD_DATA },
	{ "threshold of no class", THRESHOLD, true, 4, 0, 0, "a threshold without a class",
	  STATUS_BAD_DATA },
	{ "an unknown rule", THRESHOLD - 4, true, 4, MODEL_RULES, 0,
	  "the threshold's class or rule cannot be", STATUS_BAD_DATA },
	{ "a threshold that is NaN", THRESHOLD - 8, true, 0, 0, NAN,
	  "the threshold is outside 0 to 1", STATUS_BAD_DATA },
	{ "a threshold below 0", THRESHOLD - 8, true, 0, 0, -0x1p-1074,
	  "the threshold is outside 0 to 1", STATUS_BAD_DATA },
	{ "a threshold above 1", THRESHOLD - 8, true, 0, 0, 1 + DBL_EPSILON,
	  "the threshold is outside 0 to 1", STATUS_BAD_DATA },
	{ "a precision that nobody wanted", THRESHOLD - 16, true, 0, 0, 0.5,
	  "the threshold's precision cannot be", STATUS_BAD_DATA },
	{ "a rule that lacks its precision", THRESHOLD - 4, true, 4, MODEL_RULE_PRECISION, 0,
	  "the threshold's precision cannot be", STATUS_BAD_DATA },
	{ "no trees", TREES, true, 4, 0, 0, "0 trees are more or fewer than can be",
	  STATUS_BAD_DATA },
	{ "many trees", TREES, true, 4, 0xffffffff, 0, "4294967295 trees are more or fewer than can be",
	  STATUS_BAD_DATA },
	{ "many leaves", TREES - 4, true, 4, 0xffffffff, 0, "4294967295 leaves are more than can be",
	  STATUS_BAD_DATA },
	{ "many nodes", TREES - 8, true, 4, 0xffffffff, 0,
	  "tree 0 has 4294967295 nodes, more or fewer than can be", STATUS_BAD_DATA },
	{ "no nodes", TREES - 8, true, 4, 0, 0,
	  "tree 0 has 0 nodes, more or fewer than can be", STATUS_BAD_DATA },
	{ "fewer nodes", TREES - 8, true, 4, 5, 0,
	  "tree 0 has a child that does not lie ahead in the tree", STATUS_BAD_DATA },
	{ "a leaf as root", NODE_AT(0), true, 4, 1 << 17, 0,
	  "tree 0 has a node without a parent", STATUS_BAD_DATA },
	{ "a leaf that knows where missing values go", NODE_AT(3), true, 4, 3 << 16, 0,
	  "tree 0 has a leaf with the marks of a split", STATUS_BAD_DATA },
	{ "feature", NODE_AT(0), true, 4, 2, 0,
	  "tree 0 has a feature that the model does not have", STATUS_BAD_DATA },
	{ "flags", NODE_AT(0), true, 4, 1 << 18, 0, "tree 0 has unknown flags", STATUS_BAD_DATA },
	{ "a cycle", NODE_AT(1) - 4, true, 4, 0, 0,
	  "tree 0 has a child that does not lie ahead in the tree", STATUS_BAD_DATA },
	{ "itself as child", NODE_AT(1) - 4, true, 4, 1, 0,
	  "tree 0 has a child that does not lie ahead in the tree", STATUS_BAD_DATA },
	{ "half a pair", NODE_AT(2) - 4, true, 4, 6, 0,
	  "tree 0 has a child that does not lie ahead in the tree", STATUS_BAD_DATA },
	{ "a child of two", NODE_AT(2) - 4, true, 4, 3, 0, "tree 0 has a node with two parents",
	  STATUS_BAD_DATA },
	{ "an orphan", NODE_AT(0) - 4, true, 4, 2, 0, "tree 0 has a node without a parent",
	  STATUS_BAD_DATA },
	{ "threshold NaN", NODE_AT(0) - 8, true, 0, 0, NAN,
	  "tree 0 has a threshold that parts nothing", STATUS_BAD_DATA },
	{ "threshold -infinity", NODE_AT(0) - 8, true, 0, 0, -INFINITY,
	  "tree 0 has a threshold that parts nothing", STATUS_BAD_DATA },
	{ "a leaf outside the table", NODE_AT(3) - 4, true, 4, 2, 0,
	  "tree 0 has a leaf that is not in the table", STATUS_BAD_DATA },
	{ "a leaf without weight", NODE_AT(3) - 8, true, 0, 0, 0,
	  "tree 0 has a leaf with a weight that cannot be", STATUS_BAD_DATA },
	{ "a leaf's weight NaN", NODE_AT(4) - 8, true, 0, 0, NAN,
	  "tree 0 has a leaf with a weight that cannot be", STATUS_BAD_DATA },
	{ "a leaf's weight below 0", NODE_AT(5) - 8, true, 0, 0, -1,
	  "tree 0 has a leaf with a weight that cannot be", STATUS_BAD_DATA },
	{ "a leaf's weight infinite", NODE_AT(6) - 8, true, 0, 0, INFINITY,
	  "tree 0 has a leaf with a weight that cannot be", STATUS_BAD_DATA },
};
