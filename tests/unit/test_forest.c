/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random forest: the same for any number of threads, better than a tree, honest out of bag. */
#include "tests/unit/test_model_fixture.h"

static training_t small(uint32_t trees)
{
	training_t training = training_default();
	training.trees = trees;
	return training;
}

static buffer_t write_model(const model_t *model)
{
	buffer_t buffer = { 0 };
	if (model_write(model, &buffer, NULL) != STATUS_OK) {
		abort();
	}
	return buffer;
}

static bool same_bytes(const dataset_t *dataset, const training_t *a, const training_t *b)
{
	model_t *model_a = fixture_train("forest", dataset, a);
	model_t *model_b = fixture_train("forest", dataset, b);
	buffer_t x = write_model(model_a), y = write_model(model_b);
	bool same = x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
	buffer_clear(&x);
	buffer_clear(&y);
	model_destroy(model_a);
	model_destroy(model_b);
	return same;
}

static void test_determinism(void)
{
	dataset_t *dataset = fixture_clouds(3, 333, 7, 0.1);
	training_t one = small(37), other = one;
	for (uint32_t threads = 1; threads <= 3; threads++) {
		other.threads = threads;
		ok(same_bytes(dataset, &one, &other), "%u threads give the bytes of one", threads);
	}
	other.threads = 64;
	ok(same_bytes(dataset, &one, &other), "so do more threads than trees");
	other = one;
	other.created = 1;
	ok(!same_bytes(dataset, &one, &other), "another date gives other bytes");
	other = one;
	other.seed = 2;
	ok(!same_bytes(dataset, &one, &other), "another seed gives other bytes");
	dataset_destroy(dataset);
}

/* Accuracy of both kinds on rows that they have not learnt from. */
static void compare_kinds(const char *what, const dataset_t *known, const dataset_t *fresh,
                          double least)
{
	training_t training = small(120);
	training.threads = 2;
	model_t *tree = fixture_train("tree", known, &training);
	model_t *forest = fixture_train("forest", known, &training);
	double of_tree = fixture_accuracy(tree, fresh), of_forest = fixture_accuracy(forest, fresh);
	ok(of_forest >= least, "%s: the forest tells %.3f of fresh rows", what, of_forest);
	ok(of_forest > of_tree + 0.02, "%s: more than the tree's %.3f", what, of_tree);
	uint64_t rows = 0, right = 0, predicted = 0;
	for (size_t i = 0; i < model_class_count(forest); i++) {
		model_tally_t tally = model_class_tally(forest, i);
		rows += tally.rows;
		right += tally.right;
		predicted += tally.predicted;
		is_int(tally.rows, dataset_class_rows(known, i), "%s: all rows of class %zu are told "
		       "out of bag", what, i);
		is_int(model_class_tally(tree, i).rows, 0, "%s: a tree has no estimate", what);
	}
	is_int(predicted, rows, "%s: each row is taken for one class", what);
	is_near((double)right / (double)rows, of_forest, 0.03, "%s: the estimate out of bag is near", what);
	model_destroy(tree);
	model_destroy(forest);
}

static void test_accuracy(void)
{
	dataset_t *known = fixture_xor(1, 1500, 4, 0.1), *fresh = fixture_xor(2, 4000, 4, 0.1);
	compare_kinds("noisy exclusive or", known, fresh, 0.85);
	dataset_destroy(known);
	dataset_destroy(fresh);
	known = fixture_clouds(4, 1500, 9, 0.05);
	fresh = fixture_clouds(5, 4000, 9, 0.05);
	compare_kinds("three clouds", known, fresh, 0.8);
	dataset_destroy(known);
	dataset_destroy(fresh);
}

