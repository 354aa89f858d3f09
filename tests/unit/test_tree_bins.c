/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binned splits: what bins hold, and the trees of exact splits where bins lose nothing. */
#include "classifier/bins.h"
#include "classifier/split.h"
#include "tests/unit/test_model_fixture.h"

/* Rows of which class depends a little on some features; `levels` 0: values that never tie. */
static dataset_t *make_dataset(uint64_t seed, size_t rows, size_t features, size_t levels,
                               size_t classes, double missing)
{
	dataset_t *dataset = fixture_begin(features);
	generator_t generator = generator_make(seed, 3);
	for (size_t row = 0; row < rows; row++) {
		double values[FIXTURE_FEATURES_MAX];
		/* Few rows of high classes. */
		double share = generator_uniform(&generator);
		size_t class = (size_t)(share * share * share * (double)classes);
		for (size_t i = 0; i < features; i++) {
			double x = generator_normal(&generator) + (i % classes == class ? 1 : 0);
			if (levels > 0) {
				x = floor(x * (double)levels / 8);
				x = fmin(fmax(x, -(double)(levels / 2)), (double)((levels - 1) / 2));
			}
			values[i] = generator_uniform(&generator) < missing ? NAN : x;
		}
		fixture_add(dataset, values, (char[]) { (char)('a' + class), '\0' });
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "%zu rows of %zu classes", rows,
	            classes);
	return dataset;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Distinct values of a feature, ascending. */
static double *find_distinct(const dataset_t *dataset, size_t feature, size_t *count)
{
	size_t rows = dataset_rows(dataset), present = 0;
	double *values = calloc(rows + 1, sizeof(*values));
	for (size_t row = 0; row < rows; row++) {
		double value = dataset_matrix(dataset)[row * dataset_features(dataset) + feature];
		if (!isnan(value)) {
			values[present++] = value;
		}
	}
	qsort(values, present, sizeof(*values), compare_doubles);
	*count = 0;
	for (size_t i = 0; i < present; i++) {
		if (i == 0 || values[i] != values[*count - 1]) {
			values[(*count)++] = values[i];
		}
	}
	return values;
}

/* Every value must be in its bin, and the bins must share out the distinct values evenly. */
static void check_bins(const char *what, const dataset_t *dataset, const bins_t *bins,
                       size_t feature)
{
	size_t distinct, features = dataset_features(dataset), wrong = 0, missing = 0;
	double *values = find_distinct(dataset, feature, &distinct);
	const double *lows = bins->lows + feature * BINS, *highs = bins->highs + feature * BINS;
	for (size_t row = 0; row < dataset_rows(dataset); row++) {
		double value = dataset_matrix(dataset)[row * features + feature];
		size_t bin = bins->matrix[row * features + feature];
		wrong += isnan(value) ? bin != bins->missing[feature] :
		         !(lows[bin] <= value && value <= highs[bin]);
		missing += isnan(value);
	}
	is_int(wrong, 0, "%s, feature %zu: values are in their bins", what, feature);
	size_t most = missing > 0 ? BINS - 1 : BINS, used = distinct < most ? distinct : most;
	is_int(bins->missing[feature], missing > 0 ? used : BINS, "%s: bin of missing values", what);
	size_t uneven = 0, at = 0;
	for (size_t bin = 0; bin < used; bin++) {
		size_t begin = at;
		uneven += values[at] != lows[bin];
		while (at < distinct && values[at] <= highs[bin]) {
			at++;
		}
		uneven += values[at - 1] != highs[bin] || at - begin < distinct / used ||
		          at - begin > distinct / used + 1;
	}
	ok(uneven == 0 && at == distinct, "%s: %zu bins share %zu values evenly", what, used, distinct);
	free(values);
}

static void test_bins(void)
{
	static const struct { const char *what; size_t rows, levels; double missing; } cases[] = {
		{ "three rows", 3, 0, 0 }, { "few values", 900, 7, 0 }, { "255 values", 5000, 255, 0.1 },
		{ "256 values", 5000, 256, 0 }, { "256 and missing", 5000, 256, 0.1 },
		{ "many values", 5000, 0, 0 }, { "many and missing", 5000, 0, 0.5 },
		{ "mostly missing", 700, 0, 0.999 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dataset_t *dataset = make_dataset(i, cases[i].rows, 3, cases[i].levels, 2,
		                                  cases[i].missing);
		for (size_t threads = 1; threads <= 3; threads += 2) {
			bins_t *bins = bins_create(dataset, threads);
			for (size_t feature = 0; feature < 3; feature++) {
				check_bins(cases[i].what, dataset, bins, feature);
			}
			bins_destroy(bins);
		}
		dataset_destroy(dataset);
	}
	const double odd[] = { -0.0, 0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 1, -1 };
	dataset_t *dataset = fixture_make(1, odd, "abababab");
	bins_t *bins = bins_create(dataset, 1);
	check_bins("odd values", dataset, bins, 0);
	bins_destroy(bins);
	dataset_destroy(dataset);
}

static bool same_forest(const forest_t *a, const forest_t *b)
{
	size_t nodes = a->starts[a->trees];
	return a->trees == b->trees && nodes == b->starts[b->trees] && a->leaf_rows == b->leaf_rows &&
	       memcmp(a->nodes, b->nodes, nodes * sizeof(*a->nodes)) == 0 &&
	       memcmp(a->leaves, b->leaves, a->leaf_rows * a->classes * sizeof(*a->leaves)) == 0;
}

/* No feature has more values than bins: binned splits must find the trees of exact ones. */
static void test_same_trees(void)
{
	static const struct {
		const char *what;
		size_t rows, levels, classes;
		double missing;
		uint32_t mtry, min_leaf;
		const char *weights;
	} cases[] = {
		{ "two classes", 3000, 256, 2, 0, 0, 1, NULL },
		{ "two classes, missing values", 3000, 255, 2, 0.2, 0, 1, NULL },
		{ "two classes, ties", 3000, 9, 2, 0.05, 5, 4, NULL },
		{ "two classes, weights", 3000, 200, 2, 0.1, 0, 2, "balanced" },
		{ "two classes, all features", 2000, 256, 2, 0, 11, 1, NULL },
		{ "two classes, one feature", 2000, 100, 2, 0.3, 1, 1, NULL },
		{ "three classes", 3000, 255, 3, 0.1, 0, 1, NULL },
		{ "three classes, weights", 3000, 40, 3, 0.1, 0, 3, "balanced" },
		{ "twelve classes", 4000, 256, 12, 0, 0, 1, NULL },
		{ "twelve classes, weights", 4000, 60, 12, 0.2, 0, 2, "a=0.3,c=7" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		dataset_t *dataset = make_dataset(100 + i, cases[i].rows, 11, cases[i].levels,
		                                  cases[i].classes, cases[i].missing);
		training_t training = training_default();
		training.trees = 4;
		training.mtry = cases[i].mtry;
		training.min_leaf = cases[i].min_leaf;
		training.class_weights = cases[i].weights;
		training.threads = 2;
		model_t *binned = fixture_train("forest", dataset, &training);
		training.splits = SPLITS_EXACT;
		model_t *exact = fixture_train("forest", dataset, &training);
		const forest_t *forest = binned->learned;
		ok(same_forest(binned->learned, exact->learned),
		   "%s: binned splits give the %zu nodes of exact ones", cases[i].what,
		   forest->starts[forest->trees]);
		model_destroy(binned);
		model_destroy(exact);
		dataset_destroy(dataset);
	}
}

/* Tells whether a threshold is midway between the highest value of a bin and the lowest of
 * a later one. */
static bool is_midway(const bins_t *bins, const tree_node_t *node)
{
	const double *lows = bins->lows + node->feature * BINS;
	const double *highs = bins->highs + node->feature * BINS;
	for (size_t a = 0; a < BINS - 1; a++) {
		for (size_t b = a + 1; b < BINS && highs[a] < node->threshold; b++) {
			if (split_threshold(highs[a], lows[b]) == node->threshold) {
				return true;
			}
		}
	}
	return isinf(node->threshold);
}

/* With more values than bins, thresholds stand in gaps and trees are nearly as good. */
static void test_many_values(void)
{
	dataset_t *known = make_dataset(7, 4000, 6, 0, 3, 0.05);
	dataset_t *fresh = make_dataset(8, 4000, 6, 0, 3, 0.05);
	training_t training = training_default();
	training.trees = 30;
	training.threads = 2;
	model_t *binned = fixture_train("forest", known, &training);
	training.splits = SPLITS_EXACT;
	model_t *exact = fixture_train("forest", known, &training);
	const forest_t *forest = binned->learned;
	bins_t *bins = bins_create(known, 2);
	size_t splits = 0, wrong = 0;
	for (size_t i = 0; i < forest->starts[5]; i++) {
		splits += !forest->nodes[i].leaf;
		wrong += !forest->nodes[i].leaf && !is_midway(bins, &forest->nodes[i]);
	}
	ok(splits > 1000 && wrong == 0, "all of %zu thresholds are midway between values", splits);
	ok(!same_forest(binned->learned, exact->learned), "the trees are others than exact ones");
	is_near(fixture_accuracy(binned, fresh), fixture_accuracy(exact, fresh), 0.015,
	        "and tell as many of fresh rows");
	bins_destroy(bins);
	model_destroy(binned);
	model_destroy(exact);
	dataset_destroy(known);
	dataset_destroy(fresh);
}

/* Children stand behind all nodes of their parent's level, in order. */
static void test_order(void)
{
	dataset_t *dataset = make_dataset(9, 1000, 6, 0, 2, 0.05);
	training_t training = training_default();
	training.trees = 3;
	model_t *model = fixture_train("forest", dataset, &training);
	const forest_t *forest = model->learned;
	size_t wrong = 0;
	for (size_t tree = 0; tree < 3; tree++) {
		size_t next = 1;
		for (size_t i = forest->starts[tree]; i < forest->starts[tree + 1]; i++) {
			if (!forest->nodes[i].leaf) {
				wrong += forest->nodes[i].child != next;
				next += 2;
			}
		}
	}
	is_int(wrong, 0, "nodes are in breadth-first order");
	model_destroy(model);
	dataset_destroy(dataset);
}

int main(void)
{
	test_bins();
	test_same_trees();
	test_many_values();
	test_order();
	return tap_done();
}
