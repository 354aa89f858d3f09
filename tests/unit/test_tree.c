/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decision tree: splits reckoned by hand, and whole trees held against an exhaustive search. */
#include <float.h>

#include "classifier/split.h"
#include "tests/unit/test_model_fixture.h"

#define N NAN

#define FEATURE_ANY UINT32_MAX

/* A dataset of which the root's split is known. */
typedef struct {
	const char *what;
	size_t features;
	double matrix[16];
	const char *letters;  /* class of each row */
	uint32_t feature;     /* FEATURE_ANY: several are equal */
	double threshold;
	bool missing_right;
} root_t;

static const root_t roots[] = {
	/* left {a,a}, right {b,b}: 4/2 + 4/2 = 4; any other split: 1/1 + 5/3 = 2.67 */
	{ "two and two", 1, { 1, 2, 3, 4 }, "aabb", 0, 2.5, false },
	{ "unsorted rows", 1, { 4, 1, 3, 2 }, "baba", 0, 2.5, false },
	/* 1|23 scores 1/1 + 2/2 = 2, so does 12|3: the lower threshold */
	{ "equal thresholds", 1, { 1, 2, 3 }, "aba", 0, 1.5, true },
	{ "the better feature", 2, { 1, 5, 9, 6, 2, 7, 8, 8 }, "aabb", 1, 6.5, false },
	{ "ties of values", 1, { 1, 2, 1, 2, 1, 2 }, "ababab", 0, 1.5, false },
	{ "a missing value goes with the heavier side", 1, { 1, 2, 3 }, "abb", 0, 1.5, true },
	{ "or with the left of equal ones", 1, { 1, 1, 3, 3 }, "aabb", 0, 2, false },
	{ "missing values learn right", 1, { 1, 2, N, 3, N }, "aabbb", 0, 2.5, true },
	{ "missing values learn left", 1, { 1, N, 3, N, 4 }, "aabab", 0, 2, false },
	/* present | missing: 9/3 + 4/2 = 5 is pure; no threshold among the values is */
	{ "present against missing", 1, { 1, N, 2, N, 1 }, "ababa", 0, INFINITY, true },
	{ "one value and missing", 1, { 7, 7, N }, "aab", 0, INFINITY, true },
	{ "large values", 1, { -DBL_MAX, DBL_MAX, DBL_MAX }, "abb", 0, 0, true },
	{ "neighbours", 1, { 1, 1 + DBL_EPSILON, 1 }, "aba", 0, 1, false },
	{ "least numbers", 1, { 0, 0x1p-1074, 0x1p-1074 }, "abb", 0, 0, true },
	{ "zeros of both signs are one value", 1, { -0.0, 0.0, 1 }, "aab", 0, 0.5, false },
	{ "exclusive or gains nothing at the root", 2, { 0, 0, 0, 1, 1, 0, 1, 1 }, "abba",
	  FEATURE_ANY, 0.5, false },
};

static void test_roots(splits_t splits)
{
	training_t training = training_default();
	training.splits = splits;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		const root_t *root = &roots[i];
		dataset_t *dataset = fixture_make(root->features, root->matrix, root->letters);
		model_t *model = fixture_train("tree", dataset, &training);
		const forest_t *forest = model->learned;
		const tree_node_t *node = &forest->nodes[0];
		bool right = node->feature == root->feature || root->feature == FEATURE_ANY;
		ok(!node->leaf && right && node->threshold == root->threshold &&
		   node->missing_right == root->missing_right,
		   "%s: feature %u, threshold %g, missing %s", root->what, node->feature,
		   node->threshold, node->missing_right ? "right" : "left");
		ok(fixture_accuracy(model, dataset) == 1, "%s: the tree knows its rows", root->what);
		model_destroy(model);
		dataset_destroy(dataset);
	}
}

static void test_threshold(void)
{
	static const double pairs[][2] = {
		{ 1, 2 }, { 1, 1 + DBL_EPSILON }, { -DBL_MAX, DBL_MAX }, { 0, 0x1p-1074 },
		{ -0x1p-1074, 0 }, { -0x1p-1074, 0x1p-1074 }, { 3 * 0x1p-1074, 4 * 0x1p-1074 },
		{ DBL_MAX / 2, DBL_MAX }, { -DBL_MAX, -DBL_MAX / 2 }, { 1e-300, 1e300 },
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		double a = pairs[i][0], b = pairs[i][1], x = split_threshold(a, b);
		ok(a <= x && x < b, "%g parts %g from %g", x, a, b);
	}
	ok(split_threshold(1, 4) == 2.5, "the threshold is midway");
}