/* The bags are drawn anew from the seed, and each row told by the trees that left it out. */
static void test_out_of_bag(void)
{
	enum { ROWS = 150, TREES = 9 };
	dataset_t *dataset = fixture_clouds(6, ROWS, 5, 0.1);
	training_t training = small(TREES);
	training.threads = 2;
	double got[ROWS * 3], sums[ROWS * 3] = { 0 };
	size_t trees[ROWS] = { 0 }, mismatches = 0, without = 0, right = 0, told = 0;
	training.out_of_bag = got;
	model_t *model = fixture_train("forest", dataset, &training);
	for (size_t tree = 0; tree < TREES; tree++) {
		bool in[ROWS] = { false };
		generator_t generator = generator_make(training.seed, tree);
		for (size_t i = 0; i < ROWS; i++) {
			in[generator_below(&generator, ROWS)] = true;
		}
		for (size_t row = 0; row < ROWS; row++) {
			const double *leaf = fixture_walk(model->learned, tree, 0,
			                                  dataset_matrix(dataset) + row * 5);
			trees[row] += !in[row];
			for (size_t i = 0; i < 3 && !in[row]; i++) {
				sums[row * 3 + i] += leaf[i];
			}
		}
	}
	for (size_t row = 0; row < ROWS; row++) {
		without += trees[row] == 0;
		for (size_t i = 0; i < 3; i++) {
			double p = got[row * 3 + i];
			mismatches += trees[row] == 0 ? !isnan(p) :
			              p != sums[row * 3 + i] / (double)trees[row];
		}
		right += trees[row] > 0 &&
		         model_verdict(model, got + row * 3) == dataset_labels(dataset)[row];
	}
	is_int(mismatches, 0, "probabilities out of bag are those of the reference");
	ok(without > 0 && without < ROWS / 4, "%zu rows are in every bag and have none", without);
	for (size_t i = 0; i < 3; i++) {
		told += model_class_tally(model, i).right;
	}
	is_int(told, right, "the tally counts the same rows");
	model_destroy(model);
	dataset_destroy(dataset);
}

/* Counts the bag of one tree in the leaves that its rows walk to; returns wrong frequencies. */
static size_t check_leaves(const model_t *model, const dataset_t *dataset, size_t tree,
                           uint64_t seed)
{
	const forest_t *forest = model->learned;
	size_t rows = dataset_rows(dataset), classes = forest->classes, wrong = 0;
	double *counts = calloc(forest->leaf_rows * (classes + 1), sizeof(*counts));
	generator_t generator = generator_make(seed, tree);
	for (size_t i = 0; i < rows; i++) {
		size_t row = generator_below(&generator, rows);
		const double *leaf = fixture_walk(forest, tree, 0, dataset_matrix(dataset) +
		                                  row * forest->features);
		double *of_leaf = counts + (size_t)(leaf - forest->leaves) / classes * (classes + 1);
		of_leaf[dataset_labels(dataset)[row]]++;
		of_leaf[classes]++;
	}
	for (size_t leaf = 0; leaf < forest->leaf_rows; leaf++) {
		const double *of_leaf = counts + leaf * (classes + 1);
		for (size_t i = 0; i < classes && of_leaf[classes] > 0; i++) {
			wrong += forest->leaves[leaf * classes + i] != of_leaf[i] / of_leaf[classes];
		}
	}
	free(counts);
	return wrong;
}

static void test_leaves(void)
{
	dataset_t *dataset = fixture_clouds(10, 300, 5, 0.1);
	training_t training = small(6);
	training.min_leaf = 4;
	model_t *model = fixture_train("forest", dataset, &training);
	ok(((forest_t *)model->learned)->leaf_rows > 3 + 6, "trees with impure leaves");
	for (size_t tree = 0; tree < 6; tree++) {
		is_int(check_leaves(model, dataset, tree, training.seed), 0,
		       "leaves of tree %zu have the frequencies of its bag", tree);
	}
	model_destroy(model);
	dataset_destroy(dataset);
}

/* Batches, strides, columns and single rows against the naive walk. */
static void test_predict(void)
{
	enum { ROWS = 1000, FEATURES = 6, STRIDE = 9 };
	static const size_t columns[FEATURES] = { 8, 0, 3, 2, 5, 1 };
	dataset_t *dataset = fixture_clouds(7, ROWS, FEATURES, 0.2);
	training_t training = small(25);
	training.min_leaf = 5;
	model_t *model = fixture_train("forest", dataset, &training);
	const double *matrix = dataset_matrix(dataset);
	double *wide = calloc(ROWS * STRIDE, sizeof(double)), *batch = calloc(ROWS * 3, sizeof(double));
	double *mapped = calloc(ROWS * 3, sizeof(double));
	for (size_t row = 0; row < ROWS; row++) {
		for (size_t i = 0; i < FEATURES; i++) {
			wide[row * STRIDE + columns[i]] = matrix[row * FEATURES + i];
		}
	}
	model_predict(model, matrix, ROWS, FEATURES, NULL, batch);
	model_predict(model, wide, ROWS, STRIDE, columns, mapped);
	ok(memcmp(batch, mapped, ROWS * 3 * sizeof(double)) == 0, "columns and stride are followed");
	size_t wrong = 0, single_wrong = 0;
	for (size_t row = 0; row < ROWS; row++) {
		double naive[3], single[3];
		fixture_predict(model, matrix + row * FEATURES, naive);
		model_predict(model, matrix + row * FEATURES, 1, FEATURES, NULL, single);
		wrong += memcmp(naive, batch + row * 3, sizeof(naive)) != 0;
		single_wrong += memcmp(naive, single, sizeof(naive)) != 0;
	}
	is_int(wrong, 0, "a batch gives what the naive walk gives");
	is_int(single_wrong, 0, "and so does each row alone");
	ok(model_class_argmax((double[]) { 0.25, 0.375, 0.375 }, 3) == 1, "of equal classes the first");
	free(wide);
	free(batch);
	free(mapped);
	model_destroy(model);
	dataset_destroy(dataset);
}

/* Where the drawn features cannot part a node, drawing goes on to one that can. */
static void test_constant_features(void)
{
	dataset_t *dataset = fixture_begin(20);
	for (size_t row = 0; row < 40; row++) {
		double values[20] = { 0 };
		values[13] = (double)row;
		fixture_add(dataset, values, row < 20 ? "a" : "b");
	}
	tap_require(dataset_finish(dataset, NULL) == STATUS_OK, "one useful feature of twenty");
	training_t training = small(15);
	training.mtry = 1;
	model_t *model = fixture_train("forest", dataset, &training);
	const forest_t *forest = model->learned;
	size_t useful = 0;
	for (size_t i = 0; i < forest->trees; i++) {
		const tree_node_t *root = &forest->nodes[forest->starts[i]];
		useful += !root->leaf && root->feature == 13;
	}
	is_int(useful, 15, "every tree found it with mtry 1");
	model_destroy(model);
	dataset_destroy(dataset);
}

static size_t last_done, last_total, calls;

static void count_progress(void *context, size_t done, size_t total)
{
	ok(context == &calls && done > last_done && done <= total, "progress goes up: %zu of %zu",
	   done, total);
	last_done = done;
	last_total = total;
	calls++;
}

static void test_progress(void)
{
	dataset_t *dataset = fixture_clouds(8, 60, 3, 0);
	training_t training = small(5);
	training.progress = count_progress;
	training.progress_context = &calls;
	model_destroy(fixture_train("forest", dataset, &training));
	ok(calls == 5 && last_done == 5 && last_total == 5, "one thread tells of every tree");
	dataset_destroy(dataset);
}

static void refuse(const dataset_t *dataset, const char *kind, training_t training,
                   const char *sentence)
{
	model_t *model = NULL;
	failure_t failure = { 0 };
	ok(learner_train(kind, dataset, &training, &model, &failure) != STATUS_OK && model == NULL,
	   "refused");
	is_text(failure.sentence, sentence, "its sentence");
}

static void test_refusals(void)
{
	dataset_t *dataset = fixture_clouds(9, 60, 3, 0);
	training_t training = small(0);
	refuse(dataset, "forest", training, "trees must be 1 to 100000, not 0");
	training = small(5);
	refuse(dataset, "bush", training, "there is no learner 'bush'");
	training.mtry = 4;
	refuse(dataset, "forest", training, "mtry must be 1 to 3, not 4");
	training = small(5);
	training.min_leaf = 0;
	refuse(dataset, "tree", training, "min-leaf must be 1 to 2147483647, not 0");
	training = small(5);
	training.max_depth = 1025;
	refuse(dataset, "forest", training, "max-depth must be 1 to 1024, not 1025");
	training = small(5);
	training.threads = 0;
	refuse(dataset, "forest", training, "threads must be 1 to 1024, not 0");
	dataset_destroy(dataset);
}

int main(void)
{
	test_determinism();
	test_accuracy();
	test_out_of_bag();
	test_leaves();
	test_predict();
	test_constant_features();
	test_progress();
	test_refusals();
	return tap_done();
}