/* Equal rows of two classes: no split, and the leaf holds the frequencies. */
static void test_leaves(splits_t splits)
{
	training_t training = training_default();
	training.splits = splits;
	const double same[] = { 5, 5, 5, 5 };
	dataset_t *dataset = fixture_make(1, same, "abbb");
	model_t *model = fixture_train("tree", dataset, &training);
	const forest_t *forest = model->learned;
	double probabilities[2];
	model_predict(model, same, 1, 1, NULL, probabilities);
	is_int(forest->starts[1], 1, "rows that nothing parts are one leaf");
	ok(probabilities[0] == 0.25 && probabilities[1] == 0.75, "with the frequencies of its rows");
	model_destroy(model);
	dataset_destroy(dataset);

	const double line[] = { 1, 2, 3, 4, 5, 6 };
	dataset = fixture_make(1, line, "abbbbb");
	training.min_leaf = 2;
	model = fixture_train("tree", dataset, &training);
	forest = model->learned;
	ok(forest->starts[1] == 3 && forest->nodes[0].threshold == 2.5,
	   "a least leaf of 2 forbids the pure split 1|5");
	model_destroy(model);
	training.min_leaf = 4;
	model = fixture_train("tree", dataset, &training);
	is_int(((forest_t *)model->learned)->starts[1], 1, "a least leaf of 4 forbids all");
	model_destroy(model);
	dataset_destroy(dataset);
}

/* A reference split, by trying everything on the doubles themselves. */
typedef struct {
	double score;
	size_t feature;
	double threshold;
	bool missing_right;
} naive_t;

typedef struct {
	const dataset_t *dataset;
	const forest_t *forest;
	const training_t *training;
	size_t mismatches;
	size_t nodes;
} compare_t;

static bool naive_right(double x, double threshold, bool missing_right)
{
	return isnan(x) ? missing_right : x > threshold;
}

/* Scores one split from scratch; below 0 if a side is too light. */
static double naive_score(const compare_t *compare, const size_t *rows, size_t count,
                          size_t feature, double threshold, bool missing_right, size_t *right)
{
	double sums[2][8] = { { 0 } }, score = 0;
	size_t weights[2] = { 0 };
	for (size_t i = 0; i < count; i++) {
		double x = dataset_matrix(compare->dataset)
			[rows[i] * dataset_features(compare->dataset) + feature];
		int side = naive_right(x, threshold, missing_right);
		sums[side][dataset_labels(compare->dataset)[rows[i]]]++;
		weights[side]++;
	}
	*right = weights[1];
	for (int side = 0; side < 2; side++) {
		double square = 0;
		if (weights[side] < compare->training->min_leaf) {
			return -1;
		}
		for (size_t i = 0; i < 8; i++) {
			square += sums[side][i] * sums[side][i];
		}
		score += square / (double)weights[side];
	}
	return score;
}

static void naive_try(const compare_t *compare, const size_t *rows, size_t count, size_t feature,
                      double threshold, bool missing, naive_t *best)
{
	size_t right;
	for (int direction = 0; direction < (missing ? 2 : 1); direction++) {
		if (threshold == INFINITY && direction == 0) {
			continue;
		}
		double score = naive_score(compare, rows, count, feature, threshold, direction, &right);
		if (score >= 0 && score > best->score) {
			*best = (naive_t) { score, feature, threshold,
			                    missing ? direction : right > count - right };
		}
	}
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The best split by one feature. */
static naive_t naive_feature(const compare_t *compare, const size_t *rows, size_t count,
                             size_t feature)
{
	naive_t best = { .score = -1 };
	size_t features = dataset_features(compare->dataset), present = 0;
	double *values = calloc(count + 1, sizeof(*values));
	for (size_t i = 0; i < count; i++) {
		double x = dataset_matrix(compare->dataset)[rows[i] * features + feature];
		if (!isnan(x)) {
			values[present++] = x;
		}
	}
	qsort(values, present, sizeof(*values), compare_doubles);
	for (size_t i = 1; i < present; i++) {
		if (values[i] != values[i - 1]) {
			naive_try(compare, rows, count, feature, (values[i - 1] + values[i]) / 2,
			          present < count, &best);
		}
	}
	if (present > 0 && present < count) {
		naive_try(compare, rows, count, feature, INFINITY, true, &best);
	}
	free(values);
	return best;
}

/* The best split; of features that have equal ones that of `preferred`. */
static naive_t naive_split(const compare_t *compare, const size_t *rows, size_t count,
                           size_t preferred)
{
	naive_t best = { .score = -1 };
	for (size_t i = 0; i < dataset_features(compare->dataset); i++) {
		naive_t found = naive_feature(compare, rows, count, i);
		if (found.score > best.score || (found.score == best.score && i == preferred)) {
			best = found;
		}
	}
	return best;
}

static bool naive_pure(const compare_t *compare, const size_t *rows, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (dataset_labels(compare->dataset)[rows[i]] !=
		    dataset_labels(compare->dataset)[rows[0]]) {
			return false;
		}
	}
	return true;
}

static bool leaf_matches(const compare_t *compare, const tree_node_t *node, const size_t *rows,
                         size_t count)
{
	const forest_t *forest = compare->forest;
	for (size_t i = 0; i < forest->classes; i++) {
		size_t of_class = 0;
		for (size_t row = 0; row < count; row++) {
			of_class += dataset_labels(compare->dataset)[rows[row]] == i;
		}
		if (forest->leaves[node->child * forest->classes + i] !=
		    (double)of_class / (double)count) {
			return false;
		}
	}
	return true;
}

/* Compares a node and all below it with the reference. */
static void compare_node(compare_t *compare, size_t index, size_t *rows, size_t count, size_t depth)
{
	const tree_node_t *node = &compare->forest->nodes[index];
	naive_t best = { .score = -1 };
	compare->nodes++;
	if (depth < compare->training->max_depth && !naive_pure(compare, rows, count)) {
		best = naive_split(compare, rows, count, node->feature);
	}
	if (best.score < 0) {
		compare->mismatches += !node->leaf || !leaf_matches(compare, node, rows, count);
		return;
	}
	if (node->leaf || node->feature != best.feature || node->threshold != best.threshold ||
	    node->missing_right != best.missing_right) {
		compare->mismatches++;
		return;
	}
	size_t *parts = calloc(2 * count, sizeof(*parts)), sizes[2] = { 0 };
	for (size_t i = 0; i < count; i++) {
		double x = dataset_matrix(compare->dataset)
			[rows[i] * dataset_features(compare->dataset) + best.feature];
		int side = naive_right(x, best.threshold, best.missing_right);
		parts[(size_t)side * count + sizes[side]++] = rows[i];
	}
	for (size_t side = 0; side < 2; side++) {
		compare_node(compare, node->child + side, parts + side * count, sizes[side], depth + 1);
	}
	free(parts);
}

/* Values that tie often (few levels) or never (levels 0), with missing ones. */
static dataset_t *random_dataset(generator_t *generator, size_t rows, size_t features,
                                 size_t levels, double missing)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	size_t classes = 2 + generator_below(generator, 3);
	for (;;) {
		dataset_t *dataset = fixture_begin(features);
		for (size_t row = 0; row < rows; row++) {
			double values[FIXTURE_FEATURES_MAX];
			for (size_t i = 0; i < features; i++) {
				/* Quarters: sums and halves of them are exact in the reference. */
				values[i] = levels > 0 ? (double)generator_below(generator, levels) / 4 :
				            generator_normal(generator);
				if (generator_uniform(generator) < missing) {
					values[i] = NAN;
				}
			}
			fixture_add(dataset, values, names[generator_below(generator, classes)]);
		}
		if (dataset_finish(dataset, NULL) == STATUS_OK) {
			return dataset;
		}
		dataset_destroy(dataset);
	}
}

static void compare_tree(compare_t *compare, const training_t *training, dataset_t *dataset)
{
	size_t count = dataset_rows(dataset), *rows = calloc(count, sizeof(*rows));
	for (size_t i = 0; i < count; i++) {
		rows[i] = i;
	}
	model_t *model = fixture_train("tree", dataset, training);
	compare->dataset = dataset;
	compare->training = training;
	compare->forest = model->learned;
	compare_node(compare, 0, rows, count, 0);
	model_destroy(model);
	dataset_destroy(dataset);
	free(rows);
}

static void test_against_naive(void)
{
	generator_t generator = generator_make(20, 26);
	training_t training = training_default();
	compare_t compare = { 0 };
	for (size_t i = 0; i < 600; i++) {
		training.min_leaf = 1 + (uint32_t)generator_below(&generator, 4);
		training.max_depth = 1 + (uint32_t)generator_below(&generator, 8);
		training.splits = i % 2 == 0 ? SPLITS_BINNED : SPLITS_EXACT;
		compare_tree(&compare, &training,
		             random_dataset(&generator, 3 + generator_below(&generator, 60),
		                            1 + generator_below(&generator, 4),
		                            generator_below(&generator, 12),
		                            i % 3 == 0 ? 0 : i % 3 == 1 ? 0.15 : 0.6));
	}
	is_int(compare.mismatches, 0, "small trees: %zu nodes as the reference has them", compare.nodes);
	/* Enough rows for the radix sort, and for ranks of two bytes. */
	compare = (compare_t) { 0 };
	training.min_leaf = 1;
	training.max_depth = 3;
	for (size_t i = 0; i < 6; i++) {
		/* More values than bins are for exact splits only. */
		training.splits = i % 2 == 0 ? SPLITS_EXACT : SPLITS_BINNED;
		compare_tree(&compare, &training, random_dataset(&generator, 700, 2, i % 2 == 0 ? 0 : 40,
		                                                 i < 3 ? 0 : 0.2));
	}
	is_int(compare.mismatches, 0, "large trees: %zu nodes as the reference has them", compare.nodes);
}

/*
 * Four columns are copies, and the fifth is the better one: by the seed any of the equal ones
 * is the second step's, none of them more often than chance would have it.
 */
static void test_equals(splits_t splits)
{
	enum { SEEDS = 400, COPIES = 4 };
	training_t training = training_default();
	training.splits = splits;
	dataset_t *dataset = fixture_begin(COPIES + 1);
	for (size_t i = 0; i < 12; i++) {
		double x = i < 4 ? 0 : 1, y = i % 2 == 0 ? 2 : 7;
		fixture_add(dataset, (double[]) { y, y, x, y, y }, i < 4 ? "a" : i % 2 == 0 ? "b" : "c");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "rows with copied columns");
	size_t chosen[COPIES + 1] = { 0 };
	for (training.seed = 1; training.seed <= SEEDS; training.seed++) {
		model_t *model = fixture_train("tree", dataset, &training);
		const tree_node_t *nodes = ((const forest_t *)model->learned)->nodes;
		chosen[nodes[0].feature]++;
		chosen[nodes[nodes[0].child + 1].feature]++;
		model_destroy(model);
	}
	is_int(chosen[2], SEEDS, "the better column is always taken");
	for (size_t i = 0; i <= COPIES; i++) {
		/* 100 of 400 expected: five standard deviations are 43. */
		ok(i == 2 || (chosen[i] > 57 && chosen[i] < 143), "copy in column %zu: %zu of %d seeds", i,
		   chosen[i], SEEDS);
	}
	dataset_destroy(dataset);
}

/* Hundreds of steps: a tree that peels off one row at a time meets the bound of depth. */
static void test_depth(void)
{
	training_t training = training_default();
	training.splits = SPLITS_EXACT;
	dataset_t *dataset = fixture_begin(1);
	for (size_t i = 0; i < 400; i++) {
		fixture_add(dataset, (double[]) { (double)i }, i % 2 == 0 ? "a" : "b");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "rows that alternate");
	model_t *model = fixture_train("tree", dataset, &training);
	ok(fixture_accuracy(model, dataset) == 1, "are told apart at full depth");
	model_destroy(model);
	training.max_depth = 2;
	model = fixture_train("tree", dataset, &training);
	ok(((forest_t *)model->learned)->starts[1] <= 7, "depth 2 has at most 7 nodes");
	ok(fixture_accuracy(model, dataset) < 0.6, "which do not tell them apart");
	model_destroy(model);
	dataset_destroy(dataset);
}

int main(void)
{
	test_threshold();
	test_roots(SPLITS_BINNED);
	test_roots(SPLITS_EXACT);
	test_leaves(SPLITS_BINNED);
	test_leaves(SPLITS_EXACT);
	test_against_naive();
	test_equals(SPLITS_BINNED);
	test_equals(SPLITS_EXACT);
	test_depth();
	return tap_done();
}
